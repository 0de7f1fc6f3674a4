/**
 * Who of a million accounts is liquidated now, and who may soon be, tick by tick, without asking everybody: an account is asked only when prices have
 * moved as far as it is away from the trigger. Nobody at the trigger is ever missed. A vigil changes in place, as nothing else here does. Float64.
 */
import * as Calibrator from './Calibrator.ts'
import * as Columns from './Columns.ts'
import * as Figure from './Figure.ts'
import * as Forecast from './Forecast.ts'
import * as Prediction from './Prediction.ts'
import * as Radius from './Radius.ts'

export type Options = {
  /** Of every market of the columns, without jumps. */
  readonly forecast: Forecast.Forecast
  /** p*: who is told. Whoever fails is told at any; at 1 nobody else is. */
  readonly trigger: number
  /** How far prices may move before everybody is read again. A share, such as 0.02, by the price that is expected to move most. */
  readonly reach: number
}

export type Vigil = Known & Anchored & { readonly cost: Cost }

type Known = { readonly columns: Columns.Columns; readonly options: Options; readonly expectation: Expectation }

/** What a move of the anchor replaces. */
type Anchored = {
  around: Radius.Around
  /** Who was within reach of the trigger at the anchor, the nearest first, in groups of one width. */
  near: Columns.Columns
  numbers: Int32Array
  /** - [groups + 1]: how many are in the groups before each. */
  ends: Int32Array
}

/** What the ticks so far have cost: accounts asked, and how often everybody was read. */
export type Cost = { ticks: number; asked: number; reads: number }

/** What is expected, in the order of the columns' names. */
export type Expectation = {
  /** s_k√h. */
  readonly sigmas: Float64Array
  readonly loadings: Float64Array
  /** z*: at the trigger or nearer. */
  readonly limit: number
  readonly monitoring: number
  readonly calibrator: Calibrator.Calibrator
}

/** Accounts by their numbers, the most probable first, ties by number. Those at 0 deviations, at the front, fail now. */
export type Ranking = { readonly accounts: Int32Array; readonly deviations: Float64Array; readonly probabilities: Float64Array }

const groups = 256

/** No pace is below this: who moves slower is expected to move so fast. */
const slowest = 1 / 16

/** Everything floats may be off by on the way, for each USD of `|c| + Σ|w|·y`. */
const slack = 1e-12

/**
 * A vigil over columns, anchored at these prices; the columns must not change under it. A new forecast is a new vigil.
 *
 * Source: docs/method/prediction.md, eq. (23).
 *
 * @param ratios - y[k] at the start.
 * @throws {Figure.InvalidFigureError} an option is out of range, a market has no forecast or one with jumps, a price is missing or not positive.
 */
