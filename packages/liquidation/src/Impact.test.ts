import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Impact } from './index.ts'
import { someCurve } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

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
      { kind: 'constantProduct', reserve: 0 },
      { kind: 'constantProduct', reserve: Number.POSITIVE_INFINITY },
      { kind: 'isotonic', knots: [] },
      { kind: 'isotonic', knots: [{ flow: 0, move: 0 }] },
      { kind: 'isotonic', knots: [{ flow: 1, move: -0.1 }] },
      {
        kind: 'isotonic',
        knots: [
          { flow: 1, move: 0.2 },
          { flow: 2, move: 0.1 },
        ],
      },
      {
        kind: 'isotonic',
        knots: [
          { flow: 1, move: 0.2 },
          { flow: 1, move: 0.3 },
        ],
      },
      { kind: 'isotonic', knots: [{ flow: 1, move: Number.NaN }] },
      { kind: 'isotonic', knots: [{ flow: 1, move: Number.POSITIVE_INFINITY }] },
      { kind: 'isotonic', knots: [{ flow: Number.POSITIVE_INFINITY, move: 1 }] },
    ]
    for (const impact of broken) expect(() => Impact.assert(impact)).toThrow(Impact.InvalidImpactError)
    const sound: readonly Impact.Impact[] = [
      { kind: 'linear', slope: 0 },
      { kind: 'squareRoot', coefficient: 0, volume: 0.5 },
      { kind: 'constantProduct', reserve: 0.5 },
      { kind: 'isotonic', knots: [{ flow: 0.5, move: 0 }] },
      knotted,
    ]
    for (const impact of [root, ...sound]) expect(() => Impact.assert(impact)).not.toThrow()
  })
})

const knotted: Impact.Impact = {
  kind: 'isotonic',
  knots: [
    { flow: 10, move: 0.1 },
    { flow: 20, move: 0.1 },
    { flow: 30, move: 0.4 },
  ],
}

