/** Records as they were read: from the database what was read before, from the chains what is new and final. */
import { Conduct, Event, History, Mark } from '@plimsoll/chain'
import { Hash, Market } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
import { Caip10, type Exposure, type Model, TrackRecord } from '@plimsoll/reputation'
import { type Database, Events, Ledger } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type { Readers } from './chains.ts'
import * as Worth from './worth.ts'

type Hex = `0x${string}`

/** Whose record: the accounts linked now, and those whose bad history up to a time stays: that left, or that its accounts were with. */
export type Member = {
  readonly accounts: readonly Caip10.Parts[]
  readonly carried: readonly { readonly account: Caip10.Parts; readonly until: number }[]
}

export type Records = {
  /** Takes what is new: from the database what others read, from every chain what is final, if that is ours to read, and the ledger's margin calls. */
  readonly advance: (asOf: number) => Promise<void>
  /** Everything that counts of one participant; the same list while there is nothing new. */
  readonly of: (member: Member) => readonly TrackRecord.Event[]
  /** Chains of which something final has been unread for too long: what is known of anybody may lack the worst. */
  readonly behind: (asOf: number) => readonly number[]
  readonly faults: () => readonly string[]
}

/** A record stands for so long without a look at what came since. A chain may make its blocks final no oftener than every few minutes. */
const historySeconds = 1_800

/** Nothing of the database's own clock is later than this before its newest row: transactions commit out of order. */
const ledgerLagSeconds = 60

