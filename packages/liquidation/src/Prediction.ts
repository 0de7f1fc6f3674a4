/**
 * How probably an account is below its maintenance margin within a horizon, and what it would then owe. Probabilities and expectations are floats;
 * whether it is below already is decided in integers.
 */
import * as Book from './Book.ts'
import * as Breach from './Breach.ts'
import * as Calibrator from './Calibrator.ts'
import type * as Forecast from './Forecast.ts'
import * as Normal from './Normal.ts'

export type Prediction =
  /** Equity is below maintenance margin at the prices of the account. */
  | { readonly status: 'breached'; readonly probability: 1; readonly shortfall: number }
  /** No position, or none that any move of a price would breach. */
  | { readonly status: 'safe'; readonly probability: 0; readonly shortfall: 0 }
  /** A market without a forecast: nothing is said. */
  | { readonly status: 'unknown'; readonly markets: readonly string[] }
  | Exposed

export type Exposed = {
  readonly status: 'exposed'
  /** Exact distance of an account in one market; first order in several. */
  readonly method: 'isolated' | 'first-order'
  /** P(breach within h). */
  readonly probability: number
  /** d: adverse log move that breaches it, by one market's price or by all along the account's own factor. */
  readonly distance: number
  /** s√h along that move. */
  readonly sigma: number
  /** E[(−E_h)⁺]: what it is expected to owe at the end of the horizon if nobody closes it. USD. */
  readonly shortfall: number
}

/**
 * The prediction for one account.
 *
 * Formula: `P = 1 − (1 − 2Φ(−ζ(z)))·Π(1 − λ_k·h·P(J_k > d_k))`, `z = d/(s√h) + 0.5826·√(Δt/h)`.
 * Source:  docs/method/prediction.md, eq. (2) to (7).
 *
 * @param forecast - of every market that the account has a position or holding in.
 *
 * @example
 * const account = { account: 'a', equity: 0n, collateral: 0n, positions: [] }
 * Prediction.of(account, { horizonSeconds: 3600, intervalSeconds: 60, markets: {}, calibrator: Calibrator.none })
 * // => { status: 'safe', probability: 0, shortfall: 0 }
 */
export function of(account: Book.Account, forecast: Forecast.Forecast): Prediction {
  const missing = unforecast(account, forecast)
  if (account.positions.length === 0) return { status: 'safe', probability: 0, shortfall: 0 }
  if (missing.length > 0)
    return isBreached(account) ? { status: 'breached', probability: 1, shortfall: owed(account) } : { status: 'unknown', markets: missing }
  const lines = linesOf(account)
  const shortfall = shortfallOf(account, lines, forecast)
  if (isBreached(account)) return { status: 'breached', probability: 1, shortfall }
  const move = lines.length === 1 ? along(account, lines[0] as Line, forecast) : across(account, lines, forecast)
  if (move === null) return { status: 'safe', probability: 0, shortfall: 0 }
  const { distance, sigma, jumped } = move
  const z = distance / sigma + monitoring(forecast)
  const touched = Calibrator.probability(forecast.calibrator, z)
  return {
    status: 'exposed',
    method: lines.length === 1 ? 'isolated' : 'first-order',
    probability: distance === 0 ? 1 : 1 - (1 - touched) * (1 - jumped),
    ...{ distance, sigma, shortfall },
  }
}

/**
 * Whether equity is below maintenance margin, to the last unit.
 *
 * Formula: `E·10⁶ < Σ N_k·m_k`, in ppm; a tie is not below.
 * Source:  docs/method/prediction.md, eq. (9).
 *
 * @example
 * Prediction.isBreached({ account: 'a', equity: 5n, collateral: 5n, positions: [{ market: 'ETH', side: 'long', notional: 100n, maintenancePpm: 50_000 }] })
 * // => false
 */
export function isBreached({ equity, positions }: Book.Account): boolean {
  return equity * 1_000_000n < positions.reduce((sum, { notional, maintenancePpm }) => sum + notional * BigInt(maintenancePpm), 0n)
}

/** How much further a barrier stands that is looked at every Δt, in deviations over the horizon. */
export function monitoring({ intervalSeconds, horizonSeconds }: Forecast.Forecast): number {
  return Breach.monitoring * Math.sqrt(intervalSeconds / horizonSeconds)
}

/** What an account has in one market: signed notional and holding, and that less maintenance. USD at P0. */
export type Line = { readonly market: string; readonly exposure: number; readonly weight: number }

