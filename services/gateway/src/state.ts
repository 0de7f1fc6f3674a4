/** What the gateway knows, taken anew every second: chains, ledger, forecasts, standings, made into one snapshot. */
import { Fault, Gather, type Services, type Snapshot } from '@plimsoll/api'
import { CollateralView, type Header, Jitter } from '@plimsoll/chain'
import { Hash, Market } from '@plimsoll/contracts'
import { Holder } from '@plimsoll/liquidation'
import { Credit, Inputs } from '@plimsoll/margin'
import { Caip10, Membership } from '@plimsoll/reputation'
import { Book, type Database, Evidence, Ledger, Participants } from '@plimsoll/store'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import * as Brakes from './jobs/brakes.ts'
import * as Chains from './jobs/chains.ts'
import * as Finals from './jobs/finals.ts'
import * as Forecasts from './jobs/forecasts.ts'
import * as Guards from './jobs/guards.ts'
import * as Places from './jobs/places.ts'
import type { Scorecard } from './jobs/scorecard.ts'
import * as Standings from './jobs/standings.ts'

type Hex = `0x${string}`

export type State = {
  /** @throws {Fault.SnapshotUnavailableError} there is none, or it is too old. */
  readonly snapshot: () => Snapshot.Snapshot
  /** The latest if it is at most two seconds old, else the next. @throws {Fault.SnapshotUnavailableError} */
  readonly fresh: () => Snapshot.Snapshot | Promise<Snapshot.Snapshot>
  /** Resolves once a snapshot holds this participant and its accounts as they are now. */
  readonly include: (participantId: Hex) => Promise<void>
  /** The readers of every chain served. */
  readonly readers: Chains.Readers
  /** A participant's accounts, as of the last look. */
  readonly accounts: (participantId: Hex) => readonly Caip10.Parts[]
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

/** Opens the state; nothing is read before the first tick. */
export function open(args: open.Args): State {
  const { config, database, scorecard, forecasterUrl, nowMs, log, random = Math.random } = args
  const readers = Chains.readers({ config, nowMs, random, accepted: args.accepted ?? new Map() })
  const finals = Finals.open({ database, readers })
  const guards = Guards.open(config)
  const history = Standings.open({ config, database, readers, scorecard })
  const symbols = config.markets.map(({ symbol }) => symbol)
  const paramsHash = Hash.ofText(Inputs.canonicalParams(config.params))

  let current: Snapshot.Snapshot | null = null
  let faults: readonly string[] = ['nothing has been read yet']
  /** Accounts and evidence by participant, and the ledger version at which they were listed. */
  const members = new Map<Hex, { readonly version: bigint } & Standings.Member>()
  const memberships = new Map<Hex, readonly Participants.Membership[]>()
  let ledger: Book.Book | null = null
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  async function list(book: Book.Book): Promise<void> {
    const changed = [...book.participants].filter(([participantId, { version }]) => members.get(participantId)?.version !== version)
    if (changed.length === 0) return
    for (const [participantId] of changed) memberships.set(participantId, await Participants.history(database, participantId))
    const everybody = [...memberships].flatMap(([participantId, all]) => all.map((membership) => ({ ...membership, participantId })))
    const carried = Membership.carried(everybody)
    for (const [participantId, { version }] of changed)
      members.set(participantId, {
        version,
        accounts: (memberships.get(participantId) ?? []).flatMap(({ account, unlinkedAt }) =>
          unlinkedAt === null ? [Caip10.parse(account)] : [],
        ),
        carried: (carried.get(participantId) ?? []).map(({ account, until }) => ({ account: Caip10.parse(account), until })),
        evidence: await Evidence.of(database, participantId),
      })
  }

  async function take(): Promise<void> {
    const takenAtMs = nowMs()
    const asOf = Math.floor(takenAtMs / 1000)
    await list(await Ledger.snapshot(database))
    const accounts = [...new Set([...members.values()].flatMap((member) => member.accounts.map(({ address }) => address)))]
    const [chains, forecasts] = await Promise.all([
      Chains.read({ config, readers, guards, accounts, asOf }),
      Forecasts.read({ url: forecasterUrl, symbols }),
      history.advance(),
    ])
    await finals.keep()
    for (const read of chains.venues) await Ledger.observe(database, observationOf(config, read))
    const book = await Ledger.snapshot(database)
    const markets = marketsOf({ config, chains, forecasts, book })
    const views = new Map<Hex, Inputs.View>()
    const elsewhere = new Map<Hex, Snapshot.Elsewhere>()
    for (const [participantId, member] of members) {
      views.set(participantId, viewOf(chains.collateral, member))
      elsewhere.set(participantId, Places.of(chains.collateral, isOwnOf(member)))
    }
    const standings = await history.standings({ members, markets, ledger: book, asOf })

    ledger = book
    current = {
      takenAtMs,
      params: config.params,
      paramsHash,
      chains: chains.statuses,
      venues: venuesOf(config, chains),
      markets,
      views,
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
      },
      assets: new Map(config.assets.map(({ asset, market }) => [asset, market])),
      forecastBackend: forecasts.backend,
    }
    faults = [...chains.faults, ...(forecasts.fault === null ? [] : [forecasts.fault]), ...history.faults()]
    await callMargins(current, book)
    for (const [participantId, standing] of standings) if (standing.burns) await Evidence.burn(database, participantId)
  }

  /** Opens and clears margin calls, on full views only: a partial one would call on doubtful data. */
  async function callMargins(snapshot: Snapshot.Snapshot, book: Book.Book): Promise<void> {
    for (const [participantId, participant] of book.participants) {
      const view = snapshot.views.get(participantId)
      if (!view || view.missing.length > 0) continue
      const { lots } = Gather.viewOf(snapshot, participantId)
      const credit = Credit.of(lots, snapshot.params, Math.floor(snapshot.takenAtMs / 1000)).total
      const short = credit < Book.encumbered(book, participantId)
      if (short !== participant.marginCall) await Ledger.call(database, { participantId, credit })
    }
  }

  const tick = (): Promise<void> => {
    running ??= take()
      .catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
        faults = [`snapshot: ${code}${error instanceof Error ? error.message : String(error)}`]
        log.warn({ err: error }, 'no snapshot could be taken')
      })
      .finally(() => {
        running = null
      })
    return running
  }

  const snapshot = (): Snapshot.Snapshot => {
    const ageMs = current === null ? null : nowMs() - current.takenAtMs
    if (current === null || ageMs === null || ageMs > maxAgeMs)
      throw new Fault.SnapshotUnavailableError({ ageSeconds: ageMs === null ? null : ageMs / 1000, faults })
    return current
  }

  return {
    snapshot,
    fresh: () => {
      if (current !== null && nowMs() - current.takenAtMs <= youngMs) return current
      return tick().then(snapshot)
    },
    include: async (participantId) => {
      members.delete(participantId)
      // The one under way may have listed its accounts before this one was there.
      await running
      await tick()
    },
    readers,
    accounts: (participantId) => members.get(participantId)?.accounts ?? [],
    owns: (participantId, account, chainId) =>
      members.get(participantId)?.accounts.some((it) => it.address === account && isOn(it, chainId)) ?? false,
    scoreChange: (participantId, times) => {
      const member = members.get(participantId)
      if (!member) throw new Gather.UnknownParticipantError(participantId)
      return history.change(member, times)
    },
    marginCall: (participantId) => ledger?.participants.get(participantId)?.marginCall ?? false,
    faults: () => faults,
    tick,
    start: () => {
      const next = () => {
        const ms = Jitter.around({ ms: intervalMs, random })
        timer = setTimeout(() => void tick().then(() => (timer === null ? undefined : next())), ms)
      }
      next()
    },
    stop: async () => {
      if (timer) clearTimeout(timer)
      timer = null
      await running
    },
  }
}

