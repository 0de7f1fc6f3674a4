/** Whose an account is: at most one participant's, whatever happens at once. */
import { randomBytes } from 'node:crypto'
import type { Inputs } from '@plimsoll/margin'
import { releaseGrace, UnknownParticipantError } from './Book.ts'
import type { Database, Queries } from './Database.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'
import {
  AccountAlreadyLinkedError,
  AccountCoolingDownError,
  AccountEncumberedError,
  InvalidAccountError,
  LastAccountError,
  NotAMemberError,
  NotAtRestError,
  type Obstacle,
  ParticipantTakenError,
} from './ParticipantErrors.ts'

export * from './ParticipantErrors.ts'

type Hex = Inputs.Hex

/** CAIP-10 in lower case. An EOA is one identity on every chain: `eip155:0:<address>`. */
export type AccountId = string

/** An account of a participant, now or once. Times in unix seconds. */
export type Membership = {
  /** Rises with every membership begun, of whomever. */
  readonly order: number
  readonly account: AccountId
  readonly address: Hex
  readonly linkedAt: number
  /** null while it is linked. */
  readonly unlinkedAt: number | null
}

/** What two accounts signed to be one participant's, as text that says so to whoever checks it again. */
export type Tie = { readonly one: AccountId; readonly other: AccountId; readonly signed: string }

/** Negative history that stays, on both sides, when an account is unlinked. */
export type Flag = 'liquidated' | 'bad-debt' | 'margin-called'

/**
 * The participant of an account, made on the spot for an account that is nobody's.
 *
 * @param args.participantId - Of a participant that has to be made; drawn at random unless given.
 * @throws {ParticipantTakenError} that id belongs to somebody else.
 */
export async function ensure(database: Database, args: ensure.Arguments): Promise<ensure.Ensured> {
  const { account, participantId = `0x${randomBytes(32).toString('hex')}` as const } = args
  const { address, chainId } = parse(account)
  return database.transaction(async (queries) => {
    await lockAddress(queries, address)
    const owner = await ownerOf(queries, { account, address, chainId })
    if (owner !== null) return { participantId: owner, created: false }
    const now = await database.now(queries)
    const [made] = await queries.query('insert into participants (id, created_at) values ($1, $2) on conflict do nothing returning id', [
      participantId,
      now,
    ])
    if (!made) throw new ParticipantTakenError({ participantId })
    await insert(queries, { account, participantId, now })
    return { participantId, created: true }
  })
}

export declare namespace ensure {
  type Arguments = { readonly account: AccountId; readonly participantId?: Hex | undefined }
  type Ensured = { readonly participantId: Hex; readonly created: boolean }
  type ErrorType = ParticipantTakenError | InvalidAccountError
}

/** The participant an account is linked to; null for nobody. */
export async function byAccount(queries: Queries, account: AccountId): Promise<Hex | null> {
  const [row] = await queries.query<{ participant_id: Hex }>(
    'select participant_id from accounts where account = $1 and unlinked_at is null',
    [account],
  )
  return row?.participant_id ?? null
}

/** A participant's accounts as linked now, longest first. */
export async function accounts(queries: Queries, participantId: Hex): Promise<readonly Membership[]> {
  return (await history(queries, participantId)).filter(({ unlinkedAt }) => unlinkedAt === null)
}

/** Every account a participant has, or once had, oldest link first. */
export async function history(queries: Queries, participantId: Hex): Promise<readonly Membership[]> {
  return (await histories(queries, [participantId])).get(participantId) ?? []
}

/** As `history`, of several participants at once. */
export async function histories(queries: Queries, ids: readonly Hex[]): Promise<ReadonlyMap<Hex, readonly Membership[]>> {
  const rows = await queries.query<MembershipRow>(
    `select participant_id, id, account, address, linked_at, unlinked_at from accounts
     where participant_id in (select json_array_elements_text($1::text::json)) order by id`,
    [JSON.stringify(ids)],
  )
  const found = new Map<Hex, Membership[]>(ids.map((id) => [id, []]))
  for (const { participant_id, id, account, address, linked_at, unlinked_at } of rows)
    found.get(participant_id)?.push({
      ...{ order: Number(id), account, address, linkedAt: Number(linked_at) },
      unlinkedAt: unlinked_at === null ? null : Number(unlinked_at),
    })
  return found
}

