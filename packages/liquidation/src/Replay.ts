/** A book on a price path under one policy of liquidation, step by step: what is forced, who pays, and how far the price is pushed. */
import * as Exchange from './Exchange.ts'
import * as Figure from './Figure.ts'
import type * as Isolated from './Isolated.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import type * as Path from './Path.ts'
import * as Closes from './Policy.ts'
import * as Preemption from './Preemption.ts'
import * as Reductions from './Reductions.ts'
import * as Standing from './Standing.ts'

export type Market = Exchange.Market
export type Backstop = Exchange.Backstop

export type Policy = {
  /** What happens at the threshold. */
  readonly close: Closes.Policy
  /** What happens before it; null where nothing does. */
  readonly preemption: Preemption.Terms | null
  readonly backstop: Exchange.Backstop | null
}

export type Case = {
  readonly book: Isolated.Positions
  /** - 1 for an account that lets itself be reduced before the threshold. */
  readonly mandates: Uint8Array
  readonly path: Path.Path
  /** - forecast at each traded step, known then: log by √second. Length: traded steps. */
  readonly sigma: Float64Array
  readonly market: Exchange.Market
  readonly policy: Policy
}

/** What a replay came to. USD. */
export type Outcome = {
  /** - log price after each traded step's orders, the first at the start; and how far it then stood from the index. */
  readonly price: Float64Array
  readonly divergence: Float64Array
  /** - forced and pre-emptive flow of each traded step, at what it was filled at. */
  readonly forced: Float64Array
  readonly preemptive: Float64Array
  /** Σ of what forced closes lost to the index, and what they were worth at the index. */
  readonly slipped: number
  readonly worth: number
  readonly absorbed: number
  readonly badDebt: number
  readonly deleveraged: number
  /** - by account: how often it was closed by force, what was reduced before, what that cost it, equity at the end. */
  readonly hits: Uint16Array
  readonly reduced: Float64Array
  readonly cost: Float64Array
  readonly equity: Float64Array
  readonly parties: Exchange.Parties
}

/** What is counted while it runs. */
type Count = { slipped: number; worth: number; readonly hits: Uint16Array }

const sides = [1, -1] as const

/**
 * Replays a path.
 *
 * Formula: `ln P = m + p + τ`; a sale of q moves p by −κ_p·q and τ by −κ_τ·q, and τ halves with its half-life.
 * Source:  docs/method/replay.md, eq. (4) to (11).
 *
 * @throws {Figure.InvalidFigureError} a figure is out of range, or there is not one forecast a traded step.
 */
export function run(given: Case): Outcome {
  checked(given)
  const { path, market, book, policy, mandates } = given
  const { stepSeconds } = path
  const steps = path.log.length - 1 - path.start
  const exchange = Exchange.of(book, market, policy.backstop)
  const reductions = Reductions.of(mandates, stepSeconds)
  const count: Count = { slipped: 0, worth: 0, hits: new Uint16Array(book.side.length) }
  const [price, divergence] = [new Float64Array(steps + 1), new Float64Array(steps + 1)]
  const [forced, preemptive] = [new Float64Array(steps), new Float64Array(steps)]
  const decay = 0.5 ** (stepSeconds / market.halfLifeSeconds)
  const minute = Math.max(1, Math.round(60 / stepSeconds))
  const lately = Math.round((policy.backstop?.release.seconds ?? 0) / stepSeconds)
  for (let t = 0; t < steps; t++) {
    exchange.exogenous = path.log[path.start + t + 1] as number
    exchange.temporary *= decay
    const sigma = given.sigma[t] as number
    forced[t] = force(exchange, given, count, sigma)
    if (policy.preemption !== null) {
      const now = t * stepSeconds
      const isLook = t % policy.preemption.every === 0 && sigma > 0
      const reach = isLook ? Preemption.reach(policy.preemption, { sigma, stepSeconds }) : null
      for (const side of sides) {
        if (reach !== null) Reductions.look(reductions, exchange, policy.preemption, { side, now, sigma, reach })
        preemptive[t] = (preemptive[t] as number) + Reductions.close(reductions, exchange, { side, now, sigma })
      }
    }
    // What is sold ahead is flow as well.
    let recent = 0
    for (let i = Math.max(0, t + 1 - lately); i <= t; i++) recent += (forced[i] as number) + (preemptive[i] as number)
    Exchange.release(exchange, recent)
    if (exchange.deficit > 0n && ((t + 1) % minute === 0 || t === steps - 1)) Exchange.deleverage(exchange)
    price[t + 1] = exchange.exogenous + exchange.permanent + exchange.temporary
    divergence[t + 1] = exchange.temporary
  }
  const { absorbed, badDebt, deleveraged, standing } = exchange
  const index = Exchange.index(exchange)
  return {
    ...{ price, divergence, forced, preemptive, absorbed, badDebt, deleveraged },
    ...count,
    reduced: reductions.reduced,
    cost: reductions.cost,
    equity: Float64Array.from(standing.units, (_, account) => Standing.equity(standing, account, index)),
    parties: Exchange.parties(exchange),
  }
}

