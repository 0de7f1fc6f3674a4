/** What the action said, as whoever ran it passed it on. Nobody on the way is trusted: a signature counts when it recovers, a refusal is a reason at most. */
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import { DisagreeError, type Failure, UnavailableError } from './Signer.ts'

/** Why there is no signature. */
export type Lack = Pick<Failure, 'why' | 'detail'>

/**
 * The signature, or why it is none.
 *
 * @param args.digest - computed here.
 * @param args.address - of the key that must have signed it. Lower-case.
 * @param args.signature - what came back as one.
 * @param args.response - what the action gave as its response: an object, or the text of one.
 */
export async function assess(args: assess.Args): Promise<Hex | Lack> {
  const { digest, address, response } = args
  const signature = signatureOf(args.signature)
  const signer = signature === null ? null : await signerOf({ digest, signature })
  if (signature !== null && signer === address) return signature
  const refusal = refusalOf(response)
  if (refusal !== null) return { why: 'refused', detail: refusal }
  return {
    why: 'false',
    detail: signer === null ? 'what came back is no signature over the digest' : `what came back is a signature of ${signer}`,
  }
}

export declare namespace assess {
  type Args = { readonly digest: Hex; readonly address: Hex; readonly signature: unknown; readonly response: unknown }
}

/**
 * What a signer throws that has no signature. A refusal is an answer of machines nobody can tell from liars: it counts when every attempt
 * that was answered refused.
 */
export function fail(failures: readonly Failure[]): DisagreeError | UnavailableError {
  const answered = failures.filter(({ why }) => why === 'refused' || why === 'false')
  const isRefused = answered.length > 0 && answered.every(({ why }) => why === 'refused')
  return isRefused ? new DisagreeError({ threshold: 1, failures }) : new UnavailableError({ threshold: 1, failures })
}

/** At most so much of what somebody else wrote, on one line. */
export function quote(text: string, most: number): string {
  return text.slice(0, most).replace(/[^\x20-\x7e]+/g, ' ')
}

function signatureOf(found: unknown): Hex | null {
  return typeof found === 'string' && /^0x[0-9a-f]{130}$/i.test(found) ? (found.toLowerCase() as Hex) : null
}

function refusalOf(response: unknown): string | null {
  const said = typeof response === 'string' ? safe(response) : response
  if (typeof said !== 'object' || said === null) return null
  const { status, code, message } = said as Record<string, unknown>
  return status === 'refused' ? `${told(code, 100)}: ${told(message, 300)}` : null
}

function told(text: unknown, most: number): string {
  return typeof text === 'string' ? quote(text, most) : '?'
}

function safe(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