type MembershipRow = {
  readonly participant_id: Hex
  readonly id: bigint
  readonly account: string
  readonly address: Hex
  readonly linked_at: bigint
  readonly unlinked_at: bigint | null
}

/** What accounts of several participants signed to be one's, by participant, newest first: of those that left, too. */
export async function ties(queries: Queries, ids: readonly Hex[]): Promise<ReadonlyMap<Hex, readonly Tie[]>> {
  const rows = await queries.query<Tie & { participant_id: Hex }>(
    `select participant_id, one, other, signed from ties
     where participant_id in (select json_array_elements_text($1::text::json)) order by at desc, one, other`,
    [JSON.stringify(ids)],
  )
  const found = new Map<Hex, Tie[]>(ids.map((id) => [id, []]))
  for (const { participant_id, one, other, signed } of rows) found.get(participant_id)?.push({ one, other, signed })
  return found
}

/** Every participant there is, oldest first. */
export async function all(queries: Queries): Promise<readonly Hex[]> {
  return (await queries.query<{ id: Hex }>('select id from participants order by created_at, id')).map(({ id }) => id)
}

/**
 * Links an account to a participant. Signatures and nonce are the caller's to check, before.
 *
 * An account that is a participant of its own, and nothing is bound there, comes over whole. Linking twice is linking once; what was signed
 * last is kept.
 *
 * @param args.tie - what both signed. Without it signers that check count nothing that the account has locked.
 * @throws {AccountAlreadyLinkedError} it belongs to another participant.
 * @throws {AccountCoolingDownError} it was unlinked from another participant too short a time ago.
 * @throws {AccountEncumberedError} it comes from a participant of its own, and credit is bound there.
 * @throws {Book.UnknownParticipantError} {InvalidAccountError}
 */
export async function link(
  database: Database,
  args: { readonly participantId: Hex; readonly account: AccountId; readonly tie?: Tie },
): Promise<{ readonly linked: boolean }> {
  const { participantId, account, tie } = args
  const { address, chainId } = parse(account)
  const seen = await ownerOf(database, { account, address, chainId })
  return database.transaction(async (queries) => {
    const locked = await Locks.participants(queries, seen === null ? [participantId] : [participantId, seen])
    if (!locked.includes(participantId)) throw new UnknownParticipantError(participantId)
    await lockAddress(queries, address)
    const owner = await ownerOf(queries, { account, address, chainId })
    const now = await database.now(queries)
    if (owner === participantId) {
      if (tie) await keep(queries, { participantId, tie, now })
      return { linked: false }
    }
    const [cooling] = await queries.query<{ until: bigint | null }>(
      `select max(relink_at) as until from accounts join participants p on p.id = participant_id
       where address = $1 and coalesce(merged_into, p.id) <> $2`,
      [address, participantId],
    )
    const until = Number(cooling?.until ?? 0)
    if (until > now) throw new AccountCoolingDownError({ account, until })
    if (owner !== null) {
      if (owner !== seen || !(await isAlone(queries, { participantId: owner, account }))) throw new AccountAlreadyLinkedError({ account })
      await leave(queries, { participantId: owner, account, address, now, relinkAt: null })
      // Nobody is left there, and a nullifier is used once: what the person proved comes along.
      await queries.query('update evidence set participant_id = $2 where participant_id = $1', [owner, participantId])
    }
    await insert(queries, { account, participantId, now })
    if (tie) await keep(queries, { participantId, tie, now })
    // Also of whom it comes from: readers that go by versions would keep the account there as well.
    await queries.query('update participants set version = version + 1 where id in ($1, $2)', [participantId, owner])
    await Outbox.append(queries, { messages: [{ participantId, kind: 'account.linked', body: { account } }], now })
    return { linked: true }
  })
}

