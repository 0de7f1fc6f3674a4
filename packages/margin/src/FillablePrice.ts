/** The worst price at which a liquidated position may be filled: the spread an account offers grows as its health falls. */
import * as Fixed from './Fixed.ts'
import * as Rational from './Rational.ts'

/**
 * The fillable price of a position.
 *
 * Formula: `P = (N − a·s·MM_p) / q` with `a = min(1, max(0, b·(1 − E/MM)))`; N and q signed, so that a long is sold below the oracle and a short
 *          bought back above it.
 * Source:  docs/method/liquidation.md, eq. (2).
 * Rounding: none; the quotient is exact, in money per native unit.
 *
 * @param account.equity - E of the whole account, signed. Money.
 * @param account.maintenanceMargin - MM of the whole account, above 0. Money.
 * @param account.notional - N of the position, signed as its size. Money.
 * @param account.margin - MM_p, the maintenance margin of the position. Money.
 * @param account.size - q ≠ 0, native units, signed.
 * @param account.adjustmentPpm - b ≥ 0: at 1 000 000 the whole spread is offered when equity is gone, above it sooner. Integer ppm.
 * @param account.spreadPpm - s ≥ 0: the greatest spread, as a share of MM_p. Integer ppm.
 * @throws {Fixed.DivisionByZeroError} the maintenance margin or the size is 0.
 * @throws {Fixed.NotAnIntegerError} a rate is no integer.
 *
 * @example
 * // Half of the maintenance margin is left: half of the spread of 10 % of 40 is offered.
 * const account = { equity: 20n, maintenanceMargin: 40n, notional: 1_000n, margin: 40n, size: 10n }
 * FillablePrice.of({ ...account, adjustmentPpm: 1_000_000, spreadPpm: 100_000 })
 * // => { numerator: 499n, denominator: 5n }
 */
export function of(account: of.Account): Rational.Rational {
  const { equity, maintenanceMargin, notional, margin, size, adjustmentPpm, spreadPpm } = account
  // a as a quotient of MM·1e6: clamped before anything is divided.
  const whole = maintenanceMargin * Fixed.ppm
  const adjusted = Fixed.min(whole, Fixed.max(0n, Fixed.toPpm(adjustmentPpm) * (maintenanceMargin - equity)))
  return Rational.of(notional * whole * Fixed.ppm - adjusted * Fixed.toPpm(spreadPpm) * margin, size * whole * Fixed.ppm)
}

export declare namespace of {
  type Account = {
    readonly equity: bigint
    readonly maintenanceMargin: bigint
    readonly notional: bigint
    readonly margin: bigint
    readonly size: bigint
    readonly adjustmentPpm: number
    readonly spreadPpm: number
  }
  type ErrorType = Fixed.DivisionByZeroError | Fixed.NotAnIntegerError
}
