/** A venue's claim on collateral elsewhere: debited when it is ordered, never above what that venue has bound. */
import { Fixed, type Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import { type Key, keyId, type UnknownParticipantError } from './Book.ts'
import type { Database, Queries } from './Database.ts'
import * as Deadline from './Deadline.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'
import { usd } from './Usd.ts'

type Hex = Inputs.Hex

export type SettlementRequest = {
  /** Of this settlement, on both chains too. */
  readonly settlementId: Hex
  readonly participantId: Hex
  /** Whose collateral, and whose loss. */
  readonly account: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  /** Where it is paid from. */
  readonly chainId: number
  readonly vault: Hex
  /** What leaves, at its price before any haircut, rounded up. USD. */
  readonly credit: bigint
  /** Last second, by the vault's chain, at which the order is taken there. Unix seconds. */
  readonly deadline: number
  /** Of everything that is signed: the same id with another body is refused. */
  readonly bodyHash: Hex
  /** What is signed, as text, for whoever posts it after us. */
  readonly document?: string
}

export type SettlementDecision = { readonly status: 'order'; readonly signatures: readonly Hex[] } | { readonly status: 'refuse' }

export type Ordered =
  | { readonly status: 'ordered'; readonly signatures: readonly Hex[]; readonly replayed: boolean }
  | { readonly status: 'refused' }

/** What is bound for a venue, what of it was claimed and not brought there yet, and what is left to claim. USD. */
export type Claimable = { readonly encumbrance: bigint; readonly claimed: bigint; readonly claimable: bigint }

/**
 * Orders one settlement, once per id: debit and signature commit together.
 *
 * A venue's claim stops at its own encumbrance, `min(enc, C)`, C the greater of the credit its book holds and the greatest credit
 * of its live certificates: what a position lost beyond it is the venue's own. Claims ordered before count until what they paid
 * was brought to the venue. A margin call does not stand in the way: the loss has happened.
 *
 * @param decide - Signs, given what may be claimed. It must not ask the database.
 * @throws {OverClaimError} {SettlementConflictError} {SettlementExpiredError} {Book.UnknownParticipantError}
 */
export async function order(
  database: Database,
  request: SettlementRequest,
  decide: (state: Claimable) => Promise<SettlementDecision>,
): Promise<Ordered> {
  const { settlementId, participantId, chainId, vault, credit, deadline, bodyHash } = request
  const account = lower(request.account)
  const venue = { chainId: request.venue.chainId, address: lower(request.venue.address) }
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const [done] = await queries.query<{ participant_id: Hex; body_hash: Hex; signatures: string }>(
      'select participant_id, body_hash, signatures from settlements where id = $1',
      [settlementId],
    )
    if (done) {
      if (done.body_hash !== bodyHash || done.participant_id !== participantId) throw new SettlementConflictError({ settlementId })
      return { status: 'ordered', signatures: JSON.parse(done.signatures) as Hex[], replayed: true }
    }
    if (deadline <= now) throw new SettlementExpiredError({ settlementId, deadline, now })

    const state = await claimable(queries, { participantId, account, venue })
    if (credit <= 0n || credit > state.claimable) throw new OverClaimError({ ...state, asked: credit })
    const decision = await Deadline.within(database.decideSeconds, decide(state))
    if (decision.status === 'refuse') return { status: 'refused' }
    const { signatures } = decision
    await queries.query(
      `with changed as (update participants set version = version + 1 where id = $2)
       insert into settlements (id, participant_id, account, venue_chain_id, venue, chain_id, vault, body_hash, credit, deadline,
         signatures, created_at, document, status)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'pending')`,
      [
        ...[settlementId, participantId, account, venue.chainId, venue.address, chainId, vault, bodyHash, credit, deadline],
        ...[JSON.stringify(signatures), now, request.document ?? null],
      ],
    )
    const where = { account, venueChainId: venue.chainId, venue: venue.address, chainId, vault }
    const body = { settlementId, ...where, credit: `${credit}`, deadline }
    await Outbox.append(queries, { messages: [{ participantId, kind: 'settlement.ordered', body }], now })
    return { status: 'ordered', signatures, replayed: false }
  })
}

