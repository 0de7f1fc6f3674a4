/** From a certificate and its document to a signature, or to the reason why there is none. */
import { type Deployment, Forecasts } from '@plimsoll/api'
import type { Signer as ChainSigner, QuorumSigner, Secp256k1 } from '@plimsoll/chain'
import { Certificate, Hash, Market } from '@plimsoll/contracts'
import { Credit, Fixed, Inputs, Parse, Review } from '@plimsoll/margin'
import * as Accepted from './accepted.ts'
import * as Consents from './consents.ts'
import * as Ending from './ending.ts'
import * as Holders from './holders.ts'
import type * as Memory from './Memory.ts'
import type { Prices } from './prices.ts'
import * as Reads from './reads.ts'
import type { Weighing } from './weighing.ts'

type Hex = `0x${string}`

export type Signer = {
  readonly deployment: Deployment.Deployment
  readonly readers: Reads.Readers
  readonly prices: Prices
  readonly key: Secp256k1.Key
  readonly memory: Memory.Memory
  readonly weighing: Weighing
  readonly accepted: Accepted.Accepted
  readonly consents: Consents.Consents
  /** Of the models it signs for; null signs for any. */
  readonly models: readonly Hex[] | null
  readonly forecaster: { readonly url: string; readonly tolerancePpm: number } | null
  readonly nowMs: () => number
}

export const refused = (code: string, message: string): QuorumSigner.Answer => ({ status: 'refused', code, message })
export const unable = (code: string, message: string): QuorumSigner.Answer => ({ status: 'unable', code, message })

/**
 * Reads again what the document says it read, computes the limit, and signs a certificate that is no more generous, and counts nobody's
 * collateral without his signature.
 *
 * Source: docs/method/limit.md, eq. (11) to (13).
 *
 * Nothing of the question is trusted: the document may be anything, and so may the certificate.
 */
export async function answer(signer: Signer, question: QuorumSigner.TiedQuestion): Promise<QuorumSigner.Answer> {
  const { deployment } = signer
  const read = parse(question)
  if (read === null) return refused('UNREADABLE', 'The certificate or its document cannot be read.')
  const { certificate, inputs } = read
  const now = Math.floor(signer.nowMs() / 1000)
  const flaw = flawOf(signer, { question, certificate, inputs })
  if (flaw) return refused(flaw.code, flaw.message)
  const terms = {
    ...{ maxNotional: certificate.maxNotional, credit: certificate.credit, imPpm: certificate.imPpm },
    ...{ issuedAt: Number(certificate.issuedAt), expiresAt: Number(certificate.expiresAt) },
  }
  const derived = Review.derive({ inputs, terms, now })
  if (derived.status === 'refused') return derived

  let reads: Reads.Reads
  let forecast: Inputs.Inputs['forecast']
  let consents: Consents.Verdict
  const { subject, view } = inputs
  try {
    ;[consents, reads, forecast] = await Promise.all([
      tied(signer, question, inputs),
      Reads.fetch({ deployment, readers: signer.readers, prices: signer.prices, inputs, limitBook: question.limitBook, now }),
      forecastOf(signer, inputs, now),
    ])
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNREAD'
    return unable(code, error instanceof Error ? error.message : 'Something could not be read.')
  }
  const uncounted = Consents.settle(consents, { venue: subject.venue, lots: reads.view.lots, codes: reads.codes })
  if (uncounted.length > 0) return uncounting(uncounted)
  if (reads.price.status === 'refused') return unable(reads.price.code, reads.price.sentence)
  if (reads.book.paused) return refused('BOOK_PAUSED', 'The limit book takes no certificates.')
  if (reads.book.epoch !== certificate.epoch) return refused('EPOCH_OTHER', `The signers' epoch is ${reads.book.epoch}.`)
  if (certificate.sequence <= reads.book.standing.sequence)
    return refused('SEQUENCE_USED', `The book has accepted sequence ${reads.book.standing.sequence}.`)

  const own = ownInputs({ inputs, reads, forecast, price: reads.price })
  const verdict = Review.compare({ own, terms, accepted: reads.book.standing.credit })
  const [missing] = reads.view.missing
  // On a view of which a part could not be read, a lower limit of its own says nothing of the certificate.
  if (verdict.status === 'refused' && missing)
    return unable(missing.code, `Chain ${missing.chainId} could not be read as the document has it.`)
  if (verdict.status === 'refused') return verdict

  const { account, venue } = subject
  const certified: Memory.Certified = {
    participantId: certificate.participantId,
    key: Accepted.keyOf(account, venue),
    credit: certificate.credit,
    expiresAt: terms.expiresAt,
    holders: Holders.namesOf(view.lots),
  }
  const most = Fixed.max(Credit.of(own.view.lots, own.params, own.asOf).total, reads.book.standing.credit)
  const conflict = signer.memory.against({ ...certified, holders: Holders.knownAs(certified.holders) }, { own: most, now })
  if (conflict) return refused(conflict.code, conflict.message)
  // Kept before it is given away: between the two nothing else may run.
  signer.memory.keep(certified)
  const digest = Certificate.digest(certificate, { chainId: question.chainId, verifyingContract: question.limitBook })
  return { status: 'signed', signature: await signer.key.sign(digest) }
}

