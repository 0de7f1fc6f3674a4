/** How far liquidations bring on liquidations: a self-exciting process fitted to when they happened. */
import * as Figure from './Figure.ts'

/** `λ(t) = base + Σ n·decay·e^(−decay·(t − tᵢ))`. Times in any one unit, such as seconds. */
export type Hawkes = {
  /** μ: events by unit of time that nothing triggered. */
  readonly base: number
  /** n: the branching ratio; how many others an event brings on. */
  readonly n: number
  /** β by unit of time; its inverse is the memory. */
  readonly decay: number
}

export type Fit = Hawkes & {
  readonly events: number
  readonly logLikelihood: number
  /** False where the steps ran out before they became small. */
  readonly settled: boolean
}

const steps = 5_000

/**
 * The process of greatest likelihood, by expectation and maximisation.
 *
 * Formula: `ln L = Σ ln λ(tᵢ) − μT − n·Σ(1 − e^(−β(T − tᵢ)))`; each step shares every event out among the base and those before it.
 * Source:  docs/method/cascade.md, eq. (44).
 *
 * n is an upper bound of what liquidations bring on themselves: a common cause that moves faster than 1/β looks like one.
 *
 * @param times - ascending, several of one time allowed, at least 10; shape [n].
 * @param until - T ≥ the last; the first counts from 0, so shift times to when the watch began.
 * @throws {Figure.InvalidFigureError} too few events, or times that do not rise from 0.
 */
export function fit(times: Float64Array, until: number): Fit {
  Figure.assert('at least 0', {
    'events, less 10,': times.length - 10,
    'first event': times[0] ?? 0,
    'until, less the last event,': until - (times.at(-1) ?? 0),
  })
  for (let i = 1; i < times.length; i++) Figure.assert('at least 0', { 'time less the one before': (times[i] ?? 0) - (times[i - 1] ?? 0) })
  Figure.assert('above 0', { until })
  // Several memories may each be the likeliest near themselves: begin from four, and take the best of all.
  const rate = times.length / until
  const fits = [1, 10, 100, 1_000].map((factor) => climb(times, until, { base: rate / 2, n: 0.5, decay: factor * rate }))
  return fits.reduce((best, each) => (each.logLikelihood > best.logLikelihood ? each : best))
}

export declare namespace fit {
  type ErrorType = Figure.InvalidFigureError
}

function climb(times: Float64Array, until: number, from: Hawkes): Fit {
  let found = from
  let settled = false
  for (let step = 0; step < steps && !settled; step++) {
    const next = improved(times, until, found)
    settled = (['base', 'n', 'decay'] as const).every((key) => Math.abs(next[key] / found[key] - 1) < 1e-9)
    found = next
  }
  return { ...found, events: times.length, logLikelihood: logLikelihood(times, until, found), settled }
}

/** One step: what share of each event is the base's, what the others', and how long those waited. */
function improved(times: Float64Array, until: number, { base, n, decay }: Hawkes): Hawkes {
  let [own, brought, waited, reach, excited, delayed] = [0, 0, 0, 0, 0, 0]
  let before = times[0] ?? 0
  for (let i = 0; i < times.length; i++) {
    const at = times[i] ?? 0
    if (i > 0) {
      const gap = at - before
      const fade = Math.exp(-decay * gap)
      // Σ e^(−β(t − tⱼ)), and the same weighted by the wait.
      delayed = fade * (delayed + gap * (1 + excited))
      excited = fade * (1 + excited)
    }
    const rate = base + n * decay * excited
    own += base / rate
    brought += (n * decay * excited) / rate
    waited += (n * decay * delayed) / rate
    reach += -Math.expm1(-decay * (until - at))
    before = at
  }
  return { base: own / until, n: brought / reach, decay: brought / Math.max(waited, Number.MIN_VALUE) }
}

/**
 * ln L of events under a process.
 *
 * Source: docs/method/cascade.md, eq. (44).
 */
export function logLikelihood(times: Float64Array, until: number, { base, n, decay }: Hawkes): number {
  let sum = -base * until
  let excited = 0
  for (let i = 0; i < times.length; i++) {
    if (i > 0) excited = Math.exp(-decay * ((times[i] ?? 0) - (times[i - 1] ?? 0))) * (1 + excited)
    sum += Math.log(base + n * decay * excited) + n * Math.expm1(-decay * (until - (times[i] ?? 0)))
  }
  return sum
}

/**
 * Events of one block spread over the time that it stood for, seeded: a block's time is when it was made, not when each event came about.
 *
 * @param times - shape [n], any order.
 * @param over - the width, in the unit of the times.
 * @returns ascending.
 * @throws {Figure.InvalidFigureError}
 */
export function spread(times: Float64Array, over: number, seed: number): Float64Array {
  Figure.assert('at least 0', { over })
  Figure.assert('a whole number of at least 0', { seed })
  // Lehmer's generator, away from its fixed point at 0.
  let state = (seed % 2_147_483_646) + 1
  return times
    .map((time) => {
      state = (state * 48_271) % 2_147_483_647
      return time + (over * state) / 2_147_483_647
    })
    .sort()
}
