/** From a request to a limit: quote from the snapshot, issue from the ledger. */
import { Certificate, Hash } from '@plimsoll/contracts'
import { Amount, Fixed, Inputs, Limit } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import * as Gather from './Gather.ts'
import type { Decision, Services, Session, Signed } from './Services.ts'
import type { Snapshot, Uncounted } from './Snapshot.ts'
import { encode, type Wire } from './Wire.ts'

type Hex = Inputs.Hex
type Key = { readonly account: string; readonly venue: string; readonly market: string }

/** A limit as it crosses the network. */
export type Quoted = { readonly ageSeconds: number; readonly asOf: number; readonly limit: Wire<Shown> }
type Shown = Pick<
  Limit.Limit,
  'notional' | 'side' | 'imPpm' | 'mmPpm' | 'requirement' | 'leveragePpm' | 'credit' | 'equity' | 'protocolDefault' | 'reasons' | 'bounds'
>

/** Quotes already made from one snapshot: the same question gets the same answer without the work. */
const quoted = new WeakMap<Snapshot, Map<string, Quoted['limit']>>()

/** What issuing needs of the services: no more, so that whoever drives it by other means has no more to bring. */
export type Desk = Pick<Services, 'now' | 'fresh'> & {
  readonly identity: Pick<Services['identity'], 'owns'>
  readonly ledger: Pick<Services['ledger'], 'issue'>
  readonly signer: Pick<Services['signer'], 'sign' | 'uncounted'>
}

/**
 * The largest notional in one market if nothing else were issued. Binds nothing; quotes do not add up.
 *
 * No SQL and no RPC: it reads the snapshot alone, and says how old that is.
 */
export async function quote(services: Services, session: Session, key: Key): Promise<Quoted> {
  const account = await owned(services, session, key)
  const snapshot = await services.fresh()
  const asOf = Math.floor(snapshot.takenAtMs / 1000)
  const uncounted = services.signer.uncounted(session.participantId)
  const without = uncounted.map(({ holder, chainId, code }) => `${holder}@${chainId}:${code}`).join()
  const id = `${session.participantId}|${account}|${key.venue}|${key.market}|${without}`
  const known = quoted.get(snapshot) ?? new Map<string, Quoted['limit']>()
  quoted.set(snapshot, known)
  let limit = known.get(id)
  if (!limit) {
    const venue = Gather.venueOf(snapshot, key.venue)
    const { terms } = Gather.marketOf(snapshot, key.market)
    const ledger = snapshot.ledger.state({ participantId: session.participantId, account, venue, market: terms })
    limit = show(
      Limit.of(
        Gather.inputs(snapshot, {
          participantId: session.participantId,
          account,
          venue: key.venue,
          market: key.market,
          notional: null,
          asOf,
          ledger,
          uncounted,
        }),
      ),
    )
    known.set(id, limit)
  }
  return { ageSeconds: Math.max(0, services.now() - snapshot.takenAtMs) / 1000, asOf, limit }
}

/**
 * What to do with a notional below what is open: say so and sign nothing; sign it, since reducing is always possible; or sign for what is
 * open, as who renews means it whose position has grown with its price.
 */
export type BelowOpen = 'refuse' | 'cut' | 'keep'

/**
 * Encumbers credit and signs a certificate for `notional`, once per idempotency key.
 *
 * Below what is open it is a cut, which nobody is to get by mistake: it is refused unless `belowOpen` asks for it, or for what is open instead.
 * Inputs are gathered, the limit computed and the digest signed inside the ledger's transaction, on what the ledger holds there. Where signers
 * sign nothing and do not count some of the lots, they are asked once more without these: for less, if it still gives what was asked for.
 */
