/** Cascades of big books: whole closes, no fees, every round at one price vector; who can have failed is asked, and nobody else. */
import type * as Columns from './Columns.ts'
import * as Radius from './Radius.ts'
import * as Rings from './Rings.ts'
import * as Venue from './Venue.ts'

export type Sweep = {
  readonly settled: boolean
  readonly rounds: number
  /** Log moves in the order of the columns' names. */
  readonly moves: readonly number[]
  /** Net forced flow by market, sales negative. USD at P0. */
  readonly flows: readonly number[]
  /** - closed[n]: 1 where an account was liquidated. */
  readonly closed: Uint8Array
  readonly liquidated: number
  /** Questions asked in all rounds together, an account each; a look at everybody counts as n. */
  readonly looked: number
}

/** Waiting times lie within this horizon, in so many buckets; what is later waits in the last one, and is asked from there on. */
const horizon = 2
const buckets = 8_192

/** How many are asked at a time: what the nearest caches hold. */
const batch = 2_048

/** The reach of rings that a cascade makes for itself, along the way the prices go. */
const reach = 0.3

/** Asking again here and there costs more than new rings, from about this share of all accounts on. Rings themselves are asked in their own order. */
const share = 1 / 20

/**
 * The cascade of `Stress.run` with whole closes and no fees: the same prices and the same accounts, to the last digit those of asking everybody in
 * every round.
 *
 * Source: docs/method/big-books.md, eq. (7) to (9), on docs/method/cascade.md, eq. (3) and (12).
 *
 * @param rings - of the book, around any prices; one pass over it serves any number of cascades.
 * @param scenario.shocks - signed log moves by market, negative down.
 * @throws {Venue.UnknownMarketError} the columns hold a market of which nothing is known.
 *
 * @example
 * const usd = 10n ** 18n
 * const eth = { market: 'ETH', side: 'long', notional: 8n * usd, maintenancePpm: 0 }
 * const book = Book.of([{ account: 'a', equity: usd, collateral: usd, positions: [eth] }])
 * const rings = Rings.of(Columns.of(book), Radius.around(Float64Array.of(1)), { reach: 0.25 })
 * Sweep.run(rings, { markets: { ETH: Venue.plain({ kind: 'linear', slope: 0.0625 }) }, shocks: { ETH: -0.25 }, roundCap: 9 }).moves
 * // => [-0.75]
 */
export function run(rings: Rings.Rings, scenario: run.Scenario): Sweep {
  const rounds = trace(rings, scenario)
  for (;;) {
    const { done, value } = rounds.next()
    if (done === true) return value
  }
}

/**
 * The same round by round, for whoever has other things to do in between.
 *
 * @returns yields how many accounts each round closed; returns the sweep.
 * @throws {Venue.UnknownMarketError} the columns hold a market of which nothing is known.
 */
export function* trace(rings: Rings.Rings, scenario: run.Scenario): Generator<number, Sweep> {
  const { columns } = rings
  const prices = pricesOf(columns, scenario)
  const closed = new Uint8Array(columns.count)
  const flows = new Float64Array(columns.names.length)
  let walk = begin(rings)
  let before: Float64Array | null = null
  let [rounds, looked, liquidated] = [0, 0, 0]

  for (; rounds < scenario.roundCap; rounds++) {
    const moves = Venue.moves(prices, [...flows])
    const ratios = Float64Array.from(moves, Math.exp)
    if (before !== null) walk.clock += Radius.step(walk.rings.around, before, ratios)
    if (isOutrun(walk, ratios)) {
      const around = before === null ? Radius.around(ratios) : Radius.along(before, ratios)
      walk = begin(Rings.of(columns, around, { reach, gone: closed }))
      looked += columns.count
    }
    before = ratios
    const round: Round = { here: Radius.at(walk.rings.around, ratios), closed, flows, asked: 0, failed: 0 }
    ask(walk, round)
    looked += round.asked
    liquidated += round.failed
    if (round.failed === 0) return { settled: true, rounds, moves, flows: [...flows], closed, liquidated, looked }
    yield round.failed
  }
  return { settled: false, rounds, moves: Venue.moves(prices, [...flows]), flows: [...flows], closed, liquidated, looked }
}

export declare namespace run {
  type Scenario = {
    readonly markets: Venue.Markets
    readonly shocks: Readonly<Record<string, number>>
    readonly roundCap: number
  }
  type ErrorType = Venue.UnknownMarketError
}

