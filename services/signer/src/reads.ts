/** What this signer reads by itself: collateral at the blocks the document names, prices, venue and book now. */
import type { Deployment } from '@plimsoll/api'
import { Book, ChainConfig, Circuit, Code, CollateralView, type Oracle, Query, Quorum, Venue } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import type { Prices } from './prices.ts'

type Hex = `0x${string}`

export type Readers = ReadonlyMap<number, Quorum.Reader>

export type Reads = {
  readonly view: Inputs.View
  /** What stands at the account's address, by chain: the venue's, and every one that lots were read on. */
  readonly codes: ReadonlyMap<number, Code.Code>
  /** What the venue may claim of those lots. */
  readonly claims: readonly Inputs.Claim[]
  readonly price: Oracle.Assessment
  readonly venue: Pick<Venue.Account, 'collateral' | 'unsettledLoss' | 'positions'>
  /** Its ceiling is 0 where the venue winds the market down: it opens nothing there, whatever its book would accept. */
  readonly book: Pick<Book.Book, 'epoch' | 'paused'> & { readonly standing: Book.Standing }
}

/** One reader a chain, over this signer's sources. */
export function readers(deployment: Deployment.Deployment, nowMs: () => number): Readers {
  return new Map(deployment.chains.map((chain) => [chain.chainId, Quorum.open({ config: ChainConfig.from(chain), nowMs })] as const))
}

/**
 * Reads everything that one document says it read.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} something could not be read; a chain of collateral is named in `view.missing` instead.
 */
export async function fetch(args: fetch.Args): Promise<Reads> {
  const { deployment, readers, prices: trusted, inputs, limitBook, now } = args
  const { account, venue, market } = inputs.subject
  const marketFeed = deployment.markets.find(({ symbol }) => Market.id(symbol) === market)?.feed
  if (marketFeed === undefined) throw new RangeError('The market is one of the deployment: it was looked up before.')
  const reader = readerOf(readers, venue.chainId)
  const atVenue = Query.all([
    Venue.query({ chainId: venue.chainId, venue: venue.address, accounts: [account], pageSize: 1 }),
    Book.query({ chainId: venue.chainId, limitBook, keys: [{ account, venue: venue.address, market }] }),
    Code.query({ accounts: [account], multicall: reader.config.multicall ?? ChainConfig.canonicalMulticall }),
  ])
  const [prices, { value }] = await Promise.all([trusted.look(now), Query.fetch({ reader, at: 'final', query: atVenue })])

  const lots = new Set(inputs.view.lots.map(({ lotId }) => lotId))
  const claimant = deployment.venues.filter(({ chainId, address }) => chainId === venue.chainId && address === venue.address)
  const chainIds = new Set(inputs.view.lots.map(({ chainId }) => chainId))
  const holders = [...new Set(inputs.view.lots.map(({ holder }) => holder))]
  const collateral = await fetchCollateral({
    ...{ deployment, readers, prices, now, holders },
    chainIds,
    venues: claimant,
    codesOf: [account],
    blocks: new Map(inputs.view.lots.map(({ chainId, block }) => [chainId, block])),
  })
  const view = CollateralView.of({ view: collateral, accounts: holders })

  const [part, book, [code = 'unread']] = value
  const [own] = part.accounts
  const [standing] = book.standings
  if (!own || !standing) throw new RangeError('One account and one key were asked for.')
  Venue.assertPriced([own], { chainId: venue.chainId, venue: venue.address })
  const isClosing = part.markets.some((it) => it.market === market && it.maxOpenInterest === 0n)
  return {
    view: { ...view, lots: named(view.lots, inputs.view.lots) },
    codes: new Map([...collateral.codes.map((it) => [it.chainId, it.code] as const), [venue.chainId, code]]),
    claims: CollateralView.claimsAt(collateral.claims, venue).filter(({ lotId }) => lots.has(lotId)),
    price: prices.get(CollateralView.feedKey(feedOf(deployment, marketFeed))) ?? unread,
    venue: own,
    book: { epoch: book.epoch, paused: book.paused, standing: isClosing ? { ...standing, ceiling: 0n } : standing },
  }
}

export declare namespace fetch {
  type Args = {
    readonly deployment: Deployment.Deployment
    readonly readers: Readers
    readonly prices: Prices
    /** The document, or what of it says what to read. */
    readonly inputs: { readonly subject: Pick<Inputs.Subject, 'account' | 'venue' | 'market'>; readonly view: Pick<Inputs.View, 'lots'> }
    readonly limitBook: Hex
    /** Unix seconds. */
    readonly now: number
  }
}

