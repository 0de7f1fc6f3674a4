/** Where the margin of an account changes its law along a price path: between two neighbours it is a line, or bends one way only. */
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import type * as Orders from './Orders.ts'
import * as PricePath from './PricePath.ts'
import type * as Profile from './Profile.ts'
import type * as Weight from './Weight.ts'

/**
 * The levels of a path at which a maintenance requirement or a weighted value changes its law, each rounded both ways, without order.
 *
 * Formula: tiers `N = upTo`; open interest `OI + N = lower` and `= upper`; pools `total = start`; a stress `1 + w·s = 0`.
 * Source:  docs/method/liquidation-price.md, eq. (4).
 *
 * What cannot be told this way (the lesser of two moving curves, a moving curve clamped or taken from 1, resting orders, weighted gains, profit
 * that settles into a balance) gets a grid besides: the prices a power of two away from the present one.
 *
 * @example
 * const flat = { kind: 'flat', rate: 50_000n }
 * const tiers = { kind: 'tiers', tiers: [{ upTo: 300n, rate: 50_000n }, { upTo: null, rate: 100_000n }] }
 * const terms = { margin: { initial: flat, maintenance: tiers }, cost: 0n, quote: 0n, openInterest: 0n, charge: 0n }
 * const position = { market: 'ETH-PERP', size: 7n, unit: 1n, price: Valuation.mark(50n), ...terms }
 * Breakpoint.of({ balances: [], positions: [position], fees: 0n, asOf: 0 }, plimsoll, { kind: 'price', names: ['ETH-PERP'] })
 * // => [42n, 43n]
 */
export function of(account: Account.Account, { settle }: Profile.Profile, path: PricePath.PricePath): bigint[] {
  return lines(account, path)
    .filter((line) => line.size > 0n && line.from > 0n)
    .flatMap((line) => {
      const known = [...line.weights.flatMap((weight) => kinks(weight, line)), ...line.besides, ...floor(path)]
      const prices = line.isWild || settle !== undefined || !isTold(line) ? [...known, ...grid(line)] : known
      return prices.flatMap((price) => {
        if (price.denominator === 0n) return []
        const level = (rounding: Fixed.Directed) => PricePath.level(path, line, { price, rounding })
        const [down, up] = [level('down'), level('up')]
        return down === up ? [down] : [down, up]
      })
    })
}

/**
 * The sizes of a position, as it is closed, at which its maintenance requirement changes its law, each rounded both ways; the whole comes last.
 *
 * Formula: `d = |q| − N · unit / P`, with N the bound of a tier, or the bound of an open interest less what others hold.
 * Source:  docs/method/liquidation.md, eq. (5a).
 *
 * What is no line between them (a curve that bends, or looks at the size; resting orders, weighted or one-sided gains, profit that settles into a
 * balance) gets a grid besides: what is closed, and what is left, a power of two below the whole.
 *
 * @returns native units above 0, rising.
 *
 * @example
 * const flat = { kind: 'flat', rate: 50_000n }
 * const tiers = { kind: 'tiers', tiers: [{ upTo: 300n, rate: 50_000n }, { upTo: null, rate: 100_000n }] }
 * const terms = { margin: { initial: flat, maintenance: tiers }, cost: 0n, quote: 0n, openInterest: 0n, charge: 0n }
 * const position = { market: 'ETH-PERP', size: 20n, unit: 1n, price: Valuation.mark(40n), ...terms }
 * // 300 / 40 = 7.5 of 20 are left.
 * Breakpoint.sizes(position, plimsoll)
 * // => [12n, 13n, 20n]
 */
