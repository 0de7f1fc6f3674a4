/** Collateral given back by signature: debited when it is allocated, credited again only when it was provably not used. */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import * as Book from './Book.ts'
import type { Database, Queries } from './Database.ts'
import * as Deadline from './Deadline.ts'
import { CreditEncumberedError, MarginCallError } from './LedgerErrors.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

type Hex = Inputs.Hex

export type ReleaseRequest = {
  /** Of this release, on chain too. */
  readonly releaseId: Hex
  readonly participantId: Hex
  readonly chainId: number
  readonly vault: Hex
  /** What leaves, at its price before any haircut, rounded up: what is debited until it is settled. USD. */
  readonly credit: bigint
  /** Unix seconds of the vault's chain. */
  readonly deadline: number
  /** Of everything that is signed: the same id with another body is refused. */
  readonly bodyHash: Hex
}

export type ReleaseDecision =
  | {
      readonly status: 'release'
      readonly signatures: readonly Hex[] /** The participant's credit as read, this release still in it. USD. */
      readonly creditTotal: bigint
    }
  | { readonly status: 'refuse' }

export type Released =
  | { readonly status: 'released'; readonly signatures: readonly Hex[]; readonly replayed: boolean }
  | { readonly status: 'refused' }

/**
 * Allocates one release, once per id: debit and signature commit together.
 *
 * Refused where credit less every unsettled release, this one included, would not cover Σ enc (I1).
 *
 * @param decide - Computes the credit and signs, given what is bound. It must not ask the database.
 * @throws {CreditEncumberedError} {MarginCallError} {ReleaseConflictError} {ReleaseExpiredError} {Book.UnknownParticipantError}
 */
export async function release(
  database: Database,
  request: ReleaseRequest,
  decide: (state: { readonly encumbered: bigint; readonly marginCall: boolean }) => Promise<ReleaseDecision>,
): Promise<Released> {
  const { releaseId, participantId, chainId, vault, credit, deadline, bodyHash } = request
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const [done] = await queries.query<{ participant_id: Hex; body_hash: Hex; signatures: string }>(
      'select participant_id, body_hash, signatures from releases where id = $1',
      [releaseId],
    )
    if (done) {
      if (done.body_hash !== bodyHash || done.participant_id !== participantId) throw new ReleaseConflictError({ releaseId })
      return { status: 'released', signatures: JSON.parse(done.signatures) as Hex[], replayed: true }
    }
    if (deadline <= now) throw new ReleaseExpiredError({ releaseId, deadline, now })

    const subject = { participantId, account: '0x', venue: { chainId, address: vault }, market: '0x' } as const
    const book = await Book.read(queries, { now, subject })
    const encumbered = Book.encumbered(book, participantId)
    const marginCall = book.participants.get(participantId)?.marginCall ?? true
    const decision = await Deadline.within(database.decideSeconds, decide({ encumbered, marginCall }))
    if (decision.status === 'refuse') return { status: 'refused' }
    const { creditTotal, signatures } = decision
    if (marginCall) throw new MarginCallError({ participantId, credit: creditTotal, encumbered })
    if (encumbered + credit > creditTotal)
      throw new CreditEncumberedError({ participantId, credit: creditTotal, encumbered, asked: credit })
    await queries.query(
      `with changed as (update participants set version = version + 1 where id = $2)
       insert into releases (id, participant_id, chain_id, vault, body_hash, credit, deadline, signatures, created_at, status)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending')`,
      [releaseId, participantId, chainId, vault, bodyHash, credit, deadline, JSON.stringify(signatures), now],
    )
    const body = { releaseId, chainId, vault, credit: `${credit}`, deadline }
    await Outbox.append(queries, { messages: [{ participantId, kind: 'release.signed', body }], now })
    return { status: 'released', signatures, replayed: false }
  })
}

export declare namespace release {
  type ErrorType = CreditEncumberedError | MarginCallError | ReleaseConflictError | ReleaseExpiredError | Book.UnknownParticipantError
}

