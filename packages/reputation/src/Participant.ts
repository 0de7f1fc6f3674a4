import { BaseError } from './BaseError.ts'
import * as Caip10 from './Caip10.ts'
import * as Canonical from './Canonical.ts'

/** A participant: a set of accounts, and the bad history that stays with it whatever happens to the set. */
export type Participant = {
  readonly participantId: string
  /** The participant this one was merged into; null while it stands for itself. */
  readonly mergedInto: string | null
  /** Current members, by account id. */
  readonly accounts: readonly { readonly account: string; readonly linkedAt: number }[]
  /** Ids of negative events, sorted: its members' own, and those inherited from whoever they were with. Never shrinks. */
  readonly negatives: readonly string[]
}

/** What is known of one account. */
export type Account = {
  readonly account: string
  readonly participantId: string | null
  /** Membership that ended last; null where none did. */
  readonly left: { readonly participantId: string; readonly at: number; readonly coolDownUntil: number } | null
  readonly negatives: readonly string[]
}

export type Event =
  | { readonly kind: 'linked'; readonly id: string; readonly at: number; readonly participantId: string; readonly account: string }
  | { readonly kind: 'unlinked'; readonly id: string; readonly at: number; readonly participantId: string; readonly account: string }
  /** A liquidation, bad debt or margin call of an account; `id` is the id of the record's event. */
  | { readonly kind: 'negative'; readonly id: string; readonly at: number; readonly account: string }
  | { readonly kind: 'merged'; readonly id: string; readonly at: number; readonly from: string; readonly into: string }

/** Everything the events say. */
export type Register = {
  readonly participants: ReadonlyMap<string, Participant>
  readonly accounts: ReadonlyMap<string, Account>
  /** Ids of events that could not have been accepted where they stand: an account already a member elsewhere, or not a member. */
  readonly ignored: readonly string[]
}

/** What forbids a change of the set while it lasts. One for each side of the change. */
export type Standing = {
  readonly openPosition: boolean
  readonly pendingRelease: boolean
  readonly unsettledLoss: boolean
  readonly overEncumbered: boolean
}

export type Refusal =
  | { readonly status: 'refused'; readonly code: 'LINKED_ELSEWHERE'; readonly participantId: string }
  | { readonly status: 'refused'; readonly code: 'COOL_DOWN'; readonly until: number }
  | { readonly status: 'refused'; readonly code: 'NOT_LINKED' | 'LAST_ACCOUNT' | 'UNKNOWN_PARTICIPANT' | 'MERGED_AWAY' }
  | {
      readonly status: 'refused'
      readonly code: 'OPEN_POSITION' | 'PENDING_RELEASE' | 'UNSETTLED_LOSS' | 'OVER_ENCUMBERED'
      readonly side: 'participant' | 'account' | 'from' | 'into'
    }

export type Outcome = { readonly status: 'accepted'; readonly event: Event } | { readonly status: 'unchanged' } | Refusal

/** How long an account that left may not join another participant: 180 days. */
export const coolDownSeconds = 180 * 86_400

/**
 * The register after a set of events, in whatever order and however often each was delivered.
 *
 * Events are first made a set by `id`, then put in one order (time, kind, id). Linking brings an account's bad history
 * in; unlinking leaves it with both sides: the participant keeps it, the account takes along all the participant's,
 * or a clean account could be split off a bad participant. A merge is a union.
 *
 * @throws {ConflictingEventError} two different events carry one id.
 * @throws {InvalidAccountError} an account id is not canonical.
 */
