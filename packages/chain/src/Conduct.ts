/** Contract events as the evidence a track record is made of. */
import type { Fixed } from '@plimsoll/margin'
import { Caip10, Exposure, type Model, type TrackRecord } from '@plimsoll/reputation'
import type { Event } from './Event.ts'
import type { Hex } from './Hex.ts'

/** What is still open of one account at one venue in one market, oldest first. Sizes in base units × 1e18. */
type Opened = { readonly at: number; readonly size: bigint }

/**
 * The liquidations, bad debts, closes and fees among some events, for `TrackRecord.of`.
 *
 * A close is held as long as the youngest part of what it closes, so that an old small position lends its age to nothing. What a liquidation
 * closes is no close, and what the liquidator gets is no fee: it may be the same person's pocket. What deleveraging closes is none either,
 * and what a winner gives up for it is no fee.
 * Margin calls and self-rescues are not in contract events, and are not made up here; for exposure see `exposures`.
 *
 * @param events - of whole histories: from before the account's first position, in chain order.
 * @returns ids made of chain, transaction, log index and kind.
 */
export function of(events: readonly Event[]): readonly TrackRecord.Event[] {
  const forced = forcedOf(events)
  const open = new Map<string, readonly Opened[]>()
  return events.flatMap((event): readonly TrackRecord.Event[] => {
    const { kind, at, amountUsd } = event
    if (amountUsd === null) return []
    const base = { id: `${event.chainId}:${event.transactionHash}:${event.logIndex}:${kind}`, account: Caip10.eoa(event.account), at }
    if (kind === 'liquidation') return [{ ...base, kind, amountUsd }]
    if (kind === 'bad-debt') return [{ ...base, kind: 'badDebt', amountUsd }]
    if (kind === 'fee.paid') return [{ ...base, kind: 'fee', amountUsd, recoverableUsd: 0n }]
    if (event.size === null) return []

    const key = positionKey(event)
    const before = open.get(key) ?? []
    if (kind === 'position.opened') open.set(key, [...before, { at, size: event.size }])
    if (kind !== 'position.closed') return []
    const { left, youngestAt } = close(before, event.size)
    open.set(key, left)
    if (forced.has(tradeKey(event))) return []
    return [{ ...base, kind: 'close', amountUsd, heldSeconds: youngestAt === null ? 0 : at - youngestAt }]
  })
}

/**
 * The exposure that lived through adverse days, from how positions moved and what the index price was: no contract says it.
 *
 * Source: docs/method/reputation.md, eq. (20) and (21), on the net position of all accounts at all venues.
 *
 * @param args.events - of all accounts of one participant, of whole histories, each account's in chain order.
 * @param args.markets - index prices at final blocks, and what an adverse day is measured by, by market id.
 * @throws {Exposure.InvalidMarkError}
 */
export function exposures(args: exposures.Args, model: Model.Model): readonly TrackRecord.Event[] {
  const { events, markets } = args
  const account = events[0]?.account
  if (account === undefined) return []
  const liquidated = new Set(events.filter((event) => event.kind === 'liquidation').map(tradeKey))
  const losses = events.flatMap(({ kind, at, amountUsd }) =>
    amountUsd === null || !kind.startsWith('loss.') ? [] : [{ at, amountUsd: kind === 'loss.recorded' ? amountUsd : -amountUsd }],
  )
  return [...markets].flatMap(([market, { marks, sigmaPpm }]) => {
    const moves = events.flatMap((event) =>
      event.market === market && event.delta !== null
        ? [{ at: event.at, delta: event.delta, liquidation: liquidated.has(tradeKey(event)) }]
        : [],
    )
    return moves.length === 0 ? [] : Exposure.of({ account: Caip10.eoa(account), market, changes: moves, marks, losses, sigmaPpm }, model)
  })
}

export declare namespace exposures {
  type Args = {
    readonly events: readonly Event[]
    readonly markets: ReadonlyMap<Hex, { readonly marks: readonly Exposure.Mark[]; readonly sigmaPpm: number }>
  }
}