export declare namespace run {
  type ErrorType = Figure.InvalidFigureError
}

/** Closes who fails, both sides, as often as the market looks within a step. Returns what was closed, in USD. */
function force(exchange: Exchange.Exchange, { market, policy }: Case, count: Count, sigma: number): number {
  let flow = 0
  for (let round = 0; round < market.rounds; round++) {
    const more = sides.reduce((sum, side) => sum + forceSide(exchange, policy.close, count, { side, sigma }), 0)
    if (more === 0) break
    flow += more
  }
  return flow
}

/** Closes everybody of one side who fails at the price that stands, as one order. */
function forceSide(
  exchange: Exchange.Exchange,
  policy: Closes.Policy,
  count: Count,
  { side, sigma }: { readonly side: 1 | -1; readonly sigma: number },
): number {
  const { standing, market } = exchange
  const { hits } = count
  const mark = Exchange.mark(exchange)
  const failing = Standing.failing(standing, side, mark, LiquidationCurve.tolerance)
  if (failing.length === 0) return 0
  let units = 0
  const closing = failing.map((account) => {
    const open = standing.units[account] as number
    const share = Closes.share(policy, {
      equity: Standing.equity(standing, account, mark),
      notional: open * mark,
      maintenance: (standing.maintenance[account] as number) * open * mark,
      cost: market.fee,
      done: hits[account] as number,
    })
    const part = share * open
    units += part
    return part
  })
  const index = Exchange.index(exchange)
  const price = Exchange.close(exchange, side, { units, sigma })
  count.slipped += side * (index - price) * units
  count.worth += index * units
  for (const [k, account] of failing.entries()) {
    const part = closing[k] as number
    hits[account] = (hits[account] as number) + 1
    Exchange.settle(exchange, account, { units: part, price, fee: market.fee * part * price })
  }
  return units * price
}

function checked({ book, mandates, path, sigma, market, policy }: Case): void {
  const { permanent, temporary, halfLifeSeconds, rounds, fee, mandateFee, insurance } = market
  Figure.assert('at least 0', { permanent, temporary, insurance })
  Figure.assert('above 0', { halfLifeSeconds, rounds, stepSeconds: path.stepSeconds })
  Figure.assert('a share below 1', { fee, mandateFee })
  for (const array of [book.notional, book.equity, book.maintenance, mandates])
    if (array.length !== book.side.length)
      throw new Figure.InvalidFigureError({ figure: 'accounts', value: array.length, range: `${book.side.length}` })
  const steps = path.log.length - 1 - path.start
  Figure.assert('above 0', { 'traded steps': steps })
  if (sigma.length !== steps) throw new Figure.InvalidFigureError({ figure: 'forecasts', value: sigma.length, range: `${steps}` })
  Closes.assert(policy.close)
  if (policy.preemption !== null) Preemption.assert(policy.preemption)
  if (policy.backstop === null) return
  const { capital, junior, leverage, share, release } = policy.backstop
  Figure.assert('at least 0', { capital, leverage, seconds: release.seconds })
  Figure.assert('a share', { junior, share })
}
