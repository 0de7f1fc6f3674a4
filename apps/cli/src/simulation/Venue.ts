/**
 * The venue's contracts as arithmetic: `LimitBook`, `LimitGuarded` and `PerpVenue`, rule by rule, in the same integers.
 * What a contract would revert leaves the state as it was. USD × 1e18; collateral here has 18 decimals.
 */
import { Doubt, Fixed } from '@plimsoll/margin'

type Hex = `0x${string}`

export type Accepted = {
  readonly maxNotional: bigint
  readonly imPpm: number
  readonly sequence: bigint
  readonly expiresAt: number
  /** What the growth bucket had given out, as of `spentAt`. */
  readonly spent: bigint
  readonly spentAt: number
}
export type Position = { readonly size: bigint; readonly cost: bigint }
/** The last mark-down of an account: its sequence, and when it was issued. */
export type Mark = { readonly sequence: bigint; readonly markedAt: number }
export type Balance = { readonly collateral: bigint; readonly unsettledLoss: bigint; readonly unpaidGain: bigint }

/** By `account|market`, and by account. */
export type Venue = {
  readonly accepted: ReadonlyMap<string, Accepted>
  readonly positions: ReadonlyMap<string, Position>
  readonly balances: ReadonlyMap<Hex, Balance>
  readonly credits: ReadonlyMap<Hex, bigint>
  readonly marks: ReadonlyMap<Hex, Mark>
  readonly pool: bigint
}

export type Quote = { readonly price: bigint; readonly publishedAt: number }
export type Terms = {
  readonly market: Hex
  readonly staticImPpm: number
  readonly mmPpm: number
  readonly liquidationFeePpm: number
  readonly maxOpenInterest: bigint
}
/** How the book values an asset; a null market counts one dollar. */
export type Asset = { readonly id: Hex; readonly market: Hex | null; readonly decimals: number }
/** What every transaction sees besides the state. */
export type Sea = {
  readonly now: number
  readonly quotes: ReadonlyMap<Hex, Quote>
  readonly terms: readonly Terms[]
  readonly assets: readonly Asset[]
}

