/** One seed of one market and book under every policy: the same path and the same accounts for all of them. */
import { type Isolated, Path, Replay, Scenario, Scorecard, Throng } from '@plimsoll/liquidation'
import { Random } from '@plimsoll/volatility'
import * as Arms from './Arms.ts'
import type * as Days from './Days.ts'
import * as Volatility from './Volatility.ts'

/** Where prices come from. `table`: the champion's own variance of the next hour, by the hour of the window. */
export type Source =
  | { readonly kind: 'scenario'; readonly name: Scenario.Name }
  | { readonly kind: 'bars'; readonly bars: Days.Bars; readonly table: readonly number[] | null }

/** Whose positions: drawn with the seed, or given. */
export type Crowd =
  | { readonly kind: 'drawn'; readonly name: string; readonly openInterest: number }
  | { readonly kind: 'given'; readonly name: string; readonly positions: Isolated.Positions }

export type Cell = { readonly source: Source; readonly crowd: Crowd }

export type Work = {
  readonly cells: readonly Cell[]
  readonly arms: readonly Arms.Arm[]
  readonly parameters: Arms.Parameters
  readonly models: Volatility.Models
}

/** Steps of a path. Seconds. */
const stepSeconds = 10

/** The path of a seed. A seed of one scenario is the same market as in another, with another event. */
export function pathOf(source: Source, seed: number): Path.Path {
  if (source.kind === 'scenario') return Scenario.of(source.name, Random.of(seed, 'path'), Scenario.setting)
  const { bars, start, intervalSeconds } = source.bars
  return Path.bridge({ bars, start, stepsPerBar: intervalSeconds / stepSeconds, stepSeconds }, Random.of(seed, 'bridge'))
}

/** The book of a seed. A book that is given has mandates throughout. */
export function throngOf(crowd: Crowd, seed: number): Throng.Throng {
  if (crowd.kind === 'given') return { positions: crowd.positions, mandates: new Uint8Array(crowd.positions.side.length).fill(1) }
  return Throng.of({ ...Throng.shape, openInterest: crowd.openInterest }, Random.of(seed, 'book'))
}

/** Open interest of the side that has more. USD. */
export function openInterestOf({ side, notional }: Isolated.Positions): number {
  const sums = [0, 0]
  for (let i = 0; i < side.length; i++)
    if (side[i] !== 0) sums[side[i] === 1 ? 0 : 1] = (sums[side[i] === 1 ? 0 : 1] ?? 0) + (notional[i] ?? 0)
  return Math.max(...sums)
}

/** What one arm did on one seed. */
export type Run = { readonly given: Replay.Case; readonly outcome: Replay.Outcome; readonly card: Scorecard.Scorecard }

/** Every arm on one seed, in order. The first is the baseline. */
export function runs(work: Work, cell: number, seed: number): readonly Run[] {
  const { source, crowd } = work.cells[cell] as Cell
  const path = pathOf(source, seed)
  const { positions, mandates } = throngOf(crowd, seed)
  const openInterest = openInterestOf(positions)
  const table = source.kind === 'bars' && source.table !== null ? minutely(source.table) : null
  const sigmas = new Map<Volatility.Kind, Float64Array>()
  let baseline: Uint16Array | null = null
  return work.arms.map(({ policy, volatility }) => {
    const sigma = sigmas.get(volatility) ?? Volatility.of(volatility, path, work.models, table)
    sigmas.set(volatility, sigma)
    const given = {
      book: positions,
      mandates,
      path,
      sigma,
      market: Arms.market,
      policy: Arms.policy(policy, openInterest, work.parameters),
    }
    const outcome = Replay.run(given)
    baseline ??= outcome.hits
    return { given, outcome, card: Scorecard.of({ given, outcome, baseline }) }
  })
}

/** - [arms × figures], arm by arm: the scorecards of one seed. */
export function cards(work: Work, cell: number, seed: number): Float64Array {
  const all = runs(work, cell, seed)
  return Float64Array.from(all.flatMap(({ card }) => Scorecard.figures.map((figure) => card[figure])))
}

function minutely(hours: readonly number[]): Float64Array {
  return Float64Array.from({ length: hours.length * 60 }, (_, minute) => hours[Math.floor(minute / 60)] ?? Number.NaN)
}

/**
 * What forecasts are fitted on: so many paths of each scenario, of seeds that nobody is judged by. Most hours are calm, few warnings are followed by a
 * crash, and a jump is none of it: nothing tells of it, so that a mean fitted on jumps expects one in every calm hour.
 */
const trained = { calm: 36, 'false-alarm': 8, 'ramp-crash': 4, jump: 0 } as const satisfies Record<Scenario.Name, number>

/** The paths that forecasts are fitted on. */
export function training(): readonly Path.Path[] {
  const names = Scenario.names.flatMap((name) => Array.from({ length: trained[name] }, () => name))
  return names.map((name, k) => Scenario.of(name, Random.of(900_000 + k, 'path'), Scenario.setting))
}
