/** Selling before the breach, in a replay: the plans that a liquidator would make at one look at the book, for accounts held in typed arrays. */
import * as Book from './Book.ts'
import type * as Calibrator from './Calibrator.ts'
import * as Crowd from './Crowd.ts'
import * as Figure from './Figure.ts'
import * as Forecast from './Forecast.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Plan from './Plan.ts'
import * as Prediction from './Prediction.ts'
import * as Relief from './Relief.ts'

/** A liquidator's rules, and what the market takes of it. */
export type Terms = {
  readonly plan: Plan.Terms
  readonly horizonSeconds: number
  readonly calibrator: Calibrator.Calibrator
  /** Between two looks at the book, in steps; a reduction has one slice a step. */
  readonly every: number
  /** The most that all reductions of a step are worth. USD. */
  readonly capacity: number
  /** Of the temporary impact, what counts when a plan is held against what it pushes: slices are far apart, and it is gone between them. */
  readonly felt: number
  /** Nothing is planned while the price stands further from the index than this. Log. */
  readonly divergence: number
}

/** The one market of a replay, as plans name it. */
const market = 'M'

/** What is known at one look. */
export type Look = {
  readonly side: Book.Side
  /** s: log by √second; above 0. */
  readonly sigma: number
  readonly stepSeconds: number
  /** κ of a flow within a step: log by USD. */
  readonly slope: number
  /** Seconds since trading began. */
  readonly now: number
  /** Forecast, trigger and release as distances. */
  readonly reach: Reach
}

export type Reach = { readonly forecast: Forecast.Forecast; readonly trigger: number; readonly release: number; readonly horizon: number }

/**
 * How far away, in log, accounts are touched, let go, and counted in a crowd.
 *
 * Formula: `d = (ζ⁻¹(−Φ⁻¹(p/2)) − 0.5826·√(Δ/h))·s√h`, at least 0.
 * Source:  docs/method/replay.md, eq. (15), on docs/method/prediction.md, eq. (8).
 *
 * @param state.sigma - s > 0: log by √second.
 */
export function reach(terms: Terms, { sigma, stepSeconds }: { readonly sigma: number; readonly stepSeconds: number }): Reach {
  const { horizonSeconds, calibrator, plan } = terms
  const variance = sigma * sigma * horizonSeconds
  const markets = { [market]: { variance, loading: 0, jumps: Forecast.still } }
  const forecast = Forecast.of({ horizonSeconds, intervalSeconds: stepSeconds, markets, calibrator })
  const spread = Math.sqrt(variance)
  const at = (probability: number) => Relief.deviations(probability, forecast) * spread
  // Beyond five deviations, nobody is expected to be forced who would show in a sum.
  return { forecast, trigger: at(plan.trigger), release: at(plan.release), horizon: 5 * spread + plan.impactBudget }
}

/** One account at the price that stands. USD; `distance` is the log move that breaches it. */
export type Account = {
  readonly account: number
  readonly equity: number
  readonly notional: number
  readonly maintenance: number
  readonly distance: number
  readonly phase: Plan.Phase
  readonly history: readonly Plan.Action[]
}

export type Order = {
  readonly account: number
  /** - USD at the price of the look, one a step. */
  readonly slices: readonly number[]
}

export type Planned = {
  readonly orders: readonly Order[]
  /** Every account that was asked about: its phase from now on, and what keeps it from being reduced. */
  readonly phases: readonly { readonly account: number; readonly phase: Plan.Phase; readonly held: Plan.Hindrance | null }[]
}

/**
 * The reductions of one look, nearest first, until the market's capacity is used.
 *
 * Each is what `Plan.of` says of the account by itself, held against what its own sale pushes, and all are put in order by `Plan.rank` within what
 * a look may move the market.
 * Source: docs/method/replay.md, eq. (16), on docs/method/prediction.md, eq. (8) to (20).
 *
 * @param near - accounts under a mandate that have begun or are within the trigger, any order.
 * @param walls - everybody of the side within the horizon of the reach: what a sale pushes.
 */
export function plan(terms: Terms, look: Look, { near, walls }: plan.Market): Planned {
  const { side, slope, now, reach } = look
  const { forecast } = reach
  if (near.length === 0) return { orders: [], phases: [] }
  const curve = LiquidationCurve.fromWalls(side, walls)
  const crowd = Crowd.of(curve, { forecast, market, shift: terms.plan.impactBudget })
  const capacity = exact(terms.capacity)
  const conditions = {
    impact: { kind: 'linear', slope },
    depth: capacity,
    slippage: slope * terms.capacity,
    volume: capacity,
    planned: { long: 0n, short: 0n },
    crowd: { long: crowd, short: crowd },
  } as const
  const candidates: Plan.Candidate[] = []
  const phases: Planned['phases'][number][] = []
  const most = exact(Math.min(terms.capacity * terms.plan.schedule.slices, terms.plan.impactBudget / slope))
  let planned = 0n
  for (const each of [...near].sort((a, b) => a.distance - b.distance || a.account - b.account)) {
    // What the market has no room for now it has none for whoever is further away either.
    if (planned >= most) break
    const account = document(each, side)
    const situation: Plan.Situation = {
      account,
      forecast,
      markets: { [market]: conditions },
      mandate: { kind: 'granted', mostPpm: 1_000_000 },
      history: each.history,
      phase: each.phase,
      now,
    }
    const made = Plan.of(situation, Prediction.of(account, forecast), terms.plan)
    phases.push({ account: each.account, phase: made.phase, held: made.action === 'hold' ? made.reason : null })
    if (made.action !== 'reduce') continue
    candidates.push({ account: account.account, plan: made })
    planned += made.size
  }
  const granted = Plan.rank(candidates, { [market]: most })
  const orders = granted.flatMap(({ account, plan, granted }) => {
    if (granted === 0n) return []
    const share = Number(granted) / Number(plan.size)
    return [{ account: Number(account), slices: plan.slices.map((slice) => Book.usd(slice) * share) }]
  })
  return { orders, phases }
}

export declare namespace plan {
  type Market = { readonly near: readonly Account[]; readonly walls: readonly { readonly at: number; readonly notional: number }[] }
}

/** The account as the decisions of a liquidator read it: numbers in order, so that ties are broken alike. */
function document({ account, equity, notional, maintenance }: Account, side: Book.Side): Book.Account {
  return {
    account: String(account).padStart(9, '0'),
    equity: exact(equity),
    collateral: exact(Math.max(0, equity)),
    positions: [{ market, side, notional: exact(notional), maintenancePpm: Math.round(maintenance * 1e6) }],
  }
}

/** USD to a millionth, at least one. */
function exact(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 1_000_000_000_000n
}

/** @throws {Figure.InvalidFigureError} */
export function assert({ plan, horizonSeconds, every, capacity, felt, divergence }: Terms): void {
  Figure.assert('above 0', { horizonSeconds, capacity, impactBudget: plan.impactBudget })
  Figure.assert('a whole number of at least 0', { 'every − 1': every - 1 })
  Figure.assert('at least 0', { divergence })
  Figure.assert('a share', { felt })
}
