/** From an order to lower credit to a signature, or to the reason why there is none: nothing is signed that is lower than what is certain here. */
import type { QuorumSigner } from '@plimsoll/chain'
import { Hash, MarkDown } from '@plimsoll/contracts'
import { Fixed, Lowering, Review } from '@plimsoll/margin'
import { z } from 'zod'
import * as Accepted from './accepted.ts'
import * as Certain from './certain.ts'
import * as Holders from './holders.ts'
import { refused, type Signer, unable } from './review.ts'

type Hex = `0x${string}`
type Venue = Signer['deployment']['venues'][number]
type Asked = { readonly question: QuorumSigner.MarkDownQuestion; readonly now: number }

/** So far may an order's time lie behind the head that is seen here. Seconds. */
const maxAgeSeconds = 60
/** An order that skips more sequences than so many would leave none for those that follow. */
const maxSkip = 1_000_000n

/**
 * Reads again what the order rests on, and signs where its credit is no lower than what is certain to be left.
 *
 * Source: docs/method/limit.md, eq. (15) to (18).
 *
 * Nothing of the question is trusted but that the accounts named are one participant's; and of those only as far as certificates which the
 * books took, and what was signed here, have said so before.
 */
export async function answer(signer: Signer, question: QuorumSigner.MarkDownQuestion): Promise<QuorumSigner.Answer> {
  const now = Math.floor(signer.nowMs() / 1000)
  const order = orderOf(signer, { question, now })
  if ('status' in order) return order
  try {
    const reads = await Certain.fetch(signer, { venue: order.venue, account: order.message.account, holders: question.holders, now })
    // From here on nothing waits: between what is found and what is kept nothing else may run.
    const digest = judge(signer, { question, now, order, reads })
    return typeof digest === 'string' ? { status: 'signed', signature: await signer.key.sign(digest) } : digest
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNREAD'
    return unable(code, error instanceof Error ? error.message : 'Something could not be read.')
  }
}

/** An order that can be meant here, before anything is read. */
type Order = { readonly message: MarkDown.MarkDown; readonly venue: Venue; readonly lines: readonly Lowering.Line[] }

/** The order of a question, or what is wrong with it: names, hashes and its time are those of this signer or they are not. */
export function orderOf({ deployment }: Pick<Signer, 'deployment'>, { question, now }: Asked): Order | QuorumSigner.Answer {
  const { evidence, chainId, limitBook } = question
  const message = parse(question)
  if (message === null) return refused('UNREADABLE', 'The order cannot be read.')
  const venue = deployment.venues.find((it) => it.chainId === chainId && it.address === message.venue)
  if (!venue || venue.limitBook !== limitBook) return refused('BOOK_UNKNOWN', 'There is no such book at that venue.')
  const symbols = new Map(deployment.assets.map(({ asset }) => [Hash.ofText(asset), asset]))
  const lines = evidence.lots.map(({ asset, amount, haircutPpm }) => ({ asset: symbols.get(asset), amount, haircutPpm }))
  if (!lines.every(isKnown)) return refused('ASSET_UNKNOWN', 'Its evidence names an asset that is not known here.')
  if (MarkDown.hashOf(evidence) !== message.inputsHash) return refused('EVIDENCE_HASH', 'The order binds other evidence.')
  if (message.issuedAt > BigInt(now + Review.clockToleranceSeconds))
    return refused('CLOCKS_APART', `It is of ${message.issuedAt}, and it is ${now} here.`)
  return { message, venue, lines }
}

