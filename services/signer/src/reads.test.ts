import { CollateralView } from '@plimsoll/chain'
import type { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Reads from './reads.ts'

const [anna, safe, token, vault] = ['0a', '05', '70', '0e'].map((byte) => `0x${byte.repeat(20)}` as const) as [
  Inputs.Hex,
  Inputs.Hex,
  Inputs.Hex,
  Inputs.Hex,
]
const block = { number: 1n, hash: `0x${'b0'.repeat(32)}`, timestamp: 1_000 } as const

function lotOf(holder: Inputs.Hex, chainId: number, assetPpm = 0): Inputs.Lot {
  return {
    ...{ lotId: CollateralView.lotId({ chainId, holder, token, vault }), chainId, holder, asset: 'USDC', token, venue: vault },
    ...{ custody: 'LOCKED', amount: 5n, pendingOut: 0n, decimals: 6, block },
    price: { value: 10n ** 18n, confidence: 0n, publishedAt: 1_000 },
    haircuts: { assetPpm, bridgePpm: 20, venuePpm: 0, agePpm: 0 },
  }
}

describe('named', () => {
  test('worked example: what the document names, as it was read, with the greater haircut', () => {
    const [hers, safes] = [lotOf(anna, 1, 10), lotOf(safe, 2)]
    expect(Reads.named([hers, safes], [{ ...lotOf(anna, 1, 30), amount: 900n }])).toEqual([lotOf(anna, 1, 30)])
    expect(Reads.named([hers], [lotOf(anna, 1)])).toEqual([hers])
  })

  test('bug: a lot under another one’s name was counted, and consent was asked of the name', () => {
    // Two contracts of two people at one address: the one on chain 1 has signed, the other has not.
    const strangers = lotOf(safe, 2)
    const document = [lotOf(anna, 2), { ...strangers, chainId: 1 }]
    expect(Reads.named([lotOf(anna, 2), strangers], document)).toEqual([lotOf(anna, 2)])
    expect(Reads.named([strangers], [{ ...strangers, holder: anna }])).toEqual([])
    expect(Reads.named([strangers], [strangers])).toEqual([strangers])
  })
})