/** History of every vault and venue from the block it was deployed in, and the index price since the first venue's. */
export function open(args: open.Args): Records {
  const { config, database, readers, model, historian } = args
  const sources = sourcesOf(config)
  const feeds = feedsOf(config)
  const known = new Set<string>()
  const byAccount = new Map<Hex, Event.Event[]>()
  const callsOf = new Map<Hex, Conduct.Call[]>()
  const marks = new Map<Hex, Exposure.Mark[]>(feeds.markets.map(({ feed }) => [feed, []]))
  const worthOf = Worth.of({ config, marksOf: (feed) => marks.get(feed) ?? [] })
  const places = new Map<string, { readonly index: number; readonly block: bigint }>()
  let marked = 0
  const cursors = new Map<string, string | null>()
  /** When nothing final of a source was unread, by source. */
  const currentAt = new Map<string, number>()
  const evidence = new Map<string, { readonly version: string; readonly events: readonly TrackRecord.Event[] }>()
  let ledgerAt = 0
  let faults: readonly string[] = []

  /** A row once, whoever read it. */
  function keep(row: Events.Event): void {
    const id = `${row.chainId}:${row.blockHash}:${row.logIndex}`
    if (known.has(id)) return
    known.add(id)
    if (row.kind === markKind) mark(row)
    else if (row.chainId === Ledger.ledgerChainId) push(callsOf, row.account, callOf(row))
    else push(byAccount, row.account, eventOf(row))
  }

  /** The last price of a second: a chain may have several blocks in one. */
  function mark(row: Events.Event): void {
    const list = marks.get(row.account)
    const place = `${row.account}:${row.at}`
    const { index, block } = places.get(place) ?? { index: list?.length ?? 0, block: -1n }
    if (list === undefined || row.blockNumber <= block) return
    list[index] = { at: row.at, price: BigInt(String(row.body['price'])) }
    places.set(place, { index, block: row.blockNumber })
    marked += 1
  }

  /** Takes what was recorded of a source since the last look, whoever read it. @returns where reading goes on. */
  async function follow({ source, chainId }: { readonly source: string; readonly chainId: number }): Promise<string | null> {
    const before = cursors.get(source) ?? null
    const now = await Events.cursor(database, source)
    if (!cursors.has(source) || now !== before) {
      const block = before === null ? 0n : BigInt(before.split(':')[0] ?? '')
      for (const row of await Events.from(database, { chainId, block })) keep(row)
      cursors.set(source, now)
      const told = await Events.currentAt(database, source)
      if (told !== null) currentAt.set(source, Math.max(told, currentAt.get(source) ?? told))
    }
    return now
  }

  async function advanceChain(it: (typeof sources)[number], asOf: number): Promise<void> {
    const { source, chainId, contracts, from } = it
    const before = await follow(it)
    const reader = readers.get(chainId)
    const writing = historian()
    if (!reader || writing === null) return
    const { events, cursor, complete } = await History.fetch({
      reader,
      from: before === null ? { number: from } : cursorOf(before),
      contracts,
    })
    const now = 'hash' in cursor ? `${cursor.number}:${cursor.hash}` : before
    if (now !== null && now !== before) {
      const rows = events.map(rowOf)
      await Events.advance(writing, { source, cursor: now, events: rows, ...(complete ? { currentAt: asOf } : {}) })
      for (const row of rows) keep(row)
      cursors.set(source, now)
    }
    if (complete) currentAt.set(source, asOf)
  }

  async function advanceMarks(): Promise<void> {
    const reader = readers.get(feeds.chainId)
    if (!reader || feeds.from === null) return
    const before = await follow(feeds)
    const writing = historian()
    if (writing === null) return
    const from = before === null ? feeds.from : BigInt(before)
    const read = await Mark.fetch({ reader, feeds: feeds.feeds, from, every: BigInt(config.feeds.everyBlocks) })
    if (`${read.next}` === before) return
    const rows = read.marks.map((mark) => rowOfMark(mark, feeds.addresses.indexOf(mark.feed)))
    await Events.advance(writing, { source: feeds.source, cursor: `${read.next}`, events: rows })
    for (const row of rows) keep(row)
    cursors.set(feeds.source, `${read.next}`)
  }

  async function advanceCalls(): Promise<void> {
    const rows = await Events.since(database, { chainId: Ledger.ledgerChainId, at: Math.max(0, ledgerAt - ledgerLagSeconds) })
    for (const row of rows) keep(row)
    ledgerAt = rows.reduce((latest, { at }) => Math.max(latest, at), ledgerAt)
  }

  const noting = (what: string, work: Promise<void>) =>
    work.then(
      () => null,
      (error: unknown) => `${what}: ${error instanceof Error && 'code' in error ? String(error.code) : 'HISTORY_UNREADABLE'}`,
    )

  return {
    advance: async (asOf) => {
      const outcomes = await Promise.all([
        ...sources.map((it) => noting(`history of chain ${it.chainId}`, advanceChain(it, asOf))),
        noting(`index prices of chain ${feeds.chainId}`, advanceMarks()),
        noting('margin calls', advanceCalls()),
      ])
      faults = outcomes.filter((fault) => fault !== null)
    },
    of: (member) => {
      const everybody = [...member.accounts.map(nameOf), ...member.carried.map(({ account, until }) => `${nameOf(account)}<${until}`)]
      const id = everybody.join()
      const addresses = [...member.accounts, ...member.carried.map(({ account }) => account)].map(({ address }) => address)
      const counts = addresses.map((address) => `${byAccount.get(address)?.length ?? 0}.${callsOf.get(address)?.length ?? 0}`)
      const version = [...counts, marked].join()
      const before = evidence.get(id)
      if (before?.version === version) return before.events
      // What several stood under together, a margin call, is one event, whichever of them it is read from: of theirs who are here, if they are.
      const events = [...new Map([...stayed(member.carried), ...own(member.accounts)].map((event) => [event.id, event])).values()]
      evidence.set(id, { version, events })
      return events
    },
    behind: (asOf) =>
      sources.flatMap(({ source, chainId }) =>
        asOf - (currentAt.get(source) ?? Number.NEGATIVE_INFINITY) <= historySeconds ? [] : [chainId],
      ),
    faults: () => faults,
  }

  function own(accounts: readonly Caip10.Parts[]): readonly TrackRecord.Event[] {
    const events = accounts.flatMap((account) =>
      (byAccount.get(account.address) ?? []).filter((event) => Caip10.isOn(account, event.chainId)),
    )
    const calls = accounts.flatMap(({ address }) => callsOf.get(address) ?? [])
    const markets = new Map(
      feeds.markets.map(({ market, feed, sigmaPpm }) => [market, { marks: marks.get(feed) ?? [], sigmaPpm }] as const),
    )
    return [...Conduct.of(events), ...Conduct.calls({ calls, events, worthOf }), ...Conduct.exposures({ events, markets }, model)]
  }

  /** What stays when accounts part. */
  function stayed(carried: Member['carried']): readonly TrackRecord.Event[] {
    return carried.flatMap(({ account, until }) =>
      own([account]).filter(({ kind, at }) => TrackRecord.negativeKinds.includes(kind) && at <= until),
    )
  }
}

export declare namespace open {
  type Args = {
    readonly config: Config
    readonly database: Database.Database
    readonly readers: Readers
    readonly model: Model.Model
    /** The database for the one that reads the chains; null while another does. */
    readonly historian: () => Database.Database | null
  }
}

const markKind = 'index.marked'

function nameOf({ chainId, address }: Caip10.Parts): string {
  return `${chainId}:${address}`
}

function push<value>(lists: Map<Hex, value[]>, key: Hex, value: value): void {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  list.push(value)
}

