/** Why nothing is linked, merged or unlinked, as whoever asked reads it: a code is for machines. */
import type { LinkMessage, MergeMessage } from '@plimsoll/reputation'

type Of<verdict> = Extract<verdict, { readonly status: 'refused' }> extends { readonly code: infer code extends string } ? code : never

export type Code =
  | Of<LinkMessage.Verdict>
  | Of<MergeMessage.Verdict>
  | 'ENDING_LEAVES_TIES'
  | 'ENDING_OF_ANOTHER'
  | 'ENDING_TIME'
  | 'ENDING_SIGNATURE'

type Refusal = { readonly says: string; readonly hint: string }

const again = 'Ask for a new message, and let both accounts sign it.'
const own = 'Sign with the account that you signed in with.'
const orWithout = 'Let the account that leaves, or one that it was linked with, sign that it is over now; or unlink without that.'

const refusals: Readonly<Record<Code, Refusal>> = {
  ACCOUNT_SIGNATURE: { says: 'the account to be linked did not sign it', hint: again },
  ENDING_LEAVES_TIES: {
    says: 'signers would still count the one for the other by what else was signed, or was signed after',
    hint: 'Have the account that leaves sign that all of it is over, now, or unlink without it.',
  },
  ENDING_OF_ANOTHER: { says: 'what was signed names neither who leaves nor whom it leaves', hint: orWithout },
  ENDING_SIGNATURE: { says: 'the account that it names did not sign that it is over', hint: orWithout },
  ENDING_TIME: { says: 'what was signed is not of now', hint: orWithout },
  EXPIRED: { says: 'the message has run out', hint: again },
  FROM_NOT_LINKED: { says: 'the other account is nobody’s here', hint: 'Link it instead.' },
  FROM_SIGNATURE: { says: 'the other account did not sign it', hint: again },
  INTO_NOT_LINKED: { says: 'who signs for the participant is not one of its accounts', hint: own },
  INTO_SIGNATURE: { says: 'the participant’s own account did not sign it', hint: again },
  INVALID_TIMES: { says: 'its times are none', hint: again },
  NONCE_NOT_BURNED: { says: 'the message was used already, or is none of this gateway’s', hint: again },
  NOT_YET_VALID: { says: 'the message is of a time to come', hint: again },
  PARTICIPANT_MISMATCH: { says: 'the message is of another participant', hint: again },
  PRIMARY_NOT_LINKED: { says: 'who signs for the participant is not one of its accounts', hint: own },
  PRIMARY_SIGNATURE: { says: 'the participant’s own account did not sign it', hint: again },
  SAME_ACCOUNT: { says: 'both are the same account', hint: 'Give the key of another one.' },
  SAME_PARTICIPANT: { says: 'both accounts are one participant already', hint: 'There is nothing to merge.' },
  WINDOW_TOO_LONG: { says: 'the message would hold for too long', hint: again },
}

const heads = { LINK: 'The link is refused', MERGE: 'The merge is refused', UNLINK: 'Nothing is unlinked' } as const

/** Thrown when what was signed to link, to merge or to part does not hold. */
export class RefusedError extends Error {
  override readonly name = 'Refusal.RefusedError'
  readonly code: string
  readonly hint: string
  constructor(what: keyof typeof heads, code: Code) {
    const { says, hint } = refusals[code]
    super(`${heads[what]}: ${says}.`)
    this.code = `${what}_${code}`
    this.hint = hint
  }
}
