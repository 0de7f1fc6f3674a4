/** What is remembered from round to round: every price's guard, every chain's circuit. A fault acts at once; it takes clean rounds to come back. */
import { Circuit, CollateralView, type Oracle, PriceGuard, Probation, type Sequencer } from '@plimsoll/chain'
import type { Config } from '../config.ts'

type Hex = `0x${string}`

export type Guards = {
  /** Takes one round of prices, and says which may be lent on. */
  readonly prices: (round: Prices) => ReadonlyMap<string, Oracle.Assessment>
  /** Takes one round of chains: the code of what went wrong, or null. Returns the code that each chain is out for, or null. */
  readonly chains: (round: {
    readonly codes: ReadonlyMap<number, string | null>
    readonly lagging: ReadonlySet<number>
    readonly asOf: number
  }) => ReadonlyMap<number, string | null>
  /** Every circuit as it stands, for whoever looks. */
  readonly shown: () => {
    readonly chains: ReadonlyMap<number, Circuit.Circuit>
    readonly prices: ReadonlyMap<string, PriceGuard.PriceGuard>
  }
  /** What stands against a feed that is to replace another. */
  readonly faults: () => readonly string[]
}

export type Prices = {
  /** By feed. */
  readonly read: ReadonlyMap<string, Oracle.Assessment>
  readonly sequencer: Sequencer.Status | null
  readonly asOf: number
}

/** Every feed read: those that count, their second sources, and those on probation. */
export function feeds(config: Config): readonly Hex[] {
  const all = [...config.assets, ...config.markets]
  return [
    ...new Set(all.flatMap(({ feed, secondFeed, candidateFeed }) => [feed, secondFeed, candidateFeed].filter((it) => it !== undefined))),
  ]
}

/** Nothing is trusted before three clean rounds. */
export function open(config: Config): Guards {
  const guards = new Map<string, PriceGuard.PriceGuard>()
  const circuits = new Map<number, Circuit.Circuit>()
  const probations = new Map<Hex, Probation.Probation>()
  const keyOf = (address: Hex) => CollateralView.feedKey({ chainId: config.feeds.chainId, address })
  const all = [...config.assets, ...config.markets]
  const main = [...new Map(all.map((it) => [it.feed, it])).values()]
  const policies = new Map(
    main.map(({ feed }) => {
      const sigmaPpm = config.markets.find((market) => market.feed === feed)?.throughTheCycleSigmaPpm ?? null
      return [feed, PriceGuard.policyOf({ feeds: config.feeds, sigmaPpm })] as const
    }),
  )

  function prices({ read, sequencer, asOf }: Prices): ReadonlyMap<string, Oracle.Assessment> {
    const allowed = new Map<string, Oracle.Assessment>()
    for (const { feed, secondFeed, candidateFeed } of main) {
      const key = keyOf(feed)
      const policy = policies.get(feed) ?? PriceGuard.policy
      const price = read.get(key) ?? unread
      const second = secondFeed === undefined ? null : (read.get(keyOf(secondFeed)) ?? unread)
      const guard = PriceGuard.next({ guard: guards.get(key) ?? PriceGuard.boot(asOf), round: { price, second, sequencer }, asOf, policy })
      guards.set(key, guard)
      const permission = PriceGuard.permit({ guard, action: 'raise', asOf, policy })
      allowed.set(key, permission.status === 'ok' ? price : permission)
      if (candidateFeed !== undefined) tryOut(candidateFeed, price, read.get(keyOf(candidateFeed)) ?? unread)
    }
    return allowed
  }

  function tryOut(feed: Hex, price: Oracle.Assessment, candidate: Oracle.Assessment): void {
    if (price.status !== 'ok' || candidate.status !== 'ok') return
    const probation = probations.get(feed) ?? Probation.start
    probations.set(feed, Probation.next({ probation, current: price.price, candidate: candidate.price }))
  }

  const chains: Guards['chains'] = ({ codes, lagging, asOf }) =>
    new Map(
      [...codes].map(([chainId, code]) => {
        const lag = lagging.has(chainId) ? ({ status: 'degraded', code: 'FINALITY_LAG' } as const) : ({ status: 'clean' } as const)
        const finding: Circuit.Finding = code === null ? lag : { status: 'frozen', code }
        const circuit = Circuit.next({ circuit: circuits.get(chainId) ?? Circuit.boot(asOf), finding, asOf })
        circuits.set(chainId, circuit)
        return [chainId, circuit.state === 'FROZEN' ? circuit.code : null] as const
      }),
    )

  const faults = () =>
    [...probations].flatMap(([feed, { status, agreed }]) => {
      if (status === 'refused') return [`feed ${feed}: PROBATION_REFUSED: it does not agree with the feed it is to replace`]
      return status === 'waiting' ? [`feed ${feed}: PROBATION: it has agreed ${agreed} times of ${Probation.terms.rounds}`] : []
    })

  return { prices, chains, shown: () => ({ chains: circuits, prices: guards }), faults }
}

const unread: Oracle.Assessment = { status: 'refused', code: 'ORACLE_UNREADABLE', sentence: 'The feed was not read.' }
