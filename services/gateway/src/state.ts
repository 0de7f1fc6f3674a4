/** What the gateway knows, taken anew every second: chains, ledger, forecasts, standings, made into one snapshot. */
import { Fault, Forecasts, Gather, type Services, type Snapshot } from '@plimsoll/api'
import { CollateralView, type Ending, type Header, Jitter, type Tie } from '@plimsoll/chain'
import { Hash, Market } from '@plimsoll/contracts'
import { Holder } from '@plimsoll/liquidation'
import { Inputs } from '@plimsoll/margin'
import { Caip10 } from '@plimsoll/reputation'
import { Book, type Database, Evidence, Leases, Ledger } from '@plimsoll/store'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import * as Brakes from './jobs/brakes.ts'
import * as Calls from './jobs/calls.ts'
import * as Chains from './jobs/chains.ts'
import * as Finals from './jobs/finals.ts'
import * as Guards from './jobs/guards.ts'
import * as LastPrices from './jobs/lastprices.ts'
import * as Members from './jobs/members.ts'
import * as Places from './jobs/places.ts'
import type { Scorecard } from './jobs/scorecard.ts'
import type { Shares } from './jobs/shares.ts'
import * as Standings from './jobs/standings.ts'
import * as Views from './jobs/views.ts'
import * as Rounds from './rounds.ts'

type Hex = `0x${string}`

