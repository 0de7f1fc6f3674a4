/** What a plan is made under, out of what a deployment configures and a forecaster publishes. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Calibrator from './Calibrator.ts'
import * as Crowd from './Crowd.ts'
import * as Figure from './Figure.ts'
import * as Forecast from './Forecast.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import type * as Plan from './Plan.ts'
import type * as Warrant from './Warrant.ts'

/** One market, as it is configured and forecast. */
export type Market = {
  /** σ̂, annualised. */
  readonly sigmaPpm: number
  /** USD of forced flow that moves the price by 100 %, linearly. */
  readonly depth: bigint
}

export type Outlook = { readonly forecast: Forecast.Forecast; readonly markets: Readonly<Record<string, Plan.Market>> }

const yearSeconds = 31_536_000
/** A slice may move the price so far. */
export const slippagePpm = 1_000

/**
 * The terms a liquidator starts with: only where a breach is more likely than not, then until it is unlikely, and never more than three quarters of an
 * account in an hour. docs/method/replay.md has what other terms did.
 */
export const terms: Plan.Terms = {
  ...{ trigger: 0.5, release: 0.05, feePpm: 0, cooldownSeconds: 600, impactBudget: 0.005 },
  window: { seconds: 3_600, mostPpm: 750_000 },
  schedule: { slices: 6, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
  policy: { kind: 'full' },
}

/**
 * Forecast and conditions of every market that is configured.
 *
 * Formula: `s²h = (σ̂/10⁶)²·h/year`; impact linear, `1/depth` by USD; markets fall together, β = 1.
 * Source:  docs/method/warrant.md, eq. (7) and (8).
 *
 * @param args.book - everybody, at the prices that hold: whom a sale could push over.
 * @param args.intervalSeconds - how often prices are looked at.
 * @throws {Figure.InvalidFigureError} a market has no spread, or the horizon is shorter than the interval.
 */
export function of(args: of.Args): Outlook {
  const { book, horizonSeconds, intervalSeconds } = args
  const entries = Object.entries(args.markets)
  const forecast = Forecast.of({
    ...{ horizonSeconds, intervalSeconds, calibrator: Calibrator.none },
    markets: Object.fromEntries(
      entries.map(([name, { sigmaPpm }]) => {
        const variance = ((sigmaPpm / 1_000_000) ** 2 * horizonSeconds) / yearSeconds
        return [name, { variance, loading: 1, jumps: Forecast.still }]
      }),
    ),
  })
  const crowd = (market: string, side: Book.Side) =>
    Crowd.of(LiquidationCurve.of(book, market, side), { forecast, market, shift: terms.impactBudget })
  return {
    forecast,
    markets: Object.fromEntries(
      entries.map(([name, { depth }]) => {
        const slice = Fixed.ofPpm(depth, slippagePpm, 'down')
        return [
          name,
          {
            impact: { kind: 'linear' as const, slope: 1 / Book.usd(depth) },
            ...{ depth: slice, volume: slice, slippage: slippagePpm / 1_000_000 },
            planned: { long: 0n, short: 0n },
            crowd: { long: crowd(name, 'long'), short: crowd(name, 'short') },
          },
        ]
      }),
    ),
  }
}

export declare namespace of {
  type Args = {
    readonly book: Book.Book
    readonly markets: Readonly<Record<string, Market>>
    readonly horizonSeconds: number
    readonly intervalSeconds: number
  }
}

/**
 * How much of a position a slice closes, in base units × 1e18: all of it, or no more than leaves what a venue lets stay open.
 *
 * Formula: `min(⌊slice/price⌋, |held|, allowance)`; where that leaves something below `least`, `max(0, |held| − ⌈least/price⌉)`.
 * Source:  docs/method/warrant.md, eq. (9).
 * Rounding: down.
 *
 * @param order.slice - USD.
 * @param order.held - with its sign.
 * @param order.allowance - what its mandate lets through now. Base units × 1e18.
 * @param order.least - notional of what stays open, if anything does. USD.
 *
 * @example
 * Outlook.units({ slice: 500n, price: 2_000n, held: -3n * 10n ** 18n, allowance: 10n ** 18n, least: 100n })
 * // => 250000000000000000n
 */
export function units(order: units.Order): bigint {
  const { slice, price, held, allowance, least } = order
  const whole = Fixed.abs(held)
  const wanted = Fixed.min(Fixed.min(Fixed.div(slice, price, 'down'), whole), allowance)
  const most = Fixed.max(0n, whole - Fixed.div(least, price, 'up'))
  return wanted === whole ? whole : Fixed.min(wanted, most)
}

export declare namespace units {
  type Order = {
    readonly slice: bigint
    readonly price: bigint
    readonly held: bigint
    readonly allowance: bigint
    readonly least: bigint
  }
}

/**
 * The worst price that a reduction is sent with: what a mandate allows beside the price that it was planned at.
 *
 * Formula: `price·(1 − slip)` for a long, which is sold; `price·(1 + slip)` for a short.
 * Source:  docs/method/warrant.md, eq. (10).
 * Rounding: towards the price.
 *
 * @example
 * Outlook.worst({ price: 1_000n, held: 1n, slipPpm: 1_500 })
 * // => 999n
 */
export function worst(order: { readonly price: bigint; readonly held: bigint; readonly slipPpm: number }): bigint {
  const { price, held, slipPpm } = order
  const slip = Fixed.ofPpm(price, slipPpm, 'down')
  return held > 0n ? price - slip : price + slip
}

/**
 * An account at the prices that hold, as predictions and plans take it.
 *
 * Formula: `E = C + K + G − L + Σ (⌊q·P⌋ − b)`, `N = ⌈|q|·P⌉`.
 * Source:  docs/method/warrant.md, eq. (2) and (3), at the venue's own price.
 *
 * @param prices - of every market that the account is in. USD.
 * @throws {Figure.InvalidFigureError} one is missing.
 */
export function account(name: string, of: Warrant.Account, prices: Readonly<Record<string, bigint>>): Book.Account {
  let equity = of.collateral + of.credit + of.unpaidGain - of.unsettledLoss
  const positions = of.positions.flatMap(({ market, size, cost, maintenancePpm }): readonly Book.Position[] => {
    if (size === 0n) return []
    const price = prices[market] ?? 0n
    Figure.assert('above 0', { [`price of ${market}`]: Book.usd(price) })
    equity += Fixed.mul(size, price, 'down') - cost
    const notional = Fixed.mul(Fixed.abs(size), price, 'up')
    return [{ market, side: size > 0n ? 'long' : 'short', notional, maintenancePpm }]
  })
  return { account: name, equity, collateral: of.collateral + of.credit, positions }
}

/** Where an account is in its reduction: nothing under way, a slice just closed, or the next one due. */
export type Stage = 'armed' | 'between' | 'reducing'

/**
 * The stage after what was done before: the next slice comes when its interval has passed, and a reduction nothing of which was done for the
 * whole of its schedule is over.
 *
 * @param history - reductions of the account, in any order. Unix seconds.
 *
 * @example
 * Outlook.stage([{ at: 100, size: 1n }], 109)
 * // => 'between'
 */
export function stage(history: readonly Plan.Action[], now: number): Stage {
  const { seconds, slices } = terms.schedule
  const last = history.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  if (now - last > seconds) return 'armed'
  return now - last < seconds / slices ? 'between' : 'reducing'
}

/**
 * The terms of the next plan: after slices of a reduction that is under way, the schedule is what is left of it, so that the last of them reaches the
 * target. What it is short of then, as after a further fall, is one slice more.
 *
 * Formula: `slices − k`, at least 1, after k reductions none of which is further from the next, or the last from now, than the whole schedule is long.
 *
 * @param history - reductions of the account, in any order. Unix seconds.
 *
 * @example
 * Outlook.next([{ at: 100, size: 1n }], 110).schedule
 * // => { slices: 5, seconds: 50, aversion: 0, participationPpm: 1_000_000 }
 */
export function next(history: readonly Plan.Action[], now: number): Plan.Terms {
  const { schedule } = terms
  let done = 0
  let before = now
  for (const { at } of [...history].sort((a, b) => b.at - a.at)) {
    if (before - at > schedule.seconds) break
    before = at
    done++
  }
  const slices = Math.max(1, schedule.slices - done)
  return { ...terms, schedule: { ...schedule, slices, seconds: (schedule.seconds / schedule.slices) * slices } }
}
