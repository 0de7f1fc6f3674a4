/** The entry of the action's bundle: from the globals that Lit gives to `LitAction`, and back. */
import { hexToBytes } from 'viem'
import * as LitAction from '../LitAction.ts'
import type { Question } from '../QuorumSigner.ts'

declare const Lit: {
  readonly Actions: {
    readonly setResponse: (args: { readonly response: string }) => void
    readonly signEcdsa: (args: { readonly toSign: Uint8Array; readonly publicKey: string; readonly sigName: string }) => Promise<unknown>
  }
}
/** Written before the bundle. */
declare const plimsollPolicy: LitAction.Policy
/** Parameters of the call. */
declare const question: Question
declare const publicKey: string

/** Signs as `certificate`, or says why not. */
export async function run(): Promise<void> {
  const answer = LitAction.answer({ policy: plimsollPolicy, question, now: Math.floor(Date.now() / 1000) })
  Lit.Actions.setResponse({ response: JSON.stringify(answer) })
  if (answer.status === 'signed') await Lit.Actions.signEcdsa({ toSign: hexToBytes(answer.digest), publicKey, sigName: 'certificate' })
}
