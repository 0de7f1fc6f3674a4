/**
 * What a liquidator does, exactly once: the decision, its nonce and the signed bytes commit together before anything is sent.
 *
 * A restart finds the bytes and hands over the same ones again. A replacement that offers more has the nonce of what it replaces. So
 * whatever dies when, a decision has one effect or none.
 *
 * Every writer hands over a database behind its lease, `Leases.fence`: who lost the lease commits nothing.
 */
import type { Inputs } from '@plimsoll/margin'
import type { Database, Queries } from './Database.ts'

type Hex = Inputs.Hex

/** Whose position; the market is all zeros where it is about none. */
export type Subject = { readonly venue: Hex; readonly account: Hex; readonly market: Hex }

export type Kind = 'liquidate' | 'reduce' | 'inherit' | 'cover' | 'check' | 'deleverage'

/** A decision: what it was made on, and what came out. `document` is what `hash` is the hash of. */
export type Draft = Subject & { readonly kind: Kind; readonly document: string; readonly hash: Hex }

/** Signed bytes, and what they offer. Wei per gas. */
export type Signed = { readonly hash: Hex; readonly raw: Hex; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }

/** Who sends: one key on one chain, whose nonces are counted here. */
export type Desk = { readonly chainId: number; readonly sender: Hex }

export type Status =
  /** Committed; it may be on its way, or not yet. */
  | 'pending'
  /** In a block that may still be replaced. */
  | 'mined'
  | 'final'
  /** Decided, and not to be sent. */
  | 'dry'

export type Outcome =
  | 'done'
  | 'reverted'
  /** Its nonce was used by something else. */
  | 'lost'

export type Action = Subject &
  Desk & {
    readonly id: bigint
    readonly kind: Kind
    readonly nonce: bigint | null
    readonly document: string
    readonly hash: Hex
    readonly status: Status
    readonly outcome: Outcome | null
    /** Unix seconds. */
    readonly createdAt: number
    readonly transaction: Hex | null
    readonly block: { readonly number: bigint; readonly hash: Hex } | null
    /** What the chain says it did. */
    readonly result: string | null
    readonly endedAt: number | null
    /** First to last. */
    readonly sends: readonly Signed[]
  }

/**
 * Commits decisions with nonces and signed bytes, in one transaction.
 *
 * A position that has an action under way already gets none, nor does a position twice. Nonces follow on what was committed here before and
 * on what the chain has counted.
 *
 * @param args.counted - transactions of the sender in blocks so far.
 * @param sign - must not ask the database, and gives the same bytes for the same nonce.
 */
export async function commit(database: Database, args: commit.Args, sign: commit.Sign): Promise<readonly Action[]> {
  const { desk, counted, drafts } = args
  return database.transaction(async (queries) => {
    const now = await database.now(queries)
    const busy = await queries.query<{ venue: Hex; account: Hex }>(
      "select venue, account from actions where chain_id = $1 and status = 'pending'",
      [desk.chainId],
    )
    const taken = new Set(busy.map(({ venue, account }) => `${venue}|${account}`))
    const free = drafts.filter(({ venue, account }) => {
      const key = `${lower(venue)}|${lower(account)}`
      if (taken.has(key)) return false
      taken.add(key)
      return true
    })
    const [last] = await queries.query<{ next: bigint }>(
      'select coalesce(max(nonce) + 1, 0) as next from actions where chain_id = $1 and sender = $2',
      [desk.chainId, desk.sender],
    )
    const next = last !== undefined && last.next > counted ? last.next : counted
    const rows = await Promise.all(
      free.map(async (draft, i) => ({ draft, nonce: next + BigInt(i), signed: await sign(draft, next + BigInt(i)) })),
    )
    await queries.query(
      `with committed as (
         insert into actions (chain_id, venue, account, market, kind, sender, nonce, decision, decision_hash, status, created_at)
         select $2, venue, account, market, kind, $3, nonce, decision, decision_hash, 'pending', $4
         from json_to_recordset($1::text::json)
           as draft (venue text, account text, market text, kind text, nonce int8, decision text, decision_hash text) order by nonce
         returning id, nonce
       ) insert into sends (hash, action_id, raw, max_fee, max_priority_fee, created_at)
         select hash, committed.id, raw, max_fee, max_priority_fee, $4
         from json_to_recordset($1::text::json) as sent (nonce int8, hash text, raw text, max_fee numeric, max_priority_fee numeric)
         join committed using (nonce)`,
      [JSON.stringify(rows.map(rowOf)), desk.chainId, desk.sender, now],
    )
    const nonces = new Set(rows.map(({ nonce }) => nonce))
    return (await underWay(queries, desk)).filter(({ nonce }) => nonce !== null && nonces.has(nonce))
  })
}

