import { encodeAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import { Contract, Token } from './index.ts'

const { calls, parse } = Token.scale({ chainId: 7, token: `0x${'aa'.repeat(20)}` })
const said = (decimals: number) => [{ success: true, data: encodeAbiParameters([{ type: 'uint8' }], [decimals]) }]

describe('scale', () => {
  test('worked example: six decimals are twelve short of eighteen', () => {
    expect(calls).toEqual([{ target: `0x${'aa'.repeat(20)}`, data: '0x313ce567' }])
    expect(parse(said(6))).toBe(10n ** 12n)
  })

  test('edge: eighteen decimals are left as they are, none are all', () => {
    expect(parse(said(18))).toBe(1n)
    expect(parse(said(0))).toBe(10n ** 18n)
  })

  test('error: finer than eighteen, no such contract, a revert: none is taken for six', () => {
    for (const results of [said(19), [{ success: true, data: '0x' as const }], [{ success: false, data: '0x' as const }], []])
      expect(() => parse(results)).toThrow(Contract.UnreadableError)
  })
})
