/** Whether a layer of margin makes a market more or less fragile: the same orders under other margins, at the same traded volume. */
import { Fixed } from '@plimsoll/margin'
import type * as Admission from './Admission.ts'
import * as Book from './Book.ts'
import * as Cascade from './Cascade.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Reflexivity from './Reflexivity.ts'
import * as Settlement from './Settlement.ts'
import * as Stress from './Stress.ts'
import * as Venue from './Venue.ts'

/** What one book is like on its day. */
export type Figures = {
  /** n: the greatest secant reflexivity at 1, 2 and 3 σ̂, the worse side. */
  readonly secant: number
  /** LRI(3 σ̂): what the cascade adds to the move, the worse side. Log. */
  readonly extra: number
  /** Closed by force over the day that came. USD at the price of each bar. */
  readonly forced: number
  readonly badDebt: number
}

export const figures = ['secant', 'extra', 'forced', 'badDebt'] as const

/** Prices of one bar, by the price at which the day's book was opened. */
export type Bar = { readonly low: number; readonly high: number; readonly close: number }

/** The day that came: its bars, σ̂ of it as it was forecast, and who puts money in when it gets close. */
export type Fate = {
  /** σ̂ over the day, log. */
  readonly sigma: number
  readonly bars: readonly Bar[]
  /** By account: what its owner adds once half of the way to the liquidation price is gone. USD. */
  readonly rescues: Readonly<Record<string, bigint>>
}

/**
 * The figures of a book on its day.
 *
 * Source: docs/method/ablation.md, eq. (5) to (8).
 *
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError} {Reflexivity.InvalidShockError}
 */
export function assess(book: Book.Book, terms: Pick<Admission.Terms, 'inputs' | 'impact'>, fate: Fate): Figures {
  const { impact, inputs } = terms
  const { sigma } = fate
  const curves = (['long', 'short'] as const).map((side) => LiquidationCurve.of(book, inputs.market.symbol, side))
  const shocks = [sigma, 2 * sigma, 3 * sigma]
  const lived = live(book, terms, fate)
  return {
    secant: Math.max(...curves.map((curve) => Reflexivity.greatest({ curve, impact, shocks }))),
    extra: Math.max(...curves.map((curve) => Cascade.run({ curve, impact, shock: 3 * sigma }).x - 3 * sigma)),
    forced: Book.usd(lived.forced),
    badDebt: Book.usd(lived.badDebt),
  }
}

/** What a day did to a book. USD. */
export type Lived = {
  readonly forced: bigint
  readonly badDebt: bigint
  /** Accounts that were closed; of them those that left a debt; those that got half-way and outlived the bar; of them those with money put in. */
  readonly closed: ReadonlySet<string>
  readonly insolvent: ReadonlySet<string>
  readonly called: ReadonlySet<string>
  readonly rescued: ReadonlySet<string>
}

/**
 * A day, bar by bar: first to its low, then to its high, each a stress of whoever stands, from the close before; then owners add what they add.
 *
 * Between two stresses the market has refilled, so that the closes are those of the path that came. Who gets half-way and beyond the liquidation
 * price within one bar comes too late.
 * Source: docs/method/ablation.md, eq. (7) and (8).
 */
