/**
 * The ledger as plain data: of everybody at one instant for quotes, of one participant under its lock for issuing.
 *
 * Both are read by the same statement and looked at by the same function, so that a quote and a certificate cannot differ
 * in what they see.
 */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import type { Param, Queries } from './Driver.ts'

type Hex = Inputs.Hex

/** What one certificate is for: whose credit, which account, where, on what. */
export type Subject = {
  readonly participantId: Hex
  readonly account: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly market: Hex
}

export type Book = {
  /** Sum of every row's own version: higher exactly when something changed. */
  readonly version: bigint
  /** When it was read, by the database's clock. Unix seconds. */
  readonly readAt: number
  readonly participants: ReadonlyMap<Hex, Participant>
  readonly markets: ReadonlyMap<string, Market>
  /** Certificates that are not provably dead. */
  readonly certificates: readonly Live[]
}

export type Participant = {
  readonly version: bigint
  readonly marginCall: boolean
  /** Releases and settlements signed, until views of the vault have surely seen them leave. USD. */
  readonly releases: bigint
  /** By chain, venue and account. */
  readonly keys: ReadonlyMap<string, Key>
}

/** One account at one venue, as last read at a finalized block. USD. */
export type Key = {
  readonly account: Hex
  readonly chainId: number
  readonly venue: Hex
  readonly encumbrance: bigint
  readonly certificateCredit: bigint
  /** The credit the venue's book holds for the account. No certificate lowers it. */
  readonly bookCredit: bigint
  readonly venueCollateral: bigint
  readonly unrealisedLoss: bigint
  readonly fees: bigint
  readonly positions: ReadonlyMap<Hex, Position>
}

export type Position = {
  readonly side: 'long' | 'short' | 'flat'
  readonly notional: bigint
  readonly requirement: bigint
  /** Of the certificates not provably dead: greatest notional, greatest requirement at it. */
  readonly maxNotional: bigint
  readonly certificateRequirement: bigint
  readonly headroom: Sides
  /** Greatest sequence issued, or accepted on chain. */
  readonly lastSequence: bigint
  /** The finalized block it was read at. */
  readonly block: { readonly number: bigint; readonly timestamp: number }
}

export type Market = {
  readonly version: bigint
  readonly openInterest: Sides
  readonly headroom: Sides
  readonly damper: Inputs.Damper | null
}
export type Sides = { readonly long: bigint; readonly short: bigint }
export type Live = {
  readonly participantId: Hex
  readonly account: Hex
  readonly chainId: number
  readonly venue: Hex
  readonly market: Hex
  readonly sequence: bigint
  readonly maxNotional: bigint
  readonly credit: bigint
  readonly expiresAt: number
}

/** What the ledger holds for one subject, in the shape the inputs document asks for. */
export type State = {
  readonly ledger: Inputs.Ledger
  /** Of the market, without this key's own. USD. */
  readonly openInterest: Sides
  readonly headroom: Sides
  /** What this key's own live certificates leave open in the market, per side. USD. */
  readonly ownHeadroom: Sides
  readonly damper: Inputs.Damper | null
  readonly marginCall: boolean
  /** The next certificate's. */
  readonly sequence: bigint
  /** The finalized block the position was read at: what `raise` may trust it for is the caller's to say. */
  readonly position: { readonly block: { readonly number: bigint; readonly timestamp: number } }
  /** What the participant carries, or may by certificates not provably dead, by other keys and in other markets. USD. */
  readonly beside: readonly { readonly market: Hex; readonly notional: bigint }[]
}

/**
 * What the ledger holds for one subject.
 *
 * Encumbrance of the other keys includes releases and settlements signed and not settled.
 *
 * @throws {UnknownParticipantError} the book does not know whose credit it is.
 * @throws {PositionUnreadError} the position was never read at a finalized block: unknown is not flat.
 */
export function state(book: Book, subject: Subject): State {
  const participant = book.participants.get(subject.participantId)
  if (!participant) throw new UnknownParticipantError(subject.participantId)
  const key = participant.keys.get(keyId(subject))
  const own = key?.positions.get(subject.market)
  if (!key || !own) throw new PositionUnreadError(subject)
  const market = marketOf(book, { chainId: subject.venue.chainId, market: subject.market })

  let otherRequirement = 0n
  for (const [id, position] of key.positions)
    if (id !== subject.market) otherRequirement += max(position.requirement, position.certificateRequirement)
  return {
    ledger: {
      version: participant.version,
      otherEncumbrance: total(participant) - key.encumbrance,
      certificateCredit: key.certificateCredit,
      position: { side: own.side, notional: own.notional },
      venueCollateral: key.venueCollateral,
      unrealisedLoss: key.unrealisedLoss,
      fees: key.fees,
      otherRequirement,
    },
    openInterest: {
      long: market.openInterest.long - (own.side === 'long' ? own.notional : 0n),
      short: market.openInterest.short - (own.side === 'short' ? own.notional : 0n),
    },
    headroom: { long: market.headroom.long - own.headroom.long, short: market.headroom.short - own.headroom.short },
    ownHeadroom: own.headroom,
    damper: market.damper,
    marginCall: participant.marginCall,
    sequence: own.lastSequence + 1n,
    position: { block: own.block },
    beside: [...participant.keys.values()].flatMap((other) =>
      [...other.positions].flatMap(([id, { notional, maxNotional }]) => {
        const most = max(notional, maxNotional)
        return most === 0n || (other === key && id === subject.market) ? [] : [{ market: id, notional: most }]
      }),
    ),
  }
}

