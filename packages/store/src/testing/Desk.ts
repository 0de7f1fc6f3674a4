/** A desk that issues and observes as a gateway would, with figures chosen by the test. */
import { Hash } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import type * as Book from '../Book.ts'
import type { Database } from '../Database.ts'
import * as Ledger from '../Ledger.ts'
import type * as Observation from '../Observation.ts'
import * as Participants from '../Participants.ts'

type Hex = Inputs.Hex

/** USD 1. */
export const usd = 10n ** 18n
export const chainId = 31337003
export const noon = 1_700_000_000

/** `0x` and so many bytes that say what they are, for reading failures. */
export function hex(name: string, bytes: number): Hex {
  return `0x${Buffer.from(name)
    .toString('hex')
    .padEnd(bytes * 2, '0')
    .slice(0, bytes * 2)}`
}

export const venue = (name: string) => ({ chainId, address: hex(`venue ${name}`, 20) })
export const market = (name: string) => hex(`market ${name}`, 32)
export const account = (name: string) => hex(`account ${name}`, 20)
export const accountId = (name: string) => `eip155:0:${account(name)}`

export async function join(database: Database, name: string): Promise<Hex> {
  return (await Participants.ensure(database, { account: accountId(name) })).participantId
}

export type Read = Partial<Omit<Observation.AccountRead, 'account' | 'positions'>> & {
  readonly name: string
  readonly venue: string
  readonly market: string
  readonly block?: number
  readonly timestamp?: number
  readonly side?: 'long' | 'short' | 'flat'
  readonly notional?: bigint
  readonly requirement?: bigint
  readonly acceptedSequence?: bigint
}

/** One account and market as read at a final block; flat, with nothing, unless said otherwise. */
export function observation(read: Read): Observation.Observation {
  const { block = 1, notional = 0n, requirement = 0n, acceptedSequence = 0n } = read
  const { timestamp = noon + block, venueCollateral = 0n, unrealisedLoss = 0n, fees = 0n, credit = 0n } = read
  const side = read.side ?? (notional === 0n ? 'flat' : 'long')
  const position = { market: market(read.market), side, notional, requirement, acceptedSequence }
  return {
    chainId,
    venue: venue(read.venue).address,
    block: { number: BigInt(block), hash: Hash.ofText(`block ${block}`), timestamp },
    accounts: [{ account: account(read.name), venueCollateral, unrealisedLoss, fees, credit, positions: [position] }],
  }
}

export function observe(database: Database, read: Read): Promise<Observation.Observed> {
  return Ledger.observe(database, observation(read))
}

export type Ask = {
  readonly participantId: Hex
  readonly name: string
  readonly venue: string
  readonly market: string
  readonly key: string
  /** Of the certificate. USD. */
  readonly credit: bigint
  /** All of it. USD. */
  readonly total: bigint
  readonly maxNotional?: bigint
  readonly imPpm?: number
  readonly sideCap?: bigint
  readonly holders?: Extract<Ledger.Decision, { status: 'issue' }>['holders']
  readonly issuedAt?: number
  readonly expiresAt?: number
  readonly body?: string
  /** What the decision is changed into before it is committed. */
  readonly turn?: (decision: Ledger.Decision & { status: 'issue' }, state: Book.State) => Ledger.Decision | Promise<Ledger.Decision>
}

export function request(ask: Ask): Ledger.Request {
  return {
    participantId: ask.participantId,
    account: account(ask.name),
    venue: venue(ask.venue),
    market: { id: market(ask.market), sideCap: ask.sideCap ?? 10n ** 60n },
    idempotencyKey: ask.key,
    bodyHash: Hash.ofText(ask.body ?? ask.key),
  }
}

export function decision(ask: Ask, state: Book.State): Ledger.Decision & { status: 'issue' } {
  const { key, credit, total, maxNotional = credit * 10n, imPpm = 100_000, issuedAt = noon, expiresAt = noon + 300 } = ask
  const document = JSON.stringify({ key, version: `${state.ledger.version}` })
  return {
    status: 'issue',
    document,
    creditTotal: total,
    holders: ask.holders ?? [],
    damper: null,
    signed: {
      chainId,
      limitBook: hex('limit book', 20),
      signatures: [hex(`signature of ${key}`, 65)],
      certificate: {
        ...{ participantId: ask.participantId, account: account(ask.name), venue: venue(ask.venue).address, market: market(ask.market) },
        ...{ maxNotional, credit, imPpm, sequence: state.sequence, issuedAt: BigInt(issuedAt), expiresAt: BigInt(expiresAt), epoch: 1 },
        ...{ inputsHash: Hash.ofText(document), modelHash: hex('model', 32), paramsHash: hex('params', 32) },
      },
    },
  }
}

export function issue(database: Database, ask: Ask): Promise<Ledger.Issued> {
  return Ledger.issue(database, request(ask), async (state) => {
    const made = decision(ask, state)
    return ask.turn ? ask.turn(made, state) : made
  })
}
