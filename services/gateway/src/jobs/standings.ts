/** Records read from chain, scored, and turned into grants. The arithmetic is reputation's; this only brings it the events. */
import type { Snapshot } from '@plimsoll/api'
import { Conduct, type Event, History } from '@plimsoll/chain'
import { Hash, Market } from '@plimsoll/contracts'
import { Fixed, type Inputs } from '@plimsoll/margin'
import { Caip10, Evidence, Grant, Membership, Model, Score, TrackRecord } from '@plimsoll/reputation'
import { type Database, Events, type Book as Ledger, type Evidence as Stored } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type { Readers } from './chains.ts'

type Hex = `0x${string}`

/** Who was with a participant and when, and what it has proven. */
export type Member = {
  readonly memberships: readonly Membership.Membership[]
  readonly evidence: readonly Stored.Evidence[]
}

/** A standing; `burns`: a debt was left behind, and what is proven of the person must not count again. */
export type Judged = Snapshot.Standing & { readonly burns: boolean }

export type Standings = {
  /** Reads what is new and final on every chain. */
  readonly advance: () => Promise<void>
  readonly standings: (args: {
    readonly members: ReadonlyMap<Hex, Member>
    readonly markets: ReadonlyMap<string, Snapshot.MarketState>
    /** What carries risk already: one record pays for all of it together. */
    readonly ledger: Ledger.Book
    readonly asOf: number
  }) => Promise<ReadonlyMap<Hex, Judged>>
  readonly faults: () => readonly string[]
}

const model = Model.first
const modelHash = Hash.ofText(Model.canonical(model))

/** History of every vault and venue from the block it was deployed in. */
export function open(args: { readonly config: Config; readonly database: Database.Database; readonly readers: Readers }): Standings {
  const { config, database, readers } = args
  const sources = contractsOf(config)
  const cursors = new Map<number, History.Cursor | { readonly number: bigint }>(
    sources.map(({ chainId, from }) => [chainId, { number: from }]),
  )
  const byAccount = new Map<Hex, Event.Event[]>()
  let faults: readonly string[] = []

  async function advanceChain({ chainId, contracts }: (typeof sources)[number]): Promise<string | null> {
    const reader = readers.get(chainId)
    const from = cursors.get(chainId)
    if (!reader || !from) return null
    try {
      const { events, cursor } = await History.fetch({ reader, from, contracts })
      if (events.length > 0) await Events.record(database, events.map(storedOf))
      for (const event of events) keep(event)
      cursors.set(chainId, cursor)
      return null
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'HISTORY_UNREADABLE'
      return `history of chain ${chainId}: ${code}`
    }
  }

  function keep(event: Event.Event): void {
    const list = byAccount.get(event.account) ?? []
    byAccount.set(event.account, list)
    list.push(event)
  }

  return {
    advance: async () => {
      const outcomes = await Promise.all(sources.map(advanceChain))
      faults = outcomes.filter((fault) => fault !== null)
    },
    standings: async ({ members, markets, ledger, asOf }) => {
      const memberships = [...members.values()].flatMap((member) => member.memberships)
      const named = [...new Set(memberships.map(({ account }) => account))]
      const conduct = named.flatMap((account) => conductOf(account, byAccount))
      const histories = Membership.histories(memberships, conduct)
      const standings = new Map<Hex, Judged>()
      for (const [participantId, { evidence }] of members)
        standings.set(
          participantId,
          standingOf({
            events: histories.get(participantId) ?? [],
            evidence,
            carried: carriedBy(ledger, participantId),
            markets,
            asOf,
            config,
          }),
        )
      return standings
    },
    faults: () => faults,
  }
}

/** What an account did, under its own name: a contract account on its own chain only. */
function conductOf(account: string, byAccount: ReadonlyMap<Hex, readonly Event.Event[]>): readonly TrackRecord.Event[] {
  const { chainId, address } = Caip10.parse(account)
  const events = byAccount.get(address) ?? []
  if (events.length === 0) return []
  if (chainId === 0) return Conduct.of(events)
  // Under another name than an externally owned account's: an address may have been both.
  return Conduct.of(events.filter((event) => event.chainId === chainId)).map((event) => ({
    ...event,
    id: `${event.id}@${chainId}`,
    account,
  }))
}