export function live(book: Book.Book, terms: Pick<Admission.Terms, 'inputs' | 'impact'>, fate: Fate): Lived {
  const market = terms.inputs.market.symbol
  Impact.assert(terms.impact)
  const markets = { [market]: Venue.plain(terms.impact) }
  const closed = new Set<string>()
  const insolvent = new Set<string>()
  const called = new Set<string>()
  const rescued = new Set<string>()
  let forced = 0n
  let badDebt = 0n
  let standing = book.accounts.flatMap((account) => account.positions.slice(0, 1).map((position) => stand(account, position)))
  let before = 1
  for (const { low, high, close } of fate.bars) {
    Figure.assert('above 0', { low, high, close })
    for (const price of [low, high]) {
      if (!standing.some((it) => passed(it, price, it.distance))) continue
      const scenario = {
        book: Book.of(standing.map((it) => marked(it, before))),
        markets,
        shocks: { [market]: Math.log(price / before) },
        // Each round closes somebody whole, so that it ends by itself.
        roundCap: Number.MAX_SAFE_INTEGER,
      }
      const result = Stress.run({ ...unsupported, ...scenario })
      forced += result.forced
      badDebt += result.badDebt
      for (const outcome of result.outcomes) {
        if (outcome.status === 'closed') closed.add(outcome.account)
        if (outcome.badDebt > 0n) insolvent.add(outcome.account)
      }
      standing = standing.filter(({ account }) => !closed.has(account.account))
    }
    standing = standing.map((it) => {
      if (called.has(it.account.account) || ![low, high].some((price) => passed(it, price, it.distance / 2))) return it
      called.add(it.account.account)
      const rescue = fate.rescues[it.account.account] ?? 0n
      if (rescue === 0n) return it
      rescued.add(it.account.account)
      return stand({ ...it.account, equity: it.account.equity + rescue }, it.position)
    })
    before = close
  }
  return { forced, badDebt, closed, insolvent, called, rescued }
}

type Standing = {
  readonly account: Book.Account
  readonly position: Book.Position
  /** The adverse log move from the opening price at which it is liquidated; +∞ where none does it. */
  readonly distance: number
}

function stand(account: Book.Account, position: Book.Position): Standing {
  const { side, maintenancePpm } = position
  const [notional, equity] = [Book.usd(position.notional), Book.usd(account.equity)]
  const distance = LiquidationCurve.distance({ side, notional, equity, maintenance: maintenancePpm / 1_000_000 })
  return { account, position, distance: distance ?? Number.POSITIVE_INFINITY }
}

/** Whether a price is an adverse move of so much. Asked once too often sooner than too seldom: the stress decides who fails. */
function passed({ position }: Standing, price: number, move: number): boolean {
  return (position.side === 'long' ? -Math.log(price) : Math.log(price)) + LiquidationCurve.tolerance >= move
}

/** An account at another price of its one market. */
function marked({ account, position }: Standing, price: number): Book.Account {
  const notional = Fixed.mul(position.notional, Settlement.ratio(Math.log(price)), 'nearest')
  const gain = position.side === 'long' ? notional - position.notional : position.notional - notional
  return { ...account, equity: account.equity + gain, positions: [{ ...position, notional }] }
}

/** Whole closes, no fee, and nobody who pays: what is lost is bad debt. */
const unsupported = {
  policy: { kind: 'full' },
  feePpm: 0,
  reserves: { junior: 0n, insurance: 0n, senior: 0n },
  deleveraging: 'pro rata',
} as const

/** What a combination of layers does to a market, beside static margin. */
export type Verdict = 'more fragile' | 'less fragile' | 'mixed' | 'cannot tell'

/** Less than this share of a figure under static margin is no difference worth a word. */
export const material = 0.01

/**
 * What the intervals of all differences from static margin say together: one counts where it lies wholly beyond `material` of the figure itself.
 *
 * Source: docs/method/ablation.md, eq. (10).
 *
 * @param differences - `figure` is the mean under static margin, less is better.
 *
 * @example
 * Ablation.verdict([{ figure: 10, low: -2, high: -1 }, { figure: 10, low: -1, high: 3 }, { figure: 100, low: 0.1, high: 0.9 }])
 * // => 'less fragile'
 */
export function verdict(differences: readonly verdict.Difference[]): Verdict {
  const worse = differences.some(({ figure, low }) => low > material * figure)
  const better = differences.some(({ figure, high }) => high < -material * figure)
  if (worse && better) return 'mixed'
  if (worse) return 'more fragile'
  return better ? 'less fragile' : 'cannot tell'
}

export declare namespace verdict {
  type Difference = { readonly figure: number; readonly low: number; readonly high: number }
}
