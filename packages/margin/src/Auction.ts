/** A Dutch auction of a share of an account: its price falls until somebody takes as much as brings the account back to its target. */
import { BaseError } from './BaseError.ts'

/** What a bidder pays of the value, as a fraction: `start` to `middle` fast, then to 0 slowly. */
export type Schedule = {
  readonly start: number
  readonly middle: number
  readonly fastSeconds: number
  readonly slowSeconds: number
}

/** What stands at auction. USD. */
export type Standing = {
  /** What the account is worth now, cash that bidders have paid in included. */
  readonly markToMarket: number
  /** Maintenance margin: what is left beyond its requirement, negative when it is short. */
  readonly maintenance: number
  /** How far beyond maintenance the target lies, as a part of the requirement. */
  readonly buffer: number
  /** Paid in by bidders so far: it is not for sale. */
  readonly reserved: number
}

export type Offer =
  /** `share` of the account is for sale at once at `price` in all, and brings it to its target. */
  | { readonly status: 'open'; readonly fraction: number; readonly bufferMargin: number; readonly share: number; readonly price: number }
  /** The account is at its target or beyond. */
  | { readonly status: 'healthy'; readonly fraction: number; readonly bufferMargin: number }
  /** It is worth less than nothing: nobody pays for it, see `subsidy`. */
  | { readonly status: 'insolvent'; readonly bufferMargin: number }

/**
 * The fraction of the value that a bidder pays after some time.
 *
 * Formula: `start − (start − middle)·t/fast` while t < fast, then `middle·(1 − (t − fast)/slow)`, at least 0.
 * Source:  docs/method/portfolio-margin.md, eq. (24).
 *
 * @param elapsedSeconds - t ≥ 0, since the auction began.
 * @throws {InvalidAuctionError} a figure is not finite, negative, or the fraction would rise.
 *
 * @example
 * Auction.fraction({ start: 1, middle: 0.5, fastSeconds: 100, slowSeconds: 1000 }, 50)
 * // => 0.75
 * Auction.fraction({ start: 1, middle: 0.5, fastSeconds: 100, slowSeconds: 1000 }, 600)
 * // => 0.25
 */
export function fraction(schedule: Schedule, elapsedSeconds: number): number {
  const { start, middle, fastSeconds, slowSeconds } = schedule
  for (const [field, value] of Object.entries({ ...schedule, elapsedSeconds })) assertNotNegative(field, value)
  if (!(middle <= start)) throw new InvalidAuctionError({ field: 'middle', value: middle })
  if (elapsedSeconds < fastSeconds) return start - ((start - middle) * elapsedSeconds) / fastSeconds
  const slow = elapsedSeconds - fastSeconds
  return slow < slowSeconds ? middle * (1 - slow / slowSeconds) : 0
}

export declare namespace fraction {
  type ErrorType = InvalidAuctionError
}

/**
 * Maintenance margin with a buffer, so that an account is not at auction again at once.
 *
 * Formula: `BM = MM + (MM − V)·buffer`, where MM − V is the requirement, below 0.
 * Source:  docs/method/portfolio-margin.md, eq. (25).
 *
 * @returns USD, negative when the account is short of its target.
 *
 * @example
 * Auction.bufferMargin({ markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 0 })
 * // => -100
 */
export function bufferMargin({ markToMarket, maintenance, buffer }: Standing): number {
  return maintenance + (maintenance - markToMarket) * buffer
}

/**
 * The share of the account whose sale brings it to its target exactly, in closed form.
 *
 * Formula: `f = BM / (BM − V·d − R·(1 − d))`: a sale of f removes f of BM's shortfall and adds the price f·(V − R)·d, while R, which has
 *          been paid in, stays; between 0 and 1. 0 where BM ≥ 0; all of it where no share is enough.
 * Source:  docs/method/portfolio-margin.md, eq. (26).
 *
 * @param d - what a bidder pays of the value, from `fraction`.
 *
 * @example
 * Auction.share({ markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 0 }, 0.5)
 * // => 0.6666666666666666
 */
export function share(standing: Standing, d: number): number {
  assertValid(standing)
  assertNotNegative('d', d)
  const { markToMarket, reserved } = standing
  const short = Math.min(0, bufferMargin(standing))
  if (short === 0) return 0
  const all = short - markToMarket * d - reserved * (1 - d)
  return all < short ? short / all : 1
}