export async function issue(
  services: Desk,
  session: Session,
  request: Key & { readonly notional: bigint; readonly idempotencyKey: string; readonly belowOpen: BelowOpen },
): Promise<issue.Answer> {
  const account = await owned(services, session, request)
  const snapshot = await services.fresh()
  const venue = Gather.venueOf(snapshot, request.venue)
  const { terms } = Gather.marketOf(snapshot, request.market)
  const { epoch } = venue
  if (epoch === null)
    throw new Gather.InputMissingError({ code: 'VENUE_UNREAD', what: `The limit book of venue ${venue.id} cannot be read.` })
  // Who would keep what is open has not asked for the same as who would not, and gets another answer.
  const kept = request.belowOpen === 'keep' ? ['keep'] : []
  const body = [session.participantId, account, venue.id, terms.symbol, request.notional.toString(), ...kept]
  const bodyHash = Hash.ofText(JSON.stringify(body))
  let limit: Limit.Limit | undefined
  let cut: Refusal | undefined

  /** What is decided on the lots that count; `unsigned` where signers signed nothing. */
  const decide = async (held: Held, uncounted: readonly Uncounted[]): Promise<Decision | Unsigned> => {
    const asOf = Math.floor(services.now() / 1000)
    const { participantId } = session
    const open = held.ledger.position.notional
    const notional = request.belowOpen === 'keep' ? Fixed.max(request.notional, open) : request.notional
    const asked = { participantId, account, venue: request.venue, market: request.market, notional }
    const inputs = Gather.inputs(snapshot, { ...asked, asOf, ledger: held, uncounted })
    limit = Limit.of(inputs)
    const { granted, credit, damper } = limit
    if (granted === null || granted.status === 'refused') return { status: 'refuse' }
    cut = request.notional < open && request.belowOpen === 'refuse' ? below(request.notional, open) : undefined
    if (cut) return { status: 'refuse' }

    const document = Inputs.canonical(inputs)
    const certificate: Certificate.Certificate = {
      participantId,
      account,
      venue: venue.address,
      market: terms.id,
      maxNotional: granted.maxNotional,
      credit: granted.credit,
      imPpm: granted.imPpm,
      sequence: held.sequence,
      issuedAt: BigInt(asOf),
      expiresAt: BigInt(asOf + snapshot.params.ttlSeconds),
      epoch,
      inputsHash: Hash.ofText(document),
      modelHash: inputs.forecast.modelHash,
      paramsHash: snapshot.paramsHash,
    }
    const { chainId, limitBook } = venue
    const digest = Certificate.digest(certificate, { chainId, verifyingContract: limitBook })
    const { lots } = inputs.view
    try {
      const signatures = await services.signer.sign({ digest, chainId, limitBook, certificate, document })
      const signed: Signed = { chainId, limitBook, certificate, signatures }
      const holders = [...new Map(lots.map(({ holder, chainId }) => [`${holder}@${chainId}`, { address: holder, chainId }])).values()]
      return { status: 'issue', signed, document, creditTotal: credit.total, holders, damper }
    } catch (error) {
      return { status: 'unsigned', lots, error }
    }
  }

  const outcome = await services.ledger.issue(
    {
      participantId: session.participantId,
      account,
      venue,
      market: { id: terms.id, symbol: terms.symbol, sideCap: terms.caps.side },
      idempotencyKey: request.idempotencyKey,
      bodyHash,
    },
    async (held) => {
      const uncounted = () => services.signer.uncounted(session.participantId)
      const attempt = await decide(held, uncounted())
      if (attempt.status !== 'unsigned') return attempt
      const now = uncounted()
      if (!attempt.lots.some((lot) => now.some((one) => Gather.isOf(one, lot)))) throw attempt.error
      const second = await decide(held, now)
      if (second.status === 'unsigned') throw second.error
      return second
    },
  )

  if (outcome.status === 'issued') return { status: 'issued', signed: outcome.signed, limit: limit ? show(limit) : null }
  if (limit && cut) return { status: 'refused', refusal: cut, limit: show(limit) }
  if (limit?.granted?.status !== 'refused') throw new RefusalWithoutReasonError()
  const { code, message, hint } = limit.granted
  return { status: 'refused', refusal: { code, message, hint }, limit: show(limit) }
}

type Held = Parameters<Parameters<Desk['ledger']['issue']>[1]>[0]
type Unsigned = { readonly status: 'unsigned'; readonly lots: readonly Inputs.Lot[]; readonly error: unknown }

export declare namespace issue {
  type Answer =
    | { readonly status: 'issued'; readonly signed: Signed; readonly limit: Quoted['limit'] | null }
    | { readonly status: 'refused'; readonly refusal: Refusal; readonly limit: Quoted['limit'] }
}

type Refusal = { readonly code: string; readonly message: string; readonly hint: string }

function below(notional: bigint, open: bigint): Refusal {
  const [to, from] = [Amount.dollars(notional, 'down'), Amount.dollars(open, 'up')]
  return {
    code: 'BELOW_OPEN',
    message: `What is open there is ${from} USD, and this would cut it to ${to} USD: nothing more could be opened, only reduced.`,
    hint: 'Nothing was signed. Ask again with `belowOpen: "cut"` if that is meant, or with "keep" for what is open.',
  }
}

function show(limit: Limit.Limit): Quoted['limit'] {
  const { notional, side, imPpm, mmPpm, requirement, leveragePpm, credit, equity, protocolDefault, reasons, bounds } = limit
  return encode({ notional, side, imPpm, mmPpm, requirement, leveragePpm, credit, equity, protocolDefault, reasons, bounds })
}

/** The account in lower case, if it is the caller's. */
export async function owned(services: Pick<Desk, 'identity'>, session: Session, key: Pick<Key, 'account' | 'venue'>): Promise<Hex> {
  const lower = key.account.toLowerCase() as Hex
  const chainId = Number(key.venue.split(':')[1])
  if (lower !== session.account && !(await services.identity.owns(session.participantId, lower, chainId)))
    throw new AccountNotLinkedError(lower)
  return lower
}

/** Thrown when a caller names an account that is not linked to it. */
export class AccountNotLinkedError extends BaseError {
  override readonly name = 'Limits.AccountNotLinkedError'
  constructor(account: string) {
    super({
      code: 'ACCOUNT_NOT_LINKED',
      message: `Account ${account} is not linked to the signed-in participant.`,
      hint: 'Link it first, signed by both accounts: `linkAccount` of the SDK, or `accounts.prepareLink` and `accounts.link`.',
    })
  }
}

/** Thrown when the ledger refused without the limit saying why: an invariant of ours is broken. */
export class RefusalWithoutReasonError extends BaseError {
  override readonly name = 'Limits.RefusalWithoutReasonError'
  constructor() {
    super({
      code: 'REFUSAL_WITHOUT_REASON',
      message: 'The request was refused and no reason was recorded.',
      hint: 'Nothing was bound. Report this with the request.',
    })
  }
}
