import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Conformal, Quantile, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const score = (knownAt: number, value: number): Conformal.Score => ({ knownAt, value })

describe('roll', () => {
  const args = { levelPpm: 500_000, windowSeconds: 100, everySeconds: 10 }
  test('worked example: the newest known, at whole multiples of the refresh', () => {
    const scores = [score(5, 1), score(12, 3), score(18, 9)]
    // At 19 the last refresh was at 10, when one score was known; at 20 all three were: the 2nd of 3, and the mean of 3 and 9.
    expect(Conformal.roll({ ...args, scores, origins: [9, 19, 20] })).toEqual([
      null,
      { quantile: 1, shortfall: 1 },
      { quantile: 3, shortfall: 6 },
    ])
  })
  test('edge: a score known at the refresh counts, one a whole window old does not', () => {
    const scores = [score(0, 7), score(1, 1), score(100, 5)]
    expect(Conformal.roll({ ...args, scores: [score(100, 5)], origins: [100] })[0]?.quantile).toBe(5)
    expect(Conformal.roll({ ...args, scores, origins: [100] })[0]).toEqual({ quantile: 5, shortfall: 5 })
    expect(Conformal.roll({ ...args, scores: scores.slice(0, 1), origins: [100] })[0]).toBeNull()
    expect(Conformal.roll({ ...args, scores: scores.slice(0, 1), origins: [99] })[0]?.quantile).toBe(7)
  })
  test('edge: too few scores give nothing, never a guess; just enough give the greatest', () => {
    const scores = Array.from({ length: 99 }, (_, i) => score(1, i))
    expect(Conformal.roll({ ...args, levelPpm: 990_000, scores: scores.slice(1), origins: [10] })).toEqual([null])
    expect(Conformal.roll({ ...args, levelPpm: 990_000, scores, origins: [10] })).toEqual([{ quantile: 98, shortfall: 98 }])
  })
  test('property: it is the plain quantile of the window, whatever the order, and the future changes nothing', () => {
    const times = fc.array(fc.tuple(fc.nat(300), fc.double({ min: 0, max: 9, noNaN: true })), { maxLength: 60 })
    fc.assert(
      fc.property(times, fc.nat(300), (pairs, origin) => {
        const scores = pairs.map(([knownAt, value]) => score(knownAt, value))
        const at = Math.floor(origin / 10) * 10
        const values = scores.filter(({ knownAt }) => knownAt <= at && knownAt > at - 100).map(({ value }) => value)
        const expected =
          values.length === 0
            ? null
            : { quantile: Quantile.upper({ values, levelPpm: 500_000 }), shortfall: Quantile.shortfall({ values, levelPpm: 500_000 }) }
        expect(Conformal.roll({ ...args, scores, origins: [origin] })).toEqual([expected])
        const past = scores.filter(({ knownAt }) => knownAt <= origin)
        expect(Conformal.roll({ ...args, scores: past.reverse(), origins: [origin] })).toEqual([expected])
      }),
      { numRuns },
    )
  })
  test('error: no span, a score that is no number, no level', () => {
    const invalid = expect.objectContaining({ name: 'Conformal.InvalidWindowError', code: 'CONFORMAL_WINDOW_INVALID' })
    const of = (part: Partial<Conformal.roll.Arguments>) => () => Conformal.roll({ ...args, scores: [], origins: [1], ...part })
    expect(of({ windowSeconds: 0 })).toThrow(invalid)
    expect(of({ everySeconds: 0 })).toThrow(invalid)
    expect(of({ windowSeconds: Number.NaN })).toThrow(invalid)
    expect(of({ scores: [score(1, Number.NaN)] })).toThrow(invalid)
    expect(of({ scores: [score(1, Number.POSITIVE_INFINITY)] })).toThrow(invalid)
    expect(of({ scores: [score(Number.NaN, 1)] })).toThrow(invalid)
    expect(of({ levelPpm: 1_000_000 })).toThrow(Quantile.InvalidLevelError)
  })
})

describe('yardstick', () => {
  test('worked example: the deviation, its root, and one', () => {
    expect(Conformal.yardstick(16, 1)).toBe(4)
    expect(Conformal.yardstick(16, 0.5)).toBe(2)
    expect(Conformal.yardstick(16, 0)).toBe(1)
  })
  test('property: with an exponent of one it is the square root to the bit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 10, noNaN: true }), (variance) => {
        expect(Conformal.yardstick(variance, 1)).toBe(Math.sqrt(variance))
      }),
      { numRuns },
    )
  })
  test('dimension: a deviation k times as great is k^γ times the yardstick', () => {
    expect(Conformal.yardstick(9 * 0.04, 0.8) / Conformal.yardstick(0.04, 0.8)).toBeCloseTo(3 ** 0.8, 12)
  })
})