/** Releases not settled yet, of one vault, for whoever reads their fate on chain. */
export async function pending(queries: Queries, args: { readonly chainId: number; readonly vault: Hex }): Promise<readonly Pending[]> {
  const rows = await queries.query<{ id: Hex; participant_id: Hex; deadline: bigint }>(
    "select id, participant_id, deadline from releases where chain_id = $1 and vault = $2 and status = 'pending' order by created_at, id",
    [args.chainId, args.vault],
  )
  return rows.map((row) => ({ releaseId: row.id, participantId: row.participant_id, deadline: Number(row.deadline) }))
}

export type Pending = { readonly releaseId: Hex; readonly participantId: Hex; readonly deadline: number }

/**
 * Settles releases by what a finalized block of the vault's chain shows: a used one stays debited until views of the vault
 * have surely seen it leave; an unused one is credited again once the block is past its deadline, and not before.
 */
export async function settle(database: Database, read: settle.Read): Promise<{ readonly used: number; readonly expired: number }> {
  const { chainId, vault, block } = read
  const fates = JSON.stringify(read.releases.map(({ releaseId, used }) => ({ id: releaseId, used })))
  return database.transaction(async (queries) => {
    const owners = await queries.query<{ participant_id: Hex }>(
      `select distinct participant_id from releases join json_to_recordset($1::text::json) as fate (id text, used boolean) using (id)
       where chain_id = $2 and vault = $3 and status = 'pending'`,
      [fates, chainId, vault],
    )
    await Locks.participants(
      queries,
      owners.map((row) => row.participant_id),
    )
    const now = await database.now(queries)
    const settled = await queries.query<{ id: Hex; participant_id: Hex; status: 'used' | 'expired'; credit: bigint }>(
      `with settled as (
         update releases r set status = case when fate.used then 'used' else 'expired' end, settled_at = $5, settled_block = $4
         from json_to_recordset($1::text::json) as fate (id text, used boolean)
         where r.id = fate.id and r.chain_id = $2 and r.vault = $3 and r.status = 'pending' and (fate.used or r.deadline < $6)
         returning r.id, r.participant_id, r.status, r.credit
       ), changed as (
         update participants set version = version + 1 where id in (select participant_id from settled)
       ) select * from settled`,
      [fates, chainId, vault, block.number, now, block.timestamp],
    )
    const messages = settled.map(({ id, participant_id, status, credit }) => ({
      participantId: participant_id,
      kind: 'release.settled' as const,
      body: { releaseId: id, chainId, vault, status, credit: `${credit}` },
    }))
    await Outbox.append(queries, { messages, now })
    const used = settled.filter(({ status }) => status === 'used').length
    return { used, expired: settled.length - used }
  })
}

export declare namespace settle {
  /** `used` as a finalized block shows it. */
  type Read = {
    readonly chainId: number
    readonly vault: Hex
    readonly block: { readonly number: bigint; readonly timestamp: number }
    readonly releases: readonly { readonly releaseId: Hex; readonly used: boolean }[]
  }
}

/** Thrown when a release's id comes back with another body. */
export class ReleaseConflictError extends BaseError {
  override readonly name = 'Releases.ReleaseConflictError'
  override readonly code = 'RELEASE_CONFLICT'

  constructor(options: { readonly releaseId: Hex }) {
    super(`Release ${options.releaseId} was allocated for another request.`, { hint: 'Give a new release an id of its own.' })
  }
}

/** Thrown when a release is asked for whose deadline is over. */
export class ReleaseExpiredError extends BaseError {
  override readonly name = 'Releases.ReleaseExpiredError'
  override readonly code = 'RELEASE_EXPIRED'

  constructor(options: { readonly releaseId: Hex; readonly deadline: number; readonly now: number }) {
    super(`The deadline of release ${options.releaseId} was ${options.now - options.deadline} s ago.`, {
      hint: 'Ask again with a later deadline.',
    })
  }
}
