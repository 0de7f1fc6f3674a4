/**
 * The outside market, which is the edge of what runs here and the only part that is simulated: everybody who trades elsewhere.
 *
 * It has a price path of its own, and is moved by what a venue's pool has to pass on to it. Its price is what the venue's feed says next.
 */
import { type Path, Scenario, Throng } from '@plimsoll/liquidation'
import { Random } from '@plimsoll/volatility'
import * as Arms from '../replay/Arms.ts'

/** What a flow does to it. Slopes in log by USD at the first price. */
export type Impact = { readonly permanent: number; readonly temporary: number; readonly halfLifeSeconds: number }

export type Outside = {
  /** Log price by the first one. */
  readonly price: () => number
  /** Time passes: the path goes on to a point, and what is temporary fades. */
  readonly pass: (log: number, seconds: number) => void
  /** A flow arrives, sales negative. USD at the first price. */
  readonly take: (flow: number) => void
}

/**
 * Before anything was forced.
 *
 * Formula: `ln P = m + p + τ`; a flow of q moves p by κ_p·q and τ by κ_τ·q, and τ halves with its half-life.
 * Source:  docs/method/replay.md, eq. (4).
 */
export function of({ permanent, temporary, halfLifeSeconds }: Impact): Outside {
  let [own, lasting, passing] = [0, 0, 0]
  return {
    price: () => own + lasting + passing,
    pass: (log, seconds) => {
      own = log
      passing *= 0.5 ** (seconds / halfLifeSeconds)
    },
    take: (flow) => {
      lasting += permanent * flow
      passing += temporary * flow
    },
  }
}

/** The impact of `plimsoll replay`, by a book of so much open interest: a share of it moves the price as far as the same share does there. */
export function impact(openInterest: number): Impact {
  const by = Throng.shape.openInterest / openInterest
  const { permanent, temporary, halfLifeSeconds } = Arms.market
  return { permanent: permanent * by, temporary: temporary * by, halfLifeSeconds }
}

/** Seconds of the ramp crash that are shown, and how much of the rise of its volatility passes before them. */
export const shown = { seconds: 3_600, after: 900 } as const

/**
 * The path of a seed: `ramp-crash` of `plimsoll replay`, −12 % in three quarters of an hour after a warning of twenty minutes.
 *
 * @param steps - in what is shown.
 * @returns its `start` is where what is shown begins, at a log price of 0; before it is what everybody knew.
 */
export function path(seed: number, steps: number): Path.Path {
  const stepSeconds = shown.seconds / steps
  const lead = Math.round(shown.after / stepSeconds)
  const setting = { ...Scenario.setting, stepSeconds, length: shown.seconds + lead * stepSeconds, from: 0, until: 0 }
  const whole = Scenario.of('ramp-crash', Random.of(seed, 'path'), setting)
  const start = whole.start + lead
  const origin = whole.log[start] ?? 0
  return { stepSeconds, start, log: whole.log.map((value) => value - origin) }
}
