import type { Bar } from './Bar.ts'
import { BaseError } from './BaseError.ts'
import * as Random from './Random.ts'
import * as RealisedVariance from './RealisedVariance.ts'

/** One asset of the market. */
export type Asset = {
  readonly symbol: string
  /** Price before the first bar. USD per whole token. */
  readonly price: number
  /** Long-run annualised volatility of the diffusion; 0.6 = 60 %. */
  readonly volatility: number
}

/** A scripted move of every asset, spread evenly over some bars: a crash for a demo or a stress test. */
export type Event = {
  /** Bar the move begins in. */
  readonly bar: number
  readonly bars: number
  /** Whole log move of an asset; −0.1 ≈ −9.5 %. */
  readonly logMove: number
}

/** How the market behaves. Standard deviations are of the log variance. */
export type Dynamics = {
  /** Share of return variance that the market drives, [0, 1). */
  readonly marketShare: number
  readonly slow: { readonly deviation: number; readonly halfLifeSeconds: number }
  readonly fast: { readonly deviation: number; readonly halfLifeSeconds: number }
  readonly own: { readonly deviation: number; readonly halfLifeSeconds: number }
  /** Correlation of the market's return with the fast factor: negative, for a fall raises volatility. */
  readonly leverage: number
  /** Amplitude of the day in log variance, peak at 15:00 UTC; and what a weekend takes off. */
  readonly dayAmplitude: number
  readonly weekend: number
  /** Jumps a day of the whole market and of one asset; their size in daily standard deviations; what one adds to the fast factor. */
  readonly jumps: { readonly marketPerDay: number; readonly ownPerDay: number; readonly size: number; readonly aftermath: number }
}

/** Behaviour in the range of large crypto assets; chosen, not fitted. */
export const dynamics: Dynamics = {
  marketShare: 0.6,
  slow: { deviation: 0.5, halfLifeSeconds: 10 * 86_400 },
  fast: { deviation: 0.55, halfLifeSeconds: 8 * 3_600 },
  own: { deviation: 0.4, halfLifeSeconds: 2 * 86_400 },
  leverage: -0.4,
  dayAmplitude: 0.5,
  weekend: 0.5,
  jumps: { marketPerDay: 0.15, ownPerDay: 0.1, size: 0.5, aftermath: 0.8 },
}

/**
 * A market that its seed determines: stochastic volatility with a slow and a fast market factor and one of each asset's own, the day and
 * the week, a leverage effect, jumps that leave volatility behind them. Within a bar the extremes are those of a Brownian bridge.
 * A longer series of the same seed begins with the shorter one, and an asset's own numbers do not depend on who else is listed.
 *
 * Formula: `ln v = ln(σ²Δ/year) + slow + fast + own + day + week − ½·Var`, `r = √v·(√m·z_market + √(1−m)·z_own) + jump`;
 * `high = ½·(r + √(r² − 2v·ln U))` and likewise the low (the two are drawn independently).
 *
 * @param args.startAt - open of the first bar. Unix seconds, a multiple of the interval.
 * @param args.intervalSeconds - 300 for five-minute bars, 3600 for hourly ones.
 * @param args.bars - how many bars of each asset.
 * @returns bars by symbol, oldest first, sound by `Bar.assertSeries`.
 * @throws {InvalidMarketError}
 *
 * @example
 * SyntheticMarket.generate({ seed: 7, startAt: 0, intervalSeconds: 300, bars: 3, assets: [{ symbol: 'ETH-PERP', price: 3000, volatility: 0.7 }] })['ETH-PERP']?.map(({ closeAt }) => closeAt)
 * // => [300, 600, 900]
 */
