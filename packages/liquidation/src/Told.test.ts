import { describe, expect, test } from 'vitest'
import * as Figure from './Figure.ts'
import * as Told from './Told.ts'

describe('ppm', () => {
  test('rounding: up and down by name, nearest where it has no direction; negative ones alike', () => {
    expect([Told.ppm(0.0000015, 'up'), Told.ppm(0.0000015, 'down'), Told.ppm(0.0000014, 'nearest')]).toEqual([2, 1, 1])
    expect([Told.ppm(-0.0000015, 'up'), Told.ppm(-0.0000015, 'down')]).toEqual([-1, -2])
  })

  test('edge: what a float is off by is not rounded into, and −0 is 0', () => {
    expect(Told.ppm(0.1 + 0.2, 'up')).toBe(300_000)
    expect(Told.ppm(0.3 - 1e-12, 'down')).toBe(300_000)
    expect(Told.ppm(0.3 + 1e-8, 'up')).toBe(300_001)
    expect(Object.is(Told.ppm(-1e-18, 'up'), 0)).toBe(true)
    expect(Object.is(Told.ppm(-0.0000001, 'up'), 0)).toBe(true)
  })

  test('error: no number', () => {
    expect(() => Told.ppm(Number.POSITIVE_INFINITY, 'up')).toThrow(Figure.InvalidFigureError)
  })
})

describe('usd', () => {
  test('rounding: cents up, cents down', () => {
    expect(Told.usd(1.231, 'up')).toBe(1_240_000_000_000_000_000n)
    expect(Told.usd(1.239, 'down')).toBe(1_230_000_000_000_000_000n)
  })

  test('error: no number', () => {
    expect(() => Told.usd(Number.NaN, 'up')).toThrow(Figure.InvalidFigureError)
  })
})
