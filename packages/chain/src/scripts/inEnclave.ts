/**
 * Around the body in the enclave of Lit's REST service: `main` gets the parameters, and the key is the one that follows from this source.
 *
 * It signs by itself, with what is bundled here, so that nothing but the key is taken from the service.
 */
import { privateKeyToAddress, sign } from 'viem/accounts'
import type { Answer } from '../LitRestSigner.ts'
import type * as Body from './body.ts'

declare const Lit: { readonly Actions: { readonly getLitActionPrivateKey: () => Promise<string> } }
/** Bundled before this. */
declare const plimsollAction: typeof Body

type Params = { readonly question?: Parameters<typeof Body.answer>[0] }

/** A signature, or why there is none. Whoever asks nothing is told whose signature it would be. */
export async function main(params: Params | null): Promise<Answer> {
  const question = params?.question
  if (question === undefined) return { status: 'address', address: privateKeyToAddress(await key()) }
  const answer = plimsollAction.answer(question)
  if (answer.status !== 'signed') return answer
  return { ...answer, signature: await sign({ hash: answer.digest, privateKey: await key(), to: 'hex' }) }
}

async function key(): Promise<`0x${string}`> {
  return `0x${(await Lit.Actions.getLitActionPrivateKey()).replace(/^0x/, '')}`
}