/** What ties the holders, without what is over: that is heard first, and kept whatever becomes of the certificate. */
async function tied(
  signer: Signer,
  { ties, endings }: QuorumSigner.TiedQuestion,
  { subject, view }: Inputs.Inputs,
): Promise<Consents.Verdict> {
  await Ending.hear(signer, endings)
  return signer.consents.verify({ subject, lots: view.lots, ties })
}

/** Nothing is signed that counts one of these; all are named, so that it can be asked for without them. */
function uncounting(uncounted: readonly ChainSigner.Uncounted[]): QuorumSigner.Answer {
  const told = (code: ChainSigner.Uncounted['code']) => uncounted.filter((one) => one.code === code).map(({ holder }) => holder)
  const [untied, unread] = [told('HOLDER_UNTIED').join(), told('HOLDER_UNREAD').join()]
  return untied === ''
    ? { status: 'unable', code: 'HOLDER_UNREAD', message: `Whether ${unread} signed to be this account's cannot be read.`, uncounted }
    : {
        ...{ status: 'refused', code: 'HOLDER_UNTIED', uncounted },
        message: `Nothing that ${untied} signed says that its collateral is this account's: link it again.`,
      }
}

function parse(question: QuorumSigner.Question): { readonly certificate: Certificate.Certificate; readonly inputs: Inputs.Inputs } | null {
  try {
    return { certificate: Certificate.fromMessage(question.certificate), inputs: Inputs.parse(question.document) }
  } catch {
    return null
  }
}

type Flaw = { readonly code: string; readonly message: string }

/** What is wrong with the question before anything is read: hashes, names, terms and parameters are the deployment's or they are not. */
function flawOf(
  { deployment, models }: Signer,
  args: { readonly question: QuorumSigner.Question; readonly certificate: Certificate.Certificate; readonly inputs: Inputs.Inputs },
): Flaw | null {
  const { question, certificate, inputs } = args
  const { subject, market, view } = inputs
  const canonical = Inputs.canonical(inputs)
  if (canonical !== question.document || Hash.ofText(canonical) !== certificate.inputsHash)
    return { code: 'INPUTS_HASH', message: 'The certificate binds another document.' }
  if (inputs.version === 1) return { code: 'VERSION_OLD', message: 'The document does not say what the venue may claim.' }
  const params = Inputs.canonicalParams(deployment.params)
  if (Inputs.canonicalParams(inputs.params) !== params || Hash.ofText(params) !== certificate.paramsHash)
    return { code: 'PARAMS_HASH', message: 'It was computed with other parameters.' }
  if (certificate.modelHash !== inputs.forecast.modelHash || (models !== null && !models.includes(certificate.modelHash)))
    return { code: 'MODEL_HASH', message: `The forecast is of model ${inputs.forecast.modelHash}.` }

  const isSame =
    certificate.participantId === subject.participantId &&
    certificate.account === subject.account &&
    certificate.venue === subject.venue.address &&
    certificate.market === subject.market &&
    question.chainId === subject.venue.chainId
  if (!isSame) return { code: 'SUBJECT_OTHER', message: 'The certificate is of another subject than its document.' }
  const venue = deployment.venues.find(({ chainId, address }) => chainId === question.chainId && address === certificate.venue)
  if (!venue || venue.limitBook !== question.limitBook) return { code: 'BOOK_UNKNOWN', message: 'There is no such book at that venue.' }
  const terms = deployment.markets.find(({ symbol }) => Market.id(symbol) === certificate.market)
  if (!terms) return { code: 'MARKET_UNKNOWN', message: 'There is no such market.' }
  const { symbol, initial, maintenance, liquidity, liquidationCostPpm, caps, wrongWay } = terms
  const configured = { symbol, initial, maintenance, liquidity, liquidationCostPpm, caps, wrongWay }
  const given = Object.fromEntries(Object.keys(configured).map((name) => [name, market[name as keyof typeof configured]]))
  if (Parse.canonical(given) !== Parse.canonical(configured))
    return { code: 'TERMS_OTHER', message: `It was computed with other terms of ${symbol}.` }

  const blocks = new Map(view.lots.map(({ chainId, block }) => [chainId, block.hash]))
  if (view.lots.some(({ chainId, block }) => blocks.get(chainId) !== block.hash))
    return { code: 'BLOCKS_MIXED', message: 'Lots of one chain were read at different blocks.' }
  return null
}

