/** Who may open what under which layers of margin: a day's orders, one after another, become that day's book. */
import { Bound, Curve, Damper, Fixed, type Inputs, Requirement } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Brake from './Brake.ts'
import * as Figure from './Figure.ts'
import type * as Impact from './Impact.ts'

/** What stands on the static schedule, each switched on or left out. */
export type Layer = (typeof layers)[number]
export const layers = ['volatility', 'reputation', 'brake'] as const

/** What is the same for every day and every combination of layers. */
export type Terms = {
  /** A limit's document: market, static schedule and parameters are read from it, the rest is each order's own. */
  readonly inputs: Inputs.Inputs
  readonly impact: Impact.Impact
  /** Annualised, through the cycle: what the brake's shocks are made of. */
  readonly sigmaPpm: number
  readonly horizonSeconds: number
  /** Orders between two readings of the book by the brake, ≥ 1. */
  readonly refresh: number
}

export type Trader = { readonly account: string; readonly collateral: bigint; readonly grant: Inputs.Grant }

/** What a trader wants to open. USD. */
export type Order = { readonly trader: number; readonly side: Book.Side; readonly notional: bigint }

export type Day = { readonly at: number; readonly forecast: Inputs.Forecast; readonly orders: readonly Order[] }

export type World = { readonly terms: Terms; readonly traders: readonly Trader[]; readonly days: readonly Day[] }

/**
 * The book of each day: every order filled as far as its trader's limit reaches, in the order in which they come.
 *
 * Formula: `N = min(asked, limit)`, the limit as in docs/method/limit.md, eq. (7), of the trader's collateral alone.
 * Source:  docs/method/ablation.md, eq. (1) and (2).
 * Rounding: the level of schedule and quantile up, positions down.
 *
 * @param levelPpm - times the static schedule and the quantile: how much margin is asked for on the whole.
 * @returns one book a day; whoever opens nothing is not in it.
 * @throws {Figure.InvalidFigureError} a refresh below 1, an order of nobody.
 */
export function of(world: World, on: readonly Layer[], levelPpm: number): readonly Book.Book[] {
  const { terms, days } = world
  Figure.assert('a whole number of at least 0', { 'refresh − 1': terms.refresh - 1, 'level − 1': levelPpm - 1 })
  let damper: Inputs.Damper | null = null
  return days.map((day) => {
    damper = Damper.apply(damper, day.forecast, day.at, terms.inputs.params)
    return opened(world, on, { day, levelPpm, damper })
  })
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError | Brake.of.ErrorType
}

/** Σ N over all books. USD. */
export function volume(books: readonly Book.Book[]): bigint {
  return books.reduce((sum, { accounts }) => accounts.reduce((sum, { positions }) => sum + (positions[0]?.notional ?? 0n), sum), 0n)
}

export type Level =
  | {
      readonly status: 'ok'
      /** Times schedule and quantile. */
      readonly levelPpm: number
      /** What every position was cut by, so that the sums are equal. ppm, rounded up. */
      readonly cutPpm: number
      readonly books: readonly Book.Book[]
    }
  /** No level carries so much; `volume` is what the lowest one does. */
  | { readonly status: 'unreachable'; readonly volume: bigint }

/**
 * The books that trade a given volume: the greatest level that still carries it, found by bisection, and what it carries beyond cut from all alike.
 *
 * Formula: `max{ℓ : Σ N(ℓ) ≥ V}` to a thousandth, then `N·V / Σ N`.
 * Source:  docs/method/ablation.md, eq. (3) and (4).
 * Rounding: positions down, and what that leaves goes to the last one: the sum is V to the last unit.
 *
 * @param target - V > 0. USD.
 */
export function atVolume(world: World, on: readonly Layer[], target: bigint): Level {
  const carried = (levelPpm: number) => {
    const books = of(world, on, levelPpm)
    return { levelPpm, books, volume: volume(books) }
  }
  let low = carried(1_000_000)
  let high = greatest
  if (low.volume < target) {
    high = low.levelPpm
    low = carried(least)
    if (low.volume < target) return { status: 'unreachable', volume: low.volume }
  }
  while (high > 1.001 * low.levelPpm) {
    const middle = carried(Math.round(Math.sqrt(low.levelPpm * high)))
    if (middle.volume >= target) low = middle
    else high = middle.levelPpm
  }
  const cutPpm = Number(Fixed.mulDiv(low.volume - target, Fixed.ppm, low.volume, 'up'))
  return { status: 'ok', levelPpm: low.levelPpm, cutPpm, books: cut(low.books, target, low.volume) }
}

/** Where `atVolume` looks: from a hundredth of the schedule to sixteen times. */
const least = 10_000
const greatest = 16_000_000

/**
 * The document of one order: what `Limit.of` would be asked with.
 *
 * @param opening.damper - the quantiles as applied that day, before the level.
 */
