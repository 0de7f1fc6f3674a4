/** From an account's word that what it signed is over to what is kept of it for good: whoever brings it, and whatever a gateway says. */
import { Ending } from '@plimsoll/chain'
import { Review } from '@plimsoll/margin'
import type { Signer } from './review.ts'

/** So many contract accounts are asked of chains for one certificate, the newest word first: each is a call that its contract makes as dear as it likes. */
const mostAsked = 32

/**
 * Keeps what a gateway sends along with a certificate, as far as it holds. What does not, or could not be read, is sent again with the next.
 *
 * @throws what the memory throws.
 */
export async function hear(signer: Pick<Signer, 'readers' | 'memory' | 'nowMs'>, endings: readonly Ending.Ending[]): Promise<void> {
  const isKey = ({ message }: Ending.Ending) => message.account.startsWith('eip155:0:')
  const news = endings.filter(({ message }) => !isKnown(signer, message))
  const asked = [...news.filter(isKey), ...news.filter((ending) => !isKey(ending)).slice(0, mostAsked)]
  await Promise.all(asked.map((ending) => answer(signer, ending)))
}

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
  if (isKnown(signer, message)) return { status: 'kept' }
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

function isKnown({ memory }: Pick<Signer, 'memory'>, message: Ending.Message): boolean {
  return (memory.endedAt(message) ?? -1) >= message.issuedAt
}
