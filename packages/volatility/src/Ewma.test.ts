import { describe, expect, test } from 'vitest'
import { Ewma, Random } from './index.ts'

describe('of', () => {
  test('worked example', () => {
    expect(Ewma.of({ returns: [0.5, 0], lambda: 0.75, initial: 1 })).toBe((0.75 + 0.0625) * 0.75)
    expect(Ewma.of({ returns: [], lambda: 0.75, initial: 1 })).toBe(1)
  })
  test('dimension: returns × k and initial × k² give k²', () => {
    expect(Ewma.of({ returns: [2, 4], lambda: 0.5, initial: 4 })).toBe(4 * Ewma.of({ returns: [1, 2], lambda: 0.5, initial: 1 }))
  })
  test.each([0, 1, -1, Number.NaN])('error: λ = %s', (lambda) => {
    expect(() => Ewma.of({ returns: [], lambda, initial: 1 })).toThrow(
      expect.objectContaining({ name: 'Ewma.InvalidDecayError', code: 'EWMA_DECAY_INVALID' }),
    )
  })
})

describe('fit', () => {
  test.each([0.9, 0.94, 0.97])('recovers λ = %s from its own simulator', (lambda) => {
    const returns = Ewma.simulate({ random: Random.of(5, `${lambda}`), length: 8_000, lambda, initial: 1e-4 })
    expect(Math.abs(Ewma.fit(returns) - lambda)).toBeLessThan(0.012)
  })
  test('edge: 200 returns are enough', () => {
    const returns = Ewma.simulate({ random: Random.of(1), length: 200, lambda: 0.9, initial: 1 })
    expect(Ewma.fit(returns)).toBeGreaterThanOrEqual(0.5)
  })
  test('error: too short, or still', () => {
    expect(() => Ewma.fit(new Float64Array(199).fill(1))).toThrow(
      expect.objectContaining({ name: 'Ewma.TooShortError', code: 'EWMA_TOO_SHORT', had: 199 }),
    )
    expect(() => Ewma.fit(new Float64Array(500))).toThrow(Ewma.TooShortError)
  })
})