export function document(terms: Terms, on: readonly Layer[], opening: document.Opening): Inputs.Inputs {
  const { inputs } = terms
  const { trader, day, levelPpm, damper, brake } = opening
  const { initial } = inputs.market
  const none = { longPpm: 0, shortPpm: 0 }
  const scaled = ({ longPpm, shortPpm }: Inputs.Quantile) => ({
    longPpm: Math.min(1_000_000, scale(longPpm, levelPpm)),
    shortPpm: scale(shortPpm, levelPpm),
  })
  const volatile = on.includes('volatility')
  return {
    ...inputs,
    asOf: day.at,
    request: { notional: null },
    market: { ...inputs.market, initial: levelled(initial, levelPpm), price: { ...inputs.market.price, publishedAt: day.at } },
    forecast: {
      ...day.forecast,
      asOf: day.at,
      closeOut: volatile ? scaled(damper.closeOut) : none,
      liquidation: volatile ? scaled(damper.liquidation) : none,
      throughTheCycle: damper.throughTheCycle,
    },
    damper: null,
    grant: on.includes('reputation') ? trader.grant : { ...trader.grant, imDiscountPpm: 0 },
    brake: on.includes('brake') ? brake : open,
    ledger: { ...inputs.ledger, venueCollateral: trader.collateral },
  }
}

export declare namespace document {
  type Opening = {
    readonly trader: Trader
    readonly day: Day
    readonly levelPpm: number
    readonly damper: Inputs.Damper
    readonly brake: Inputs.Brake
  }
}

function opened({ terms, traders }: World, on: readonly Layer[], at: Pick<document.Opening, 'day' | 'levelPpm' | 'damper'>): Book.Book {
  const accounts: Book.Account[] = []
  let brake = open
  for (const [i, { trader: index, side, notional }] of at.day.orders.entries()) {
    const trader = traders[index]
    if (trader === undefined) throw new Figure.InvalidFigureError({ figure: 'trader', value: index, range: `below ${traders.length}` })
    if (on.includes('brake') && i % terms.refresh === 0) brake = braked(terms, accounts)
    const inputs = document(terms, on, { ...at, trader, brake })
    const requirement = Requirement.of(inputs, Damper.apply(null, inputs.forecast, inputs.asOf, inputs.params))
    const opens = Fixed.min(notional, limit(inputs, requirement))
    if (opens <= 0n) continue
    const maintenancePpm = Requirement.maintenance(requirement[side], opens)
    const positions = [{ market: inputs.market.symbol, side, notional: opens, maintenancePpm }]
    accounts.push({ account: trader.account, equity: trader.collateral, collateral: trader.collateral, positions })
  }
  return Book.of(accounts)
}

/** `Limit.of(inputs).notional` of an account with nothing but collateral at the venue, without its reasons: a test compares. */
function limit(inputs: Inputs.Inputs, requirement: Requirement.Requirement): bigint {
  const caps = [inputs.grant.tierCap, inputs.growth.ceiling, inputs.market.caps.participant]
  const brakes = [Bound.brakeCap(inputs, 'long'), Bound.brakeCap(inputs, 'short')]
  const cap = [...caps, Bound.sideCap(inputs, 'long'), Bound.sideCap(inputs, 'short'), ...brakes].reduce(Fixed.min)
  return Requirement.capacity((notional) => Requirement.worst(requirement, notional, 'bounds'), inputs.ledger.venueCollateral, cap)
}

/** The brake on what has been opened so far, with the margins that a raise needs at the least. */
function braked({ inputs, impact, sigmaPpm, horizonSeconds }: Terms, accounts: readonly Book.Account[]): Inputs.Brake {
  const { market, params } = inputs
  const ceiling = market.caps.participant
  const rate = Curve.ppm(market.maintenance, ceiling, { openInterest: 0n })
  const initial = Math.max(params.floorPpm, scale(rate, 1_000_000 + params.betaPpm))
  return Brake.of({
    book: Book.of(accounts),
    market: market.symbol,
    bookHash: inputs.brake.bookHash,
    headroom: { long: 0n, short: 0n },
    initialPpm: { long: initial, short: initial },
    maintenancePpm: { long: rate, short: rate },
    impact,
    sigmaPpm,
    horizonSeconds,
    ceiling,
    brakeMaxPpm: params.brakeMaxPpm,
  })
}

/** No brake: one step that reaches everywhere. */
const open: Inputs.Brake = {
  status: 'ok',
  bookHash: `0x${'0'.repeat(64)}`,
  reflexivity: { longPpm: 0, shortPpm: 0 },
  long: [{ upToNotional: Bound.greatest, ppm: 0 }],
  short: [{ upToNotional: Bound.greatest, ppm: 0 }],
}

function levelled(curve: Inputs.Curve, levelPpm: number): Inputs.Curve {
  if (curve.kind === 'tiers') return { ...curve, tiers: curve.tiers.map((tier) => ({ ...tier, ppm: scale(tier.ppm, levelPpm) })) }
  if (curve.kind === 'sqrt') return { ...curve, ppm: scale(curve.ppm, levelPpm), coefficientPpm: scale(curve.coefficientPpm, levelPpm) }
  return { ...curve, ppm: scale(curve.ppm, levelPpm) }
}

/** `⌈rate · ppm / 1e6⌉`. */
function scale(rate: number, ppm: number): number {
  return Number(Fixed.mulDiv(BigInt(rate), BigInt(ppm), Fixed.ppm, 'up'))
}

/** Every position times `target / whole`, and what rounding leaves to the last one. */
function cut(books: readonly Book.Book[], target: bigint, whole: bigint): readonly Book.Book[] {
  let left = target
  let count = books.reduce((sum, { accounts }) => sum + accounts.length, 0)
  return books.map(({ accounts }) => ({
    accounts: accounts.map((account) => ({
      ...account,
      positions: account.positions.map((position) => {
        count--
        const notional = count === 0 ? left : Fixed.mulDiv(position.notional, target, whole, 'down')
        left -= notional
        return { ...position, notional }
      }),
    })),
  }))
}