export declare namespace commit {
  type Args = { readonly desk: Desk; readonly counted: bigint; readonly drafts: readonly Draft[] }
  type Sign = (draft: Draft, nonce: bigint) => Promise<Signed>
}

/** Notes decisions that are not to be sent. */
export async function note(database: Database, args: { readonly desk: Desk; readonly drafts: readonly Draft[] }): Promise<void> {
  const { desk, drafts } = args
  await database.transaction(async (queries) => {
    const now = await database.now(queries)
    await queries.query(
      `insert into actions (chain_id, venue, account, market, kind, sender, decision, decision_hash, status, created_at)
       select $2, venue, account, market, kind, $3, decision, decision_hash, 'dry', $4
       from json_to_recordset($1::text::json)
         as draft (venue text, account text, market text, kind text, decision text, decision_hash text)`,
      [JSON.stringify(drafts.map(draftOf)), desk.chainId, desk.sender, now],
    )
  })
}

/** Adds a replacement with the nonce of what it replaces, before it is sent. */
export async function replace(database: Database, args: { readonly id: bigint; readonly signed: Signed }): Promise<void> {
  const { hash, raw, maxFeePerGas, maxPriorityFeePerGas } = args.signed
  await database.transaction(async (queries) => {
    const now = await database.now(queries)
    await queries.query(
      `insert into sends (hash, action_id, raw, max_fee, max_priority_fee, created_at) values ($1, $2, $3, $4, $5, $6)
       on conflict (hash) do nothing`,
      [hash, args.id, raw, maxFeePerGas, maxPriorityFeePerGas, now],
    )
  })
}

/** What was seen of an action on chain. `pending`: the block that it was in is gone. */
export type Seen =
  | { readonly id: bigint; readonly status: 'pending' }
  | {
      readonly id: bigint
      readonly status: 'mined' | 'final'
      readonly outcome: Outcome
      readonly transaction: Hex | null
      readonly block: { readonly number: bigint; readonly hash: Hex } | null
      readonly result: string | null
    }

/** Writes down what was seen on chain. */
export async function see(database: Database, args: { readonly seen: readonly Seen[] }): Promise<void> {
  if (args.seen.length === 0) return
  const rows = args.seen.map((seen) =>
    seen.status === 'pending'
      ? { id: `${seen.id}`, status: seen.status }
      : {
          ...{ id: `${seen.id}`, status: seen.status, outcome: seen.outcome, transaction: seen.transaction, result: seen.result },
          ...(seen.block === null ? {} : { block_number: `${seen.block.number}`, block_hash: seen.block.hash }),
        },
  )
  await database.transaction(async (queries) => {
    const now = await database.now(queries)
    await queries.query(
      `update actions set status = seen.status, outcome = seen.outcome, transaction = seen.transaction, block_number = seen.block_number,
         block_hash = seen.block_hash, result = seen.result, ended_at = case when seen.status = 'final' then $2::int8 end
       from json_to_recordset($1::text::json)
         as seen (id int8, status text, outcome text, transaction text, block_number int8, block_hash text, result text)
       where actions.id = seen.id and actions.status in ('pending', 'mined')`,
      [JSON.stringify(rows), now],
    )
  })
}

