/** A feed that is to replace another: it must agree with it for a while before it counts. A ratio without its USD leg never does. */

export type Probation = { readonly agreed: number; readonly status: 'waiting' | 'accepted' | 'refused' }

export const start: Probation = { agreed: 0, status: 'waiting' }

/** Rounds in a row that the two must agree in, and how far they may differ, of the lower one. */
export const terms = { rounds: 10, bandPpm: 20_000 } as const

/**
 * The probation after one more round. One round of disagreement refuses the candidate for good: somebody has to look at it.
 *
 * @param args.current - of the feed that counts. USD × 1e18, > 0.
 * @param args.candidate - of the one to replace it. USD × 1e18, > 0.
 *
 * @example
 * Probation.next({ probation: Probation.start, current: 2_000n, candidate: 1n })
 * // => { agreed: 0, status: 'refused' }
 */
export function next(args: { readonly probation: Probation; readonly current: bigint; readonly candidate: bigint }): Probation {
  const { probation, current, candidate } = args
  if (probation.status === 'refused') return probation
  const [lower, upper] = current < candidate ? [current, candidate] : [candidate, current]
  if ((upper - lower) * 1_000_000n > lower * BigInt(terms.bandPpm)) return { agreed: 0, status: 'refused' }
  const agreed = Math.min(probation.agreed + 1, terms.rounds)
  return { agreed, status: agreed >= terms.rounds ? 'accepted' : 'waiting' }
}
