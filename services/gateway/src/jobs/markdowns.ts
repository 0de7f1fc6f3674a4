/** Credit that fell below what is bound: what the venues' books hold of it is lowered, by an order that rests on what the rest is worth. */
import { Gather, type Snapshot } from '@plimsoll/api'
import { Contract, Book as LimitBook, Query, type Quorum, Signer } from '@plimsoll/chain'
import { Hash, limitBookAbi, MarkDown } from '@plimsoll/contracts'
import { Fixed, type Inputs, Lowering } from '@plimsoll/margin'
import { Book, Certificates, type Database, Leases, Ledger, MarkDowns, Settlements } from '@plimsoll/store'
import type { Config } from '../config.ts'
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
  const { database, reader, venue, snapshot, signer, relay, holdersOf, asked } = args
  const pending = await MarkDowns.pending(database, venue)
  const book = await Ledger.snapshot(database)
  const rests = signer.kind === 'quorum' ? 'checked' : 'forecast'
  const given = { claimed: await Settlements.claimed(database), asked: asked.least() }
  const wanted = dueAt({ book, venue, snapshot, rests, ...given, most: new Map() })
  const accounts = [...new Set([...pending, ...wanted].map(({ account }) => account))]
  if (accounts.length === 0 && !asked.forget(venue, 0)) return []

  const { pinned, accepted } = await sequencesOf({ reader, venue, accounts })
  asked.forget(venue, pinned.block.timestamp)
  const { ttlSeconds } = snapshot.params
  await MarkDowns.conclude(database, { venue, block: pinned.block, ttlSeconds, accepted })
  if (relay !== null)
    for (const { document, signatures } of await MarkDowns.pending(database, venue)) {
      const { message, evidence } = fromText(document)
      const call = { address: venue.limitBook, abi: limitBookAbi, functionName: 'markDown', args: [message, evidence, signatures] }
      await relay.post(venue.chainId, call)
    }

  const epoch = snapshot.venues.get(`eip155:${venue.chainId}:${venue.address}`)?.epoch ?? null
  if (epoch === null)
    return wanted.length === 0 ? [] : [`${wanted.length} credits at ${venue.name} are to be marked down, and its book cannot be read`]
  const faults: string[] = []
  const { unpriced, most } = await takenBy({ reader, venue, due: wanted })
  const due = dueAt({ book, venue, snapshot, rests, ...given, most })
  for (const { participantId, account, credit, evidence: whole } of turned(due, pinned.head.timestamp)) {
    // The book refuses an order that names what it cannot value; the credit counts it all the same.
    const evidence = { ...whole, lots: whole.lots.filter(({ asset }) => !unpriced.has(asset)) }
    const last = accepted.find((it) => it.account === account)?.sequence ?? 0n
    // The order is as old as the views that it rests on: now, by the chain that takes it.
    const issuedAt = pinned.head.timestamp
    const documents = rests === 'checked' ? await Certificates.behind(database, { account, venue }) : []
    // One that fails is said, and keeps nobody else from his.
    try {
      await MarkDowns.order(database, { participantId, account, venue, credit, accepted: last, issuedAt }, async ({ sequence }) => {
        const message: MarkDown.MarkDown = {
          ...{ account, venue: venue.address, credit, sequence, epoch, inputsHash: MarkDown.hashOf(evidence), issuedAt: BigInt(issuedAt) },
        }
        const { chainId, limitBook } = venue
        if (rests === 'checked') asked.note({ account, venue }, { credit, until: issuedAt + Lowering.longestLifeSeconds })
        const digest = MarkDown.digest(message, { chainId, verifyingContract: limitBook })
        const request = { digest, chainId, limitBook, markDown: message, evidence, documents, holders: holdersOf(participantId) }
        return { document: toText({ message, evidence }), signatures: await signer.sign(request) }
      })
    } catch (error) {
      if (error instanceof Leases.LeaseLostError) throw error
      faults.push(`credit of ${account} at ${venue.name}: ${whyOf(error)}`)
      // Nobody answers: each further one would wait for nothing, and keep what comes after from its turn.
      if (error instanceof Signer.UnavailableError && error.failures.every(({ why }) => why !== 'refused' && why !== 'unable')) break
    }
  }
  return faults
}

