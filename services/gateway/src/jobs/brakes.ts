/** The brake of one market, from everybody's positions at its venues and the headroom of live certificates. */
import type { Snapshot } from '@plimsoll/api'
import type { Venue } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import { Book, Brake, LeverageRatio } from '@plimsoll/liquidation'
import { Fixed } from '@plimsoll/margin'
import { Book as Ledger } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type { ChainsRead } from './chains.ts'

/** Shocks are 1, 2 and 3 σ of a day. */
const horizonSeconds = 86_400

/**
 * The brake and the leverage ratio of one market. Where a venue of it could not be read, the brake is unavailable.
 */
export function of(args: of.Args): Pick<Snapshot.MarketState, 'brake' | 'leverageRatioPpm'> {
  const { config, market, id, chains, ledger } = args
  const read = chains.venues.map(({ venue, final }) => ({ venue: venue.address, accounts: final.book, markets: final.markets }))
  const listed = read.flatMap(({ markets }) => markets.filter((it) => it.market === id))
  if (read.length < config.venues.length || listed.length === 0)
    return { brake: Brake.unavailable(Hash.ofText('')), leverageRatioPpm: null }

  const book = Book.of(read.flatMap(({ venue, accounts }) => accounts.map((account) => accountOf(venue, account))))
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
  const leverage = LeverageRatio.posted(book, id, 'two-sided')
  return {
    brake: Brake.of({
      book,
      market: id,
      bookHash: Hash.ofText(Book.canonical(book)),
      headroom,
      initialPpm: { long: initialPpm, short: initialPpm },
      maintenancePpm: { long: maintenancePpm, short: maintenancePpm },
      impact: { kind: 'linear', slope: 1 / Book.usd(market.depth) },
      sigmaPpm: market.throughTheCycleSigmaPpm,
      horizonSeconds,
      ceiling: market.caps.participant,
      brakeMaxPpm: config.params.brakeMaxPpm,
    }),
    leverageRatioPpm: leverage.status === 'ok' ? Number(Fixed.mulDiv(leverage.ratio, Fixed.ppm, Fixed.one, 'up')) : null,
  }
}

export declare namespace of {
  type Args = {
    readonly config: Config
    readonly market: Config['markets'][number]
    readonly id: `0x${string}`
    readonly chains: ChainsRead
    readonly ledger: Ledger.Book
  }
}

function accountOf(venue: string, account: Venue.Account): Book.Account {
  return {
    account: `${venue}:${account.account}`,
    equity: account.equity,
    collateral: account.collateral + account.credit,
    positions: account.positions.map(({ market, size, notional, mmLiquidationPpm }) => ({
      market,
      side: size > 0n ? ('long' as const) : ('short' as const),
      notional,
      maintenancePpm: mmLiquidationPpm,
    })),
  }
}
