/** Resting orders: what an account may still become without being asked, valued as the worse of what may fill. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import type * as Valuation from './Valuation.ts'
import * as Weight from './Weight.ts'

/** Of one market, in native units of its base, both ≥ 0. */
export type Orders = { readonly bids: bigint; readonly asks: bigint }

/**
 * Funds that rest at a spot market in both of its assets, and may come back in either. Native units, ≥ 0; they are in neither balance.
 *
 * `bought` is the base that all of `quote` buys at the best bid placed, `sold` the quote that all of `base` brings at the lowest ask placed;
 * null where no price is known.
 */
export type Reserved = {
  readonly base: { readonly asset: string; readonly amount: bigint }
  readonly quote: { readonly asset: string; readonly amount: bigint }
  readonly bought: bigint | null
  readonly sold: bigint | null
}

/**
 * The size that a position may come to: of all asks filled and all bids filled, the one that exposes more.
 *
 * Formula: `argmax(exposure(size − asks), exposure(size + bids))`; a tie goes to the asks.
 * Source:  docs/method/open-orders.md, eq. (1).
 * Rounding: none.
 *
 * @param size - signed, a short is negative.
 * @param exposure - of a signed size.
 *
 * @example
 * Orders.worse(3n, { bids: 2n, asks: 10n }, Fixed.abs)
 * // => -7n
 */
export function worse(size: bigint, { bids, asks }: Orders, exposure: (size: bigint) => bigint): bigint {
  const [sold, bought] = [size - asks, size + bids]
  return exposure(sold) >= exposure(bought) ? sold : bought
}

/** A balance that reserved funds may reach, with the weights of one purpose. */
export type Reached = {
  /** Native units, signed. */
  readonly amount: bigint
  readonly unit: bigint
  readonly price: Valuation.Value
  readonly owned: Weight.Weight
  readonly owed: Weight.Weight
  readonly total: bigint
  readonly totalOwed: bigint
}

/** How weights round, and the weighted values. */
export type Under = { readonly unit: bigint; readonly rounding: Weights; readonly requirement: Fixed.Rounding; readonly asOf: number }
type Weights = { readonly owned: Fixed.Rounding; readonly owed: Fixed.Rounding }

/**
 * What reserved funds add: all of a market's converted into that one of its two assets where they count for less.
 *
 * Formula: `Σ min(effect(b̂ on the base), effect(q̂ on the quote))`, with `b̂ = base + min(quote·P_q/P_b, bought)` and
 *          `q̂ = quote + min(base·P_b/P_q, sold)`. The effect of r on a balance a, R being all that may reach it: the owned part
 *          `clamp(a + R, 0, r)` counts at the low price and the weight of what is owned, the rest at the high price and the weight of what
 *          is owed: r comes last, and up to a + R = 0 it repays.
 * Source:  docs/method/open-orders.md, eq. (4) to (7).
 * Rounding: conversions and values down; weights and weighted values as `under` says.
 *
 * @param reached - balances by asset, with an amount of 0 where nothing else is held.
 * @returns money, ≥ 0.
 * @throws {UnknownAssetError} a market's asset is not among the balances.
 *
 * @example
 * const of = (amount, price) => ({
 *   ...{ amount, unit: 1n, price: Valuation.mark(price), total: 0n, totalOwed: 0n },
 *   ...{ owned: { kind: 'flat', rate: 80n }, owed: { kind: 'flat', rate: 120n } },
 * })
 * const under = { unit: 100n, rounding: { owned: 'down', owed: 'up' }, requirement: 'down', asOf: 0 }
 * const market = { base: { asset: 'SOL', amount: 1n }, quote: { asset: 'USDC', amount: 0n }, bought: null, sold: null }
 * // As SOL 10 · 0.8. As USDC 10: a debt of 5 is repaid at 1.2, and 5 are owned at 0.8: 10.
 * Orders.value([market], new Map([['SOL', of(0n, 10n)], ['USDC', of(-5n, 1n)]]), under)
 * // => 8n
 */
export function value(reserved: readonly Reserved[], reached: ReadonlyMap<string, Reached>, under: Under): bigint {
  const most = new Map<Reached, bigint>()
  const converted = reserved.map(({ base, quote, bought, sold }) => {
    const sides = [at(reached, base.asset), at(reached, quote.asset)] as const
    const amounts = [
      base.amount + atMost(convert(quote.amount, sides[1], sides[0]), bought),
      quote.amount + atMost(convert(base.amount, sides[0], sides[1]), sold),
    ] as const
    for (const side of [0, 1] as const) most.set(sides[side], (most.get(sides[side]) ?? sides[side].amount) + amounts[side])
    return { sides, amounts }
  })
  const effect = (of: Reached, amount: bigint) => weigh(of, { amount, most: most.get(of) ?? of.amount }, under)
  return converted.reduce((sum, { sides, amounts }) => sum + Fixed.min(effect(sides[0], amounts[0]), effect(sides[1], amounts[1])), 0n)
}

export declare namespace value {
  type ErrorType = UnknownAssetError | Weight.EmptyCurveError
}

/** The balance of an asset. */
export function at<T>(balances: ReadonlyMap<string, T>, asset: string): T {
  const found = balances.get(asset)
  if (found === undefined) throw new UnknownAssetError(asset)
  return found
}

/** What leaves at its low price arrives at the high price of the other. */
function convert(amount: bigint, from: Reached, to: Reached): bigint {
  return Fixed.mulDiv(amount * from.price.low, to.unit, from.unit * to.price.high, 'down')
}

function atMost(amount: bigint, bound: bigint | null): bigint {
  return bound === null ? amount : Fixed.min(amount, bound)
}

type Last = { readonly amount: bigint; readonly most: bigint }

function weigh(of: Reached, { amount, most }: Last, { unit, rounding, requirement, asOf }: Under): bigint {
  const own = Fixed.max(0n, Fixed.min(most, amount))
  const state = (size: bigint, price: bigint, total: bigint): Weight.State => ({
    notional: Fixed.mulDiv(size, price, of.unit, 'down'),
    ...{ size, openInterest: 0n, total, asOf },
  })
  const owned = state(own, of.price.low, of.total)
  const owed = state(amount - own, of.price.high, of.totalOwed)
  return (
    Weight.requirement(of.owned, owned, { unit, rounding: rounding.owned, requirement }) +
    Weight.requirement(of.owed, owed, { unit, rounding: rounding.owed, requirement })
  )
}

/** Thrown when funds are to come into an asset that no balance states: its weights are unknown, which is not 0. */
export class UnknownAssetError extends BaseError {
  override readonly name = 'Orders.UnknownAssetError'
  readonly asset: string
  constructor(asset: string) {
    super({
      code: 'UNKNOWN_ASSET',
      message: `No balance states how ${asset} counts.`,
      hint: 'Give a balance of it, with an amount of 0 where there is none.',
    })
    this.asset = asset
  }
}
