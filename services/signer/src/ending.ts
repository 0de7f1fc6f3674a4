/** From an account's word that what it signed is over to what is kept of it: whoever brings it, and whatever a gateway says. */
import { Ending } from '@plimsoll/chain'
import { Review } from '@plimsoll/margin'
import type * as Endings from './Endings.ts'
import type { Signer } from './review.ts'

/** So many contract accounts are asked of chains for one certificate, the newest word first: each is a call that its contract makes as dear as it likes. */
const mostAsked = 32

type Ears = Pick<Signer, 'readers' | 'memory' | 'weighing' | 'nowMs'>

/**
 * Keeps what a gateway sends along with a certificate, as far as it holds and there is room: no certificate waits for that. What does not, or
 * could not be read, is sent again with the next.
 *
 * @throws what the memory throws.
 */
export async function hear(signer: Ears, endings: readonly Ending.Ending[]): Promise<void> {
  const news = endings.filter(({ message }) => signer.memory.roomFor(message, { from: null }).status !== 'known')
  const asked = [...news.filter(isOfKey), ...news.filter((ending) => !isOfKey(ending)).slice(0, mostAsked)]
  let crowded: Endings.Ended | null = null
  await Promise.all(
    asked.map(async (ending) => {
      const { message } = ending
      if ((await verify(signer, ending)) !== null) return
      const room = signer.memory.roomFor(message, { from: null })
      if (room.status === 'free') signer.memory.keepEnded(message, { from: null })
      if (room.status === 'crowded') crowded = message
    }),
  )
  // Once for all of them: there is room for the others the next time.
  if (crowded !== null) signer.weighing.carry(crowded).catch(() => {})
}

/** Whether a key signed it, so that nobody has to be asked. */
export function isOfKey({ message }: Pick<Ending.Ending, 'message'>): boolean {
  return message.account.startsWith('eip155:0:')
}

export type Answer =
  /**
   * No certificate is signed any more that counts on what is over. Those that are out end within 300 s. `lasting`: it is known that the account has
   * something that could be counted, so that it is never forgotten; else as long as there is room.
   */
  | { readonly status: 'kept'; readonly lasting: boolean }
  | { readonly status: 'refused' | 'unable'; readonly code: string; readonly message: string }

/**
 * Keeps it, if the account signed it and it is not of a time to come.
 *
 * @param from - the network that it comes from, by any name that is one.
 * @throws what the memory throws: it is not kept then.
 */
export async function answer(signer: Ears, ending: Ending.Ending, from: string): Promise<Answer> {
  const { memory, weighing } = signer
  const { message } = ending
  const kept = (): Answer => ({ status: 'kept', lasting: memory.lasts(message.account) })
  const flaw = await verify(signer, ending)
  // Who did not sign it is not told who has.
  if (memory.roomFor(message, { from }).status === 'known' && flaw?.status !== 'refused') {
    // Whoever had nothing may have something by now.
    if (flaw === null && !memory.lasts(message.account)) memory.weighAgain(message.account)
    return kept()
  }
  if (flaw !== null) return flaw
  let isStaked: boolean | null = null
  if (memory.roomFor(message, { from }).status === 'crowded') isStaked = await weighing.admit(message, from).catch(() => null)
  // From here on nothing waits: between the room that there is and what takes it nothing else may run.
  const by = { from, isStaked: isStaked === true }
  const room = memory.roomFor(message, by)
  if (room.status === 'many')
    return refused('ENDINGS_MANY', `${message.account} has ended as many by name as are kept: end all in one word.`)
  if (room.status === 'crowded') return isStaked === null ? unread(message) : full(message, isStaked)
  memory.keepEnded(message, by)
  return kept()
}

const unread = ({ account }: Ending.Message) =>
  unable('STAKE_UNREAD', `What room is left is for those who have something, and whether ${account} has cannot be read.`)

const full = ({ account }: Ending.Message, isStaked: boolean) =>
  unable(
    'MEMORY_FULL',
    isStaked ? 'No more of it is kept here.' : `What room is left is for those who have something, and ${account} has nothing.`,
  )

/** What is wrong with it: null where the account signed it. */
async function verify({ readers, nowMs }: Ears, ending: Ending.Ending): Promise<Exclude<Answer, { readonly status: 'kept' }> | null> {
  const { message } = ending
  const now = Math.floor(nowMs() / 1000)
  // It would be over before it was signed, for as long as that is.
  if (message.issuedAt > now + Review.clockToleranceSeconds)
    return refused('CLOCKS_APART', `It is of ${message.issuedAt}, and it is ${now} here.`)
  const verdict = await Ending.verify({ ending, readers })
  if (verdict === 'unread') return unable('ACCOUNT_UNREAD', `Whether ${message.account} signed it cannot be read.`)
  if (verdict === 'unsigned') return refused('NOT_SIGNED', `${message.account} did not sign it.`)
  return null
}

const refused = (code: string, message: string) => ({ status: 'refused', code, message }) as const
const unable = (code: string, message: string) => ({ status: 'unable', code, message }) as const