export function sizes(position: Account.Position, { gains: counted, settle }: Profile.Profile): readonly bigint[] {
  const { size, unit, price, margin, short = margin, openInterest, orders, gains, payout, currency } = position
  const weight = (size < 0n ? short : margin).maintenance
  const whole = Fixed.abs(size)
  const bounds = price.high > 0n ? reaches(weight, openInterest) : []
  const known = bounds.flatMap((bound) => {
    const left = (rounding: Fixed.Directed) => Fixed.mulDiv(bound, unit, price.high, rounding)
    return [whole - left('up'), whole - left('down')]
  })
  const besides = [orders, gains, payout, currency, settle].some((each) => each !== undefined) || counted.maintenance !== 'all'
  const all = besides || !isStraight(weight) ? [...known, ...halves(whole)] : known
  const inside = [...new Set(all)].filter((closed) => closed > 0n && closed < whole)
  return [...inside.sort((a, b) => (a < b ? -1 : 1)), whole]
}

/** What one price does to one requirement or weighted value: `N = size · price / unit`. */
export type Line = {
  readonly name: string
  readonly size: bigint
  readonly unit: bigint
  /** The price that decides its value now. */
  readonly from: bigint
  readonly weights: readonly Weight.Weight[]
  readonly isOwned: boolean
  readonly openInterest: bigint
  readonly total: bigint
  /** Prices at which something else than a curve changes its law. */
  readonly besides: readonly Price[]
  /** Whether more than a size and a curve decides it: orders, weighted gains, a currency that moves too. */
  readonly isWild: boolean
}

/** The lines of an account that a path moves. */
export function lines(account: Account.Account, path: PricePath.PricePath): readonly Line[] {
  const found = [...account.balances.flatMap(ofBalance), ...account.positions.flatMap((position) => ofPosition(position, path))]
  return found.filter(({ name }) => PricePath.moves(path, name))
}

function ofBalance({ asset, amount, unit, price, owned, owed, total, totalOwed = total, orders, override }: Account.Balance): Line[] {
  const terms = [{ owned, owed }, ...(override ? [override] : [])]
  const shared = { name: asset, unit, openInterest: 0n, besides: [], isWild: orders !== undefined }
  const asOwned = { ...shared, from: price.low, weights: terms.map((each) => each.owned.maintenance), isOwned: true, total }
  const asOwed = { ...shared, from: price.high, weights: terms.map((each) => each.owed.maintenance), isOwned: false, total: totalOwed }
  return reached(amount, orders).map((size) => ({ ...(size > 0n ? asOwned : asOwed), size: Fixed.abs(size) }))
}

function ofPosition(position: Account.Position, path: PricePath.PricePath): Line[] {
  const { market, size, unit, price, margin, short = margin, openInterest, orders, payout, gains, currency } = position
  const paid = currency ?? { asset: '', price: { high: 1n }, unit: 1n }
  const isDouble = PricePath.moves(path, market) && PricePath.moves(path, paid.asset)
  const shared = {
    unit: unit * paid.unit,
    isOwned: false,
    openInterest,
    total: 0n,
    besides: payout === undefined ? [] : [{ numerator: payout, denominator: 1n }],
    isWild: orders !== undefined || gains !== undefined || payout !== undefined || isDouble,
  }
  return reached(size, orders).flatMap((to) => {
    const weights = [(to < 0n ? short : margin).maintenance]
    return [
      { ...shared, name: market, from: price.high, size: Fixed.abs(to) * paid.price.high, weights },
      { ...shared, name: paid.asset, from: paid.price.high, size: Fixed.abs(to) * price.high, weights },
    ]
  })
}

/** The sizes that fills may come to, the present one first. */
function reached(size: bigint, orders: Orders.Orders | undefined): readonly bigint[] {
  return orders ? [size, size - orders.asks, size + orders.bids] : [size]
}

type Price = { readonly numerator: bigint; readonly denominator: bigint }

