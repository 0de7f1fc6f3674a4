import { Fixed } from '@plimsoll/margin'
import type * as Book from './Book.ts'

/** Two-sided counts longs and shorts; open interest counts the larger side once. A ratio without its convention says nothing. */
export type Convention = 'two-sided' | 'open-interest'

export type LeverageRatio =
  | {
      readonly status: 'ok'
      readonly convention: Convention
      readonly ratio: Fixed.Fixed
      readonly notional: bigint
      readonly base: bigint
    }
  /** No positions. */
  | { readonly status: 'empty'; readonly convention: Convention }
  /** Positions and nothing under them. */
  | { readonly status: 'unbacked'; readonly convention: Convention; readonly notional: bigint }

/**
 * L1: notional over posted collateral.
 *
 * Formula: `Σ|q|P / Σ C`, C posted collateral without profit and loss, of the accounts that hold positions.
 * Rounding: up.
 *
 * @param market - one market, or null for the whole book. An account of several markets counts with all its collateral in each.
 *
 * @example
 * LeverageRatio.posted(Book.of([{ account: 'a', equity: 2n, collateral: 2n, positions: [{ market: 'ETH-PERP', side: 'long', notional: 10n, maintenancePpm: 50000 }] }]), null, 'two-sided')
 * // => { status: 'ok', convention: 'two-sided', ratio: 5000000000000000000n, notional: 10n, base: 2n }
 */
export function posted(book: Book.Book, market: string | null, convention: Convention): LeverageRatio {
  return ratio(book, market, convention, ({ collateral }) => collateral)
}

/**
 * L2: notional over equity.
 *
 * Formula: `Σ|q|P / Σ max(E, 0)`; an account under water lends its deficit to nobody.
 * Rounding: up.
 */
export function equity(book: Book.Book, market: string | null, convention: Convention): LeverageRatio {
  return ratio(book, market, convention, (account) => (account.equity > 0n ? account.equity : 0n))
}

function ratio(book: Book.Book, market: string | null, convention: Convention, of: (account: Book.Account) => bigint): LeverageRatio {
  const total = { long: 0n, short: 0n }
  let base = 0n
  for (const account of book.accounts) {
    const positions = account.positions.filter((position) => market === null || position.market === market)
    if (positions.length === 0) continue
    base += of(account)
    for (const { side, notional } of positions) total[side] += notional
  }
  const notional = convention === 'two-sided' ? total.long + total.short : total.long > total.short ? total.long : total.short
  if (notional === 0n) return { status: 'empty', convention }
  if (base === 0n) return { status: 'unbacked', convention, notional }
  return { status: 'ok', convention, ratio: Fixed.mulDiv(notional, Fixed.one, base, 'up'), notional, base }
}