/** Lines by market, a holding with the position of its market. */
export function linesOf({ positions, holdings = [] }: Book.Account): readonly Line[] {
  const lines = new Map<string, Line>()
  const add = (market: string, exposure: number, maintenance: number) => {
    const line = lines.get(market) ?? { market, exposure: 0, weight: 0 }
    lines.set(market, { market, exposure: line.exposure + exposure, weight: line.weight + exposure - maintenance })
  }
  for (const { market, side, notional, maintenancePpm } of positions) {
    const amount = Book.usd(notional)
    add(market, side === 'long' ? amount : -amount, (amount * maintenancePpm) / 1_000_000)
  }
  for (const { market, value } of holdings) add(market, Book.usd(value), 0)
  return [...lines.values()].sort((a, b) => (a.market < b.market ? -1 : 1))
}

/**
 * Spread in USD over the horizon of what weights on markets are worth.
 *
 * Formula: `√(g'Σg)`, `g'Σg = (Σ g·s·β)² + Σ (g·s)²·(1 − β²)`.
 * Source:  docs/method/prediction.md, eq. (3).
 */
export function spread(weights: readonly (readonly [market: string, weight: number])[], { markets }: Forecast.Forecast): number {
  let common = 0
  let own = 0
  for (const [name, weight] of weights) {
    const { variance = 0, loading = 0 } = markets[name] ?? {}
    common += weight * Math.sqrt(variance) * loading
    own += weight * weight * variance * (1 - loading * loading)
  }
  return Math.sqrt(common * common + own)
}

type Move = { readonly distance: number; readonly sigma: number; readonly jumped: number }

/** One price: the exact log move. */
function along(account: Book.Account, { market, exposure, weight }: Line, { markets }: Forecast.Forecast): Move | null {
  const constant = Book.usd(account.equity) - exposure
  const ratio = -constant / weight
  if (weight === 0 || !(ratio > 0)) return null
  // Falling prices breach a positive weight, rising ones a negative.
  const distance = Math.max(0, weight > 0 ? -Math.log(ratio) : Math.log(ratio))
  const { variance = 0, jumps } = markets[market] ?? {}
  return { distance, sigma: Math.sqrt(variance), jumped: jumps === undefined ? 0 : jump(jumps, distance) }
}

/** Several prices: all along the account's own factor, to first order. */
function across(account: Book.Account, lines: readonly Line[], forecast: Forecast.Forecast): Move | null {
  const health = Math.max(0, Book.usd(account.equity) - lines.reduce((sum, { exposure, weight }) => sum + exposure - weight, 0))
  const gross = lines.reduce((sum, { weight }) => sum + Math.abs(weight), 0)
  const sigma =
    spread(
      lines.map(({ market, weight }) => [market, weight]),
      forecast,
    ) / gross
  if (!(sigma > 0)) return null
  const kept = lines.reduce((product, { market, weight }) => {
    const { jumps } = forecast.markets[market] ?? {}
    return jumps === undefined || weight === 0 ? product : product * (1 - jump(jumps, health / Math.abs(weight)))
  }, 1)
  return { distance: health / gross, sigma, jumped: 1 - kept }
}

/** λh·P(J > d). */
function jump({ probability, sigma }: Forecast.Jumps, distance: number): number {
  return sigma > 0 ? probability * Normal.cumulative(-distance / sigma) : 0
}

/** E[(−E_h)⁺], each jump added to the spread it comes on top of. */
function shortfallOf({ equity }: Book.Account, lines: readonly Line[], forecast: Forecast.Forecast): number {
  const buffer = Book.usd(equity)
  const sigma = spread(
    lines.map(({ market, exposure }) => [market, exposure]),
    forecast,
  )
  if (!(sigma > 0)) return Math.max(0, -buffer)
  const calm = Breach.gap({ buffer, sigma }).rate
  return lines.reduce((sum, { market, exposure }) => {
    const { probability = 0, sigma: size = 0 } = forecast.markets[market]?.jumps ?? {}
    return probability === 0 ? sum : sum + probability * (Breach.gap({ buffer, sigma: Math.hypot(sigma, exposure * size) }).rate - calm)
  }, calm)
}

function owed({ equity }: Book.Account): number {
  return Math.max(0, -Book.usd(equity))
}

function unforecast({ positions, holdings = [] }: Book.Account, { markets }: Forecast.Forecast): readonly string[] {
  return [...new Set([...positions, ...holdings].map(({ market }) => market))].filter((market) => !Object.hasOwn(markets, market)).sort()
}
