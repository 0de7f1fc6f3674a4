import { describe, expect, test } from 'vitest'
import { Caip10 } from './index.ts'

const address = '0x00000000000000000000000000000000000000ab'

describe('parse', () => {
  test('worked example: one spelling gives its parts and comes back', () => {
    const parts = Caip10.parse(`eip155:31337001:${address}`)
    expect(parts).toEqual({ chainId: 31337001, address })
    expect(Caip10.format(parts)).toBe(`eip155:31337001:${address}`)
  })

  test.each([
    '',
    address,
    `eip155:1:${address.toUpperCase()}`,
    `eip155:1:${address.replace('ab', 'AB')}`,
    `eip155:01:${address}`,
    `eip155:-1:${address}`,
    `eip155:0x1:${address}`,
    `eip155:9999999999999999:${address}`,
    `eip155:1:${address}0`,
    `eip155:1:${address} `,
    ` eip155:1:${address}`,
    `cosmos:1:${address}`,
    `eip155:1:${address}\n`,
  ])('error: %j is refused', (text) => {
    expect(() => Caip10.parse(text)).toThrow(Caip10.InvalidAccountError)
  })
})

describe('format', () => {
  test('edge: an externally owned account has chain 0, whatever case it came in', () => {
    expect(Caip10.eoa(address.replace('ab', 'AB'))).toBe(`eip155:0:${address}`)
  })

  test('error: by class', () => {
    expect(() => Caip10.format({ chainId: 1.5, address })).toThrow(Caip10.InvalidAccountError)
    expect(() => Caip10.format({ chainId: -1, address })).toThrow(Caip10.InvalidAccountError)
    expect(() => Caip10.format({ chainId: 1, address: '0x12' })).toThrow(expect.objectContaining({ code: 'INVALID_ACCOUNT' }))
  })
})

describe('isOn', () => {
  test('edge: a person everywhere, a contract account on its own chain', () => {
    const address = '0x00000000000000000000000000000000000000ab'
    expect([0, 7, 8].map((chainId) => Caip10.isOn({ chainId, address }, 7))).toEqual([true, true, false])
  })
})