/**
 * Unlinks an account: negative history stays with both sides, the rest leaves with it.
 *
 * Nobody has an open position or owes anything meanwhile, whatever it stands on: else a loss that is coming would be parted from who made it.
 *
 * @param args.coolDownSeconds - How long it may not be linked to anybody else.
 * @throws {LastAccountError} {NotAtRestError} {AccountEncumberedError} {AccountNotLinkedError} {Book.UnknownParticipantError}
 */
export async function unlink(database: Database, args: unlink.Arguments): Promise<void> {
  const { participantId, account, coolDownSeconds, tie } = args
  const { address } = parse(account)
  await database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const linked = await accounts(queries, participantId)
    if (!linked.some((membership) => membership.account === account)) throw new NotAMemberError({ participantId, account })
    if (linked.length === 1) throw new LastAccountError({ account })
    const obstacle = await obstacleOf(queries, { participantId, side: 'account' })
    if (obstacle === 'OPEN_POSITION' || obstacle === 'UNSETTLED_LOSS') throw new NotAtRestError({ side: 'account', obstacle })
    await leave(queries, { participantId, account, address, now, relinkAt: now + coolDownSeconds })
    if (tie) await keep(queries, { participantId, tie, now })
    await queries.query('update participants set version = version + 1 where id = $1', [participantId])
    await Outbox.append(queries, { messages: [{ participantId, kind: 'account.unlinked', body: { account } }], now })
  })
}

export declare namespace unlink {
  type Arguments = {
    readonly participantId: Hex
    readonly account: AccountId
    readonly coolDownSeconds: number
    /** What was signed to part; kept beside what was signed to be one. */
    readonly tie?: Tie
  }
}

/**
 * Makes two participants one: `into` has the accounts, the evidence and all bad history of both, and `from` is nobody any more. Signatures
 * and nonce are the caller's to check, before. Merging twice is merging once.
 *
 * Both must be at rest: no open position, release or settlement on its way, loss that is not settled, or open margin call. `from` has
 * no live certificate either, since certificates name their participant. An account of `from` that cools down is no more `into`'s than if it were linked.
 *
 * @throws {NotAtRestError} one of them is not.
 * @throws {AccountCoolingDownError} an account of `from` was unlinked from somebody else too short a time ago.
 * @throws {Book.UnknownParticipantError} one of them is nobody, or was merged into somebody else.
 */
export async function merge(
  database: Database,
  args: { readonly from: Hex; readonly into: Hex; readonly tie?: Tie },
): Promise<{ readonly merged: boolean }> {
  const { from, into, tie } = args
  return database.transaction(async (queries) => {
    const locked = await Locks.participants(queries, [from, into])
    if (!locked.includes(into)) throw new UnknownParticipantError(into)
    if (from === into || (await mergedInto(queries, from)) === into) return { merged: false }
    if (!locked.includes(from)) throw new UnknownParticipantError(from)
    for (const side of ['from', 'into'] as const) {
      const obstacle = await obstacleOf(queries, { participantId: args[side], side })
      if (obstacle !== null) throw new NotAtRestError({ side, obstacle })
    }
    const now = await database.now(queries)
    const joining = await accounts(queries, from)
    const [cooling] = await queries.query<{ account: string; until: bigint }>(
      `select now.account, before.relink_at as until from accounts now join accounts before using (address)
         join participants p on p.id = before.participant_id
       where now.participant_id = $1 and now.unlinked_at is null and before.relink_at > $3
         and coalesce(merged_into, p.id) not in ($1, $2) order by before.relink_at desc limit 1`,
      [from, into, now],
    )
    if (cooling) throw new AccountCoolingDownError({ account: cooling.account, until: Number(cooling.until) })
    for (const { account, address } of joining) {
      await leave(queries, { participantId: from, account, address, now, relinkAt: null })
      await insert(queries, { account, participantId: into, now })
    }
    await queries.query('insert into flags (subject, flag, at) select $2, flag, at from flags where subject = $1 on conflict do nothing', [
      from,
      into,
    ])
    await queries.query('update evidence set participant_id = $2 where participant_id = $1', [from, into])
    await queries.query(
      `with gone as (delete from ties where participant_id = $1 returning *)
       insert into ties select $2, one, other, signed, at from gone on conflict do nothing`,
      [from, into],
    )
    if (tie) await keep(queries, { participantId: into, tie, now })
    // Whoever was merged into `from` before is of `into` now: one step leads from anybody to who it has become.
    await queries.query(
      'update participants set version = version + 1, merged_into = case when id <> $2 then $2 end where id in ($1, $2) or merged_into = $1',
      [from, into],
    )
    const names = joining.map(({ account }) => account).join()
    await Outbox.append(queries, {
      messages: [from, into].map((participantId) => ({ participantId, kind: 'participant.merged', body: { from, into, accounts: names } })),
      now,
    })
    return { merged: true }
  })
}

