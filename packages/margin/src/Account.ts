/** An account at one venue: what it has, what it needs, what is left. */
import * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import * as Position from './Position.ts'

export type Account = {
  /** The certificate's credit and the collateral at the venue. USD. */
  readonly collateral: bigint
  /** Owed, ≥ 0. USD. */
  readonly fees: bigint
  /** One a market. */
  readonly positions: readonly Holding[]
}

/** A position with its price and its terms. */
export type Holding = Position.Position & {
  readonly price: Position.Price
  readonly initial: Curve.Curve
  readonly maintenance: Curve.Curve
  /** Of its side, without it. USD. */
  readonly openInterest: bigint
}

export type Summary = {
  /** E towards maintenance margin: gains at this venue count. May be negative. USD. */
  readonly equity: bigint
  /** E towards initial margin: gains do not count. May be negative. USD. */
  readonly initialEquity: bigint
  /** Σ N. USD. */
  readonly notional: bigint
  /** Σ of unrealised profit, netted at this venue; a loss is negative. USD. */
  readonly profit: bigint
  readonly initialMargin: bigint
  readonly maintenanceMargin: bigint
  /** Initial equity beyond initial margin; negative when it is short. USD. */
  readonly free: bigint
  /** Σ N / E; null when there is no equity to divide by. */
  readonly leveragePpm: bigint | null
  readonly health: Health.Health
}

/**
 * Equity, margins and health of an account.
 *
 * Formula: `E = collateral − fees + Σ profit`; towards initial margin `E = collateral − fees + min(0, Σ profit)`;
 *          `IM = Σ ⌈initial(N)·N⌉`, `MM = Σ ⌈maintenance(N)·N⌉`, `leverage = Σ N / E`.
 * Source:  docs/method/health.md, eq. (2) to (4).
 * Rounding: profit down, notional and margins up, leverage up.
 *
 * @throws {Health.InvertedMarginError} maintenance margin exceeds initial margin.
 *
 * @example
 * const flat = (ppm) => ({ kind: 'flat', ppm })
 * const price = { index: 110n * Fixed.one, mark: 110n * Fixed.one }
 * const terms = { initial: flat(100_000), maintenance: flat(50_000), openInterest: 0n }
 * const position = { market: 'ETH-PERP', side: 'long', size: Fixed.one, entryPrice: 100n * Fixed.one, price, ...terms }
 * Account.summary({ collateral: 12n * Fixed.one, fees: 0n, positions: [position] }).free
 * // => 1000000000000000000n
 */
export function summary({ collateral, fees, positions }: Account): Summary {
  const lines = positions.map(lineOf)
  const sum = (of: (line: Line) => bigint) => lines.reduce((total, line) => total + of(line), 0n)
  const profit = sum((line) => line.profit)
  const equity = collateral - fees + profit
  const initialEquity = collateral - fees + Fixed.min(0n, profit)
  const notional = sum((line) => line.notional)
  const initialMargin = sum((line) => line.initialMargin)
  const maintenanceMargin = sum((line) => line.maintenanceMargin)
  return {
    equity,
    initialEquity,
    notional,
    profit,
    initialMargin,
    maintenanceMargin,
    free: initialEquity - initialMargin,
    leveragePpm: equity > 0n ? Fixed.mulDiv(notional, Fixed.ppm, equity, 'up') : null,
    health: Health.assess({ equity, initialEquity, initialMargin, maintenanceMargin }),
  }
}

export declare namespace summary {
  type ErrorType = Health.InvertedMarginError
}

type Line = { readonly notional: bigint; readonly profit: bigint; readonly initialMargin: bigint; readonly maintenanceMargin: bigint }

function lineOf(holding: Holding): Line {
  const notional = Position.notional(holding, holding.price)
  return {
    notional,
    profit: Position.profit(holding, holding.price),
    initialMargin: Curve.requirement(holding.initial, notional, holding),
    maintenanceMargin: Curve.requirement(holding.maintenance, notional, holding),
  }
}
