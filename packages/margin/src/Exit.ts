/** What an account must reach before a liquidation lets go of it: maintenance margin and a buffer, so that the next tick does not call it back. */
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import type * as Line from './Line.ts'
import * as Lines from './Lines.ts'
import type * as Profile from './Profile.ts'

/** In money. */
export type Exit = {
  readonly equity: bigint
  readonly margin: bigint
  /** What is still missing, 0 once the account may leave. */
  readonly shortage: bigint
}

/**
 * Equity and margin with a buffer, line by line.
 *
 * Formula: `M⁺ = Σ (R + ⌊β·L⌋)` over unweighted liabilities L, `E⁻ = E + Σ trunc(β·loss)`, `shortage = max(0, M⁺ − E⁻)`.
 * Source:  docs/method/open-orders.md, eq. (13) to (15).
 * Rounding: the buffer of each liability as the profile's `requirement`, that of each loss as its `profit`.
 *
 * @param options.buffer - β, in the profile's unit of rates.
 * @param options.purpose - the margin that is buffered: a liquidation looks at maintenance.
 *
 * @example
 * const flat = { initial: { kind: 'flat', rate: 100_000n }, maintenance: { kind: 'flat', rate: 50_000n } }
 * const one = { market: 'ETH-PERP', size: 1n, unit: 1n, price: Valuation.mark(1_000n), cost: 1_100n, quote: 0n, margin: flat }
 * const account = { balances: [], positions: [{ ...one, openInterest: 0n, charge: 0n }], fees: 0n, asOf: 0 }
 * // 5 % of 1,000 and 2 % more of it; a loss of 100 counts 2 more.
 * Exit.assess(account, plimsoll, { buffer: 20_000n, purpose: 'maintenance' })
 * // => { equity: -102n, margin: 70n, shortage: 172n }
 */
export function assess(account: Account.Account, profile: Profile.Profile, { buffer, purpose }: assess.Options): Exit {
  const assessed = Account.assess(account, profile)
  const before =
    purpose === 'initial'
      ? { equity: assessed.initialEquity, margin: assessed.initialMargin }
      : { equity: assessed.equity, margin: assessed.maintenanceMargin }
  const lines = Lines.of(account, { profile, asOf: account.asOf, purpose })
  const { requirement, profit: rounding } = profile.rounding
  let { equity, margin } = before
  for (const { liabilities, profit } of lines) {
    for (const liability of liabilities) margin += Fixed.mulDiv(liability, buffer, profile.rateUnit, requirement)
    if (profit < 0n) equity += Fixed.mulDiv(profit, buffer, profile.rateUnit, rounding)
  }
  return { equity, margin, shortage: Fixed.max(0n, margin - equity) }
}

export declare namespace assess {
  type Options = { readonly buffer: bigint; readonly purpose: Line.Purpose }
}
