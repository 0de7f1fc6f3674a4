/** From an order to lower credit to a signature, or to the reason why there is none: nothing is signed that is lower than what is certain here. */
import { type CollateralView, Contract, Query, type QuorumSigner } from '@plimsoll/chain'
import { Hash, limitBookAbi, MarkDown } from '@plimsoll/contracts'
import { Fixed, Inputs, Lowering, Review } from '@plimsoll/margin'
import * as Accepted from './accepted.ts'
import * as Reads from './reads.ts'
import { refused, type Signer, unable } from './review.ts'

type Hex = `0x${string}`
type Venue = Signer['deployment']['venues'][number]

/** No order lives longer than a book takes one: that is what `LimitBook` allows at most. Seconds. */
const longestLifeSeconds = 300
/** So far may an order's time lie behind the head that is seen here. Seconds. */
const maxAgeSeconds = 60
/** An order that skips more sequences than so many would leave none for those that follow. */
const maxSkip = 1_000_000n

/**
 * Reads again what the order rests on, and signs where its credit is no lower than what is certain to be left.
 *
 * Source: docs/method/limit.md, eq. (15) and (16).
 *
 * Nothing of the question is trusted but that the accounts named are one participant's; and of those only as far as certificates which the
 * books took, and what was signed here, have said so before.
 */