/** Everything of a desk that is not final, by nonce. */
export async function underWay(queries: Queries, desk: Desk): Promise<readonly Action[]> {
  return read(queries, "chain_id = $1 and sender = $2 and status in ('pending', 'mined')", 'nonce', [desk.chainId, desk.sender])
}

/** Actions before an id, newest first. */
export async function list(queries: Queries, args: list.Args): Promise<readonly Action[]> {
  const { before = null, account = null, limit } = args
  return read(
    queries,
    `id in (select id from actions where ($1::int8 is null or id < $1::int8) and ($2::text is null or account = $2::text)
       order by id desc limit $3)`,
    'id desc',
    [before, account === null ? null : lower(account), limit],
  )
}

export declare namespace list {
  type Args = { readonly limit: number; readonly before?: bigint | null; readonly account?: Hex | null }
}

/** Reductions of a chain's accounts that were decided since, oldest first. Unix seconds. */
export async function reductions(queries: Queries, args: { readonly chainId: number; readonly since: number }): Promise<readonly Action[]> {
  return read(queries, "chain_id = $1 and kind = 'reduce' and created_at >= $2", 'id', [args.chainId, args.since])
}

type Row = {
  readonly id: bigint
  readonly chain_id: bigint
  readonly venue: Hex
  readonly account: Hex
  readonly market: Hex
  readonly kind: Kind
  readonly sender: Hex
  readonly nonce: bigint | null
  readonly decision: string
  readonly decision_hash: Hex
  readonly status: Status
  readonly outcome: Outcome | null
  readonly created_at: bigint
  readonly transaction: Hex | null
  readonly block_number: bigint | null
  readonly block_hash: Hex | null
  readonly result: string | null
  readonly ended_at: bigint | null
  /** JSON, first to last. */
  readonly sends: string
}

/** `where` and `order` are ours; values come as parameters. */
async function read(
  queries: Queries,
  where: string,
  order: string,
  params: readonly (string | number | bigint | null)[],
): Promise<readonly Action[]> {
  const rows = await queries.query<Row>(
    `select actions.*, coalesce((
       select json_agg(json_build_object('hash', hash, 'raw', raw, 'maxFee', max_fee::text, 'maxPriorityFee', max_priority_fee::text)
         order by max_fee, max_priority_fee) from sends where action_id = actions.id), '[]')::text as sends
     from actions where ${where} order by ${order}`,
    params,
  )
  return rows.map(actionOf)
}

function actionOf(row: Row): Action {
  type Sent = { readonly hash: Hex; readonly raw: Hex; readonly maxFee: string; readonly maxPriorityFee: string }
  return {
    ...{ id: row.id, chainId: Number(row.chain_id), venue: row.venue, account: row.account, market: row.market, kind: row.kind },
    ...{ sender: row.sender, nonce: row.nonce, document: row.decision, hash: row.decision_hash, status: row.status, outcome: row.outcome },
    createdAt: Number(row.created_at),
    transaction: row.transaction,
    block: row.block_number === null || row.block_hash === null ? null : { number: row.block_number, hash: row.block_hash },
    result: row.result,
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    sends: (JSON.parse(row.sends) as readonly Sent[]).map(({ hash, raw, maxFee, maxPriorityFee }) => ({
      ...{ hash, raw },
      ...{ maxFeePerGas: BigInt(maxFee), maxPriorityFeePerGas: BigInt(maxPriorityFee) },
    })),
  }
}

function draftOf({ venue, account, market, kind, document, hash }: Draft) {
  return { venue: lower(venue), account: lower(account), market: lower(market), kind, decision: document, decision_hash: hash }
}

function rowOf({ draft, nonce, signed }: { readonly draft: Draft; readonly nonce: bigint; readonly signed: Signed }) {
  return {
    ...draftOf(draft),
    ...{ nonce: `${nonce}`, hash: signed.hash, raw: signed.raw },
    ...{ max_fee: `${signed.maxFeePerGas}`, max_priority_fee: `${signed.maxPriorityFeePerGas}` },
  }
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}
