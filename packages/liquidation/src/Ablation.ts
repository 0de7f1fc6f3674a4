/** Whether a layer of margin makes a market more or less fragile: the same orders under other margins, at the same traded volume. */
import { Fixed } from '@plimsoll/margin'
import type * as Admission from './Admission.ts'
import * as Book from './Book.ts'
import * as Cascade from './Cascade.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Reflexivity from './Reflexivity.ts'
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
  let standing = book.accounts.map((account) => ({ account, at: turning(account) }))
  let before = 1
  for (const { low, high, close } of fate.bars) {
    Figure.assert('above 0', { low, high, close })
    for (const price of [low, high]) {
      if (!standing.some(({ at }) => passed(at.liquidation, price))) continue
      const scenario = {
        book: Book.of(standing.map(({ account }) => marked(account, before))),
        markets,
        shocks: { [market]: Math.log(price / before) },
        roundCap: 2 * standing.length + 2,
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
      if (called.has(it.account.account) || ![low, high].some((price) => passed(it.at.halfway, price))) return it
      called.add(it.account.account)
      const rescue = fate.rescues[it.account.account] ?? 0n
      if (rescue === 0n) return it
      rescued.add(it.account.account)
      const account = { ...it.account, equity: it.account.equity + rescue, collateral: it.account.collateral + rescue }
      return { account, at: turning(account) }
    })
    before = close
  }
  return { forced, badDebt, closed, insolvent, called, rescued }
}

type Turn = { readonly side: Book.Side; readonly price: number }

/** Where an account is liquidated, and half of the way there in logs; by the price at which it was opened. */
function turning(account: Book.Account): { readonly liquidation: Turn; readonly halfway: Turn } {
  const [position] = account.positions
  const side = position?.side ?? 'long'
  const distance =
    position === undefined
      ? null
      : LiquidationCurve.distance({
          side,
          notional: Book.usd(position.notional),
          equity: Book.usd(account.equity),
          maintenance: position.maintenancePpm / 1_000_000,
        })
  const at = (way: number): Turn => {
    const move = distance === null ? Number.POSITIVE_INFINITY : way * distance
    return { side, price: Math.exp(side === 'long' ? -move : move) }
  }
  return { liquidation: at(1), halfway: at(0.5) }
}

/** A digit to spare: the stress decides, and it is asked once too often sooner than once too seldom. */
function passed({ side, price }: Turn, now: number): boolean {
  return side === 'long' ? now <= price * (1 + 1e-9) : now >= price * (1 - 1e-9)
}

/** An account at another price of its one market. */
function marked(account: Book.Account, price: number): Book.Account {
  const [position] = account.positions
  if (position === undefined) return account
  const notional = Fixed.mulDiv(position.notional, BigInt(Math.round(price * 1e15)), 10n ** 15n, 'nearest')
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
