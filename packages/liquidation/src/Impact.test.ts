import { describe, expect, test } from 'vitest'
import { Impact } from './index.ts'

const root: Impact.Impact = { kind: 'squareRoot', coefficient: 0.04, volume: 1e8 }

describe('of, slope', () => {
  test('worked example: 1 % for 1 M linear, 4 % for a day’s volume by the square root', () => {
    expect(Impact.of({ kind: 'linear', slope: 1e-8 }, 1e6)).toBeCloseTo(0.01, 15)
    expect(Impact.of(root, 1e8)).toBe(0.04)
    expect(Impact.of(root, 2.5e7)).toBe(0.02)
  })

  test('property: the slope is the derivative', () => {
    for (const impact of [root, { kind: 'linear', slope: 1e-8 } as const]) {
      const [q, h] = [3e6, 1]
      expect((Impact.of(impact, q + h) - Impact.of(impact, q - h)) / (2 * h) / Impact.slope(impact, q)).toBeCloseTo(1, 6)
    }
  })

  test('edge: nothing forced moves nothing, and a square root starts vertically', () => {
    expect(Impact.of(root, 0)).toBe(0)
    expect(Impact.slope(root, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  test('error: each branch', () => {
    const broken: readonly Impact.Impact[] = [
      { kind: 'linear', slope: -1 },
      { kind: 'linear', slope: Number.NaN },
      { kind: 'squareRoot', coefficient: -1, volume: 1 },
      { kind: 'squareRoot', coefficient: Number.POSITIVE_INFINITY, volume: 1 },
      { kind: 'squareRoot', coefficient: 1, volume: 0 },
      { kind: 'squareRoot', coefficient: 1, volume: Number.NaN },
    ]
    for (const impact of broken) expect(() => Impact.assert(impact)).toThrow(Impact.InvalidImpactError)
    for (const impact of [root, { kind: 'linear', slope: 0 } as const]) expect(() => Impact.assert(impact)).not.toThrow()
  })
})