function standingOf(args: {
  readonly events: readonly TrackRecord.Event[]
  readonly evidence: readonly Stored.Evidence[]
  readonly carried: readonly Carried[]
  readonly markets: ReadonlyMap<string, Snapshot.MarketState>
  readonly asOf: number
  readonly config: Config
}): Judged {
  const { events, evidence, carried, markets, asOf, config } = args
  const record = TrackRecord.of(events, asOf, model)
  const score = Score.of(record, model)
  const owes = events.some(({ kind, at }) => kind === 'badDebt' && at <= asOf)
  // What was proven a moment ago, by somebody who left a debt behind, does not count until it is noted as burned.
  const held = owes ? evidence.map((piece) => ({ ...piece, burnedAt: piece.burnedAt ?? asOf })) : evidence
  const { without, tier, effect } = Evidence.explain(held, { provenAccounts: 1, events: record.events }, asOf)
  const grants = new Map<string, Inputs.Grant>()
  for (const [symbol, market] of markets) {
    // Without a forecast there is no bound on what a discount is worth to a pair of opposite positions, and no grant either.
    if (market.forecast.status === 'missing') continue
    grants.set(
      symbol,
      Grant.of({
        tier,
        score,
        record,
        bond: 0n,
        pair: pairOf(config, symbol, market.forecast.forecast),
        elsewhere: elsewhereOf(carried, symbol, markets, config),
        tierCaps: config.tierCaps,
        model,
        modelHash,
      }),
    )
  }
  return {
    tier,
    evidence: { without, pieces: effect.lines.map((line) => ({ ...line, ...shownOf(line, evidence) })) },
    burns: owes && evidence.some(({ burnedAt }) => burnedAt === null),
    score: score.score,
    pdPpm: score.pdPpm,
    points: score.lines,
    raises: Score.raises(record, model).map((raise) => ({
      code: raise.code,
      gain: raise.gain,
      how:
        raise.how === 'wait'
          ? `wait ${Math.ceil(raise.afterSeconds / 86_400)} days without another`
          : `bring its weight to ${raise.toPpm / 1_000_000}; it is ${raise.fromPpm / 1_000_000} now, and each fresh one adds 1`,
    })),
    grants,
  }
}

/** How a piece came here, which does not bear on what it does. */
function shownOf(line: Evidence.Evidence, evidence: readonly Stored.Evidence[]): Pick<Stored.Evidence, 'kind' | 'source'> {
  const piece = evidence.find(({ scope, nullifier }) => scope === line.scope && nullifier === line.nullifier)
  return { kind: piece?.kind ?? '', source: piece?.source ?? {} }
}

/** Notional a key carries or may carry in one market. USD. */
type Carried = { readonly market: Hex; readonly notional: bigint }

function carriedBy(ledger: Ledger.Book, participantId: Hex): readonly Carried[] {
  const keys = ledger.participants.get(participantId)?.keys ?? new Map<string, Ledger.Key>()
  return [...keys.values()].flatMap(({ positions }) =>
    [...positions].map(([market, { notional, maxNotional }]) => ({ market, notional: Fixed.max(notional, maxNotional) })),
  )
}

/** What the participant carries beside its greatest position in this market: a record's discount is not given twice. */
function elsewhereOf(carried: readonly Carried[], symbol: string, markets: ReadonlyMap<string, Snapshot.MarketState>, config: Config) {
  const id = Market.id(symbol)
  const here = carried.filter(({ market }) => market === id).map(({ notional }) => notional)
  const greatest = here.reduce((most, notional) => Fixed.max(most, notional), 0n)
  const beside = here.reduce((sum, notional) => sum + notional, 0n) - greatest
  return [...markets].flatMap(([other, { forecast }]) => {
    if (forecast.status === 'missing') return []
    const notional = other === symbol ? beside : carried.reduce((sum, it) => (it.market === Market.id(other) ? sum + it.notional : sum), 0n)
    return notional === 0n ? [] : [{ notional, pair: pairOf(config, other, forecast.forecast) }]
  })
}

/** What the market offers to a pair of opposite positions: static terms, and the forecast over one window. */
function pairOf(config: Config, symbol: string, forecast: Inputs.Forecast) {
  const market = config.markets.find((it) => it.symbol === symbol)
  const rate = (curve: Inputs.Curve | undefined) =>
    curve === undefined ? 0 : curve.kind === 'tiers' ? (curve.tiers[0]?.ppm ?? 0) : curve.ppm
  return {
    initialPpm: rate(market?.initial),
    maintenancePpm: rate(market?.maintenance),
    sigmaPpm: forecast.sigmaPpm,
    quantilePpm: Math.max(forecast.liquidation.longPpm, forecast.liquidation.shortPpm),
    windowSeconds: config.params.liquidationSeconds,
  }
}

function contractsOf(config: Config) {
  return config.chains.flatMap(({ chainId }) => {
    const vaults = config.vaults.filter((vault) => vault.chainId === chainId)
    const venues = config.venues.filter((venue) => venue.chainId === chainId)
    if (vaults.length + venues.length === 0) return []
    const blocks = [...vaults, ...venues].map(({ fromBlock }) => fromBlock)
    return [
      {
        chainId,
        from: blocks.reduce((least, block) => Fixed.min(least, block)),
        contracts: [
          ...vaults.map(({ address }) => ({ kind: 'vault' as const, address })),
          ...venues.map(({ address, collateral }) => ({ kind: 'venue' as const, address, token: collateral })),
        ],
      },
    ]
  })
}

/** So many facts at most come from one log. */
const factsPerLog = 8

function storedOf(event: Event.Event, index: number, all: readonly Event.Event[]): Events.Event {
  const first = all.findIndex((other) => other.blockHash === event.blockHash && other.logIndex === event.logIndex)
  const { chainId, blockNumber, blockHash, account, kind, at } = event
  return {
    chainId,
    blockNumber,
    blockHash,
    logIndex: event.logIndex * factsPerLog + (index - first),
    account,
    kind,
    at,
    body: {
      amountUsd: event.amountUsd?.toString() ?? null,
      token: event.token?.address ?? null,
      amount: event.token?.amount.toString() ?? null,
      market: event.market,
      transaction: event.transactionHash,
    },
  }
}