/**
 * What a bidder pays for a share.
 *
 * Formula: `(V − R)·d·f`.
 * Source:  docs/method/portfolio-margin.md, eq. (27).
 *
 * @param sale.d - what a bidder pays of the value, from `fraction`.
 * @param sale.share - f, what is taken; no more than `share` says.
 * @returns USD; at least 0 while the account is worth more than what has been paid in.
 *
 * @example
 * Auction.bid({ markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 20 }, { d: 0.5, share: 0.25 })
 * // => 10
 */
export function bid({ markToMarket, reserved }: Standing, { d, share }: { readonly d: number; readonly share: number }): number {
  return (markToMarket - reserved) * d * share
}

/**
 * The offer that stands after some time, for a bidder who wants at most a part of the account.
 *
 * @param wanted - at most this share, 0 to 1.
 * @throws {InvalidAuctionError} a figure is not finite, or negative where it cannot be.
 *
 * @example
 * const schedule = { start: 1, middle: 0.5, fastSeconds: 100, slowSeconds: 1000 }
 * const standing = { markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 0 }
 * Auction.quote(standing, { fraction: Auction.fraction(schedule, 100), wanted: 0.25 })
 * // => { status: 'open', fraction: 0.5, bufferMargin: -100, share: 0.25, price: 12.5 }
 */
export function quote(standing: Standing, { fraction, wanted }: { readonly fraction: number; readonly wanted: number }): Offer {
  const greatest = share(standing, fraction)
  const margin = bufferMargin(standing)
  assertNotNegative('wanted', wanted)
  if (standing.markToMarket < 0) return { status: 'insolvent', bufferMargin: margin }
  if (margin >= 0) return { status: 'healthy', fraction, bufferMargin: margin }
  const taken = Math.min(wanted, greatest)
  return { status: 'open', fraction, bufferMargin: margin, share: taken, price: bid(standing, { d: fraction, share: taken }) }
}

export declare namespace quote {
  type ErrorType = InvalidAuctionError
}

/**
 * What the insurance fund pays to whoever takes over an insolvent account.
 *
 * Formula: `−(V + (MM − V)·t/T)`, at most −MM: from the account's debt to its maintenance shortfall, so that somebody is bound to come.
 * Source:  docs/method/portfolio-margin.md, eq. (28).
 *
 * @param phase.elapsedSeconds - t ≥ 0, since the account was found insolvent.
 * @param phase.lengthSeconds - T > 0.
 * @returns USD for all of the account, at least 0; a share costs its part.
 *
 * @example
 * Auction.subsidy({ markToMarket: -10, maintenance: -50, buffer: 0, reserved: 0 }, { elapsedSeconds: 150, lengthSeconds: 600 })
 * // => 20
 */
export function subsidy(
  standing: Standing,
  { elapsedSeconds, lengthSeconds }: { readonly elapsedSeconds: number; readonly lengthSeconds: number },
): number {
  assertValid(standing)
  assertNotNegative('elapsedSeconds', elapsedSeconds)
  if (!(lengthSeconds > 0)) throw new InvalidAuctionError({ field: 'lengthSeconds', value: lengthSeconds })
  const { markToMarket, maintenance } = standing
  return Math.max(0, -(markToMarket + (maintenance - markToMarket) * Math.min(1, elapsedSeconds / lengthSeconds)))
}

export declare namespace subsidy {
  type ErrorType = InvalidAuctionError
}

function assertValid({ markToMarket, maintenance, buffer, reserved }: Standing): void {
  for (const [field, value] of Object.entries({ markToMarket, maintenance }))
    if (!Number.isFinite(value)) throw new InvalidAuctionError({ field, value })
  for (const [field, value] of Object.entries({ buffer, reserved })) assertNotNegative(field, value)
}

function assertNotNegative(field: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new InvalidAuctionError({ field, value })
}

/** Thrown when an auction has a figure that no auction has. */
export class InvalidAuctionError extends BaseError {
  override readonly name = 'Auction.InvalidAuctionError'
  readonly field: string
  readonly value: number
  constructor(args: { readonly field: string; readonly value: number }) {
    super({
      code: 'INVALID_AUCTION',
      message: `An auction cannot have ${args.value} as ${args.field}.`,
      hint: 'Every figure is finite; all but the value and the margin are at least 0; the fraction does not rise.',
    })
    this.field = args.field
    this.value = args.value
  }
}