export type State = {
  /** @throws {Fault.SnapshotUnavailableError} there is none, or it is too old. */
  readonly snapshot: () => Snapshot.Snapshot
  /** The latest if it is at most two seconds old, else the next. @throws {Fault.SnapshotUnavailableError} */
  readonly fresh: () => Snapshot.Snapshot | Promise<Snapshot.Snapshot>
  /** Resolves once a snapshot holds this participant and its accounts as they are now. */
  readonly include: (participantId: Hex) => Promise<void>
  /** Reads a participant here for the next ten minutes, whoever else does; resolves once a snapshot holds it. */
  readonly attend: (participantId: Hex) => Promise<void>
  /** The readers of every chain served. */
  readonly readers: Chains.Readers
  /** A participant's accounts, as of the last look. */
  readonly accounts: (participantId: Hex) => readonly Caip10.Parts[]
  /** What its accounts signed to be one's, newest first, as of the last look. */
  readonly ties: (participantId: Hex) => readonly Tie.Tie[]
  /** What of it is over by their own word, newest first, as of the last look. */
  readonly endings: (participantId: Hex) => readonly Ending.Ending[]
  readonly owns: (participantId: Hex, account: Hex, chainId: number) => boolean
  readonly marginCall: (participantId: Hex) => boolean
  /** What moved a participant's score between two times. @throws {Gather.UnknownParticipantError} */
  readonly scoreChange: (participantId: Hex, times: { readonly from: number; readonly to: number }) => Services.ScoreChange
  readonly faults: () => readonly string[]
  /** Takes one snapshot now. */
  readonly tick: () => Promise<void>
  /** Takes one about every `intervalMs` until stopped. */
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const intervalMs = 1_000
/** Limits are computed from a snapshot at most this old; an older one is waited out. */
const youngMs = 2_000
/** Beyond this the gateway says that it does not know, rather than show what it knew. */
const maxAgeMs = 10_000
/** So long after it last asked a participant is read here, whoever holds its shard. */
const attendedMs = 600_000

/** Opens the state; nothing is read before the first tick. */
export function open(args: open.Args): State {
  const { config, database, shares, scorecard, forecasterUrl, nowMs, log, random = Math.random } = args
  const readers = Chains.readers({ config, nowMs, random, accepted: args.accepted ?? new Map() })
  const finals = Finals.open(readers)
  const guards = Guards.open(config)
  const lastPrices = LastPrices.open({ config, database, guards })
  const history = Standings.open({ config, database, readers, scorecard, historian: () => shares.job('history') })
  const symbols = config.markets.map(({ symbol }) => symbol)
  const books = Brakes.books()
  const paramsHash = Hash.ofText(Inputs.canonicalParams(config.params))

  let current: Snapshot.Snapshot | null = null
  let faults: readonly string[] = ['nothing has been read yet']
  const listed = Members.open({ config, database })
  const members = listed.all()
  /** Who asked here, until when it is read for that, and the first reading. */
  const attended = new Map<Hex, { readonly until: number; readonly read: Promise<void> }>()
  let ledger: Book.Book | null = null

  /** Who is read here: the participants of our shards, those who asked here, and those whose losses we follow. */
  function readHere(own: ReturnType<Shares['participants']>, book: Book.Book): ReadonlyMap<Hex, Standings.Member> {
    for (const [participantId, { until }] of attended) if (until <= nowMs()) attended.delete(participantId)
    const follows = shares.job('losses') !== null
    const isDue = ({ marginCall, keys }: Book.Participant) => marginCall || [...keys.values()].some(({ fees }) => fees > 0n)
    return new Map(
      [...members].filter(([participantId]) => {
        const participant = book.participants.get(participantId)
        return own.has(participantId) || attended.has(participantId) || (follows && participant !== undefined && isDue(participant))
      }),
    )
  }

  /** Records what is ours to record, and what nobody has recorded yet of those who asked here. */
  async function observe(read: Chains.VenueRead, given: Observing): Promise<void> {
    const { own, known } = given
    const seen = observationOf(config, read)
    const { chainId, address } = read.venue
    const ownerOf = new Map<Hex, Hex>()
    for (const [participantId, { accounts }] of members)
      for (const account of accounts) if (Caip10.isOn(account, chainId)) ownerOf.set(account.address, participantId)
    // What belongs to nobody is somebody's as well: by its own address.
    const ours = seen.accounts.filter(({ account }) => own.has(ownerOf.get(account) ?? account))
    if (ours.length > 0) await asHolder(() => Ledger.observe(own.database, { ...seen, accounts: ours }))
    const news = seen.accounts.filter(({ account }) => {
      const participantId = ownerOf.get(account)
      if (participantId === undefined || own.has(participantId) || !attended.has(participantId)) return false
      const keys = known.participants.get(participantId)?.keys.values() ?? []
      return ![...keys].some((key) => key.account === account && key.chainId === chainId && key.venue === address)
    })
    if (news.length > 0) await Ledger.meet(database, { ...seen, accounts: news })
  }

  /** Where a share went to somebody else meanwhile, that one writes it; what is read here still serves requests. */
  async function asHolder(write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!(error instanceof Leases.LeaseLostError)) throw error
      log.warn({ err: error }, 'a share of the work is no longer ours')
    }
  }

  async function take(): Promise<void> {
    const takenAtMs = nowMs()
    const asOf = Math.floor(takenAtMs / 1000)
    const own = shares.participants()
    await lastPrices.recall()
    const known = await Ledger.snapshot(database)
    await listed.list(known)
    const here = readHere(own, known)
    const accounts = [...new Set([...here.values()].flatMap((member) => member.accounts.map(({ address }) => address)))]
    const [chains, forecasts] = await Promise.all([
      Chains.read({ config, readers, guards, accounts, asOf }),
      Forecasts.fetch({ url: forecasterUrl, symbols, ask: fetch }),
      history.advance(asOf),
    ])
    await lastPrices.keep(asOf)
    const historian = shares.job('history')
    if (historian !== null) await asHolder(() => finals.keep(historian))
    const seen = [...chains.venues, ...chains.partly]
    for (const read of seen) await observe(read, { own, known })
    const book = await Ledger.snapshot(database)
    const markets = marketsOf({ config, chains, whole: await books(chains), forecasts, book })
    const views = new Map<Hex, Inputs.View>()
    const firm = new Map<Hex, Snapshot.Firm>()
    const elsewhere = new Map<Hex, Snapshot.Elsewhere>()
    const held = CollateralView.sorted(chains.collateral)
    for (const [participantId, member] of here) {
      const own = held([...new Set(member.accounts.map(({ address }) => address))])
      views.set(participantId, Views.of(own, member))
      firm.set(participantId, Views.firmOf(own, member))
      elsewhere.set(participantId, Places.of(own, Views.isOwnOf(member)))
    }
    const standings = await history.standings({ members: here, markets, ledger: book, asOf })

    ledger = book
    current = {
      takenAtMs,
      params: config.params,
      paramsHash,
      chains: chains.statuses,
      venues: venuesOf(config, { venues: seen }),
      markets,
      views,
      firm,
      elsewhere,
      claims: new Map(
        chains.collateral.claims.map(({ lotId, venue, amount }) => [
          Gather.claimKey(lotId, { id: `eip155:${venue.chainId}:${venue.address}` }),
          amount,
        ]),
      ),
      standings,
      ceilings: ceilingsOf(config, chains),
      ledger: {
        state: ({ participantId, account, venue, market }) =>
          Book.state(book, { participantId, account, venue: { chainId: venue.chainId, address: venue.address }, market: market.id }),
        encumbered: (participantId) => Book.encumbered(book, participantId),
        market: ({ venue, market }) => Book.marketOf(book, { chainId: venue.chainId, market: market.id }),
      },
      assets: new Map(config.assets.map(({ asset, market }) => [asset, market])),
      forecastBackend: forecasts.backend,
    }
    faults = [...chains.faults, ...(forecasts.fault === null ? [] : [forecasts.fault]), ...history.faults()]
    await asHolder(() => conclude({ own, book, standings }))
  }

  /** Opens and clears margin calls. Burns what a debt has cost. */
  async function conclude(args: {
    readonly own: ReturnType<Shares['participants']>
    readonly book: Book.Book
    readonly standings: ReadonlyMap<Hex, Standings.Judged>
  }): Promise<void> {
    const { own, book, standings } = args
    const due = current === null ? [] : Calls.due({ book, snapshot: current, members })
    for (const call of due) if (own.has(call.participantId)) await Ledger.call(own.database, call)
    for (const [participantId, { burns }] of standings)
      if (burns && own.has(participantId)) await Evidence.burn(own.database, participantId)
  }

  const look = (): Promise<void> =>
    take().catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
      faults = [`snapshot: ${code}${error instanceof Error ? error.message : String(error)}`]
      log.warn({ err: error }, 'no snapshot could be taken')
    })
  const { round: tick, over, start, stop } = Rounds.of({ work: look, pauseMs: () => Jitter.around({ ms: intervalMs, random }) })

  const snapshot = (): Snapshot.Snapshot => {
    const ageMs = current === null ? null : nowMs() - current.takenAtMs
    if (current === null || ageMs === null || ageMs > maxAgeMs)
      throw new Fault.SnapshotUnavailableError({ ageSeconds: ageMs === null ? null : ageMs / 1000, faults })
    return current
  }

  /** A snapshot that begins now: the one under way may have listed a participant's accounts before they were as they are. */
  async function again(): Promise<void> {
    await over()
    await tick()
  }

  async function attend(participantId: Hex): Promise<void> {
    const before = attended.get(participantId)
    const read = before?.read ?? (current?.views.has(participantId) && members.has(participantId) ? Promise.resolve() : again())
    attended.set(participantId, { until: nowMs() + attendedMs, read })
    await read
  }

  return {
    snapshot,
    fresh: () => {
      if (current !== null && nowMs() - current.takenAtMs <= youngMs) return current
      return tick().then(snapshot)
    },
    include: async (participantId) => {
      listed.renew(participantId)
      const read = again()
      attended.set(participantId, { until: nowMs() + attendedMs, read })
      await read
    },
    attend,
    readers,
    accounts: (participantId) => members.get(participantId)?.accounts ?? [],
    ties: (participantId) => members.get(participantId)?.ties ?? [],
    endings: (participantId) => members.get(participantId)?.endings ?? [],
    owns: (participantId, account, chainId) =>
      members.get(participantId)?.accounts.some((it) => it.address === account && Caip10.isOn(it, chainId)) ?? false,
    scoreChange: (participantId, times) => {
      const member = members.get(participantId)
      if (!member) throw new Gather.UnknownParticipantError(participantId)
      return history.change(member, times)
    },
    marginCall: (participantId) => ledger?.participants.get(participantId)?.marginCall ?? false,
    faults: () => faults,
    ...{ tick, start, stop },
  }
}

