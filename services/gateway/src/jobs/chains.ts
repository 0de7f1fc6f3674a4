/** One look at every chain: prices, venues, limit books, collateral. What cannot be read is named, never filled in. */
import type { Snapshot } from '@plimsoll/api'
import {
  Book,
  ChainConfig,
  Circuit,
  CollateralView,
  type Header,
  type Jitter,
  type Oracle,
  PriceGuards,
  Query,
  Quorum,
  Status,
  Successor,
  Venue,
} from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import type { Config } from '../config.ts'
import type * as Guards from './guards.ts'
import * as Places from './places.ts'

type Hex = `0x${string}`

/** A venue as it was read: final for what binds, the head's ceilings for what would be accepted now. */
export type VenueRead = {
  readonly venue: Config['venues'][number]
  readonly final: Venue.Venue
  readonly book: Book.Book
  readonly ceilings: Book.Book
  /** Named in the place of feeds that are out, or were. */
  readonly successors: readonly Successor.Successor[]
}

export type ChainsRead = {
  readonly asOf: number
  readonly statuses: readonly Snapshot.ChainStatus[]
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
  readonly collateral: CollateralView.CollateralView
  /** Venues that could be read. */
  readonly venues: readonly VenueRead[]
  /**
   * Venues where somebody holds a market whose feed is dead, without whoever does. What that one lost may be anything, and nothing is raised
   * there; what is known of the others is recorded, so that what they owe is claimed.
   */
  readonly partly: readonly VenueRead[]
  readonly faults: readonly string[]
}

export type Readers = ReadonlyMap<number, Quorum.Reader>

/** One reader a chain; `accepted` are the final blocks known from before, which the next must stand on. */
export function readers(args: {
  readonly config: Config
  readonly nowMs: () => number
  readonly random: Jitter.Random
  readonly accepted: ReadonlyMap<number, Header.Header>
}): Readers {
  const { config, nowMs, random, accepted } = args
  return new Map(
    config.chains.map((chain) => {
      const { chainId } = chain
      return [chainId, Quorum.open({ config: ChainConfig.from(chain), nowMs, random, accepted: accepted.get(chainId) ?? null })] as const
    }),
  )
}