/** What holders have locked, on this signer's own prices and with the haircuts of its own deployment. */
export async function fetchCollateral(args: fetchCollateral.Args): Promise<CollateralView.CollateralView> {
  const { deployment, readers, chainIds, holders, prices, now } = args
  return CollateralView.fetch({
    readers: [...readers.values()],
    vaults: deployment.vaults
      .filter(({ chainId }) => chainIds.has(chainId))
      .map(({ chainId, address, tokens }) => ({
        ...{ chainId, address },
        tokens: tokens.map(({ asset, token, decimals, haircuts }) => {
          const feed = deployment.assets.find((it) => it.asset === asset)?.feed
          if (feed === undefined) throw new RangeError(`Token ${asset} has no feed, which the deployment refuses.`)
          return { address: token, asset, decimals, feed: feedOf(deployment, feed), haircuts: { ...haircuts, agePpm: 0 } }
        }),
      })),
    venues: args.venues,
    accounts: holders,
    codesOf: args.codesOf ?? [],
    asOf: now,
    prices,
    ...(args.most === undefined ? {} : { most: args.most }),
    blocks: args.blocks,
  })
}

export declare namespace fetchCollateral {
  type Args = {
    readonly deployment: Deployment.Deployment
    readonly readers: Readers
    readonly prices: ReadonlyMap<string, Oracle.Assessment>
    /** What those that are out may be at most; what is lent needs none. */
    readonly most?: ReadonlyMap<string, bigint>
    readonly chainIds: ReadonlySet<number>
    readonly holders: readonly Hex[]
    /** At whose addresses it is read besides what stands there. */
    readonly codesOf?: readonly Hex[]
    /** Whose claims are read besides. */
    readonly venues: readonly CollateralView.Claimant[]
    /** Final blocks to read at instead of the last ones. */
    readonly blocks: ReadonlyMap<number, Query.Block>
    /** Unix seconds. */
    readonly now: number
  }
}

function feedOf({ feeds }: Deployment.Deployment, address: Hex): Oracle.Feed & { readonly chainId: number } {
  const { chainId, heartbeatSeconds, deviationPpm } = feeds
  return { address, decimals: 8, chainId, heartbeatSeconds, deviationPpm }
}

/**
 * Asks every chain what any question asks of it, for nobody, so that the first question finds connections open and code that has run. What
 * cannot be read now is read when it is asked for.
 */
export async function rehearse(args: Pick<fetch.Args, 'deployment' | 'readers' | 'prices' | 'now'>): Promise<void> {
  const { deployment, readers } = args
  const [venue, market] = [deployment.venues[0], deployment.markets[0]]
  const work: Promise<unknown>[] = [...readers.values()].map((reader) => reader.pin({ at: 'final' }))
  if (venue && market) {
    const subject = { account: nobody, venue, market: Market.id(market.symbol) }
    work.push(fetch({ ...args, inputs: { subject, view: { lots: [] } }, limitBook: venue.limitBook }))
  }
  await Promise.allSettled(work)
  // A price is trusted after three rounds.
  for (let round = 0; round < Circuit.policy.cleanRounds; round += 1) await args.prices.look(args.now).catch(() => {})
}

const nobody: Hex = `0x${'00'.repeat(20)}`

const unread: Oracle.Assessment = { status: 'refused', code: 'ORACLE_UNREADABLE', sentence: 'The feed was not read.' }

/**
 * Of lots as they were read, those that the document names as what they are: whose a lot is and on which chain is what consent was held
 * against. What it leaves out stays out: a partial view may lower a limit. The haircut of an asset follows its forecast too, so that each is the
 * greater of the configured one and the document's.
 */
export function named(own: readonly Inputs.Lot[], given: readonly Inputs.Lot[]): readonly Inputs.Lot[] {
  const byId = new Map(given.map((lot) => [lot.lotId, lot]))
  return own.flatMap((lot) => {
    const one = byId.get(lot.lotId)
    if (one === undefined || one.holder !== lot.holder || one.chainId !== lot.chainId) return []
    const worse = (name: keyof Inputs.Lot['haircuts']) => Math.max(lot.haircuts[name], one.haircuts[name])
    const haircuts = {
      ...{ assetPpm: worse('assetPpm'), bridgePpm: worse('bridgePpm') },
      ...{ venuePpm: worse('venuePpm'), agePpm: worse('agePpm') },
    }
    return [{ ...lot, haircuts }]
  })
}

export function readerOf(all: Readers, chainId: number): Quorum.Reader {
  const reader = all.get(chainId)
  if (!reader) throw new RangeError(`Chain ${chainId} has no reader, which the deployment refuses.`)
  return reader
}
