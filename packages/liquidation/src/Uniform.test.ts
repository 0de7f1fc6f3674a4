import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cascade, Figure, Uniform } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const uniform = { density: 50, support: 0.2, slope: 0.01 }
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** The slow way: iterated from the shock. */
function iterated(given: Uniform.Uniform, shock: number, backstop: Uniform.Backstop): Cascade.Cascade {
  const { density, support, slope } = given
  return Cascade.leastFixedPoint({
    shock,
    forced: (x) => density * Math.min(x, support),
    impact: (flow) => slope * Math.max(0, (1 - backstop.share) * flow - backstop.capacity),
    roundCap: 100_000,
  })
}

describe('fall', () => {
  test('worked example: n = ½ doubles a shock; n = 2 takes the whole support', () => {
    expect(Uniform.fall(uniform, 0.05, Uniform.none)).toEqual({ x: 0.1, forced: 5, absorbed: 0, rounds: null })
    const { x, forced, rounds } = Uniform.fall({ ...uniform, slope: 0.04 }, 0.05, Uniform.none)
    // 0.05, 0.15, 0.35 > 0.2, then 0.05 + 2·0.2.
    expect(x).toBeCloseTo(0.45, 12)
    expect({ forced, rounds }).toEqual({ forced: 10, rounds: 3 })
  })

  test('worked example: half absorbed halves n; a capacity of ρs stops what would run away', () => {
    expect(Uniform.fall({ ...uniform, slope: 0.02 }, 0.05, { share: 0.5, capacity: 0 })).toMatchObject({ x: 0.1, absorbed: 2.5 })
    expect(Uniform.fall({ ...uniform, slope: 0.04 }, 0.05, { share: 0, capacity: 2.5 })).toEqual({
      x: 0.05,
      forced: 2.5,
      absorbed: 2.5,
      rounds: 0,
    })
    expect(Uniform.fall({ ...uniform, slope: 0.04 }, 0.05, { share: 0, capacity: 2.4 }).x).toBeCloseTo(0.45 - 0.096, 12)
  })

  test('worked example: at n = 1 each round adds the shock: 0.02 eight times, until 0.16 has been passed', () => {
    const critical = { density: 50, support: 0.16, slope: 0.02 }
    expect(Uniform.fall(critical, 0.02, Uniform.none)).toEqual({ x: expect.closeTo(0.18, 12), forced: 8, absorbed: 0, rounds: 8 })
    expect(Uniform.fall({ ...critical, support: 0.17 }, 0.02, Uniform.none).rounds).toBe(9)
  })

  test('edge: no shock, no end, a shock beyond the support', () => {
    expect(Uniform.fall({ ...uniform, slope: 0.04 }, 0, Uniform.none)).toEqual({ x: 0, forced: 0, absorbed: 0, rounds: 0 })
    const open = { density: 50, support: Number.POSITIVE_INFINITY, slope: 0.02 }
    expect(Uniform.fall(open, 0.01, Uniform.none)).toEqual({ x: null, forced: null, absorbed: null, rounds: null })
    expect(Uniform.fall(uniform, 0.3, Uniform.none)).toMatchObject({ x: 0.4, forced: 10, rounds: 1 })
  })

  test('property: where the iteration ends, with as many rounds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0.001, max: 0.3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        share,
        fc.double({ min: 0, max: 20, noNaN: true }),
        (n, shock, support, share, capacity) => {
          const given = { density: 50, support, slope: n / 50 }
          const backstop = { share, capacity }
          const [own, drag] = [n * (1 - share), given.slope * capacity]
          fc.pre(Math.abs(own - 1) > 1e-3)
          // Not where a digit decides whether anything starts.
          fc.pre(Math.abs(own * Math.min(shock, support) - drag) > 1e-9)
          const closed = Uniform.fall(given, shock, backstop)
          const slow = iterated(given, shock, backstop)
          expect(closed.x).toBeCloseTo(slow.x, 8)
          expect(closed.forced).toBeCloseTo(slow.forced, 6)
          if (closed.rounds !== null && Math.abs((closed.x ?? 0) - support) > 1e-6)
            expect(Math.abs(closed.rounds - slow.rounds)).toBeLessThanOrEqual(own < 1.001 ? 1 : 0)
        },
      ),
      { numRuns },
    )
  })

  test('error: a negative shock or density, a share above 1', () => {
    expect(() => Uniform.fall(uniform, -0.1, Uniform.none)).toThrow(Figure.InvalidFigureError)
    expect(() => Uniform.fall({ ...uniform, density: -1 }, 0.1, Uniform.none)).toThrow(Figure.InvalidFigureError)
    expect(() => Uniform.fall({ ...uniform, support: -1 }, 0.1, Uniform.none)).toThrow(Figure.InvalidFigureError)
    expect(() => Uniform.fall(uniform, 0.1, { share: 1.1, capacity: 0 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('after', () => {
  test('worked example: 0.1, 0.15, 0.175, and the support as a ceiling', () => {
    expect([1, 2, 3].map((round) => Uniform.after(uniform, 0.1, round))).toEqual([0.1, 0.15, 0.175].map((x) => expect.closeTo(x, 12)))
    expect(Uniform.after({ ...uniform, slope: 0.04 }, 0.15, 9)).toBeCloseTo(0.55, 12)
    expect(() => Uniform.after(uniform, 0.1, 0)).toThrow(Figure.InvalidFigureError)
  })
})

describe('leastShare', () => {
  test('worked example: of n = 1.25 a fifth; below n = 1 nothing', () => {
    expect(Uniform.leastShare(1.25)).toBeCloseTo(0.2, 12)
    expect(Uniform.leastShare(1)).toBe(0)
    expect(Uniform.leastShare(0.5)).toBe(0)
  })
})

describe('leastCapacity', () => {
  test('property: it stops the shock, and a little less does not where n > 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.1, max: 3, noNaN: true }), fc.double({ min: 0.001, max: 0.1, noNaN: true }), (n, shock) => {
        const given = { ...uniform, slope: n / 50 }
        const capacity = Uniform.leastCapacity(given, shock)
        expect(Uniform.fall(given, shock, { share: 0, capacity: capacity * (1 + 1e-12) }).x).toBe(shock)
        expect(Uniform.fall(given, shock, { share: 0, capacity: capacity * 0.99 }).x ?? 0).toBeGreaterThan(given.support)
      }),
      { numRuns },
    )
  })
})

describe('indexed', () => {
  test('worked example: the venue moves by its own slope, not by the density', () => {
    const { forced, extra, venue } = Uniform.indexed({ density: 200, support: 1, slope: 0.004 }, 0.01, 0.25)
    // n = 0.8, of which a quarter: the index ends at 0.0125, which forces 2.5.
    expect([forced, extra, venue]).toEqual([2.5, 0.01, 0.02].map((value) => expect.closeTo(value, 12)))
  })

  test('worked example: at weight ½ a venue of n = 1 falls by s + 2s·n, the index by 2s', () => {
    const { forced, extra, index, venue, divergence } = Uniform.indexed({ density: 50, support: 1, slope: 0.02 }, 0.01, 0.5)
    expect([forced, extra, index, venue, divergence].map((value) => Number((value ?? 0).toFixed(12)))).toEqual([1, 0.02, 0.02, 0.03, 0.01])
  })

  test('edge: without support and beyond the critical weight there is no end', () => {
    expect(Uniform.indexed({ density: 50, support: Number.POSITIVE_INFINITY, slope: 0.04 }, 0.01, 0.5).index).toBeNull()
    expect(() => Uniform.indexed(uniform, 0.01, 1.1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('squareRoot', () => {
  test('property: reproduces itself', () => {
    fc.assert(
      fc.property(share, share, (a, shock) => {
        const x = Uniform.squareRoot(a, shock)
        expect(shock + a * Math.sqrt(x)).toBeCloseTo(x, 9)
        expect(x).toBeGreaterThanOrEqual(a * a * (1 - 1e-12))
      }),
      { numRuns },
    )
    expect(() => Uniform.squareRoot(-1, 0)).toThrow(Figure.InvalidFigureError)
  })
})
