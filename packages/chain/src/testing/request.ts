/** Test kit: a certificate as it is issued now, with what it was computed from. */
import { Certificate, Hash } from '@plimsoll/contracts'
import { Inputs, Limit } from '@plimsoll/margin'
import type { Hex } from '../Hex.ts'
import type * as LitAction from '../LitAction.ts'
import type { TiedRequest } from '../Signer.ts'
import { inputs } from './document.ts'

type Book = { readonly chainId: number; readonly verifyingContract: Hex }

/** What the document gives at this book; `change` makes it another certificate than that. */
export function requestOf(book: Book, change: Partial<Certificate.Certificate> = {}): TiedRequest {
  const asOf = Math.floor(Date.now() / 1000)
  const given: Inputs.Inputs = { ...inputs, asOf }
  const { participantId, account, venue, market } = given.subject
  const { granted } = Limit.of(given)
  if (granted?.status !== 'granted') throw new Error(`it gives none: ${granted?.code}`)
  const document = Inputs.canonical(given)
  const certificate: Certificate.Certificate = {
    ...{ participantId, account, venue: venue.address, market, sequence: 1n, epoch: 1 },
    ...{ maxNotional: granted.maxNotional, credit: granted.credit, imPpm: granted.imPpm },
    ...{ issuedAt: BigInt(asOf), expiresAt: BigInt(asOf + 300) },
    ...{ inputsHash: Hash.ofText(document), modelHash: given.forecast.modelHash },
    paramsHash: Hash.ofText(Inputs.canonicalParams(given.params)),
    ...change,
  }
  const { chainId, verifyingContract: limitBook } = book
  return { digest: Certificate.digest(certificate, book), chainId, limitBook, certificate, document, ties: [] }
}

/** Under which every certificate that the document gives at this book is signed. */
export function policyOf({ chainId, verifyingContract }: Book): LitAction.Policy {
  return {
    books: [{ chainId, limitBook: verifyingContract, venue: inputs.subject.venue.address }],
    paramsHash: Hash.ofText(Inputs.canonicalParams(inputs.params)),
    models: null,
    most: (10n ** 24n).toString(),
  }
}
