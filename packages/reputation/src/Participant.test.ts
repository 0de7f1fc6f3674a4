import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Participant } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const account = (n: number) => `eip155:0:0x${n.toString(16).padStart(40, '0')}`
const day = 86_400
const rest: Participant.Standing = { openPosition: false, pendingRelease: false, unsettledLoss: false, overEncumbered: false }
const linked = (id: string, at: number, participantId: string, n: number): Participant.Event => ({
  kind: 'linked',
  id,
  at,
  participantId,
  account: account(n),
})
const unlinked = (id: string, at: number, participantId: string, n: number): Participant.Event => ({
  kind: 'unlinked',
  id,
  at,
  participantId,
  account: account(n),
})
const negative = (id: string, at: number, n: number): Participant.Event => ({ kind: 'negative', id, at, account: account(n) })
const merged = (id: string, at: number, from: string, into: string): Participant.Event => ({ kind: 'merged', id, at, from, into })

const someEvents = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('linked' as const), at: fc.nat(9), participantId: fc.constantFrom('p', 'q', 'r'), n: fc.nat(4) }),
    fc.record({ kind: fc.constant('unlinked' as const), at: fc.nat(9), participantId: fc.constantFrom('p', 'q', 'r'), n: fc.nat(4) }),
    fc.record({ kind: fc.constant('negative' as const), at: fc.nat(9), participantId: fc.constant(''), n: fc.nat(4) }),
    fc.record({ kind: fc.constant('merged' as const), at: fc.nat(9), participantId: fc.constantFrom('p', 'q', 'r'), n: fc.nat(2) }),
  ),
  { maxLength: 14 },
)
const dress = (raw: readonly { kind: Participant.Event['kind']; at: number; participantId: string; n: number }[]): Participant.Event[] =>
  raw.map(({ kind, at, participantId, n }, i) => {
    const id = `e${i}`
    if (kind === 'merged') return merged(id, at, participantId, ['p', 'q', 'r'][n] ?? 'p')
    if (kind === 'negative') return negative(id, at, n)
    return kind === 'linked' ? linked(id, at, participantId, n) : unlinked(id, at, participantId, n)
  })
const snapshot = (events: readonly Participant.Event[]) => {
  const register = Participant.of(events)
  return { participants: [...register.participants.values()], accounts: [...register.accounts.values()], ignored: register.ignored }
}

