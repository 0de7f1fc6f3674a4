/** What was read at a finalized block of a venue's chain: the only thing that frees credit. */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import type { Database, Queries } from './Database.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

type Hex = Inputs.Hex

/** One read of one venue at one finalized block. Accounts that are not listed were not read. */
export type Observation = {
  readonly chainId: number
  readonly venue: Hex
  /** Final by the caller's quorum. */
  readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: number }
  readonly accounts: readonly AccountRead[]
}

/** USD. */
export type AccountRead = {
  readonly account: Hex
  /** Collateral held at the venue itself. */
  readonly venueCollateral: bigint
  /** Unrealised loss at the worse of mark and index, fees owed; both over all markets, and not negative. */
  readonly unrealisedLoss: bigint
  readonly fees: bigint
  /** The credit the venue's book holds for the account, from certificates it accepted. */
  readonly credit: bigint
  /** Markets that are not listed were not read; one without a position is listed as flat. */
  readonly positions: readonly PositionRead[]
}

export type PositionRead = {
  readonly market: Hex
  readonly side: 'long' | 'short' | 'flat'
  readonly notional: bigint
  /** Initial requirement of what is open. USD. */
  readonly requirement: bigint
  /** The sequence the book accepted last for this account and market; 0 before the first. */
  readonly acceptedSequence: bigint
}

/** What came of it. An account read at a later block already is stale, and left as it was. */
export type Observed = { readonly applied: number; readonly stale: number; readonly died: number }

/** Accounts in one transaction: enough to be quick, few enough to keep nobody waiting. */
const batch = 64

/**
 * Records a finalized read; ends certificates it proves dead; frees, or binds, what it shows.
 *
 * A certificate is dead when the block is past its expiry and the position was read in it, or when the book accepted a
 * higher sequence. Encumbrance of a key: `max(greatest credit not dead, X − V, min(Y, C))`, with X = requirement + loss + fees of
 * what is open, Y the same with what live certificates let it grow to, C the credit the book holds, V the collateral at the
 * venue. What stands on V needs no credit; but V may be withdrawn as far as C allows, and C, which no certificate lowers, is
 * there for whoever has a position or a live certificate. Accounts that belong to nobody count as open interest.
 *
 * Idempotent, and in any order: the latest block wins.
 *
 * @throws {FinalityViolatedError} a final block was replaced: nothing is recorded.
 * @throws {InvalidObservationError}
 */
export function observe(database: Database, observation: Observation): Promise<Observed> {
  return write(database, { observation, keysSince: observation.block.number })
}

export declare namespace observe {
  type ErrorType = FinalityViolatedError | InvalidObservationError
}

/**
 * As `observe`, for the accounts whose keys at this venue the ledger has never read, and leaves every other as it is, also where it was read
 * since the caller looked. So whoever has no lease on an account may bring it in, and overwrites nobody.
 *
 * @throws {FinalityViolatedError} {InvalidObservationError}
 */
export function meet(database: Database, observation: Observation): Promise<Observed> {
  return write(database, { observation, keysSince: -1n })
}

type Writing = {
  readonly observation: Observation
  /** A key that was read after this block is left as it is. */
  readonly keysSince: bigint
}

async function write(database: Database, { observation, keysSince }: Writing): Promise<Observed> {
  validate(observation)
  await database.transaction((queries) => advance(queries, observation))
  const accounts = [...observation.accounts].sort((a, b) => (a.account < b.account ? -1 : 1))
  let observed: Observed = { applied: 0, stale: 0, died: 0 }
  for (let start = 0; start < accounts.length; start += batch) {
    const some = { ...observation, accounts: accounts.slice(start, start + batch) }
    const { applied, stale, died } = await database.transaction((queries) => record(database, queries, { observation: some, keysSince }))
    observed = { applied: observed.applied + applied, stale: observed.stale + stale, died: observed.died + died }
  }
  return observed
}

