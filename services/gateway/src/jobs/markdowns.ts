/** Credit that fell below what is bound: what the venues' books hold of it is lowered, by an order that rests on what the rest is worth. */
import { Gather, type Snapshot } from '@plimsoll/api'
import { Contract, Query, type Quorum } from '@plimsoll/chain'
import { Hash, limitBookAbi, MarkDown } from '@plimsoll/contracts'
import { Fixed, type Inputs } from '@plimsoll/margin'
import { Book, type Database, Ledger, MarkDowns } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type { Attester } from '../signer.ts'
import type { Relay } from './relay.ts'

type Hex = `0x${string}`

/** A book takes no credit below what it computes at its own prices, which may have moved since: so much is left above. ppm. */
const clearancePpm = 2_000
/** A difference below this is not worth an order. ppm of what the book holds. */
const leastPpm = 5_000
/** So many lots fit one order's evidence. */
const maxLots = 32

/**
 * Follows the mark-downs of one venue, and orders those that are due: of participants on margin call, on views that are whole.
 *
 * @returns what stands in the way, in words.
 */
export async function run(args: run.Args): Promise<readonly string[]> {
  const { database, reader, venue, snapshot, signer, relay } = args
  const pending = await MarkDowns.pending(database, venue)
  const book = await Ledger.snapshot(database)
  const due = dueAt({ book, venue, snapshot })
  const accounts = [...new Set([...pending, ...due].map(({ account }) => account))]
  if (accounts.length === 0) return []

  const { pinned, accepted } = await sequencesOf({ reader, venue, accounts })
  const { ttlSeconds } = snapshot.params
  await MarkDowns.conclude(database, { venue, block: pinned.block, ttlSeconds, accepted })
  if (relay !== null)
    for (const { document, signatures } of await MarkDowns.pending(database, venue)) {
      const { message, evidence } = fromText(document)
      const call = { address: venue.limitBook, abi: limitBookAbi, functionName: 'markDown', args: [message, evidence, signatures] }
      await relay.post(venue.chainId, call)
    }

  const epoch = snapshot.venues.get(`eip155:${venue.chainId}:${venue.address}`)?.epoch ?? null
  if (due.length > 0 && (signer === null || epoch === null))
    return [
      `${due.length} credits at ${venue.name} are to be marked down, and ${signer === null ? 'no key for that is held here' : 'its book cannot be read'}`,
    ]
  if (signer === null || epoch === null) return []
  for (const { participantId, account, credit, evidence } of due) {
    const last = accepted.find((it) => it.account === account)?.sequence ?? 0n
    // The order is as old as the views that it rests on: now, by the chain that takes it.
    const issuedAt = pinned.head.timestamp
    await MarkDowns.order(database, { participantId, account, venue, credit, accepted: last, issuedAt }, async ({ sequence }) => {
      const message: MarkDown.MarkDown = {
        ...{ account, venue: venue.address, credit, sequence, epoch, inputsHash: MarkDown.hashOf(evidence), issuedAt: BigInt(issuedAt) },
      }
      const digest = MarkDown.digest(message, { chainId: venue.chainId, verifyingContract: venue.limitBook })
      return { document: toText({ message, evidence }), signatures: await signer.sign({ digest }) }
    })
  }
  return []
}

export declare namespace run {
  type Args = {
    readonly database: Database.Database
    readonly reader: Quorum.Reader
    readonly venue: Config['venues'][number]
    readonly snapshot: Snapshot.Snapshot
    /** The keys that sign certificates; null where none is held here. */
    readonly signer: Attester | null
    readonly relay: Relay | null
  }
}

type Due = { readonly participantId: Hex; readonly account: Hex; readonly credit: bigint; readonly evidence: MarkDown.Evidence }

/** Whose credit at the venue is to be lowered, and to what. */
export function dueAt(args: {
  readonly book: Book.Book
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly snapshot: Snapshot.Snapshot
}): readonly Due[] {
  const { book, venue, snapshot } = args
  return [...book.participants].flatMap(([participantId, participant]) => {
    const view = snapshot.views.get(participantId)
    // On a view of which a part is missing a credit would be lowered on doubt.
    if (!participant.marginCall || view === undefined || view.missing.length > 0) return []
    const bound = Book.encumbered(book, participantId)
    return [...participant.keys.values()].flatMap(({ account, chainId, venue: at, encumbrance, bookCredit }) => {
      if (chainId !== venue.chainId || at !== venue.address || bookCredit === 0n || bound === 0n) return []
      const { lots } = Gather.viewOf(snapshot, participantId)
      const evidence = evidenceOf(lots, Number(Fixed.mulDiv(encumbrance, 1_000_000n, bound, 'up')))
      if (evidence === null) return []
      const credit = Fixed.ofPpm(worthOf(lots, evidence.sharePpm), 1_000_000 + clearancePpm, 'up')
      return credit < Fixed.ofPpm(bookCredit, 1_000_000 - leastPpm, 'down') ? [{ participantId, account, credit, evidence }] : []
    })
  })
}

