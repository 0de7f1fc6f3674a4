/** What a crash came to on one side, from its chain: events and state, nothing else. */
import { Scorecard } from '@plimsoll/liquidation'
import { Fixed } from '@plimsoll/margin'
import type * as Facts from './Facts.ts'
import * as Money from './Money.ts'

/** Money in USD × 1e18, shares as fractions. */
export type Card = {
  /**
   * Accounts of the book: liquidated at the threshold, taken over by the backstop, reduced before the threshold; reduced, and neither after it; and
   * either, and never reduced.
   */
  readonly liquidated: number
  readonly inherited: number
  readonly reduced: number
  readonly spared: number
  readonly unwarned: number
  /** Closed at or below the threshold: by liquidation, and by the backstop's taking over. */
  readonly forced: bigint
  readonly takenOver: bigint
  /** Closed before the threshold, by mandate. */
  readonly before: bigint
  /** Bought from the backstop by its desk. */
  readonly sold: bigint
  /** The most that was liquidated into the market within a minute. */
  readonly peak: bigint
  /** Drawdown of the feed, and how much of it is more than the path's own. */
  readonly drawdown: number
  readonly extra: number
  /** What accounts left behind that they could not pay; what of it the backstop's layers paid; what nobody has. */
  readonly badDebt: bigint
  readonly covered: bigint
  readonly unpaid: bigint
  /** What those accounts of the book lost that are worth less than before. */
  readonly lost: bigint
  /** Closes of accounts that were not below their maintenance margin, and reductions of accounts that were. */
  readonly amiss: { readonly healthy: number; readonly failed: number }
  /** What the backstop still holds, and what it made or lost in all, at the feed's price; and its desk's result. */
  readonly inventory: bigint
  readonly backstop: bigint
  readonly desk: bigint
  readonly conserved: boolean
}

const scale = 10n ** 12n
const sum = (facts: readonly Facts.Fact[]) => facts.reduce((total, { notional }) => total + notional, 0n)

/**
 * The card of one side.
 *
 * Source: docs/method/replay.md, eq. (18) to (20).
 *
 * @param args.steps - facts, step by step.
 * @param args.log - log prices of the feed, and of the path by itself.
 */
export function of(args: of.Args): Card {
  const { steps, stepSeconds, log, path, before, after, amiss } = args
  const all = steps.flat()
  const kind = (wanted: Facts.Fact['kind']) => all.filter((fact) => fact.kind === wanted)
  const who = (facts: readonly Facts.Fact[]) => new Set(facts.map(({ account }) => account))
  const [liquidated, reduced, inherited] = [kind('liquidated'), kind('reduced'), kind('inherited')]
  const gone = who([...liquidated, ...inherited])
  const covered = sum(kind('covered').filter(({ account }) => before.equities.has(account)))
  const unpaid = after.owed * scale
  const minute = Math.max(1, Math.round(60 / stepSeconds))
  const flows = steps.map((facts) => sum(facts.filter((fact) => fact.kind === 'liquidated')))
  const peak = flows.reduce((most, _, t) => {
    const within = flows.slice(Math.max(0, t - minute + 1), t + 1).reduce((total, flow) => total + flow, 0n)
    return Fixed.max(within, most)
  }, 0n)
  const layers = ({ layers, backstop }: Money.Money) => (layers.junior + layers.insurance + layers.senior) * scale + backstop.equity
  const lost = [...before.equities].reduce((total, [account, equity]) => {
    const less = equity - (after.equities.get(account) ?? 0n)
    return less > 0n ? total + less : total
  }, 0n)
  const drawdown = Scorecard.drawdown(log)
  return {
    ...{ liquidated: who(liquidated).size, inherited: who(inherited).size, reduced: who(reduced).size },
    spared: [...who(reduced)].filter((account) => !gone.has(account)).length,
    unwarned: [...gone].filter((account) => !who(reduced).has(account)).length,
    ...{ forced: sum(liquidated) + sum(inherited), takenOver: sum(inherited), before: sum(reduced), sold: sum(kind('sold')) },
    ...{ peak, drawdown, extra: drawdown - Scorecard.drawdown(path) },
    ...{ badDebt: unpaid + covered, covered, unpaid },
    ...{ lost, amiss },
    inventory: after.backstop.inventory,
    backstop: layers(after) - layers(before),
    desk: after.desk - before.desk,
    conserved: Money.conserved(before, after),
  }
}

export declare namespace of {
  type Args = {
    readonly steps: readonly (readonly Facts.Fact[])[]
    readonly stepSeconds: number
    readonly log: readonly number[]
    readonly path: readonly number[]
    readonly before: Money.Money
    readonly after: Money.Money
    readonly amiss: Card['amiss']
  }
}