/** Whom a participant has become part of; null while it stands for itself, or is nobody. */
export async function mergedInto(queries: Queries, participantId: Hex): Promise<Hex | null> {
  const [row] = await queries.query<{ merged_into: Hex | null }>('select merged_into from participants where id = $1', [participantId])
  return row?.merged_into ?? null
}

/** Notes negative history of an account, and of the participant it is linked to. It is never taken back. */
export async function flag(database: Database, args: { readonly account: AccountId; readonly flag: Flag }): Promise<void> {
  const now = await database.now()
  await database.query(
    `insert into flags (subject, flag, at) select $1, $2, $3::int8
     union all select participant_id, $2, $3::int8 from accounts where account = $1 and unlinked_at is null on conflict do nothing`,
    [args.account, args.flag, now],
  )
}

/** The flags of a participant and of all accounts linked to it. */
export async function flags(queries: Queries, participantId: Hex): Promise<readonly Flag[]> {
  const rows = await queries.query<{ flag: Flag }>(
    `select distinct flag from flags where subject = $1
       or subject in (select account from accounts where participant_id = $1 and unlinked_at is null) order by flag`,
    [participantId],
  )
  return rows.map((row) => row.flag)
}

/** Links and looks at one address are one at a time: `eip155:0:…` is the same account as on every chain. */
async function lockAddress(queries: Queries, address: Hex): Promise<void> {
  await queries.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [address])
}

async function ownerOf(queries: Queries, args: { account: AccountId; address: Hex; chainId: number }): Promise<Hex | null> {
  const [row] = await queries.query<{ participant_id: Hex }>(
    'select participant_id from accounts where address = $1 and unlinked_at is null and ($2 = 0 or chain_id in (0, $2)) order by id limit 1',
    [args.address, args.chainId],
  )
  return row?.participant_id ?? null
}

async function insert(queries: Queries, args: { account: AccountId; participantId: Hex; now: number }): Promise<void> {
  const { account, participantId, now } = args
  const { address, chainId } = parse(account)
  const [row] = await queries.query(
    `insert into accounts (account, address, chain_id, participant_id, linked_at) values ($1, $2, $3, $4, $5)
     on conflict (account) where unlinked_at is null do nothing returning id`,
    [account, address, chainId, participantId, now],
  )
  if (!row) throw new AccountAlreadyLinkedError({ account })
}

/** Keeps what was signed. Readers go by versions. */
async function keep(queries: Queries, args: { participantId: Hex; tie: Tie; now: number }): Promise<void> {
  const { participantId, tie, now } = args
  await queries.query(
    `insert into ties (participant_id, one, other, signed, at) values ($1, $2, $3, $4, $5)
     on conflict (participant_id, one, other) do update set signed = excluded.signed, at = excluded.at`,
    [participantId, tie.one, tie.other, tie.signed, now],
  )
  await queries.query('update participants set version = version + 1 where id = $1', [participantId])
}