describe('of', () => {
  test('worked example: bad history comes in with an account and leaves with both sides', () => {
    const register = Participant.of([
      linked('a', 1, 'p', 1),
      negative('default', 2, 2),
      linked('b', 3, 'p', 2),
      unlinked('c', 4, 'p', 1),
      negative('later', 5, 2),
    ])
    expect(register.participants.get('p')).toEqual({
      participantId: 'p',
      mergedInto: null,
      accounts: [{ account: account(2), linkedAt: 3 }],
      negatives: ['default', 'later'],
    })
    // account 1 never defaulted, but was with somebody who had when it left
    expect(register.accounts.get(account(1))).toEqual({
      account: account(1),
      participantId: null,
      left: { participantId: 'p', at: 4, coolDownUntil: 4 + Participant.coolDownSeconds },
      negatives: ['default'],
    })
  })

  test('worked example: a merge is a union, also of merges', () => {
    const register = Participant.of([
      linked('a', 1, 'p', 1),
      linked('b', 1, 'q', 2),
      negative('n', 2, 1),
      merged('m', 3, 'p', 'q'),
      merged('k', 4, 'q', 'r'),
      linked('c', 5, 'p', 3),
    ])
    expect(register.participants.get('r')?.accounts.map((member) => member.account)).toEqual([account(1), account(2), account(3)])
    expect(register.participants.get('r')?.negatives).toEqual(['n'])
    expect(register.participants.get('p')).toMatchObject({ mergedInto: 'r', accounts: [] })
  })

  test('edge: an account is a member once; the earlier link stands', () => {
    const register = Participant.of([linked('b', 2, 'q', 1), linked('a', 1, 'p', 1), unlinked('c', 3, 'q', 1)])
    expect(register.accounts.get(account(1))?.participantId).toBe('p')
    expect(register.ignored).toEqual(['b', 'c'])
  })

  test('edge: at the same second the smaller id stands, whatever came first', () => {
    const both = [linked('b', 1, 'q', 1), linked('a', 1, 'p', 1)]
    for (const events of [both, [...both].reverse()]) expect(Participant.of(events).accounts.get(account(1))?.participantId).toBe('p')
  })

  test('worked example: everything is told in one order: names, members, bad history, what was ignored', () => {
    const register = Participant.of([
      linked('f', 3, 'r', 3),
      linked('e', 3, 'p', 9),
      linked('d', 3, 'p', 2),
      linked('c', 3, 'q', 1),
      negative('z', 4, 9),
      negative('y', 5, 2),
      unlinked('b', 6, 'q', 9),
      unlinked('a', 7, 'r', 9),
    ])
    expect([...register.participants.keys()]).toEqual(['p', 'q', 'r'])
    expect([...register.accounts.keys()]).toEqual([1, 2, 3, 9].map(account))
    expect(register.participants.get('p')).toEqual({
      participantId: 'p',
      mergedInto: null,
      accounts: [
        { account: account(2), linkedAt: 3 },
        { account: account(9), linkedAt: 3 },
      ],
      negatives: ['y', 'z'],
    })
    // a member answers for what the others did
    expect(register.accounts.get(account(2))).toEqual({ account: account(2), participantId: 'p', left: null, negatives: ['y', 'z'] })
    expect(register.ignored).toEqual(['a', 'b'])
  })

  test('edge: linked again to the same is neither ignored nor a later link', () => {
    const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 2, 'p', 1)])
    expect(register.ignored).toEqual([])
    expect(register.participants.get('p')?.accounts).toEqual([{ account: account(1), linkedAt: 1 }])
  })

  test('edge: who leaves at the second of a default has it too; who joins then brings it', () => {
    const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), unlinked('c', 2, 'p', 2), negative('n', 2, 1)])
    expect(register.accounts.get(account(2))?.negatives).toEqual(['n'])
    const moved = Participant.of([linked('a', 1, 'p', 1), unlinked('z', 2, 'p', 1), linked('b', 2, 'q', 1), negative('n', 2, 1)])
    expect(moved.participants.get('q')).toMatchObject({ accounts: [{ account: account(1), linkedAt: 2 }], negatives: ['n'] })
    expect(moved.ignored).toEqual([])
  })

  test('edge: what happens to an account after it left stays with it alone', () => {
    const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), unlinked('c', 2, 'p', 2), negative('n', 3, 2)])
    expect(register.participants.get('p')?.negatives).toEqual([])
    expect(register.accounts.get(account(2))?.negatives).toEqual(['n'])
  })

  test('edge: merged each into the other is merged once, and leaving the one merged away is leaving the other', () => {
    const both = [linked('a', 1, 'p', 1), linked('b', 1, 'q', 2), merged('m', 2, 'p', 'q'), merged('n', 3, 'q', 'p')]
    const register = Participant.of([...both, unlinked('c', 4, 'p', 1)])
    expect(register.participants.get('p')).toMatchObject({ mergedInto: 'q', accounts: [] })
    expect(register.participants.get('q')).toMatchObject({ mergedInto: null, accounts: [{ account: account(2), linkedAt: 1 }] })
    expect(register.accounts.get(account(1))?.left).toEqual({ participantId: 'q', at: 4, coolDownUntil: 4 + 15_552_000 })
    expect(register.ignored).toEqual([])
  })

  test('edge: who never had an account can be merged into', () => {
    const register = Participant.of([linked('a', 1, 'p', 1), negative('n', 2, 1), merged('m', 3, 'p', 'q')])
    expect(register.participants.get('q')).toMatchObject({ accounts: [{ account: account(1), linkedAt: 1 }], negatives: ['n'] })
  })

  test('edge: one name for an event of the record and one of the register are two events', () => {
    const register = Participant.of([linked('a', 1, 'p', 1), negative('a', 2, 1)])
    expect(register.participants.get('p')?.negatives).toEqual(['a'])
  })

  test('property: order-independent and idempotent', () => {
    fc.assert(
      fc.property(someEvents, fc.infiniteStream(fc.nat()), (raw, keys) => {
        const events = dress(raw)
        const shuffled = [...events, ...events.filter((_, i) => i % 2 === 0)]
          .map((event) => ({ event, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event)
        expect(snapshot(shuffled)).toEqual(snapshot(events))
      }),
      { numRuns },
    )
  })

  test('property: an account is in at most one participant, and negatives never shrink', () => {
    fc.assert(
      fc.property(someEvents, (raw) => {
        const events = dress(raw)
        const register = Participant.of(events)
        const members = [...register.participants.values()].flatMap((participant) => participant.accounts.map((member) => member.account))
        expect(new Set(members).size).toBe(members.length)
        for (const participant of register.participants.values())
          if (participant.mergedInto !== null) expect(participant.accounts).toEqual([])
        const until = Participant.of(events.filter((event) => event.at <= 4))
        for (const before of until.participants.values()) {
          const now = register.participants.get(before.participantId)
          const heir = now?.mergedInto ? register.participants.get(now.mergedInto) : now
          expect(heir?.negatives).toEqual(expect.arrayContaining([...before.negatives]))
        }
        for (const before of until.accounts.values())
          expect(register.accounts.get(before.account)?.negatives).toEqual(expect.arrayContaining([...before.negatives]))
      }),
      { numRuns },
    )
  })

  test('error: one id for two events, an account spelled otherwise', () => {
    expect(() => Participant.of([linked('a', 1, 'p', 1), linked('a', 2, 'p', 1)])).toThrow(Participant.ConflictingEventError)
    expect(() => Participant.of([{ kind: 'negative', id: 'a', at: 1, account: 'eip155:1:0xAB' }])).toThrow(
      expect.objectContaining({ code: 'INVALID_ACCOUNT' }),
    )
  })
})

