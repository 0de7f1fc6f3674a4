/** Around the body on the nodes of Lit's network: parameters are globals, and the nodes sign together. */
import type * as Body from './body.ts'

declare const Lit: {
  readonly Actions: {
    readonly setResponse: (args: { readonly response: string }) => void
    readonly signEcdsa: (args: { readonly toSign: Uint8Array; readonly publicKey: string; readonly sigName: string }) => Promise<unknown>
  }
}
/** Bundled before this. */
declare const plimsollAction: typeof Body
/** Parameters of the call. */
declare const question: Parameters<typeof Body.answer>[0]
declare const publicKey: string

/** Signs as `certificate`, or says why not. */
export async function run(): Promise<void> {
  const answer = plimsollAction.answer(question)
  Lit.Actions.setResponse({ response: JSON.stringify(answer) })
  if (answer.status !== 'signed') return
  await Lit.Actions.signEcdsa({ toSign: plimsollAction.hexToBytes(answer.digest), publicKey, sigName: 'certificate' })
}
