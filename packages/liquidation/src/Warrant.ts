/** Whether an account of a venue may be liquidated now: only beyond doubt, and only on inputs that are fresh for this one decision. */
import { Amount, Fixed } from '@plimsoll/margin'

/** What is open in one market. Base units × 1e18, positive for a long; USD. */
export type Position = {
  readonly market: string
  readonly size: bigint
  /** What the open size was bought for, negative for a short: profit is value less cost. */
  readonly cost: bigint
  readonly maintenancePpm: number
}

/** An account as its venue has it. USD. */
export type Account = {
  readonly collateral: bigint
  readonly credit: bigint
  readonly unpaidGain: bigint
  readonly unsettledLoss: bigint
  readonly positions: readonly Position[]
}

/** What a price is the price of. A last trade is what one trader made it. */
export type Basis = 'index' | 'mark' | 'last'

/** A market's price as it may lie, USD × 1e18, or why it may not be liquidated on. */
export type Price =
  | { readonly status: 'ok'; readonly basis: Basis; readonly low: bigint; readonly high: bigint }
  | {
      readonly status: 'refused'
      readonly code: string
      readonly sentence: string
      /** The most that it may be meanwhile; not there where nothing is known. */
      readonly most?: bigint
    }

export type Prices = Readonly<Record<string, Price>>

export type Warrant =
  | { readonly status: 'flat' }
  | { readonly status: 'healthy'; readonly equity: bigint; readonly maintenance: bigint }
  /** `market` is the one whose close frees most maintenance margin. */
  | { readonly status: 'due'; readonly equity: bigint; readonly maintenance: bigint; readonly market: string }
  | { readonly status: 'refused'; readonly code: string; readonly sentence: string }

/**
 * The verdict on one account.
 *
 * Formula: due iff `E < MM`, each position at the end of its price that is better for the account: where it is refused, the most that it may be
 *          for a long, and 0 for a short.
 * Source:  docs/method/warrant.md, eq. (1) to (4) and (12).
 * Rounding: as the venue's, so that with one price for both ends it agrees with the venue to the last digit.
 *
 * Only the markets that the account is in have a say, and one whose price is refused as far as what is held there may be worth: dust in it shields
 * nobody. It is no market to close in.
 *
 * @param args.blockAt - when the block that the account was read at was made. Unix seconds.
 * @param args.mostSeconds - an older block says nothing of now.
 *
 * @example
 * const account = { collateral: 40n, credit: 0n, unpaidGain: 0n, unsettledLoss: 0n, positions: [{ market: 'ETH', size: 10n ** 18n, cost: 1_000n, maintenancePpm: 50_000 }] }
 * Warrant.of({ account, prices: { ETH: { status: 'ok', basis: 'index', low: 1_000n, high: 1_000n } }, blockAt: 0, asOf: 5, mostSeconds: 10 })
 * // => { status: 'due', equity: 40n, maintenance: 50n, market: 'ETH' }
 */
export function of(args: of.Args): Warrant {
  const { account, prices, blockAt, asOf, mostSeconds } = args
  const open = account.positions.filter(({ size }) => size !== 0n)
  if (open.length === 0) return { status: 'flat' }
  // The negation, so that an unknown time is old.
  if (!(asOf - blockAt <= mostSeconds))
    return refused('BLOCK_STALE', `The block is ${asOf - blockAt} s old, and ${mostSeconds} s is the most.`)

  let equity = account.collateral + account.credit + account.unpaidGain - account.unsettledLoss
  let maintenance = 0n
  let worst: { readonly market: string; readonly margin: bigint } | null = null
  let refusal: Extract<Warrant, { readonly status: 'refused' }> | null = null
  for (const { market, size, cost, maintenancePpm } of open) {
    const price = prices[market]
    if (price === undefined) return refused('PRICE_UNKNOWN', `There is no price of ${market}.`)
    if (price.status === 'ok' && price.basis === 'last') return refused('PRICE_LAST', `The price of ${market} is that of its last trade.`)
    if (price.status === 'refused') refusal ??= refused(price.code, price.sentence)
    const at = bestOf(price, size)
    if (at === null) return refusal ?? refused('PRICE_UNKNOWN', `There is no price of ${market}.`)
    const margin = Fixed.ofPpm(Fixed.mul(Fixed.abs(size), at, 'up'), maintenancePpm, 'up')
    equity += Fixed.mul(size, at, 'down') - cost
    maintenance += margin
    if (price.status === 'refused') continue
    if (worst === null || margin > worst.margin || (margin === worst.margin && market < worst.market)) worst = { market, margin }
  }
  // Who would be healthy at the best of what is refused may be, and may not: that is what stands in the way.
  if (worst === null || equity >= maintenance) return refusal ?? { status: 'healthy', equity, maintenance }
  return { status: 'due', equity, maintenance, market: worst.market }
}

