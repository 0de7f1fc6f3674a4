import { describe, expect, test } from 'vitest'
import * as Read from './Read.ts'

describe('integer', () => {
  test('worked example: a number or a text', () =>
    expect([Read.integer({ x: -5 }, 'x'), Read.integer({ x: '12345678901234567890' }, 'x')]).toEqual([-5n, 12345678901234567890n]))
  test('error: anything else, or nothing', () => {
    for (const x of [1.5, '1.5', '', true, null, 2 ** 60, '0x1']) expect(() => Read.integer({ x }, 'x')).toThrow(Read.UnreadableError)
    expect(() => Read.integer({}, 'x')).toThrow("'x'")
  })
})

describe('scaled', () => {
  test('worked example', () => {
    expect(Read.scaled({ x: 0.005 }, 'x', 6)).toBe(5_000n)
    expect(Read.scaled({ x: '-1.25' }, 'x', 2)).toBe(-125n)
    expect(Read.scaled({ x: 1e-7 }, 'x', 8)).toBe(10n)
    expect(Read.scaled({ x: 3e21 }, 'x', 1)).toBe(3n * 10n ** 22n)
    expect(Read.scaled({ x: '1.500' }, 'x', 1)).toBe(15n)
  })
  test('error: digits that do not fit, and what is no number', () => {
    for (const x of [1.25, 'a', '', null, true]) expect(() => Read.scaled({ x }, 'x', 1)).toThrow(Read.UnreadableError)
  })
})

describe('number, flag, text, list, records', () => {
  test('worked example', () => {
    expect([
      Read.number({ x: '1.5' }, 'x'),
      Read.flag({ x: false }, 'x'),
      Read.text({ x: '' }, 'x'),
      Read.list({ x: [1] }, 'x'),
      Read.records({ x: [{}] }, 'x'),
    ]).toEqual([1.5, false, '', [1], [{}]])
  })
  test('error: another kind of value', () => {
    for (const read of [Read.number, Read.flag, Read.text, Read.list, Read.records])
      expect(() => read({ x: null }, 'x')).toThrow(Read.UnreadableError)
    for (const x of ['', 'a', Number.POSITIVE_INFINITY]) expect(() => Read.number({ x }, 'x')).toThrow(Read.UnreadableError)
    expect(() => Read.records({ x: [[]] }, 'x')).toThrow(Read.UnreadableError)
  })
})

describe('has', () => {
  test('edge: null is not there', () =>
    expect([Read.has({ x: 0 }, 'x'), Read.has({ x: null }, 'x'), Read.has({}, 'x')]).toEqual([true, false, false]))
})

describe('fields', () => {
  test('error: a field that is passed over', () => {
    expect(() => Read.fields({ a: 1 }, 'a', 'b')).not.toThrow()
    expect(() => Read.fields({ a: 1, c: 2 }, 'a', 'b')).toThrow("'c'")
  })
})
