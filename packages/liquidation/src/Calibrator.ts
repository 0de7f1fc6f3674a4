/** What really happened at a distance that a normal law gives a probability: the law stays, the distance is stretched. */
import * as Figure from './Figure.ts'
import * as Normal from './Normal.ts'

/**
 * A rising map of distances in deviations, linear between knots, through the origin, beyond the last knot on the line from the origin to it.
 * Without knots it leaves every distance as it is.
 */
export type Calibrator = readonly Knot[]

export type Knot = { readonly from: number; readonly to: number }

/** A forecast that was made, and whether the price was touched: z in deviations, monitoring included. */
export type Outcome = { readonly deviations: number; readonly touched: boolean }

/** The normal law itself. */
export const none: Calibrator = []

/**
 * P(touch) at a distance.
 *
 * Formula: `P = 2Φ(−ζ(z))`.
 * Source:  docs/method/prediction.md, eq. (4).
 *
 * @param deviations - z ≥ 0: distance by the spread over the horizon.
 *
 * @example
 * Calibrator.probability([{ from: 1, to: 0.5 }], 2) === Calibrator.probability(Calibrator.none, 1)
 * // => true
 */
export function probability(calibrator: Calibrator, deviations: number): number {
  return 2 * Normal.cumulative(-apply(calibrator, deviations))
}

/**
 * The distance at which P(touch) is `target`; 0 where it is less everywhere.
 *
 * Formula: `z = ζ⁻¹(−Φ⁻¹(p/2))`.
 * Source:  docs/method/prediction.md, eq. (8).
 *
 * @param target - in (0, 1].
 * @throws {Figure.InvalidFigureError} the target is no probability above 0.
 */
export function deviations(calibrator: Calibrator, target: number): number {
  Figure.assert('above 0', { target })
  Figure.assert('a share', { target })
  return invert(calibrator, Math.max(0, -Normal.quantile(target / 2)))
}

/** ζ(z). */
export function apply(calibrator: Calibrator, z: number): number {
  let before: Knot = { from: 0, to: 0 }
  for (const knot of calibrator) {
    if (z <= knot.from) return before.to + ((z - before.from) * (knot.to - before.to)) / (knot.from - before.from)
    before = knot
  }
  return before.from > 0 ? (z * before.to) / before.from : z
}

function invert(calibrator: Calibrator, to: number): number {
  return apply(
    calibrator.map((knot) => ({ from: knot.to, to: knot.from })),
    to,
  )
}

/** Knots that touches closer together than this would be one: ζ has to rise. */
const least = 1e-6

/**
 * The map that makes past forecasts right, by isotonic regression of touches over groups of one size, and what the groups' distances would have to be.
 *
 * Formula: `ζ(z̄_b) = −Φ⁻¹(p̂_b/2)`, p̂ non-increasing in z, groups of equal number.
 * Source:  docs/method/prediction.md, eq. (5).
 *
 * @param outcomes - any order; only what was known before the forecasts that are to be calibrated.
 * @param groups - ≥ 1.
 * @returns fewer knots where neighbours agree; none where nothing at all was touched or everything was.
 * @throws {Figure.InvalidFigureError} a distance is below 0, no group.
 */
export function fit(outcomes: readonly Outcome[], groups: number): Calibrator {
  Figure.assert('above 0', { groups })
  Figure.assert('a whole number of at least 0', { groups })
  const sorted = [...outcomes].sort((a, b) => a.deviations - b.deviations)
  Figure.assert('at least 0', {
    'least of the distances': sorted[0]?.deviations ?? 0,
    'greatest of the distances': sorted.at(-1)?.deviations ?? 0,
  })
  const size = Math.ceil(sorted.length / groups)
  const pooled: { deviations: number; touched: number; count: number }[] = []
  for (let from = 0; from < sorted.length; from += size) {
    const group = sorted.slice(from, from + size)
    let block = {
      deviations: group.reduce((sum, each) => sum + each.deviations, 0),
      touched: group.reduce((sum, each) => sum + (each.touched ? 1 : 0), 0),
      count: group.length,
    }
    // A touch is no likelier from further away.
    for (let last = pooled.at(-1); last !== undefined && last.touched * block.count <= block.touched * last.count; last = pooled.at(-1)) {
      pooled.pop()
      block = { deviations: last.deviations + block.deviations, touched: last.touched + block.touched, count: last.count + block.count }
    }
    pooled.push(block)
  }
  const knots: Knot[] = []
  for (const block of pooled) {
    // All or none says nothing about how far beyond.
    if (block.touched === 0 || block.touched === block.count) continue
    const knot = { from: block.deviations / block.count, to: -Normal.quantile(block.touched / block.count / 2) }
    const before = knots.at(-1) ?? { from: 0, to: 0 }
    if (knot.from > before.from + least && knot.to > before.to + least) knots.push(knot)
  }
  return knots
}

export declare namespace fit {
  type ErrorType = Figure.InvalidFigureError
}
