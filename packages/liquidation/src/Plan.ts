/** What is done about one account now: nothing, a reduction before the breach, or a liquidation at it. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Crowd from './Crowd.ts'
import * as Figure from './Figure.ts'
import type * as Forecast from './Forecast.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Policy from './Policy.ts'
import * as Prediction from './Prediction.ts'
import * as Relief from './Relief.ts'
import * as Slices from './Slices.ts'

export type Plan =
  /** Nothing to do. `phase` is the account's from now on. */
  | { readonly action: 'wait'; readonly reason: 'safe' | 'improbable' | 'no-mandate'; readonly phase: Phase; readonly probability: number }
  | Reduction
  /** Below maintenance margin: a share of every position, as the policy says. */
  | { readonly action: 'liquidate'; readonly reason: 'breached'; readonly phase: 'armed'; readonly share: Fixed.Fixed }
  /** There would be something to do, and it must not or cannot be done now. */
  | { readonly action: 'hold'; readonly reason: Hindrance; readonly phase: Phase; readonly probability: number | null }

export type Reduction = {
  readonly action: 'reduce'
  readonly reason: 'probable' | 'unfinished'
  readonly phase: 'reducing'
  readonly probability: number
  readonly market: string
  /** Of the position that is reduced: a long is sold, a short bought back. */
  readonly side: Book.Side
  /** To be closed now, slice by slice. USD at P0. */
  readonly size: bigint
  /** - USD at P0, one for each interval of the schedule, the first now; they sum to the size. Plan again after each. */
  readonly slices: readonly bigint[]
  /** What made the size smaller than what reaches the target. */
  readonly bound: 'none' | 'position' | 'window' | 'impact' | 'depth'
  readonly target: Target
  /** Once all of it is closed. */
  readonly after: { readonly probability: number; readonly shortfall: number }
  /** Expected shortfall removed by USD closed. */
  readonly priority: number
}

export type Target = {
  readonly probability: number
  /** d*: log distance along the account's own move. */
  readonly distance: number
  /** mr*: equity by notional at which a position alone is that far away; null where the account is in several markets. */
  readonly ratio: number | null
}

export type Hindrance =
  | 'no-forecast'
  | 'cooldown'
  /** The account's share of this window is used up, or its mandate's. */
  | 'window'
  /** What is planned already moves the price as far as it may. */
  | 'impact'
  | 'depth'
  /** The sale would bring on more forced flow than it removes. */
  | 'raises-n'
  /** No reduction of any position makes a breach less probable. */
  | 'no-relief'

/** Armed until P reaches the trigger, reducing until it is down at the release. */
export type Phase = 'armed' | 'reducing'

/** Rules that are the same for all accounts. */
export type Terms = {
  /** p*: a reduction begins at it. */
  readonly trigger: number
  /** p_T < p*: what a reduction aims at, and ends at. */
  readonly release: number
  /** Of what is closed. */
  readonly feePpm: number
  /** After the last action of a reduction that has ended. */
  readonly cooldownSeconds: number
  /** No more than this share of an account is closed in a window before the breach. */
  readonly window: { readonly seconds: number; readonly mostPpm: number }
  readonly schedule: Slices.Terms
  /** The furthest that all planned flow of one side may move a price. Log. */
  readonly impactBudget: number
  /** How much is closed at the breach. */
  readonly policy: Policy.Policy
}

export type Market = Slices.Market & {
  readonly impact: Impact.Impact
  /** What others are to close of each side by plans that are under way. USD at P0. */
  readonly planned: Readonly<Record<Book.Side, bigint>>
  /** Everybody who may be liquidated, by side; `shift` at least the impact budget. */
  readonly crowd: Readonly<Record<Book.Side, Crowd.Crowd>>
}

/** What a participant has agreed to before the breach. */
export type Mandate = { readonly kind: 'none' } | { readonly kind: 'granted'; readonly mostPpm: number }

/** What was done to this account, in any order. Unix seconds. USD at P0. */
export type Action = { readonly at: number; readonly size: bigint }

export type Situation = {
  readonly account: Book.Account
  readonly forecast: Forecast.Forecast
  readonly markets: Readonly<Record<string, Market>>
  readonly mandate: Mandate
  readonly history: readonly Action[]
  readonly phase: Phase
  readonly now: number
}

/**
 * The plan for one account.
 *
 * Source:  docs/method/prediction.md, eq. (8) to (19).
 * Rounding: sizes up to reach the target, down where a cap binds; never more than the position.
 *
 * @param prediction - of this account by this forecast.
 * @throws {Figure.InvalidFigureError} terms that are none, or a market of the account without its conditions.
 */
