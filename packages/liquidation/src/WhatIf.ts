/** What one shock would do to the book as it stands now: bounded, so that anybody may ask. */
import { Fixed } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import * as Impact from './Impact.ts'
import * as Reading from './Reading.ts'
import * as Stress from './Stress.ts'
import * as Told from './Told.ts'
import * as Venue from './Venue.ts'

export type Scenario = {
  /** The return of the price before anything is forced, signed. Not 0. */
  readonly shockPpm: number
  /** What is left of today's depth: 1,000,000 is all of it. */
  readonly depthPpm: number
  /** Whether the other markets stand still or move alike. */
  readonly others: 'still' | 'alike'
}

/** Returns in ppm, signed, away from 0: what a person reads off a chart. */
export type WhatIf = {
  readonly shockPpm: number
  readonly depthPpm: number
  readonly others: Scenario['others']
  /** Where the price ends, and how much of that the forced flow added. */
  readonly endsPpm: number
  readonly extraPpm: number
  /** Round by round: the return after it, and who was closed in it. */
  readonly path: readonly { readonly movePpm: number; readonly liquidated: number }[]
  readonly liquidated: number
  readonly insolvent: number
  /** In this market, at P0; then over all that were closed. USD. */
  readonly forced: bigint
  readonly badDebt: bigint
  /** Of the bad debt: what winners give up, and what nobody is left to pay. */
  readonly deleveraged: bigint
  readonly unpaid: bigint
  /** Of the side that loses by the shock, at P0: what is open, and the share of it that is forced. Up. */
  readonly openInterest: bigint
  readonly forcedPpm: number
  readonly rounds: number
  readonly roundCap: number
  /** False where the round cap stopped it: a lower bound. */
  readonly settled: boolean
  readonly monotone: boolean
  readonly order: typeof Stress.order
}

/** What may be asked. */
export const bounds = { shockPpm: { from: -950_000, to: 3_000_000 }, depthPpm: { from: 10_000, to: 10_000_000 }, accounts: 5_000 } as const

/**
 * A stress of a reading.
 *
 * Formula: docs/method/cascade.md, eq. (3), on `s = ln(1 + r)` and depth.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (12), (21) and (22).
 * Rounding: moves away from 0, shares up.
 *
 * @throws {InvalidScenarioError} the shock is 0, or a figure is not whole ppm within `bounds`.
 * @throws {BookTooLargeError} more accounts than `bounds` allows.
 * @throws {Venue.UnknownMarketError} an account holds a market of which the reading has no impact.
 */
export function simulate(reading: Reading.Reading, scenario: Scenario): WhatIf {
  const { market, book } = reading
  const { shockPpm, depthPpm, others } = scenario
  checked(scenario)
  if (book.accounts.length > bounds.accounts) throw new BookTooLargeError(book.accounts.length)
  const thinned = Object.fromEntries(
    Object.entries(reading.impacts).map(([name, impact]) => [name, Venue.plain(Impact.scale(impact, depthPpm / 1_000_000))]),
  )
  if (thinned[market] === undefined) throw new Venue.UnknownMarketError(market)
  const shock = Math.log1p(shockPpm / 1_000_000)
  const shocks = others === 'alike' ? Object.fromEntries(Object.keys(thinned).map((name) => [name, shock])) : { [market]: shock }
  const result = Stress.run({ book, markets: thinned, shocks, ...Reading.rules })
  const outcome = result.markets[market]
  const ends = outcome?.move ?? shock
  const forced = outcome?.forced ?? 0n
  const at = Object.keys(result.markets).indexOf(market)
  const losing = shockPpm < 0 ? 'long' : 'short'
  const openInterest = book.accounts
    .flatMap(({ positions }) => positions)
    .reduce((sum, position) => (position.market === market && position.side === losing ? sum + position.notional : sum), 0n)
  return {
    shockPpm,
    depthPpm,
    others,
    endsPpm: returned(ends),
    extraPpm: returned(ends) - shockPpm,
    path: result.path.map(({ moves, liquidated }) => ({ movePpm: returned(moves[at] ?? shock), liquidated })),
    liquidated: result.accounts.liquidated,
    insolvent: result.accounts.insolvent,
    forced,
    badDebt: result.badDebt,
    deleveraged: result.paid.deleveraging,
    unpaid: result.paid.unpaid,
    openInterest,
    forcedPpm: openInterest === 0n ? 0 : Number(Fixed.mulDiv(forced, Fixed.ppm, openInterest, 'up')),
    rounds: result.rounds,
    roundCap: result.roundCap,
    settled: result.settled,
    monotone: result.monotone,
    order: result.order,
  }
}

/** A log move as a return. */
function returned(move: number): number {
  return Told.ppm(Math.expm1(move), move < 0 ? 'down' : 'up')
}

function checked({ shockPpm, depthPpm }: Scenario): void {
  const { shockPpm: shock, depthPpm: depth } = bounds
  const within = (value: number, { from, to }: { readonly from: number; readonly to: number }) =>
    Number.isSafeInteger(value) && value >= from && value <= to
  if (!within(shockPpm, shock) || shockPpm === 0) throw new InvalidScenarioError({ figure: 'shock', ...shock })
  if (!within(depthPpm, depth)) throw new InvalidScenarioError({ figure: 'depth', ...depth })
}

/** Thrown when a what-if asks for what no market does. */
export class InvalidScenarioError extends BaseError {
  override readonly name = 'WhatIf.InvalidScenarioError'
  readonly figure: string
  constructor(args: { readonly figure: string; readonly from: number; readonly to: number }) {
    super({
      code: 'SCENARIO_OUT_OF_RANGE',
      message: `The ${args.figure} of a what-if lies outside what may be asked.`,
      hint: `Give whole ppm from ${args.from} to ${args.to}, and a shock that is not 0.`,
    })
    this.figure = args.figure
  }
}

/** Thrown when a book is too large for a what-if that anybody may ask. */
export class BookTooLargeError extends BaseError {
  override readonly name = 'WhatIf.BookTooLargeError'
  readonly accounts: number
  constructor(accounts: number) {
    super({
      code: 'BOOK_TOO_LARGE',
      message: `The book has ${accounts} accounts, and a what-if here takes ${bounds.accounts}.`,
      hint: 'Run the shock over the exported book with `plimsoll stress`.',
    })
    this.accounts = accounts
  }
}
