/** Selling before the breach, in a replay: the plans of a liquidator at one look at a book of isolated accounts, in floats. */
import type * as Book from './Book.ts'
import * as Breach from './Breach.ts'
import type * as Calibrator from './Calibrator.ts'
import * as Crowd from './Crowd.ts'
import * as Figure from './Figure.ts'
import * as Forecast from './Forecast.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import type * as Plan from './Plan.ts'
import * as Relief from './Relief.ts'
import * as Schedule from './Schedule.ts'

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
  /** - what was closed of it before, USD at the price of each. */
  readonly history: readonly { readonly at: number; readonly size: number }[]
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

/** What one account is told, in floats: `Plan.of` for an isolated account by itself. USD. */
export type Verdict =
  | { readonly action: 'wait' | 'liquidate'; readonly phase: 'armed' }
  | { readonly action: 'hold'; readonly reason: 'cooldown' | 'window' | 'no-relief' | 'raises-n'; readonly phase: Plan.Phase }
  | { readonly action: 'reduce'; readonly phase: 'reducing'; readonly size: number; readonly priority: number }

/**
 * The plan for one account: what `Plan.of` says of it with nothing else planned, to the digits of a float, and some fifty times faster.
 *
 * Source: docs/method/replay.md, eq. (16), which is docs/method/prediction.md, eq. (8) to (17).
 *
 * @param crowd - of the side at this look.
 */
export function judge(terms: Terms, look: Look, { account, crowd }: { readonly account: Account; readonly crowd: Crowd.Crowd }): Verdict {
  const { plan } = terms
  const { reach, side, slope, now } = look
  const { equity, notional, maintenance, distance, phase, history } = account
  if (equity < maintenance * notional) return { action: 'liquidate', phase: 'armed' }
  if (distance > (phase === 'reducing' ? reach.release : reach.trigger)) return { action: 'wait', phase: 'armed' }
  let [last, closed] = [Number.NEGATIVE_INFINITY, 0]
  for (const { at, size } of history) {
    last = Math.max(last, at)
    if (at > now - plan.window.seconds) closed += size
  }
  if (phase === 'armed' && now - last < plan.cooldownSeconds) return { action: 'hold', reason: 'cooldown', phase }
  const allowed = ((notional + closed) * plan.window.mostPpm) / 1e6 - closed
  if (!(allowed > dust)) return { action: 'hold', reason: 'window', phase }
  const cost = plan.feePpm / 1e6
  const target = Relief.ratio(side, maintenance, reach.release)
  const wanted = Math.min(notional, (target * notional - equity) / (target - cost))
  const size = Math.min(wanted, allowed, plan.impactBudget / slope, terms.capacity * plan.schedule.slices)
  const rest = { notional: notional - size, equity: equity - cost * size }
  const before = Crowd.probability(crowd, distance)
  const moved =
    rest.notional > 0 ? (LiquidationCurve.distance({ side, ...rest, maintenance }) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  const after = Crowd.probability(crowd, moved)
  // What is closed at a loss that the account cannot pay relieves nobody.
  if (!(size > 0 && rest.equity >= 0 && after < before)) return { action: 'hold', reason: 'no-relief', phase }
  if (Crowd.added(crowd, slope * size, { notional, distance }) > notional * before - rest.notional * after)
    return { action: 'hold', reason: 'raises-n', phase }
  return { action: 'reduce', phase: 'reducing', size, priority: (owing(crowd, { notional, equity }) - owing(crowd, rest)) / size }
}

/** Less than this of an allowance is none. USD. */
const dust = 1e-6

/** E[(−E_h)⁺] of a position. */
function owing({ sigma }: Crowd.Crowd, { notional, equity }: { readonly notional: number; readonly equity: number }): number {
  return notional > 0 ? Breach.gap({ buffer: equity, sigma: notional * sigma }).rate : 0
}

/**
 * The reductions of one look, nearest first, until the market's capacity is used; then in the order of `Plan.rank`.
 *
 * Source: docs/method/replay.md, eq. (17), which is docs/method/prediction.md, eq. (14), (18) to (20).
 *
 * @param near - accounts under a mandate that have begun or are within the trigger, any order.
 * @param walls - everybody of the side within the horizon of the reach: what a sale pushes.
 */
export function plan(terms: Terms, look: Look, { near, walls }: plan.Market): Planned {
  const { side, reach, slope } = look
  const { schedule, impactBudget } = terms.plan
  if (near.length === 0) return { orders: [], phases: [] }
  const crowd = Crowd.of(LiquidationCurve.fromWalls(side, walls), { forecast: reach.forecast, market, shift: impactBudget })
  const most = Math.min(terms.capacity * schedule.slices, impactBudget / slope)
  const wanted: { readonly account: number; readonly size: number; readonly priority: number }[] = []
  const phases: Planned['phases'][number][] = []
  let planned = 0
  for (const account of [...near].sort((a, b) => a.distance - b.distance || a.account - b.account)) {
    // What the market has no room for now it has none for whoever is further away either.
    if (planned >= most) break
    const verdict = judge(terms, look, { account, crowd })
    phases.push({ account: account.account, phase: verdict.phase, held: verdict.action === 'hold' ? verdict.reason : null })
    if (verdict.action !== 'reduce') continue
    wanted.push({ account: account.account, size: verdict.size, priority: verdict.priority })
    planned += verdict.size
  }
  wanted.sort((a, b) => b.priority - a.priority || a.account - b.account)
  const parts = shares(terms, look)
  let left = most
  const orders = wanted.flatMap(({ account, size }) => {
    const granted = Math.min(size, left)
    left -= granted
    return granted > 0 ? [{ account, slices: parts.map((part) => part * granted) }] : []
  })
  return { orders, phases }
}

export declare namespace plan {
  type Market = { readonly near: readonly Account[]; readonly walls: readonly { readonly at: number; readonly notional: number }[] }
}

/** What part of a reduction each slice is: the schedule is the same for every size. */
function shares({ plan }: Terms, { sigma, slope }: Look): readonly number[] {
  const { slices, seconds, aversion } = plan.schedule
  if (aversion === 0) return Array.from({ length: slices }, () => 1 / slices)
  const step = seconds / slices
  const { trades } = Schedule.plan({
    ...{ amount: 1, horizon: seconds, slices, sigma, permanent: slope, spread: 0, aversion },
    // A slice is filled at the slope.
    temporary: slope * step,
  })
  return trades
}

/** @throws {Figure.InvalidFigureError} */
export function assert({ plan, horizonSeconds, every, capacity, felt }: Terms): void {
  Figure.assert('above 0', { horizonSeconds, capacity, impactBudget: plan.impactBudget })
  Figure.assert('a whole number of at least 0', { 'every − 1': every - 1 })
  Figure.assert('a share', { felt })
}