/** Moves the chain's last final block on, if it is later, and sees that it is the same one if it is not. */
async function advance(queries: Queries, { chainId, block }: Observation): Promise<void> {
  await queries.query('insert into chains (chain_id, number, hash, timestamp) values ($1, $2, $3, $4) on conflict do nothing', [
    ...[chainId, block.number, block.hash, block.timestamp],
  ])
  const [known] = await queries.query<{ number: bigint; hash: Hex; timestamp: bigint }>(
    'select number, hash, timestamp from chains where chain_id = $1 for no key update',
    [chainId],
  )
  if (!known || known.number > block.number) return
  const replaced = known.number === block.number && known.hash !== block.hash
  if (replaced || Number(known.timestamp) > block.timestamp) throw new FinalityViolatedError({ chainId, known, block })
  await queries.query('update chains set number = $2, hash = $3, timestamp = $4 where chain_id = $1', [
    ...[chainId, block.number, block.hash, block.timestamp],
  ])
}

async function record(database: Database, queries: Queries, { observation, keysSince }: Writing): Promise<Observed> {
  const { chainId, venue, block } = observation
  const named = JSON.stringify(observation.accounts.map(({ account }) => account))
  const owners = `select address, participant_id from accounts where address in (select json_array_elements_text($1::text::json))
    and chain_id in (0, $2) and unlinked_at is null`
  const before = await queries.query<Owner>(owners, [named, chainId])
  const locked = new Set(
    await Locks.participants(
      queries,
      before.map((row) => row.participant_id),
    ),
  )
  const now = await database.now(queries)
  // Read again: whoever was linked meanwhile to somebody not locked here waits for the next block.
  const owned = new Map((await queries.query<Owner>(owners, [named, chainId])).map((row) => [row.address, row.participant_id]))
  const markets = [...new Set(observation.accounts.flatMap(({ positions }) => positions.map(({ market }) => market)))].sort()
  await Locks.markets(queries, { chainId, markets })

  const late = await queries.query<{ account: Hex }>(
    `select account from keys where account in (select json_array_elements_text($1::text::json)) and chain_id = $2 and venue = $3 and block_number > $5
     union select account from positions where account in (select json_array_elements_text($1::text::json)) and chain_id = $2 and venue = $3
       and block_number > $4`,
    [named, chainId, venue, block.number, keysSince],
  )
  const stale = new Set(late.map(({ account }) => account))
  const fresh = observation.accounts.filter(({ account }) => !stale.has(account))
  const reads = fresh.flatMap(({ account, positions }) => positions.map((position) => ({ account, ...position })))
  const died = await bury(queries, { observation, reads, now })
  const moved = await recordPositions(queries, { observation, reads })
  const linked = fresh.flatMap((read) => {
    const participantId = owned.get(read.account)
    return participantId !== undefined && locked.has(participantId) ? [{ ...read, participantId }] : []
  })
  const changed = await recordKeys(queries, { observation, linked })

  const movers = linked.filter(({ account }) => moved.has(account)).map(({ participantId }) => participantId)
  const touched = [...new Set([...changed.map((row) => row.participant_id), ...movers])]
  await queries.query('update participants set version = version + 1 where id in (select json_array_elements_text($1::text::json))', [
    JSON.stringify(touched),
  ])
  const messages = changed
    .filter((row) => row.encumbrance !== row.before)
    .map((row) => ({
      participantId: row.participant_id,
      kind: 'encumbrance.changed' as const,
      body: { account: row.account, chainId, venue, encumbrance: `${row.encumbrance}`, block: `${block.number}` },
    }))
  await Outbox.append(queries, { messages, now })
  return { applied: fresh.length, stale: stale.size, died }
}

type Owner = { readonly address: Hex; readonly participant_id: Hex }
type Read = PositionRead & { readonly account: Hex }

const readColumns = 'account text, market text, side text, notional numeric, requirement numeric, accepted int8'

function toJson(reads: readonly Read[]): string {
  return JSON.stringify(
    reads.map(({ account, market, side, notional, requirement, acceptedSequence }) => ({
      ...{ account, market, side, notional: `${notional}`, requirement: `${requirement}`, accepted: `${acceptedSequence}` },
    })),
  )
}

/** Ends the certificates that this read proves dead. */
async function bury(queries: Queries, args: { observation: Observation; reads: readonly Read[]; now: number }): Promise<number> {
  const { observation, reads, now } = args
  const { chainId, venue, block } = observation
  const rows = await queries.query(
    `update certificates c set dead_at = $5, dead_block = $4,
       dead_reason = case when c.sequence < read.accepted then 'superseded' else 'expired' end
     from json_to_recordset($1::text::json) as read (${readColumns})
     where c.dead_at is null and c.account = read.account and c.chain_id = $2 and c.venue = $3 and c.market = read.market
       and (c.expires_at < $6 or c.sequence < read.accepted)
     returning c.sequence`,
    [toJson(reads), chainId, venue, block.number, now, block.timestamp],
  )
  return rows.length
}