/** A margin call as the ledger opened or cleared it. One id whatever account it is read from. */
export type Call = {
  readonly id: string
  readonly account: Hex
  readonly at: number
  readonly kind: 'called' | 'cleared'
  /** What was missing. USD. */
  readonly amountUsd: bigint
}

/** What somebody does to answer a call, and what takes an answer back. */
const answers: Readonly<Partial<Record<Event['kind'], 1n | -1n>>> = {
  'collateral.locked': 1n,
  'venue.deposited': 1n,
  'position.closed': 1n,
  'collateral.released': -1n,
  'escape.executed': -1n,
  'venue.withdrawn': -1n,
  'position.opened': -1n,
}

/**
 * Margin calls, and those that were answered: cleared after the participant put up or reduced at least what was missing, without a liquidation
 * on the way. A call that the market cleared by itself was not answered, and a grain from whomever makes it none that was.
 *
 * Source: docs/method/reputation.md, eq. (22).
 *
 * @param args.calls - of one participant's accounts; the same call read from two accounts is one.
 * @param args.events - of the same accounts.
 * @param args.worthOf - what tokens that moved count for, or of a trade the margin that it frees or takes. USD; null for unknown, which answers
 * nothing, and takes back whatever was an answer. Asked for an answer rounded down, and for what takes one back rounded up.
 */
export function calls(args: calls.Args): readonly TrackRecord.Event[] {
  const { events, worthOf } = args
  const forced = forcedOf(events)
  const all = [...new Map(args.calls.map((call) => [call.id, call])).values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  return all.flatMap((call, i): readonly TrackRecord.Event[] => {
    if (call.kind !== 'called') return []
    const base = { account: Caip10.eoa(call.account), amountUsd: call.amountUsd }
    const called = { ...base, id: call.id, at: call.at, kind: 'marginCall' as const }
    const cleared = all[i + 1]
    if (cleared?.kind !== 'cleared') return [called]
    const between = events.filter(({ at }) => at >= call.at && at <= cleared.at)
    const answer = answerOf(
      between.filter((event) => !forced.has(tradeKey(event))),
      worthOf,
    )
    const rescued = answer !== null && answer >= call.amountUsd && !between.some(({ kind }) => kind === 'liquidation')
    return rescued ? [called, { ...base, id: cleared.id, at: cleared.at, kind: 'selfRescue' }] : [called]
  })
}

export declare namespace calls {
  type Args = {
    readonly calls: readonly Call[]
    readonly events: readonly Event[]
    readonly worthOf: (event: Event, rounding: Fixed.Directed) => bigint | null
  }
}

/** What was put up and reduced, less what was taken out and opened; null where nothing was done, or something unknown taken out. USD. */
function answerOf(events: readonly Event[], worthOf: calls.Args['worthOf']): bigint | null {
  let answer: bigint | null = null
  for (const event of events) {
    const sign = answers[event.kind]
    if (sign === undefined) continue
    const worth = worthOf(event, sign > 0n ? 'down' : 'up')
    if (worth === null && sign < 0n) return null
    answer = (answer ?? 0n) + sign * (worth ?? 0n)
  }
  return answer
}

/** Trades that were not the account's own doing. */
function forcedOf(events: readonly Event[]): ReadonlySet<string> {
  return new Set(events.filter(({ kind }) => kind === 'liquidation' || kind === 'deleveraging').map(tradeKey))
}

/** Takes the youngest first: what was opened last is closed first. */
function close(opened: readonly Opened[], size: bigint): { readonly left: readonly Opened[]; readonly youngestAt: number | null } {
  const left = [...opened]
  const youngestAt = left.at(-1)?.at ?? null
  let rest = size
  while (rest > 0n) {
    const last = left.pop()
    if (!last) break
    if (last.size > rest) left.push({ at: last.at, size: last.size - rest })
    rest -= last.size
  }
  return { left, youngestAt }
}

function positionKey(event: Event): string {
  return `${event.chainId}:${event.contract}:${event.account}:${event.market}`
}

function tradeKey(event: Event): string {
  return `${positionKey(event)}:${event.transactionHash}`
}