export declare namespace open {
  type Args = {
    readonly config: Config
    readonly database: Database.Database
    readonly shares: Shares
    readonly scorecard: Scorecard
    /** Final blocks known from before, by chain. */
    readonly accepted?: ReadonlyMap<number, Header.Header>
    readonly forecasterUrl: string
    readonly nowMs: () => number
    /** When the next look is taken, and how long a failing source is left alone: not in step with other gateways. */
    readonly random?: Jitter.Random
    readonly log: Logger
  }
}

type Observing = { readonly own: ReturnType<Shares['participants']> /** The ledger before. */; readonly known: Book.Book }

/** What a venue showed at its final block, as the ledger records it: every account asked for and everybody in the book, market by market. */
function observationOf(config: Config, read: Chains.VenueRead): Parameters<typeof Ledger.observe>[1] {
  const { venue, final, book } = read
  const accepted = new Map(book.standings.map((standing) => [`${standing.key.account}|${standing.key.market}`, standing]))
  const accounts = new Map([...final.book, ...final.accounts].map((account) => [account.account, account]))
  const ids = config.markets.map(({ symbol }) => Market.id(symbol))
  return {
    chainId: venue.chainId,
    venue: venue.address,
    block: { number: final.pinned.block.number, hash: final.pinned.block.hash, timestamp: final.pinned.block.timestamp },
    accounts: [...accounts.values()].map((account) =>
      Holder.toLedger(account, ids, (market) => accepted.get(`${account.account}|${market}`) ?? null),
    ),
  }
}