export function generate(args: generate.Arguments): Record<string, Bar[]> {
  const { seed, startAt, intervalSeconds, bars, assets, events = [] } = args
  const behaviour = args.dynamics ?? dynamics
  assertMarket(args)
  const { slow, fast, own, jumps } = behaviour
  const random = Random.of(seed, 'market')
  const decay = (halfLifeSeconds: number): number => 0.5 ** (intervalSeconds / halfLifeSeconds)
  const step = (x: number, z: number, of: { deviation: number; halfLifeSeconds: number }): number => {
    const phi = decay(of.halfLifeSeconds)
    return phi * x + Math.sqrt(1 - phi * phi) * of.deviation * z
  }
  const half = (slow.deviation ** 2 + fast.deviation ** 2 + own.deviation ** 2) / 2
  const perDay = 86_400 / intervalSeconds

  let slowLog = slow.deviation * random.normal()
  let fastLog = fast.deviation * random.normal()
  const traders = assets.map((asset) => {
    const stream = Random.of(seed, `asset ${asset.symbol}`)
    return { asset, stream, log: Math.log(asset.price), ownLog: own.deviation * stream.normal(), bars: [] as Bar[] }
  })

  for (let t = 0; t < bars; t++) {
    const openAt = startAt + t * intervalSeconds
    const seasonal = season(openAt, behaviour)
    const marketNoise = random.normal()
    const slowNoise = random.normal()
    const fastNoise = random.normal()
    const marketJump = random.uniform() < jumps.marketPerDay / perDay ? jumps.size * random.normal() : null
    const scripted = events.reduce(
      (sum, event) => (t >= event.bar && t < event.bar + event.bars ? sum + event.logMove / event.bars : sum),
      0,
    )

    for (const trader of traders) {
      const { asset, stream } = trader
      const daily = RealisedVariance.ofVolatility({ volatility: asset.volatility, horizonSeconds: 86_400 })
      const variance = (daily / perDay) * Math.exp(slowLog + fastLog + trader.ownLog + seasonal - half)
      const share = behaviour.marketShare
      const diffusion = Math.sqrt(variance) * (Math.sqrt(share) * marketNoise + Math.sqrt(1 - share) * stream.normal())
      const ownJump = stream.uniform() < jumps.ownPerDay / perDay ? jumps.size * stream.normal() : 0
      const jump = Math.sqrt(daily) * ((marketJump ?? 0) + ownJump) + scripted
      const up = (diffusion + Math.sqrt(diffusion ** 2 - 2 * variance * Math.log(stream.uniform()))) / 2
      const down = (diffusion - Math.sqrt(diffusion ** 2 - 2 * variance * Math.log(stream.uniform()))) / 2
      const open = Math.exp(trader.log)
      const close = Math.exp(trader.log + diffusion + jump)
      trader.bars.push({
        closeAt: openAt + intervalSeconds,
        open,
        high: Math.max(open, close, Math.exp(trader.log + up)),
        low: Math.min(open, close, Math.exp(trader.log + down)),
        close,
      })
      trader.log += diffusion + jump
      trader.ownLog = step(trader.ownLog, stream.normal(), own)
    }

    slowLog = step(slowLog, slowNoise, slow)
    fastLog = step(fastLog, behaviour.leverage * marketNoise + Math.sqrt(1 - behaviour.leverage ** 2) * fastNoise, fast)
    if (marketJump !== null) fastLog += jumps.aftermath
    if (scripted !== 0) fastLog += jumps.aftermath / (events.find((event) => t >= event.bar && t < event.bar + event.bars)?.bars ?? 1)
  }
  return Object.fromEntries(traders.map((trader) => [trader.asset.symbol, trader.bars]))
}

export declare namespace generate {
  type Arguments = {
    readonly seed: number
    readonly startAt: number
    readonly intervalSeconds: number
    readonly bars: number
    readonly assets: readonly Asset[]
    readonly events?: readonly Event[]
    readonly dynamics?: Dynamics
  }
  type ErrorType = InvalidMarketError | Random.InvalidSeedError
}

/** The day and the week in log variance. UTC. */
function season(at: number, { dayAmplitude, weekend }: Dynamics): number {
  const hour = (at % 86_400) / 3_600
  const weekday = (Math.floor(at / 86_400) + 4) % 7
  return dayAmplitude * Math.cos((2 * Math.PI * (hour - 15)) / 24) - (weekday === 0 || weekday === 6 ? weekend : 0)
}

function assertMarket(args: generate.Arguments): void {
  const { startAt, intervalSeconds, bars, assets, events = [] } = args
  const fail = (problem: string): never => {
    throw new InvalidMarketError({ problem })
  }
  if (!Number.isSafeInteger(intervalSeconds) || intervalSeconds <= 0 || 86_400 % intervalSeconds !== 0)
    fail('the interval does not divide a day')
  if (!Number.isSafeInteger(startAt) || startAt < 0 || startAt % intervalSeconds !== 0) fail('startAt is not a multiple of the interval')
  if (!Number.isSafeInteger(bars) || bars < 0) fail('the number of bars is not a whole number')
  if (new Set(assets.map(({ symbol }) => symbol)).size !== assets.length) fail('a symbol is listed twice')
  if (assets.some(({ price, volatility }) => !(price > 0 && Number.isFinite(price) && volatility > 0 && Number.isFinite(volatility))))
    fail('a price or volatility is not finite and above zero')
  if (events.some((event) => !(event.bars >= 1 && Number.isFinite(event.logMove)))) fail('an event has no length or no finite move')
}

/** Thrown when a market cannot be generated from its description. */
export class InvalidMarketError extends BaseError {
  override readonly name = 'SyntheticMarket.InvalidMarketError'
  constructor(args: { readonly problem: string }) {
    super({
      code: 'MARKET_INVALID',
      message: `The market cannot be generated: ${args.problem}.`,
      hint: 'Mend its description.',
    })
  }
}
