/** Risk tranches: cohorts whose losses stop at their own fence, in a market that they share. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Deleveraging from './Deleveraging.ts'
import * as Figure from './Figure.ts'
import * as Stress from './Stress.ts'
import * as Waterfall from './Waterfall.ts'

/** The tranche of each account. Who is in none is in `open`. */
export type Members = Readonly<Record<string, string>>

export const open = 'open'

/**
 * Tranches by leverage: notional by equity, each up to an edge; beyond the last one, or without equity, `over`.
 *
 * Source: docs/method/cascade.md, eq. (42).
 *
 * @param edges - rising, above 0.
 * @returns names such as `≤5×` and `>20×`.
 * @throws {Figure.InvalidFigureError} edges do not rise from above 0.
 *
 * @example
 * Tranches.byLeverage(Book.of([{ account: 'a', equity: 2n, collateral: 2n, positions: [{ market: 'M', side: 'long', notional: 9n, maintenancePpm: 0 }] }]), [5, 10])
 * // => { a: '≤5×' }
 */
export function byLeverage(book: Book.Book, edges: readonly number[]): Members {
  for (const [i, edge] of edges.entries())
    Figure.assert('above 0', { [`edge ${i}`]: edge, [`edge ${i} less the one before`]: edge - (edges[i - 1] ?? 0) })
  return Object.fromEntries(
    book.accounts.map(({ account, equity, positions }) => {
      const notional = positions.reduce((sum, position) => sum + Book.usd(position.notional), 0)
      const leverage = equity > 0n ? notional / Book.usd(equity) : Number.POSITIVE_INFINITY
      const edge = edges.find((most) => leverage <= most)
      return [account, edge === undefined ? `>${edges.at(-1) ?? 0}×` : `≤${edge}×`]
    }),
  )
}

/** One tranche after a stress. */
export type Outcome = {
  readonly tranche: string
  readonly accounts: number
  readonly liquidated: number
  readonly forced: bigint
  readonly badDebt: bigint
  readonly paid: Waterfall.Reserves & { readonly deleveraging: bigint; readonly unpaid: bigint }
  /** Profit of the tranche's accounts with open positions, of which deleveraging takes. */
  readonly profit: bigint
}

/**
 * Settles a stress by tranche: each tranche's fees and reserves pay its own debts, and its own winners what is left.
 *
 * One tranche for all is the pool. Settlement is at the end of the cascade, so that a fee that came later pays a debt that came before.
 * Source: docs/method/cascade.md, eq. (42).
 *
 * @param members - of `fences.members`; accounts in none are in `open`.
 * @param fences.reserves - by tranche; nothing where a tranche has none.
 */
export function settle(stress: Stress.Stress, book: Book.Book, fences: settle.Fences): readonly Outcome[] {
  const nothing = { junior: 0n, insurance: 0n, senior: 0n }
  const posted = new Map(book.accounts.map(({ account, collateral }) => [account, collateral]))
  const groups = new Map<string, Stress.Outcome[]>()
  for (const outcome of stress.outcomes) {
    const tranche = fences.members[outcome.account] ?? open
    groups.set(tranche, [...(groups.get(tranche) ?? []), outcome])
  }
  return [...groups.keys()].sort().map((tranche) => {
    const outcomes = groups.get(tranche) ?? []
    const sum = (of: (outcome: Stress.Outcome) => bigint) => outcomes.reduce((total, outcome) => total + of(outcome), 0n)
    const badDebt = sum(({ badDebt }) => badDebt)
    const { paid, unpaid } = Waterfall.pay({ ...(fences.reserves[tranche] ?? nothing), fees: sum(({ fee }) => fee) }, badDebt)
    const winners = Deleveraging.rank(
      outcomes
        .filter(({ closed, status, open }) => status !== 'closed' && (closed > 0n || Object.keys(open).length > 0))
        .map(({ account, equityAfter, notional, haircut }) => ({
          notional,
          equity: equityAfter + haircut,
          profit: equityAfter + haircut - (posted.get(account) ?? 0n),
        })),
    )
    const taken = Deleveraging.of(
      fences.deleveraging,
      unpaid,
      winners.map(({ profit }) => profit),
    )
    return {
      tranche,
      accounts: outcomes.length,
      liquidated: outcomes.filter(({ status }) => status !== 'standing').length,
      forced: sum(({ closed }) => closed),
      badDebt,
      paid: { ...paid, deleveraging: taken.total, unpaid: taken.unpaid },
      profit: winners.reduce((total, { profit }) => total + Fixed.max(profit, 0n), 0n),
    }
  })
}

export declare namespace settle {
  type Fences = {
    readonly members: Members
    readonly reserves: Readonly<Record<string, Omit<Waterfall.Reserves, 'fees'>>>
    readonly deleveraging: Deleveraging.Rule
  }
}

/** What one tranche's being in the market does to another's. */
export type Contagion = {
  readonly from: string
  readonly to: string
  /** What of the other's forced volume, bad debt and haircuts would not be there without it; negative where it helps. USD. */
  readonly forced: bigint
  readonly badDebt: bigint
  readonly taken: bigint
}

/**
 * What the failure of each tranche does to the others: the stress with everybody, less the stress without that tranche.
 *
 * A fence stops losses, not prices: what is left between tranches is what their sales do to the market.
 * Source: docs/method/cascade.md, eq. (43).
 *
 * @returns one entry for each ordered pair of different tranches.
 * @throws {Venue.UnknownMarketError} {Figure.InvalidFigureError}
 */
export function contagion(scenario: Stress.Scenario, fences: settle.Fences): readonly Contagion[] {
  const tranches = [...new Set(scenario.book.accounts.map(({ account }) => fences.members[account] ?? open))].sort()
  const settled = (book: Book.Book) =>
    new Map(settle(Stress.run({ ...scenario, book }), book, fences).map((outcome) => [outcome.tranche, outcome]))
  const all = settled(scenario.book)
  return tranches.flatMap((from) => {
    const without = settled({ accounts: scenario.book.accounts.filter(({ account }) => (fences.members[account] ?? open) !== from) })
    return tranches
      .filter((to) => to !== from)
      .map((to) => {
        const [a, b] = [all.get(to), without.get(to)]
        const taken = (outcome: Outcome | undefined) => (outcome === undefined ? 0n : outcome.paid.deleveraging + outcome.paid.unpaid)
        return {
          from,
          to,
          forced: (a?.forced ?? 0n) - (b?.forced ?? 0n),
          badDebt: (a?.badDebt ?? 0n) - (b?.badDebt ?? 0n),
          taken: taken(a) - taken(b),
        }
      })
  })
}
