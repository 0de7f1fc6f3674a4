/** The encumbrance ledger: what is bound of whose credit, and the one way to bind more. */
import { Hash } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import * as Book from './Book.ts'
import * as Certificates from './Certificates.ts'
import type { Database, Queries } from './Database.ts'
import * as Deadline from './Deadline.ts'
import { together } from './Driver.ts'
import { CreditEncumberedError, MarginCallError, MarketCapExceededError } from './LedgerErrors.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

export { audit } from './Audit.ts'
export { call, ledgerChainId } from './MarginCalls.ts'
export { meet, observe } from './Observation.ts'
export { release, settle } from './Releases.ts'
export { conclude, cover, order } from './Settlements.ts'

type Hex = Inputs.Hex

export type Request = {
  readonly participantId: Hex
  readonly account: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly market: { readonly id: Hex /** Greatest open interest plus live headroom of a side. USD. */; readonly sideCap: bigint }
  readonly idempotencyKey: string
  /** Of the request's body: the same key with another body is refused. */
  readonly bodyHash: Hex
}

type Holder = { readonly address: Hex; readonly chainId: number }

/** What `decide` makes of what the ledger holds. */
export type Decision =
  | {
      readonly status: 'issue'
      readonly signed: Certificates.Signed
      /** Canonical text of the inputs document whose hash the certificate binds. */
      readonly document: string
      /** The participant's credit, every lot of it. USD. */
      readonly creditTotal: bigint
      /**
       * Who has locked what that credit rests on, and where: it does not count for whoever they have left since. A contract account that is
       * linked on one chain says nothing of what lies at its address on another. Lower case.
       */
      readonly holders: readonly Holder[]
      /** The quantiles applied, which the next certificate in this market starts from. */
      readonly damper: Inputs.Damper | null
    }
  | { readonly status: 'refuse' }

/** A refusal binds nothing and is not kept: the same key may be used again. */
export type Issued =
  | { readonly status: 'issued'; readonly signed: Certificates.Signed; readonly replayed: boolean }
  | { readonly status: 'refused' }

/**
 * Issues one certificate, once per idempotency key, in one transaction.
 *
 * Locks the participant, then the market; gives `decide` what they hold; then checks again, on the rows as written,
 * I1: Σ enc + releases ≤ credit, and I11: open interest + live headroom ≤ cap. Certificate, encumbrance, inputs document,
 * answer and outbox row commit together or not at all. A certificate that binds no more than is bound already (a cut, a
 * renewal) always passes.
 *
 * @param decide - Computes and signs. It may take `decideSeconds`, and must not ask the database.
 * @throws {CreditEncumberedError} {MarketCapExceededError} {MarginCallError} an invariant would break.
 * @throws {IdempotencyConflictError} the key was used with another body.
 * @throws {AccountNotLinkedError} {Book.UnknownParticipantError} {Book.PositionUnreadError}
 * @throws {DecisionMismatchError} {Deadline.DecisionTimeoutError} a fault in `decide`.
 */
export async function issue(database: Database, request: Request, decide: (state: Book.State) => Promise<Decision>): Promise<Issued> {
  const subject = subjectOf(request)
  return database.transaction(async (queries) => {
    const locked = Locks.participant(queries, subject.participantId)
    const [, now, { answer, linked }] = await together([locked, database.now(queries), answered(queries, { request, subject })])
    if (answer !== null) return { status: 'issued', signed: Certificates.fromText(answer), replayed: true }

    await Locks.markets(queries, { chainId: subject.venue.chainId, markets: [subject.market] })
    const book = await Book.read(queries, { now, subject })
    const state = Book.state(book, subject)
    const decision = await Deadline.within(database.decideSeconds, decide(state))
    if (decision.status === 'refuse') return { status: 'refused' }
    check(decision, { subject, state, now })
    const gone = decision.holders.find(({ address, chainId }) => ![0, chainId].some((chain) => linked.has(`${address}@${chain}`)))
    if (gone !== undefined) throw new AccountNotLinkedError({ participantId: subject.participantId, account: gone.address })

    const { signed, document } = decision
    const before = Book.encumbered(book, subject.participantId)
    await together([
      Certificates.insert(queries, { signed, document, now }),
      bind(queries, { subject, sideCap: request.market.sideCap, decision, before, called: state.marginCall }),
      remember(queries, { request, subject, signed, now }),
    ])
    return { status: 'issued', signed, replayed: false }
  })
}

export declare namespace issue {
  type ErrorType =
    | CreditEncumberedError
    | MarketCapExceededError
    | MarginCallError
    | IdempotencyConflictError
    | AccountNotLinkedError
    | Book.UnknownParticipantError
    | Book.PositionUnreadError
    | DecisionMismatchError
    | Deadline.DecisionTimeoutError
}