/** Writes positions, with the headroom their live certificates leave, and moves the markets by the difference. @returns accounts that changed. */
async function recordPositions(queries: Queries, args: { observation: Observation; reads: readonly Read[] }): Promise<ReadonlySet<Hex>> {
  const { observation, reads } = args
  const { chainId, venue, block } = observation
  const rows = await queries.query<{ account: Hex }>(
    `with read as (
       select * from json_to_recordset($1::text::json) as read (${readColumns})
     ), live as (
       select account, market, max(max_notional) as notional, max(requirement) as requirement from certificates
       where chain_id = $2 and venue = $3 and dead_at is null and account in (select account from read) group by account, market
     ), old as (
       select p.* from positions p join read using (account, market) where p.chain_id = $2 and p.venue = $3
     ), new as (
       insert into positions (account, chain_id, venue, market, side, notional, requirement, max_notional, certificate_requirement,
         accepted_sequence, block_number, read_at)
       select account, $2, $3, market, side, read.notional, read.requirement, coalesce(live.notional, 0), coalesce(live.requirement, 0),
         accepted, $4, $5 from read left join live using (account, market)
       on conflict (account, chain_id, venue, market) do update set side = excluded.side, notional = excluded.notional,
         requirement = excluded.requirement, max_notional = excluded.max_notional, certificate_requirement = excluded.certificate_requirement,
         accepted_sequence = greatest(positions.accepted_sequence, excluded.accepted_sequence),
         block_number = excluded.block_number, read_at = excluded.read_at
       where (positions.side, positions.notional, positions.requirement, positions.max_notional, positions.certificate_requirement,
           positions.accepted_sequence, positions.block_number)
         is distinct from (excluded.side, excluded.notional, excluded.requirement, excluded.max_notional, excluded.certificate_requirement,
           excluded.accepted_sequence, excluded.block_number)
       returning account, market, long_interest, short_interest, long_headroom, short_headroom
     ), difference as (
       select market, sum(new.long_interest - coalesce(old.long_interest, 0)) as long_interest,
         sum(new.short_interest - coalesce(old.short_interest, 0)) as short_interest,
         sum(new.long_headroom - coalesce(old.long_headroom, 0)) as long_headroom,
         sum(new.short_headroom - coalesce(old.short_headroom, 0)) as short_headroom
       from new left join old using (account, market) group by market
     ), moved as (
       update markets m set version = m.version + 1, long_interest = m.long_interest + d.long_interest,
         short_interest = m.short_interest + d.short_interest, long_headroom = m.long_headroom + d.long_headroom,
         short_headroom = m.short_headroom + d.short_headroom
       from difference d where m.chain_id = $2 and m.market = d.market
         and (d.long_interest, d.short_interest, d.long_headroom, d.short_headroom) <> (0, 0, 0, 0)
     ) select distinct account from new`,
    [toJson(reads), chainId, venue, block.number, block.timestamp],
  )
  return new Set(rows.map(({ account }) => account))
}

type Linked = AccountRead & { readonly participantId: Hex }
type Changed = { readonly account: Hex; readonly participant_id: Hex; readonly encumbrance: bigint; readonly before: bigint }

