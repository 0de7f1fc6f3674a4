/** The smallest reduction of one position that makes a breach as improbable as wanted, its fee paid. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Calibrator from './Calibrator.ts'
import * as Figure from './Figure.ts'
import type * as Forecast from './Forecast.ts'
import * as Prediction from './Prediction.ts'

export type Relief =
  /** As improbable already. */
  | { readonly status: 'none' }
  /** `size` is the smallest that does it; `account` what is then left. */
  | { readonly status: 'reaches'; readonly size: bigint; readonly account: Book.Account; readonly after: Prediction.Prediction }
  /** All of the position is not enough. */
  | { readonly status: 'short'; readonly size: bigint; readonly account: Book.Account; readonly after: Prediction.Prediction }
  /** The position is a hedge, or its fee costs more margin than it frees. */
  | { readonly status: 'worsens' }

/** p_T, and the fee on what is closed. */
export type Goal = { readonly probability: number; readonly feePpm: number }

/**
 * The relief by one market.
 *
 * Formula: one market `x = (t·N − E)/(t − c)`, `t = 1 − (1 − m)·e^(−d*)`; several `(H + (m − c)x)² = z²·g(x)'Σg(x)`, the smaller root.
 * Source:  docs/method/prediction.md, eq. (10) to (13).
 * Rounding: up, so that the target is reached once the fee has been rounded up too.
 *
 * @param market - of one of its positions.
 * @throws {Figure.InvalidFigureError} the target is no probability above 0, the fee no whole ppm, or the account has no such position.
 */
export function of(account: Book.Account, market: string, expectation: of.Expectation): Relief {
  const { forecast, goal } = expectation
  const position = account.positions.find((each) => each.market === market)
  if (position === undefined) throw new Figure.InvalidFigureError({ figure: `positions in ${market}`, value: 0, range: '1' })
  Figure.assert('a whole number of at least 0', { feePpm: goal.feePpm })
  const now = Prediction.of(account, forecast)
  if (now.status === 'unknown')
    throw new Figure.InvalidFigureError({ figure: `forecasts of ${now.markets.join(', ')}`, value: 0, range: '1' })
  if (now.probability <= goal.probability) return { status: 'none' }

  const at = (size: bigint) => {
    const left = reduced(account, { market, size, feePpm: goal.feePpm })
    return { size, account: left, after: Prediction.of(left, forecast) }
  }
  // What is closed at a loss that the account cannot pay relieves nobody.
  const chance = ({ account: left, after }: ReturnType<typeof at>) =>
    left.equity < 0n || after.status === 'unknown' ? 1 : after.probability
  const enough = (found: ReturnType<typeof at>) => chance(found) <= goal.probability
  const whole = at(position.notional)
  const isAlone = Prediction.linesOf(account).length === 1
  const wanted = isAlone ? aloneOf(account, position, expectation) : amongOf(account, position, expectation)
  let low = 0n
  let high = position.notional
  if (wanted !== null && wanted <= position.notional) {
    // The last digits of a float may be against it: 2^−40 of the position more is enough without jumps.
    for (const size of [wanted, wanted + (position.notional >> 40n) + 1n]) {
      const found = at(Fixed.min(size, position.notional))
      if (enough(found)) return { status: 'reaches', ...found }
    }
    low = wanted
  }
  if (!enough(whole)) return chance(whole) < now.probability ? { status: 'short', ...whole } : { status: 'worsens' }
  // Jumps have no closed form: narrowed to a millionth of the position.
  while (high - low > position.notional / 1_000_000n + 1n) {
    const middle = (low + high) / 2n
    if (enough(at(middle))) high = middle
    else low = middle
  }
  return { status: 'reaches', ...at(high) }
}

