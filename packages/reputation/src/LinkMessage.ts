import * as Lifetime from './Lifetime.ts'
import type * as Participant from './Participant.ts'

/** The two-sided EIP-712 message by which an account joins a participant: `LinkAccount` of the contracts package. */
export type LinkMessage = {
  readonly participantId: string
  /** CAIP-10 id of the account that joins. */
  readonly account: string
  /** CAIP-10 id of an account that is a member already. */
  readonly primary: string
  readonly nonce: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** The longest a link message may live, and how far the signer's clock may run ahead of ours. */
export const { windowSeconds, skewSeconds } = Lifetime

export type Verdict =
  | { readonly status: 'accepted' }
  | {
      readonly status: 'refused'
      readonly code:
        | 'PARTICIPANT_MISMATCH'
        | 'SAME_ACCOUNT'
        | 'PRIMARY_NOT_LINKED'
        | Lifetime.Fault
        | 'NONCE_NOT_BURNED'
        | 'ACCOUNT_SIGNATURE'
        | 'PRIMARY_SIGNATURE'
    }

/**
 * Whether a link message may be acted on.
 *
 * Source: docs/method/reputation.md. Both sides sign, so that nobody can dump a bad account on you or borrow your good one. Verifying
 * signatures and burning the nonce is IO: both arrive as facts. The nonce is burned before anything is verified.
 *
 * @param check.participant - whom the session says is linking.
 * @param check.now - unix seconds.
 * @param check.proof.nonceBurned - the server's nonce existed and was deleted by this request.
 * @param check.proof.account - the new account's signature over this message is valid.
 * @param check.proof.primary - the member's signature over this message is valid.
 */
export function verdict(check: verdict.Check): Verdict {
  const { message, participant, now, proof } = check
  const refused = (code: Extract<Verdict, { status: 'refused' }>['code']): Verdict => ({ status: 'refused', code })

  if (!proof.nonceBurned) return refused('NONCE_NOT_BURNED')
  if (message.participantId !== participant.participantId) return refused('PARTICIPANT_MISMATCH')
  if (message.account === message.primary) return refused('SAME_ACCOUNT')
  if (!participant.accounts.some((member) => member.account === message.primary)) return refused('PRIMARY_NOT_LINKED')
  const fault = Lifetime.fault(message, now)
  if (fault !== null) return refused(fault)
  if (!proof.account) return refused('ACCOUNT_SIGNATURE')
  if (!proof.primary) return refused('PRIMARY_SIGNATURE')
  return { status: 'accepted' }
}

export declare namespace verdict {
  type Check = {
    readonly message: LinkMessage
    readonly participant: Participant.Participant
    readonly now: number
    readonly proof: { readonly nonceBurned: boolean; readonly account: boolean; readonly primary: boolean }
  }
}