/** The whole ledger at one version, for answering quotes from memory. */
export async function snapshot(database: Database): Promise<Book.Book> {
  return Book.read(database, { now: await database.now(), subject: null })
}

/** Addresses as the ledger writes them: in lower case, so that one account has one row. */
function subjectOf(request: Request): Book.Subject {
  const { chainId, address } = request.venue
  return {
    participantId: lower(request.participantId),
    account: lower(request.account),
    venue: { chainId, address: lower(address) },
    market: lower(request.market.id),
  }
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}

/** The stored answer of this key, if it was used, and who is linked now, `address@chain`, a key on chain 0; refused where the account may not be used at all. */
async function answered(
  queries: Queries,
  args: { request: Request; subject: Book.Subject },
): Promise<{ readonly answer: string | null; readonly linked: ReadonlySet<string> }> {
  const { participantId, account, venue } = args.subject
  const { idempotencyKey, bodyHash } = args.request
  const [row] = await queries.query<{ linked: boolean; everybody: string; body_hash: string | null; answer: string | null }>(
    `select exists (select from accounts where participant_id = $1 and address = $3 and chain_id in (0, $4) and unlinked_at is null) as linked,
       (select coalesce(json_agg(address || '@' || chain_id), '[]')::text from accounts where participant_id = $1 and unlinked_at is null) as everybody,
       (select body_hash from idempotency where participant_id = $1 and key = $2) as body_hash,
       (select answer from idempotency where participant_id = $1 and key = $2) as answer`,
    [participantId, idempotencyKey, account, venue.chainId],
  )
  if (row && row.body_hash !== null) {
    if (row.body_hash !== bodyHash) throw new IdempotencyConflictError({ idempotencyKey })
    return { answer: row.answer, linked: new Set() }
  }
  if (!row?.linked) throw new AccountNotLinkedError({ participantId, account })
  return { answer: null, linked: new Set(JSON.parse(row.everybody) as string[]) }
}

/** A signer's clock may be this far ahead of the database's. Seconds. */
const ahead = 60

type Grant = Extract<Decision, { status: 'issue' }>

/** What is about to be stored must be what was asked for, and be worth storing. */
function check(decision: Grant, against: { subject: Book.Subject; state: Book.State; now: number }): void {
  const { subject, state, now } = against
  const { signed, document } = decision
  const { certificate } = signed
  const faults = [
    lower(certificate.participantId) !== subject.participantId && 'participantId',
    lower(certificate.account) !== subject.account && 'account',
    (lower(certificate.venue) !== subject.venue.address || signed.chainId !== subject.venue.chainId) && 'venue',
    lower(certificate.market) !== subject.market && 'market',
    certificate.sequence !== state.sequence && 'sequence',
    (certificate.issuedAt > BigInt(now + ahead) || certificate.expiresAt <= certificate.issuedAt) && 'issuedAt',
    certificate.expiresAt <= BigInt(now) && 'expiresAt',
    (certificate.maxNotional < 0n || certificate.credit < 0n || certificate.imPpm < 0) && 'amounts',
    signed.signatures.length === 0 && 'signatures',
    Hash.ofText(document) !== certificate.inputsHash && 'inputsHash',
  ].filter((fault) => fault !== false)
  if (faults.length > 0) throw new DecisionMismatchError({ faults })
}

/** Writes headroom and encumbrance, then holds the invariants against what was written. */
async function bind(queries: Queries, args: bind.Arguments): Promise<void> {
  const { subject, sideCap: cap, decision, before, called } = args
  const { venue, account, market, participantId } = subject
  const { certificate } = decision.signed
  const sides = queries.query<{ [K in 'long' | 'short']: bigint } & { [K in 'long_raised' | 'short_raised']: boolean }>(
    `with live as (
       select max(max_notional) as notional, max(requirement) as requirement from certificates
       where account = $1 and chain_id = $2 and venue = $3 and market = $4 and dead_at is null
     ), old as (
       select long_headroom, short_headroom from positions where account = $1 and chain_id = $2 and venue = $3 and market = $4
     ), held as (
       update positions set max_notional = live.notional, certificate_requirement = live.requirement, last_sequence = $5
       from live where account = $1 and chain_id = $2 and venue = $3 and market = $4
       returning long_headroom, short_headroom
     )
     update markets set version = version + 1, damper = $6,
       long_headroom = markets.long_headroom + held.long_headroom - old.long_headroom,
       short_headroom = markets.short_headroom + held.short_headroom - old.short_headroom
     from held, old where chain_id = $2 and market = $4
     returning markets.long_interest + markets.long_headroom as long, markets.short_interest + markets.short_headroom as short,
       held.long_headroom > old.long_headroom as long_raised, held.short_headroom > old.short_headroom as short_raised`,
    [
      account,
      venue.chainId,
      venue.address,
      market,
      certificate.sequence,
      decision.damper === null ? null : JSON.stringify(decision.damper),
    ],
  )
  const credits = queries.query<{ raised: bigint }>(
    `with old as (
       select encumbrance from keys where account = $1 and chain_id = $2 and venue = $3 and participant_id = $4
     ) update keys set certificate_credit = greatest(certificate_credit, $5), potential = (
         select sum(greatest(requirement, certificate_requirement)) from positions where account = $1 and chain_id = $2 and venue = $3
       ) from old
     where account = $1 and chain_id = $2 and venue = $3 and participant_id = $4
     returning keys.encumbrance - old.encumbrance as raised`,
    [account, venue.chainId, venue.address, participantId, certificate.credit],
  )
  const [[side], [credit]] = await together([sides, credits])
  if (!side || !credit) throw new Book.PositionUnreadError(subject)

  const raises = credit.raised > 0n || side.long_raised || side.short_raised
  if (raises && (called || before > decision.creditTotal))
    throw new MarginCallError({ participantId, credit: decision.creditTotal, encumbered: before })
  if (credit.raised > 0n && before + credit.raised > decision.creditTotal)
    throw new CreditEncumberedError({ participantId, credit: decision.creditTotal, encumbered: before, asked: credit.raised })
  if (side.long_raised && side.long > cap) throw new MarketCapExceededError({ market, side: 'long', cap, reserved: side.long })
  if (side.short_raised && side.short > cap) throw new MarketCapExceededError({ market, side: 'short', cap, reserved: side.short })
}

