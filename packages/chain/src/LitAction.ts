/** What runs on Lit's nodes: one certificate held against its document and against a policy that is part of the code. */
import { Certificate, Hash } from '@plimsoll/contracts'
import { Inputs, Review } from '@plimsoll/margin'
import type { Hex } from './Hex.ts'
import type { Question } from './QuorumSigner.ts'

/** What the action signs for. It is written into the source, so that the hash of the code fixes it. */
export type Policy = {
  readonly books: readonly { readonly chainId: number; readonly limitBook: Hex; readonly venue: Hex }[]
  readonly paramsHash: Hex
  /** Of the models; null signs for any. */
  readonly models: readonly Hex[] | null
  /** Greatest notional of any certificate. Decimal, USD × 1e18. */
  readonly most: string
}

export type Answer =
  | { readonly status: 'signed'; readonly digest: Hex }
  | { readonly status: 'refused'; readonly code: string; readonly message: string }

const refused = (code: string, message: string): Answer => ({ status: 'refused', code, message })

/**
 * The digest to sign, or why none is signed.
 *
 * Source: docs/method/limit.md, eq. (11).
 *
 * The question is whatever a caller sends. What is signed follows from the document by integers alone, so that every node comes to the
 * same digest; the clock decides only whether it is signed. It reads no chain: whether the document is true is for other signers to say.
 *
 * @param args.now - the node's clock. Unix seconds.
 */
export function answer(args: { readonly policy: Policy; readonly question: Question; readonly now: number }): Answer {
  const { policy, question, now } = args
  const read = parse(question)
  if (read === null) return refused('UNREADABLE', 'The certificate or its document cannot be read.')
  const { certificate, inputs } = read
  const { subject, params, forecast } = inputs
  const { chainId, limitBook, document } = question

  if (Inputs.canonical(inputs) !== document || Hash.ofText(document) !== certificate.inputsHash)
    return refused('INPUTS_HASH', 'The certificate binds another document.')
  if (certificate.paramsHash !== policy.paramsHash || Hash.ofText(Inputs.canonicalParams(params)) !== policy.paramsHash)
    return refused('PARAMS_HASH', 'It was computed with other parameters.')
  if (certificate.modelHash !== forecast.modelHash || (policy.models !== null && !policy.models.includes(certificate.modelHash)))
    return refused('MODEL_HASH', `The forecast is of model ${forecast.modelHash}.`)
  const isBook = policy.books.some((it) => it.chainId === chainId && it.limitBook === limitBook && it.venue === certificate.venue)
  if (!isBook) return refused('BOOK_UNKNOWN', 'There is no such book at that venue.')
  const isSame =
    certificate.participantId === subject.participantId &&
    certificate.account === subject.account &&
    certificate.venue === subject.venue.address &&
    certificate.market === subject.market &&
    chainId === subject.venue.chainId
  if (!isSame) return refused('SUBJECT_OTHER', 'The certificate is of another subject than its document.')
  if (certificate.maxNotional > BigInt(policy.most)) return refused('OVER_POLICY', `At most ${policy.most} is signed.`)

  const derived = Review.derive({
    inputs,
    terms: {
      ...{ maxNotional: certificate.maxNotional, credit: certificate.credit, imPpm: certificate.imPpm },
      ...{ issuedAt: Number(certificate.issuedAt), expiresAt: Number(certificate.expiresAt) },
    },
    now,
  })
  if (derived.status === 'refused') return derived
  return { status: 'signed', digest: Certificate.digest(certificate, { chainId, verifyingContract: limitBook }) }
}

function parse(question: Question): { readonly certificate: Certificate.Certificate; readonly inputs: Inputs.Inputs } | null {
  try {
    return { certificate: Certificate.fromMessage(question.certificate), inputs: Inputs.parse(question.document) }
  } catch {
    return null
  }
}