/** What keeps a participant from being changed; the first of them. */
async function obstacleOf(queries: Queries, args: { participantId: Hex; side: NotAtRestError['side'] }): Promise<Obstacle | null> {
  const [row] = await queries.query<{ [K in 'open' | 'pending' | 'owes' | 'called' | 'bound']: boolean }>(
    `with own as (select * from keys where participant_id = $1)
     select
       exists (select from own join positions using (account, chain_id, venue) where side <> 'flat') as open,
       exists (select from releases where participant_id = $1 and status = 'pending')
         or exists (select from settlements where participant_id = $1 and status = 'pending') as pending,
       exists (select from own where unrealised_loss + fees > venue_collateral)
         or exists (select from settlements where participant_id = $1 and status = 'paid' and covered_at is null) as owes,
       (select called_at is not null from participants where id = $1) as called,
       exists (select from own where encumbrance > 0) as bound`,
    [args.participantId],
  )
  if (!row) throw new UnknownParticipantError(args.participantId)
  if (row.open) return 'OPEN_POSITION'
  if (row.pending) return 'PENDING_RELEASE'
  if (row.owes) return 'UNSETTLED_LOSS'
  if (row.called) return 'OVER_ENCUMBERED'
  return row.bound && args.side === 'from' ? 'LIVE_CERTIFICATE' : null
}

/** Whether a participant has this one account, and never had another. */
async function isAlone(queries: Queries, args: { participantId: Hex; account: AccountId }): Promise<boolean> {
  const [first, second] = await history(queries, args.participantId)
  return first?.account === args.account && second === undefined
}

type Leaving = { participantId: Hex; account: AccountId; address: Hex; now: number; relinkAt: number | null }

/**
 * Takes an account out, once nothing is bound: by it, or by another that may stand on what it has locked, or by a release that a view may not have
 * seen leave. Its keys go too: where it goes, it is read again.
 */
async function leave(queries: Queries, { participantId, account, address, now, relinkAt }: Leaving): Promise<void> {
  const [bound] = await queries.query<{ encumbrance: bigint; releases: bigint }>(
    `select (select coalesce(sum(encumbrance), 0) from keys where participant_id = $1) as encumbrance,
       (select coalesce(sum(credit), 0) from releases
         where participant_id = $1 and (status = 'pending' or status = 'used' and settled_at + ${releaseGrace} > $2::int8))
         + (select coalesce(sum(credit), 0) from settlements
           where participant_id = $1 and (status = 'pending' or status = 'paid' and ended_at + ${releaseGrace} > $2::int8)) as releases`,
    [participantId, now],
  )
  const encumbrance = (bound?.encumbrance ?? 0n) + (bound?.releases ?? 0n)
  if (encumbrance > 0n) throw new AccountEncumberedError({ account, encumbrance })
  await queries.query('delete from keys where participant_id = $1 and account = $2', [participantId, address])
  await queries.query('delete from sessions where participant_id = $1 and account = $2', [participantId, address])
  await queries.query(
    `with both_sides as (
       insert into flags (subject, flag, at) select other, flag, at from flags
         join (values ($1, $2), ($2, $1)) as sides (one, other) on subject = one on conflict do nothing
     ) update accounts set unlinked_at = $3, relink_at = $4 where participant_id = $1 and account = $2 and unlinked_at is null`,
    [participantId, account, now, relinkAt],
  )
}

function parse(account: AccountId): { readonly address: Hex; readonly chainId: number } {
  const [, chain, address] = /^eip155:(0|[1-9]\d{0,15}):(0x[0-9a-f]{40})$/.exec(account) ?? []
  if (chain === undefined || address === undefined) throw new InvalidAccountError({ account })
  return { address: address as Hex, chainId: Number(chain) }
}
