/** The port behind which certificates are signed. */
import type { Certificate, MarkDown } from '@plimsoll/contracts'
import { BaseError } from './BaseError.ts'
import type { Ending } from './Ending.ts'
import type { Hex } from './Hex.ts'
import type { Tie } from './Tie.ts'

/** A certificate to be signed, with what it was computed from. A signer that checks trusts none of it beyond what it can derive. */
export type Request = {
  /** Of the certificate, for the book. */
  readonly digest: Hex
  readonly chainId: number
  readonly limitBook: Hex
  readonly certificate: Certificate.Certificate
  /** Canonical text of the inputs, whose hash the certificate binds. */
  readonly document: string
}

/** The same for a signer that reads what stands behind it: it counts nobody's collateral without his word. */
export type TiedRequest = Request & {
  /** What the participant's accounts signed to be one's. */
  readonly ties: readonly Tie[]
  /** What of it is over by their own word; none unless given. */
  readonly endings?: readonly Ending[]
}

/** An order to lower credit, with what a signer that checks asks for besides what it reads by itself. */
export type MarkDownRequest = {
  /** Of the order, for the book. */
  readonly digest: Hex
  readonly chainId: number
  readonly limitBook: Hex
  readonly markDown: MarkDown.MarkDown
  /** What the order binds the hash of. */
  readonly evidence: MarkDown.Evidence
  /** Every account that the participant's collateral may lie under. Lower case. */
  readonly holders: readonly Hex[]
  /** Canonical inputs of certificates that the book took for this account, among them the last one. */
  readonly documents: readonly string[]
}

/** @typeParam request - what it needs of a request: a signer that checks nothing needs the digest alone. */
export type Signer<request = Request> = {
  readonly kind: 'local' | 'quorum' | 'lit' | 'lit-rest'
  /** Lower-case, ascending: the order in which a book wants signatures. */
  readonly addresses: readonly Hex[]
  /** How many signatures `sign` gives. */
  readonly threshold: number
  /**
   * Signatures of 65 bytes over the digest, ordered by signer address, low-s: all of them, or none.
   *
   * @throws {DisagreeError} {UnavailableError} Nothing is issued then: an outage of signers stops new risk, and nothing else.
   * {LitRest.TooLargeError} Nor then: asking again does not help.
   */
  readonly sign: (request: request) => Promise<readonly Hex[]>
}

/** Whose collateral on one chain a signer does not count, so that it signed nothing. Others may sign without it. */
export type Uncounted = {
  /** Lower case. */
  readonly holder: Hex
  readonly chainId: number
  /** `HOLDER_UNTIED`: nothing that he signed says that it is the account's. `HOLDER_UNREAD`: whether he did could not be read. */
  readonly code: 'HOLDER_UNTIED' | 'HOLDER_UNREAD'
}

/** What one signer did instead of signing. */
export type Failure = {
  /** Lower-case; the signer's address. */
  readonly signer: Hex
  /** `refused`: it found the certificate wrong. `false`: what it sent is no signature of its own over the digest. Else it could not be asked. */
  readonly why: 'refused' | 'false' | 'unable' | 'unreachable' | 'timeout' | 'resting'
  readonly detail: string
  /** Whom it does not count, where it signs nothing for that. */
  readonly uncounted?: readonly Uncounted[]
}

type FailureArgs = {
  readonly threshold: number
  readonly failures: readonly Failure[]
  /** Whom so many do not count that fewer than m would sign with them. */
  readonly uncounted?: readonly Uncounted[]
}

/** Thrown when so many signers refuse, or sign something else, that the threshold cannot be met whatever the others say. */
export class DisagreeError extends BaseError {
  override readonly name = 'Signer.DisagreeError'
  readonly failures: readonly Failure[]
  readonly uncounted: readonly Uncounted[]
  constructor({ threshold, failures, uncounted = [] }: FailureArgs) {
    super({
      code: 'SIGNERS_DISAGREE',
      message: `The signers do not agree to this limit, and ${threshold} must. ${tell(failures)}.`,
      hint: 'Nothing was bound. Ask for less, or again once the views are fresh; positions and reductions are not touched.',
    })
    this.failures = failures
    this.uncounted = uncounted
  }
}

/** Thrown when too few signers could be asked in time. */
export class UnavailableError extends BaseError {
  override readonly name = 'Signer.UnavailableError'
  readonly failures: readonly Failure[]
  readonly uncounted: readonly Uncounted[]
  constructor({ threshold, failures, uncounted = [] }: FailureArgs) {
    super({
      code: 'SIGNERS_UNAVAILABLE',
      message: `Fewer than ${threshold} signers could be asked in time. ${tell(failures)}.`,
      hint: 'Nothing was bound. Ask again with the same idempotency key; positions and reductions are not touched.',
    })
    this.failures = failures
    this.uncounted = uncounted
  }
}

function tell(failures: readonly Failure[]): string {
  return failures.map(({ signer, why, detail }) => `${signer} (${why}): ${detail.replace(/\.$/, '')}`).join('; ')
}
