/** The port behind which certificates are signed. */
import type { Certificate } from '@plimsoll/contracts'
import type { Hex } from './Hex.ts'

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

/** @typeParam request - what it needs of a request: a signer that checks nothing needs the digest alone. */
export type Signer<request = Request> = {
  readonly kind: 'local' | 'quorum' | 'lit'
  /** Lower-case, ascending: the order in which a book wants signatures. */
  readonly addresses: readonly Hex[]
  /** How many signatures `sign` gives. */
  readonly threshold: number
  /** Signatures of 65 bytes over the digest, ordered by signer address, low-s. */
  readonly sign: (request: request) => Promise<readonly Hex[]>
}