/** Writes what each account binds at the venue. */
async function recordKeys(queries: Queries, args: { observation: Observation; linked: readonly Linked[] }): Promise<readonly Changed[]> {
  const { observation, linked } = args
  const { chainId, venue, block } = observation
  const json = linked.map(({ account, participantId, venueCollateral, unrealisedLoss, fees, credit }) => ({
    ...{
      account,
      participant: participantId,
      collateral: `${venueCollateral}`,
      loss: `${unrealisedLoss}`,
      fees: `${fees}`,
      book: `${credit}`,
    },
  }))
  return queries.query<Changed>(
    `with read as (
       select * from json_to_recordset($1::text::json)
         as read (account text, participant text, collateral numeric, loss numeric, fees numeric, book numeric)
     ), standing as (
       select account, sum(requirement) as requirement, sum(greatest(requirement, certificate_requirement)) as potential from positions
       where chain_id = $2 and venue = $3 and account in (select account from read) group by account
     ), live as (
       select account, max(credit) as credit from certificates
       where chain_id = $2 and venue = $3 and dead_at is null and account in (select account from read) group by account
     ), old as (
       select account, encumbrance from keys where chain_id = $2 and venue = $3 and account in (select account from read)
     ), new as (
       insert into keys (account, chain_id, venue, participant_id, certificate_credit, requirement, potential, unrealised_loss, fees,
         venue_collateral, book_credit, block_number, read_at)
       select account, $2, $3, participant, coalesce(live.credit, 0), coalesce(standing.requirement, 0), coalesce(standing.potential, 0),
         loss, fees, collateral, book, $4, $5 from read left join standing using (account) left join live using (account)
       on conflict (account, chain_id, venue) do update set participant_id = excluded.participant_id,
         certificate_credit = excluded.certificate_credit, requirement = excluded.requirement, potential = excluded.potential,
         unrealised_loss = excluded.unrealised_loss, fees = excluded.fees, venue_collateral = excluded.venue_collateral,
         book_credit = excluded.book_credit, block_number = excluded.block_number, read_at = excluded.read_at
       where (keys.participant_id, keys.certificate_credit, keys.requirement, keys.potential, keys.unrealised_loss, keys.fees,
           keys.venue_collateral, keys.book_credit, keys.block_number)
         is distinct from (excluded.participant_id, excluded.certificate_credit, excluded.requirement, excluded.potential,
           excluded.unrealised_loss, excluded.fees, excluded.venue_collateral, excluded.book_credit, excluded.block_number)
       returning account, participant_id, encumbrance
     ) select new.*, coalesce(old.encumbrance, 0) as before from new left join old using (account)`,
    [JSON.stringify(json), chainId, venue, block.number, block.timestamp],
  )
}

const hex = /^0x[0-9a-f]+$/

function validate({ venue, accounts, block }: Observation): void {
  const faults = [
    ...(hex.test(venue) && hex.test(block.hash) ? [] : ['venue and block hash are lower-case hex']),
    ...(new Set(accounts.map(({ account }) => account)).size === accounts.length ? [] : ['an account is listed twice']),
    ...accounts.flatMap(({ account, positions, venueCollateral, unrealisedLoss, fees, credit }) => [
      ...(hex.test(account) ? [] : [`${account} is not lower-case hex`]),
      ...([venueCollateral, unrealisedLoss, fees, credit].every((amount) => amount >= 0n) ? [] : [`an amount of ${account} is negative`]),
      ...(new Set(positions.map(({ market }) => market)).size === positions.length ? [] : [`a market of ${account} is listed twice`]),
      ...positions.flatMap(({ side, notional, requirement, acceptedSequence }) =>
        notional >= 0n && requirement >= 0n && acceptedSequence >= 0n && (side === 'flat') === (notional === 0n)
          ? []
          : [`a position of ${account} is not possible`],
      ),
    ]),
  ]
  if (faults.length > 0) throw new InvalidObservationError({ faults })
}

/** Thrown for a read that cannot be what a venue answered. Nothing is recorded. */
export class InvalidObservationError extends BaseError {
  override readonly name = 'Observation.InvalidObservationError'
  override readonly code = 'INVALID_OBSERVATION'
  readonly faults: readonly string[]

  constructor(options: { readonly faults: readonly string[] }) {
    super(`The observation is not possible: ${options.faults.slice(0, 5).join('; ')}.`, {
      hint: 'Give each account and market once, addresses in lower case, amounts as they are: flat means a notional of 0.',
    })
    this.faults = options.faults
  }
}

/** Thrown when a block that was final is not any more. No limit on that chain can be trusted. */
export class FinalityViolatedError extends BaseError {
  override readonly name = 'Observation.FinalityViolatedError'
  override readonly code = 'FINALITY_VIOLATED'
  readonly chainId: number

  constructor(options: {
    readonly chainId: number
    readonly known: { readonly number: bigint; readonly hash: string }
    readonly block: { readonly number: bigint; readonly hash: string }
  }) {
    const { chainId, known, block } = options
    super(`Chain ${chainId} had final block ${known.number} (${known.hash}); now it shows ${block.number} (${block.hash}).`, {
      hint: 'Stop issuing on that chain, look at its sources, and start over from a block that all of them call final.',
    })
    this.chainId = chainId
  }
}
