/** Cascades of big books: whole closes, no fees, every round at one price vector; who can have failed is looked at, and nobody else. */
import * as Columns from './Columns.ts'
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
  /** Accounts looked at in all rounds together. */
  readonly looked: number
}

/** The widest displacement for which accounts are kept at hand after a full look. */
const reach = 0.1

const buckets = 1_024

const block = 4_096

/**
 * The cascade of `Stress.run` with whole closes and no fees, on columns: the same prices and the same accounts.
 *
 * After one look at everybody at the shocked prices only those are looked at whose safe radius a price has left; a price that runs further than the
 * reach is a reason to look at everybody again.
 * Source: docs/method/cascade.md, eq. (3) and (38).
 *
 * @param shocks - signed log moves by market, negative down.
 * @throws {Venue.UnknownMarketError} the columns hold a market of which nothing is known.
 */
export function run(columns: Columns.Columns, scenario: run.Scenario): Sweep {
  const { count, names } = columns
  const prices = pricesOf(columns, scenario)
  const closed = new Uint8Array(count)
  const flows = names.map(() => 0)
  const head = new Int32Array(buckets)
  const next = new Int32Array(count)
  const scratch = { near: new Int32Array(Math.min(count, block)), radii: new Float64Array(Math.min(count, block)) }
  let anchor = new Float64Array(0)
  let [rounds, looked, liquidated] = [0, 0, 0]
  /** How many accounts the last round looked at here and there. */
  let last = 0

  for (; rounds < scenario.roundCap; rounds++) {
    const ratios = Float64Array.from(Venue.moves(prices, flows), Math.exp)
    const displaced = anchor.length === 0 ? Number.POSITIVE_INFINITY : displacement(anchor, ratios)
    let failed = 0
    // Looking here and there at a sixteenth costs more than reading everybody from front to back.
    if (displaced >= reach || last > Math.max(1_024, count / 16)) {
      anchor = ratios
      head.fill(-1)
      looked += count
      last = 0
      failed = lookAtAll(columns, ratios, { closed, head, next, flows, ...scratch })
    } else {
      const before = looked
      const widest = Math.min(buckets - 1, Math.floor((displaced / reach) * buckets))
      for (let bucket = 0; bucket <= widest; bucket++) {
        let previous = -1
        for (let i = head[bucket] ?? -1; i >= 0; ) {
          const after = next[i] ?? -1
          looked++
          if (Columns.health(columns, i, ratios) > 0) previous = i
          else {
            close(columns, i, closed, flows)
            failed++
            if (previous < 0) head[bucket] = after
            else next[previous] = after
          }
          i = after
        }
      }
      last = looked - before
    }
    liquidated += failed
    if (failed === 0) return { settled: true, rounds, moves: Venue.moves(prices, flows), flows, closed, liquidated, looked }
  }
  return { settled: false, rounds, moves: Venue.moves(prices, flows), flows, closed, liquidated, looked }
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
  return Venue.of(own, Object.fromEntries(Object.entries(shocks).filter(([name]) => name in own)))
}

type Lists = {
  readonly closed: Uint8Array
  readonly head: Int32Array
  readonly next: Int32Array
  readonly flows: number[]
  readonly near: Int32Array
  readonly radii: Float64Array
}

/** In blocks that stay in the cache: first the radii, then the lists. */
function lookAtAll(columns: Columns.Columns, ratios: Float64Array, lists: Lists): number {
  const { closed, head, next, flows, near, radii } = lists
  let failed = 0
  for (let from = 0; from < columns.count; from += block) {
    const to = Math.min(columns.count, from + block)
    const found = Columns.within(columns, ratios, { from, to, reach, near, radii })
    for (let j = 0; j < found; j++) {
      const i = near[j] ?? 0
      if (closed[i] === 1) continue
      const radius = radii[j] ?? 0
      if (radius === 0) {
        close(columns, i, closed, flows)
        failed++
        continue
      }
      const bucket = Math.min(buckets - 1, Math.floor((radius / reach) * buckets))
      next[i] = head[bucket] ?? -1
      head[bucket] = i
    }
  }
  return failed
}

function close({ count, slots, market, exposure }: Columns.Columns, account: number, closed: Uint8Array, flows: number[]): void {
  closed[account] = 1
  for (let at = account; at < slots * count; at += count) {
    const k = market[at] ?? 0
    flows[k] = (flows[k] ?? 0) - (exposure[at] ?? 0)
  }
}

function displacement(anchor: Float64Array, ratios: Float64Array): number {
  let most = 0
  for (let k = 0; k < anchor.length; k++) most = Math.max(most, Math.abs((ratios[k] ?? 1) / (anchor[k] ?? 1) - 1))
  return most
}
