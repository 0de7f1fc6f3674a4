/** Index prices behind their guards, for liquidation only. What a guard remembers is kept, so that a restart is not a fault of the price. */
import type { Deployment } from '@plimsoll/api'
import { Oracle, PriceGuard, Query, type Quorum, Sequencer } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import type { Warrant } from '@plimsoll/liquidation'
import { Doubt } from '@plimsoll/margin'
import { type Database, Guards } from '@plimsoll/store'

export type Prices = {
  /** By market id: where the price may lie, or why nobody is liquidated on it. */
  readonly look: (database: Database.Database) => Promise<Warrant.Prices>
  /** Forgets what it remembers: another replica may have seen more since. */
  readonly forget: () => void
  /** Circuits by symbol, for whoever looks. */
  readonly shown: () => readonly Shown[]
}

export type Shown = {
  readonly symbol: string
  readonly state: string
  readonly code: string | null
  readonly graceUntil: number
  readonly price: string | null
}

/**
 * Prices of a deployment's markets.
 *
 * @param args.reader - of the chain that the feeds are on.
 */
export function open(args: open.Args): Prices {
  const { deployment, reader, graceSeconds, memorySeconds, nowMs } = args
  const { feeds, markets } = deployment
  const guards = new Map<string, PriceGuard.PriceGuard>()
  const policies = new Map(
    markets.map(({ symbol, throughTheCycleSigmaPpm: sigmaPpm }) => {
      const policy = PriceGuard.policyOf({ feeds, sigmaPpm })
      return [symbol, { ...policy, circuit: { cleanRounds: 3, graceSeconds } }] as const
    }),
  )
  const policyOf = (symbol: string) => policies.get(symbol) ?? PriceGuard.policy
  const nameOf = (symbol: string) => `liquidate/${feeds.chainId}/${symbol}`
  const read = async (asOf: number) => {
    const feedOf = (address: Oracle.Feed['address']) =>
      Oracle.query({
        asOf,
        feed: { address, decimals: 8, heartbeatSeconds: feeds.heartbeatSeconds, deviationPpm: feeds.deviationPpm },
      })
    const query = Query.all([
      Query.all<readonly Oracle.Assessment[]>(markets.map(({ feed }) => feedOf(feed))),
      Query.all<readonly Oracle.Assessment[]>(markets.flatMap(({ secondFeed }) => (secondFeed === undefined ? [] : [feedOf(secondFeed)]))),
      Query.all<readonly Sequencer.Status[]>(feeds.sequencer === undefined ? [] : [Sequencer.query({ feed: feeds.sequencer, asOf })]),
    ])
    return (await Query.fetch({ reader, at: 'head', query })).value
  }

  async function look(database: Database.Database): Promise<Warrant.Prices> {
    const asOf = Math.floor(nowMs() / 1000)
    if (guards.size === 0) await recall(database, asOf)
    const unread = (error: unknown): Oracle.Assessment => ({
      status: 'refused',
      code: 'ORACLE_UNREADABLE',
      sentence: `The feeds could not be read: ${error instanceof Error ? error.message : String(error)}`,
    })
    const [firsts, seconds, sequencers] = await read(asOf).catch((error: unknown) => {
      const none = unread(error)
      return [markets.map(() => none), markets.map(() => none), []] as const
    })
    const second = seconds[Symbol.iterator]()
    for (const [i, { symbol, secondFeed }] of markets.entries()) {
      const round = {
        price: firsts[i] ?? unread('no answer'),
        second: secondFeed === undefined ? null : ((second.next().value as Oracle.Assessment | undefined) ?? unread('no answer')),
        sequencer: sequencers[0] ?? null,
      }
      guards.set(symbol, PriceGuard.next({ guard: guards.get(symbol) ?? PriceGuard.boot(asOf), round, asOf, policy: policyOf(symbol) }))
    }
    await Guards.write(
      database,
      [...guards].map(([symbol, guard]) => ({ name: nameOf(symbol), state: PriceGuard.keep(guard) })),
    )
    return Object.fromEntries([...guards].map(([symbol, guard]) => [Market.id(symbol), permitted(guard, asOf, policyOf(symbol))]))
  }

  async function recall(database: Database.Database, asOf: number): Promise<void> {
    const kept = await Guards.read(
      database,
      markets.map(({ symbol }) => nameOf(symbol)),
    )
    // Ages by the clock that wrote them.
    const now = await database.now()
    for (const { symbol } of markets) {
      const own = kept.find(({ name }) => name === nameOf(symbol))
      const at = own === undefined ? null : { state: own.state, at: own.at + asOf - now }
      guards.set(symbol, PriceGuard.resume({ kept: at, asOf, mostSeconds: memorySeconds }))
    }
  }

  function permitted(guard: PriceGuard.PriceGuard, asOf: number, policy: PriceGuard.Policy): Warrant.Price {
    const permission = PriceGuard.permit({ guard, action: 'liquidate', asOf, policy })
    if (permission.status === 'ok') return { status: 'ok', basis: 'index', ...permission.value }
    return guard.claimed === null ? permission : { ...permission, most: Doubt.price(guard.claimed, asOf) }
  }

  return {
    look,
    forget: () => guards.clear(),
    shown: () =>
      [...guards].map(([symbol, { circuit, watch }]) => ({
        ...{ symbol, state: circuit.state, code: circuit.code, graceUntil: circuit.graceUntil },
        price: watch === null ? null : `${watch.accepted}`,
      })),
  }
}

export declare namespace open {
  type Args = {
    readonly deployment: Deployment.Deployment
    readonly reader: Quorum.Reader
    readonly graceSeconds: number
    readonly memorySeconds: number
    readonly nowMs: () => number
  }
}