export function of(situation: Situation, prediction: Prediction.Prediction, terms: Terms): Plan {
  checked(terms)
  const { account, mandate, history, now } = situation
  if (prediction.status === 'breached') return { action: 'liquidate', reason: 'breached', phase: 'armed', share: shareOf(account, terms) }
  if (prediction.status === 'unknown') return { action: 'hold', reason: 'no-forecast', phase: situation.phase, probability: null }
  const { probability } = prediction
  if (prediction.status === 'safe') return { action: 'wait', reason: 'safe', phase: 'armed', probability }
  const threshold = situation.phase === 'reducing' ? terms.release : terms.trigger
  if (probability < threshold || probability <= terms.release) return { action: 'wait', reason: 'improbable', phase: 'armed', probability }
  if (mandate.kind === 'none') return { action: 'wait', reason: 'no-mandate', phase: 'armed', probability }
  const hold = (reason: Hindrance): Plan => ({ action: 'hold', reason, phase: situation.phase, probability })
  const last = history.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  if (situation.phase === 'armed' && now - last < terms.cooldownSeconds) return hold('cooldown')

  const allowed = allowance(situation, terms)
  if (allowed === 0n) return hold('window')
  let hindrance: Hindrance | null = null
  for (const option of optionsOf(situation, prediction, terms)) {
    const found = bounded(option, { situation, prediction, terms, allowed })
    if (typeof found !== 'string') return found
    hindrance ??= found
  }
  return hold(hindrance ?? 'no-relief')
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError | Slices.of.ErrorType
}

/**
 * What may still be closed of an account in this window.
 *
 * Formula: `⌊share·(open + closed in the window)⌋ − closed in the window`, the share the smaller of the rule and the mandate.
 * Source:  docs/method/prediction.md, eq. (17).
 * Rounding: down.
 */
export function allowance({ account, mandate, history, now }: Situation, { window }: Terms): bigint {
  if (mandate.kind === 'none') return 0n
  const closed = history.reduce((sum, { at, size }) => (at > now - window.seconds ? sum + size : sum), 0n)
  const open = account.positions.reduce((sum, { notional }) => sum + notional, 0n)
  return Fixed.max(0n, Fixed.ofPpm(open + closed, Math.min(window.mostPpm, mandate.mostPpm), 'down') - closed)
}

type Option = {
  readonly position: Book.Position
  readonly relief: Extract<Relief.Relief, { readonly size: bigint }>
  readonly priority: number
}

/** Positions whose reduction helps: those that reach the target before those that fall short, then by what a USD closed removes. */
function optionsOf({ account, forecast }: Situation, now: Prediction.Exposed, terms: Terms): readonly Option[] {
  const goal = { probability: terms.release, feePpm: terms.feePpm }
  const options = account.positions.flatMap((position): readonly Option[] => {
    const relief = Relief.of(account, position.market, { forecast, goal })
    if (relief.status === 'none' || relief.status === 'worsens') return []
    return [{ position, relief, priority: removed(now, relief.after) / Book.usd(relief.size) }]
  })
  const rank = ({ relief }: Option) => (relief.status === 'reaches' ? 0 : 1)
  return [...options].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      b.priority - a.priority ||
      Number(a.relief.size - b.relief.size) ||
      (a.position.market < b.position.market ? -1 : 1),
  )
}

type Bounds = { readonly situation: Situation; readonly prediction: Prediction.Exposed; readonly terms: Terms; readonly allowed: bigint }

/** The reduction once every cap has been applied, or what is in its way. */
function bounded({ position, relief }: Option, { situation, prediction, terms, allowed }: Bounds): Reduction | Hindrance {
  const { market, side } = position
  const conditions = situation.markets[market]
  if (conditions === undefined) throw new Figure.InvalidFigureError({ figure: `conditions of ${market}`, value: 0, range: '1' })
  const planned = conditions.planned[side]
  const caps = [
    { bound: 'window' as const, size: allowed },
    { bound: 'impact' as const, size: room(conditions.impact, planned, terms.impactBudget) },
    { bound: 'depth' as const, size: Slices.most(conditions, planned, terms.schedule) },
  ]
  const cap = caps.reduce((least, each) => (each.size < least.size ? each : least))
  if (cap.size === 0n) return cap.bound
  const wanted = { bound: relief.status === 'short' ? ('position' as const) : ('none' as const), size: relief.size }
  const { size, bound } = cap.size < wanted.size ? cap : wanted

  const left = Relief.reduced(situation.account, { market, size, feePpm: terms.feePpm })
  const after = Prediction.of(left, situation.forecast)
  if (after.status === 'unknown' || !(after.probability < prediction.probability)) return 'no-relief'
  const move = pushed(conditions.impact, planned, size)
  if (raises({ account: situation.account, position, size, before: prediction, after, move, crowd: conditions.crowd[side] }))
    return 'raises-n'
  const distance = Relief.deviations(terms.release, situation.forecast) * prediction.sigma
  return {
    ...{ action: 'reduce', phase: 'reducing', probability: prediction.probability, market, side, size, bound },
    reason: situation.phase === 'reducing' ? 'unfinished' : 'probable',
    slices: Slices.of(size, { market: conditions, planned, forecast: situation.forecast, name: market, terms: terms.schedule }),
    target: {
      ...{ probability: terms.release, distance },
      ratio:
        prediction.method === 'isolated' && !situation.account.holdings?.length
          ? Relief.ratio(side, position.maintenancePpm / 1_000_000, distance)
          : null,
    },
    after: { probability: after.probability, shortfall: after.shortfall },
    priority: removed(prediction, after) / Book.usd(size),
  }
}

