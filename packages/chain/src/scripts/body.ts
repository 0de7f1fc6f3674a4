/** The body of the action, the same wherever it runs: a question in, what `LitAction` says to it out. Runtimes differ in the few lines around it. */
import * as LitAction from '../LitAction.ts'
import type { Question } from '../QuorumSigner.ts'

export { hexToBytes } from 'viem'

/** Written before the bundle. */
declare const plimsollPolicy: LitAction.Policy

/** The digest to sign, or why none is. */
export function answer(question: Question): LitAction.Answer {
  return LitAction.answer({ policy: plimsollPolicy, question, now: Math.floor(Date.now() / 1000) })
}
