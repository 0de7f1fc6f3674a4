import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Ablation from './Ablation.ts'
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as Reflexivity from './Reflexivity.ts'
import { terms, usd } from './testing/ablations.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const account = (name: string, side: Book.Side, equity: number, notional = 1_000, maintenancePpm = 0): Book.Account => ({
  account: name,
  equity: usd(equity),
  collateral: usd(equity),
  positions: [{ market: 'M', side, notional: usd(notional), maintenancePpm }],
})
/** A bar from one price to its end. */
const bar = (low: number, high: number, close = (low + high) / 2) => ({ low, high, close })
const fate = (bars: readonly Ablation.Bar[], rescues: Readonly<Record<string, bigint>> = {}, sigma = 0.05): Ablation.Fate => ({
  bars,
  rescues,
  sigma,
})
const deep = { ...terms, impact: { kind: 'linear', slope: 0 } as const }
const names = (set: ReadonlySet<string>) => [...set].sort()

describe('live', () => {
  test('worked example: a long of ten times fails at 0.9, a short of ten times at 1.1, and only when the bar gets there', () => {
    const book = Book.of([account('long', 'long', 100), account('short', 'short', 100)])
    const after = (bars: readonly Ablation.Bar[]) => names(Ablation.live(book, deep, fate(bars)).closed)
    expect(after([bar(0.91, 1.09)])).toEqual([])
    expect(after([bar(0.9, 1.09)])).toEqual(['long'])
    expect(after([bar(0.91, 1.1)])).toEqual(['short'])
    expect(after([bar(0.91, 1.09), bar(0.91, 1.1), bar(0.9, 1.09)])).toEqual(['long', 'short'])
  })

  test('worked example: forced at the price before the bar, and bad debt from how far the bar goes beyond', () => {
    const book = Book.of([account('long', 'long', 100)])
    // The first bar ends at 0.95: 950 are open, with 50 of equity, and the next trades at 0.8. 1,000 · (0.95 − 0.8) − 50 = 100.
    const lived = Ablation.live(book, deep, fate([bar(0.94, 1, 0.95), bar(0.8, 0.95, 0.85)]))
    expect(Number(lived.forced) / 1e18).toBeCloseTo(950, 9)
    expect(Number(lived.badDebt) / 1e18).toBeCloseTo(100, 9)
    expect([names(lived.closed), names(lived.insolvent)]).toEqual([['long'], ['long']])
    expect(names(Ablation.live(book, deep, fate([bar(0.9, 1)])).insolvent)).toEqual([])
  })

  test('worked example: a short owes what the rise takes, at the price before', () => {
    const lived = Ablation.live(Book.of([account('short', 'short', 100)]), deep, fate([bar(1, 1.05, 1.05), bar(1.05, 1.2, 1.1)]))
    expect(Number(lived.forced) / 1e18).toBeCloseTo(1_050, 9)
    expect(Number(lived.badDebt) / 1e18).toBeCloseTo(100, 9)
  })

  test('worked example: what one close sells takes the next one down with it, in the same bar only', () => {
    const book = Book.of([account('first', 'long', 50), account('next', 'long', 60)])
    const steep = { ...terms, impact: { kind: 'linear', slope: 2e-5 } as const }
    // Selling 1,000 moves the price by 2 %: from 0.95 to 0.931, beyond 0.94.
    expect(names(Ablation.live(book, deep, fate([bar(0.95, 1)])).closed)).toEqual(['first'])
    expect(names(Ablation.live(book, steep, fate([bar(0.95, 1)])).closed)).toEqual(['first', 'next'])
    const gentle = { ...terms, impact: { kind: 'linear', slope: 0.5e-5 } as const }
    expect(names(Ablation.live(book, gentle, fate([bar(0.95, 1), bar(0.945, 1)])).closed)).toEqual(['first'])
  })

  test('worked example: money put in half-way moves the liquidation away, once, and comes too late within one bar', () => {
    const book = Book.of([account('long', 'long', 100)])
    const rescues = { long: usd(100) }
    // Half-way in logs is √0.9 ≈ 0.9487; with 200 the position fails at 0.8.
    const saved = Ablation.live(book, deep, fate([bar(0.94, 1), bar(0.81, 0.95)], rescues))
    expect([names(saved.closed), names(saved.called), names(saved.rescued)]).toEqual([[], ['long'], ['long']])
    expect(names(Ablation.live(book, deep, fate([bar(0.95, 1), bar(0.89, 0.95)], rescues)).closed)).toEqual(['long'])
    const late = Ablation.live(book, deep, fate([bar(0.89, 1)], rescues))
    expect([names(late.closed), names(late.called), names(late.rescued)]).toEqual([['long'], [], []])
    expect(names(Ablation.live(book, deep, fate([bar(0.94, 1), bar(0.81, 0.95), bar(0.8, 0.9)], rescues)).closed)).toEqual(['long'])
    const unanswered = Ablation.live(book, deep, fate([bar(0.94, 1)]))
    expect([names(unanswered.called), names(unanswered.rescued)]).toEqual([['long'], []])
  })

  test('edge: a short is called half-way up, one without leverage never, and an account without positions stays', () => {
    const short = Book.of([account('short', 'short', 100)])
    expect(names(Ablation.live(short, deep, fate([bar(1, 1.04)])).called)).toEqual([])
    expect(names(Ablation.live(short, deep, fate([bar(1, 1.05)])).called)).toEqual(['short'])
    const whole = Book.of([account('whole', 'long', 1_000), { account: 'idle', equity: 1n, collateral: 1n, positions: [] }])
    const lived = Ablation.live(whole, deep, fate([bar(0.01, 1), bar(0.001, 1)]))
    expect([lived.closed.size, lived.called.size, lived.forced]).toEqual([0, 0, 0n])
  })

  test('edge: half of the way in logs to a maintenance margin, to a hundred-millionth', () => {
    // (1,000 − 100)/(1,000 · 0.96) = 0.9375.
    const book = Book.of([account('long', 'long', 100, 1_000, 40_000)])
    const halfway = Math.sqrt(0.9375)
    const called = (low: number) => Ablation.live(book, deep, fate([bar(low, 1)])).called.size
    expect([called(halfway * (1 + 1e-8)), called(halfway * (1 - 1e-8)), called(halfway)]).toEqual([0, 1, 1])
    const closed = (low: number) => Ablation.live(book, deep, fate([bar(low, 1)])).closed.size
    expect([closed(0.9375 * (1 + 1e-8)), closed(0.9375)]).toEqual([0, 1])
  })

  test('rounding: positions are marked to the nearest unit, and one unit owed is a debt', () => {
    const tiny = Book.of([
      { account: 'tiny', equity: 100n, collateral: 100n, positions: [{ market: 'M', side: 'long', notional: 1_000n, maintenancePpm: 0 }] },
    ])
    const owed = Ablation.live(tiny, deep, fate([bar(0.899, 1)]))
    expect([owed.forced, owed.badDebt, names(owed.insolvent)]).toEqual([1_000n, 1n, ['tiny']])
    const marked = (close: number) => Ablation.live(tiny, deep, fate([bar(close, 1, close), bar(0.8, 1)])).forced
    expect([marked(0.9506), marked(0.9504)]).toEqual([951n, 950n])
  })

  test('edge: nobody, and no bars', () => {
    expect(Ablation.live(Book.of([]), deep, fate([bar(0.5, 2)])).forced).toBe(0n)
    expect(Ablation.live(Book.of([account('long', 'long', 1)]), deep, fate([])).forced).toBe(0n)
  })

  test('property: whoever has more, or a shallower day, is never worse off where nothing has an impact', () => {
    const path = fc.array(fc.tuple(fc.integer({ min: 500, max: 999 }), fc.integer({ min: 1_001, max: 1_500 })), {
      minLength: 1,
      maxLength: 5,
    })
    const equity = fc.integer({ min: 10, max: 500 })
    fc.assert(
      fc.property(path, equity, equity, fc.constantFrom('long' as const, 'short' as const), (path, a, b, side) => {
        const bars = path.map(([low, high]) => bar(low / 1_000, high / 1_000, 1))
        const lived = (equity: number) => Ablation.live(Book.of([account('it', side, equity)]), deep, fate(bars))
        const [poor, rich] = [lived(Math.min(a, b)), lived(Math.max(a, b))]
        expect(rich.closed.size).toBeLessThanOrEqual(poor.closed.size)
        // Over several bars it may be: who fails later, at a worse price, may owe more.
        if (path.length === 1) expect(rich.badDebt).toBeLessThanOrEqual(poor.badDebt)
        const least = Math.min(...path.map(([low]) => low)) / 1_000
        const most = Math.max(...path.map(([, high]) => high)) / 1_000
        const gone = side === 'long' ? 1_000 * (1 - least) : 1_000 * (most - 1)
        if (Math.abs(gone - a) > 1e-6) expect(lived(a).closed.size).toBe(gone > a ? 1 : 0)
      }),
      { numRuns },
    )
  })

  test('error: a price that is none, an impact that is none', () => {
    const book = Book.of([account('long', 'long', 100)])
    expect(() => Ablation.live(book, deep, fate([bar(0, 1)]))).toThrow(Figure.InvalidFigureError)
    expect(() => Ablation.live(book, deep, fate([bar(0.9, Number.NaN, 1)]))).toThrow(Figure.InvalidFigureError)
    expect(() => Ablation.live(book, deep, fate([bar(0.9, 1, -1)]))).toThrow(Figure.InvalidFigureError)
    expect(() => Ablation.live(book, { ...terms, impact: { kind: 'linear', slope: -1 } }, fate([]))).toThrow(Impact.InvalidImpactError)
  })
})

