/** One expiry in all scenarios: the hot loop of portfolio margin. */
import type * as Model from './Model.ts'
import * as Normal from './Normal.ts'
import type * as Option from './Option.ts'
import * as Scenario from './Scenario.ts'

/** What a market says of an expiry. */
export type Quote = { readonly forward: number; readonly seconds: number; readonly rate: number }

/** An option with its volatility, held (amount > 0) or written (amount < 0). */
export type Leg = { readonly kind: Option.Kind; readonly strike: number; readonly volatility: number; readonly amount: number }

/** All that the options of an expiry share. */
export type Repricing = {
  readonly quote: Quote
  readonly grid: Model.Grid
  readonly span: Model.Span | null
  readonly years: number
  readonly rootYears: number
  readonly logForward: number
  /** e^(−rT). */
  readonly discount: number
  /** What a rise and a fall multiply volatilities by. */
  readonly up: number
  readonly down: number
  /** On what is held and on what is owed, after a shock. */
  readonly held: number
  readonly owed: number
  /** What part of the forward still moves. */
  readonly moving: number
  /** relative[c], logs[c]: by what the forward is multiplied, and its logarithm. */
  readonly relative: Float64Array
  readonly logs: Float64Array
}

/**
 * What the options of an expiry share in all scenarios.
 *
 * Formula: the forward after a move s is `F·(w·s + 1 − w)`, `w = min(1, seconds / averagingSeconds)`.
 * Source:  docs/method/portfolio-margin.md, eq. (14).
 */
export function of(quote: Quote, { terms: { span }, grid }: Model.Model): Repricing {
  const { forward, seconds, rate } = quote
  const years = Scenario.years(seconds)
  const factors = span === null ? { held: 1, owed: 1 } : Scenario.discounted(span, { years, rate })
  const shifted = span === null ? { up: 1, down: 1 } : Scenario.shifted(span.shift, seconds)
  const moving = span === null || seconds >= span.averagingSeconds ? 1 : seconds / span.averagingSeconds
  const relative = moving === 1 ? grid.relative : grid.relative.map((move) => moving * move + (1 - moving))
  return {
    quote,
    grid,
    span,
    years,
    rootYears: Math.sqrt(years),
    logForward: Math.log(forward),
    discount: Math.exp(-rate * years),
    up: shifted.up,
    down: shifted.down,
    held: factors.held,
    owed: factors.owed,
    moving,
    relative,
    logs: moving === 1 ? grid.logs : relative.map(Math.log),
  }
}

/**
 * Adds `amount · price` of one option to every column.
 *
 * Formula: Black-76 in each column with its forward and its volatility; a put by parity, `P = C + D·(K − F)`.
 * Source:  docs/method/portfolio-margin.md, eq. (1), (2), (4) and (14).
 * Rounding: nearest, float64. Error at most 1e-14·(F + K)·|amount| a column.
 *
 * @param columns - columns[c], USD; added to, which is what makes this fast.
 */
export function add(columns: Float64Array, leg: Leg, repricing: Repricing): void {
  const { strike, amount } = leg
  const { grid, quote, relative, logs, rootYears } = repricing
  const { order, starts } = grid
  const { forward } = quote
  const weight = amount * repricing.discount
  const parity = leg.kind === 'put' ? weight : 0
  const distance = repricing.logForward - Math.log(strike)
  for (let kind = 0; kind < 5; kind++) {
    const from = starts[kind] as number
    const to = starts[kind + 1] as number
    if (from === to) continue
    const deviation = rootYears === 0 ? 0 : rootYears * volatility(kind, distance, leg, repricing)
    if (deviation > 0 && strike > 0) {
      const inverse = 1 / deviation
      const half = deviation / 2
      for (let i = from; i < to; i++) {
        const c = order[i] as number
        const price = forward * (relative[c] as number)
        const d1 = (distance + (logs[c] as number)) * inverse + half
        columns[c] =
          (columns[c] as number) +
          weight * (price * Normal.tabulated(d1) - strike * Normal.tabulated(d1 - deviation)) +
          parity * (strike - price)
      }
    } else {
      for (let i = from; i < to; i++) {
        const c = order[i] as number
        const price = forward * (relative[c] as number)
        columns[c] = (columns[c] as number) + weight * (price > strike ? price - strike : 0) + parity * (strike - price)
      }
    }
  }
}

/** The volatility of a leg where its kind of change has happened; kinds as `Model.volatilities` orders them. */
function volatility(kind: number, distance: number, leg: Leg, { span, up, down, years }: Repricing): number {
  if (kind === 1 || span === null) return leg.volatility
  if (kind === 0) return Math.max(span.shift.least, leg.volatility * up)
  if (kind === 2) return leg.volatility * down
  return leg.volatility * Scenario.tilted(span.tilt, { kind: kind === 3 ? 'linear' : 'absolute', years, moneyness: -distance })
}