/** One a chain. Other contracts are another source, read from its beginning: rows that are known stay as they are. */
function sourcesOf(config: Config) {
  return config.chains.flatMap(({ chainId }) => {
    const vaults = config.vaults.filter((vault) => vault.chainId === chainId)
    const venues = config.venues.filter((venue) => venue.chainId === chainId)
    if (vaults.length + venues.length === 0) return []
    const blocks = [...vaults, ...venues].map(({ fromBlock }) => fromBlock)
    const contracts: History.fetch.Contract[] = [
      ...vaults.map(({ address }) => ({ kind: 'vault' as const, address })),
      ...venues.map(({ address, collateral }) => ({ kind: 'venue' as const, address, token: collateral })),
    ]
    const from = blocks.reduce((least, block) => Fixed.min(least, block))
    // Kinds that were not looked for before are another source as well.
    return [{ source: `events:${chainId}:${Hash.ofText(JSON.stringify([contracts, Event.topics]))}`, chainId, from, contracts }]
  })
}

/** What positions are valued at: the feeds of the markets, from the first venue's block on where they are on a chain with one. */
function feedsOf(config: Config) {
  const { chainId, heartbeatSeconds, deviationPpm, everyBlocks } = config.feeds
  const addresses = [...new Set(config.markets.map(({ feed }) => feed))]
  const blocks = config.venues.filter((venue) => venue.chainId === chainId).map(({ fromBlock }) => fromBlock)
  const from = blocks.length === 0 ? null : blocks.reduce((least, block) => Fixed.min(least, block))
  return {
    source: `marks:${chainId}:${everyBlocks}:${Hash.ofText(JSON.stringify(addresses))}`,
    chainId,
    from,
    addresses,
    feeds: addresses.map((address) => ({ address, decimals: 8, heartbeatSeconds, deviationPpm })),
    markets: config.markets.map(({ symbol, feed, throughTheCycleSigmaPpm }) => ({
      market: Market.id(symbol),
      feed,
      sigmaPpm: throughTheCycleSigmaPpm,
    })),
  }
}

function cursorOf(text: string): History.Cursor {
  const [number = '', hash = ''] = text.split(':')
  return { number: BigInt(number), hash: hash as Hex }
}

/** So many facts at most come from one log. */
const factsPerLog = 8

function rowOf(event: Event.Event, index: number, all: readonly Event.Event[]): Events.Event {
  // The facts of one log stand together.
  const isOfLog = (other: Event.Event | undefined) => other?.blockHash === event.blockHash && other.logIndex === event.logIndex
  let first = index
  while (isOfLog(all[first - 1])) first -= 1
  const { chainId, blockNumber, blockHash, account, kind, at, contract, market, transactionHash: transaction } = event
  const text = (value: bigint | undefined | null) => value?.toString() ?? null
  return {
    ...{ chainId, blockNumber, blockHash, account, kind, at },
    logIndex: event.logIndex * factsPerLog + (index - first),
    body: {
      ...{ contract, market, transaction },
      ...{ amountUsd: text(event.amountUsd), size: text(event.size), delta: text(event.delta) },
      ...{ token: event.token?.address ?? null, amount: text(event.token?.amount) },
    },
  }
}

function eventOf({ body, kind, logIndex, ...row }: Events.Event): Event.Event {
  const hex = (name: string) => String(body[name]) as Hex
  const amount = (name: string) => (typeof body[name] === 'string' ? BigInt(body[name]) : null)
  return {
    ...row,
    kind: kind as Event.Kind,
    logIndex: Math.floor(logIndex / factsPerLog),
    contract: hex('contract'),
    transactionHash: hex('transaction'),
    market: body['market'] === null ? null : hex('market'),
    amountUsd: amount('amountUsd'),
    size: amount('size'),
    delta: amount('delta'),
    token: body['token'] === null ? null : { address: hex('token'), amount: amount('amount') ?? 0n },
  }
}

/** A mark is of no log: it stands beside the logs of its block, below 0. */
function rowOfMark({ chainId, feed, blockNumber, blockHash, at, price }: Mark.Mark, index: number): Events.Event {
  return { chainId, blockNumber, blockHash, logIndex: -1 - index, account: feed, kind: markKind, at, body: { price: price.toString() } }
}

function callOf({ blockHash, account, at, kind, body }: Events.Event): Conduct.Call {
  const is = kind === 'margin.called' ? ('called' as const) : ('cleared' as const)
  return { id: `${blockHash}:${at}:${is}`, account, at, kind: is, amountUsd: BigInt(String(body['amountUsd'])) }
}
