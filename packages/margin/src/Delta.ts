/** What if: a trade, a transfer, a move of prices or time, a change of parameters or of a score, tried on an account or on a whole book. */
import * as Account from './Account.ts'
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import type * as Health from './Health.ts'
import * as Overlay from './Overlay.ts'
import * as PricePath from './PricePath.ts'
import type * as Profile from './Profile.ts'

export type Delta =
  /** Signed native units at a price, in price units. The fee is of what is traded, rounded up. */
  | { readonly kind: 'trade'; readonly market: string; readonly size: bigint; readonly price: bigint; readonly feePpm: number }
  /** Signed native units, in or out. */
  | { readonly kind: 'transfer'; readonly asset: string; readonly amount: bigint }
  | { readonly kind: 'prices'; readonly path: PricePath.PricePath; readonly level: bigint }
  /** Unix seconds: curves may ramp, overlays end. */
  | { readonly kind: 'time'; readonly asOf: number }
  /** Parameters of a market, wherever it is held; those of a short, where it has its own, become `short`, or the same. */
  | { readonly kind: 'margin'; readonly market: string; readonly margin: Account.Terms; readonly short?: Account.Terms }
  /** Parameters of an asset, wherever it is held: those that replace its own once fills are chosen as well. */
  | { readonly kind: 'weights'; readonly asset: string; readonly owned: Account.Terms; readonly owed: Account.Terms }
  /** A score that has changed, a brake that is set: the overlays that hold from now on. */
  | { readonly kind: 'overlays'; readonly overlays: readonly Overlay.Overlay[] }

/** An account and what is laid over it; a stack of no overlays is none. */
export type Subject = { readonly account: Account.Account; readonly stack: Overlay.Stack }

export type Outcome = {
  readonly before: Overlay.Assessment
  readonly after: Overlay.Assessment
  /** The account as it would be. */
  readonly subject: Subject
}

/** An account of a book whose status changes. */
export type Change = {
  readonly id: string
  readonly from: Health.Health['status']
  readonly to: Health.Health['status']
  readonly before: Overlay.Assessment
  readonly after: Overlay.Assessment
}

/**
 * The account as it would be after the deltas, one after another.
 *
 * Formula: a trade adds `size` and `size · price` to the position's size and cost, and its fee to what is owed.
 * Source:  docs/method/liquidation.md, eq. (20).
 * Rounding: the fee up. A profit that a trade realises stays in the position until its venue settles it.
 *
 * @throws {UnknownMarketError} a trade in a market, or a change of its margin, of which the account states no terms: give it a position of size 0.
 * @throws {UnknownAssetError} a transfer of an asset, or a change of its weights, of which it states none.
 * @throws {Fixed.NotAnIntegerError} the fee is no integer.
 *
 * @example
 * const flat = { kind: 'flat', rate: 50_000n }
 * const terms = { margin: { initial: flat, maintenance: flat }, openInterest: 0n, quote: 0n, charge: 0n, unit: 1n }
 * const position = { market: 'ETH', size: 2n, cost: 200n, price: Valuation.mark(100n), ...terms }
 * const subject = { account: { balances: [], positions: [position], fees: 0n, asOf: 0 }, stack: Delta.bare }
 * const trade = { kind: 'trade', market: 'ETH', size: -1n, price: 110n, feePpm: 10_000 }
 * const { positions, fees } = Delta.apply(subject, [trade]).account
 * const [{ size, cost }] = positions
 * const after = { size, cost, fees }
 * after
 * // => { size: 1n, cost: 90n, fees: 2n }
 */
export function apply(subject: Subject, deltas: readonly Delta[]): Subject {
  return deltas.reduce(one, subject)
}

/** No overlay, and nothing for one to be held to. */
export const bare: Overlay.Stack = { overlays: [], betaPpm: 0, floorPpm: 0, phase: 'open' }

/**
 * An account before and after.
 *
 * Source:  docs/method/liquidation.md, eq. (20).
 *
 * @throws {UnknownMarketError} as `apply`.
 * @throws {UnknownAssetError} as `apply`.
 *
 * @example
 * const cash = { asset: 'USD', amount: 5n, unit: 1n, price: Valuation.mark(1n), total: 0n }
 * const whole = { initial: { kind: 'flat', rate: 1_000_000n }, maintenance: { kind: 'flat', rate: 1_000_000n } }
 * const account = { balances: [{ ...cash, owned: whole, owed: whole }], positions: [], fees: 0n, asOf: 0 }
 * Delta.simulate({ account, stack: Delta.bare }, plimsoll, [{ kind: 'transfer', asset: 'USD', amount: -3n }]).after.equity
 * // => 2n
 */
export function simulate(subject: Subject, profile: Profile.Profile, deltas: readonly Delta[]): Outcome {
  const to = apply(subject, deltas)
  return { before: assess(subject, profile), after: assess(to, profile), subject: to }
}