export function of(events: readonly Event[]): Register {
  const members = new Map<string, { participantId: string; linkedAt: number }>()
  const left = new Map<string, { participantId: string; at: number; coolDownUntil: number }>()
  const stains = new Map<string, Set<string>>()
  const blots = new Map<string, Set<string>>()
  const merged = new Map<string, string>()
  const ignored: string[] = []
  const setOf = (map: Map<string, Set<string>>, key: string): Set<string> => {
    const found = map.get(key) ?? new Set<string>()
    map.set(key, found)
    return found
  }

  for (const event of ordered(events)) {
    switch (event.kind) {
      case 'negative': {
        setOf(stains, event.account).add(event.id)
        const member = members.get(event.account)
        if (member) setOf(blots, member.participantId).add(event.id)
        break
      }
      case 'linked': {
        const participantId = root(merged, event.participantId)
        const member = members.get(event.account)
        if (member) {
          if (member.participantId !== participantId) ignored.push(event.id)
          break
        }
        members.set(event.account, { participantId, linkedAt: event.at })
        const blot = setOf(blots, participantId)
        for (const id of setOf(stains, event.account)) blot.add(id)
        break
      }
      case 'unlinked': {
        const participantId = root(merged, event.participantId)
        if (members.get(event.account)?.participantId !== participantId) {
          ignored.push(event.id)
          break
        }
        members.delete(event.account)
        left.set(event.account, { participantId, at: event.at, coolDownUntil: event.at + coolDownSeconds })
        const stain = setOf(stains, event.account)
        for (const id of setOf(blots, participantId)) stain.add(id)
        break
      }
      case 'merged': {
        const from = root(merged, event.from)
        const into = root(merged, event.into)
        if (from === into) break
        merged.set(from, into)
        for (const member of members.values()) if (member.participantId === from) member.participantId = into
        const blot = setOf(blots, into)
        for (const id of setOf(blots, from)) blot.add(id)
        break
      }
    }
  }

  const sets = new Map<string, { account: string; linkedAt: number }[]>()
  for (const [account, { participantId, linkedAt }] of members) {
    const set = sets.get(participantId) ?? []
    set.push({ account, linkedAt })
    sets.set(participantId, set)
  }
  const participants = new Map<string, Participant>()
  for (const participantId of [...new Set([...blots.keys(), ...merged.keys()])].sort()) {
    const accounts = (sets.get(participantId) ?? []).sort((a, b) => compare(a.account, b.account))
    const into = merged.get(participantId)
    participants.set(participantId, {
      participantId,
      mergedInto: into === undefined ? null : root(merged, into),
      accounts,
      negatives: sorted(blots.get(participantId)),
    })
  }
  const accounts = new Map<string, Account>()
  for (const account of [...new Set([...stains.keys(), ...members.keys(), ...left.keys()])].sort()) {
    const negatives = new Set(stains.get(account))
    const member = members.get(account)
    if (member) for (const id of setOf(blots, member.participantId)) negatives.add(id)
    accounts.set(account, {
      account,
      participantId: member?.participantId ?? null,
      left: left.get(account) ?? null,
      negatives: sorted(negatives),
    })
  }
  return { participants, accounts, ignored: ignored.sort() }
}

/**
 * Whether an account may join a participant; the event that says so.
 *
 * The signatures are `LinkMessage.verdict`'s business. An account that left may return whence it came at once, whatever that has
 * become, and go elsewhere after the cool-down. A member is linked again without effect.
 *
 * @param request.accountStanding - what the account itself has open under its own name. The participant's own positions
 *   do not matter: joining only adds.
 */
export function link(register: Register, request: link.Request): Outcome {
  const { id, at, participantId } = request
  Caip10.parse(request.account)
  const account = register.accounts.get(request.account)
  if (register.participants.get(participantId)?.mergedInto) return { status: 'refused', code: 'MERGED_AWAY' }
  if (account?.participantId === participantId) return { status: 'unchanged' }
  if (account?.participantId) return { status: 'refused', code: 'LINKED_ELSEWHERE', participantId: account.participantId }
  const until = coolingUntil(register, { accounts: [request.account], homes: [participantId], at })
  if (until !== null) return { status: 'refused', code: 'COOL_DOWN', until }
  return (
    obstacle(request.accountStanding, 'account') ?? {
      status: 'accepted',
      event: { kind: 'linked', id, at, participantId, account: request.account },
    }
  )
}

export declare namespace link {
  type Request = {
    readonly id: string
    readonly at: number
    readonly participantId: string
    readonly account: string
    readonly accountStanding: Standing
  }
}

/**
 * Whether an account may leave its participant; the event that says so.
 *
 * Refused while either side has an open position, a pending release, an unsettled loss or more encumbrance than credit.
 * The last account cannot leave: nobody would be left to answer for the record.
 */
export function unlink(register: Register, request: unlink.Request): Outcome {
  const { id, at, participantId, account } = request
  const participant = register.participants.get(participantId)
  if (!participant) return { status: 'refused', code: 'UNKNOWN_PARTICIPANT' }
  if (!participant.accounts.some((member) => member.account === account)) return { status: 'refused', code: 'NOT_LINKED' }
  if (participant.accounts.length === 1) return { status: 'refused', code: 'LAST_ACCOUNT' }
  return (
    obstacle(request.participantStanding, 'participant') ??
    obstacle(request.accountStanding, 'account') ?? {
      status: 'accepted',
      event: { kind: 'unlinked', id, at, participantId, account },
    }
  )
}

