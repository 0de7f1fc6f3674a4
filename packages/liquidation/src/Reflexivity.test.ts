import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Impact, LiquidationCurve, Reflexivity } from './index.ts'
import { market, someBook, someImpact } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const impact = { kind: 'linear', slope: 1e-8 } as const

describe('secant', () => {
  test('worked example: a wall that doubles the fall is n = 0.5', () => {
    const curve = LiquidationCurve.fromWalls('long', [{ at: 0.05, notional: 5e6 }])
    expect(Reflexivity.secant({ curve, impact, shock: 0.05 })).toBeCloseTo(0.5, 12)
    expect(Reflexivity.secant({ curve, impact, shock: 0.04 })).toBe(0)
  })

  test('worked example: of a uniform density it is κρ', () => {
    const walls = Array.from({ length: 20_000 }, (_, i) => ({ at: (i + 0.5) / 20_000, notional: 40 / 20_000 }))
    const curve = LiquidationCurve.fromWalls('long', walls)
    expect(Reflexivity.secant({ curve, impact: { kind: 'linear', slope: 0.01 }, shock: 0.05 })).toBeCloseTo(0.4, 3)
  })

  test('property: from 0 to below 1', () => {
    fc.assert(
      fc.property(someBook, someImpact, fc.double({ min: 1e-3, max: 0.5, noNaN: true }), (book, impact, shock) => {
        const n = Reflexivity.secant({ curve: LiquidationCurve.of(book, market, 'long'), impact, shock })
        expect(n).toBeGreaterThanOrEqual(0)
        expect(n).toBeLessThan(1)
      }),
      { numRuns },
    )
  })

  test('error: a shock that is none', () => {
    const curve = LiquidationCurve.fromWalls('long', [])
    for (const shock of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => Reflexivity.secant({ curve, impact, shock })).toThrow(Reflexivity.InvalidShockError)
  })
})

describe('greatest', () => {
  test('worked example: the wall that one σ does not see is seen at two', () => {
    const curve = LiquidationCurve.fromWalls('long', [{ at: 0.05, notional: 1e7 }])
    const one = Reflexivity.secant({ curve, impact, shock: 0.03 })
    const two = Reflexivity.secant({ curve, impact, shock: 0.06 })
    expect(one).toBe(0)
    expect(Reflexivity.greatest({ curve, impact, shocks: [0.03, 0.06, 0.09] })).toBe(two)
  })

  test('edge: an empty book amplifies nothing', () => {
    expect(Reflexivity.greatest({ curve: LiquidationCurve.fromWalls('short', []), impact, shocks: [0.1] })).toBe(0)
  })
})

test('shocks: worked example, one, two and three σ of a quarter', () => {
  expect(Reflexivity.shocks(800_000, 31_536_000 / 4)).toEqual([0.4, 0.8, expect.closeTo(1.2, 12)])
})

test('shocks: error, no σ or no horizon', () => {
  expect(() => Reflexivity.shocks(0, 86_400)).toThrow(Reflexivity.InvalidShockError)
  expect(() => Reflexivity.shocks(1, 0)).toThrow(expect.objectContaining({ code: 'INVALID_SHOCK' }))
  expect(() => Reflexivity.shocks(1, -1)).toThrow(Reflexivity.InvalidShockError)
})

describe('local', () => {
  const curve = LiquidationCurve.fromWalls('long', [
    { at: 0.02, notional: 10 },
    { at: 0.025, notional: 30 },
    { at: 0.035, notional: 20 },
    { at: 0.5, notional: 1_000 },
  ])

  test('worked example: 50 between 2.5 and 3.5 % is a density of 5,000, or of 3,000 over twice the width', () => {
    const impact: Impact.Impact = { kind: 'linear', slope: 1e-4 }
    expect(Reflexivity.local(curve, impact, { width: 0.011, within: 0.1 })).toEqual({
      n: expect.closeTo(50e-4 / 0.011, 9),
      at: 0.025,
      density: expect.closeTo(50 / 0.011, 6),
    })
    expect(Reflexivity.local(curve, impact, { width: 0.02, within: 0.1 })).toMatchObject({ n: expect.closeTo(0.3, 9), at: 0.02 })
    expect(Reflexivity.local(curve, impact, { width: 0.01, within: 1 }).at).toBe(0.5)
  })

  test('edge: a window ends before the wall at its end, and a square root is finite', () => {
    expect(Reflexivity.local(curve, { kind: 'linear', slope: 1 }, { width: 0.015, within: 0.02 }).density).toBeCloseTo(40 / 0.015, 6)
    expect(Reflexivity.local(curve, { kind: 'squareRoot', coefficient: 0.01, volume: 10 }, { width: 0.001, within: 0.02 }).n).toBeCloseTo(
      10,
      9,
    )
    expect(Reflexivity.local(LiquidationCurve.fromWalls('long', []), { kind: 'linear', slope: 1 }, { width: 1, within: 1 }).n).toBe(0)
  })

  test('edge: of two windows as steep as each other it is the first', () => {
    const curve = LiquidationCurve.fromWalls(
      'long',
      [0.25, 0.5].map((at) => ({ at, notional: 1 })),
    )
    const impact = { kind: 'linear', slope: 0.125 } as const
    expect(Reflexivity.local(curve, impact, { width: 0.125, within: 1 })).toEqual({ n: 1, at: 0.25, density: 8 })
  })

  test('error: an impact that is none', () => {
    const curve = LiquidationCurve.fromWalls('long', [])
    expect(() => Reflexivity.local(curve, { kind: 'linear', slope: -1 }, { width: 1, within: 1 })).toThrow(Impact.InvalidImpactError)
  })

  test('error: no window', () => {
    for (const window of [
      { width: 0, within: 1 },
      { width: 1, within: 0 },
    ])
      expect(() => Reflexivity.local(curve, { kind: 'linear', slope: 1 }, window)).toThrow(Figure.InvalidFigureError)
  })
})