describe('track', () => {
  const daily = (ratios: readonly number[]): Conformal.Outcome[] => ratios.map((ratio, t) => ({ at: t, knownAt: t + 1, ratio }))
  test('worked example: a breach doubles, three quiet steps halve', () => {
    const rate = (4 * Math.LN2) / 3
    const factors = Conformal.track({ outcomes: daily([1.5, 0, 0, 0]), levelPpm: 750_000, rate })
    expect(Array.from(factors, (factor) => Math.round(factor * 1e9) / 1e9)).toEqual([1, 2, 1.587401052, 1.25992105, 1])
  })
  test('edge: a loss equal to its quantile is held', () => {
    expect(Conformal.track({ outcomes: daily([1]), levelPpm: 500_000, rate: 1 })[1]).toBeLessThan(1)
    expect(Conformal.track({ outcomes: daily([1.0001]), levelPpm: 500_000, rate: 1 })[1]).toBeGreaterThan(1)
  })
  test('edge: an outcome counts from when it is known, not from when it was forecast', () => {
    const outcomes = [
      { at: 0, knownAt: 24, ratio: 9 },
      { at: 12, knownAt: 36, ratio: 9 },
      { at: 24, knownAt: 48, ratio: 0 },
    ]
    const factors = Conformal.track({ outcomes, levelPpm: 500_000, rate: 2 * Math.LN2 })
    expect(Array.from(factors, (factor) => Math.round(factor * 1e9) / 1e9)).toEqual([1, 1, 2, 2])
  })
  test('edge: of two horizons the shorter is learned from first, whichever was forecast first', () => {
    const outcomes = [
      { at: 0, knownAt: 100, ratio: 9 },
      { at: 1, knownAt: 2, ratio: 0 },
      { at: 3, knownAt: 4, ratio: 9 },
    ]
    const factors = Conformal.track({ outcomes, levelPpm: 500_000, rate: 2 * Math.LN2 })
    expect(Array.from(factors, (factor) => Math.round(factor * 1e9) / 1e9)).toEqual([1, 1, 0.5, 2])
  })
  test('property: the share of breaches differs from what was promised by what the factor moved, exactly', () => {
    const ratios = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(ratios, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.integer({ min: 1, max: 5 }), (values, rate, delay) => {
        const outcomes = values.map((ratio, t) => ({ at: t, knownAt: t + delay, ratio }))
        const factors = Conformal.track({ outcomes, levelPpm: 900_000, rate })
        const breaches = values.filter((ratio, t) => ratio > (factors[t] ?? Number.NaN)).length
        expect(Math.log(factors.at(-1) ?? 0)).toBeCloseTo(rate * (breaches - values.length * 0.1), 9)
      }),
      { numRuns },
    )
  })
  test('property: whatever the market turns into, breaches come at the promised rate in the long run', () => {
    const random = Random.of(31)
    // Losses twice as great from half-way on: a fixed quantile that was right is exceeded far too often.
    const values = Array.from({ length: 6_000 }, (_, t) => Math.abs(random.normal()) * (t < 3_000 ? 0.6 : 1.2))
    const factors = Conformal.track({ outcomes: daily(values), levelPpm: 900_000, rate: 0.1 })
    const late = values.map((ratio, t) => ratio > (factors[t] ?? 0)).slice(3_000)
    expect(Math.abs(late.filter((breach) => breach).length / 3_000 - 0.1)).toBeLessThan(0.01)
    expect(values.slice(3_000).filter((ratio) => ratio > 1).length / 3_000).toBeGreaterThan(0.3)
  })
  test('property: an outcome that comes later changes no factor before it', () => {
    const outcomes = daily([2, 0, 3, 0, 0, 1, 4])
    const whole = Conformal.track({ outcomes, levelPpm: 900_000, rate: 0.2 })
    for (let cut = 0; cut < 7; cut++)
      expect(Conformal.track({ outcomes: outcomes.slice(0, cut), levelPpm: 900_000, rate: 0.2 })).toEqual(whole.slice(0, cut + 1))
  })
  test('error: out of order, or known too soon', () => {
    const of =
      (...outcomes: Conformal.Outcome[]) =>
      () =>
        Conformal.track({ outcomes, levelPpm: 900_000, rate: 0.2 })
    const unordered = (index: number) => expect.objectContaining({ name: 'Conformal.UnorderedError', code: 'CONFORMAL_UNORDERED', index })
    expect(of({ at: 1, knownAt: 1, ratio: 0 })).toThrow(unordered(0))
    expect(of({ at: 1, knownAt: Number.NaN, ratio: 0 })).toThrow(unordered(0))
    expect(of({ at: 1, knownAt: 2, ratio: 0 }, { at: 0, knownAt: 2, ratio: 0 })).toThrow(unordered(1))
    expect(of({ at: 1, knownAt: 2, ratio: 0 }, { at: 1, knownAt: 2, ratio: 0 })).not.toThrow()
  })
})

describe('adapt', () => {
  test('worked example', () => {
    expect(Conformal.adapt({ alpha: 0.25, levelPpm: 750_000, rate: 0.5, breach: false })).toBe(0.375)
    expect(Conformal.adapt({ alpha: 0.25, levelPpm: 750_000, rate: 0.5, breach: true })).toBe(-0.125)
  })
  test('property: Gibbs and Candès: over T steps the share of breaches is within (max(α, 1 − α) + rate)/(rate·T)', () => {
    const random = Random.of(32)
    let [alpha, breaches] = [0.1, 0]
    const history: number[] = []
    for (let t = 0; t < 2_000; t++) {
      const loss = random.uniform() ** (t % 400 < 200 ? 1 : 3)
      const level = Math.min(999_999, Math.max(1, Math.ceil(1e6 * (1 - alpha))))
      const values = history.slice(-100)
      const breach =
        alpha >= 1 || (alpha > 0 && values.length >= Quantile.needed(level) && loss > Quantile.upper({ values, levelPpm: level }))
      if (breach) breaches += 1
      alpha = Conformal.adapt({ alpha, levelPpm: 900_000, rate: 0.05, breach })
      history.push(loss)
    }
    expect(Math.abs(breaches / 2_000 - 0.1)).toBeLessThanOrEqual((0.9 + 0.05) / (0.05 * 2_000))
  })
})