describe('the pool and the knots', () => {
  test('worked example: as much again quarters a pool’s price; between knots a line, beyond them the steeper one', () => {
    expect(Impact.of({ kind: 'constantProduct', reserve: 100 }, 100)).toBeCloseTo(Math.log(4), 12)
    expect([5, 10, 15, 25, 40].map((flow) => Impact.of(knotted, flow))).toEqual(
      [0.05, 0.1, 0.1, 0.25, 0.7].map((x) => expect.closeTo(x, 12)),
    )
    expect([5, 15, 25, 40].map((flow) => Impact.slope(knotted, flow))).toEqual([0.01, 0, 0.03, 0.03].map((x) => expect.closeTo(x, 12)))
    const flat: Impact.Impact = {
      kind: 'isotonic',
      knots: [
        { flow: 10, move: 0.1 },
        { flow: 20, move: 0.1 },
      ],
    }
    expect(Impact.of(flat, 40)).toBeCloseTo(0.2, 12)
  })

  test('property: through the origin, never falling, the slope its derivative', () => {
    const flow = fc.double({ min: 1, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(someCurve, flow, flow, (impact, a, b) => {
        expect(Impact.of(impact, 0)).toBe(0)
        expect(Impact.of(impact, Math.max(a, b))).toBeGreaterThanOrEqual(Impact.of(impact, Math.min(a, b)) - 1e-12)
        const h = a * 1e-6
        const [left, right] = [Impact.slope(impact, a - h), Impact.slope(impact, a + h)]
        const slope = (Impact.of(impact, a + h) - Impact.of(impact, a - h)) / (2 * h)
        expect(slope).toBeGreaterThanOrEqual(Math.min(left, right) * (1 - 1e-4) - 1e-12)
        expect(slope).toBeLessThanOrEqual(Math.max(left, right) * (1 + 1e-4) + 1e-12)
      }),
      { numRuns },
    )
  })
})

describe('move', () => {
  test('worked example: a purchase lifts as far as a sale lowers', () => {
    expect(Impact.move(knotted, 5)).toBeCloseTo(0.05, 12)
    expect(Impact.move(knotted, -5)).toBeCloseTo(-0.05, 12)
    expect(Impact.move(knotted, 0)).toBe(0)
  })
})

describe('fill', () => {
  test('worked example: a pool pays half for as much again, and asks 7/3 of the price', () => {
    const pool: Impact.Impact = { kind: 'constantProduct', reserve: 100 }
    expect(Impact.fill(pool, 0, -100)).toBeCloseTo(0.5, 12)
    expect(Impact.fill(pool, 0, 100)).toBeCloseTo(7 / 3, 12)
    expect(Impact.fill({ kind: 'linear', slope: 1 }, 0, -1)).toBeCloseTo(1 - Math.exp(-1), 12)
    expect(Impact.fill({ kind: 'linear', slope: 0 }, 0, -1)).toBe(1)
    expect(Impact.fill(pool, -100, -100)).toBeCloseTo(0.25, 12)
  })

  test('property: of every curve, steep and on every piece of it, the mean of e^move on the way', () => {
    const curves: readonly Impact.Impact[] = [
      { kind: 'linear', slope: 0.05 },
      { kind: 'squareRoot', coefficient: 0.4, volume: 16 },
      { kind: 'constantProduct', reserve: 40 },
      knotted,
    ]
    const flows = [-25, -12, -10, 0, 4, 10, 20, 27, 40]
    const steps = 4_000
    // From 0 on, where a root is steep: in squares of the way.
    const areaTo = (impact: Impact.Impact, end: number) => {
      let sum = 0
      for (let i = 0; i < steps; i++) {
        const at = (i + 0.5) / steps
        sum += Math.exp(Impact.move(impact, end * at * at)) * 2 * at
      }
      return (end * sum) / steps
    }
    for (const impact of curves) {
      const areas = flows.map((flow) => areaTo(impact, flow))
      for (const [i, from] of flows.entries())
        for (const [j, to] of flows.entries()) {
          if (i === j) continue
          const mean = ((areas[j] ?? 0) - (areas[i] ?? 0)) / (to - from)
          expect(Impact.fill(impact, from, to), `${impact.kind} ${from} ${to}`).toBeCloseTo(mean, 6)
        }
    }
  })

  test('property: the mean of e^move on the way, whichever way, also across 0', () => {
    const flow = fc.double({ min: -3e5, max: 3e5, noNaN: true })
    fc.assert(
      fc.property(someCurve, flow, flow, (impact, from, to) => {
        fc.pre(Math.abs(to - from) > 1 && Math.max(Impact.of(impact, Math.abs(from)), Impact.of(impact, Math.abs(to))) < 1)
        const steps = 4_000
        let sum = 0
        for (let i = 0; i < steps; i++) sum += Math.exp(Impact.move(impact, from + ((i + 0.5) / steps) * (to - from)))
        expect(Impact.fill(impact, from, to)).toBeCloseTo(sum / steps, 4)
        expect(Impact.fill(impact, to, from)).toBeCloseTo(Impact.fill(impact, from, to), 12)
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})

describe('scale', () => {
  test.each([
    { kind: 'linear', slope: 2e-9 },
    { kind: 'squareRoot', coefficient: 0.03, volume: 1e9 },
    { kind: 'constantProduct', reserve: 5e7 },
    {
      kind: 'isotonic',
      knots: [
        { flow: 1e6, move: 0.01 },
        { flow: 4e6, move: 0.09 },
      ],
    },
  ] as const)('edge: a quarter of the depth takes a quarter of the flow as far: $kind', (impact) => {
    for (const flow of [1e5, 2e6, 9e6]) expect(Impact.of(Impact.scale(impact, 0.25), flow / 4)).toBeCloseTo(Impact.of(impact, flow), 12)
  })
})
