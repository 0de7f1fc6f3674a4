/** Everything outside the gateway: two harbours, two venues, their prices, and the clock. */
import { Hash, Market } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
import * as Action from './Action.ts'
import * as Chain from './Chain.ts'
import * as Harbour from './Harbour.ts'
import * as Venue from './Venue.ts'

type Hex = `0x${string}`

export type Asset = {
  readonly name: string
  readonly token: Hex
  readonly vault: Hex
  readonly decimals: number
  readonly market: string | null
}
export type Dock = { readonly chain: Chain.Chain<Harbour.Harbour, Action.AtHarbour>; readonly asset: Asset }
export type Pier = { readonly chain: Chain.Chain<Venue.Venue, Action.AtVenue>; readonly address: Hex; readonly limitBook: Hex }

export type World = {
  now: number
  readonly symbols: readonly string[]
  readonly terms: readonly Venue.Terms[]
  readonly docks: readonly Dock[]
  readonly piers: readonly Pier[]
  readonly quotes: Map<Hex, Venue.Quote>
  /** 99 % loss over the close-out by market, ppm. */
  readonly quantiles: Map<string, number>
  /** Until when a chain does not answer, a feed does not move, and the forecaster is silent. */
  readonly dark: Map<number, number>
  readonly frozen: Map<Hex, number>
  silentUntil: number
  /** USD put into and taken out of each venue, so that its money can be counted. */
  readonly flows: Map<number, bigint>
  /** What the venue's contracts make of the sea; itself, unless a test breaks them. */
  sees: (sea: Venue.Sea, call: Action.AtVenue) => Venue.Sea
  /** What they keep of what a call came to; all of it, unless a test breaks them. */
  keeps: (state: Venue.Venue) => Venue.Venue
}

export const accounts: readonly Hex[] = Array.from({ length: 15 }, (_, i): Hex => `0x${(0xa0 + i).toString(16).padStart(40, '0')}`)
const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`
/** Greatest open interest plus headroom of a side. */
export const sideCap = 250_000n * Fixed.one
/** Of every market of every venue. */
export const terms = { staticImPpm: 150_000, mmPpm: 25_000, liquidationFeePpm: 5_000, maxOpenInterest: sideCap } as const
const markets = [
  { name: 'USDC', decimals: 6, market: null },
  { name: 'ETH', decimals: 18, market: 'ETH-PERP' },
] as const

/** Where the contracts of a chain are. */
export type Places = {
  readonly docks: readonly { readonly token: Hex; readonly vault: Hex }[]
  readonly piers: readonly { readonly address: Hex; readonly limitBook: Hex }[]
}
export const chainIds = { docks: [1_001, 1_002], piers: [2_001, 2_002] } as const
/** Somewhere, where no contract has to answer. */
const nowhere: Places = {
  docks: [0, 1].map((i) => ({ token: address(0xe0 + i), vault: address(0xf0 + i) })),
  piers: [1, 2].map((n) => ({ address: address(0xc0 + n), limitBook: address(0xd0 + n) })),
}

export function of(start: number, places: Places = nowhere): World {
  const symbols = ['ETH-PERP', 'BTC-PERP']
  const ids = symbols.map((symbol) => Market.id(symbol))
  let world: World
  const docks = markets.map((market, i): Dock => {
    const chainId = chainIds.docks[i] as number
    const place = places.docks[i] as Places['docks'][number]
    const apply = (state: Harbour.Harbour, call: Action.AtHarbour) => Action.onHarbour(state, call, world.now)
    return { asset: { ...place, ...market }, chain: Chain.of({ chainId, state: Harbour.empty, timestamp: start, apply }) }
  })
  const piers = chainIds.piers.map((chainId, i): Pier => {
    const apply = (state: Venue.Venue, call: Action.AtVenue) => {
      const after = Action.onVenue(state, call, world.sees(sea(world), call))
      return after === state ? state : world.keeps(after)
    }
    return { ...(places.piers[i] as Places['piers'][number]), chain: Chain.of({ chainId, state: Venue.empty, timestamp: start, apply }) }
  })
  world = {
    now: start,
    symbols,
    terms: ids.map((market) => ({ ...terms, market })),
    docks,
    piers,
    quotes: new Map(ids.map((id, i) => [id, { price: (i === 0 ? 2_000n : 40_000n) * Fixed.one, publishedAt: start }])),
    quantiles: new Map(symbols.map((symbol) => [symbol, 60_000])),
    dark: new Map(),
    frozen: new Map(),
    silentUntil: 0,
    flows: new Map(),
    sees: (seen) => seen,
    keeps: (state) => state,
  }
  return world
}

export function sea(world: World): Venue.Sea {
  const assets = world.docks.map(({ asset }) => ({
    id: Hash.ofText(asset.name),
    market: asset.market === null ? null : (world.terms[world.symbols.indexOf(asset.market)]?.market ?? null),
    decimals: asset.decimals,
  }))
  return { now: world.now, quotes: world.quotes, terms: world.terms, assets }
}

/** Time passes: every chain has a block, every feed that is not frozen publishes. */
export function pass(world: World, seconds: number): void {
  world.now += seconds
  for (const { chain } of world.docks) chain.mine(world.now)
  for (const { chain } of world.piers) chain.mine(world.now)
  for (const [market, quote] of world.quotes)
    if ((world.frozen.get(market) ?? 0) <= world.now) world.quotes.set(market, { ...quote, publishedAt: world.now })
}

/** The least a feed can say: eight digits after the point. */
export const feedDigit = 10n ** 10n

/** A price moves, where its feed is not frozen. */
export function move(world: World, market: Hex, ratioPpm: number): void {
  const quote = world.quotes.get(market)
  if (!quote || (world.frozen.get(market) ?? 0) > world.now) return
  const moved = Fixed.max(Fixed.one, Fixed.ofPpm(quote.price, ratioPpm, 'down'))
  const price = moved - (moved % feedDigit)
  world.quotes.set(market, { price, publishedAt: world.now })
}

export function readable(world: World, chainId: number): boolean {
  return (world.dark.get(chainId) ?? 0) <= world.now
}

/** Cash in the venue less what came in and went out: 0 while no cent is made or lost. */
export function leak(world: World, pier: Pier): bigint {
  const { state } = pier.chain.latest()
  let cash = state.pool - Venue.empty.pool
  for (const { collateral } of state.balances.values()) cash += collateral
  return cash - (world.flows.get(pier.chain.chainId) ?? 0n)
}

export const modelHash: Hex = Hash.ofText('simulated model')
