/** How well a forecast tells bad from good, whatever its level. */
export type Forecast = { readonly subject: string; readonly pd: number; readonly bad: boolean }

/**
 * The probability that a bad one was forecast worse than a good one; a tie counts half. Unknown where one kind is missing.
 *
 * Source: docs/method/reputation.md, eq. (12).
 *
 * @example
 * Discrimination.auc([{ subject: 'a', pd: 0.9, bad: true }, { subject: 'b', pd: 0.1, bad: false }, { subject: 'c', pd: 0.9, bad: false }])
 * // => 0.75
 */
export function auc(forecasts: readonly Forecast[]): number | null {
  let bad = 0
  let ranks = 0
  let before = 0
  for (const { good: g, bad: b } of steps(forecasts)) {
    ranks += b * (before + g / 2)
    before += g
    bad += b
  }
  return bad === 0 || before === 0 ? null : ranks / bad / before
}

/**
 * The greatest distance between the shares of good and of bad at or below any forecast.
 *
 * Source: docs/method/reputation.md, eq. (13).
 *
 * @example
 * Discrimination.ks([{ subject: 'a', pd: 0.9, bad: true }, { subject: 'b', pd: 0.1, bad: false }])
 * // => 1
 */
export function ks(forecasts: readonly Forecast[]): number | null {
  const bads = forecasts.filter((forecast) => forecast.bad).length
  const goods = forecasts.length - bads
  if (bads === 0 || goods === 0) return null
  let worst = 0
  let b = 0
  let g = 0
  for (const step of steps(forecasts)) {
    b += step.bad
    g += step.good
    worst = Math.max(worst, Math.abs(g / goods - b / bads))
  }
  return worst
}

/**
 * The middle 95 % of a statistic when subjects, not rows, are drawn again with replacement.
 *
 * @param options.seed - the same seed, the same draws.
 * @param statistic - null where it is unknown; such draws are left out.
 */
export function interval<row extends { readonly subject: string }>(
  rows: readonly row[],
  statistic: (rows: readonly row[]) => number | null,
  options: { readonly draws: number; readonly seed: number },
): readonly [number, number] | null {
  const bySubject = [...Map.groupBy(rows, (row) => row.subject).values()]
  const random = draw(options.seed)
  const found: number[] = []
  for (let i = 0; i < options.draws; i++) {
    const value = statistic(Array.from(bySubject, () => bySubject[Math.floor(random() * bySubject.length)] ?? []).flat())
    if (value !== null) found.push(value)
  }
  found.sort((a, b) => a - b)
  const low = found[Math.floor(found.length * 0.025)]
  const high = found[Math.ceil(found.length * 0.975) - 1]
  return low === undefined || high === undefined ? null : [low, high]
}

/** Forecasts of one value together, ascending: ties are judged as one. */
function steps(forecasts: readonly Forecast[]): readonly { readonly good: number; readonly bad: number }[] {
  const sorted = [...forecasts].sort((a, b) => a.pd - b.pd)
  const list: { pd: number; good: number; bad: number }[] = []
  for (const { pd, bad } of sorted) {
    const last = list.at(-1)
    const into = last && last.pd === pd ? last : { pd, good: 0, bad: 0 }
    if (into !== last) list.push(into)
    if (bad) into.bad++
    else into.good++
  }
  return list
}

/** Seeded, 32 bits of state: for drawing rows, not for secrets. */
function draw(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