export async function answer(signer: Signer, question: QuorumSigner.MarkDownQuestion): Promise<QuorumSigner.Answer> {
  const { deployment, memory } = signer
  const { evidence, holders } = question
  const order = parse(question)
  if (order === null) return refused('UNREADABLE', 'The order cannot be read.')
  const now = Math.floor(signer.nowMs() / 1000)
  const venue = deployment.venues.find(({ chainId, address }) => chainId === question.chainId && address === order.venue)
  if (!venue || venue.limitBook !== question.limitBook) return refused('BOOK_UNKNOWN', 'There is no such book at that venue.')
  const symbols = new Map(deployment.assets.map(({ asset }) => [Hash.ofText(asset), asset]))
  const lines = evidence.lots.map(({ asset, amount, haircutPpm }) => ({ asset: symbols.get(asset), amount, haircutPpm }))
  if (!lines.every(isKnown)) return refused('ASSET_UNKNOWN', 'Its evidence names an asset that is not known here.')
  if (MarkDown.hashOf(evidence) !== order.inputsHash) return refused('EVIDENCE_HASH', 'The order binds other evidence.')
  if (order.issuedAt > BigInt(now + Review.clockToleranceSeconds))
    return refused('CLOCKS_APART', `It is of ${order.issuedAt}, and it is ${now} here.`)

  let reads: Reading
  try {
    reads = await read(signer, { venue, account: order.account, holders, now })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNREAD'
    return unable(code, error instanceof Error ? error.message : 'Something could not be read.')
  }
  const { book, collateral, last } = reads
  const flaw = flawOf(order, book)
  if (flaw) return flaw
  if (last === null) return unable('CERTIFICATE_UNREAD', 'Certificates of that account at that book have not been read yet.')
  const behind = question.documents.find((document) => Hash.ofText(document) === last.inputsHash)
  const bound = behind === undefined ? null : holdersIn(behind)
  if (bound === null) return unable('DOCUMENT_MISSING', `The book rests on document ${last.inputsHash}, which was not sent.`)

  // From here on nothing waits: between what is found and what is kept nothing else may run.
  const { participantId } = last
  const hidden = [order.account, ...bound, ...memory.holdersOf(participantId, now)].find((holder) => !holders.includes(holder))
  if (hidden !== undefined) return refused('HOLDER_HIDDEN', `Collateral of ${hidden} stood behind that credit, and it is not named.`)
  const foreign = holders.find((holder) => (memory.ownerOf(holder, now) ?? participantId) !== participantId)
  if (foreign !== undefined) return refused('HOLDER_OF_ANOTHER', `${foreign} is of participant ${memory.ownerOf(foreign, now)}.`)
  const [missing] = [...collateral.missing, ...collateral.firm.doubtful]
  if (missing) return unable(missing.code, `Chain ${missing.chainId} could not be read, or what is locked there is in doubt.`)

  const elsewhere = reads.others
    .filter((other) => other.participantId === participantId)
    .reduce((sum, { key, credit, blockTime }) => {
      const lowered = memory.loweredTo(key, { blockTime })
      return sum + Fixed.min(credit, lowered ?? credit)
    }, 0n)
  const verdict = Lowering.compare({ lines, credit: order.credit, own: collateral.firm.lots, elsewhere })
  if (verdict.status === 'refused') return verdict

  const key = Accepted.keyOf(order.account, venue)
  memory.keepLowered({ key, credit: order.credit, until: Number(order.issuedAt) + longestLifeSeconds })
  const digest = MarkDown.digest(order, { chainId: question.chainId, verifyingContract: question.limitBook })
  return { status: 'signed', signature: await signer.key.sign(digest) }
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

/** Whose lots a document counts; null where it cannot be read. */
function holdersIn(document: string): readonly Hex[] | null {
  try {
    return Inputs.parse(document).view.lots.map(({ holder }) => holder)
  } catch {
    return null
  }
}

type Book = {
  readonly epoch: number
  readonly paused: boolean
  /** Of the last order that it took of the key. */
  readonly sequence: bigint
  /** What it holds for the key. USD. */
  readonly credit: Fixed.Fixed
  /** Of the newest block seen, not only of the final one. Unix seconds. */
  readonly headTime: number
}

/** What is wrong with the order at its book, whatever it rests on. */
function flawOf(order: MarkDown.MarkDown, book: Book): QuorumSigner.Answer | null {
  if (book.paused) return refused('BOOK_PAUSED', 'The limit book takes no orders.')
  if (order.epoch !== book.epoch) return refused('EPOCH_OTHER', `The signers' epoch is ${book.epoch}.`)
  if (order.sequence <= book.sequence) return refused('SEQUENCE_USED', `The book has accepted sequence ${book.sequence}.`)
  if (order.sequence > book.sequence + maxSkip) return refused('SEQUENCE_FAR', `The book is at sequence ${book.sequence}.`)
  if (order.issuedAt < BigInt(book.headTime - maxAgeSeconds))
    return refused('ORDER_OLD', `It is of ${order.issuedAt}, and the chain is at ${book.headTime}.`)
  return order.credit >= book.credit ? refused('NOT_LOWER', `The book holds ${book.credit}.`) : null
}

type Reading = {
  readonly book: Book
  readonly collateral: CollateralView.CollateralView
  readonly last: ReturnType<Accepted.Accepted['lastOf']>
  /** What books hold for every other key of the holders, and whose it is. */
  readonly others: readonly {
    readonly key: string
    readonly participantId: Hex | null
    readonly credit: bigint
    readonly blockTime: number
  }[]
}

/** Everything that is read for one order, at the newest final blocks: what has left is gone there, and what has come counts. */
async function read(
  signer: Signer,
  asked: { readonly venue: Venue; readonly account: Hex; readonly holders: readonly Hex[]; readonly now: number },
): Promise<Reading> {
  const { deployment, readers, accepted } = signer
  const { venue, account, holders, now } = asked
  const [prices, complete, atBook, ...found] = await Promise.all([
    signer.prices.look(now),
    accepted.look(),
    readBook(signer, { venue, account }),
    ...deployment.venues.map((at) => readCredits(signer, { venue: at, holders })),
  ])
  const collateral = await Reads.fetchCollateral({
    ...{ deployment, readers, prices, holders, now, venues: [], blocks: new Map() },
    chainIds: new Set(deployment.vaults.map(({ chainId }) => chainId)),
  })
  const own = Accepted.keyOf(account, venue)
  return {
    book: atBook,
    collateral,
    last: complete ? accepted.lastOf(account, venue) : null,
    others: found.flat().flatMap(({ holder, at, ...other }) => {
      const key = Accepted.keyOf(holder, at)
      return key === own ? [] : [{ ...other, key, participantId: accepted.lastOf(holder, at)?.participantId ?? null }]
    }),
  }
}

async function readBook({ readers }: Signer, { venue, account }: { readonly venue: Venue; readonly account: Hex }): Promise<Book> {
  const { chainId, address, limitBook } = venue
  const call = { abi: limitBookAbi, target: limitBook }
  const query = Query.all([
    Query.call({ ...call, functionName: 'epoch', args: [] }),
    Query.call({ ...call, functionName: 'paused', args: [] }),
    Query.call({ ...call, functionName: 'lastMarkDownOf', args: [account, address] }),
    Query.call({ ...call, functionName: 'creditOf', args: [account, address] }),
  ])
  const { pinned, value } = await Query.fetch({ reader: Reads.readerOf(readers, chainId), at: 'final', query })
  const [epoch, paused, last, credit] = value
  const at = (functionName: string) => ({ abi: limitBookAbi, chainId, address: limitBook, functionName })
  const [sequence] = Contract.answer(last, at('lastMarkDownOf'))
  return {
    epoch: Contract.answer(epoch, at('epoch')),
    paused: Contract.answer(paused, at('paused')),
    credit: Contract.answer(credit, at('creditOf')),
    ...{ sequence, headTime: pinned.head.timestamp },
  }
}

type Credit = { readonly holder: Hex; readonly at: Venue; readonly credit: bigint; readonly blockTime: number }

/** What a venue's book holds for each of the holders. */
async function readCredits(
  { readers }: Signer,
  { venue, holders }: { readonly venue: Venue; readonly holders: readonly Hex[] },
): Promise<readonly Credit[]> {
  const { chainId, address, limitBook } = venue
  const functionName = 'creditOf'
  const query = Query.all<readonly Query.Outcome<bigint>[]>(
    holders.map((holder) => Query.call({ abi: limitBookAbi, target: limitBook, functionName, args: [holder, address] })),
  )
  const { pinned, value } = await Query.fetch({ reader: Reads.readerOf(readers, chainId), at: 'final', query })
  return holders.map((holder, index) => ({
    ...{ holder, at: venue },
    credit: Contract.answer(value[index] ?? { status: 'malformed' }, { abi: limitBookAbi, chainId, address: limitBook, functionName }),
    blockTime: pinned.block.timestamp,
  }))
}
