/** Everything outside the gateway: two harbours, two venues, their prices, and the clock. */
import { Hash, Market } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
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
export type Dock = { readonly chain: Chain.Chain<Harbour.Harbour>; readonly asset: Asset }
export type Pier = { readonly chain: Chain.Chain<Venue.Venue>; readonly address: Hex; readonly limitBook: Hex }

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
}

export const accounts: readonly Hex[] = Array.from({ length: 9 }, (_, i): Hex => `0x${(0xa0 + i).toString(16).padStart(40, '0')}`)
const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`
/** Greatest open interest plus headroom of a side. */
export const sideCap = 250_000n * Fixed.one

export function of(start: number): World {
  const symbols = ['ETH-PERP', 'BTC-PERP']
  const ids = symbols.map((symbol) => Market.id(symbol))
  const dock = (chainId: number, asset: Asset): Dock => ({
    asset,
    chain: Chain.of({ chainId, state: Harbour.empty, timestamp: start }),
  })
  const pier = (chainId: number, n: number): Pier => ({
    chain: Chain.of({ chainId, state: Venue.empty, timestamp: start }),
    address: address(0xc0 + n),
    limitBook: address(0xd0 + n),
  })
  return {
    now: start,
    symbols,
    terms: ids.map((market) => ({ market, staticImPpm: 150_000, mmPpm: 25_000, liquidationFeePpm: 5_000, maxOpenInterest: sideCap })),
    docks: [
      dock(1_001, { name: 'USDC', token: address(0xe0), vault: address(0xf0), decimals: 6, market: null }),
      dock(1_002, { name: 'ETH', token: address(0xe1), vault: address(0xf1), decimals: 18, market: 'ETH-PERP' }),
    ],
    piers: [pier(2_001, 1), pier(2_002, 2)],
    quotes: new Map(ids.map((id, i) => [id, { price: (i === 0 ? 2_000n : 40_000n) * Fixed.one, publishedAt: start }])),
    quantiles: new Map(symbols.map((symbol) => [symbol, 60_000])),
    dark: new Map(),
    frozen: new Map(),
    silentUntil: 0,
    flows: new Map(),
  }
}

export function sea(world: World): Venue.Sea {
  return { now: world.now, quotes: world.quotes, terms: world.terms }
}

/** Time passes: every chain has a block, every feed that is not frozen publishes. */
export function pass(world: World, seconds: number): void {
  world.now += seconds
  for (const { chain } of world.docks) chain.mine(world.now, (state) => state)
  for (const { chain } of world.piers) chain.mine(world.now, (state) => state)
  for (const [market, quote] of world.quotes)
    if ((world.frozen.get(market) ?? 0) <= world.now) world.quotes.set(market, { ...quote, publishedAt: world.now })
}

/** A price moves, where its feed is not frozen. */
export function move(world: World, market: Hex, ratioPpm: number): void {
  const quote = world.quotes.get(market)
  if (!quote || (world.frozen.get(market) ?? 0) > world.now) return
  const price = Fixed.max(Fixed.one, Fixed.ofPpm(quote.price, ratioPpm, 'down'))
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