export declare namespace open {
  type Args = {
    readonly config: Config
    readonly database: Database.Database
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

/** A contract account is somebody on its own chain only: at the same address elsewhere there may be another's. */
function isOn(account: Caip10.Parts, chainId: number): boolean {
  return account.chainId === 0 || account.chainId === chainId
}

function isOwnOf({ accounts }: Standings.Member) {
  return ({ holder, chainId }: { readonly holder: string; readonly chainId: number }): boolean =>
    accounts.some((it) => it.address === holder && isOn(it, chainId))
}

function viewOf(view: CollateralView.CollateralView, member: Standings.Member): Inputs.View {
  const own = CollateralView.of({ view, accounts: member.accounts.map(({ address }) => address) })
  return { lots: own.lots.filter(isOwnOf(member)), missing: own.missing }
}

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

function venuesOf(config: Config, chains: Chains.ChainsRead): ReadonlyMap<string, Snapshot.Venue> {
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
    chains.venues.flatMap(({ venue, ceilings }) =>
      ceilings.standings.map(
        ({ key, ceiling }) =>
          [`${key.account}|eip155:${venue.chainId}:${venue.address}|${symbolOf.get(key.market) ?? ''}`, ceiling] as const,
      ),
    ),
  )
}

function marketsOf(args: {
  readonly config: Config
  readonly chains: Chains.ChainsRead
  readonly forecasts: Forecasts.Forecasts
  readonly book: Book.Book
}): ReadonlyMap<string, Snapshot.MarketState> {
  const { config, chains, forecasts, book } = args
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
          ...Brakes.of({ config, market, id, chains, ledger: book, forecast }),
          openInterest: {
            long: sum(open.map(({ longNotional }) => longNotional)),
            short: sum(open.map(({ shortNotional }) => shortNotional)),
          },
        },
      ]
    }),
  )
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a + b, 0n)
}