export declare namespace order {
  type ErrorType = OverClaimError | SettlementConflictError | SettlementExpiredError | UnknownParticipantError
}

/**
 * What a venue may claim of a participant's collateral now. Zero where nothing was ever bound.
 *
 * What was paid since the last certificate stays counted against the credit it stood for: a loss beyond that credit is not claimed in
 * pieces, one after the other was covered. Nothing is claimed while the venue was last read before a payment that arrived there.
 */
export async function claimable(queries: Queries, args: claimable.Arguments): Promise<Claimable> {
  const { participantId, account, venue } = args
  const [row] = await queries.query<{ encumbrance: bigint; claimed: bigint; unspent: bigint }>(
    `select
       coalesce((select greatest(certificate_credit, book_credit) from keys
         where participant_id = $1 and account = $2 and chain_id = $3 and venue = $4 and not exists (
           select from settlements s where s.account = $2 and s.venue_chain_id = $3 and s.venue = $4 and s.covered_block > keys.block_number)
         ), 0)
       - coalesce((select sum(credit) from settlements
         where participant_id = $1 and account = $2 and venue_chain_id = $3 and venue = $4 and status <> 'void' and (covered_at is null
           or created_at >= coalesce((select max(created_at) from certificates where account = $2 and chain_id = $3 and venue = $4), 0))), 0)
         as unspent,
       coalesce((select least(encumbrance, greatest(certificate_credit, book_credit)) from keys
         where participant_id = $1 and account = $2 and chain_id = $3 and venue = $4), 0) as encumbrance,
       coalesce((select sum(credit) from settlements
         where participant_id = $1 and account = $2 and venue_chain_id = $3 and venue = $4 and status <> 'void' and covered_at is null), 0)
         as claimed`,
    [participantId, lower(account), venue.chainId, lower(venue.address)],
  )
  const { encumbrance, claimed, unspent } = row ?? { encumbrance: 0n, claimed: 0n, unspent: 0n }
  const unclaimed = encumbrance - claimed
  const least = unclaimed < unspent ? unclaimed : unspent
  return { encumbrance, claimed, claimable: least > 0n ? least : 0n }
}

export declare namespace claimable {
  type Arguments = Pick<SettlementRequest, 'participantId' | 'account' | 'venue'>
}

/** Settlements whose end was not seen yet, of one vault, for whoever reads their fate on chain. */
export async function pending(queries: Queries, args: { readonly chainId: number; readonly vault: Hex }): Promise<readonly Pending[]> {
  const rows = await queries.query<{ id: Hex; participant_id: Hex; deadline: bigint; document: string | null; signatures: string }>(
    `select id, participant_id, deadline, document, signatures from settlements
     where chain_id = $1 and vault = $2 and status = 'pending' order by created_at, id`,
    [args.chainId, args.vault],
  )
  return rows.map((row) => ({
    ...{ settlementId: row.id, participantId: row.participant_id, deadline: Number(row.deadline) },
    ...{ document: row.document, signatures: JSON.parse(row.signatures) as Hex[] },
  }))
}

export type Pending = {
  readonly settlementId: Hex
  readonly participantId: Hex
  readonly deadline: number
  /** What was signed; null where it was ordered without saying. */
  readonly document: string | null
  readonly signatures: readonly Hex[]
}

/** Settlements for one venue that were paid, and not seen at the venue yet. */
export async function uncovered(
  queries: Queries,
  venue: { readonly chainId: number; readonly address: Hex },
): Promise<readonly { readonly settlementId: Hex; readonly account: Hex /** What was claimed. USD. */; readonly credit: bigint }[]> {
  const rows = await queries.query<{ id: Hex; account: Hex; credit: bigint }>(
    `select id, account, credit from settlements where venue_chain_id = $1 and venue = $2 and status = 'paid' and covered_at is null
     order by created_at, id`,
    [venue.chainId, lower(venue.address)],
  )
  return rows.map(({ id, account, credit }) => ({ settlementId: id, account, credit }))
}