export declare namespace of {
  type Expectation = { readonly forecast: Forecast.Forecast; readonly goal: Goal }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * The account once so much of a position is closed at its price.
 *
 * Source:  docs/method/prediction.md, eq. (10).
 * Rounding: the fee up.
 *
 * @param sale.size - in [0, N]. USD at P0.
 */
export function reduced(account: Book.Account, { market, size, feePpm }: reduced.Sale): Book.Account {
  return {
    ...account,
    equity: account.equity - Fixed.ofPpm(size, feePpm, 'up'),
    positions: account.positions.flatMap((position) => {
      if (position.market !== market) return [position]
      return size >= position.notional ? [] : [{ ...position, notional: position.notional - size }]
    }),
  }
}

export declare namespace reduced {
  type Sale = { readonly market: string; readonly size: bigint; readonly feePpm: number }
}

/**
 * The distance that is aimed at, in deviations over the horizon.
 *
 * Formula: `z* = max(0, ζ⁻¹(−Φ⁻¹(p_T/2)) − 0.5826·√(Δt/h))`; the margin ratio that is that far from maintenance is `1 − (1 − m)·e^(−z*·s√h)`.
 * Source:  docs/method/prediction.md, eq. (8).
 */
export function deviations(probability: number, forecast: Forecast.Forecast): number {
  return Math.max(0, Calibrator.deviations(forecast.calibrator, probability) - Prediction.monitoring(forecast))
}

/**
 * The margin ratio of a position that is a distance away from its maintenance margin.
 *
 * Formula: `1 − (1 − m)·e^(−d)` for a long, `(1 + m)·e^d − 1` for a short.
 * Source:  docs/method/prediction.md, eq. (11).
 *
 * @example
 * Relief.ratio('long', 0.05, 0)
 * // => 0.050000000000000044
 */
export function ratio(side: Book.Side, maintenance: number, distance: number): number {
  return side === 'long' ? 1 - (1 - maintenance) * Math.exp(-distance) : (1 + maintenance) * Math.exp(distance) - 1
}

const million = 1_000_000n

/** One market: linear in the size at the price that is d* away. */
function aloneOf(account: Book.Account, position: Book.Position, { forecast, goal }: of.Expectation): bigint | null {
  const [line] = Prediction.linesOf(account)
  const variance = forecast.markets[position.market]?.variance ?? 0
  const distance = deviations(goal.probability, forecast) * Math.sqrt(variance)
  const isFalling = (line?.weight ?? 0) > 0
  const price = Math.exp(isFalling ? -distance : distance)
  // Further away than d* by the last digit of a float.
  const y = BigInt(Math.floor(price * 1e15)) * 1_000n + (isFalling ? 0n : 1_000n)
  const rate = BigInt(position.maintenancePpm)
  const sign = position.side === 'long' ? 1n : -1n
  const exposure = sign * position.notional + (account.holdings?.reduce((sum, { value }) => sum + value, 0n) ?? 0n)
  const held = account.equity * Fixed.one * million + exposure * (y - Fixed.one) * million - position.notional * rate * y
  const freed = rate * y - BigInt(goal.feePpm) * Fixed.one - sign * (y - Fixed.one) * million
  if (freed <= 0n) return null
  // One unit more, for the fee that is rounded up.
  return Fixed.max(0n, Fixed.ratio(Fixed.one * million - held, freed, 'up'))
}

/** Several markets: a quadratic in the size. */
function amongOf(account: Book.Account, position: Book.Position, { forecast, goal }: of.Expectation): bigint | null {
  const lines = Prediction.linesOf(account)
  const z = deviations(goal.probability, forecast)
  const health = Math.max(0, Book.usd(account.equity) - lines.reduce((sum, { exposure, weight }) => sum + exposure - weight, 0))
  const maintenance = position.maintenancePpm / 1_000_000
  const step = maintenance - (position.side === 'long' ? 1 : -1)
  const gain = maintenance - goal.feePpm / 1_000_000
  const own = forecast.markets[position.market] ?? { variance: 0, loading: 0 }
  let [common, variance, weight] = [0, 0, 0]
  for (const line of lines) {
    const { variance: v = 0, loading = 0 } = forecast.markets[line.market] ?? {}
    common += line.weight * Math.sqrt(v) * loading
    variance += line.weight * line.weight * v * (1 - loading * loading)
    if (line.market === position.market) weight = line.weight
  }
  variance += common * common
  const covariance = Math.sqrt(own.variance) * own.loading * common + weight * own.variance * (1 - own.loading * own.loading)
  const square = gain * gain - z * z * step * step * own.variance
  const linear = 2 * (gain * health - z * z * step * covariance)
  const constant = health * health - z * z * variance
  // The smaller root; where there is none ahead this is none, or not above 0.
  const size = (-2 * constant) / (linear + Math.sqrt(linear * linear - 4 * square * constant))
  return size > 0 && Number.isFinite(size) ? BigInt(Math.ceil(size * 1e6)) * 10n ** 12n : null
}