/** From another one on each second, so that one over whom everything stops does not keep the same others waiting for ever. */
function turned<one>(all: readonly one[], at: number): readonly one[] {
  const first = all.length === 0 ? 0 : at % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/** With what each signer said, where signers did not sign. */
function whyOf(error: unknown): string {
  if (error instanceof Signer.DisagreeError || error instanceof Signer.UnavailableError)
    return `${error.code}: ${error.failures.map(({ signer, why, detail }) => `${signer} (${why}): ${detail}`).join('; ')}`
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

export declare namespace run {
  type Args = {
    readonly database: Database.Database
    readonly reader: Quorum.Reader
    readonly venue: Config['venues'][number]
    readonly snapshot: Snapshot.Snapshot
    readonly signer: Signer.Signer<Signer.MarkDownRequest>
    readonly relay: Relay | null
    /** A participant's accounts, lower case, each once. */
    readonly holdersOf: (participantId: Hex) => readonly Hex[]
    readonly asked: Asked
  }
}

type At = { readonly chainId: number; readonly address: Hex }

/** What signers were asked to lower each key to: some may have signed, and count it as taken until a final block is past its life. */
export type Asked = {
  readonly note: (key: { readonly account: Hex; readonly venue: At }, order: { readonly credit: bigint; readonly until: number }) => void
  /** By key, the least of what was asked. USD. */
  readonly least: () => ReadonlyMap<string, bigint>
  /** Forgets what no block after this one takes. @returns whether anything is left. */
  readonly forget: (venue: At, blockTime: number) => boolean
}

export function asked(): Asked {
  const orders = new Map<string, readonly { readonly venue: At; readonly credit: bigint; readonly until: number }[]>()
  return {
    note: (key, order) => {
      const id = Book.keyId(key)
      const lower = (orders.get(id) ?? []).filter(({ credit, until }) => credit < order.credit || until > order.until)
      orders.set(id, [...lower, { ...order, venue: key.venue }])
    },
    least: () => new Map([...orders].map(([id, all]) => [id, all.map(({ credit }) => credit).reduce(Fixed.min)])),
    forget: ({ chainId, address }, blockTime) => {
      const isThere = ({ venue }: { readonly venue: At }) => venue.chainId === chainId && venue.address === address
      for (const [id, all] of orders) {
        const live = all.filter((it) => !isThere(it) || it.until >= blockTime)
        if (live.length === 0) orders.delete(id)
        else orders.set(id, live)
      }
      return [...orders.values()].some((all) => all.some(isThere))
    },
  }
}

type Due = { readonly participantId: Hex; readonly account: Hex; readonly credit: bigint; readonly evidence: MarkDown.Evidence }

/**
 * Whose credit at the venue is to be lowered, and to what.
 *
 * Source: docs/method/limit.md, eq. (16) to (18).
 *
 * It rests on what the final blocks hold: a single source's word that collateral has left is enough to lend no more on it, and no reason to
 * liquidate anybody. What really left is gone there too a finality later, and an escape's delay is longer.
 */
export function dueAt(args: {
  readonly book: Book.Book
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly snapshot: Snapshot.Snapshot
  /** By key, what was claimed and has not arrived at its venue yet. USD. */
  readonly claimed: ReadonlyMap<string, bigint>
  /** By key, what signers may count as lowered to already. USD. */
  readonly asked: ReadonlyMap<string, bigint>
  /**
   * What the order may rest on. `checked`: what each signer can find by itself, which is configured haircuts, and no less credit than is
   * certain to whoever does not know what is bound elsewhere.
   */
  readonly rests: 'forecast' | 'checked'
  /** By the hash of an asset, the most that the book lets a line take off; a forecast may take more. ppm. */
  readonly most: ReadonlyMap<Hex, number>
}): readonly Due[] {
  const { book, venue, snapshot, claimed, asked, rests, most } = args
  return [...book.participants].flatMap(([participantId, participant]) => {
    const view = snapshot.firm.get(participantId)
    // On a view of which a part is missing a credit would be lowered on doubt.
    if (!participant.marginCall || view === undefined || view.missing.length > 0) return []
    const keys = [...participant.keys].map(([id, key]) => ({
      ...standOf(key, claimed),
      counts: Fixed.min(key.bookCredit, asked.get(id) ?? key.bookCredit),
    }))
    const bound = keys.reduce((sum, { stands }) => sum + stands, 0n)
    const held = keys.reduce((sum, { counts }) => sum + counts, 0n)
    // What an operator lets count nothing counts nothing here too; what a lack of forecasts does is another matter: see `partsOf`.
    const isCounting = (lot: Inputs.Lot) => Lowering.haircut(lot) < 1_000_000
    const counting = view.lots.filter(isCounting)
    // Signers are told of all that they find at these addresses: else a grain there, which anybody may lock for them, stops every order.
    const certain = rests === 'checked' ? [...counting, ...view.beside.filter(isCounting)] : Gather.cut(snapshot, counting)
    // What is in doubt counts at the most that it may be worth.
    const lots = [...certain, ...view.doubts]
    const parts = partsOf(lots, most)
    return keys.flatMap(({ account, chainId, venue: at, bookCredit, counts, stands, underWay }) => {
      if (chainId !== venue.chainId || at !== venue.address || bookCredit === 0n || bound === 0n) return []
      if (parts.length > maxLots) return []
      const sharePpm = Number(Fixed.mulDiv(stands, 1_000_000n, bound, 'up'))
      const evidence = { lots: parts.map(({ asset, amount, haircutPpm }) => ({ asset, amount, haircutPpm })), sharePpm }
      const above = (usd: bigint) => Fixed.ofPpm(usd, 1_000_000 + clearancePpm, 'up')
      const share = underWay + above(worthOf(parts, sharePpm))
      const left = above(Lowering.least({ own: lots, elsewhere: 0n })) - (held - counts)
      const credit = rests === 'checked' ? Fixed.max(share, left) : share
      return credit < Fixed.ofPpm(bookCredit, 1_000_000 - leastPpm, 'down') ? [{ participantId, account, credit, evidence }] : []
    })
  })
}

/**
 * What of a key stands on what is locked: no more than the venue may claim, since what was lost beyond it is the venue's own, and not what it has
 * claimed already, for which collateral is reserved or has left.
 */
function standOf(key: Book.Key, claimed: ReadonlyMap<string, bigint>) {
  const { account, chainId, venue, encumbrance, certificateCredit, bookCredit } = key
  const underWay = claimed.get(Book.keyId({ account, venue: { chainId, address: venue } })) ?? 0n
  const most = Fixed.min(encumbrance, Fixed.max(certificateCredit, bookCredit))
  return { ...key, underWay, stands: Fixed.max(0n, most - underWay) }
}

/** A line of the evidence, and what its asset costs here. */
type Part = MarkDown.Evidence['lots'][number] & { readonly price: bigint; readonly unit: bigint }

/**
 * What the mark-down stands on. Lots that are alike are one line: into however many pieces somebody cuts what he has, it fits. What counts
 * nothing for want of a forecast counts whole: to leave it out would lower the credit on what is not known, and to order nothing would make
 * whoever holds a grain of it safe. Nor do grains in many vaults: where there are more lines than a book takes, an asset is one.
 */
function partsOf(lots: readonly Inputs.Lot[], most: ReadonlyMap<Hex, number>): readonly Part[] {
  const counted = lots.filter(Lowering.isCounted)
  const cutOf = (lot: Inputs.Lot) => Math.min(haircutOf(lot), most.get(Hash.ofText(lot.asset)) ?? 1_000_000)
  const linesBy = (kindOf: (lot: Inputs.Lot) => string) => linesOf({ lots: counted, kindOf, cutOf })
  const parts = linesBy((lot) => `${cutOf(lot)}|${lot.decimals}|${lot.price.value}|${lot.asset}`)
  return parts.length > maxLots ? linesBy(({ asset }) => asset) : parts
}

/** A line for each kind: where its lots are not alike, at what leaves most of the credit. */
function linesOf(args: {
  readonly lots: readonly Inputs.Lot[]
  readonly kindOf: (lot: Inputs.Lot) => string
  readonly cutOf: (lot: Inputs.Lot) => number
}): readonly Part[] {
  const { lots, kindOf, cutOf } = args
  return [...Map.groupBy(lots, kindOf).values()].flatMap((same) => {
    const [lot] = same
    if (lot === undefined) return []
    const amount = same.reduce((sum, it) => sum + it.amount - it.pendingOut, 0n)
    const haircutPpm = Math.min(...same.map(cutOf))
    const price = same.map((it) => it.price.value).reduce(Fixed.max)
    return [
      // An asset has the same decimals wherever it is: the deployment is refused else.
      { asset: Hash.ofText(lot.asset), amount, haircutPpm, price, unit: 10n ** BigInt(lot.decimals) },
    ]
  })
}

/** What the book's own floor will be at our prices, step by step as it is computed there. USD. */
function worthOf(parts: readonly Part[], sharePpm: number): bigint {
  const worth = parts.reduce(
    (sum, { amount, price, unit, haircutPpm }) =>
      sum + Fixed.ofPpm(Fixed.mulDiv(amount, price, unit, 'down'), 1_000_000 - haircutPpm, 'down'),
    0n,
  )
  return Fixed.ofPpm(worth, sharePpm, 'down')
}

/** All haircuts together; none where they leave nothing. */
function haircutOf(lot: Inputs.Lot): number {
  const ppm = Lowering.haircut(lot)
  return ppm === 1_000_000 ? 0 : ppm
}

/** Of the assets that the orders due name, those that the book cannot value at the head, where it will be asked, and the most it lets be taken off. */
async function takenBy(args: {
  readonly reader: Quorum.Reader
  readonly venue: Config['venues'][number]
  readonly due: readonly Due[]
}): Promise<{ readonly unpriced: ReadonlySet<Hex>; readonly most: ReadonlyMap<Hex, number> }> {
  const { reader, venue, due } = args
  const assets = [...new Set(due.flatMap(({ evidence }) => evidence.lots.map(({ asset }) => asset)))]
  if (assets.length === 0) return { unpriced: new Set(), most: new Map() }
  const { chainId, limitBook } = venue
  const query = Query.all([LimitBook.unpriced({ limitBook, assets }), LimitBook.haircuts({ chainId, limitBook, assets })])
  const [unpriced, haircuts] = (await Query.fetch({ reader, at: 'head', query })).value
  const most = assets.flatMap((asset, index) => {
    const ppm = haircuts[index] ?? null
    return ppm === null ? [] : [[asset, ppm] as const]
  })
  return { unpriced: new Set(unpriced), most: new Map(most) }
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
