/** What is remembered from round to round: every price's guard, every chain's circuit. A fault acts at once; it takes clean rounds to come back. */
import { Circuit, CollateralView, type Oracle, PriceGuards, Probation } from '@plimsoll/chain'
import type { Config } from '../config.ts'

type Hex = `0x${string}`

export type Guards = {
  /** Every feed to read: those that count, their second sources, and those on probation. */
  readonly feeds: readonly Hex[]
  /** Takes one round of prices, and says which may be lent on. */
  readonly prices: PriceGuards.PriceGuards['next']
  /** What those that may not be lent on may be at most. */
  readonly most: PriceGuards.PriceGuards['most']
  /** What that grows from, and what an earlier process knew of it. */
  readonly claimed: PriceGuards.PriceGuards['claimed']
  readonly recall: PriceGuards.PriceGuards['recall']
  /** Takes one round of chains: the code of what went wrong, or null. Returns the code that each chain is out for, or null. */
  readonly chains: (round: {
    readonly codes: ReadonlyMap<number, string | null>
    readonly lagging: ReadonlySet<number>
    readonly asOf: number
  }) => ReadonlyMap<number, string | null>
  /** Every chain's circuit as it stands, for whoever looks. */
  readonly shown: () => ReadonlyMap<number, Circuit.Circuit>
  /** What stands against a feed that is to replace another. */
  readonly faults: () => readonly string[]
}

/** Nothing is trusted before three clean rounds. */
export function open(config: Config): Guards {
  const guards = PriceGuards.open(config)
  const circuits = new Map<number, Circuit.Circuit>()
  const probations = new Map<Hex, Probation.Probation>()
  const keyOf = (address: Hex) => CollateralView.feedKey({ chainId: config.feeds.chainId, address })
  const all = [...config.assets, ...config.markets]
  const candidates = [...new Map(all.flatMap(({ feed, candidateFeed }) => (candidateFeed === undefined ? [] : [[candidateFeed, feed]])))]

  function prices(round: PriceGuards.Round): ReadonlyMap<string, Oracle.Assessment> {
    for (const [candidate, feed] of candidates) tryOut(candidate, round.read.get(keyOf(feed)), round.read.get(keyOf(candidate)))
    return guards.next(round)
  }

  function tryOut(feed: Hex, price: Oracle.Assessment | undefined, candidate: Oracle.Assessment | undefined): void {
    if (price?.status !== 'ok' || candidate?.status !== 'ok') return
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

  return {
    feeds: [...new Set([...guards.feeds, ...candidates.map(([candidate]) => candidate)])],
    prices,
    ...{ most: guards.most, claimed: guards.claimed, recall: guards.recall },
    chains,
    shown: () => circuits,
    faults,
  }
}
