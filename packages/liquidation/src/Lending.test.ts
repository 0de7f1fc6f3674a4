import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Lending } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const loan = fc.record({
  collateral: fc.double({ min: 1, max: 1e6, noNaN: true }),
  debt: fc.double({ min: 1, max: 1e6, noNaN: true }),
  threshold: fc.double({ min: 0.3, max: 0.95, noNaN: true }),
})
const terms = fc.record({ bonus: fc.double({ min: 0, max: 0.3, noNaN: true }), target: fc.double({ min: 1, max: 1.5, noNaN: true }) })

describe('health', () => {
  test('worked example: 200 at 75 % against 100', () => {
    expect(Lending.health({ collateral: 200, debt: 100, threshold: 0.75 })).toBe(1.5)
    expect(Lending.health({ collateral: 0, debt: 0, threshold: 0.75 })).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('repay', () => {
  test('worked example: 200 at 75 % against 160 is back at 1 with 16 / 0.2125 repaid', () => {
    const { status, repaid, seized, left, health } = Lending.repay(
      { collateral: 200, debt: 160, threshold: 0.75 },
      { bonus: 0.05, target: 1 },
    )
    expect(status).toBe('part')
    expect(repaid).toBeCloseTo(10 / 0.2125, 12)
    expect(seized).toBeCloseTo(10.5 / 0.2125, 12)
    expect(left.debt).toBeCloseTo(160 - 10 / 0.2125, 12)
    expect(health).toBeCloseTo(1, 12)
  })

  test('edge: healthy at the target already, beyond help, and out of collateral', () => {
    const terms = { bonus: 0.1, target: 1 }
    expect(Lending.repay({ collateral: 200, debt: 150, threshold: 0.75 }, terms)).toMatchObject({ status: 'none', repaid: 0 })
    expect(Lending.repay({ collateral: 110, debt: 200, threshold: 0.75 }, terms)).toMatchObject({ status: 'whole', seized: 110 })
    expect(Lending.repay({ collateral: 105, debt: 100, threshold: 0.95 }, terms).status).toBe('whole')
  })

  test('property: a part restores the target, never more than debt or collateral is taken', () => {
    fc.assert(
      fc.property(loan, terms, (given, terms) => {
        const { status, repaid, seized, left, health } = Lending.repay(given, terms)
        expect(repaid).toBeLessThanOrEqual(given.debt * (1 + 1e-12))
        expect(seized).toBeLessThanOrEqual(given.collateral * (1 + 1e-12))
        if (status === 'part' && left.debt > 1e-6 * given.debt) expect(health).toBeCloseTo(terms.target, 3)
        if (status === 'none') expect(Lending.health(given)).toBeGreaterThanOrEqual(terms.target - 1e-12)
        if (status === 'whole') expect(Math.min(left.debt / given.debt, left.collateral / given.collateral)).toBeCloseTo(0, 9)
      }),
      { numRuns },
    )
  })

  test('error: a negative bonus, a target of 0, a threshold above 1', () => {
    const good = { collateral: 1, debt: 1, threshold: 0.5 }
    expect(() => Lending.repay(good, { bonus: -1, target: 1 })).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.repay(good, { bonus: 0, target: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.repay({ ...good, threshold: 1.1 }, { bonus: 0, target: 1 })).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.repay({ ...good, debt: -1 }, { bonus: 0, target: 1 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('frontier', () => {
  test('worked example: a pool five times the collateral lowers it by λ = 1.4', () => {
    const { amplification, loanToValue } = Lending.frontier({ incentive: 0.1, collateral: 200, quote: 1_000 })
    expect(amplification).toBeCloseTo(1.4, 12)
    expect(loanToValue).toBeCloseTo(1 / (1.1 * 1.4), 12)
  })

  test('property: a small liquidation raises loan-to-value exactly beyond it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.double({ min: 10, max: 1e4, noNaN: true }),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        (incentive, quote, ltv) => {
          const collateral = 100
          const { loanToValue } = Lending.frontier({ incentive, collateral, quote })
          fc.pre(Math.abs(loanToValue - ltv) > 1e-3)
          const debt = ltv * collateral
          const repaid = 1e-6 * debt
          // The seized collateral is sold for the repayment: the pool's price, and with it the rest of the collateral, falls by 2/R_q of that.
          const left = (collateral - repaid * (1 + incentive)) * (1 - (2 * repaid * (1 + incentive)) / quote)
          expect((debt - repaid) / left > ltv).toBe(ltv > loanToValue)
        },
      ),
      { numRuns },
    )
  })

  test('error: an empty pool', () => {
    expect(() => Lending.frontier({ incentive: 0.1, collateral: 1, quote: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.frontier({ incentive: -0.1, collateral: 1, quote: 1 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('evade', () => {
  test('worked example: 10 missing at a healing of 0.175, then half of the rest', () => {
    const plan = Lending.evade({ collateral: 200, debt: 160, threshold: 0.75 }, { bonus: 0.1, closeFactor: 0.5 })
    expect(plan.first).toBeCloseTo(10 / 0.175, 12)
    expect(plan.second).toBeCloseTo((160 - 10 / 0.175) / 2, 12)
    expect(plan.healthBetween).toBeCloseTo(1, 12)
    expect(plan.profit).toBeCloseTo(0.1 * (plan.first + plan.second), 12)
    expect(plan.once).toBeCloseTo(8, 12)
    expect(plan.gain).toBeCloseTo(plan.profit / 8 - 1, 12)
  })

  test('error: a loan that is none, a bonus below 0', () => {
    const loan = { collateral: 200, debt: 160, threshold: 0.75 }
    const terms = { bonus: 0.1, closeFactor: 0.5 }
    for (const bad of [{ collateral: -1 }, { debt: -1 }, { threshold: 1.1 }])
      expect(() => Lending.evade({ ...loan, ...bad }, { ...terms, bonus: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.evade(loan, { ...terms, bonus: -0.1 })).toThrow(Figure.InvalidFigureError)
  })

  test('error: a bonus that no repayment outruns', () => {
    expect(() => Lending.evade({ collateral: 1, debt: 1, threshold: 0.8 }, { bonus: 0.25, closeFactor: 0.5 })).toThrow(
      Figure.InvalidFigureError,
    )
    expect(() => Lending.evade({ collateral: 1, debt: 1, threshold: 0.5 }, { bonus: 0.1, closeFactor: 2 })).toThrow(
      Figure.InvalidFigureError,
    )
  })
})

describe('leverage', () => {
  test('edge: none borrowed is 1×; all borrowed is no leverage that could be named', () => {
    expect([0, 0.5, 0.75].map(Lending.leverage)).toEqual([1, 2, 4])
    expect(() => Lending.leverage(1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('loop', () => {
  test('worked example: 1, 1.5, 1.75 and 1.875 at a half; four of one for one', () => {
    expect([0, 1, 2, 3].map((rounds) => Lending.loop(0.5, rounds))).toEqual([1, 1.5, 1.75, 1.875])
    expect(Lending.loop(1, 3)).toBe(4)
  })

  test('property: the sum of the rounds, up to the leverage that it tends to', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60), (ltv, rounds) => {
        const sum = Array.from({ length: rounds + 1 }, (_, r) => ltv ** r).reduce((a, b) => a + b)
        fc.pre(ltv === 1 || ltv < 1 - 1e-6)
        expect(Lending.loop(ltv, rounds) / sum).toBeCloseTo(1, 8)
        if (ltv < 1) expect(Lending.loop(ltv, rounds)).toBeLessThanOrEqual(Lending.leverage(ltv) * (1 + 1e-9))
      }),
      { numRuns },
    )
  })

  test('error: half a round', () => {
    expect(() => Lending.loop(0.5, 0.5)).toThrow(Figure.InvalidFigureError)
    expect(() => Lending.loop(1.5, 1)).toThrow(Figure.InvalidFigureError)
  })
})