export function of(columns: Columns.Columns, ratios: Float64Array, options: Options): Vigil {
  Figure.assert('above 0', { reach: options.reach })
  Figure.assert('a share below 1', { reach: options.reach })
  Columns.assert(columns, ratios)
  const known = { columns, options, expectation: expectationOf(columns.names, options) }
  return { ...known, ...anchored(known, ratios), cost: { ticks: 0, asked: 0, reads: 0 } }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/**
 * Everybody at the trigger or beyond it at these prices, ranked.
 *
 * @param ratios - y[k] of this tick.
 * @throws {Figure.InvalidFigureError} a price is missing or not positive.
 */
export function tick(vigil: Vigil, ratios: Float64Array): Ranking {
  const { columns, options, cost } = vigil
  Columns.assert(columns, ratios)
  cost.ticks++
  let moved = Radius.displacement(vigil.around, ratios)
  if (moved >= options.reach) {
    Object.assign(vigil, anchored(vigil, ratios))
    cost.reads++
    moved = Radius.displacement(vigil.around, ratios)
  }
  const last = Math.min(groups - 1, Math.floor((moved / options.reach) * groups))
  const end = vigil.ends[last + 1] ?? 0
  cost.asked += end
  return rank(vigil.near, vigil.expectation, { ratios, end, numbers: vigil.numbers })
}

/**
 * The same by asking everybody.
 *
 * @throws {Figure.InvalidFigureError} as `of`.
 */
export function scan(columns: Columns.Columns, ratios: Float64Array, options: Omit<Options, 'reach'>): Ranking {
  Columns.assert(columns, ratios)
  return rank(columns, expectationOf(columns.names, options), { ratios, end: columns.count, numbers: null })
}

/**
 * How many deviations an account is away from its breach, as `Prediction` has it; 0 below it, +∞ where no price matters.
 *
 * Formula: `z = max(0, H)/√(g'Σg)`, `g_k = w_k·y_k`; of one market `−ln(1 − H/g)/s` where it falls, `ln(1 + H/|g|)/s` where it rises.
 * Source:  docs/method/prediction.md, eq. (2) and (3).
 */
export function deviations({ count, slots, cash, market, weight }: Columns.Columns, account: number, at: deviations.At): number {
  const { ratios, sigmas, loadings } = at
  let health = cash[account] as number
  let common = 0
  let own = 0
  let lines = 0
  let last = 0
  for (let place = account; place < slots * count; place += count) {
    const k = market[place] as number
    const value = (weight[place] as number) * (ratios[k] as number)
    const moved = value * (sigmas[k] as number)
    const shared = moved * (loadings[k] as number)
    health += value
    common += shared
    own += moved * moved - shared * shared
    if (value !== 0) {
      lines++
      last = value
    }
  }
  if (health <= 0) return 0
  const spread = Math.sqrt(common * common + Math.max(0, own))
  if (!(spread > 0)) return Number.POSITIVE_INFINITY
  if (lines > 1) return health / spread
  // No price is low enough where all that falls is less than what is left.
  return (-Math.log1p(Math.max(-1, -health / last)) * last) / spread
}

export declare namespace deviations {
  type At = Pick<Expectation, 'sigmas' | 'loadings'> & { readonly ratios: Float64Array }
}

type Stretch = { readonly ratios: Float64Array; readonly end: number; readonly numbers: Int32Array | null }

function rank(columns: Columns.Columns, expectation: Expectation, { ratios, end, numbers }: Stretch): Ranking {
  const { limit, monitoring, calibrator } = expectation
  const at = { ...expectation, ratios }
  const found: { readonly account: number; readonly z: number }[] = []
  for (let i = 0; i < end; i++) {
    const z = deviations(columns, i, at)
    if (z <= limit) found.push({ account: numbers === null ? i : (numbers[i] as number), z })
  }
  found.sort((a, b) => a.z - b.z || a.account - b.account)
  return {
    accounts: Int32Array.from(found, ({ account }) => account),
    deviations: Float64Array.from(found, ({ z }) => z),
    probabilities: Float64Array.from(found, ({ z }) => (z === 0 ? 1 : Calibrator.probability(calibrator, z + monitoring))),
  }
}

/**
 * Reads everybody, and keeps who is within reach of the trigger.
 *
 * Formula: `R = (H − ẑ·√(g'Σg) − ε·(|c| + Σ|g|))/(S·(1 + ẑ·s_max))`, `S = Σ |g_k|·v_k`, `ẑ = (e^(z*·s_max) − 1)/s_max`.
 * Source:  docs/method/prediction.md, eq. (23).
 */
function anchored({ columns, options, expectation }: Known, ratios: Float64Array): Anchored {
  const { count, slots, cash, market, weight } = columns
  const { sigmas, loadings } = expectation
  const fastest = sigmas.reduce((most, sigma) => Math.max(most, sigma), 0)
  // A log move of one rising price is a larger share of it.
  const limit = Math.expm1(expectation.limit * fastest) / fastest
  const paces = sigmas.map((sigma) => Math.max(slowest, sigma / fastest))
  const room = 1 + limit * fastest
  const numbers = new Int32Array(count)
  const places = new Uint8Array(count)
  const ends = new Int32Array(groups + 1)
  let found = 0
  for (let i = 0; i < count; i++) {
    let health = cash[i] as number
    let gross = Math.abs(health)
    let most = 0
    let common = 0
    let own = 0
    for (let place = i; place < slots * count; place += count) {
      const k = market[place] as number
      const value = (weight[place] as number) * (ratios[k] as number)
      const size = Math.abs(value)
      const moved = value * (sigmas[k] as number)
      const shared = moved * (loadings[k] as number)
      health += value
      gross += size
      most += size * (paces[k] as number)
      common += shared
      own += moved * moved - shared * shared
    }
    const left = health - limit * Math.sqrt(common * common + Math.max(0, own)) - slack * gross
    // Infinite cash is beyond every reach; what is no number is asked.
    if (left >= options.reach * room * most * (1 + 1e-12)) continue
    const radius = left / (room * most)
    const group = radius > 0 ? Math.min(groups - 1, Math.floor((radius / options.reach) * groups * (1 - 1e-12))) : 0
    places[found] = group
    numbers[found++] = i
    ends[group + 1] = (ends[group + 1] ?? 0) + 1
  }
  for (let group = 1; group <= groups; group++) ends[group] = (ends[group] ?? 0) + (ends[group - 1] ?? 0)
  const next = ends.slice()
  const near = Columns.empty({ names: columns.names, accounts: [], count: found, slots })
  const sorted = new Int32Array(found)
  for (let j = 0; j < found; j++) {
    const i = numbers[j] as number
    const group = places[j] as number
    const to = next[group] as number
    next[group] = to + 1
    sorted[to] = i
    near.cash[to] = cash[i] as number
    for (let slot = 0; slot < slots; slot++) {
      near.market[slot * found + to] = market[slot * count + i] as number
      near.weight[slot * found + to] = weight[slot * count + i] as number
    }
  }
  const around = Radius.at({ falling: paces, rising: paces, slowest }, ratios.slice())
  return { around, near, numbers: sorted, ends }
}

function expectationOf(names: readonly string[], { forecast, trigger }: Omit<Options, 'reach'>): Expectation {
  const monitoring = Prediction.monitoring(forecast)
  const markets = names.map((name) => {
    const { variance, loading, jumps } = forecast.markets[name] ?? { variance: 0, loading: 0, jumps: Forecast.still }
    Figure.assert('above 0', { [`variance of ${name}`]: variance })
    Figure.assert('at least 0', { [`less the probability of jumps of ${name}`]: -jumps.probability })
    return { sigma: Math.sqrt(variance), loading }
  })
  return {
    sigmas: Float64Array.from(markets, ({ sigma }) => sigma),
    loadings: Float64Array.from(markets, ({ loading }) => loading),
    limit: Math.max(0, Calibrator.deviations(forecast.calibrator, trigger) - monitoring),
    ...{ monitoring, calibrator: forecast.calibrator },
  }
}