/** By key, as a book names it: what was claimed and not brought to its venue yet. USD. */
export async function claimed(queries: Queries): Promise<ReadonlyMap<string, bigint>> {
  const rows = await queries.query<{ account: Hex; chain: bigint; venue: Hex; credit: bigint }>(
    `select account, venue_chain_id as chain, venue, sum(credit) as credit from settlements
     where status <> 'void' and covered_at is null group by account, venue_chain_id, venue`,
  )
  return new Map(
    rows.map(({ account, chain, venue, credit }) => [keyId({ account, venue: { chainId: Number(chain), address: venue } }), credit]),
  )
}

/** What is paid in kind may have lost some of its price by the time it is brought. ppm. */
const leastBroughtPpm = 900_000

/**
 * The block in which a settlement's money had arrived at its venue: most of what was claimed, or nothing is owed there since. Anybody may cover
 * a loss in a settlement's name, a cent of it too, and a cent does not make room for claiming the same loss again. Null: not yet.
 */
export function arrivedAt(args: {
  /** What was brought in its name. USD. */
  readonly covers: readonly { readonly amount: bigint; readonly blockNumber: bigint }[]
  readonly credit: bigint
  readonly key: Pick<Key, 'fees' | 'positions'> | null
}): bigint | null {
  const { covers, credit, key } = args
  const last = covers.reduce((latest, { blockNumber }) => Fixed.max(latest, blockNumber), 0n)
  const brought = covers.reduce((sum, { amount }) => sum + amount, 0n)
  const isSettled =
    key !== null && key.fees === 0n && key.positions.size > 0 && [...key.positions.values()].every(({ block }) => block.number >= last)
  return covers.length > 0 && (brought >= Fixed.ofPpm(credit, leastBroughtPpm, 'up') || isSettled) ? last : null
}

/** The vetoes of a venue's claims on an account: as long as there is one since its last certificate, nobody orders that claim again by itself. */
export async function vetoes(queries: Queries, args: Omit<claimable.Arguments, 'participantId'>): Promise<readonly Hex[]> {
  const rows = await queries.query<{ id: Hex }>(
    `select id from settlements where account = $1 and venue_chain_id = $2 and venue = $3 and fate = 'vetoed'
       and created_at >= coalesce((select max(created_at) from certificates where account = $1 and chain_id = $2 and venue = $3), 0)
     order by created_at, id`,
    [lower(args.account), args.venue.chainId, lower(args.venue.address)],
  )
  return rows.map(({ id }) => id)
}

/** What the vault says of an order: never seen, waiting, paid, or given up for good. */
export type Fate = 'unknown' | 'queued' | 'paid' | 'vetoed' | 'lapsed'

/**
 * Ends settlements by what a finalized block of the vault's chain shows: a paid one stays debited until views of the vault have
 * surely seen it leave; a vetoed or lapsed one is credited again, and one that the vault never saw once the block is past its deadline.
 */
export async function conclude(database: Database, read: conclude.Read): Promise<{ readonly paid: number; readonly void: number }> {
  const { chainId, vault, block } = read
  const fates = JSON.stringify(read.settlements.map(({ settlementId, fate }) => ({ id: settlementId, fate })))
  return database.transaction(async (queries) => {
    await lockOwners(queries, fates)
    const now = await database.now(queries)
    const ended = await queries.query<{ id: Hex; participant_id: Hex; status: 'paid' | 'void'; credit: bigint }>(
      `with ended as (
         update settlements s set status = case when read.fate = 'paid' then 'paid' else 'void' end, fate = read.fate, ended_at = $5,
           ended_block = $4
         from json_to_recordset($1::text::json) as read (id text, fate text)
         where s.id = read.id and s.chain_id = $2 and s.vault = $3 and s.status = 'pending'
           and (read.fate in ('paid', 'vetoed', 'lapsed') or read.fate = 'unknown' and s.deadline < $6)
         returning s.id, s.participant_id, s.status, s.credit
       ), changed as (
         update participants set version = version + 1 where id in (select participant_id from ended)
       ) select * from ended`,
      [fates, chainId, vault, block.number, now, block.timestamp],
    )
    const messages = ended.map(({ id, participant_id, status, credit }) => ({
      participantId: participant_id,
      kind: 'settlement.ended' as const,
      body: { settlementId: id, chainId, vault, status, credit: `${credit}` },
    }))
    await Outbox.append(queries, { messages, now })
    const paid = ended.filter(({ status }) => status === 'paid').length
    return { paid, void: ended.length - paid }
  })
}

