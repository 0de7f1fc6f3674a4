/** Where an account stands between its equity and its margins. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'

export type Health =
  | { readonly status: 'flat' }
  | { readonly status: 'healthy'; readonly ratio: Fixed.Fixed }
  /** Below initial margin: only reducing is allowed. */
  | { readonly status: 'restricted'; readonly ratio: Fixed.Fixed }
  | { readonly status: 'liquidatable'; readonly ratio: Fixed.Fixed }
  | { readonly status: 'insolvent'; readonly deficit: bigint }

/**
 * Health of one account.
 *
 * Formula: `ratio = E / MM`, with E equity, IM initial and MM maintenance margin.
 * Source:  docs/method/health.md, eq. (1).
 * Rounding: down, so that a tie never reads as healthier than it is.
 *
 * @param account.equity - E, with which maintenance margin is met. USD. May be negative.
 * @param account.initialEquity - with which initial margin is met: E without gains. USD. E where it is not given.
 * @param account.initialMargin - IM ≥ MM. USD.
 * @param account.maintenanceMargin - MM ≥ 0. USD.
 * @returns `status`, with the one figure that matters in that state.
 * @throws {InvertedMarginError} MM is negative, or exceeds IM.
 *
 * @example
 * Health.assess({ equity: 150n * Fixed.one, initialMargin: 200n * Fixed.one, maintenanceMargin: 100n * Fixed.one })
 * // => { status: 'restricted', ratio: 1500000000000000000n }
 */
export function assess(account: assess.Account): Health {
  const { equity, initialEquity = equity, initialMargin, maintenanceMargin } = account
  if (maintenanceMargin < 0n || maintenanceMargin > initialMargin) throw new InvertedMarginError({ initialMargin, maintenanceMargin })
  if (equity < 0n) return { status: 'insolvent', deficit: -equity }
  if (maintenanceMargin === 0n) return { status: 'flat' }

  const ratio = Fixed.div(equity, maintenanceMargin, 'down')
  if (equity < maintenanceMargin) return { status: 'liquidatable', ratio }
  if (initialEquity < initialMargin) return { status: 'restricted', ratio }
  return { status: 'healthy', ratio }
}

export declare namespace assess {
  type Account = {
    readonly equity: Fixed.Fixed
    readonly initialEquity?: Fixed.Fixed
    readonly initialMargin: Fixed.Fixed
    readonly maintenanceMargin: Fixed.Fixed
  }
  type ErrorType = InvertedMarginError
}

/**
 * Whether maintenance margin is breached: there is one, and equity is below it. Equity at the margin still stands.
 *
 * Formula: `MM > 0 and E < MM`.
 * Source:  docs/method/health.md, eq. (2).
 *
 * @example
 * Health.breached({ equity: 99n, maintenanceMargin: 100n })
 * // => true
 */
export function breached({ equity, maintenanceMargin }: Standing): boolean {
  return maintenanceMargin > 0n && equity < maintenanceMargin
}

/** What an order by risk looks at. */
export type Standing = { readonly equity: Fixed.Fixed; readonly maintenanceMargin: Fixed.Fixed }

/**
 * Which of two accounts is the riskier: below 0 when `a` is the safer, above 0 when it is the riskier.
 *
 * Formula: `E/MM` ascending is riskier, by cross-multiplication; an account without margin is safer than any with it. On a tie the larger
 *          margin is riskier, and without margins the smaller equity.
 * Source:  docs/method/health.md, eq. (3).
 * Rounding: none.
 *
 * @example
 * Health.compare({ equity: 100n, maintenanceMargin: 50n }, { equity: 100n, maintenanceMargin: 100n })
 * // => -1
 */
export function compare(a: Standing, b: Standing): -1 | 0 | 1 {
  const [aless, bless] = [a.maintenanceMargin === 0n, b.maintenanceMargin === 0n]
  if (aless && bless) return order(b.equity, a.equity)
  if (aless || bless) return aless ? -1 : 1
  const by = order(b.equity * a.maintenanceMargin, a.equity * b.maintenanceMargin)
  return by === 0 ? order(a.maintenanceMargin, b.maintenanceMargin) : by
}

function order(a: bigint, b: bigint): -1 | 0 | 1 {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Thrown when maintenance margin is negative or above initial margin. */
export class InvertedMarginError extends BaseError {
  override readonly name = 'Health.InvertedMarginError'
  readonly initialMargin: Fixed.Fixed
  readonly maintenanceMargin: Fixed.Fixed
  constructor(args: { readonly initialMargin: Fixed.Fixed; readonly maintenanceMargin: Fixed.Fixed }) {
    super({
      code: 'INVERTED_MARGIN',
      message: `Maintenance margin ${args.maintenanceMargin} does not lie between 0 and initial margin ${args.initialMargin}.`,
      hint: 'Take both from the same terms: initial margin is at least (1 + β) times maintenance margin.',
    })
    this.initialMargin = args.initialMargin
    this.maintenanceMargin = args.maintenanceMargin
  }
}