/** The price that is better for who holds so much; null where nobody knows. */
function bestOf(price: Price, size: bigint): bigint | null {
  if (price.status === 'ok') return size > 0n ? price.high : price.low
  if (price.most === undefined) return null
  return size > 0n ? price.most : 0n
}

export declare namespace of {
  type Args = {
    readonly account: Account
    readonly prices: Prices
    readonly blockAt: number
    /** Unix seconds. */
    readonly asOf: number
    readonly mostSeconds: number
  }
}

export type Due = Extract<Warrant, { readonly status: 'due' }>

/**
 * Who is closed before whom: who lacks most of the maintenance margin first.
 *
 * Formula: `MM − E`, greatest first.
 * Source:  docs/method/warrant.md, eq. (11).
 *
 * @returns as `sort` takes it.
 *
 * @example
 * Warrant.order({ status: 'due', equity: 1n, maintenance: 5n, market: 'ETH' }, { status: 'due', equity: 2n, maintenance: 5n, market: 'ETH' })
 * // => -1
 */
export function order(a: Due, b: Due): number {
  const [first, second] = [a.maintenance - a.equity, b.maintenance - b.equity]
  if (first === second) return 0
  return first > second ? -1 : 1
}

/**
 * A guarded price that the venue's own agrees with: what a venue closes at must lie where the price may lie.
 *
 * Source: docs/method/warrant.md, eq. (6).
 *
 * Where the venue has no price it closes nobody who holds the market, whatever the price may be elsewhere.
 *
 * @param own.price - what the venue would close at; 0 where its feed has none.
 *
 * @example
 * Warrant.agreed({ price: 5n, fresh: true }, { status: 'ok', basis: 'index', low: 6n, high: 7n }).status
 * // => 'refused'
 */
export function agreed(own: { readonly price: bigint; readonly fresh: boolean }, guarded: Price): Price {
  if (own.price === 0n)
    return {
      status: 'refused',
      code: 'VENUE_UNPRICED',
      sentence: 'The feed of the venue has no price: nobody who holds the market is closed.',
    }
  if (guarded.status === 'refused') return guarded
  const most = Fixed.max(guarded.high, own.price)
  if (!own.fresh) return { status: 'refused', code: 'VENUE_STALE', sentence: 'The venue would not close at its price: it is stale.', most }
  if (own.price < guarded.low || own.price > guarded.high)
    return {
      status: 'refused',
      code: 'VENUE_APART',
      sentence: `The venue would close at ${Amount.exactly(own.price, 18)} USD, and the price lies between ${Amount.exactly(guarded.low, 18)} and ${Amount.exactly(guarded.high, 18)} USD.`,
      most,
    }
  return guarded
}

/**
 * What an open size was bought for, from its profit at a price.
 *
 * Formula: `cost = ⌊size · price⌋ − profit`.
 * Source:  docs/method/warrant.md, eq. (5).
 * Rounding: down, as the venue values a position.
 *
 * @example
 * Warrant.cost({ size: -2n * 10n ** 18n, price: 900n, unrealised: 200n })
 * // => -2000n
 */
export function cost(position: { readonly size: bigint; readonly price: bigint; readonly unrealised: bigint }): bigint {
  return Fixed.mul(position.size, position.price, 'down') - position.unrealised
}

function refused(code: string, sentence: string): Extract<Warrant, { readonly status: 'refused' }> {
  return { status: 'refused', code, sentence }
}