/** The prices at which a curve changes its law. */
function kinks(weight: Weight.Weight, line: Line): readonly Price[] {
  const { size, unit, from, openInterest, total } = line
  switch (weight.kind) {
    case 'tiers':
      return weight.tiers.flatMap(({ upTo }) => (upTo === null ? [] : [{ numerator: upTo * unit, denominator: size }]))
    case 'openInterest': {
      if (weight.upper === 0n) return []
      // Open interest moves with the price as N does: OI + N is proportional to it.
      const denominator = openInterest * unit + size * from
      return [weight.lower, weight.upper].map((bound) => ({ numerator: bound * from * unit, denominator }))
    }
    case 'pool':
      return [{ numerator: weight.start * from, denominator: total }, ...kinks(weight.of, line)]
    case 'premium':
    case 'discount':
    case 'share':
    case 'scaled':
    case 'clamp':
    case 'complement':
      return kinks(weight.of, line)
    case 'concession':
      return [weight.of, weight.granted].flatMap((of) => kinks(of, line))
    case 'max':
    case 'min':
    case 'mean':
      return weight.of.flatMap((of) => kinks(of, line))
    default:
      return []
  }
}

/** The notionals at which a position's curve changes its law. */
function reaches(weight: Weight.Weight, openInterest: bigint): readonly bigint[] {
  if (weight.kind === 'tiers') return weight.tiers.flatMap(({ upTo }) => (upTo === null ? [] : [upTo]))
  if (weight.kind === 'openInterest') return [weight.lower - openInterest, weight.upper - openInterest]
  return inner(weight).flatMap((of) => reaches(of, openInterest))
}

/** The curves that a curve is made of. */
function inner(weight: Weight.Weight): readonly Weight.Weight[] {
  const of = 'of' in weight ? [weight.of].flat() : []
  return weight.kind === 'concession' ? [...of, weight.granted] : of
}

/** What is closed, and what is left, a power of two below the whole. */
function halves(whole: bigint): readonly bigint[] {
  return Array.from({ length: Number(octaves) }, (_, step) => whole >> BigInt(step + 1)).flatMap((part) => [part, whole - part])
}

/** Whether `rate · N` of a position is a line between the bounds of its tiers as its size changes. */
function isStraight(weight: Weight.Weight): boolean {
  switch (weight.kind) {
    case 'flat':
    case 'ramp':
    case 'tiers':
      return true
    case 'share':
    case 'scaled':
      return isStraight(weight.of)
    default:
      return false
  }
}

/** Under a stress a price stops at 0. */
function floor(path: PricePath.PricePath): readonly Price[] {
  return path.kind === 'stress' ? [{ numerator: 0n, denominator: 1n }] : []
}

const octaves = 32n

function grid({ from }: Line): readonly Price[] {
  const denominator = 1n << octaves
  return Array.from({ length: Number(2n * octaves) + 1 }, (_, step) => ({ numerator: from << BigInt(step), denominator }))
}

/** Whether nothing can begin and end between two breakpoints. */
function isTold({ weights, isOwned }: Line): boolean {
  return weights.every((weight) => bend(weight) === 'line' || (bend(weight) === 'bowl' && !isOwned))
}

/** What `rate · N` looks like between breakpoints as the price moves: a `bowl` is convex, so that equity above it is concave. */
function bend(weight: Weight.Weight): 'line' | 'bowl' | 'any' {
  switch (weight.kind) {
    case 'tiers':
      return 'line'
    case 'power':
      return weight.coefficient >= 0n ? 'bowl' : 'any'
    case 'openInterest':
      return 'bowl'
    case 'pool':
      if (isMoving(weight.of)) return 'any'
      return weight.as === 'shrinks' ? 'line' : 'bowl'
    case 'share':
    case 'scaled':
      return bend(weight.of)
    case 'max':
    case 'mean':
      if (!weight.of.some(isMoving)) return 'line'
      return weight.of.some((of) => bend(of) === 'any') ? 'any' : 'bowl'
    default:
      return isMoving(weight) ? 'any' : 'line'
  }
}

/** Whether the rate of a curve changes with the price: sizes and the time stand still. */
export function isMoving(weight: Weight.Weight): boolean {
  switch (weight.kind) {
    case 'flat':
    case 'skew':
    case 'ramp':
      return false
    case 'tiers':
    case 'power':
    case 'openInterest':
    case 'pool':
      return true
    case 'concession':
      return isMoving(weight.of) || isMoving(weight.granted)
    case 'max':
    case 'min':
    case 'mean':
      return weight.of.some(isMoving)
    default:
      return isMoving(weight.of)
  }
}
