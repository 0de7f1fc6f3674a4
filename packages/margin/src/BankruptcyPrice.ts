/** The price of a piece of a position that uses up exactly that piece's share of the account's equity. */
import * as Fixed from './Fixed.ts'

/**
 * What the account receives for a piece of a position at its bankruptcy price: negative when it pays, because it buys a short back.
 *
 * Formula: `B = −ΔN − ⌊E · |ΔMM| / MM⌋`, with N the position's signed notional and MM that of the whole account.
 * Source:  docs/method/liquidation.md, eq. (1).
 * Rounding: up, so that what is left of the account is never counted as more than it is.
 *
 * Equity is shared out by maintenance margin. A piece closed at B leaves every other piece the share it had, so that the last one closes
 * at equity 0: below B somebody else pays.
 *
 * @param account.equity - E of the whole account, signed. Money.
 * @param account.maintenanceMargin - MM of the whole account, above 0. Money.
 * @param account.notionalChange - ΔN: the position's signed notional after less before. Negative when a long is sold. Money.
 * @param account.marginChange - ΔMM: its maintenance margin after less before. Money.
 * @throws {Fixed.DivisionByZeroError} the maintenance margin is 0: such an account is not liquidated.
 *
 * @example
 * // A long of 100 is sold whole, in an account whose equity is 3: nothing is left when it brings 97.
 * BankruptcyPrice.quote({ equity: 3n, maintenanceMargin: 5n, notionalChange: -100n, marginChange: -5n })
 * // => 97n
 */
export function quote({ equity, maintenanceMargin, notionalChange, marginChange }: quote.Account): bigint {
  return -notionalChange - Fixed.mulDiv(equity, Fixed.abs(marginChange), maintenanceMargin, 'down')
}

export declare namespace quote {
  type Account = {
    readonly equity: bigint
    readonly maintenanceMargin: bigint
    readonly notionalChange: bigint
    readonly marginChange: bigint
  }
  type ErrorType = Fixed.DivisionByZeroError
}