/** Reads everything once, for the accounts given. */
export async function read(args: {
  readonly config: Config
  readonly readers: Readers
  readonly guards: Guards.Guards
  readonly accounts: readonly Hex[]
  readonly asOf: number
}): Promise<ChainsRead> {
  const { config, readers, guards, accounts, asOf } = args
  const faults: string[] = []
  const failures = new Map<number, string>()
  const note = (chainId: number) => (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNREADABLE'
    failures.set(chainId, code)
    faults.push(`chain ${chainId}: ${code}: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }

  const feedChain = config.feeds.chainId
  const { feeds } = guards
  const feedOf = (address: Hex): Oracle.Feed & { chainId: number } => ({
    address,
    decimals: 8,
    heartbeatSeconds: config.feeds.heartbeatSeconds,
    deviationPpm: config.feeds.deviationPpm,
    chainId: feedChain,
  })
  const query = PriceGuards.query({ feeds: config.feeds, addresses: feeds, asOf })
  const read = await Query.fetch({ reader: readerOf(readers, feedChain), at: 'head', query }).catch(note(feedChain))
  const unread: Oracle.Assessment = {
    status: 'refused',
    code: 'ORACLE_UNREADABLE',
    sentence: `The feed's chain could not be read: ${failures.get(feedChain) ?? 'no answer'}.`,
  }
  const nothing = new Map(feeds.map((address) => [CollateralView.feedKey({ chainId: feedChain, address }), unread]))
  const prices = guards.prices({ ...(read?.value ?? { read: nothing, sequencer: null }), asOf })

  const [collateral, venues] = await Promise.all([
    CollateralView.fetch({
      readers: [...readers.values()],
      vaults: vaultsOf(config, feedOf),
      venues: config.venues,
      watch: Places.watch(config, feedOf),
      ...{ accounts, asOf, prices, most: guards.most(asOf) },
    }),
    Promise.all(
      config.venues.map((venue) =>
        readVenue({ config, reader: readerOf(readers, venue.chainId), venue, accounts }).catch(note(venue.chainId)),
      ),
    ),
  ])
  for (const { chainId, sentence, code } of collateral.refusals) faults.push(`chain ${chainId}: ${code}: ${sentence}`)
  for (const said of new Set(
    collateral.firm.doubtful.flatMap(({ most, chainId, code }) => (most === null ? [`chain ${chainId}: ${code}`] : [])),
  ))
    faults.push(`${said}: nothing bounds what it may be worth: whoever has it is neither called nor marked down`)
  for (const { chainId, code } of collateral.missing) failures.set(chainId, code)

  const pinned = new Map<number, Quorum.Pinned>()
  for (const it of [...collateral.chains, ...venues.flatMap((venue) => (venue ? [venue.final.pinned] : []))]) pinned.set(it.chainId, it)
  const out = guards.chains({
    codes: new Map(config.chains.map(({ chainId }) => [chainId, failures.get(chainId) ?? (pinned.has(chainId) ? null : 'NOT_READ')])),
    lagging: new Set(config.chains.filter((chain) => isLagging(chain, pinned.get(chain.chainId), asOf)).map(({ chainId }) => chainId)),
    asOf,
  })
  const isOut = (chainId: number) => (out.get(chainId) ?? null) !== null
  const shown = guards.shown()
  for (const { chainId } of config.chains) {
    const circuit = shown.get(chainId)
    if (isOut(chainId) && !failures.has(chainId))
      faults.push(`chain ${chainId}: ${circuit?.code}: it is read again, and counts after ${Circuit.policy.cleanRounds} clean rounds`)
    for (const fault of Status.faults(readerOf(readers, chainId), asOf)) faults.push(`chain ${chainId}: ${fault}`)
  }
  const seen = venues.flatMap((venue) => (venue && !isOut(venue.venue.chainId) ? [venue] : []))
  const unpriced = new Map(seen.map((venue) => [venue, unpricedOf(venue, config)]))
  for (const fault of unpriced.values()) if (fault !== null) faults.push(fault)
  faults.push(...seen.flatMap((venue) => namedOf(venue, config)))
  return {
    asOf,
    statuses: config.chains.map((chain) =>
      Status.of({
        config: chain,
        pinned: pinned.get(chain.chainId) ?? null,
        code: out.get(chain.chainId) ?? null,
        scores: readerOf(readers, chain.chainId).scores(),
      }),
    ),
    prices,
    collateral: without(collateral, config, out),
    venues: seen.filter((venue) => unpriced.get(venue) === null),
    partly: seen.filter((venue) => unpriced.get(venue) !== null).map(pricedOf),
    faults: [...faults, ...guards.faults()],
  }
}

/** A view in which the chains that are out are missing: what they hold is absent, and said to be. */
function without(
  view: CollateralView.CollateralView,
  config: Config,
  out: ReadonlyMap<number, string | null>,
): CollateralView.CollateralView {
  const held = new Set(config.vaults.map(({ chainId }) => chainId))
  const gone = [...out].flatMap(([chainId, code]) => (code !== null && held.has(chainId) ? [{ chainId, code }] : []))
  const isGone = ({ chainId }: { readonly chainId: number }) => gone.some((one) => one.chainId === chainId)
  return {
    ...view,
    lots: view.lots.filter((lot) => !isGone(lot)),
    doubtful: view.doubtful.filter((lot) => !isGone(lot)),
    firm: {
      lots: view.firm.lots.filter((lot) => !isGone(lot)),
      doubtful: view.firm.doubtful.filter((lot) => !isGone(lot)),
    },
    places: view.places.filter(({ chainId }) => (out.get(chainId) ?? null) === null),
    arriving: view.arriving.filter((arrival) => !isGone(arrival)),
    missing: [...view.missing.filter((one) => !isGone(one)), ...gone],
  }
}

/** Finality beyond half of what is allowed: still used, and an alarm. */
function isLagging(chain: Config['chains'][number], pinned: Quorum.Pinned | undefined, asOf: number): boolean {
  return pinned !== undefined && asOf - pinned.block.timestamp > chain.finality.maxAgeSeconds / 2
}

async function readVenue(args: {
  readonly config: Config
  readonly reader: Quorum.Reader
  readonly venue: Config['venues'][number]
  readonly accounts: readonly Hex[]
}): Promise<VenueRead> {
  const { config, reader, venue, accounts } = args
  const keys = accounts.flatMap((account) =>
    config.markets.map(({ symbol }) => ({ account, venue: venue.address, market: Market.id(symbol) })),
  )
  const { limitBook } = venue
  const [final, book, ceilings] = await Promise.all([
    Venue.fetch({ reader, venue: venue.address, accounts, at: 'final' }),
    Book.fetch({ reader, limitBook, keys, at: 'final' }),
    Book.fetch({ reader, limitBook, keys, at: 'head' }),
  ])
  const markets = final.markets.map(({ market }) => market)
  const successors = await Successor.fetch({ reader, pinned: final.pinned, venue: venue.address, markets })
  return { venue, final, book, ceilings, successors }
}

/** What everybody who holds such a market has to know before it counts: also once its feed is back, for it may be out again. */
function namedOf({ venue, final, successors }: VenueRead, config: Config): readonly string[] {
  return successors.map(({ market, feed, dueAt, lapsesAt }) => {
    const [due, over] = [dueAt, lapsesAt].map((at) => new Date(at * 1000).toISOString())
    const isBack = final.markets.some((it) => it.market === market && it.fresh)
    const said = isBack
      ? `is back, and ${feed} is named to succeed it still, from ${due} until ${over} if it is out again; anybody may take it back (withdrawSuccessor)`
      : `is out, and ${feed} is named to succeed it, from ${due} until ${over}; what it says is the price at which positions there end`
    return `venue ${venue.name}: SUCCESSOR_NAMED: the feed of ${symbolOf(market, config)} ${said}`
  })
}

/** Why not all of a venue is known: somebody there holds a market whose feed is dead. */
function unpricedOf({ venue, final }: VenueRead, config: Config): string | null {
  const reason = Venue.blind([...final.accounts, ...final.book], (market) => symbolOf(market, config))
  return reason === null
    ? null
    : `venue ${venue.name}: VENUE_UNPRICED: ${reason}; if it is gone for good, the venue's owner names its successor`
}

function symbolOf(market: Hex, { markets }: Config): string {
  return markets.find(({ symbol }) => Market.id(symbol) === market)?.symbol ?? `market ${market}`
}

/** A venue without whoever holds such a market. */
function pricedOf({ final, ...read }: VenueRead): VenueRead {
  const priced = (all: readonly Venue.Account[]) => all.filter((account) => account.priced)
  return { ...read, final: { ...final, accounts: priced(final.accounts), book: priced(final.book) } }
}

function vaultsOf(config: Config, feedOf: (address: Hex) => Oracle.Feed & { chainId: number }): CollateralView.Vault[] {
  return config.vaults.map(({ chainId, address, tokens }) => ({
    chainId,
    address,
    tokens: tokens.map(({ asset, token, decimals, haircuts }) => {
      const feed = config.assets.find((it) => it.asset === asset)?.feed
      if (feed === undefined) throw new RangeError(`Token ${asset} has no feed, which the configuration refuses.`)
      return { address: token, asset, decimals, feed: feedOf(feed), haircuts: { ...haircuts, agePpm: 0 } }
    }),
  }))
}

function readerOf(all: Readers, chainId: number): Quorum.Reader {
  const reader = all.get(chainId)
  if (!reader) throw new RangeError(`Chain ${chainId} has no reader, which the configuration refuses.`)
  return reader
}