export declare namespace unlink {
  type Request = link.Request & { readonly participantStanding: Standing }
}

/**
 * Whether one participant may become part of another; the event that says so. Both sides must be at rest.
 *
 * An account that cools down comes along to nobody it could not be linked to: a participant of its own is no way round.
 */
export function merge(register: Register, request: merge.Request): Outcome {
  const { id, at, from, into } = request
  const source = register.participants.get(from)
  const target = register.participants.get(into)
  if (!source || !target) return { status: 'refused', code: 'UNKNOWN_PARTICIPANT' }
  if (from === into || source.mergedInto === into) return { status: 'unchanged' }
  if (source.mergedInto || target.mergedInto) return { status: 'refused', code: 'MERGED_AWAY' }
  const accounts = source.accounts.map(({ account }) => account)
  const until = coolingUntil(register, { accounts, homes: [from, into], at })
  if (until !== null) return { status: 'refused', code: 'COOL_DOWN', until }
  return (
    obstacle(request.fromStanding, 'from') ??
    obstacle(request.intoStanding, 'into') ?? { status: 'accepted', event: { kind: 'merged', id, at, from, into } }
  )
}

export declare namespace merge {
  type Request = {
    readonly id: string
    readonly at: number
    readonly from: string
    readonly into: string
    readonly fromStanding: Standing
    readonly intoStanding: Standing
  }
}

type Cooling = { readonly accounts: readonly string[]; readonly homes: readonly string[]; readonly at: number }

/** When the last of the accounts is free to go to whoever it did not come from; null where all are. */
function coolingUntil(register: Register, { accounts, homes, at }: Cooling): number | null {
  const cooling = accounts.flatMap((account) => {
    const left = register.accounts.get(account)?.left
    if (!left || at >= left.coolDownUntil) return []
    const home = register.participants.get(left.participantId)?.mergedInto ?? left.participantId
    return homes.includes(home) ? [] : [left.coolDownUntil]
  })
  return cooling.length === 0 ? null : Math.max(...cooling)
}

/**
 * The events that count for a participant: all of its members', and every negative it carries.
 *
 * Good history follows the account that made it, so it leaves with the account; bad history does not leave.
 */
export function history<event extends { readonly id: string; readonly account: string }>(
  participant: Participant,
  events: readonly event[],
): readonly event[] {
  const accounts = new Set(participant.accounts.map((member) => member.account))
  const negatives = new Set(participant.negatives)
  return events.filter((event) => accounts.has(event.account) || negatives.has(event.id))
}

function obstacle(standing: Standing, side: 'participant' | 'account' | 'from' | 'into'): Refusal | null {
  if (standing.openPosition) return { status: 'refused', code: 'OPEN_POSITION', side }
  if (standing.pendingRelease) return { status: 'refused', code: 'PENDING_RELEASE', side }
  if (standing.unsettledLoss) return { status: 'refused', code: 'UNSETTLED_LOSS', side }
  if (standing.overEncumbered) return { status: 'refused', code: 'OVER_ENCUMBERED', side }
  return null
}

const rank = { negative: 0, unlinked: 1, linked: 2, merged: 3 } as const

/** Each event once, in the one order in which all of them are told. */
export function ordered(events: readonly Event[]): readonly Event[] {
  const byId = new Map<string, Event>()
  for (const event of events) {
    const key = `${event.kind === 'negative' ? 'record' : 'register'}|${event.id}`
    const known = byId.get(key)
    if (known && Canonical.text(known) !== Canonical.text(event)) throw new ConflictingEventError(event.id)
    if ('account' in event) Caip10.parse(event.account)
    byId.set(key, event)
  }
  return [...byId.values()].sort((a, b) => a.at - b.at || rank[a.kind] - rank[b.kind] || compare(a.id, b.id))
}

function root(merged: ReadonlyMap<string, string>, participantId: string): string {
  let id = participantId
  for (let into = merged.get(id); into !== undefined; into = merged.get(id)) id = into
  return id
}

function sorted(ids: ReadonlySet<string> | undefined): readonly string[] {
  return [...(ids ?? [])].sort()
}

/** Of two names that differ. */
function compare(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Thrown when two different events claim to be the same one. */
export class ConflictingEventError extends BaseError {
  override readonly name = 'Participant.ConflictingEventError'
  readonly eventId: string
  constructor(eventId: string) {
    super({
      code: 'CONFLICTING_EVENT',
      message: `Two different events carry the id ${eventId}.`,
      hint: 'Give each event its own id, for example chain, transaction and log index.',
    })
    this.eventId = eventId
  }
}
