/** How large an insurance fund has to be: losses of a book over many seeded paths of the market. */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import * as Normal from './Normal.ts'
import * as Stress from './Stress.ts'

/** What can happen to prices over the horizon: one common factor, and a part of each market's own. */
export type Draws = {
  /** σ of each market's log price over the horizon; a market without one stands still. */
  readonly sigma: Readonly<Record<string, number>>
  /** The share of variance that is common, in [0, 1]. */
  readonly common: number
  /** Degrees of freedom of Student's t, from 3; null for the normal. Scaled to the same σ either way. */
  readonly tails: number | null
  readonly seed: number
}

/** - forced[n] and losses[n]: what path `from + i` forces, and what accounts cannot pay before any reserve. USD. */
export type Sample = { readonly from: number; readonly forced: Float64Array; readonly losses: Float64Array }

/**
 * Some paths of the simulation. A path depends on the seed and its number alone, so that slices run anywhere and in any order make up the whole.
 *
 * Source: docs/method/cascade.md, eq. (39).
 *
 * @param scenario - the stress that each path is; its own shocks are added to each draw.
 * @param slice - the paths from `from` up to, not including, `to`.
 * @throws {Figure.InvalidFigureError} {Venue.UnknownMarketError}
 */
export function simulate(scenario: Stress.Scenario, draws: Draws, slice: simulate.Slice): Sample {
  const { from, to } = slice
  Figure.assert('a whole number of at least 0', { from, 'to − from': to - from, seed: draws.seed })
  checked(draws)
  const forced = new Float64Array(to - from)
  const losses = new Float64Array(to - from)
  for (let path = from; path < to; path++) {
    const moves = shocks(draws, path)
    for (const [market, shock] of Object.entries(scenario.shocks)) moves[market] = (moves[market] ?? 0) + shock
    const stress = Stress.run({ ...scenario, shocks: moves })
    forced[path - from] = Book.usd(stress.forced)
    losses[path - from] = Book.usd(stress.badDebt)
  }
  return { from, forced, losses }
}

export declare namespace simulate {
  type Slice = { readonly from: number; readonly to: number }
  type ErrorType = Figure.InvalidFigureError
}

/** The log moves of one path, by market. */
export function shocks(draws: Draws, path: number): Record<string, number> {
  const next = uniform(draws.seed, path)
  const gauss = () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
  const factor = gauss()
  let scale = 1
  if (draws.tails !== null) {
    let squares = 0
    for (let k = 0; k < draws.tails; k++) squares += gauss() ** 2
    scale = Math.sqrt((draws.tails - 2) / squares)
  }
  const moves: Record<string, number> = {}
  for (const market of Object.keys(draws.sigma).sort())
    moves[market] = (draws.sigma[market] ?? 0) * scale * (Math.sqrt(draws.common) * factor + Math.sqrt(1 - draws.common) * gauss())
  return moves
}

/** What paths say together. USD. */
export type Risk = {
  readonly level: number
  readonly paths: number
  /** LaR: the quantile of what is forced. */
  readonly liquidationsAtRisk: number
  /** VaR and ES of what accounts cannot pay: the quantile, and the mean of what lies beyond it. */
  readonly valueAtRisk: number
  readonly expectedShortfall: number
  /** Paths with a loss, their share, and its 95 % interval (Wilson). */
  readonly losing: number
  readonly probability: number
  readonly interval: readonly [number, number]
}

/**
 * LaR, VaR, ES and P(loss) of slices that make up a simulation.
 *
 * Formula: quantiles are order statistics, `L_(⌈αn⌉)`; `ES = (Σ_{i > ⌈αn⌉} L_(i)/n + (⌈αn⌉/n − α)·L_(⌈αn⌉)) / (1 − α)`.
 * Source:  docs/method/cascade.md, eq. (40).
 *
 * @param level - α in (0, 1), such as 0.99.
 * @throws {Figure.InvalidFigureError} no paths, a level that is none.
 *
 * @example
 * Insurance.assess([{ from: 0, forced: Float64Array.of(1, 2, 3, 4), losses: Float64Array.of(0, 8, 0, 4) }], 0.5).expectedShortfall
 * // => 6
 */
export function assess(samples: readonly Sample[], level: number): Risk {
  Figure.assert('above 0', { level })
  Figure.assert('a share below 1', { level })
  const losses = sorted(samples.map(({ losses }) => losses))
  const forced = sorted(samples.map(({ forced }) => forced))
  const n = losses.length
  Figure.assert('above 0', { 'number of paths': n })
  const place = Math.max(1, Math.ceil(level * n - 1e-9))
  const at = losses[place - 1] ?? 0
  let beyond = 0
  for (let i = place; i < n; i++) beyond += losses[i] ?? 0
  const losing = losses.reduce((count, loss) => count + (loss > 0 ? 1 : 0), 0)
  return {
    level,
    paths: n,
    liquidationsAtRisk: forced[place - 1] ?? 0,
    valueAtRisk: at,
    expectedShortfall: (beyond / n + (place / n - level) * at) / (1 - level),
    losing,
    probability: losing / n,
    interval: wilson(losing, n),
  }
}

export declare namespace assess {
  type ErrorType = Figure.InvalidFigureError
}

/**
 * The fund that one factor asks for, in closed form: a check on what a simulation says.
 *
 * Formula: `F_α = N·max(0, z_α·σ − m)`.
 * Source:  docs/method/cascade.md, eq. (41).
 *
 * @param exposure.buffer - m: margin by notional.
 * @param exposure.sigma - σ of the loss by notional.
 *
 * @example
 * Insurance.oneFactor({ notional: 100, buffer: 0.5, sigma: 0.1 }, 0.99)
 * // => 0
 */
export function oneFactor(exposure: oneFactor.Exposure, level: number): number {
  const { notional, buffer, sigma } = exposure
  Figure.assert('at least 0', { notional, sigma })
  Figure.assert('finite', { buffer })
  Figure.assert('above 0', { level })
  Figure.assert('a share below 1', { level })
  return notional * Math.max(0, Normal.quantile(level) * sigma - buffer)
}

export declare namespace oneFactor {
  type Exposure = { readonly notional: number; readonly buffer: number; readonly sigma: number }
  type ErrorType = Figure.InvalidFigureError
}

function sorted(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.sort()
}

function wilson(hits: number, n: number): readonly [number, number] {
  const z = 1.959963984540054
  const share = hits / n
  const middle = share + (z * z) / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  const whole = 1 + (z * z) / n
  return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)]
}

/** A generator of one path: 32-bit mixing of the seed and the path's number, in (0, 1). */
function uniform(seed: number, path: number): () => number {
  let state = mixed(mixed(seed ^ 0x9e3779b9) + Math.imul(path + 1, 0x85ebca6b))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    return (mixed(state) + 0.5) / 4_294_967_296
  }
}

function mixed(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}

function checked({ sigma, common, tails }: Draws): void {
  Figure.assert('at least 0', Object.fromEntries(Object.entries(sigma).map(([market, value]) => [`σ of ${market}`, value])))
  Figure.assert('a share', { common })
  if (tails !== null) Figure.assert('a whole number of at least 0', { 'degrees of freedom − 3': tails - 3 })
}
