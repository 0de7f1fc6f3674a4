/** How far a source's word has held against the others' of late. Lag and silence are no lies: its breaker sees to those. */
import type { Dissent, Why } from './Dissent.ts'

export type SourceScore = {
  /** 1,000,000 = never caught, or long ago. ppm. */
  readonly scorePpm: number
  /** Its last lie; null if it was never caught in one. `at`: unix seconds. */
  readonly lie: { readonly why: Why; readonly detail: string; readonly at: number } | null
}

/** Nothing is held against it. */
export const start: SourceScore = { scorePpm: 1_000_000, lie: null }

/** Of what a source lacks of a full score, an answer that others gave too mends this part. */
const MENDS = 256
/** A lie is told of for an hour. Seconds. */
const TOLD_SECONDS = 3_600

/**
 * The score after one more answer: halved by a lie, mended slowly by the truth. A dozen lies take two thousand true answers to forget.
 *
 * Formula: s′ = ⌊s/2⌋ after a lie; s′ = s + ⌈(10⁶ − s)/256⌉ after an answer that k sources gave; s′ = s after anything else.
 *
 * @param args.dissent - why it was not part of the answer; null if it was.
 * @param args.asOf - unix seconds.
 *
 * @example
 * const dissent = { id: 'gamma', why: 'RPC_VALUE_DISAGREE', detail: 'another answer at block 7' } as const
 * SourceScore.next({ score: SourceScore.start, dissent, asOf: 100 }).scorePpm
 * // => 500000
 */
export function next(args: next.Args): SourceScore {
  const { score, dissent, asOf } = args
  const { scorePpm } = score
  if (dissent === null) return { ...score, scorePpm: scorePpm + Math.ceil((1_000_000 - scorePpm) / MENDS) }
  if (!isLie(dissent)) return score
  return { scorePpm: Math.floor(scorePpm / 2), lie: { why: dissent.why, detail: dissent.detail, at: asOf } }
}

export declare namespace next {
  type Args = { readonly score: SourceScore; readonly dissent: Dissent | null; readonly asOf: number }
}

/**
 * Whether somebody has to be told: it was caught in a lie less than an hour ago.
 *
 * @param asOf - unix seconds.
 *
 * @example
 * SourceScore.isSuspect({ scorePpm: 500_000, lie: { why: 'PROOF_INVALID', detail: 'no path to the root', at: 100 } }, 3_699)
 * // => true
 */
export function isSuspect({ lie }: SourceScore, asOf: number): boolean {
  return lie !== null && asOf < lie.at + TOLD_SECONDS
}

/** At one block hash there is one truth. Another hash may be a fork that is dying, and counts only where the block is final. */
function isLie({ why }: Dissent): boolean {
  return why === 'RPC_VALUE_DISAGREE' || why === 'PROOF_INVALID' || why === 'RPC_HASH_DISAGREE' || why === 'RPC_WRONG_CHAIN'
}
