import type { CollateralView } from '@plimsoll/chain'
import { describe, expect, test } from 'vitest'
import * as Views from './views.ts'

const [person, contract, stranger] = ['1', '2', '3'].map((digit) => `0x${digit.repeat(40)}` as const) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
]
const member = {
  accounts: [
    { address: person, chainId: 0 },
    { address: contract, chainId: 7 },
  ],
} as unknown as Parameters<typeof Views.of>[1]
const at = (holder: string, chainId: number, lotId = `${holder} on ${chainId}`) => ({ holder, chainId, lotId })
const doubt = (holder: string, chainId: number, isBounded: boolean) => ({
  ...at(holder, chainId, `${holder} on ${chainId}, in doubt`),
  ...{ code: `OUT_${chainId}`, most: isBounded ? at(holder, chainId) : null },
})
const view = {
  lots: [at(person, 1), at(person, 5), at(contract, 1), at(contract, 7), at(stranger, 1)],
  doubtful: [doubt(person, 1, true), doubt(contract, 4, true), doubt(stranger, 2, true), { ...at(person, 5), code: 'TOKEN_SHORT' }],
  missing: [{ chainId: 9, code: 'RPC_QUORUM_LOST' }],
  firm: {
    lots: [at(person, 1), at(contract, 1), at(contract, 7), at(stranger, 1)],
    doubtful: [
      doubt(person, 1, true),
      doubt(person, 3, false),
      doubt(contract, 1, true),
      doubt(contract, 7, true),
      doubt(contract, 4, false),
      doubt(stranger, 2, false),
    ],
  },
} as unknown as CollateralView.CollateralView

describe('of', () => {
  test('worked example: a person’s on every chain, a contract account’s on its own; what is in doubt is missing', () => {
    expect(Views.of(view, member)).toEqual({
      lots: [at(person, 1), { ...at(person, 5), haircuts: { venuePpm: 1_000_000 } }, at(contract, 7)],
      missing: [
        { chainId: 9, code: 'RPC_QUORUM_LOST' },
        { chainId: 1, code: 'OUT_1' },
        { chainId: 5, code: 'TOKEN_SHORT' },
      ],
    })
  })
})

describe('firmOf', () => {
  test('worked example: what is in doubt stands beside the lots as far as it is bounded, and is missing where it is not', () => {
    expect(Views.firmOf(view, member)).toEqual({
      lots: [at(person, 1), at(contract, 7)],
      doubts: [at(person, 1), at(contract, 7)],
      // At a contract account's address on another chain, whoever's it is.
      beside: [at(contract, 1), at(contract, 1)],
      missing: [
        { chainId: 9, code: 'RPC_QUORUM_LOST' },
        { chainId: 3, code: 'OUT_3' },
      ],
    })
  })
})
