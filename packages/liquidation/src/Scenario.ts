/** Markets that are made up to try a policy on: calm, a warning without a crash, a crash with a warning, a jump without one. */
import * as Figure from './Figure.ts'
import type * as Path from './Path.ts'

export const names = ['calm', 'false-alarm', 'ramp-crash', 'jump'] as const
export type Name = (typeof names)[number]

/** What all of them share. Times in seconds. */
export type Setting = {
  readonly stepSeconds: number
  /** Known before trading begins, and traded. */
  readonly history: number
  readonly length: number
  /** σ in calm, annualised; and deviation and half-life of its log. */
  readonly volatility: number
  readonly deviation: number
  readonly halfLife: number
  /** The event begins somewhere in between, from the first traded step. */
  readonly from: number
  readonly until: number
}

export const setting: Setting = {
  stepSeconds: 10,
  history: 4 * 3_600,
  length: 6 * 3_600,
  volatility: 0.5,
  deviation: 0.3,
  halfLife: 3_600,
  from: 3_600,
  until: 2 * 3_600,
}

/** What happens: σ rises to so many times calm over `rising`, stays, falls back with a half-life; the price falls by `fall` over `falling` from the end of the rise. */
type Event = {
  readonly times: number
  readonly rising: number
  readonly staying: number
  readonly halfLife: number
  /** Log. */
  readonly fall: number
  readonly falling: number
}

const events: Readonly<Record<Name, Event>> = {
  calm: { times: 1, rising: 0, staying: 0, halfLife: 1_800, fall: 0, falling: 0 },
  'false-alarm': { times: 4, rising: 1_200, staying: 2_400, halfLife: 1_200, fall: 0, falling: 0 },
  'ramp-crash': { times: 4, rising: 1_200, staying: 2_700, halfLife: 1_800, fall: -Math.log(0.88), falling: 2_700 },
  jump: { times: 3, rising: 0, staying: 600, halfLife: 1_800, fall: -Math.log(0.92), falling: 0 },
}

const yearSeconds = 365 * 86_400

/**
 * A path of one scenario.
 *
 * Formula: `Δm = σ[t]·√Δ·z − fall over its time`, `ln σ[t]` an Ornstein–Uhlenbeck process plus the event's own course, so that the mean
 *          variance in calm is what was asked for.
 * Source:  docs/method/replay.md, eq. (1) and (2).
 *
 * @param random - seeded; every scenario draws the same number of times in the same order, so that one seed is one market with another event.
 * @throws {Figure.InvalidFigureError}
 *
 * @example
 * Scenario.of('jump', { uniform: () => 0.5, normal: () => 0 }, Scenario.setting).log.at(-1)
 * // => Math.log(0.92)
 */
export function of(name: Name, random: Path.Random, setting: Setting): Path.Path {
  const { stepSeconds, history, length, volatility, deviation, halfLife, from, until } = setting
  Figure.assert('above 0', { stepSeconds, length, halfLife })
  Figure.assert('at least 0', { history, volatility, deviation, from, 'until − from': until - from })
  const event = events[name]
  const start = Math.round(history / stepSeconds)
  const steps = start + Math.round(length / stepSeconds)
  const begins = start + Math.round((from + random.uniform() * (until - from)) / stepSeconds)
  const phi = 0.5 ** (stepSeconds / halfLife)
  const base = volatility * Math.sqrt(stepSeconds / yearSeconds)
  const log = new Float64Array(steps + 1)
  let state = deviation * random.normal()
  for (let t = 1; t <= steps; t++) {
    const since = (t - begins) * stepSeconds
    const sigma = base * Math.exp(state - deviation * deviation) * course(event, since)
    log[t] = (log[t - 1] as number) + sigma * random.normal() - fallen(event, since, stepSeconds)
    state = phi * state + Math.sqrt(1 - phi * phi) * deviation * random.normal()
  }
  const origin = log[start] as number
  return { stepSeconds, log: log.map((value) => value - origin), start }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/** How many times calm σ is, so many seconds after the event began; geometric on the way up. */
function course({ times, rising, staying, halfLife }: Event, since: number): number {
  if (since <= 0) return 1
  const risen = Math.min(1, since / rising)
  return times ** (risen * 0.5 ** (Math.max(0, since - rising - staying) / halfLife))
}

/** What of the fall lies in the step that ends so many seconds after the event began. */
function fallen({ rising, fall, falling }: Event, since: number, step: number): number {
  const after = since - rising
  if (falling === 0) return after > 0 && after <= step ? fall : 0
  return (fall * Math.max(0, Math.min(after, falling) - Math.max(0, Math.min(after - step, falling)))) / falling
}
