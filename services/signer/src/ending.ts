/** From an account's word that what it signed is over to what is kept of it for good: whoever brings it, and whatever a gateway says. */
import { Ending } from '@plimsoll/chain'
import { Review } from '@plimsoll/margin'
import type { Signer } from './review.ts'

export type Answer =
  /** No certificate is signed any more that counts on what is over. Those that are out end within 300 s. */
  { readonly status: 'kept' } | { readonly status: 'refused' | 'unable'; readonly code: string; readonly message: string }

/**
 * Keeps it, if the account signed it and it is not of a time to come.
 *
 * @throws what the memory throws: it is not kept then.
 */
export async function answer(signer: Pick<Signer, 'readers' | 'memory' | 'nowMs'>, ending: Ending.Ending): Promise<Answer> {
  const { readers, memory, nowMs } = signer
  const { message } = ending
  // Gateways send what they have with every certificate.
  if ((memory.endedAt(message) ?? -1) >= message.issuedAt) return { status: 'kept' }
  const now = Math.floor(nowMs() / 1000)
  // It would be over before it was signed, for as long as that is.
  if (message.issuedAt > now + Review.clockToleranceSeconds)
    return { status: 'refused', code: 'CLOCKS_APART', message: `It is of ${message.issuedAt}, and it is ${now} here.` }
  const verdict = await Ending.verify({ ending, readers })
  if (verdict === 'unread')
    return { status: 'unable', code: 'ACCOUNT_UNREAD', message: `Whether ${message.account} signed it cannot be read.` }
  if (verdict === 'unsigned') return { status: 'refused', code: 'NOT_SIGNED', message: `${message.account} did not sign it.` }
  if (!memory.hasRoom(message)) return { status: 'unable', code: 'MEMORY_FULL', message: 'No more of it is kept here.' }
  memory.keepEnded(message)
  return { status: 'kept' }
}
