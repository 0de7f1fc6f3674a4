import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Figure from './Figure.ts'
import * as Quote from './Quote.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const calm = { reflexivity: 0.2, low: 0.5, high: 0.8, most: 4 }
const desk = { price: 100, holding: 0, sigma: 0.02, horizon: 1, aversion: 1e-3, decay: 200, depth: 1_000, limit: 10_000 }

describe('of', () => {
  test('worked example', () => {
    // Half a spread: 1e-3 · 1,000 · 4e-4 / 2 + ln(1 + 1/200) / 1 = 0.0002 + 0.0049875…
    const { reservation, bid, ask } = Quote.of(desk, calm)
    expect(reservation).toBe(100)
    expect(bid.price).toBeCloseTo(100 - 0.02 - 0.498754, 6)
    expect(ask.price).toBeCloseTo(100 + 0.02 + 0.498754, 6)
    expect([bid.notional, ask.notional]).toEqual([1_000, 1_000])
  })

  test('worked example: over four seconds of 2 % each, half a spread of 0.0008 and ln(1.0025)/0.5; without aversion 1/κ', () => {
    const spread = ({ bid, ask }: Quote.Quote) => [bid.price, ask.price].map((price) => price.toFixed(9))
    const longer = Quote.of({ ...desk, horizon: 4, aversion: 5e-4 }, calm)
    const half = 0.5 * 4e-4 * 2 + Math.log(1.0025) / 0.5
    expect(spread(longer)).toEqual([100 - 100 * half, 100 + 100 * half].map((price) => price.toFixed(9)))
    expect(spread(Quote.of({ ...desk, aversion: 0 }, calm))).toEqual(['99.500000000', '100.500000000'])
  })

  test('edge: what is held moves both prices against it', () => {
    // 5,000 · 1e-3 · 4e-4 = 0.2 %
    expect(Quote.of({ ...desk, holding: 5_000 }, calm).reservation).toBeCloseTo(99.8, 9)
    expect(Quote.of({ ...desk, holding: -5_000 }, calm).reservation).toBeCloseTo(100.2, 9)
  })

  test('edge: a side that would pass the limit is smaller, down to none', () => {
    expect(Quote.of({ ...desk, holding: 9_400 }, calm)).toMatchObject({ bid: { notional: 600 }, ask: { notional: 1_000 } })
    expect(Quote.of({ ...desk, holding: 10_000 }, calm).bid.notional).toBe(0)
    expect(Quote.of({ ...desk, holding: -11_000 }, calm).ask.notional).toBe(0)
  })

  test('property: the reservation price lies between, and depth never falls as n rises', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: -1e4, max: 1e4, noNaN: true }), share, share, (holding, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const quiet = Quote.of({ ...desk, holding }, { ...calm, reflexivity: low })
        const loud = Quote.of({ ...desk, holding }, { ...calm, reflexivity: high })
        expect(quiet.bid.price).toBeLessThan(quiet.reservation)
        expect(quiet.ask.price).toBeGreaterThan(quiet.reservation)
        expect(loud.bid.notional).toBeGreaterThanOrEqual(quiet.bid.notional)
        expect(loud.ask.notional).toBeGreaterThanOrEqual(quiet.ask.notional)
      }),
      { numRuns },
    )
  })

  test('error: no price', () => {
    expect(() => Quote.of({ ...desk, price: 0 }, calm)).toThrow(Figure.InvalidFigureError)
    for (const bad of [{ sigma: -1 }, { horizon: -1 }, { aversion: -1e-9 }, { depth: -1 }, { limit: -1 }, { holding: Number.NaN }])
      expect(() => Quote.of({ ...desk, ...bad }, calm)).toThrow(Figure.InvalidFigureError)
    for (const bad of [{ reflexivity: -0.1 }, { low: -0.1 }])
      expect(() => Quote.multiple({ ...calm, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})

describe('multiple', () => {
  test('worked example', () => {
    expect(Quote.multiple({ reflexivity: 0.65, low: 0.5, high: 0.8, most: 3 })).toBeCloseTo(2, 12)
  })

  test('edge: from low to high and no further', () => {
    expect([0, 0.5, 0.8, 5].map((reflexivity) => Quote.multiple({ ...calm, reflexivity }))).toEqual([1, 1, 4, 4])
  })

  test('error: high is not above low', () => {
    expect(() => Quote.multiple({ ...calm, high: 0.5 })).toThrow(Figure.InvalidFigureError)
  })
})