/** What a market of one chain holds of everybody. One that was never written holds nothing. */
export function marketOf(book: Book, { chainId, market }: { readonly chainId: number; readonly market: Hex }): Market {
  return book.markets.get(marketId(chainId, market)) ?? emptyMarket
}

/**
 * What is bound of a participant's credit: Σ enc over its keys, and releases and settlements signed and not settled. USD.
 *
 * @throws {UnknownParticipantError}
 */
export function encumbered(book: Book, participantId: Hex): bigint {
  const participant = book.participants.get(participantId)
  if (!participant) throw new UnknownParticipantError(participantId)
  return total(participant)
}

/** Reads the ledger of everybody, or of one subject's participant and market, in one statement. */
export async function read(queries: Queries, args: read.Arguments): Promise<Book> {
  const { now, subject } = args
  const params: Param[] = subject ? [now, subject.participantId, subject.venue.chainId, subject.market] : [now]
  const [row] = await queries.query<{ book: string }>(subject ? ofOne : ofAll, params)
  return parse(JSON.parse(row?.book ?? '{}') as Raw, now)
}

export declare namespace read {
  type Arguments = { readonly now: number; readonly subject: Subject | null }
}

/** Seconds a used release or a paid settlement still counts after its final use was seen: a view of the vault may be older than that block. */
export const releaseGrace = 120

const list = (columns: string, rest: string) => `(select coalesce(json_agg(json_build_array(${columns})), '[]') ${rest})`
const select = (filter: { participant: string; market: string; key: string }) => `
  select json_build_object(
    'participants', ${list(
      `id, version::text, called_at is not null, (
        (select coalesce(sum(credit), 0) from releases
          where participant_id = participants.id and (status = 'pending' or status = 'used' and settled_at + ${releaseGrace} > $1::int8))
        + (select coalesce(sum(credit), 0) from settlements
          where participant_id = participants.id and (status = 'pending' or status = 'paid' and ended_at + ${releaseGrace} > $1::int8))
      )::text`,
      `from participants ${filter.participant}`,
    )},
    'keys', ${list(
      `participant_id, account, chain_id, venue, encumbrance::text, certificate_credit::text, book_credit::text,
        venue_collateral::text, unrealised_loss::text, fees::text`,
      `from keys ${filter.key}`,
    )},
    'positions', ${list(
      `keys.participant_id, p.account, p.chain_id, p.venue, p.market, p.side, p.notional::text, p.requirement::text,
        p.max_notional::text, p.certificate_requirement::text, p.long_headroom::text, p.short_headroom::text,
        greatest(p.last_sequence, p.accepted_sequence)::text, p.block_number::text, p.read_at`,
      `from keys join positions p using (account, chain_id, venue) ${filter.key}`,
    )},
    'markets', ${list(
      `chain_id, market, version::text, long_interest::text, short_interest::text, long_headroom::text, short_headroom::text, damper`,
      `from markets ${filter.market}`,
    )},
    'certificates', ${list(
      `participant_id, account, chain_id, venue, market, sequence::text, max_notional::text, credit::text, expires_at`,
      `from certificates ${filter.key === '' ? 'where' : `${filter.key} and`} dead_at is null`,
    )}
  )::text as book`

const ofAll = select({ participant: '', market: '', key: '' })
const ofOne = select({ participant: 'where id = $2', market: 'where chain_id = $3 and market = $4', key: 'where participant_id = $2' })

type Raw = {
  readonly participants: readonly [Hex, string, boolean, string][]
  readonly keys: readonly [Hex, Hex, number, Hex, string, string, string, string, string, string][]
  readonly positions: readonly [
    ...[Hex, Hex, number, Hex, Hex, Position['side'], string, string, string, string, string, string, string, string, number],
  ][]
  readonly markets: readonly [number, Hex, string, string, string, string, string, string | null][]
  readonly certificates: readonly [Hex, Hex, number, Hex, Hex, string, string, string, number][]
}

