/** Where a cross-margin account fails when all prices move along one direction. */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'

/** Sensitivity of each market's log price to the move: 1 falls with it one to one, −1 rises, 0 or absent stands still. */
export type Direction = Readonly<Record<string, number>>

/** Moves beyond this are not looked for: e⁻³ leaves 5 % of a price. */
export const furthest = 3

/**
 * The smallest move along a direction at which an account can be liquidated; null where none up to `furthest` does it.
 *
 * Formula: the first zero of `H(x) = c + Σ w_k·e^(−β_k·x)`, `w_k = δ_k − m_k·N_k`, `c = E − Σ δ_k`, δ the signed notional and what is held.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (5).
 *
 * One β for all is solved exactly. Otherwise x steps by `H / Σ|w_k·β_k|·e^(…)`, the shortest way to a zero that the slope allows, so that none is
 * passed however often H turns. Where H grazes zero ten thousand steps may not be enough: the move is then told short of it, in doubt.
 *
 * @throws {Figure.InvalidFigureError} a sensitivity is not finite.
 *
 * @example
 * Threshold.along({ account: 'a', equity: 10n, collateral: 10n, positions: [{ market: 'ETH', side: 'long', notional: 10n, maintenancePpm: 0 }] }, { ETH: 1 })
 * // => null
 */
export function along(account: Book.Account, direction: Direction): number | null {
  Figure.assert('finite', direction)
  const terms = termsOf(account, direction)
  const scale = terms.weights.reduce((sum, weight) => sum + Math.abs(weight), 0)
  const health = (x: number) =>
    terms.weights.reduce((sum, weight, k) => sum + weight * Math.exp(-(terms.betas[k] ?? 0) * x), terms.constant)
  if (health(0) <= 1e-12 * scale) return 0
  const [first = 0] = terms.betas
  if (terms.betas.every((beta) => beta === first)) return alone(terms, first)

  let x = 0
  for (let step = 0; step < 10_000 && x < furthest; step++) {
    const left = health(x)
    if (left <= 1e-12 * scale) return x
    let steepest = 0
    for (const [k, weight] of terms.weights.entries()) {
      const beta = terms.betas[k] ?? 0
      // A rising price is steepest at the end of the step.
      steepest += Math.abs(weight * beta) * Math.exp(beta > 0 ? -beta * x : -beta * (x + longest))
    }
    x += Math.min(longest, left / steepest)
  }
  return x < furthest ? x : null
}

export declare namespace along {
  type ErrorType = Figure.InvalidFigureError
}

const longest = 0.05

type Terms = { readonly constant: number; readonly weights: readonly number[]; readonly betas: readonly number[] }

function termsOf(account: Book.Account, direction: Direction): Terms {
  const weights = new Map<string, number>()
  let constant = Book.usd(account.equity)
  const add = (market: string, exposure: number, maintenance: number) => {
    constant -= exposure
    weights.set(market, (weights.get(market) ?? 0) + exposure - maintenance)
  }
  for (const { market, side, notional, maintenancePpm } of account.positions) {
    const amount = Book.usd(notional)
    add(market, side === 'long' ? amount : -amount, (amount * maintenancePpm) / 1_000_000)
  }
  for (const { market, value } of account.holdings ?? []) add(market, Book.usd(value), 0)
  return { constant, weights: [...weights.values()], betas: [...weights.keys()].map((market) => direction[market] ?? 0) }
}

/** `c + W·e^(−βx) = 0`. */
function alone({ constant, weights }: Terms, beta: number): number | null {
  const weight = weights.reduce((sum, each) => sum + each, 0)
  const y = -constant / weight
  // No number, or endless, where nothing moves or no price is low enough.
  const x = -Math.log(y) / beta
  return x >= 0 && x < furthest ? x : null
}
