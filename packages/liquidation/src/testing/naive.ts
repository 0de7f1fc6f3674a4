/** Test kit: the slow way, everybody asked every time, and columns made to be hard on whoever asks fewer. */
import * as fc from 'fast-check'
import { Columns, type Impact, type Isolated, LiquidationCurve, Venue } from '../index.ts'

/** Who fails at these prices, one sum an account. */
export function failing({ count, slots, cash, market, weight }: Columns.Columns, ratios: Float64Array): readonly number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => {
    let health = cash[i] ?? 0
    for (let slot = 0; slot < slots; slot++) health += (weight[slot * count + i] ?? 0) * (ratios[market[slot * count + i] ?? 0] ?? 0)
    return health <= 0
  })
}

/** A cascade whose every round asks everybody. */
export function rounds(columns: Columns.Columns, markets: Venue.Markets, shocks: Readonly<Record<string, number>>) {
  const { names, count, slots, market, exposure } = columns
  const prices = Venue.of(markets, shocks)
  const closed = new Uint8Array(count)
  const flows = names.map(() => 0)
  for (let number = 0; ; number++) {
    const moves = Venue.moves(prices, flows)
    const failed = failing(columns, Float64Array.from(moves, Math.exp)).filter((i) => closed[i] === 0)
    if (failed.length === 0) return { rounds: number, moves, flows, closed, liquidated: closed.reduce((sum, it) => sum + it, 0) }
    for (const i of failed) {
      closed[i] = 1
      for (let slot = 0; slot < slots; slot++) {
        const k = market[slot * count + i] ?? 0
        flows[k] = (flows[k] ?? 0) - (exposure[i * slots + slot] ?? 0)
      }
    }
  }
}

/** A cascade over isolated accounts whose every round compares everybody's own threshold. */
export function isolatedRounds(
  { side, notional }: Isolated.Positions,
  thresholds: readonly number[],
  scenario: { readonly side: 1 | -1; readonly shock: number; readonly impact: (flow: number) => number },
) {
  const gone = new Set<number>()
  let [forced, number, x] = [0, 0, scenario.shock]
  for (;;) {
    const before = gone.size
    for (const [i, at] of thresholds.entries()) {
      if (side[i] !== scenario.side || gone.has(i) || at > x + LiquidationCurve.tolerance) continue
      gone.add(i)
      forced += Columns.flow(notional[i] ?? 0)
    }
    if (gone.size === before) return { x, forced, rounds: number, gone }
    number++
    x = Math.max(x, scenario.shock + scenario.impact(forced))
  }
}

/** Prices that floats hold exactly, and their neighbours. */
export const somePrice = fc
  .tuple(fc.integer({ min: 8, max: 24 }), fc.constantFrom(0, 0, 0, 1, -1))
  .map(([sixteenths, nudge]) => (sixteenths / 16) * (1 + nudge * 2 ** -52))

export const somePrices = fc.array(somePrice, { minLength: 3, maxLength: 3 }).map((prices) => Float64Array.from(prices))

export const names = ['A', 'B', 'C'] as const

/**
 * Up to forty accounts in three markets, in 1, 4 or 8 slots: most of them exactly at their threshold at prices they are likely to see, or a float
 * beside it; some without positions, some that owe nothing, some of 10⁹ USD with a dollar left.
 */
export function someColumns(weights: fc.Arbitrary<number> = fc.integer({ min: -40, max: 40 })): fc.Arbitrary<Columns.Columns> {
  const account = fc.record({
    lines: fc.array(fc.record({ k: fc.nat(2), weight: weights }), { maxLength: 8 }),
    scale: fc.constantFrom(0.125, 1, 2 ** 30),
    at: somePrices,
    left: fc.constantFrom(0, 0, 1, -1, 2 ** -20, 2 ** -45, 20),
    nudge: fc.constantFrom(0, 1, -1),
    empty: fc.integer({ min: 0, max: 9 }),
  })
  return fc.tuple(fc.constantFrom(1, 4, 8), fc.array(account, { maxLength: 40 })).map(([slots, accounts]) => {
    const count = accounts.length
    const columns = Columns.empty({ names, accounts: accounts.map((_, i) => `a${i}`), count, slots })
    for (const [i, { lines, scale, at, left, nudge, empty }] of accounts.entries()) {
      if (empty === 0) continue
      let worth = 0
      for (const [slot, { k, weight }] of lines.slice(0, slots).entries()) {
        columns.market[slot * count + i] = k
        columns.weight[slot * count + i] = weight * scale
        columns.exposure[i * slots + slot] = Columns.flow(weight * scale)
        worth += weight * scale * (at[k] ?? 0)
      }
      columns.cash[i] = (left - worth) * (1 + nudge * 2 ** -52)
    }
    return columns
  })
}

/** Impacts of about the same strength on any of them. */
export const somePush: fc.Arbitrary<Impact.Impact> = fc.oneof(
  fc.record({ kind: fc.constant('linear' as const), slope: fc.constantFrom(0, 2 ** -14, 2 ** -10, 2 ** -8) }),
  fc.record({ kind: fc.constant('squareRoot' as const), coefficient: fc.constantFrom(0.01, 0.1), volume: fc.constantFrom(100, 1e4) }),
  fc.record({ kind: fc.constant('constantProduct' as const), reserve: fc.constantFrom(500, 1e5) }),
)

/** The three markets, each reaching the next by this share. */
export function venue(impacts: readonly Impact.Impact[], spill: number): Venue.Markets {
  return Object.fromEntries(
    names.map((name, k) => [
      name,
      { ...Venue.plain(impacts[k] ?? { kind: 'linear', slope: 0 }), spill: { [names[(k + 1) % 3] ?? 'A']: spill } },
    ]),
  )
}