describe('link', () => {
  const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), linked('c', 1, 'q', 3), unlinked('d', day, 'p', 2)])
  const request = { id: 'x', at: 2 * day, participantId: 'p', account: account(9), accountStanding: rest }

  test('worked example: a free account joins, a member stays', () => {
    expect(Participant.link(register, request)).toEqual({ status: 'accepted', event: linked('x', 2 * day, 'p', 9) })
    expect(Participant.link(register, { ...request, account: account(1) })).toEqual({ status: 'unchanged' })
  })

  test('edge: the cool-down binds elsewhere, to its last second', () => {
    const back = { ...request, account: account(2) }
    const away = { ...back, participantId: 'q' }
    const until = day + Participant.coolDownSeconds
    expect(Participant.link(register, back).status).toBe('accepted')
    expect(Participant.link(register, away)).toEqual({ status: 'refused', code: 'COOL_DOWN', until })
    expect(Participant.link(register, { ...away, at: until - 1 })).toMatchObject({ code: 'COOL_DOWN' })
    expect(Participant.link(register, { ...away, at: until }).status).toBe('accepted')
  })

  test('edge: a stranger to everybody may join somebody unknown; a bad account id may not', () => {
    expect(Participant.link(register, { ...request, participantId: 'new' }).status).toBe('accepted')
    expect(() => Participant.link(register, { ...request, account: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ACCOUNT' }),
    )
  })

  test('error: linked elsewhere, merged away, not at rest', () => {
    expect(Participant.link(register, { ...request, account: account(3) })).toEqual({
      status: 'refused',
      code: 'LINKED_ELSEWHERE',
      participantId: 'q',
    })
    const after = Participant.of([linked('a', 1, 'p', 1), linked('c', 1, 'q', 3), merged('m', 2, 'p', 'q')])
    expect(Participant.link(after, request)).toEqual({ status: 'refused', code: 'MERGED_AWAY' })
    expect(Participant.link(register, { ...request, accountStanding: { ...rest, openPosition: true } })).toEqual({
      status: 'refused',
      code: 'OPEN_POSITION',
      side: 'account',
    })
  })
})

describe('unlink', () => {
  const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), linked('c', 1, 'q', 3)])
  const request = { id: 'x', at: 9, participantId: 'p', account: account(2), accountStanding: rest, participantStanding: rest }

  test('worked example', () => {
    expect(Participant.unlink(register, request)).toEqual({ status: 'accepted', event: unlinked('x', 9, 'p', 2) })
  })

  test.each([
    ['openPosition', 'OPEN_POSITION'],
    ['pendingRelease', 'PENDING_RELEASE'],
    ['unsettledLoss', 'UNSETTLED_LOSS'],
    ['overEncumbered', 'OVER_ENCUMBERED'],
  ] as const)('error: %s on either side', (key, code) => {
    const busy = { ...rest, [key]: true }
    expect(Participant.unlink(register, { ...request, accountStanding: busy })).toEqual({ status: 'refused', code, side: 'account' })
    expect(Participant.unlink(register, { ...request, participantStanding: busy })).toEqual({
      status: 'refused',
      code,
      side: 'participant',
    })
  })

  test('error: unknown, not a member, the last one', () => {
    expect(Participant.unlink(register, { ...request, participantId: 'z' })).toEqual({ status: 'refused', code: 'UNKNOWN_PARTICIPANT' })
    expect(Participant.unlink(register, { ...request, account: account(3) })).toEqual({ status: 'refused', code: 'NOT_LINKED' })
    expect(Participant.unlink(register, { ...request, participantId: 'q', account: account(3) })).toEqual({
      status: 'refused',
      code: 'LAST_ACCOUNT',
    })
  })
})

