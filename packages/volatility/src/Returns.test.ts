import { describe, expect, test } from 'vitest'
import { type Bar, Returns } from './index.ts'

const bars = (...closes: number[]): Bar.Bar[] =>
  closes.map((close, i) => ({ closeAt: 300 * i, open: close, high: close, low: close, close }))

describe('log', () => {
  test('worked example', () => {
    expect(Array.from(Returns.log(bars(1, Math.E, 1)))).toEqual([1, -1])
  })
  test('edge: two bars are enough', () => {
    expect(Returns.log(bars(2, 2))).toEqual(new Float64Array(1))
  })
  test('dimension: prices in another unit give the same returns', () => {
    const [one, thousand] = [Returns.log(bars(3, 4, 5)), Returns.log(bars(3000, 4000, 5000))]
    one.forEach((r, t) => {
      expect(thousand[t]).toBeCloseTo(r, 14)
    })
  })
  test('error: one bar has no return', () => {
    expect(() => Returns.log(bars(1))).toThrow(
      expect.objectContaining({ name: 'Returns.TooFewBarsError', code: 'BARS_TOO_FEW', needed: 2, had: 1 }),
    )
  })
})
