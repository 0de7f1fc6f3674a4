import * as Lifetime from './Lifetime.ts'
import type * as Participant from './Participant.ts'

/** The two-sided EIP-712 message by which one participant becomes part of another: `MergeParticipants` of the contracts package. */
export type MergeMessage = {
  /** Ends: whoever asks for it later is told of `into`. */
  readonly from: string
  readonly into: string
  /** CAIP-10 id of a current account of `from`. */
  readonly fromAccount: string
  /** CAIP-10 id of a current account of `into`. */
  readonly intoAccount: string
  readonly nonce: string
  readonly issuedAt: number
  readonly expiresAt: number
}

export type Verdict =
  | { readonly status: 'accepted' }
  | {
      readonly status: 'refused'
      readonly code:
        | 'PARTICIPANT_MISMATCH'
        | 'SAME_PARTICIPANT'
        | 'FROM_NOT_LINKED'
        | 'INTO_NOT_LINKED'
        | Lifetime.Fault
        | 'NONCE_NOT_BURNED'
        | 'FROM_SIGNATURE'
        | 'INTO_SIGNATURE'
    }

/**
 * Whether a merge message may be acted on.
 *
 * Source: docs/method/reputation.md. Both sides sign, so that nobody can dump a bad record on you or take your good one. Verifying
 * signatures and burning the nonce is IO: both arrive as facts. The nonce is burned before anything is verified. Whether both sides are
 * at rest is the ledger's to say.
 *
 * @param check.from - as it stands now.
 * @param check.into - whom the session says is merging.
 * @param check.now - unix seconds.
 * @param check.proof.nonceBurned - the server's nonce existed and was deleted by this request.
 */
export function verdict(check: verdict.Check): Verdict {
  const { message, from, into, now, proof } = check
  const refused = (code: Extract<Verdict, { status: 'refused' }>['code']): Verdict => ({ status: 'refused', code })
  const isMember = (side: verdict.Side, account: string) => side.accounts.some((member) => member.account === account)

  if (!proof.nonceBurned) return refused('NONCE_NOT_BURNED')
  if (message.from !== from.participantId || message.into !== into.participantId) return refused('PARTICIPANT_MISMATCH')
  if (message.from === message.into) return refused('SAME_PARTICIPANT')
  if (!isMember(from, message.fromAccount)) return refused('FROM_NOT_LINKED')
  if (!isMember(into, message.intoAccount)) return refused('INTO_NOT_LINKED')
  const fault = Lifetime.fault(message, now)
  if (fault !== null) return refused(fault)
  if (!proof.from) return refused('FROM_SIGNATURE')
  if (!proof.into) return refused('INTO_SIGNATURE')
  return { status: 'accepted' }
}

export declare namespace verdict {
  type Side = Pick<Participant.Participant, 'participantId' | 'accounts'>
  type Check = {
    readonly message: MergeMessage
    readonly from: Side
    readonly into: Side
    readonly now: number
    /** Which sides signed this very message. */
    readonly proof: { readonly nonceBurned: boolean; readonly from: boolean; readonly into: boolean }
  }
}