declare namespace bind {
  type Arguments = { subject: Book.Subject; sideCap: bigint; decision: Grant; before: bigint; called: boolean }
}

async function remember(
  queries: Queries,
  args: { request: Request; subject: Book.Subject; signed: Certificates.Signed; now: number },
): Promise<void> {
  const { request, subject, signed, now } = args
  const { participantId, account, venue, market } = subject
  const { maxNotional, credit, imPpm, sequence, expiresAt, inputsHash } = signed.certificate
  const kept = queries.query(
    `with changed as (update participants set version = version + 1 where id = $1)
     insert into idempotency (participant_id, key, body_hash, answer, created_at) values ($1, $2, $3, $4, $5)`,
    [participantId, request.idempotencyKey, request.bodyHash, Certificates.toText(signed), now],
  )
  const body: Outbox.Body = {
    ...{ account, chainId: venue.chainId, venue: venue.address, market, imPpm, inputsHash },
    ...{ maxNotional: `${maxNotional}`, credit: `${credit}`, sequence: `${sequence}`, expiresAt: Number(expiresAt) },
  }
  await together([kept, Outbox.append(queries, { messages: [{ participantId, kind: 'limit.issued', body }], now })])
}

/** Forgets answers older than `before` (unix seconds). Their certificates stay. @returns how many. */
export async function forgetAnswers(queries: Queries, args: { readonly before: number }): Promise<number> {
  const rows = await queries.query('delete from idempotency where created_at < $1 returning key', [args.before])
  return rows.length
}

/** Thrown when an idempotency key comes back with another body. */
export class IdempotencyConflictError extends BaseError {
  override readonly name = 'Ledger.IdempotencyConflictError'
  override readonly code = 'IDEMPOTENCY_CONFLICT'
  readonly idempotencyKey: string

  constructor(options: { readonly idempotencyKey: string }) {
    super(`The idempotency key ${JSON.stringify(options.idempotencyKey)} was used for another request.`, {
      hint: 'Repeat a request with its own key and body; give a new request a new key.',
    })
    this.idempotencyKey = options.idempotencyKey
  }
}

/** Thrown when an account is not one of the participant's. */
export class AccountNotLinkedError extends BaseError {
  override readonly name = 'Ledger.AccountNotLinkedError'
  override readonly code = 'ACCOUNT_NOT_LINKED'
  readonly participantId: Hex
  readonly account: Hex

  constructor(options: { readonly participantId: Hex; readonly account: Hex }) {
    super(`Account ${options.account} is not linked to participant ${options.participantId}.`, {
      hint: 'Link it first, signed by both accounts.',
    })
    this.participantId = options.participantId
    this.account = options.account
  }
}

/** Thrown when the certificate to store is not the one that was asked for. A fault of the issuer: nothing was bound. */
export class DecisionMismatchError extends BaseError {
  override readonly name = 'Ledger.DecisionMismatchError'
  override readonly code = 'DECISION_MISMATCH'
  /** The fields that are wrong. */
  readonly faults: readonly string[]

  constructor(options: { readonly faults: readonly string[] }) {
    super(`The certificate to store does not fit the request: ${options.faults.join(', ')}.`, {
      hint: 'Sign what the ledger asked for: its sequence, its subject, the hash of the document, a time that is not over.',
    })
    this.faults = options.faults
  }
}
