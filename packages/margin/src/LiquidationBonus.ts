/** How much more collateral than he repays a liquidator receives: fixed, by health, along a ramp, by the market's threshold. */
import * as Fixed from './Fixed.ts'

/** Rates in parts of the unit they are asked in: a factor of 1.05 is a bonus of 5 %. */
export type LiquidationBonus =
  | { readonly kind: 'fixed'; readonly factor: bigint }
  /** The collateral at a discount of what health lacks to 1, up to `most`. */
  | { readonly kind: 'health'; readonly most: bigint }
  /** Linear from one factor to another while a measure goes from `start` to `end`: debt over value, seconds since a call, health falling. */
  | {
      readonly kind: 'ramp'
      readonly from: bigint
      readonly to: bigint
      readonly start: bigint
      readonly end: bigint
      readonly over: Measure
    }
  /** The closer the threshold is to 1, the less room there is for a bonus. */
  | { readonly kind: 'threshold'; readonly most: bigint; readonly cursor: bigint; readonly threshold: bigint }

/** What a bonus may look at. Health and debt over value in parts of the unit. */
export type State = { readonly health: bigint; readonly loanToValue: bigint; readonly elapsedSeconds: bigint }
export type Measure = keyof State

export type Basis = { readonly unit: bigint; readonly rounding: Fixed.Rounding }

/**
 * What a liquidator receives for each 1 he repays.
 *
 * Formula:
 *   fixed      `f`
 *   health     `1 / max(health, 1 − most)`, 1 at full health
 *   ramp       `from + (to − from) · (x − start)/(end − start)`, level outside
 *   threshold  `min(most, 1 / (1 − cursor·(1 − threshold)))`
 * Source:  docs/method/liquidation.md, eq. (10) and (11).
 * Rounding: the basis', after each product and division.
 *
 * @returns in parts of the unit, at least 1 for the kinds that are data of a market.
 * @throws {Fixed.DivisionByZeroError} `most` or `cursor` leave nothing to divide by.
 *
 * @example
 * const state = { health: 900n, loanToValue: 850n, elapsedSeconds: 0n }
 * LiquidationBonus.of({ kind: 'ramp', from: 1_000n, to: 1_100n, start: 800n, end: 900n, over: 'loanToValue' }, state, { unit: 1_000n, rounding: 'down' })
 * // => 1050n
 * LiquidationBonus.of({ kind: 'threshold', most: 1_150n, cursor: 300n, threshold: 800n }, state, { unit: 1_000n, rounding: 'down' })
 * // => 1063n
 */
export function of(bonus: LiquidationBonus, state: State, { unit, rounding }: Basis): bigint {
  switch (bonus.kind) {
    case 'fixed':
      return bonus.factor
    case 'health':
      return Fixed.mulDiv(unit, unit, Fixed.min(unit, Fixed.max(state.health, unit - bonus.most)), rounding)
    case 'ramp': {
      const { from, to, start, end, over } = bonus
      const x = state[over]
      // Where the measure falls towards danger the ramp is walked the other way.
      const [done, span] = end >= start ? [x - start, end - start] : [start - x, start - end]
      if (done <= 0n) return from
      return done >= span ? to : from + Fixed.mulDiv(to - from, done, span, rounding)
    }
    case 'threshold': {
      const rest = unit - Fixed.mulDiv(bonus.cursor, unit - bonus.threshold, unit, rounding)
      return Fixed.min(bonus.most, Fixed.mulDiv(unit, unit, rest, rounding))
    }
  }
}

/**
 * Who receives what of the collateral.
 *
 * Formula: `seized = ⌊repaid · factor⌋`, at most what there is; `bonus = seized − ⌊seized / factor⌋`; `fee = ⌈bonus · share⌉`.
 * Source:  docs/method/liquidation.md, eq. (10).
 * Rounding: against the liquidator: down for what he receives, up for the protocol's part of the bonus.
 *
 * @param liquidation.repaid - in money, ≥ 0; `collateral` what there is of it.
 * @param liquidation.factor - from `of`; `feeShare` of the bonus that the protocol keeps, both in parts of `unit`.
 * @returns `liquidator + fee = seized`.
 *
 * @example
 * LiquidationBonus.split({ repaid: 1_001n, collateral: 9_999n, factor: 1_050n, feeShare: 100n, unit: 1_000n })
 * // => { seized: 1051n, bonus: 51n, fee: 6n, liquidator: 1045n }
 */
export function split({ repaid, collateral, factor, feeShare, unit }: split.Liquidation): split.Shares {
  const seized = Fixed.min(collateral, Fixed.mulDiv(repaid, factor, unit, 'down'))
  const bonus = seized - Fixed.mulDiv(seized, unit, factor, 'down')
  const fee = Fixed.mulDiv(bonus, feeShare, unit, 'up')
  return { seized, bonus, fee, liquidator: seized - fee }
}

export declare namespace split {
  type Liquidation = {
    readonly repaid: bigint
    readonly collateral: bigint
    readonly factor: bigint
    readonly feeShare: bigint
    readonly unit: bigint
  }
  type Shares = { readonly seized: bigint; readonly bonus: bigint; readonly fee: bigint; readonly liquidator: bigint }
}