describe('merge', () => {
  const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'q', 2), linked('c', 1, 'r', 3), merged('m', 2, 'r', 'q')])
  const request = { id: 'x', at: 9, from: 'p', into: 'q', fromStanding: rest, intoStanding: rest }

  test('worked example', () => {
    expect(Participant.merge(register, request)).toEqual({ status: 'accepted', event: merged('x', 9, 'p', 'q') })
    expect(Participant.merge(register, { ...request, from: 'r' })).toEqual({ status: 'unchanged' })
    expect(Participant.merge(register, { ...request, into: 'p' })).toEqual({ status: 'unchanged' })
  })

  test('bug: the cool-down of an account did not bind a participant of its own that was merged; it does, to its last second', () => {
    const events = [linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), linked('c', 1, 'q', 3), unlinked('d', day, 'p', 2)]
    const own = [...events, linked('e', day, 'own', 2)]
    const until = day + Participant.coolDownSeconds
    const away = { ...request, from: 'own', into: 'q', at: until - 1 }
    expect(Participant.merge(Participant.of(own), away)).toEqual({ status: 'refused', code: 'COOL_DOWN', until })
    expect(Participant.merge(Participant.of(own), { ...away, at: until }).status).toBe('accepted')
    // Whence it came, whatever that has become, it may come back to, and whoever it has left and come back to may go on.
    expect(Participant.merge(Participant.of(own), { ...away, into: 'p' }).status).toBe('accepted')
    expect(Participant.merge(Participant.of([...own, merged('f', day, 'p', 'q')]), away).status).toBe('accepted')
    expect(Participant.merge(Participant.of([...events, linked('g', day, 'p', 2)]), { ...away, from: 'p' }).status).toBe('accepted')
  })

  test('edge: of two accounts that cool down the later one says when; back to what it left has become, an account may be linked at once', () => {
    const events = [linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), linked('c', 1, 'p', 4), linked('d', 1, 'q', 3)]
    const left = [unlinked('e', day, 'p', 2), unlinked('f', 2 * day, 'p', 4)]
    const own = [linked('g', 2 * day, 'own', 2), linked('h', 2 * day, 'own', 4)]
    const at = 3 * day
    const away = { ...request, from: 'own', into: 'q', at }
    const until = 2 * day + Participant.coolDownSeconds
    expect(Participant.merge(Participant.of([...events, ...left, ...own]), away)).toEqual({ status: 'refused', code: 'COOL_DOWN', until })
    const back = { id: 'x', at, participantId: 'q', account: account(4), accountStanding: rest }
    expect(Participant.link(Participant.of([...events, ...left]), back)).toEqual({ status: 'refused', code: 'COOL_DOWN', until })
    expect(Participant.link(Participant.of([...events, ...left, merged('m', at, 'p', 'q')]), back).status).toBe('accepted')
  })

  test('error: each branch', () => {
    expect(Participant.merge(register, { ...request, from: 'z' })).toMatchObject({ code: 'UNKNOWN_PARTICIPANT' })
    expect(Participant.merge(register, { ...request, into: 'z' })).toMatchObject({ code: 'UNKNOWN_PARTICIPANT' })
    expect(Participant.merge(register, { ...request, into: 'r' })).toEqual({ status: 'refused', code: 'MERGED_AWAY' })
    expect(Participant.merge(register, { ...request, from: 'r', into: 'p' })).toEqual({ status: 'refused', code: 'MERGED_AWAY' })
    expect(Participant.merge(register, { ...request, fromStanding: { ...rest, unsettledLoss: true } })).toEqual({
      status: 'refused',
      code: 'UNSETTLED_LOSS',
      side: 'from',
    })
    expect(Participant.merge(register, { ...request, intoStanding: { ...rest, pendingRelease: true } })).toEqual({
      status: 'refused',
      code: 'PENDING_RELEASE',
      side: 'into',
    })
  })
})

test('history: good history leaves with its account, bad history stays', () => {
  const record = [
    { id: 'good1', account: account(1) },
    { id: 'good2', account: account(2) },
    { id: 'bad1', account: account(1) },
  ]
  const register = Participant.of([linked('a', 1, 'p', 1), linked('b', 1, 'p', 2), negative('bad1', 2, 1), unlinked('c', 3, 'p', 1)])
  const participant = register.participants.get('p')
  expect(participant && Participant.history(participant, record).map((event) => event.id)).toEqual(['good2', 'bad1'])
})

describe('ordered', () => {
  test('worked example: by time, then bad history, leaving, joining, merging, then by name; the same twice is one', () => {
    const events = [
      merged('a', 2, 'p', 'q'),
      linked('c', 2, 'p', 1),
      linked('b', 2, 'q', 2),
      unlinked('d', 2, 'p', 3),
      negative('e', 2, 4),
      linked('z', 1, 'r', 5),
      linked('b', 2, 'q', 2),
    ]
    expect(Participant.ordered(events).map(({ id }) => id)).toEqual(['z', 'e', 'd', 'b', 'c', 'a'])
    expect(Participant.ordered([...events].reverse()).map(({ id }) => id)).toEqual(['z', 'e', 'd', 'b', 'c', 'a'])
  })
})
