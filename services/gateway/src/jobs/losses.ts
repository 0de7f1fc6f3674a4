/**
 * Losses at venues, paid from collateral elsewhere: each is claimed once, posted, and followed to its end.
 *
 * Every step is a row of the ledger before it is a transaction of a chain, and every transaction is one that its contract takes once. So
 * a process that dies at any point goes on where it was, and two of them do nothing twice: only the holder of the lease writes.
 */
import { Gather, type Snapshot } from '@plimsoll/api'
import { Jitter, Orders, type Quorum, type Signer } from '@plimsoll/chain'
import { collateralVaultAbi, Hash, Settlement } from '@plimsoll/contracts'
import { Fixed, Holding, type Inputs } from '@plimsoll/margin'
import { Book, type Database, Leases, Ledger, Releases, Settlements } from '@plimsoll/store'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import * as Rounds from '../rounds.ts'
import type { Attester } from '../signer.ts'
import type { State } from '../state.ts'
import * as MarkDownsDue from './markdowns.ts'
import type { Relay } from './relay.ts'
import type { Shares } from './shares.ts'

type Hex = `0x${string}`
type Vault = Config['vaults'][number]
type Venue = Config['venues'][number]

export type Losses = {
  /** What stands in the way of a claim, in words. */
  readonly faults: () => readonly string[]
  readonly round: () => Promise<void>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const intervalMs = 2_000
/** A smaller loss waits: its claim would cost more than it brings. */
const leastUsd = Fixed.one
/** How long an order may be taken by its vault. Seconds. */
const orderSeconds = 1_800

/** Opens the job; nothing is done before the first round. */
export function open(args: open.Args): Losses {
  const { config, shares, state, settler, signer, log } = args
  const scanned = new Map<string, { next: bigint; readonly covers: Orders.Cover[] }>()
  const asked = MarkDownsDue.asked()
  let faults: readonly string[] = []

  async function work(): Promise<readonly string[]> {
    const fenced = shares.job('losses')
    if (fenced === null) return []
    const relay = args.relay === null ? null : postingFrom(fenced, args.relay)
    const found: string[] = []
    const attempt = async <T>(what: string, step: () => Promise<T>): Promise<T | null> => {
      try {
        return await step()
      } catch (error) {
        if (error instanceof Leases.LeaseLostError) throw error
        found.push(`${what}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`)
        return null
      }
    }
    const heads = new Map<string, Orders.Orders>()
    for (const vault of config.vaults) {
      const reader = readerOf(state, vault.chainId)
      const head = await attempt(`orders of the vault on chain ${vault.chainId}`, () => follow({ database: fenced, reader, vault, relay }))
      if (head !== null) heads.set(placeOf(vault), head)
    }
    for (const venue of config.venues) await attempt(`covered losses of ${venue.name}`, () => note(fenced, venue))
    const claimed = settler === null ? null : await attempt('claims', () => claim({ config, database: fenced, state, settler, heads }))
    const lowered: string[] = []
    for (const venue of config.venues) {
      const reader = readerOf(state, venue.chainId)
      const holdersOf = (participantId: Hex) => [...new Set(state.accounts(participantId).map(({ address }) => address))]
      const given = { database: fenced, reader, venue, signer, relay, holdersOf, asked }
      const said = await attempt(`mark-downs at ${venue.name}`, () => MarkDownsDue.run({ ...given, snapshot: state.snapshot() }))
      lowered.push(...(said ?? []))
    }
    return [...found, ...(claimed ?? []), ...lowered]
  }

  /** Payments that arrived at a venue, read once each and noted when the ledger knows what they are for. */
  async function note(fenced: Database.Database, venue: Venue): Promise<void> {
    const known = scanned.get(placeOf(venue)) ?? { next: venue.fromBlock, covers: [] }
    scanned.set(placeOf(venue), known)
    const reader = readerOf(state, venue.chainId)
    const read = await Orders.fetchCovers({ reader, venue: venue.address, from: known.next })
    known.covers.push(...read.covers)
    known.next = read.next
    const brought = (await Settlements.uncovered(fenced, venue)).flatMap((waiting) => {
      const covers = known.covers.filter((it) => it.source === waiting.settlementId && it.account === waiting.account)
      return covers.length === 0 ? [] : [{ ...waiting, covers }]
    })
    if (brought.length === 0) return
    const { participants } = await Ledger.snapshot(fenced)
    const keys = new Map([...participants.values()].flatMap((participant) => [...participant.keys]))
    for (const { settlementId, account, credit, covers } of brought) {
      const number = Settlements.arrivedAt({ covers, credit, key: keys.get(Book.keyId({ account, venue })) ?? null })
      if (number !== null) await Ledger.cover(fenced, { venue, block: { number }, settlementIds: [settlementId] })
    }
  }

  const attempt = async (): Promise<void> => {
    try {
      faults = await work()
    } catch (error) {
      faults = [`losses: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`]
      log.warn({ err: error }, 'losses could not be followed')
    }
  }
  const { round, start, stop } = Rounds.of({ work: attempt, pauseMs: () => Jitter.around({ ms: intervalMs, random: Math.random }) })
  return { faults: () => faults, round, start, stop }
}

export declare namespace open {
  type Args = {
    readonly config: Config
    readonly shares: Pick<Shares, 'job'>
    readonly state: Pick<State, 'readers' | 'snapshot' | 'accounts'>
    /** The keys that sign settlements; null where none is held here. */
    readonly settler: Attester | null
    /** Who signs mark-downs. */
    readonly signer: Signer.Signer<Signer.MarkDownRequest>
    /** Posts what is signed; null leaves that to whoever reads the orders. */
    readonly relay: Relay | null
    readonly log: Logger
  }
}

/** Ends what a final block shows to have ended, and takes the next step of what has not. @returns the vault at the head. */
async function follow(args: {
  readonly database: Database.Database
  readonly reader: Quorum.Reader
  readonly vault: Vault
  readonly relay: Relay | null
}): Promise<Orders.Orders> {
  const { database, reader, vault, relay } = args
  const { chainId, address } = vault
  const settlements = await Settlements.pending(database, { chainId, vault: address })
  const releases = await Releases.pending(database, { chainId, vault: address })
  const asked = { reader, vault: address, settlements: settlements.map(({ settlementId }) => settlementId) }
  if (settlements.length + releases.length > 0) {
    const final = await Orders.fetch({ ...asked, releases: releases.map(({ releaseId }) => releaseId), at: 'final' })
    const { number, timestamp } = final.pinned.block
    const block = { number, timestamp }
    if (settlements.length > 0) await Ledger.conclude(database, { chainId, vault: address, block, settlements: final.settlements })
    if (releases.length > 0) await Ledger.settle(database, { chainId, vault: address, block, releases: final.releases })
  }
  const head = await Orders.fetch({ ...asked, releases: [], at: 'head' })
  const now = head.pinned.block.timestamp
  for (const [index, { settlementId, deadline, document, signatures }] of settlements.entries()) {
    const seen = head.settlements[index]
    const step = seen === undefined ? null : stepOf({ seen, deadline, now, paused: head.paused })
    if (relay === null || step === null || (step === 'queueSettlement' && document === null)) continue
    const order = step === 'queueSettlement' ? [Settlement.fromMessage(JSON.parse(document ?? '')), signatures] : [settlementId]
    await relay.post(chainId, { address, abi: collateralVaultAbi, functionName: step, args: order })
  }
  return head
}

/** What may be done with an order now: its challenge window is waited for, and what the guardian vetoed has ended. */
export function stepOf(args: {
  readonly seen: Orders.Claim
  readonly deadline: number
  readonly now: number
  readonly paused: boolean
}): 'queueSettlement' | 'paySettlement' | 'lapseSettlement' | null {
  const { seen, deadline, now, paused } = args
  if (seen.fate === 'unknown') return now <= deadline && !paused ? 'queueSettlement' : null
  if (seen.fate !== 'queued' || now < seen.readyAt) return null
  return now < seen.lapsesAt ? 'paySettlement' : 'lapseSettlement'
}

/** Claims what accounts without a position owe at their venues, as far as it was bound there. @returns what stands in the way. */
export async function claim(args: {
  readonly config: Config
  readonly database: Database.Database
  readonly state: Pick<State, 'snapshot'>
  readonly settler: Attester
  readonly heads: ReadonlyMap<string, Orders.Orders>
}): Promise<readonly string[]> {
  const { config, database, state, settler, heads } = args
  const snapshot = state.snapshot()
  const book = await Ledger.snapshot(database)
  const faults: string[] = []
  for (const [participantId, { keys }] of book.participants)
    for (const key of keys.values()) {
      const venue = config.venues.find(({ chainId, address }) => chainId === key.chainId && address === key.venue)
      if (venue === undefined || key.fees < leastUsd || ![...key.positions.values()].every(({ side }) => side === 'flat')) continue
      // One that fails is said, and keeps nobody else from his.
      try {
        const veto = await claimOne({ snapshot, database, settler, heads, participantId, key, venue })
        if (veto !== null) faults.push(`loss of ${key.account} at ${venue.name}: settlement ${veto} was vetoed; a person has to look at it`)
      } catch (error) {
        if (error instanceof Leases.LeaseLostError) throw error
        faults.push(
          `loss of ${key.account} at ${venue.name}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`,
        )
      }
    }
  return faults
}

/** Claims one account's loss, lot by lot. @returns the settlement whose veto stands in the way; null where none does. */
async function claimOne(args: {
  readonly snapshot: Snapshot.Snapshot
  readonly database: Database.Database
  readonly settler: Attester
  readonly heads: ReadonlyMap<string, Orders.Orders>
  readonly participantId: Hex
  readonly key: Book.Key
  readonly venue: Venue
}): Promise<Hex | null> {
  const { snapshot, database, settler, heads, participantId, key, venue } = args
  const subject = { participantId, account: key.account, venue: { chainId: key.chainId, address: key.venue } }
  const [veto] = await Settlements.vetoes(database, subject)
  if (veto !== undefined) return veto
  const held = await Settlements.claimable(database, subject)
  const whole = Fixed.min(key.fees - held.claimed, held.claimable)
  let want = whole
  for (const lot of lotsFor(snapshot, { participantId, venue })) {
    if (want < leastUsd) break
    const head = heads.get(`${lot.chainId}|${lot.venue}`)
    const escrow = venue.escrows.find(({ chainId }) => chainId === lot.chainId)?.address
    if (head === undefined || escrow === undefined) continue
    const claimed = held.claimed + whole - want
    want -= await order({ database, settler, key, subject, lot, escrow, head, want, claimed, encumbrance: held.encumbrance })
  }
  return null
}

/** The lots that the venue may claim, those that lose least when they are sold first, each with what may be claimed of it. */
function lotsFor(snapshot: Snapshot.Snapshot, of: { readonly participantId: Hex; readonly venue: Venue }): readonly Inputs.Lot[] {
  const id = `eip155:${of.venue.chainId}:${of.venue.address}`
  const lots = snapshot.views.get(of.participantId)?.lots ?? []
  return lots
    .flatMap((lot) => {
      const amount = Fixed.min(lot.amount - lot.pendingOut, snapshot.claims.get(Gather.claimKey(lot.lotId, { id })) ?? 0n)
      return lot.custody === 'LOCKED' && amount > 0n && lot.price.value > 0n ? [{ ...lot, amount, pendingOut: 0n }] : []
    })
    .sort((a, b) => a.haircuts.assetPpm - b.haircuts.assetPpm || (a.lotId < b.lotId ? -1 : 1))
}

/** Orders one settlement of at most `want` from one lot. @returns what it claims. USD. */
async function order(args: {
  readonly database: Database.Database
  readonly settler: Attester
  readonly key: Book.Key
  readonly subject: Settlements.claimable.Arguments
  readonly lot: Inputs.Lot
  readonly escrow: Hex
  readonly head: Orders.Orders
  readonly want: bigint
  /** What was claimed when that was found. */
  readonly claimed: bigint
  readonly encumbrance: bigint
}): Promise<bigint> {
  const { database, settler, key, subject, lot, escrow, head, want } = args
  const unit = 10n ** BigInt(lot.decimals)
  const tokens = (usd: bigint) => Fixed.mulDiv(usd, unit, lot.price.value, 'down')
  const amount = Fixed.min(lot.amount, tokens(want))
  if (amount === 0n) return 0n
  const credit = Holding.value({ amount, decimals: lot.decimals, price: lot.price.value }, Holding.uncut, 'up')
  const { chainId, venue: vault } = lot as Inputs.Lot & { readonly venue: Hex }
  const readAt = [...key.positions.values()].reduce((latest, { block }) => (block.number > latest ? block.number : latest), 0n)
  const now = Math.max(head.pinned.block.timestamp, await database.now())
  const message: Settlement.Settlement = {
    // One loss at one block is one claim on one lot, whoever finds it.
    id: Hash.ofText(JSON.stringify(['settlement', key.chainId, key.venue, key.account, lot.lotId, `${readAt}`])),
    ...{ account: lot.holder, token: lot.token, amount, venueChainId: BigInt(key.chainId), venue: key.venue, escrow },
    ...{ encumbrance: tokens(args.encumbrance), deadline: BigInt(now + orderSeconds), epoch: head.epoch },
  }
  const digest = Settlement.digest(message, { chainId, verifyingContract: vault })
  const ordered = await Ledger.order(
    database,
    {
      ...{ ...subject, settlementId: message.id, chainId, vault, credit, deadline: Number(message.deadline), bodyHash: digest },
      document: JSON.stringify(Settlement.toMessage(message)),
    },
    // What somebody else claimed meanwhile is for the next round to see.
    async ({ claimed }) =>
      claimed === args.claimed ? { status: 'order', signatures: await settler.sign({ digest }) } : { status: 'refuse' },
  ).catch((error: unknown) => {
    // Of this lot something was claimed at this block already: the rest waits until the venue was read again.
    if (error instanceof Settlements.SettlementConflictError) return { status: 'refused' as const }
    throw error
  })
  return ordered.status === 'ordered' ? credit : 0n
}

/** The relay for one that has just seen that the job is still its own: one that was stopped for long posts nothing first. */
function postingFrom(fenced: Database.Database, relay: Relay): Relay {
  return {
    post: async (chainId, call) => {
      await fenced.query('select 1 as ours')
      return relay.post(chainId, call)
    },
  }
}

function readerOf(state: Pick<State, 'readers'>, chainId: number): Quorum.Reader {
  const reader = state.readers.get(chainId)
  if (!reader) throw new RangeError(`Chain ${chainId} has no reader, which the configuration refuses.`)
  return reader
}

const placeOf = ({ chainId, address }: { readonly chainId: number; readonly address: Hex }) => `${chainId}|${address}`