/** The prices of a scenario in the order of the columns. Refill, index and backstop are `Stress.run`'s, and are not looked at. */
function pricesOf(columns: Columns.Columns, { markets, shocks }: run.Scenario): Venue.Prices {
  const own: Record<string, Venue.Market> = {}
  for (const name of columns.names) {
    const market = markets[name]
    if (market === undefined) throw new Venue.UnknownMarketError(name)
    own[name] = { ...market, spill: Object.fromEntries(Object.entries(market.spill).filter(([to]) => columns.names.includes(to))) }
  }
  const prices = Venue.of(own, Object.fromEntries(Object.entries(shocks).filter(([name]) => name in own)))
  const places = columns.names.map((name) => prices.names.indexOf(name))
  return {
    names: columns.names,
    markets: places.map((k) => prices.markets[k] as Venue.Market),
    shocks: places.map((k) => prices.shocks[k] as number),
    reach: places.map((k) => places.map((j) => prices.reach[k]?.[j] as number)),
  }
}

/**
 * Where a cascade is on its way through rings. Who was not asked yet waits in its ring; who was asked and stands waits in a bucket until the path of the
 * prices has grown by what was safe then.
 */
type Walk = {
  readonly rings: Rings.Rings
  /** - [buckets]: how many wait in each, the place of the first, −1 for none; and [m]: of the one after. */
  readonly waiting: Int32Array
  readonly head: Int32Array
  readonly next: Int32Array
  /** One batch. */
  readonly places: Int32Array
  readonly paths: Float64Array
  /** Length of the path of the prices since it began. */
  clock: number
  /** The bucket that the clock was in when it last asked. */
  bucket: number
  /** How far into the rings it has asked. */
  frontier: number
}

type Round = {
  readonly here: Radius.Around
  readonly closed: Uint8Array
  readonly flows: Float64Array
  asked: number
  failed: number
}

function begin(rings: Rings.Rings): Walk {
  const [waiting, head] = [new Int32Array(buckets), new Int32Array(buckets).fill(-1)]
  const [places, paths] = [new Int32Array(batch), new Float64Array(batch)]
  return { rings, waiting, head, next: new Int32Array(rings.near.length), places, paths, clock: 0, bucket: 0, frontier: 0 }
}

/** Whether new rings are due: prices have left these, or asking again here and there would cost more. */
function isOutrun({ rings, waiting, clock, bucket }: Walk, ratios: Float64Array): boolean {
  if (Radius.displacement(rings.around, ratios) >= rings.reach) return true
  let due = 0
  for (let b = bucket; b <= bucketOf(clock); b++) due += waiting[b] as number
  return due > Math.max(1_024, rings.columns.count * share)
}

/** Asks everybody who is due, in batches: closes whom the prices have reached, and lets the others wait. */
function ask(walk: Walk, round: Round): void {
  const { rings, waiting, head, next, places } = walk
  const last = bucketOf(walk.clock)
  let count = 0
  for (; walk.bucket <= last; walk.bucket++) {
    let place = head[walk.bucket] as number
    head[walk.bucket] = -1
    waiting[walk.bucket] = 0
    while (place >= 0) {
      // Before its batch is settled, which may let it wait elsewhere.
      const after = next[place] as number
      places[count++] = place
      if (count === batch) count = settle(walk, round, count)
      place = after
    }
  }
  walk.bucket = last
  const inside = Rings.inside(rings, Radius.displacement(rings.around, round.here.anchor))
  while (walk.frontier < inside) {
    places[count++] = walk.frontier++
    if (count === batch) count = settle(walk, round, count)
  }
  settle(walk, round, count)
}

/** Returns 0: how many of the batch are left. */
function settle({ rings, waiting, head, next, places, paths, clock }: Walk, round: Round, count: number): 0 {
  const { near } = rings
  const { here, closed, flows } = round
  Rings.ask(rings, here, { places, count, paths })
  let failed = 0
  for (let j = 0; j < count; j++) {
    const place = places[j] as number
    const path = paths[j] as number
    if (path >= 0) {
      const bucket = bucketOf(clock + path)
      next[place] = head[bucket] as number
      head[bucket] = place
      waiting[bucket] = (waiting[bucket] as number) + 1
    } else places[failed++] = place
  }
  for (let j = 0; j < failed; j++) {
    const place = places[j] as number
    closed[near[place] as number] = 1
    Rings.sell(rings, place, flows)
  }
  round.asked += count
  round.failed += failed
  return 0
}

function bucketOf(clock: number): number {
  return Math.min(buckets - 1, Math.floor((clock / horizon) * buckets))
}
