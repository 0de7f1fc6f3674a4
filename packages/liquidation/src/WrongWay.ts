/** Collateral that falls when the position loses. */
import * as Figure from './Figure.ts'

/** A long, and what stands under it: units of the asset itself, or USD. */
export type Long = {
  /** c: units of the asset, at the price of the day. */
  readonly coins: number
  /** C: USD. */
  readonly cash: number
  /** q > 0: units. */
  readonly size: number
  /** e > 0: USD a unit. */
  readonly entry: number
  /** m: flat maintenance rate. */
  readonly maintenance: number
}

/**
 * The price at which a long on its own asset fails; null where no price does it.
 *
 * Formula: `C + cP + q(P − e) = mqP`, so `P = (qe − C) / (c + q(1 − m))`.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (14a).
 *
 * @example
 * WrongWay.liquidationPrice({ coins: 1, cash: 0, size: 1, entry: 195, maintenance: 0.05 })
 * // => 100
 */
export function liquidationPrice(long: Long): number | null {
  checked(long)
  const { coins, cash, size, entry, maintenance } = long
  const owed = size * entry - cash
  return owed > 0 ? owed / (coins + size * (1 - maintenance)) : null
}

/**
 * W: how many per cent of equity a fall of one per cent takes, collateral included.
 *
 * Formula: `W = −d ln E/ds = (Σ qPβ + Σ cPβ) / E`, β the stressed sensitivity of each price to the shock.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (14).
 *
 * @param legs - value in USD, negative for a short; β 1 for what falls with the shock one to one, 0 for cash.
 * @param equity - E > 0. USD.
 * @returns W and, as `multiplier`, W by what the positions alone would give; null where they give nothing.
 *
 * @example
 * WrongWay.leverage({ positions: [{ value: 100, beta: 1 }], collateral: [{ value: 100, beta: 1 }], equity: 100 })
 * // => { leverage: 2, multiplier: 2 }
 */
export function leverage({ positions, collateral, equity }: leverage.Exposure): leverage.Leverage {
  Figure.assert('above 0', { equity })
  const sum = (legs: readonly leverage.Leg[]) => legs.reduce((total, { value, beta }) => total + value * beta, 0)
  const own = sum(positions)
  const whole = own + sum(collateral)
  return { leverage: whole / equity, multiplier: own === 0 ? null : whole / own }
}

export declare namespace leverage {
  type Leg = { readonly value: number; readonly beta: number }
  type Exposure = { readonly positions: readonly Leg[]; readonly collateral: readonly Leg[]; readonly equity: number }
  type Leverage = { readonly leverage: number; readonly multiplier: number | null }
  type ErrorType = Figure.InvalidFigureError
}

function checked({ coins, cash, size, entry, maintenance }: Long): void {
  Figure.assert('at least 0', { coins, cash })
  Figure.assert('above 0', { size, entry })
  Figure.assert('a share below 1', { maintenance })
}