/** How much further than what is planned this moves the price. */
function pushed(impact: Impact.Impact, planned: bigint, size: bigint): number {
  return Math.max(0, Impact.of(impact, Book.usd(planned + size)) - Impact.of(impact, Book.usd(planned)))
}

type Sale = {
  readonly account: Book.Account
  readonly position: Book.Position
  readonly size: bigint
  readonly before: Prediction.Exposed
  readonly after: Exclude<Prediction.Prediction, { readonly status: 'unknown' }>
  readonly move: number
  readonly crowd: Crowd.Crowd
}

/**
 * Whether a sale would bring on more forced flow than it removes: then it would raise n.
 *
 * Formula: `F̄_others(move) − F̄_others(0) > N·P(d) − (N − x)·P(d')`, on the chord: summed over plans that each hold, it holds for all together.
 * Source:  docs/method/prediction.md, eq. (16).
 */
function raises({ account, position, size, before, after, move, crowd }: Sale): boolean {
  const notional = Book.usd(position.notional)
  const less = notional * before.probability - (notional - Book.usd(size)) * after.probability
  return Crowd.added(crowd, move, { notional, distance: wallOf(account, position) }) > less
}

/** Where the curve has this position: by the price of its market alone. */
function wallOf(account: Book.Account, position: Book.Position): number {
  const elsewhere = account.positions.reduce(
    (sum, each) => (each === position ? sum : sum + Fixed.ofPpm(each.notional, each.maintenancePpm, 'up')),
    0n,
  )
  const at = LiquidationCurve.distance({
    side: position.side,
    notional: Book.usd(position.notional),
    equity: Book.usd(account.equity - elsewhere),
    maintenance: position.maintenancePpm / 1_000_000,
    held: Book.usd(account.holdings?.find(({ market }) => market === position.market)?.value ?? 0n),
  })
  return at ?? Number.POSITIVE_INFINITY
}

/**
 * What may still be planned before the price would be moved further than a budget.
 *
 * Formula: the greatest x with `I(planned + x) ≤ budget`.
 * Source:  docs/method/prediction.md, eq. (14).
 * Rounding: down, to whole USD.
 */
export function room(impact: Impact.Impact, planned: bigint, budget: number): bigint {
  let low = 0n
  let high = 1n << 64n
  const fits = (dollars: bigint) => Impact.of(impact, Book.usd(planned) + Number(dollars)) <= budget
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (fits(middle)) low = middle
    else high = middle
  }
  return low * Fixed.one
}

function removed(before: Prediction.Exposed, after: Prediction.Prediction): number {
  return after.status === 'unknown' ? 0 : before.shortfall - after.shortfall
}

/** Share of all positions that is closed at the breach; up. */
function shareOf(account: Book.Account, { policy, feePpm }: Terms): Fixed.Fixed {
  const [notional, maintenance] = account.positions.reduce(
    ([sum, margin], each) => [sum + Book.usd(each.notional), margin + (Book.usd(each.notional) * each.maintenancePpm) / 1_000_000],
    [0, 0],
  )
  const share = Policy.share(policy, { equity: Book.usd(account.equity), notional, maintenance, cost: feePpm / 1_000_000, done: 0 })
  return Fixed.min(Fixed.one, BigInt(Math.ceil(share * 1e9)) * 1_000_000_000n)
}

function checked({ trigger, release, impactBudget, cooldownSeconds, window, policy }: Terms): void {
  Figure.assert('a share', { trigger, release, 'most of an account in a window': window.mostPpm / 1_000_000 })
  Figure.assert('above 0', { release, 'trigger less release': trigger - release, 'seconds of the window': window.seconds })
  Figure.assert('at least 0', { impactBudget, cooldownSeconds })
  Policy.assert(policy)
}

/** A plan and whose it is. */
export type Candidate = { readonly account: string; readonly plan: Reduction }

export type Granted = Candidate & {
  /** What of its size may be closed now; 0 where others came first. */
  readonly granted: bigint
}

/**
 * Reductions in the order in which they are to be carried out, within what each market may take in all.
 *
 * Formula: by expected shortfall removed by USD closed, greatest first; ties by account; `granted = min(size, cap − granted before)`.
 * Source:  docs/method/prediction.md, eq. (20).
 *
 * @param caps - by market, of both sides together. USD at P0. A market without one takes nothing.
 */
export function rank(candidates: readonly Candidate[], caps: Readonly<Record<string, bigint>>): readonly Granted[] {
  const left = new Map(Object.entries(caps))
  return [...candidates].sort(precedes).map(({ account, plan }) => {
    const cap = left.get(plan.market) ?? 0n
    const granted = Fixed.min(plan.size, Fixed.max(0n, cap))
    left.set(plan.market, cap - granted)
    return { account, plan, granted }
  })
}

function precedes(a: Candidate, b: Candidate): number {
  return b.plan.priority - a.plan.priority || (a.account < b.account ? -1 : 1)
}
