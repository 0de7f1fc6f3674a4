/** What two accounts signed to be one participant's: a link or a merge with both signatures, so that anybody may check it again. */
import type { Consent, LinkMessage, MergeMessage } from '@plimsoll/reputation'
import * as LinkProof from './LinkProof.ts'
import * as MergeProof from './MergeProof.ts'
import { QuorumError } from './QuorumError.ts'

export type Tie =
  | {
      readonly kind: 'link'
      readonly message: LinkMessage.LinkMessage
      readonly accountSignature: string
      readonly primarySignature: string
    }
  | {
      readonly kind: 'merge'
      readonly message: MergeMessage.MergeMessage
      readonly fromSignature: string
      readonly intoSignature: string
    }

/** So many of one participant are sent to signers, and taken by them: as many accounts as one may name. */
export const most = 256

/**
 * Whom it ties together, if both signed. CAIP-10 ids as the message has them.
 *
 * @example
 * Tie.consent({ kind: 'merge', message: { fromAccount: 'a', intoAccount: 'b' }, fromSignature: '0x', intoSignature: '0x' })
 * // => { one: 'a', other: 'b' }
 */
export function consent(tie: Tie): Consent.Consent {
  return tie.kind === 'link'
    ? { one: tie.message.account, other: tie.message.primary }
    : { one: tie.message.fromAccount, other: tie.message.intoAccount }
}

/** `unread`: a contract account is to be asked on a chain that cannot be read now, or is not read here. */
export type Verdict = 'signed' | 'unsigned' | 'unread'

/**
 * Whether both accounts signed it: externally owned ones offline, contract accounts as they stand now.
 *
 * How long ago it was signed says nothing: the message had minutes to be acted on, and was.
 */
export async function verify(args: { readonly tie: Tie; readonly readers: LinkProof.verify.Args['readers'] }): Promise<Verdict> {
  const { tie, readers } = args
  try {
    const sides = tie.kind === 'link' ? await LinkProof.verify({ ...tie, readers }) : await MergeProof.verify({ ...tie, readers })
    return Object.values(sides).every(Boolean) ? 'signed' : 'unsigned'
  } catch (error) {
    // Whatever else is thrown is of a message that nobody can have signed.
    return error instanceof QuorumError || error instanceof LinkProof.UnservedChainError ? 'unread' : 'unsigned'
  }
}

/** Whether what it says can change: a contract account may have other owners tomorrow, a key has signed for good. */
export function isLasting(tie: Tie): boolean {
  const { one, other } = consent(tie)
  return [one, other].every((account) => account.startsWith('eip155:0:'))
}
