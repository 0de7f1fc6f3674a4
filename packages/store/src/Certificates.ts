/** Signed certificates as they were issued, and the documents they bind. */
import type { Certificate } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import type { Queries } from './Driver.ts'

type Hex = Inputs.Hex

/** A certificate with its domain (chain and book) and the signatures over it. */
export type Signed = {
  readonly chainId: number
  readonly limitBook: Hex
  readonly certificate: Certificate.Certificate
  readonly signatures: readonly Hex[]
}

/** The latest certificate issued to an account for one venue and market, dead or not; null before the first. */
export async function latest(queries: Queries, key: latest.Key): Promise<Signed | null> {
  const { participantId, account, venue, market } = key
  const [row] = await queries.query<Row>(
    `select * from certificates where account = $1 and chain_id = $2 and venue = $3 and market = $4 and participant_id = $5
     order by sequence desc limit 1`,
    [account, venue.chainId, venue.address, market, participantId],
  )
  return row ? fromRow(row) : null
}

export declare namespace latest {
  type Key = {
    readonly participantId: Hex
    readonly account: Hex
    readonly venue: { readonly chainId: number; readonly address: Hex }
    readonly market: Hex
  }
}

/** The inputs document of a hash, as it was signed; null where none was ever bound. */
export async function document(queries: Queries, inputsHash: Hex): Promise<string | null> {
  const [row] = await queries.query<{ document: string }>('select document from inputs where hash = $1', [inputsHash])
  return row?.document ?? null
}

/** So many documents are given at most: the book took certificates in nearly the order they were issued in. */
const mostBehind = 4

/**
 * The documents of the certificates that a venue's book took last for an account, one a market, as its final blocks show: those issued last
 * come first.
 */
export async function behind(queries: Queries, key: Omit<latest.Key, 'participantId' | 'market'>): Promise<readonly string[]> {
  const rows = await queries.query<{ document: string }>(
    `select i.document from positions p
     join certificates c on c.account = p.account and c.chain_id = p.chain_id and c.venue = p.venue and c.market = p.market
       and c.sequence = p.accepted_sequence
     join inputs i on i.hash = c.inputs_hash
     where p.account = $1 and p.chain_id = $2 and p.venue = $3 order by c.issued_at desc limit ${mostBehind}`,
    [key.account, key.venue.chainId, key.venue.address],
  )
  return rows.map(({ document }) => document)
}

/** Writes a certificate together with the document it binds. */
export async function insert(queries: Queries, args: insert.Arguments): Promise<void> {
  const { signed, document, now } = args
  const { certificate: c } = signed
  await queries.query(
    `with bound as (
       insert into inputs (hash, document, created_at) values ($12, $13, $14) on conflict (hash) do nothing
     )
     insert into certificates (account, chain_id, venue, market, sequence, participant_id, limit_book, max_notional, credit, im_ppm,
       issued_at, inputs_hash, created_at, expires_at, epoch, model_hash, params_hash, signatures)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15, $16, $17, $18, $19)`,
    [
      ...[
        lower(c.account),
        signed.chainId,
        lower(c.venue),
        lower(c.market),
        c.sequence,
        lower(c.participantId),
        signed.limitBook,
        c.maxNotional,
        c.credit,
        c.imPpm,
      ],
      ...[c.issuedAt, c.inputsHash, document, now, c.expiresAt, c.epoch, c.modelHash, c.paramsHash, JSON.stringify(signed.signatures)],
    ],
  )
}

export declare namespace insert {
  type Arguments = { readonly signed: Signed; readonly document: string; readonly now: number }
}

const whole = ['maxNotional', 'credit', 'sequence', 'issuedAt', 'expiresAt'] as const

/** One text for one signed certificate: what an idempotency key is answered with, byte for byte. */
export function toText(signed: Signed): string {
  return JSON.stringify(signed, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

export function fromText(text: string): Signed {
  return JSON.parse(text, (key, value: unknown) => ((whole as readonly string[]).includes(key) ? BigInt(String(value)) : value)) as Signed
}

type Row = {
  readonly [K in 'account' | 'venue' | 'market' | 'participant_id' | 'limit_book' | 'inputs_hash' | 'model_hash' | 'params_hash']: Hex
} & { readonly [K in 'chain_id' | 'sequence' | 'max_notional' | 'credit' | 'im_ppm' | 'issued_at' | 'expires_at' | 'epoch']: bigint } & {
  readonly signatures: string
}

function fromRow(row: Row): Signed {
  return {
    chainId: Number(row.chain_id),
    limitBook: row.limit_book,
    certificate: {
      participantId: row.participant_id,
      account: row.account,
      venue: row.venue,
      market: row.market,
      maxNotional: row.max_notional,
      credit: row.credit,
      imPpm: Number(row.im_ppm),
      sequence: row.sequence,
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      epoch: Number(row.epoch),
      inputsHash: row.inputs_hash,
      modelHash: row.model_hash,
      paramsHash: row.params_hash,
    },
    signatures: JSON.parse(row.signatures) as Hex[],
  }
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}
