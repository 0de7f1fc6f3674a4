import type * as Backtest from './Backtest.ts'
import * as Loans from './Loans.ts'
import * as Reliquidations from './Reliquidations.ts'
import type * as Scorecard from './Scorecard.ts'

/** How the scorecards are fitted and walked: chosen once, before what is judged by them. */
const day = 86_400

/** Loans: fitted anew each day, older outcomes fade with 30 d, the newcomers' rate follows within a week. */
export const loans: Omit<Backtest.walk.Plan, 'from'> = {
  design: {
    inputs: Loans.inputs,
    bins: { most: 8, least: 5, shrink: 2 },
    logit: { ridge: 5 },
    halfLifeSeconds: 30 * day,
    newcomerHalfLifeSeconds: 7 * day,
    poolStrength: 0.5,
    thin: { good: 'GOOD_CLOSES', bad: 'BAD_DEBT', level: 0.8 },
  },
  blockSeconds: day,
  refit: 'each block',
  calibration: null,
  partSize: 100,
}

/**
 * Liquidations: fitted once and left, since they come in waves that all share: a fit after each would move everybody's level and
 * mix up the order across dates. What moves is the calibration.
 */
export const reliquidations: Omit<Backtest.walk.Plan, 'from'> = {
  design: {
    inputs: Reliquidations.inputs,
    bins: { most: 16, least: 40, shrink: 10 },
    logit: { ridge: 50 },
    halfLifeSeconds: 3_650 * day,
    newcomerHalfLifeSeconds: 30 * day,
    poolStrength: 0.5,
    thin: null,
  },
  blockSeconds: 7 * day,
  refit: 'never',
  calibration: { halfLifeSeconds: 365 * day, ridge: 20 },
  partSize: 1_000,
}

/** Vaults: the same for their state alone and with their record. */
export function vaults(inputs: readonly Scorecard.Input[]): Omit<Backtest.walk.Plan, 'from'> {
  return {
    design: {
      inputs,
      bins: { most: 12, least: 30, shrink: 5 },
      logit: { ridge: 1 },
      halfLifeSeconds: 3_650 * day,
      newcomerHalfLifeSeconds: 30 * day,
      poolStrength: 0.5,
      thin: null,
    },
    blockSeconds: 7 * day,
    refit: 'each block',
    calibration: null,
    partSize: 500,
  }
}