export type Certificate = {
  readonly account: Hex
  readonly market: Hex
  readonly maxNotional: bigint
  readonly credit: bigint
  readonly imPpm: number
  readonly sequence: bigint
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Bounds of the book. */
export const bootstrapNotional = 50_000n * Fixed.one
export const raisePerHour = 400_000n * Fixed.one
export const bookMaxNotional = 5_000_000n * Fixed.one
export const bookMaxCredit = 5_000_000n * Fixed.one
export const imBounds = { min: 10_000, max: 2_000_000 } as const
export const maxFutureSeconds = 15
export const maxTtlSeconds = 300
export const maxHaircutPpm = 500_000
/** A price older than this is not traded at, and nobody is liquidated at it. */
export const heartbeatSeconds = 60

export const empty: Venue = {
  accepted: new Map(),
  positions: new Map(),
  balances: new Map(),
  credits: new Map(),
  marks: new Map(),
  pool: 10_000_000n * Fixed.one,
}

export const key = (account: Hex, market: Hex) => `${account}|${market}`
const flat: Position = { size: 0n, cost: 0n }
const nothing: Balance = { collateral: 0n, unsettledLoss: 0n, unpaidGain: 0n }

export function position(venue: Venue, account: Hex, market: Hex): Position {
  return venue.positions.get(key(account, market)) ?? flat
}
export function balance(venue: Venue, account: Hex): Balance {
  return venue.balances.get(account) ?? nothing
}

/** Greatest notional a certificate accepted now may carry. */
export function ceiling(last: Accepted | undefined, now: number): bigint {
  const reach = free(last) + raisePerHour - spent(last, now)
  return Fixed.min(reach, bookMaxNotional)
}

function free(last: Accepted | undefined): bigint {
  return last !== undefined && last.maxNotional > bootstrapNotional ? last.maxNotional : bootstrapNotional
}

function spent(last: Accepted | undefined, now: number): bigint {
  if (last === undefined) return 0n
  const refilled = (raisePerHour * BigInt(now - last.spentAt)) / 3_600n
  return refilled >= last.spent ? 0n : last.spent - refilled
}

/** `LimitBook.accept`. */
export function accept(venue: Venue, limit: Certificate, { now }: Sea): Venue {
  const { account, market, maxNotional, imPpm, sequence, issuedAt, expiresAt } = limit
  if (maxNotional > bookMaxNotional || limit.credit > bookMaxCredit || imPpm < imBounds.min || imPpm > imBounds.max) return venue
  if (now > expiresAt || expiresAt <= issuedAt || expiresAt - issuedAt > maxTtlSeconds || issuedAt > now + maxFutureSeconds) return venue
  const last = venue.accepted.get(key(account, market))
  if (sequence <= (last?.sequence ?? 0n)) return venue
  let given = spent(last, now)
  if (maxNotional > free(last)) {
    const raise = maxNotional - free(last)
    if (raise > raisePerHour - given) return venue
    given += raise
  }
  const held = venue.credits.get(account) ?? 0n
  if (limit.credit > held && issuedAt <= (venue.marks.get(account)?.markedAt ?? 0)) return venue
  return {
    ...venue,
    accepted: new Map([...venue.accepted, [key(account, market), { maxNotional, imPpm, sequence, expiresAt, spent: given, spentAt: now }]]),
    credits: limit.credit > held ? new Map([...venue.credits, [account, limit.credit]]) : venue.credits,
  }
}

export type Order = { readonly account: Hex; readonly credit: bigint; readonly sequence: bigint; readonly issuedAt: bigint }
export type Lot = { readonly asset: Hex; readonly amount: bigint; readonly haircutPpm: number }
export type Evidence = { readonly lots: readonly Lot[]; readonly sharePpm: number }

/** `LimitBook.markDown`: lower, on fresh inputs, not below what the collateral is worth at this chain's prices. */
export function markDown(venue: Venue, message: { readonly order: Order; readonly evidence: Evidence }, sea: Sea): Venue {
  const { account, credit, sequence, issuedAt } = message.order
  const at = Number(issuedAt)
  if (at > sea.now + maxFutureSeconds || at + maxTtlSeconds < sea.now) return venue
  if (sequence <= (venue.marks.get(account)?.sequence ?? 0n) || credit >= (venue.credits.get(account) ?? 0n)) return venue
  const floor = floorOf(message.evidence, sea)
  if (floor === null || credit < floor) return venue
  return {
    ...venue,
    credits: new Map([...venue.credits, [account, credit]]),
    marks: new Map([...venue.marks, [account, { sequence, markedAt: Math.max(at, venue.marks.get(account)?.markedAt ?? 0) }]]),
  }
}

/** Σ amount · price · (1 − haircut) · share, each step rounded down; null where a price or a haircut is not fit. */
export function floorOf({ lots, sharePpm }: Evidence, sea: Sea): bigint | null {
  let worth = 0n
  for (const { asset, amount, haircutPpm } of lots) {
    const terms = sea.assets.find(({ id }) => id === asset)
    if (terms === undefined || haircutPpm > maxHaircutPpm) return null
    if (terms.market !== null && !fresh(sea, terms.market)) return null
    const price = terms.market === null ? Fixed.one : (sea.quotes.get(terms.market) as Quote).price
    const value = Fixed.mulDiv(amount, price, 10n ** BigInt(terms.decimals), 'down')
    worth += Fixed.mulDiv(value, BigInt(1_000_000 - haircutPpm), 1_000_000n, 'down')
  }
  return Fixed.mulDiv(worth, BigInt(sharePpm), 1_000_000n, 'down')
}

export type PositionView = {
  readonly market: Hex
  readonly size: bigint
  readonly notional: bigint
  readonly unrealised: bigint
  readonly imPpm: number
  readonly mmPpm: number
}
export type AccountView = {
  readonly equity: bigint
  readonly raiseEquity: bigint
  readonly im: bigint
  readonly mm: bigint
  readonly positions: readonly PositionView[]
}

/** `PerpVenue.accountOf`. Gains count towards equity, not towards what a raise stands on. */
export function account(venue: Venue, holder: Hex, sea: Sea): AccountView {
  return valued(venue, holder, { sea, priceOf: (market) => (sea.quotes.get(market) as Quote).price })
}

/** The account as a liquidation has it: what is out counts at the best that it may be for the account. */
export function best(venue: Venue, holder: Hex, sea: Sea): AccountView {
  const priceOf = (market: Hex, size: bigint): bigint => {
    const { price, publishedAt: at } = sea.quotes.get(market) as Quote
    if (fresh(sea, market)) return price
    return size > 0n ? Doubt.price({ price, at }, sea.now) : 0n
  }
  return valued(venue, holder, { sea, priceOf })
}

function valued(
  venue: Venue,
  holder: Hex,
  at: { readonly sea: Sea; readonly priceOf: (market: Hex, size: bigint) => bigint },
): AccountView {
  const { sea, priceOf } = at
  const { collateral, unsettledLoss, unpaidGain } = balance(venue, holder)
  const positions = sea.terms.flatMap((terms): readonly PositionView[] => {
    const { size, cost } = position(venue, holder, terms.market)
    if (size === 0n) return []
    const price = priceOf(terms.market, size)
    const accepted = venue.accepted.get(key(holder, terms.market))
    const live = accepted !== undefined && sea.now <= accepted.expiresAt
    return [
      {
        market: terms.market,
        size,
        notional: Fixed.mulDiv(Fixed.abs(size), price, Fixed.one, 'up'),
        unrealised: floor(size * price, Fixed.one) - cost,
        imPpm: Math.max(live ? accepted.imPpm : terms.staticImPpm, terms.mmPpm),
        mmPpm: terms.mmPpm,
      },
    ]
  })
  const base = collateral - unsettledLoss
  const credit = venue.credits.get(holder) ?? 0n
  return {
    equity: positions.reduce((sum, { unrealised }) => sum + unrealised, base + credit + unpaidGain),
    raiseEquity: positions.reduce((sum, { unrealised }) => (unrealised < 0n ? sum + unrealised : sum), base),
    im: positions.reduce((sum, { notional, imPpm }) => sum + Fixed.ofPpm(notional, imPpm, 'up'), 0n),
    mm: positions.reduce((sum, { notional, mmPpm }) => sum + Fixed.ofPpm(notional, mmPpm, 'up'), 0n),
    positions,
  }
}

/** `PerpVenue.open`: what raises must be admitted, what reduces is always allowed. */
export function trade(venue: Venue, order: { readonly account: Hex; readonly market: Hex; readonly size: bigint }, sea: Sea): Venue {
  const { account: holder, market, size } = order
  if (size === 0n || !fresh(sea, market)) return venue
  const before = position(venue, holder, market).size
  const after = fill(venue, order, sea)
  const next = before + size
  const crosses = (before > 0n && next < 0n) || (before < 0n && next > 0n)
  if (!crosses && Fixed.abs(next) < Fixed.abs(before)) return after
  return admitted(after, { holder, market, long: next > 0n }, sea) ? after : venue
}

/** `PerpVenue.reduce`: part of what is held or all of it, at a fresh price, whatever the account is worth. `size` is signed. */
export function reduce(venue: Venue, order: { readonly account: Hex; readonly market: Hex; readonly size: bigint }, sea: Sea): Venue {
  const { account: holder, market, size } = order
  const held = position(venue, holder, market).size
  const against = (held > 0n && size < 0n) || (held < 0n && size > 0n)
  if (!against || Fixed.abs(size) > Fixed.abs(held) || !fresh(sea, market)) return venue
  return fill(venue, order, sea)
}

function admitted(venue: Venue, raise: { readonly holder: Hex; readonly market: Hex; readonly long: boolean }, sea: Sea): boolean {
  const { holder, market, long } = raise
  const view = account(venue, holder, sea)
  if (view.positions.some((it) => !fresh(sea, it.market))) return false
  const raised = view.positions.find((it) => it.market === market)
  const last = venue.accepted.get(key(holder, market))
  const notional = raised?.notional ?? 0n
  if (last !== undefined && notional > last.maxNotional) return false
  const live = last !== undefined && sea.now <= last.expiresAt
  const equity = view.raiseEquity + (live ? (venue.credits.get(holder) ?? 0n) : 0n)
  if (equity < 0n || view.im > equity) return false
  const terms = sea.terms.find((it) => it.market === market) as Terms
  return sideOf(venue, market, { long, sea }) <= terms.maxOpenInterest
}

/** Open interest of one side. USD. */
export function sideOf(venue: Venue, market: Hex, args: { readonly long: boolean; readonly sea: Sea }): bigint {
  const { price } = args.sea.quotes.get(market) as Quote
  let size = 0n
  for (const [id, held] of venue.positions) if (id.endsWith(market) && held.size > 0n === args.long) size += Fixed.abs(held.size)
  return Fixed.mulDiv(size, price, Fixed.one, 'up')
}

/** `PerpVenue.liquidate`: the whole position of whoever is below maintenance margin, at a fresh price of its market. */
export function liquidate(venue: Venue, target: { readonly account: Hex; readonly market: Hex }, sea: Sea): Venue {
  const { account: holder, market } = target
  const { size } = position(venue, holder, market)
  const view = best(venue, holder, sea)
  if (size === 0n || !fresh(sea, market) || view.equity >= view.mm) return venue
  const after = fill(venue, { account: holder, market, size: -size }, sea)
  const { price } = sea.quotes.get(market) as Quote
  const { liquidationFeePpm } = sea.terms.find((it) => it.market === market) as Terms
  const fee = Fixed.ofPpm(Fixed.mulDiv(Fixed.abs(size), price, Fixed.one, 'up'), liquidationFeePpm, 'up')
  const held = balance(after, holder)
  const paid = Fixed.min(fee, held.collateral)
  return hold(after, holder, { ...held, collateral: held.collateral - paid })
}

export function deposit(venue: Venue, holder: Hex, amount: bigint): Venue {
  const held = balance(venue, holder)
  const collateral = held.collateral + amount
  const paid = Fixed.min(collateral, held.unsettledLoss)
  const after = hold(venue, holder, { ...held, collateral: collateral - paid, unsettledLoss: held.unsettledLoss - paid })
  return { ...after, pool: after.pool + paid }
}

/** `PerpVenue.coverLoss`: never more than is owed. */
export function coverLoss(venue: Venue, holder: Hex, amount: bigint): Venue {
  const held = balance(venue, holder)
  const paid = Fixed.min(amount, held.unsettledLoss)
  if (paid === 0n) return venue
  return { ...hold(venue, holder, { ...held, unsettledLoss: held.unsettledLoss - paid }), pool: venue.pool + paid }
}

/** `PerpVenue.withdraw`: credit does not count. */
export function withdraw(venue: Venue, order: { readonly account: Hex; readonly amount: bigint }, sea: Sea): Venue {
  const held = balance(venue, order.account)
  if (order.amount === 0n || order.amount > held.collateral) return venue
  const after = hold(venue, order.account, { ...held, collateral: held.collateral - order.amount })
  const view = account(after, order.account, sea)
  if (view.positions.length === 0) return after
  return view.positions.every((it) => fresh(sea, it.market)) && view.raiseEquity >= 0n && view.im <= view.raiseEquity ? after : venue
}

export function fresh({ now, quotes }: Sea, market: Hex): boolean {
  const quote = quotes.get(market) as Quote
  return now - quote.publishedAt <= heartbeatSeconds
}

/** Position and money after a trade: what closes takes its share of the cost along, what opens adds its own. */
function fill(venue: Venue, order: { readonly account: Hex; readonly market: Hex; readonly size: bigint }, sea: Sea): Venue {
  const { account: holder, market, size: delta } = order
  const { price } = sea.quotes.get(market) as Quote
  const { size: before, cost } = position(venue, holder, market)
  let closed = 0n
  if (before > 0n && delta < 0n) closed = Fixed.min(before, -delta)
  if (before < 0n && delta > 0n) closed = -Fixed.min(-before, delta)
  const share = closed === before ? cost : -floor(-cost * Fixed.abs(closed), Fixed.abs(before))
  const realised = floor(closed * price, Fixed.one) - share
  const next: Position = { size: before + delta, cost: cost - share - floor(-(delta + closed) * price, Fixed.one) }
  const positions = new Map(venue.positions)
  if (next.size === 0n) positions.delete(key(holder, market))
  else positions.set(key(holder, market), next)
  return book({ ...venue, positions }, holder, realised)
}

/** A gain pays an unsettled loss, then comes from the pool, then is owed; a loss is set off, then paid, then recorded. */
function book(venue: Venue, holder: Hex, realised: bigint): Venue {
  const held = balance(venue, holder)
  if (realised >= 0n) {
    const set = Fixed.min(realised, held.unsettledLoss)
    const paid = Fixed.min(realised - set, venue.pool)
    const unpaidGain = held.unpaidGain + realised - set - paid
    const after = { collateral: held.collateral + paid, unsettledLoss: held.unsettledLoss - set, unpaidGain }
    return { ...hold(venue, holder, after), pool: venue.pool - paid }
  }
  const set = Fixed.min(-realised, held.unpaidGain)
  const paid = Fixed.min(-realised - set, held.collateral)
  const unsettledLoss = held.unsettledLoss - realised - set - paid
  const after = { collateral: held.collateral - paid, unsettledLoss, unpaidGain: held.unpaidGain - set }
  return { ...hold(venue, holder, after), pool: venue.pool + paid }
}

function hold(venue: Venue, holder: Hex, held: Balance): Venue {
  return { ...venue, balances: new Map([...venue.balances, [holder, held]]) }
}

/** a / b towards minus infinity; b > 0. */
function floor(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b)
}
