/** An impact curve from what a market really quoted: the non-decreasing one that is nearest to the quotes. */
import * as Figure from './Figure.ts'
import type * as Impact from './Impact.ts'

/** What a sale of so many USD was quoted to move or cost, as a log move. */
export type Quote = Impact.Knot

/**
 * The least-squares non-decreasing fit, by pooling neighbours that fall.
 *
 * Source:  docs/method/cascade.md, eq. (8).
 *
 * @param quotes - any order, several of one size allowed; moves below 0 count as 0: a sale lifts no price.
 * @returns a curve with one knot for each size, through the origin.
 * @throws {Figure.InvalidFigureError} there is no quote, a size is not positive, a move not finite.
 *
 * @example
 * Isotonic.fit([{ flow: 1, move: 0.3 }, { flow: 2, move: 0.1 }, { flow: 4, move: 0.5 }])
 * // => { kind: 'isotonic', knots: [{ flow: 1, move: 0.2 }, { flow: 2, move: 0.2 }, { flow: 4, move: 0.5 }] }
 */
export function fit(quotes: readonly Quote[]): Extract<Impact.Impact, { readonly kind: 'isotonic' }> {
  Figure.assert('above 0', { 'of quotes': quotes.length })
  for (const { flow, move } of quotes) {
    Figure.assert('above 0', { flow })
    Figure.assert('finite', { move })
  }
  const blocks: { flows: number[]; sum: number; weight: number }[] = []
  for (const { flow, move } of [...quotes].sort((a, b) => a.flow - b.flow)) {
    const last = blocks.at(-1)
    if (last && last.flows.at(-1) === flow) {
      last.sum += Math.max(0, move)
      last.weight++
    } else blocks.push({ flows: [flow], sum: Math.max(0, move), weight: 1 })
  }
  const pooled: typeof blocks = []
  for (const block of blocks) {
    let current = block
    for (let last = pooled.at(-1); last && last.sum * current.weight >= current.sum * last.weight; last = pooled.at(-1)) {
      pooled.pop()
      current = { flows: [...last.flows, ...current.flows], sum: last.sum + current.sum, weight: last.weight + current.weight }
    }
    pooled.push(current)
  }
  return { kind: 'isotonic', knots: pooled.flatMap(({ flows, sum, weight }) => flows.map((flow) => ({ flow, move: sum / weight }))) }
}

export declare namespace fit {
  type ErrorType = Figure.InvalidFigureError
}