/**
 * What the mark-down stands on; null where there are more lots than fit, or one counts nothing because its asset has no forecast: leaving
 * either out would lower the credit on what is not known.
 */
function evidenceOf(lots: readonly Inputs.Lot[], sharePpm: number): MarkDown.Evidence | null {
  const counted = lots.filter(isCounted)
  if (counted.length > maxLots || counted.some((lot) => haircutOf(lot) >= 1_000_000)) return null
  return {
    lots: counted.map((lot) => ({ asset: Hash.ofText(lot.asset), amount: lot.amount - lot.pendingOut, haircutPpm: haircutOf(lot) })),
    sharePpm: Math.min(sharePpm, 1_000_000),
  }
}

/** What the book's own floor will be at our prices, step by step as it is computed there. USD. */
function worthOf(lots: readonly Inputs.Lot[], sharePpm: number): bigint {
  const worth = lots.filter(isCounted).reduce((sum, lot) => {
    const value = Fixed.mulDiv(lot.amount - lot.pendingOut, lot.price.value, 10n ** BigInt(lot.decimals), 'down')
    return sum + Fixed.ofPpm(value, 1_000_000 - haircutOf(lot), 'down')
  }, 0n)
  return Fixed.ofPpm(worth, Math.min(sharePpm, 1_000_000), 'down')
}

const isCounted = (lot: Inputs.Lot) => lot.custody !== 'OBSERVED' && lot.amount > lot.pendingOut

/** All haircuts together, rounded down: a mark-down goes no lower than is certain. */
function haircutOf({ haircuts }: Inputs.Lot): number {
  const { assetPpm, bridgePpm, venuePpm, agePpm } = haircuts
  const kept = [assetPpm, bridgePpm, venuePpm, agePpm].reduce(
    (all, ppm) => Fixed.mulDiv(all, BigInt(1_000_000 - ppm), 1_000_000n, 'up'),
    1_000_000n,
  )
  return 1_000_000 - Number(kept)
}

/** The last sequence that the book accepted of each account at the venue, at a final block. */
async function sequencesOf(args: {
  readonly reader: Quorum.Reader
  readonly venue: Config['venues'][number]
  readonly accounts: readonly Hex[]
}): Promise<{ readonly pinned: Quorum.Pinned; readonly accepted: readonly { readonly account: Hex; readonly sequence: bigint }[] }> {
  const { reader, venue, accounts } = args
  const functionName = 'lastMarkDownOf'
  const query = Query.all<readonly Query.Outcome<readonly [bigint, bigint]>[]>(
    accounts.map((account) => Query.call({ abi: limitBookAbi, target: venue.limitBook, functionName, args: [account, venue.address] })),
  )
  const { pinned, value } = await Query.fetch({ reader, at: 'final', query })
  const read = { abi: limitBookAbi, chainId: venue.chainId, address: venue.limitBook, functionName }
  const accepted = accounts.map((account, index) => {
    const [sequence] = Contract.answer(value[index] ?? { status: 'malformed' }, read)
    return { account, sequence }
  })
  return { pinned, accepted }
}

type Signed = { readonly message: MarkDown.MarkDown; readonly evidence: MarkDown.Evidence }

function toText({ message, evidence }: Signed): string {
  const lots = evidence.lots.map((lot) => ({ ...lot, amount: `${lot.amount}` }))
  return JSON.stringify({ message: MarkDown.toMessage(message), evidence: { ...evidence, lots } })
}

function fromText(text: string): Signed {
  const { message, evidence } = JSON.parse(text) as {
    readonly message: unknown
    readonly evidence: {
      readonly lots: readonly { readonly asset: Hex; readonly amount: string; readonly haircutPpm: number }[]
      readonly sharePpm: number
    }
  }
  const lots = evidence.lots.map((lot) => ({ ...lot, amount: BigInt(lot.amount) }))
  return { message: MarkDown.fromMessage(message), evidence: { ...evidence, lots } }
}