/**
 * The accounts of a book whose status the deltas change: who becomes liquidatable if ETH goes to 12 %?
 *
 * Source:  docs/method/liquidation.md, eq. (20).
 *
 * Parameters of a market or an asset change for those who state it, and stay for the others.
 *
 * @returns in the order of the book; nothing of accounts whose status stays.
 * @throws {UnknownMarketError} as `apply` for a trade; for a margin when nobody of the book states the market.
 * @throws {UnknownAssetError} as `apply` for a transfer; for weights when nobody of the book states the asset.
 */
export function scan(
  book: readonly (Subject & { readonly id: string })[],
  profile: Profile.Profile,
  deltas: readonly Delta[],
): readonly Change[] {
  for (const delta of deltas) if (!book.some(({ account }) => states(account, delta))) refuse(delta)
  return book.flatMap(({ id, ...subject }) => {
    const own = deltas.filter((delta) => states(subject.account, delta))
    const { before, after } = simulate(subject, profile, own)
    const [from, to] = [before.health.status, after.health.status]
    return from === to ? [] : [{ id, from, to, before, after }]
  })
}

/** Whether an account states what a change of parameters is of; no other delta asks. */
function states({ balances, positions }: Account.Account, delta: Delta): boolean {
  if (delta.kind === 'margin') return positions.some(({ market }) => market === delta.market)
  return delta.kind !== 'weights' || balances.some(({ asset }) => asset === delta.asset)
}

function refuse(delta: Delta): void {
  if (delta.kind === 'margin') throw new UnknownMarketError(delta.market)
  if (delta.kind === 'weights') throw new UnknownAssetError(delta.asset)
}

function assess({ account, stack }: Subject, profile: Profile.Profile): Overlay.Assessment {
  if (stack.overlays.length > 0) return Overlay.assess(account, profile, stack)
  const assessment = Account.assess(account, profile)
  return { ...assessment, base: assessment.initialMargin, audit: [] }
}

function one(subject: Subject, delta: Delta): Subject {
  const { account, stack } = subject
  if (!states(account, delta)) refuse(delta)
  const to = (change: Partial<Account.Account>): Subject => ({ ...subject, account: { ...account, ...change } })
  switch (delta.kind) {
    case 'trade':
      return { ...subject, account: trade(account, delta) }
    case 'transfer':
      return { ...subject, account: transfer(account, delta) }
    case 'prices':
      return { ...subject, account: PricePath.move(account, delta.path, delta.level) }
    case 'time':
      return to({ asOf: delta.asOf })
    case 'margin':
      return to({ positions: account.positions.map((it) => (it.market === delta.market ? margined(it, delta) : it)) })
    case 'weights':
      return to({ balances: account.balances.map((it) => (it.asset === delta.asset ? weighted(it, delta) : it)) })
    case 'overlays':
      return { ...subject, stack: { ...stack, overlays: delta.overlays } }
  }
}

function margined(position: Account.Position, { margin, short = margin }: Delta & { readonly kind: 'margin' }): Account.Position {
  return position.short === undefined && short === margin ? { ...position, margin } : { ...position, margin, short }
}

function weighted(balance: Account.Balance, { owned, owed }: Delta & { readonly kind: 'weights' }): Account.Balance {
  return { ...balance, owned, owed, ...(balance.override && { override: { owned, owed } }) }
}

function trade(account: Account.Account, { market, size, price, feePpm }: Delta & { readonly kind: 'trade' }): Account.Account {
  const index = account.positions.findIndex((position) => position.market === market)
  const held = account.positions[index]
  if (held === undefined) throw new UnknownMarketError(market)
  const fee = Fixed.mulDiv(Fixed.abs(size) * price, Fixed.toPpm(feePpm), held.unit * Fixed.ppm, 'up')
  const traded = { ...held, size: held.size + size, cost: held.cost + size * price }
  return { ...account, positions: account.positions.with(index, traded), fees: account.fees + fee }
}

function transfer(account: Account.Account, { asset, amount }: Delta & { readonly kind: 'transfer' }): Account.Account {
  const index = account.balances.findIndex((balance) => balance.asset === asset)
  const held = account.balances[index]
  if (held === undefined) throw new UnknownAssetError(asset)
  return { ...account, balances: account.balances.with(index, { ...held, amount: held.amount + amount }) }
}

/** Thrown when a market is traded, or its margin changed, of which an account states no terms. */
export class UnknownMarketError extends BaseError {
  override readonly name = 'Delta.UnknownMarketError'
  readonly market: string
  constructor(market: string) {
    super({
      code: 'UNKNOWN_MARKET',
      message: `The account states no terms of ${market}.`,
      hint: 'Give it a position of size 0 with the price and the margins of the market.',
    })
    this.market = market
  }
}

/** Thrown when an asset is transferred, or its weights changed, of which an account states none. */
export class UnknownAssetError extends BaseError {
  override readonly name = 'Delta.UnknownAssetError'
  readonly asset: string
  constructor(asset: string) {
    super({
      code: 'UNKNOWN_ASSET',
      message: `The account states no weights of ${asset}.`,
      hint: 'Give it a balance of 0 with the price and the weights of the asset.',
    })
    this.asset = asset
  }
}
