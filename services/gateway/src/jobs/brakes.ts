/** One market's reading, from everybody's positions at its venues and the headroom of live certificates; the brake of its limits is made of it. */
import { setImmediate } from 'node:timers/promises'
import { keccak_256 } from '@noble/hashes/sha3'
import { Forecasts, type Snapshot } from '@plimsoll/api'
import { Hash, Market } from '@plimsoll/contracts'
import { Book, Brake, Holder, type Impact, LeverageRatio, Reading } from '@plimsoll/liquidation'
import { Fixed } from '@plimsoll/margin'
import { Book as Ledger } from '@plimsoll/store'
import { bytesToHex, stringToBytes } from 'viem'
import type { Config } from '../config.ts'
import type { ChainsRead } from './chains.ts'

/** Shocks are 1, 2 and 3 σ of a day. */
const horizonSeconds = 86_400

/** Everybody's positions at the venues that were read, and what the brakes made of them name them by. */
export type Whole = { readonly book: Book.Book; readonly bookHash: `0x${string}` }

/** Accounts hashed at once: requests are answered in between. */
const piece = 200

/** Gathers whole books. One is kept for as long as the blocks that it was read at are the last ones. */
export function books(): (chains: Pick<ChainsRead, 'venues'>) => Promise<Whole> {
  let last: { readonly key: string; readonly whole: Whole } | null = null
  return async ({ venues }) => {
    const key = venues.map(({ venue, final }) => `${venue.chainId}:${venue.address}:${final.pinned.block.hash}`).join()
    if (last?.key === key) return last.whole
    const book = Book.of(venues.flatMap(({ venue, final }) => final.book.map((account) => Holder.toBook(account, venue))))
    const hash = keccak_256.create()
    for (const text of Book.pieces(book, piece)) {
      hash.update(stringToBytes(text))
      await setImmediate()
    }
    const whole = { book, bookHash: bytesToHex(hash.digest()) }
    last = { key, whole }
    return whole
  }
}

/**
 * The reading of one market, its brake and its leverage ratio. Where a venue of it could not be read, there is none of them.
 */
export function of(args: of.Args): Pick<Snapshot.MarketState, 'brake' | 'leverageRatioPpm' | 'reading'> {
  const { config, market, id, chains, ledger, forecast } = args
  const { book, bookHash } = args.whole
  const read = chains.venues
  const listed = read.flatMap(({ final }) => final.markets.filter((it) => it.market === id))
  if (read.length < config.venues.length || listed.length === 0)
    return { brake: Brake.unavailable(Hash.ofText('')), leverageRatioPpm: null, reading: unread(config, chains) }

  const maintenancePpm = Math.max(...listed.map(({ mmLiquidationPpm }) => mmLiquidationPpm))
  const initialPpm = Math.max(config.params.floorPpm, Number(Fixed.ofPpm(BigInt(maintenancePpm), 1_000_000 + config.params.betaPpm, 'up')))
  const headroom = config.venues.reduce(
    (sum, { chainId }, i) => {
      // Headroom is kept by chain: two venues of one chain share it.
      if (config.venues.findIndex((other) => other.chainId === chainId) !== i) return sum
      const held = ledger.markets.get(Ledger.marketId(chainId, id))?.headroom ?? { long: 0n, short: 0n }
      return { long: sum.long + held.long, short: sum.short + held.short }
    },
    { long: 0n, short: 0n },
  )
  const { throughTheCycleSigmaPpm: throughTheCyclePpm } = market
  // An old forecast that says less than the cycle does not make the market look calm.
  const sigma = Forecasts.sigma(forecast, { asOf: chains.asOf, mostSeconds: config.params.maxForecastAgeSeconds, throughTheCyclePpm })
  const reading: Reading.Reading = {
    book,
    market: id,
    bookHash,
    headroom,
    initialPpm,
    maintenancePpm,
    impacts: Object.fromEntries(config.markets.map(({ symbol, depth }) => [Market.id(symbol), impactOf(depth)])),
    sigmaPpm: { forecast: sigma.ppm, throughTheCycle: throughTheCyclePpm },
    horizonSeconds,
    ceiling: market.caps.participant,
    brakeMaxPpm: config.params.brakeMaxPpm,
    bonusPpm: Math.max(...listed.map(({ liquidationFeePpm }) => liquidationFeePpm)),
  }
  const leverage = LeverageRatio.posted(book, id, 'two-sided')
  return {
    brake: Reading.brake(reading),
    leverageRatioPpm: leverage.status === 'ok' ? Number(Fixed.mulDiv(leverage.ratio, Fixed.ppm, Fixed.one, 'up')) : null,
    reading: stateOf(reading, chains, sigma.from),
  }
}

export declare namespace of {
  type Args = {
    readonly config: Config
    readonly market: Config['markets'][number]
    readonly id: `0x${string}`
    readonly chains: ChainsRead
    /** Of the venues that were read. */
    readonly whole: Whole
    readonly ledger: Ledger.Book
    readonly forecast: Snapshot.ForecastState
  }
}

/** A reading with where it comes from; an account that holds a market of which no depth is configured cannot be stressed. */
function stateOf(reading: Reading.Reading, chains: ChainsRead, sigma: Snapshot.Sigma): Snapshot.ReadingState {
  if (reading.book.accounts.some(({ positions }) => positions.some(({ market }) => !(market in reading.impacts))))
    return { status: 'unread', code: 'DEPTH_UNKNOWN', message: 'Somebody holds a market of which no depth is configured here.' }
  return {
    status: 'ok',
    reading,
    sigma,
    blocks: chains.venues.map(({ venue, final }) => ({
      venue: `eip155:${venue.chainId}:${venue.address}`,
      number: final.pinned.block.number,
      timestamp: final.pinned.block.timestamp,
    })),
  }
}

function unread(config: Config, chains: ChainsRead): Snapshot.ReadingState {
  const missing = config.venues.filter(
    ({ chainId, address }) => !chains.venues.some(({ venue }) => venue.chainId === chainId && venue.address === address),
  )
  return missing.length === 0
    ? { status: 'unread', code: 'MARKET_UNLISTED', message: 'No venue lists this market.' }
    : { status: 'unread', code: 'BOOK_UNREAD', message: `The book of ${missing.map(({ name }) => name).join(', ')} could not be read.` }
}

function impactOf(depth: bigint): Impact.Impact {
  return { kind: 'linear', slope: 1 / Book.usd(depth) }
}
