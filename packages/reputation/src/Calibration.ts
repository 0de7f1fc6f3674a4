import type { Forecast } from './Discrimination.ts'
import * as Logit from './Logit.ts'

/** Whether forecasts come true as often as they say. */
export type Bin = { readonly from: number; readonly to: number; readonly n: number; readonly forecast: number; readonly observed: number }

/**
 * Mean squared error of the forecasts. Unknown of none.
 *
 * Source: docs/method/reputation.md, eq. (14).
 *
 * @example
 * Calibration.brier([{ subject: 'a', pd: 0.5, bad: true }, { subject: 'b', pd: 0.5, bad: false }])
 * // => 0.25
 */
export function brier(forecasts: readonly Forecast[]): number | null {
  if (forecasts.length === 0) return null
  return forecasts.reduce((sum, { pd, bad }) => sum + (pd - (bad ? 1 : 0)) ** 2, 0) / forecasts.length
}

/**
 * The line through outcomes by forecast log-odds: slope 1 and intercept 0 are calibrated, a slope below 1 was too sure.
 *
 * Formula: `logit P(bad) = intercept + slope·logit PD`, likeliest. Source: docs/method/reputation.md, eq. (15).
 *
 * @returns null where one kind is missing.
 */
export function line(forecasts: readonly Forecast[]): { readonly intercept: number; readonly slope: number } | null {
  const bads = forecasts.filter((forecast) => forecast.bad).length
  if (bads === 0 || bads === forecasts.length) return null
  // Equal forecasts with equal outcomes are one row with more weight.
  const rows = new Map<string, { readonly row: readonly number[]; readonly bad: boolean; weight: number }>()
  for (const { pd, bad } of forecasts) {
    const same = rows.get(`${bad}|${pd}`)
    if (same) same.weight += 1
    else rows.set(`${bad}|${pd}`, { row: [logOdds(pd)], bad, weight: 1 })
  }
  const list = [...rows.values()]
  const fitted = Logit.fit(
    { rows: list.map(({ row }) => row), bad: list.map(({ bad }) => bad), weights: list.map(({ weight }) => weight) },
    { ridge: 1e-6, prior: [1] },
  )
  return { intercept: fitted.intercept, slope: fitted.coefficients[0] ?? 0 }
}

/**
 * Forecast beside observed, in bins of about equal number; equal forecasts stay together.
 *
 * @example
 * Calibration.bins([{ subject: 'a', pd: 0.25, bad: true }, { subject: 'b', pd: 0.25, bad: false }], 10)
 * // => [{ from: 0.25, to: 0.25, n: 2, forecast: 0.25, observed: 0.5 }]
 */
export function bins(forecasts: readonly Forecast[], count: number): readonly Bin[] {
  const sorted = [...forecasts].sort((a, b) => a.pd - b.pd)
  const found: Bin[] = []
  let start = 0
  while (start < sorted.length) {
    let end = Math.min(sorted.length, Math.max(start + 1, Math.round(((found.length + 1) * sorted.length) / count)))
    while (end < sorted.length && sorted[end]?.pd === sorted[end - 1]?.pd) end++
    const part = sorted.slice(start, end)
    const n = part.length
    found.push({
      from: part[0]?.pd ?? 0,
      to: part.at(-1)?.pd ?? 0,
      n,
      forecast: part.reduce((sum, { pd }) => sum + pd, 0) / n,
      observed: part.filter(({ bad }) => bad).length / n,
    })
    start = end
  }
  return found
}

/** Log-odds, kept finite. */
export function logOdds(pd: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, pd))
  return Math.log(p / (1 - p))
}
