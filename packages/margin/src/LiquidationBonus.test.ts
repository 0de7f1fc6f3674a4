import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as LiquidationBonus from './LiquidationBonus.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const unit = 1_000_000n
const state = { health: 950_000n, loanToValue: 850_000n, elapsedSeconds: 30n }
const basis = { unit, rounding: 'down' as const }
const of = (bonus: LiquidationBonus.LiquidationBonus, at: Partial<LiquidationBonus.State> = {}) =>
  LiquidationBonus.of(bonus, { ...state, ...at }, basis)

describe('of', () => {
  test('worked example: fixed', () => {
    expect(of({ kind: 'fixed', factor: 1_050_000n })).toBe(1_050_000n)
  })

  test('worked example: by health, a discount of what it lacks', () => {
    // 1 / 0.95
    expect(of({ kind: 'health', most: 200_000n })).toBe(1_052_631n)
    expect(of({ kind: 'health', most: 200_000n }, { health: 500_000n })).toBe(1_250_000n)
    expect(of({ kind: 'health', most: 200_000n }, { health: 1_000_000n })).toBe(unit)
    expect(of({ kind: 'health', most: 200_000n }, { health: 1_500_000n })).toBe(unit)
  })

  test('worked example: a ramp over debt, over time, over falling health', () => {
    const ramp = { kind: 'ramp' as const, from: 1_000_000n, to: 1_100_000n }
    const over = { ...ramp, start: 800_000n, end: 900_000n, over: 'loanToValue' as const }
    expect([790_000n, 800_000n, 850_000n, 900_000n, 990_000n].map((loanToValue) => of(over, { loanToValue }))).toEqual([
      ...[1_000_000n, 1_000_000n, 1_050_000n, 1_100_000n, 1_100_000n],
    ])
    expect(of({ ...ramp, start: 0n, end: 120n, over: 'elapsedSeconds' })).toBe(1_025_000n)
    const falling = { ...ramp, start: 1_000_000n, end: 900_000n, over: 'health' as const }
    expect([1_100_000n, 1_000_000n, 975_000n, 900_000n, 100n].map((health) => of(falling, { health }))).toEqual([
      ...[1_000_000n, 1_000_000n, 1_025_000n, 1_100_000n, 1_100_000n],
    ])
    expect(of({ ...over, start: 850_000n, end: 850_000n })).toBe(1_000_000n)
    expect(of({ ...over, start: 850_000n, end: 850_000n }, { loanToValue: 850_001n })).toBe(1_100_000n)
  })

  test('worked example: by the threshold of the market', () => {
    const bonus = { kind: 'threshold' as const, most: 1_150_000n, cursor: 300_000n }
    // 1 / (1 − 0.3 · 0.2) = 1.0638…; at a half 1 / 0.85 = 1.176…, above the most; at 1 nothing.
    expect(of({ ...bonus, threshold: 800_000n })).toBe(1_063_829n)
    expect(of({ ...bonus, threshold: 500_000n })).toBe(1_150_000n)
    expect(of({ ...bonus, threshold: 1_000_000n })).toBe(unit)
  })

  test('rounding: as asked, inside and outside', () => {
    const bonus = { kind: 'threshold' as const, most: 9_000n, cursor: 333n, threshold: 501n }
    // 333 · 499 / 1000 = 166.2; 10⁶ / (1000 − 166) = 1199.04
    expect(LiquidationBonus.of(bonus, state, { unit: 1_000n, rounding: 'down' })).toBe(1_199n)
    // 167; 10⁶ / 833 = 1200.5
    expect(LiquidationBonus.of(bonus, state, { unit: 1_000n, rounding: 'up' })).toBe(1_201n)
    const ramp = { kind: 'ramp' as const, from: 10n, to: 20n, start: 0n, end: 70n, over: 'elapsedSeconds' as const }
    expect((['up', 'down'] as const).map((rounding) => LiquidationBonus.of(ramp, state, { unit, rounding }))).toEqual([15n, 14n])
  })

  test('error: nothing to divide by', () => {
    expect(() => of({ kind: 'health', most: unit }, { health: 0n })).toThrow(Fixed.DivisionByZeroError)
  })

  test('property: the worse the account, the more it pays, never less than 1 nor more than the most', () => {
    const share = fc.bigInt({ min: 0n, max: unit })
    fc.assert(
      fc.property(share, share, fc.bigInt({ min: 1n, max: 999_999n }), (a, b, most) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const [worse, better] = [low, high].map((health) => of({ kind: 'health', most }, { health }))
        expect(worse !== undefined && better !== undefined && worse >= better && better >= unit).toBe(true)
        expect(worse !== undefined && worse <= (unit * unit) / (unit - most)).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('split', () => {
  test('worked example: who receives what', () => {
    // 1000 · 1.05 = 1050, of the bonus of 50 a tenth is the protocol's.
    expect(LiquidationBonus.split({ repaid: 1_000n, collateral: 9_999n, factor: 1_050_000n, feeShare: 100_000n, unit })).toEqual({
      ...{ seized: 1_050n, bonus: 50n, fee: 5n, liquidator: 1_045n },
    })
  })

  test('edge: no more than there is', () => {
    expect(LiquidationBonus.split({ repaid: 1_000n, collateral: 840n, factor: 1_050_000n, feeShare: 0n, unit })).toMatchObject({
      ...{ seized: 840n, bonus: 40n, liquidator: 840n },
    })
  })

  test('rounding: the liquidator down, the fee up, the base of the bonus down', () => {
    expect(LiquidationBonus.split({ repaid: 19n, collateral: 9_999n, factor: 1_050_000n, feeShare: 100_000n, unit })).toEqual({
      // ⌊19.95⌋ = 19, 19 / 1.05 = 18.09, ⌈0.1⌉
      ...{ seized: 19n, bonus: 1n, fee: 1n, liquidator: 18n },
    })
  })

  test('property: shares add up, and whoever repays never profits from rounding', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 24n })
    fc.assert(
      fc.property(
        money,
        money,
        fc.bigInt({ min: 0n, max: unit }),
        fc.bigInt({ min: 0n, max: unit }),
        (repaid, collateral, bonus, feeShare) => {
          const found = LiquidationBonus.split({ repaid, collateral, factor: unit + bonus, feeShare, unit })
          expect(found.liquidator + found.fee).toBe(found.seized)
          expect(found.seized <= collateral).toBe(true)
          expect(found.seized * unit <= repaid * (unit + bonus)).toBe(true)
          expect(found.fee >= 0n && found.fee <= found.bonus).toBe(true)
        },
      ),
      { numRuns },
    )
  })
})