function parse(raw: Raw, readAt: number): Book {
  let version = 0n
  const positions = new Map<string, Map<Hex, Position>>()
  for (const [
    ,
    account,
    chainId,
    venue,
    market,
    side,
    notional,
    requirement,
    maxNotional,
    certified,
    long,
    short,
    last,
    block,
    at,
  ] of raw.positions) {
    const id = keyId({ account, venue: { chainId, address: venue } })
    const ofKey = positions.get(id) ?? new Map<Hex, Position>()
    positions.set(id, ofKey)
    ofKey.set(market, {
      side,
      notional: BigInt(notional),
      requirement: BigInt(requirement),
      maxNotional: BigInt(maxNotional),
      certificateRequirement: BigInt(certified),
      headroom: { long: BigInt(long), short: BigInt(short) },
      lastSequence: BigInt(last),
      block: { number: BigInt(block), timestamp: at },
    })
  }
  const keys = new Map<Hex, Map<string, Key>>()
  for (const [participantId, account, chainId, venue, encumbrance, certificate, book, collateral, loss, fees] of raw.keys) {
    const id = keyId({ account, venue: { chainId, address: venue } })
    const ofParticipant = keys.get(participantId) ?? new Map<string, Key>()
    keys.set(participantId, ofParticipant)
    ofParticipant.set(id, {
      account,
      chainId,
      venue,
      encumbrance: BigInt(encumbrance),
      certificateCredit: BigInt(certificate),
      bookCredit: BigInt(book),
      venueCollateral: BigInt(collateral),
      unrealisedLoss: BigInt(loss),
      fees: BigInt(fees),
      positions: positions.get(id) ?? new Map(),
    })
  }
  const participants = new Map<Hex, Participant>()
  for (const [id, own, marginCall, releases] of raw.participants) {
    version += BigInt(own)
    participants.set(id, { version: BigInt(own), marginCall, releases: BigInt(releases), keys: keys.get(id) ?? new Map() })
  }
  const markets = new Map<string, Market>()
  for (const [chainId, market, own, longInterest, shortInterest, longHeadroom, shortHeadroom, damper] of raw.markets) {
    version += BigInt(own)
    markets.set(marketId(chainId, market), {
      version: BigInt(own),
      openInterest: { long: BigInt(longInterest), short: BigInt(shortInterest) },
      headroom: { long: BigInt(longHeadroom), short: BigInt(shortHeadroom) },
      damper: damper === null ? null : (JSON.parse(damper) as Inputs.Damper),
    })
  }
  const certificates = raw.certificates.map(
    ([participantId, account, chainId, venue, market, sequence, maxNotional, credit, expiresAt]): Live => ({
      ...{ participantId, account, chainId, venue, market, expiresAt },
      ...{ sequence: BigInt(sequence), maxNotional: BigInt(maxNotional), credit: BigInt(credit) },
    }),
  )
  return { version, readAt, participants, markets, certificates }
}

const emptyMarket: Market = { version: 0n, openInterest: { long: 0n, short: 0n }, headroom: { long: 0n, short: 0n }, damper: null }

function total(participant: Participant): bigint {
  let sum = participant.releases
  for (const key of participant.keys.values()) sum += key.encumbrance
  return sum
}

/** How a book names a key: chain, venue, account. */
export function keyId(subject: Pick<Subject, 'account' | 'venue'>): string {
  return `${subject.venue.chainId}|${subject.venue.address}|${subject.account}`
}

/**
 * How a book names a market.
 *
 * @example
 * Book.marketId(31337003, '0xab')
 * // => '31337003|0xab'
 */
export function marketId(chainId: number, market: Hex): string {
  return `${chainId}|${market}`
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** Thrown for a participant the ledger does not hold. */
export class UnknownParticipantError extends BaseError {
  override readonly name = 'Book.UnknownParticipantError'
  override readonly code = 'UNKNOWN_PARTICIPANT'
  readonly participantId: Hex

  constructor(participantId: Hex) {
    super(`There is no participant ${participantId}.`, { hint: 'Sign in with one of its accounts first.' })
    this.participantId = participantId
  }
}

/** Thrown while the position at a venue was never read at a finalized block. */
export class PositionUnreadError extends BaseError {
  override readonly name = 'Book.PositionUnreadError'
  override readonly code = 'POSITION_UNREAD'
  readonly subject: Subject

  constructor(subject: Subject) {
    const { account, venue, market } = subject
    super(`The position of ${account} at ${venue.address} on chain ${venue.chainId} in market ${market} has not been read yet.`, {
      hint: 'Ask again once a finalized block of that chain has been read.',
    })
    this.subject = subject
  }
}