export declare namespace conclude {
  type Read = {
    readonly chainId: number
    readonly vault: Hex
    readonly block: { readonly number: bigint; readonly timestamp: number }
    readonly settlements: readonly { readonly settlementId: Hex; readonly fate: Fate }[]
  }
}

/**
 * Notes that a finalized block of the venue's chain shows a settlement's money there, against the loss: from then on its claim is no
 * longer part of what the venue still has bound. @returns how many were noted now.
 */
export async function cover(database: Database, read: cover.Read): Promise<number> {
  const { venue, block } = read
  const named = JSON.stringify(read.settlementIds.map((id) => ({ id })))
  return database.transaction(async (queries) => {
    await lockOwners(queries, named)
    const now = await database.now(queries)
    const covered = await queries.query<{ participant_id: Hex }>(
      `with covered as (
         update settlements s set covered_at = $4, covered_block = $5 from json_to_recordset($1::text::json) as read (id text)
         where s.id = read.id and s.venue_chain_id = $2 and s.venue = $3 and s.covered_at is null and s.status <> 'void'
         returning s.participant_id
       ), changed as (
         update participants set version = version + 1 where id in (select participant_id from covered)
       ) select * from covered`,
      [named, venue.chainId, lower(venue.address), now, block.number],
    )
    return covered.length
  })
}

export declare namespace cover {
  type Read = {
    readonly venue: { readonly chainId: number; readonly address: Hex }
    readonly block: { readonly number: bigint }
    readonly settlementIds: readonly Hex[]
  }
}

/** Addresses as the ledger writes them: in lower case, so that one account has one row. */
function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}

async function lockOwners(queries: Queries, named: string): Promise<void> {
  const owners = await queries.query<{ participant_id: Hex }>(
    'select distinct participant_id from settlements join json_to_recordset($1::text::json) as read (id text) using (id)',
    [named],
  )
  const ids = owners.map((row) => row.participant_id)
  await Locks.participants(queries, ids)
}

/** Thrown when a venue claims more than it has bound, or nothing. */
export class OverClaimError extends BaseError {
  override readonly name = 'Settlements.OverClaimError'
  override readonly code = 'OVER_CLAIM'
  /** USD. */
  readonly encumbrance: bigint
  readonly claimed: bigint
  readonly asked: bigint

  constructor(options: { readonly encumbrance: bigint; readonly claimed: bigint; readonly asked: bigint }) {
    const { encumbrance, claimed, asked } = options
    super(
      `A claim of ${usd(asked, 'up')} does not fit: the venue has ${usd(encumbrance, 'down')} bound, and claimed ${usd(claimed, 'up')} of it.`,
      {
        hint: 'Claim what is bound and no more; the rest of a loss is paid by the venue’s own waterfall.',
      },
    )
    this.encumbrance = encumbrance
    this.claimed = claimed
    this.asked = asked
  }
}

/** Thrown when a settlement's id comes back with another body. */
export class SettlementConflictError extends BaseError {
  override readonly name = 'Settlements.SettlementConflictError'
  override readonly code = 'SETTLEMENT_CONFLICT'

  constructor(options: { readonly settlementId: Hex }) {
    super(`Settlement ${options.settlementId} was ordered for another request.`, { hint: 'Give a new settlement an id of its own.' })
  }
}

/** Thrown when a settlement is asked for whose deadline is over. */
export class SettlementExpiredError extends BaseError {
  override readonly name = 'Settlements.SettlementExpiredError'
  override readonly code = 'SETTLEMENT_EXPIRED'

  constructor(options: { readonly settlementId: Hex; readonly deadline: number; readonly now: number }) {
    super(`The deadline of settlement ${options.settlementId} was ${options.now - options.deadline} s ago.`, {
      hint: 'Ask again with a later deadline.',
    })
  }
}
