/** What a change of a participant's accounts may be refused for. */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import { usd } from './Usd.ts'

type Hex = Inputs.Hex
type AccountId = string

/** Thrown for an account id that is not CAIP-10 in lower case. */
export class InvalidAccountError extends BaseError {
  override readonly name = 'Participants.InvalidAccountError'
  override readonly code = 'INVALID_ACCOUNT'

  constructor(options: { readonly account: string }) {
    super(`${JSON.stringify(options.account.slice(0, 100))} is not an account id.`, {
      hint: 'Write `eip155:<chain>:<address>` in lower case; chain 0 for an externally owned account.',
    })
  }
}

/** Thrown when an account is linked to another participant. */
export class AccountAlreadyLinkedError extends BaseError {
  override readonly name = 'Participants.AccountAlreadyLinkedError'
  override readonly code = 'ACCOUNT_ALREADY_LINKED'

  constructor(options: { readonly account: AccountId }) {
    super(`Account ${options.account} is linked to another participant.`, {
      hint: 'Unlink it there first; it can be linked again after its cool-down.',
    })
  }
}

/** Thrown when an account was unlinked too short a time ago. */
export class AccountCoolingDownError extends BaseError {
  override readonly name = 'Participants.AccountCoolingDownError'
  override readonly code = 'ACCOUNT_COOLING_DOWN'
  /** Unix seconds. */
  readonly until: number

  constructor(options: { readonly account: AccountId; readonly until: number }) {
    super(`Account ${options.account} was unlinked and cannot be linked before ${new Date(options.until * 1000).toISOString()}.`, {
      hint: 'Link it after that time.',
    })
    this.until = options.until
  }
}

/** Thrown when credit is bound by an account that shall leave. */
export class AccountEncumberedError extends BaseError {
  override readonly name = 'Participants.AccountEncumberedError'
  override readonly code = 'ACCOUNT_ENCUMBERED'
  /** USD. */
  readonly encumbrance: bigint

  constructor(options: { readonly account: AccountId; readonly encumbrance: bigint }) {
    super(`Account ${options.account} still binds ${usd(options.encumbrance, 'up')}.`, {
      hint: 'Close its positions, let its certificates expire in a final block, and settle its releases and settlements first.',
    })
    this.encumbrance = options.encumbrance
  }
}

/** Thrown when a participant would be left without an account. */
export class LastAccountError extends BaseError {
  override readonly name = 'Participants.LastAccountError'
  override readonly code = 'LAST_ACCOUNT'

  constructor(options: { readonly account: AccountId }) {
    super(`Account ${options.account} is the participant's last one.`, { hint: 'Link another account first.' })
  }
}

/** Thrown when an account to unlink is not one of the participant's. */
export class NotAMemberError extends BaseError {
  override readonly name = 'Participants.NotAMemberError'
  override readonly code = 'ACCOUNT_NOT_LINKED'

  constructor(options: { readonly participantId: Hex; readonly account: AccountId }) {
    super(`Account ${options.account} is not linked to participant ${options.participantId}.`, {
      hint: 'List the accounts to see which are.',
    })
  }
}

/** Thrown when a participant's id is somebody else's already. */
export class ParticipantTakenError extends BaseError {
  override readonly name = 'Participants.ParticipantTakenError'
  override readonly code = 'PARTICIPANT_TAKEN'

  constructor(options: { readonly participantId: Hex }) {
    super(`There is a participant ${options.participantId} already.`, { hint: 'Leave the id out, and one is drawn.' })
  }
}

/** What keeps two participants apart, or one together, while it lasts. */
export type Obstacle = 'OPEN_POSITION' | 'PENDING_RELEASE' | 'UNSETTLED_LOSS' | 'OVER_ENCUMBERED' | 'LIVE_CERTIFICATE'

const obstacles: Record<Obstacle, { readonly says: string; readonly hint: string }> = {
  OPEN_POSITION: { says: 'has an open position', hint: 'Close it, and ask again once that is final.' },
  PENDING_RELEASE: { says: 'has a release or a settlement that is signed and not final', hint: 'Wait until it is used or over.' },
  UNSETTLED_LOSS: { says: 'has a loss that is not settled', hint: 'Pay what the account owes at its venue, or wait until it is settled.' },
  OVER_ENCUMBERED: {
    says: 'has more bound than its credit',
    hint: 'Lock more collateral, or let what is bound end, until its margin call clears.',
  },
  LIVE_CERTIFICATE: {
    says: 'has a certificate that may still be used',
    hint: 'Ask again once it is over in a final block: a few minutes.',
  },
}

/** Thrown when one of two participants that shall be one, or whose account shall leave, is not at rest. */
export class NotAtRestError extends BaseError {
  override readonly name = 'Participants.NotAtRestError'
  override readonly code: `${'MERGE' | 'UNLINK'}_${Obstacle}`
  /** Of a merge; `account` where one shall leave. */
  readonly side: 'from' | 'into' | 'account'

  constructor(options: { readonly side: NotAtRestError['side']; readonly obstacle: Obstacle }) {
    const { side, obstacle } = options
    const who = side === 'account' ? 'The participant whose account shall leave' : `The participant to merge ${side}`
    super(`${who} ${obstacles[obstacle].says}.`, { hint: obstacles[obstacle].hint })
    this.code = `${side === 'account' ? 'UNLINK' : 'MERGE'}_${obstacle}`
    this.side = side
  }
}
