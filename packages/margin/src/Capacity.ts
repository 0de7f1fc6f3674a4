/** How much more an account may do before initial margin no longer holds: the largest trade, the largest withdrawal. */
import * as Account from './Account.ts'
import * as Bracket from './Bracket.ts'
import * as Delta from './Delta.ts'
import * as Fixed from './Fixed.ts'
import type * as Profile from './Profile.ts'

/** How a market would be traded. */
export type Order = {
  readonly market: string
  readonly side: 'long' | 'short'
  /** What it trades at, and its fee. */
  readonly price: bigint
  readonly feePpm: number
  /** The greatest |size| that the position may come to, ≥ 0: a cap of the market, the participant or the tier. Native units. */
  readonly upTo: bigint
}

export type Room =
  /** Closing an opposite position comes first and is always possible; `size = closes + opens`. Native units, ≥ 0. */
  | { readonly status: 'ok'; readonly size: bigint; readonly closes: bigint; readonly opens: bigint; readonly bound: 'MARGIN' | 'CAP' }
  /** Not even after closing does initial margin hold: only `closes` may be traded. */
  | { readonly status: 'restricted'; readonly closes: bigint; readonly message: string }

export type Withdrawal =
  | { readonly status: 'ok'; readonly amount: bigint; readonly bound: 'MARGIN' | 'BALANCE' }
  | { readonly status: 'restricted'; readonly message: string }

/**
 * The largest trade in one market, from the present position, with which initial margin still holds.
 *
 * Formula: the largest d with `E₀(d) ≥ IM(d)`, the account after the trade being `Delta.apply`'s.
 * Source:  docs/method/liquidation-price.md, eq. (7).
 * Rounding: down to a native unit: d passes, and d + 1 does not unless the cap binds. Every size is assessed by `Account.assess`.
 *
 * A flat rate makes a line of it: the root is interpolated exactly. Other curves are bracketed on integers. What is added must cost
 * something: rates that do not fall as sizes grow, and a price not better than the one the position is valued at.
 *
 * @throws {Delta.UnknownMarketError} the account states no terms of the market.
 *
 * @example
 * const flat = { kind: 'flat', rate: 100_000n }
 * const terms = { margin: { initial: flat, maintenance: flat }, openInterest: 0n, charge: 0n, unit: 1n }
 * const position = { market: 'ETH', size: -3n, cost: -300n, quote: 40n, price: Valuation.mark(100n), ...terms }
 * const whole = { initial: { kind: 'flat', rate: 1_000_000n }, maintenance: { kind: 'flat', rate: 1_000_000n } }
 * const cash = { asset: 'USD', amount: 45n, unit: 1n, price: Valuation.mark(1n), owned: whole, owed: whole, total: 0n }
 * const account = { balances: [cash], positions: [position], fees: 0n, asOf: 0 }
 * // Three are bought back; then 45 is enough for four at 10 % of 100.
 * Capacity.raise(account, plimsoll, { market: 'ETH', side: 'long', price: 100n, feePpm: 0, upTo: 1_000n })
 * // => { status: 'ok', size: 7n, closes: 3n, opens: 4n, bound: 'MARGIN' }
 */
export function raise(account: Account.Account, profile: Profile.Profile, order: Order): Room {
  const { market, side, price, feePpm, upTo } = order
  const sign = side === 'long' ? 1n : -1n
  const held = account.positions.find((position) => position.market === market)
  if (held === undefined) throw new Delta.UnknownMarketError(market)
  const along = held.size * sign
  const closes = along < 0n ? -along : 0n
  const excess = (opens: bigint) => excessOf(account, profile, { kind: 'trade', market, size: (closes + opens) * sign, price, feePpm })
  if (excess(0n) < 0n) return { status: 'restricted', closes, message: restricted }

  const room = Fixed.max(0n, upTo - Fixed.max(0n, along))
  if (excess(room) >= 0n) return { status: 'ok', size: closes + room, closes, opens: room, bound: 'CAP' }
  const opens = Bracket.narrow(excess, { safe: 0n, fallen: room })
  return { status: 'ok', size: closes + opens, closes, opens, bound: 'MARGIN' }
}

export declare namespace raise {
  type ErrorType = Delta.UnknownMarketError | Account.assess.ErrorType
}

/**
 * The largest withdrawal of an asset with which initial margin still holds; never more than is owned of it.
 *
 * Formula: the largest a ≤ amount with `E₀(a) ≥ IM(a)`.
 * Source:  docs/method/liquidation-price.md, eq. (7).
 * Rounding: down to a native unit, as `raise`.
 *
 * @throws {Delta.UnknownAssetError} the account states no weights of the asset.
 *
 * @example
 * const half = { kind: 'flat', rate: 500_000n }
 * const cash = { asset: 'ETH', amount: 45n, unit: 1n, price: Valuation.mark(1n), total: 0n }
 * const weights = { owned: { initial: half, maintenance: half }, owed: { initial: half, maintenance: half } }
 * // 45 − 25 = 20 count 10.
 * Capacity.withdraw({ balances: [{ ...cash, ...weights }], positions: [], fees: 10n, asOf: 0 }, plimsoll, 'ETH')
 * // => { status: 'ok', amount: 25n, bound: 'MARGIN' }
 */
export function withdraw(account: Account.Account, profile: Profile.Profile, asset: string): Withdrawal {
  const held = account.balances.find((balance) => balance.asset === asset)
  if (held === undefined) throw new Delta.UnknownAssetError(asset)
  const excess = (amount: bigint) => excessOf(account, profile, { kind: 'transfer', asset, amount: -amount })
  if (excess(0n) < 0n) return { status: 'restricted', message: restricted }

  const owned = Fixed.max(0n, held.amount)
  if (excess(owned) >= 0n) return { status: 'ok', amount: owned, bound: 'BALANCE' }
  return { status: 'ok', amount: Bracket.narrow(excess, { safe: 0n, fallen: owned }), bound: 'MARGIN' }
}

export declare namespace withdraw {
  type ErrorType = Delta.UnknownAssetError | Account.assess.ErrorType
}

const restricted = 'Initial margin does not hold: only what reduces risk is possible.'

/** What is left of initial equity beyond initial margin after a delta. */
function excessOf(account: Account.Account, profile: Profile.Profile, delta: Delta.Delta): bigint {
  const after = Delta.apply({ account, stack: Delta.bare }, [delta]).account
  const { initialEquity, initialMargin } = Account.assess(after, profile)
  return initialEquity - initialMargin
}
