/** One market as it was read at one moment: what the brake of its limits, and every other figure of its fragility, is made of. */
import type * as Book from './Book.ts'
import * as Brake from './Brake.ts'
import type * as Impact from './Impact.ts'
import type * as LeverageRatioImpact from './LeverageRatioImpact.ts'
import * as Venue from './Venue.ts'

export type Reading = {
  readonly book: Book.Book
  readonly market: string
  readonly bookHash: Book.Hex
  /** Notional that live certificates may still add. USD. */
  readonly headroom: { readonly long: bigint; readonly short: bigint }
  /** The least initial margin a raise can be opened at, and maintenance. Both sides alike. */
  readonly initialPpm: number
  readonly maintenancePpm: number
  /** Of every market that an account of the book holds. */
  readonly impacts: Readonly<Record<string, Impact.Impact>>
  /** Annualised: σ̂ of the forecast, which figures are measured in, and σ through the cycle, which the brake shocks by. */
  readonly sigmaPpm: { readonly forecast: number; readonly throughTheCycle: number }
  readonly horizonSeconds: number
  /** The greatest notional anybody may ask for. USD. */
  readonly ceiling: bigint
  readonly brakeMaxPpm: number
  /** What a liquidator is paid, of what is closed. */
  readonly bonusPpm: number
}

/** The window of densities, log. */
export const width = 0.01

/** Rounds after which a cascade is stopped, and says so. */
export const roundCap = 64

/**
 * The brake of a reading: `Brake.of` on its book, its impact and its σ through the cycle.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (9).
 *
 * @throws {Venue.UnknownMarketError} the reading has no impact of its own market.
 * @throws {Brake.InvalidTermsError} {Impact.InvalidImpactError} {Reflexivity.InvalidShockError}
 */
export function brake(reading: Reading): Brake.Brake {
  const { initialPpm, maintenancePpm, sigmaPpm } = reading
  return Brake.of({
    ...reading,
    impact: impactOf(reading),
    initialPpm: { long: initialPpm, short: initialPpm },
    maintenancePpm: { long: maintenancePpm, short: maintenancePpm },
    sigmaPpm: sigmaPpm.throughTheCycle,
  })
}

/**
 * The impact of the reading's own market: one curve, for the brake and for every figure beside it.
 *
 * @throws {Venue.UnknownMarketError}
 */
export function impactOf({ impacts, market }: Reading): Impact.Impact {
  const impact = impacts[market]
  if (impact === undefined) throw new Venue.UnknownMarketError(market)
  return impact
}

/** The markets of a reading as a stress takes them: nothing refills, no price reaches another, nobody stands behind. */
export function markets({ impacts }: Reading): Venue.Markets {
  return Object.fromEntries(Object.entries(impacts).map(([name, impact]) => [name, Venue.plain(impact)]))
}

/** Who is closed and who pays: everybody whole, and nobody but the winners. A liquidator's reward pays no loss. */
export const rules = {
  policy: { kind: 'full' },
  feePpm: 0,
  reserves: { junior: 0n, insurance: 0n, senior: 0n },
  deleveraging: 'queue',
  roundCap,
} as const

/** Above so many accounts D2 and Lc are not searched for: whoever asks for a figure waits for those who asked before. */
export const searched = 1_000

/** The terms of its metrics: two-sided, shocks in σ̂. */
export function terms(reading: Reading): LeverageRatioImpact.Terms {
  const { market, sigmaPpm, horizonSeconds, bonusPpm } = reading
  return {
    ...rules,
    convention: 'two-sided',
    markets: markets(reading),
    sigmaPpm: { [market]: sigmaPpm.forecast },
    horizonSeconds,
    betas: {},
    width,
    bonus: bonusPpm / 1_000_000,
    quotes: {},
    labels: {},
    ...(reading.book.accounts.length > searched ? { searches: 'none' as const } : {}),
  }
}