/** What is to be signed, kept in memory already; or why nothing is. */
export function judge(
  { memory, deployment }: Pick<Signer, 'memory' | 'deployment'>,
  args: Asked & { readonly order: Order; readonly reads: Certain.Certain },
): Hex | QuorumSigner.Answer {
  const { question, now, order, reads } = args
  const { message, venue, lines } = order
  const { collateral, last, others } = reads
  const flaw = flawOf(message, reads.book)
  if (flaw) return flaw
  if (last === null) return unable('CERTIFICATE_UNREAD', 'Certificates of that account at that book have not been read yet.')
  const behind = question.documents.find((document) => Hash.ofText(document) === last.inputsHash)
  if (behind === undefined) return unable('DOCUMENT_MISSING', `The book rests on document ${last.inputsHash}, which was not sent.`)

  const { participantId } = last
  const { holders } = question
  const hidden = [message.account, ...holdersIn(behind), ...memory.holdersOf(participantId, now).map(Holders.addressOf)].find(
    (holder) => !holders.includes(holder),
  )
  if (hidden !== undefined) return refused('HOLDER_HIDDEN', `Collateral of ${hidden} stood behind that credit, and it is not named.`)
  const theirs = others.filter((other) => other.participantId === participantId)
  const key = Accepted.keyOf(message.account, venue)
  const known = { memory, participantId, keys: [key, ...theirs.map((other) => other.key)], codes: collateral.codes, now }
  const chainIds = [...new Set(deployment.vaults.map(({ chainId }) => chainId))]
  for (const holder of holders) {
    const other = Holders.otherOwner({ ...known, holder, chainIds })
    if (other === null) continue
    const where = other.chainId === null ? '' : ` on chain ${other.chainId}`
    return refused('HOLDER_OF_ANOTHER', `${holder}${where} is of participant ${other.participantId}.`)
  }
  const { lots, doubtful } = collateral.firm
  const [missing] = [...collateral.missing, ...doubtful.filter(({ most }) => most === null)]
  if (missing)
    return unable(
      missing.code,
      `Chain ${missing.chainId} could not be read, or nothing is known here of what something locked there is worth.`,
    )
  // What is in doubt counts at the most that it may be worth.
  const own = [...lots, ...doubtful.flatMap(({ most }) => most ?? [])]

  const elsewhere = theirs.reduce(
    (sum, { key, credit, blockTime }) => sum + Fixed.min(credit, memory.loweredTo(key, { blockTime }) ?? credit),
    0n,
  )
  const verdict = Lowering.compare({ lines, credit: message.credit, own, elsewhere, unpriced: reads.book.unpriced })
  if (verdict.status === 'refused') return verdict
  memory.keepLowered({ key, credit: message.credit, until: Number(message.issuedAt) + Lowering.longestLifeSeconds })
  return MarkDown.digest(message, { chainId: question.chainId, verifyingContract: question.limitBook })
}

function parse({ markDown }: QuorumSigner.MarkDownQuestion): MarkDown.MarkDown | null {
  try {
    return MarkDown.fromMessage(markDown)
  } catch {
    return null
  }
}

type Line = { readonly asset: string | undefined; readonly amount: bigint; readonly haircutPpm: number }

const isKnown = (line: Line): line is Lowering.Line => line.asset !== undefined

/** Of a document that a book rests on, however old its version: whose lots it counts. */
const counted = z.object({ view: z.object({ lots: z.array(z.object({ holder: z.string().transform((value) => value as Hex) })) }) })

function holdersIn(document: string): readonly Hex[] {
  return counted.parse(JSON.parse(document)).view.lots.map(({ holder }) => holder)
}

/** What is wrong with the order at its book, whatever it rests on. */
function flawOf(order: MarkDown.MarkDown, book: Certain.Certain['book']): QuorumSigner.Answer | null {
  if (book.paused) return refused('BOOK_PAUSED', 'The limit book takes no orders.')
  if (order.epoch !== book.epoch) return refused('EPOCH_OTHER', `The signers' epoch is ${book.epoch}.`)
  if (order.sequence <= book.sequence) return refused('SEQUENCE_USED', `The book has accepted sequence ${book.sequence}.`)
  if (order.sequence > book.sequence + maxSkip) return refused('SEQUENCE_FAR', `The book is at sequence ${book.sequence}.`)
  if (order.issuedAt < BigInt(book.headTime - maxAgeSeconds))
    return refused('ORDER_OLD', `It is of ${order.issuedAt}, and the chain is at ${book.headTime}.`)
  return order.credit >= book.credit ? refused('NOT_LOWER', `The book holds ${book.credit}.`) : null
}
