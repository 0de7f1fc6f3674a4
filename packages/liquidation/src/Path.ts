/** Prices of a market as it would have gone without anybody's forced orders: log moves from the first traded step, in equal steps. */
import * as Figure from './Figure.ts'

export type Path = {
  readonly stepSeconds: number
  /** - log price by the price at `start`, oldest first; steps before `start` are known when trading begins. */
  readonly log: Float64Array
  readonly start: number
}

/** Where a path's numbers come from: a seeded stream, even in [0, 1) and standard normal. */
export type Random = { readonly uniform: () => number; readonly normal: () => number }

/** Extremes of one interval of a real market. Prices > 0. */
export type Bar = { readonly open: number; readonly high: number; readonly low: number; readonly close: number }

/**
 * A path through bars: what happened within each is not known, and is drawn.
 *
 * From the open to the two extremes, in either order at times of their own, to the close: three Brownian bridges of the bar's range variance, held
 * within the extremes. A bar that rose is likelier to have been at its low first.
 *
 * Formula: `v = ln²(H/L) / (4 ln 2)`; low first with probability `½ + ½·ln(C/O)/ln(H/L)`.
 * Source:  docs/method/replay.md, eq. (3).
 *
 * @param market.bars - consecutive, oldest first; each opens where it opens, whatever the one before closed at.
 * @param market.start - the bar in which trading begins.
 * @param market.stepsPerBar - ≥ 3.
 * @throws {Figure.InvalidFigureError} a bar is not sound, there are too few, or steps are too long.
 *
 * @example
 * Path.bridge({ bars: [{ open: 2, high: 2, low: 2, close: 2 }], start: 0, stepsPerBar: 3, stepSeconds: 10 }, { uniform: () => 0.5, normal: () => 0 }).log
 * // => Float64Array.of(0, 0, 0, 0)
 */
export function bridge(market: bridge.Market, random: Random): Path {
  const { bars, start, stepsPerBar, stepSeconds } = market
  Figure.assert('above 0', { stepSeconds, 'bars − start': bars.length - start })
  Figure.assert('a whole number of at least 0', { start, 'steps a bar − 3': stepsPerBar - 3 })
  const log = new Float64Array(bars.length * stepsPerBar + 1)
  for (const [b, bar] of bars.entries()) {
    checked(bar, b)
    const [open, high, low, close] = [Math.log(bar.open), Math.log(bar.high), Math.log(bar.low), Math.log(bar.close)]
    const range = high - low
    const deviation = Math.sqrt((range * range) / (4 * Math.LN2) / stepsPerBar)
    // A bar without a range has one price, in whatever order.
    const lowFirst = random.uniform() < 0.5 + (close - open) / (2 * range)
    const [one, other] = [within(random, stepsPerBar), within(random, stepsPerBar)]
    const [first, second] = one === other ? (one > 1 ? [one - 1, one] : [one, one + 1]) : [Math.min(one, other), Math.max(one, other)]
    const from = b * stepsPerBar
    if (b === 0) log[from] = open
    const points = [
      [first, lowFirst ? low : high],
      [second, lowFirst ? high : low],
      [stepsPerBar, close],
    ] as const
    // The first step of a bar comes from its own open, a gap included.
    let [before, walked] = [0, open]
    for (const [at, value] of points) {
      for (let i = before + 1; i < at; i++) {
        const left = at - i + 1
        const drift = (value - walked) / left
        const noise = deviation * Math.sqrt((left - 1) / left) * random.normal()
        walked = Math.min(high, Math.max(low, walked + drift + noise))
        log[from + i] = walked
      }
      log[from + at] = value
      before = at
      walked = value
    }
  }
  const origin = log[start * stepsPerBar] as number
  return { stepSeconds, log: log.map((value) => value - origin), start: start * stepsPerBar }
}

export declare namespace bridge {
  type Market = {
    readonly bars: readonly Bar[]
    readonly start: number
    readonly stepsPerBar: number
    readonly stepSeconds: number
  }
  type ErrorType = Figure.InvalidFigureError
}

/** A step of a bar's inside: 1 … steps − 1. */
function within(random: Random, steps: number): number {
  return 1 + Math.floor(random.uniform() * (steps - 1))
}

function checked({ open, high, low, close }: Bar, index: number): void {
  Figure.assert('above 0', { [`low of bar ${index}`]: low })
  Figure.assert('at least 0', {
    [`open less low of bar ${index}`]: Math.min(open, close) - low,
    [`high less open of bar ${index}`]: high - Math.max(open, close),
  })
}