/** Every venue configured, by chain and address: the same address on another chain is another venue. Its epoch is null where it was not read. */
export function venuesOf(config: Pick<Config, 'venues'>, chains: Pick<Chains.ChainsRead, 'venues'>): ReadonlyMap<string, Snapshot.Venue> {
  return new Map(
    config.venues.map((venue) => {
      const { chainId, address, name, limitBook } = venue
      const id = `eip155:${chainId}:${address}`
      const epoch = chains.venues.find((it) => it.venue.chainId === chainId && it.venue.address === address)?.ceilings.epoch ?? null
      return [id, { id, chainId, address, name, limitBook, epoch }] as const
    }),
  )
}

function ceilingsOf(config: Config, chains: Chains.ChainsRead): ReadonlyMap<string, bigint> {
  const symbolOf = new Map(config.markets.map(({ symbol }) => [Market.id(symbol), symbol]))
  return new Map(
    chains.venues.flatMap((read) =>
      read.ceilings.standings.map(
        ({ key, ceiling }) =>
          [`${key.account}|${idOf(read)}|${symbolOf.get(key.market) ?? ''}`, isClosing(read, key.market) ? 0n : ceiling] as const,
      ),
    ),
  )
}

const idOf = ({ venue }: Pick<Chains.VenueRead, 'venue'>) => `eip155:${venue.chainId}:${venue.address}`

/** Whether the venue winds the market down: it opens nothing in it, whatever its book would accept. */
function isClosing({ final }: Pick<Chains.VenueRead, 'final'>, id: Hex): boolean {
  return final.markets.some(({ market, maxOpenInterest }) => market === id && maxOpenInterest === 0n)
}

function marketsOf(args: {
  readonly config: Config
  readonly chains: Chains.ChainsRead
  readonly whole: Brakes.Whole
  readonly forecasts: Forecasts.Forecasts
  readonly book: Book.Book
}): ReadonlyMap<string, Snapshot.MarketState> {
  const { config, chains, whole, forecasts, book } = args
  return new Map(
    config.markets.map((market) => {
      const { symbol, feed, initial, maintenance, liquidity, liquidationCostPpm, caps, wrongWay } = market
      const id = Market.id(symbol)
      const assessed = chains.prices.get(CollateralView.feedKey({ chainId: config.feeds.chainId, address: feed }))
      const price: Snapshot.Price =
        assessed?.status === 'ok'
          ? { status: 'ok', index: assessed.price, mark: assessed.price, publishedAt: assessed.publishedAt }
          : { status: 'refused', code: assessed?.code ?? 'ORACLE_UNREADABLE', message: assessed?.sentence ?? 'The feed was not read.' }
      const forecast = forecasts.bySymbol.get(symbol) ?? {
        status: 'missing' as const,
        code: 'FORECAST_MISSING',
        message: `There is no forecast of ${symbol}.`,
      }
      const open = chains.venues.flatMap(({ final }) => final.markets.filter((it) => it.market === id))
      return [
        symbol,
        {
          terms: { id, symbol, initial, maintenance, liquidity, liquidationCostPpm, caps, wrongWay },
          price,
          forecast,
          ...Brakes.of({ config, market, id, chains, whole, ledger: book, forecast }),
          openInterest: {
            long: sum(open.map(({ longNotional }) => longNotional)),
            short: sum(open.map(({ shortNotional }) => shortNotional)),
          },
          closing: [...chains.venues, ...chains.partly].filter((read) => isClosing(read, id)).map(idOf),
        },
      ]
    }),
  )
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a + b, 0n)
}
