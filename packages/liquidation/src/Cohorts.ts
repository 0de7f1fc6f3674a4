/** Leverage of parts of a book: by size, and by whatever else is known of accounts. */
import { Fixed } from '@plimsoll/margin'
import type * as Book from './Book.ts'
import * as LeverageRatio from './LeverageRatio.ts'

/** What is known of an account beside its positions: reputation tier, tranche, chain. By account, then by name of the label. */
export type Labels = Readonly<Record<string, Readonly<Record<string, string>>>>

export type Cohort = {
  /** `size`, or the name of a label. */
  readonly by: string
  /** The decile, smallest first, or the value of the label; `unknown` where an account has none. */
  readonly value: string
  readonly accounts: number
  readonly notional: bigint
  /** Of the whole book's notional. Rounding: down. */
  readonly sharePpm: number
  readonly posted: LeverageRatio.LeverageRatio
  readonly equity: LeverageRatio.LeverageRatio
}

/**
 * Cohorts of a book by size and by every label that an account of it has.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (1) and (2).
 *
 * Size is gross notional: ten groups of as equal counts as there are, ties by account; fewer than ten accounts make a group each.
 */
export function of(book: Book.Book, labels: Labels, convention: LeverageRatio.Convention): readonly Cohort[] {
  const accounts = book.accounts.filter(({ positions }) => positions.length > 0)
  const whole = accounts.reduce((sum, account) => sum + gross(account), 0n)
  const cohort = (by: string, value: string, members: readonly Book.Account[]): Cohort => {
    const notional = members.reduce((sum, account) => sum + gross(account), 0n)
    const part = { accounts: members }
    return {
      by,
      value,
      accounts: members.length,
      notional,
      sharePpm: whole === 0n ? 0 : Number(Fixed.mulDiv(notional, Fixed.ppm, whole, 'down')),
      posted: LeverageRatio.posted(part, null, convention),
      equity: LeverageRatio.equity(part, null, convention),
    }
  }

  // A stable sort: ties stay by account.
  const bySize = [...accounts].sort((a, b) => Number(gross(a) - gross(b)))
  const groups = Math.min(10, bySize.length)
  const sizes = Array.from({ length: groups }, (_, g) =>
    cohort('size', String(g + 1), bySize.slice(Math.floor((g * bySize.length) / groups), Math.floor(((g + 1) * bySize.length) / groups))),
  )
  const names = [...new Set(accounts.flatMap(({ account }) => Object.keys(labels[account] ?? {})))].sort()
  return [
    ...sizes,
    ...names.flatMap((name) => {
      const labelOf = ({ account }: Book.Account) => labels[account]?.[name] ?? 'unknown'
      const values = [...new Set(accounts.map(labelOf))].sort()
      return values.map((value) =>
        cohort(
          name,
          value,
          accounts.filter((account) => labelOf(account) === value),
        ),
      )
    }),
  ]
}

/** What the largest and the ten largest accounts hold of all notional. Rounding: down. */
export function top(book: Book.Book): { readonly onePpm: number; readonly tenPpm: number } {
  const sizes = book.accounts.map(gross).sort((a, b) => Number(b - a))
  const whole = sizes.reduce((sum, size) => sum + size, 0n)
  const share = (count: number) =>
    whole === 0n
      ? 0
      : Number(
          Fixed.mulDiv(
            sizes.slice(0, count).reduce((sum, size) => sum + size, 0n),
            Fixed.ppm,
            whole,
            'down',
          ),
        )
  return { onePpm: share(1), tenPpm: share(10) }
}

function gross({ positions }: Book.Account): bigint {
  return positions.reduce((sum, { notional }) => sum + notional, 0n)
}
