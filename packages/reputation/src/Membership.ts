import * as Participant from './Participant.ts'
import * as TrackRecord from './TrackRecord.ts'

/** An account's time with a participant, as a store keeps it. `order` rises with each that was begun. Unix seconds. */
export type Membership = {
  readonly order: number
  readonly account: string
  readonly participantId: string
  readonly linkedAt: number
  /** null while it lasts. */
  readonly unlinkedAt: number | null
}

/** Something bad that happened to an account. */
export type Negative = { readonly id: string; readonly account: string; readonly at: number }

/** So many changes of one account fit between two seconds. */
const perSecond = 1_024

/**
 * The events behind memberships and bad history, for `Participant.of`.
 *
 * An account may leave and join within one second, and a second does not say which came first; here times are counted in parts of a second that
 * keep each account's own order. They are good for `Participant.of`, and for no cool-down.
 *
 * @example
 * Membership.events([{ order: 1, account: 'eip155:0:0x00000000000000000000000000000000000000ab', participantId: 'p', linkedAt: 2, unlinkedAt: 2 }], []).map(({ kind, at }) => [kind, at])
 * // => [['linked', 2048], ['unlinked', 2049]]
 */
export function events(memberships: readonly Membership[], negatives: readonly Negative[]): readonly Participant.Event[] {
  const latest = new Map<string, number>()
  const changes = [...memberships]
    .sort((a, b) => a.order - b.order)
    .flatMap(({ order, account, participantId, linkedAt, unlinkedAt }): readonly Participant.Event[] => {
      const at = (seconds: number) => {
        const next = Math.max(seconds * perSecond, (latest.get(account) ?? -1) + 1)
        latest.set(account, next)
        return next
      }
      const linked = { kind: 'linked', id: `${order} linked`, at: at(linkedAt), participantId, account } as const
      if (unlinkedAt === null) return [linked]
      return [linked, { kind: 'unlinked', id: `${order} unlinked`, at: at(unlinkedAt), participantId, account }]
    })
  return [...changes, ...negatives.map(({ id, account, at }) => ({ kind: 'negative' as const, id, account, at: at * perSecond }))]
}

/**
 * The events that count for each participant: all of its members', and every bad one of those who were with it.
 *
 * Good history follows the account that made it; bad history stays with both sides of a parting, and comes in with whoever joins.
 *
 * @param memberships - everybody's, also those that ended.
 * @param conduct - what all of these accounts did, in whatever order.
 *
 * @example
 * const account = 'eip155:0:0x00000000000000000000000000000000000000ab'
 * const debt = { id: 'debt', account, at: 5, kind: 'badDebt', amountUsd: 1n } as const
 * const histories = Membership.histories([{ order: 1, account, participantId: 'p', linkedAt: 2, unlinkedAt: 9 }], [debt])
 * histories.get('p').map(({ id }) => id)
 * // => ['debt']
 */
export function histories(
  memberships: readonly Membership[],
  conduct: readonly TrackRecord.Event[],
): ReadonlyMap<string, readonly TrackRecord.Event[]> {
  const bad = conduct.filter(({ kind }) => TrackRecord.negativeKinds.includes(kind))
  const register = Participant.of(events(memberships, bad))
  const byId = new Map(bad.map((event) => [event.id, event]))
  const byAccount = new Map<string, TrackRecord.Event[]>()
  for (const event of conduct) {
    const own = byAccount.get(event.account) ?? []
    byAccount.set(event.account, own)
    own.push(event)
  }
  return new Map(
    [...register.participants.values()].map((participant) => {
      const own = participant.accounts.flatMap(({ account }) => byAccount.get(account) ?? [])
      const carried = participant.negatives.flatMap((id) => byId.get(id) ?? [])
      return [participant.participantId, Participant.history(participant, [...new Set([...own, ...carried])])]
    }),
  )
}

/** An account's bad history up to a time, which stays with somebody it is not linked to. Unix seconds. */
export type Carried = { readonly account: string; readonly until: number }

/**
 * Whose bad history each participant carries beside its own accounts': of those that left it, and of those that its accounts were with before.
 *
 * It says for whole accounts and times what `histories` says event by event, so that a reader that has the events by account needs no register.
 *
 * @param memberships - everybody's, also those that ended.
 *
 * @example
 * const [bad, clean] = ['aa', 'bb'].map((end) => `eip155:0:0x00000000000000000000000000000000000000${end}`)
 * const of = (order, account, participantId, unlinkedAt) => ({ order, account, participantId, linkedAt: order, unlinkedAt })
 * Membership.carried([of(1, bad, 'p', null), of(2, clean, 'p', 9), of(10, clean, 'q', null)]).get('q').map(({ account, until }) => [account.slice(-2), until])
 * // => [['aa', 9]]
 */
export function carried(memberships: readonly Membership[]): ReadonlyMap<string, readonly Carried[]> {
  const holders = new Map<string, string>()
  const members = new Map<string, Set<string>>()
  const blots = new Map<string, Map<string, number>>()
  const stains = new Map<string, Map<string, number>>()
  const of = (maps: Map<string, Map<string, number>>, key: string): Map<string, number> => {
    const found = maps.get(key) ?? new Map<string, number>()
    maps.set(key, found)
    return found
  }
  const add = (to: Map<string, number>, account: string, until: number) => to.set(account, Math.max(until, to.get(account) ?? until))
  for (const event of Participant.ordered(events(memberships, []))) {
    if (event.kind !== 'linked' && event.kind !== 'unlinked') continue
    const { account, participantId } = event
    const holder = holders.get(account)
    if (event.kind === 'linked' ? holder !== undefined : holder !== participantId) continue
    const blot = of(blots, participantId)
    const stain = of(stains, account)
    if (event.kind === 'linked') {
      holders.set(account, participantId)
      members.set(participantId, (members.get(participantId) ?? new Set()).add(account))
      for (const [other, until] of stain) add(blot, other, until)
      continue
    }
    const at = Math.floor(event.at / perSecond)
    for (const other of members.get(participantId) ?? []) add(other === account ? blot : stain, other, at)
    for (const [other, until] of blot) if (other !== account) add(stain, other, until)
    holders.delete(account)
    members.get(participantId)?.delete(account)
  }
  return new Map(
    [...blots].map(([participantId, blot]) => [
      participantId,
      [...blot].flatMap(([account, until]) => (holders.get(account) === participantId ? [] : [{ account, until }])),
    ]),
  )
}