describe('assess', () => {
  test('worked example: the worse side at its worst shock, and the extra move at three σ̂', () => {
    // Longs of 1,000 that fail just before 0.1 log; at 2 σ̂ = 0.1 they add 0.05.
    const long = account('long', 'long', 1_000 * (1 - Math.exp(-0.0999)))
    const small = account('short', 'short', 100 * Math.expm1(0.02), 100)
    const steep = { ...terms, impact: { kind: 'linear', slope: 5e-5 } as const }
    const figures = Ablation.assess(Book.of([long, small]), steep, fate([bar(0.99, 1.01)]))
    expect(figures.secant).toBeCloseTo(1 / 3, 9)
    expect(figures.extra).toBeCloseTo(0.05, 9)
    expect([figures.forced, figures.badDebt]).toEqual([0, 0])
    // The short alone: 100 · 5e-5 = 0.005 on σ̂ = 0.05.
    const alone = Ablation.assess(Book.of([small]), steep, fate([bar(0.99, 1.03)]))
    expect(alone.secant).toBeCloseTo(0.005 / 0.055, 9)
    expect(alone.extra).toBeCloseTo(0.005, 9)
    expect(alone.forced).toBeCloseTo(100, 9)
    expect(alone.badDebt).toBeCloseTo(100 * (1.03 * Math.exp(0.005) - Math.exp(0.02)) - (100 * 1.03 * Math.expm1(0.005)) / 2, 1)
  })

  test('worked example: the greatest n may be that of one, of two or of three σ̂', () => {
    const steep = { ...terms, impact: { kind: 'linear', slope: 5e-5 } as const }
    const secant = (at: number) => Ablation.assess(Book.of([account('it', 'long', 1_000 * (1 - Math.exp(-at)))]), steep, fate([])).secant
    // What is added is 0.05 wherever the wall is: to 0.05, 0.1, 0.15.
    expect([0.0499, 0.0999, 0.1499, 0.1501].map(secant)).toEqual([1 / 2, 1 / 3, 1 / 4, 0].map((n) => expect.closeTo(n, 9)))
  })

  test('edge: an empty book has nothing to show', () => {
    expect(Ablation.assess(Book.of([]), terms, fate([bar(0.5, 1)]))).toEqual({ secant: 0, extra: 0, forced: 0, badDebt: 0 })
  })

  test('dimension: all money times k at a depth times k leaves n and the move, and multiplies the dollars', () => {
    const book = (k: number) =>
      Book.of([account('a', 'long', 60 * k, 1_000 * k), account('b', 'long', 90 * k, 1_000 * k), account('c', 'short', 70 * k, 1_000 * k)])
    const at = (k: number) => Ablation.assess(book(k), { ...terms, impact: { kind: 'linear', slope: 1e-5 / k } }, fate([bar(0.9, 1.2)]))
    const [one, ten] = [at(1), at(10)]
    expect(ten.secant).toBeCloseTo(one.secant, 9)
    expect(ten.extra).toBeCloseTo(one.extra, 9)
    expect(ten.forced).toBeCloseTo(10 * one.forced, 6)
    expect(ten.badDebt).toBeCloseTo(10 * one.badDebt, 6)
    expect(one.badDebt).toBeGreaterThan(0)
  })

  test('error: a σ̂ that is none', () => {
    expect(() => Ablation.assess(Book.of([]), terms, fate([], {}, 0))).toThrow(Reflexivity.InvalidShockError)
  })
})

describe('verdict', () => {
  const of = (low: number, high: number, figure = 10) => ({ figure, low, high })

  test('worked example: what lies beyond a hundredth of the figure counts, and both ways are mixed', () => {
    const [above, below, around] = [of(0.2, 1), of(-1, -0.2), of(-1, 1)]
    expect(Ablation.verdict([above, around])).toBe('more fragile')
    expect(Ablation.verdict([around, below])).toBe('less fragile')
    expect(Ablation.verdict([above, below])).toBe('mixed')
    expect(Ablation.verdict([around, around])).toBe('cannot tell')
  })

  test('edge: an interval that ends at a hundredth, or beyond 0 by less, tells nothing', () => {
    expect(Ablation.verdict([of(0.1, 1), of(-1, -0.1), of(0.05, 0.06), of(-0.06, -0.05)])).toBe('cannot tell')
    expect(Ablation.verdict([of(0.1, 1), of(-1, -0.101)])).toBe('less fragile')
    expect(Ablation.verdict([])).toBe('cannot tell')
    expect(Ablation.verdict([of(0, 0, 0)])).toBe('cannot tell')
  })
})