/** The document with everything that was read here in place of what it says. */
function ownInputs(args: {
  readonly inputs: Inputs.Inputs
  readonly reads: Reads.Reads
  readonly forecast: Inputs.Inputs['forecast']
  readonly price: { readonly price: bigint; readonly publishedAt: number }
}): Inputs.Inputs {
  const { inputs, reads, forecast, price } = args
  const { venue, book } = reads
  const open = venue.positions.find(({ market, size }) => market === inputs.subject.market && size !== 0n)
  return {
    ...inputs,
    version: 2,
    view: reads.view,
    claims: reads.claims,
    forecast,
    market: { ...inputs.market, price: { index: price.price, mark: price.price, publishedAt: price.publishedAt } },
    ledger: {
      ...inputs.ledger,
      position: open ? { side: open.size > 0n ? 'long' : 'short', notional: open.notional } : { side: 'flat', notional: 0n },
      venueCollateral: venue.collateral,
      unrealisedLoss: venue.positions.reduce((sum, { unrealised }) => (unrealised < 0n ? sum - unrealised : sum), 0n),
      fees: venue.unsettledLoss,
    },
    growth: { ceiling: Fixed.min(inputs.growth.ceiling, book.standing.ceiling) },
  }
}

/**
 * The worse of the document's forecast and an own one, where there is an own forecaster.
 *
 * @throws it does not answer, with what cannot be, or with what is too old to hold anything against.
 */
async function forecastOf({ forecaster, deployment }: Signer, inputs: Inputs.Inputs, now: number): Promise<Inputs.Inputs['forecast']> {
  if (forecaster === null) return inputs.forecast
  const { symbol } = inputs.market
  const { bySymbol } = await Forecasts.fetch({ url: forecaster.url, symbols: [symbol], ask: fetch })
  const found = bySymbol.get(symbol)
  if (found?.status !== 'ok') throw new ForecastUnreadableError(symbol)
  const own = Forecasts.young(found, { asOf: now, mostSeconds: deployment.params.maxForecastAgeSeconds })
  if (own.status !== 'ok') throw new ForecastStaleError(symbol, own.message)
  return Review.forecast({ given: inputs.forecast, own: own.forecast, tolerancePpm: forecaster.tolerancePpm })
}

/** Thrown when the signer's own forecaster has said nothing of a market for longer than a forecast may be old. */
class ForecastStaleError extends Error {
  override readonly name = 'Review.ForecastStaleError'
  readonly code = 'FORECAST_STALE'
  constructor(symbol: string, message: string) {
    super(`Of ${symbol}, at the forecaster here: ${message}`)
  }
}

/** Thrown when the signer's own forecaster has no forecast of a market, or one that cannot be meant. */
class ForecastUnreadableError extends Error {
  override readonly name = 'Review.ForecastUnreadableError'
  readonly code = 'FORECAST_UNREADABLE'
  constructor(symbol: string) {
    super(`The forecaster here has no forecast of ${symbol} that can be meant.`)
  }
}
