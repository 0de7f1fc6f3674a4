/** The prices at which an account falls below its maintenance margin: one a side, along one market or a common stress. */
import * as Account from './Account.ts'
import * as Bracket from './Bracket.ts'
import * as Breakpoint from './Breakpoint.ts'
import * as Fixed from './Fixed.ts'
import * as PricePath from './PricePath.ts'
import type * as Profile from './Profile.ts'
import * as Rational from './Rational.ts'
import type * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

export type LiquidationPrice =
  /** It is below maintenance margin now. */
  | { readonly status: 'liquidatable' }
  | { readonly status: 'none'; readonly code: 'NOT_HELD' | 'APART'; readonly message: string }
  /** The nearest crossing where prices, or the stress, fall, and where they rise. A hedged book can have both. */
  | { readonly status: 'standing'; readonly down: Crossing; readonly up: Crossing }

export type Crossing =
  /** The last price at which the account still stands. */
  | { readonly status: 'price'; readonly price: bigint }
  /** The last stress at which the account still stands. ppm, signed. */
  | { readonly status: 'stress'; readonly ppm: Rational.Rational }
  | { readonly status: 'none'; readonly code: 'NO_LOSS' | 'FULLY_COLLATERALISED'; readonly message: string }

/**
 * The liquidation prices of an account along a path, everything else standing still.
 *
 * Formula: the levels t nearest to now, below and above, with `E(t) ≥ MM(t) + kept(t)` and no longer one unit further on; `kept` is a unit of the
 *          rate for each curve that is no line (its rate is rounded to one), and 0 for accounts without any.
 * Source:  docs/method/liquidation-price.md, eq. (3) to (6).
 * Rounding: towards danger: at the price stated the account still stands. Exact on the profile's own roundings, because every level is
 *           assessed by `Account.assess`.
 *
 * E − MM is a line between breakpoints for flat and tiered requirements, however the profile defers its divisions: two assessments give the
 * line, and its root is interpolated exactly. Where a rate moves with the price the bracket is bisected on integers. Between now and
 * the price stated an account of lines never lacks more than the rounding of its lines, some units of money.
 *
 * @param path - `price`: at one price whatever is named, so that mark and index meet, the collateral's price included if it is named.
 *               `stress`: every price by its weight; the spread between low and high prices stays.
 * @returns `NO_LOSS`: it stands at every breakpoint and is not nearer to liquidation at the far end. `NOT_HELD`: nothing named is held. `APART`: the named prices differ so much that no price between them lets the account stand.
 * @throws {Account.UnitError} as `Account.assess`.
 *
 * @example
 * const flat = (rate) => ({ kind: 'flat', rate })
 * const margin = { initial: flat(100_000n), maintenance: flat(50_000n) }
 * const terms = { margin, openInterest: 0n, charge: 0n, unit: Fixed.one, price: Valuation.mark(100n * Fixed.one) }
 * // 14.5 + (P − 100) = 5 % · P at P = 90
 * const position = { market: 'ETH-PERP', size: Fixed.one, cost: 100n * Fixed.one * Fixed.one, quote: 145n * Fixed.one / 10n, ...terms }
 * const account = { balances: [], positions: [position], fees: 0n, asOf: 0 }
 * LiquidationPrice.of(account, plimsoll, { kind: 'price', names: ['ETH-PERP'] }).down
 * // => { status: 'price', price: 90n * Fixed.one }
 */
export function of(account: Account.Account, profile: Profile.Profile, path: PricePath.PricePath): LiquidationPrice {
  const held = onPath(account, path)
  if (held.length === 0)
    return { status: 'none', code: 'NOT_HELD', message: 'The account holds nothing whose price moves: there is no liquidation price.' }
  const subject = maintained(account)
  if (excessOf(subject, profile) < 0n) return { status: 'liquidatable' }

  const excess = (level: bigint) => {
    const moved = PricePath.move(subject, path, level)
    return excessOf(moved, profile) - kept(moved, path, profile.rateUnit)
  }
  const starts = path.kind === 'price' ? ends(held) : { down: 0n, up: 0n }
  const stops = Breakpoint.of(subject, profile, path)
  const from = startOf(starts, { excess, stands: (level) => excessOf(PricePath.move(subject, path, level), profile) >= 0n })
  if (from === null)
    return {
      status: 'none',
      code: 'APART',
      message: 'The prices named are too far apart to be one: at one price for all it would not stand now.',
    }

  const ahead = stops.sort((a, b) => (a < b ? -1 : 1))
  const far = [...stops, from.down, from.up, Fixed.one].map(Fixed.abs).reduce(Fixed.max) << 64n
  const down = [...ahead.filter((stop) => stop < from.down).reverse(), path.kind === 'price' ? 0n : -far]
  const up = [...ahead.filter((stop) => stop > from.up), far]
  return {
    status: 'standing',
    down: crossing({ excess, path, from: from.down, stops: down, way: 'fall' }),
    up: crossing({ excess, path, from: from.up, stops: up, way: 'rise' }),
  }
}

