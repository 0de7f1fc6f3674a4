import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Hex from './Hex.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('quantity', () => {
  test('worked example', () => {
    expect(Hex.quantity('0x0', 'n')).toBe(0n)
    expect(Hex.quantity(`0x${'f'.repeat(64)}`, 'n')).toBe(2n ** 256n - 1n)
  })

  test.each([null, undefined, 1, true, '', '0x', '1f', '0x01', '0x-1', '-0x1', '0xg', ' 0x1', '0x1 ', `0x1${'0'.repeat(64)}`, [], {}])(
    'error: %j is no quantity, and never zero',
    (value) => {
      expect(() => Hex.quantity(value, 'n')).toThrow(Hex.MalformedHexError)
    },
  )

  test('error: says what was sent, cut short', () => {
    const read = (value: unknown) => () => Hex.quantity(value, 'the height')
    expect(read(null)).toThrow('the height is null, not a quantity')
    expect(read(7)).toThrow('the height is number, not a quantity')
    expect(read('x'.repeat(99))).toThrow(`the height is "${'x'.repeat(80)}", not a quantity`)
  })

  test('property: reads back what is written', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 256n - 1n), (value) => {
        expect(Hex.quantity(`0x${value.toString(16)}`, 'n')).toBe(value)
      }),
      { numRuns },
    )
  })
})

describe('integer', () => {
  test('edge: 2^53 − 1 fits, 2^53 does not', () => {
    expect(Hex.integer('0x1fffffffffffff', 'n')).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => Hex.integer('0x20000000000000', 'n')).toThrow(Hex.MalformedHexError)
  })
})

describe('bytes', () => {
  test('worked example: lower case, of the length asked for', () => {
    expect(Hex.bytes('0xABcd', 'b')).toBe('0xabcd')
    expect(Hex.bytes('0x', 'b')).toBe('0x')
    expect(Hex.hash(`0x${'Ab'.repeat(32)}`, 'h')).toBe(`0x${'ab'.repeat(32)}`)
  })

  test.each(['0xabc', 'ab', '0xzz', '', null, 7])('error: %j is no bytes', (value) => {
    expect(() => Hex.bytes(value, 'b')).toThrow(Hex.MalformedHexError)
  })

  test('error: another length', () => {
    expect(() => Hex.address(`0x${'ab'.repeat(21)}`, 'a')).toThrow(Hex.MalformedHexError)
    expect(() => Hex.hash(`0x${'ab'.repeat(31)}`, 'h')).toThrow(Hex.MalformedHexError)
  })
})