type Search = {
  readonly excess: (level: bigint) => bigint
  readonly path: PricePath.PricePath
  readonly from: bigint
  /** Onwards from there, the last as far as it goes. */
  readonly stops: readonly bigint[]
  readonly way: 'fall' | 'rise'
}

/** Walks from breakpoint to breakpoint until one does not stand. */
function crossing({ excess, path, from, stops, way }: Search): Crossing {
  const now = excess(from)
  if (now < 0n) return at(path, from)
  let [safe, left] = [from, now]
  for (const stop of stops) {
    if (stop === safe) continue
    left = excess(stop)
    if (left < 0n) return at(path, Bracket.narrow(excess, { safe, fallen: stop }))
    safe = stop
  }
  if (left >= now)
    return { status: 'none', code: 'NO_LOSS', message: `When prices ${way}, the account is not nearer to liquidation at the far end.` }
  return {
    status: 'none',
    code: 'FULLY_COLLATERALISED',
    message: `The account stands however far prices ${way}: it holds all that can be lost.`,
  }
}

function at(path: PricePath.PricePath, level: bigint): Crossing {
  if (path.kind === 'price') return { status: 'price', price: level }
  return { status: 'stress', ppm: Rational.of(level * Fixed.ppm, Fixed.one) }
}

/** Equity less maintenance margin. */
function excessOf(account: Account.Account, profile: Profile.Profile): bigint {
  const { equity, maintenanceMargin } = Account.assess(account, profile)
  return equity - maintenanceMargin
}

/** Initial terms play no part, and far from now a schedule that is in order today may exceed its initial one. */
function maintained(account: Account.Account): Account.Account {
  const only = ({ maintenance }: Account.Terms): Account.Terms => ({ initial: maintenance, maintenance })
  const both = ({ owned, owed }: Pick<Account.Balance, 'owned' | 'owed'>) => ({ owned: only(owned), owed: only(owed) })
  return {
    ...account,
    balances: account.balances.map((balance) => ({
      ...balance,
      ...both(balance),
      ...(balance.override && { override: both(balance.override) }),
    })),
    positions: account.positions.map((position) => ({
      ...position,
      margin: only(position.margin),
      ...(position.short && { short: only(position.short) }),
      ...(position.gains && { gains: { ...position.gains, ...only(position.gains) } }),
    })),
  }
}

/** The low and high prices of what is held on the path. */
function onPath({ balances, positions }: Account.Account, path: PricePath.PricePath): readonly Valuation.Value[] {
  const named: readonly (readonly [string, Valuation.Value])[] = [
    ...balances.filter(isHeld).map(({ asset, price }) => [asset, price] as const),
    ...positions
      .filter(isOpen)
      .flatMap(({ market, price, currency }) => [
        [market, price] as const,
        ...(currency ? [[currency.asset, currency.price] as const] : []),
      ]),
  ]
  return named.filter(([name]) => PricePath.moves(path, name)).map(([, price]) => price)
}

function isHeld({ amount, orders }: Account.Balance): boolean {
  return amount !== 0n || orders !== undefined
}

function isOpen({ size, orders }: Account.Position): boolean {
  return size !== 0n || orders !== undefined
}

type Starts = { readonly down: bigint; readonly up: bigint }

function ends(held: readonly Valuation.Value[]): Starts {
  return {
    down: held.map(({ low }) => low).reduce(Fixed.min),
    up: held.map(({ high }) => high).reduce(Fixed.max),
  }
}

type Standing = { readonly stands: (level: bigint) => boolean; readonly excess: (level: bigint) => bigint }

/** Down from the lowest price at which it stands now, up from the highest; null where none of the present prices will do for all. */
function startOf({ down, up }: Starts, { stands }: Standing): Starts | null {
  const [low, high] = [stands(down), stands(up)]
  if (!low && !high) return null
  return { down: low ? down : up, up: high ? up : down }
}

/** A unit of the rate for each rounding of a moving one, in money. */
function kept(account: Account.Account, path: PricePath.PricePath, rateUnit: bigint): bigint {
  let total = 0n
  for (const { size, unit, from, weights } of Breakpoint.lines(account, path)) {
    const count = weights.map(roundings).reduce(Fixed.max, 0n)
    if (count > 0n) total += Fixed.mulDiv(size * count, from, unit * rateUnit, 'up')
  }
  return total
}

/** How often the rate of a curve is rounded as the price moves; tiers that stand alone are not, their product is exact. */
function roundings(weight: Weight.Weight): bigint {
  return weight.kind === 'tiers' ? 0n : nested(weight)
}

function nested(weight: Weight.Weight): bigint {
  if (!Breakpoint.isMoving(weight)) return 0n
  const of = 'of' in weight ? [weight.of].flat() : []
  const inside = weight.kind === 'concession' ? [...of, weight.granted] : of
  return inside.reduce((sum, each) => sum + nested(each), 1n)
}
