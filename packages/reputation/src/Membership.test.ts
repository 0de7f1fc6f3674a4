import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Membership, Model, Participant, Score, TrackRecord } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const account = (n: number) => `eip155:0:0x${n.toString(16).padStart(40, '0')}`
const row = (order: number, n: number, participantId: string, linkedAt: number, unlinkedAt: number | null = null) => ({
  ...{ order, account: account(n), participantId, linkedAt, unlinkedAt },
})

describe('events', () => {
  test('worked example: a participant of its own becomes a member elsewhere within one second', () => {
    const register = Participant.of(Membership.events([row(2, 1, 'p', 5), row(1, 1, 'own', 5, 5)], []))
    expect(register.accounts.get(account(1))?.participantId).toBe('p')
    expect(register.ignored).toEqual([])
  })

  test('edge: bad history of a second comes before who joins in it', () => {
    const rows = [row(1, 1, 'p', 1, 5), row(2, 2, 'p', 1)]
    const negative = { id: 'default', account: account(2), at: 5 }
    expect(Participant.of(Membership.events(rows, [negative])).accounts.get(account(1))?.negatives).toEqual(['default'])
  })

  test('property: members are those whose last time has not ended, and nothing is ignored', () => {
    const steps = fc.array(fc.record({ n: fc.nat(3), gap: fc.nat(1), p: fc.constantFrom('p', 'q', 'r') }), { maxLength: 20 })
    fc.assert(
      fc.property(steps, (moves) => {
        const rows: Membership.Membership[] = []
        let at = 1
        for (const { n, gap, p } of moves) {
          at += gap
          const last = rows.findLastIndex((each) => each.account === account(n))
          const held = rows[last]
          if (held && held.unlinkedAt === null) rows[last] = { ...held, unlinkedAt: at }
          else rows.push(row(rows.length + 1, n, p, at))
        }
        const register = Participant.of(Membership.events([...rows].reverse(), []))
        expect(register.ignored).toEqual([])
        for (const n of [0, 1, 2, 3]) {
          const last = rows.findLast((each) => each.account === account(n))
          expect(register.accounts.get(account(n))?.participantId ?? null).toBe(last?.unlinkedAt === null ? last.participantId : null)
        }
      }),
      { numRuns },
    )
  })
})

describe('histories', () => {
  const usd = 10n ** 18n
  const did = (id: string, n: number, at: number, kind: 'liquidation' | 'badDebt' | 'close'): TrackRecord.Event => ({
    ...{ id, account: account(n), at, amountUsd: 5_000n * usd },
    ...(kind === 'close' ? { kind, heldSeconds: 86_400 } : { kind }),
  })

  test('worked example: what an unlinked account did badly stays with both, what it did well goes with it', () => {
    const rows = [row(1, 1, 'p', 1), row(2, 2, 'p', 1, 20), row(3, 2, 'q', 20)]
    const conduct = [
      did('good', 2, 5, 'close'),
      did('bad', 2, 6, 'liquidation'),
      did('mine', 1, 7, 'close'),
      did('since', 2, 30, 'badDebt'),
    ]
    const histories = Membership.histories(rows, conduct)
    expect(histories.get('p')?.map(({ id }) => id)).toEqual(['mine', 'bad'])
    expect(histories.get('q')?.map(({ id }) => id)).toEqual(['good', 'bad', 'since'])
  })

  test('edge: nobody gets rid of a liquidation by leaving the account behind, or by leaving with another', () => {
    const asOf = 40 * 86_400
    const conduct = [did('bad', 1, asOf - 86_400, 'badDebt')]
    const scoreOf = (rows: Membership.Membership[], participantId: string) =>
      Score.of(TrackRecord.of(Membership.histories(rows, conduct).get(participantId) ?? [], asOf, Model.first), Model.first).score
    const together = scoreOf([row(1, 1, 'p', 1), row(2, 2, 'p', 1)], 'p')
    const parted = [row(1, 1, 'p', 1, asOf - 60), row(2, 2, 'p', 1, asOf - 30), row(3, 3, 'p', 1), row(4, 2, 'q', asOf - 10)]
    expect(scoreOf(parted, 'p')).toBe(together)
    expect(scoreOf(parted, 'q')).toBe(together)
    expect(together).toBeLessThan(scoreOf([row(1, 2, 'p', 1)], 'p'))
  })

  test('property: bad history of a participant never shrinks with further changes, nor depends on the order it is told in', () => {
    const rows = fc.array(fc.record({ n: fc.nat(3), p: fc.constantFrom('p', 'q'), at: fc.integer({ min: 1, max: 9 }), for: fc.nat(4) }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(rows, fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 12 })), { maxLength: 5 }), (raw, bads) => {
        const all = raw.map((it, i) => row(i + 1, it.n, it.p, it.at, it.for === 0 ? null : it.at + it.for))
        const conduct = bads.map(([n, at], i) => did(`bad ${i}`, n, at, 'liquidation'))
        const idsOf = (rows: Membership.Membership[], p: string) =>
          (Membership.histories(rows, conduct).get(p) ?? []).map(({ id }) => id).sort()
        for (const p of ['p', 'q']) {
          expect(idsOf([...all].reverse(), p)).toEqual(idsOf(all, p))
          const held = all.map((it) => ({ ...it, unlinkedAt: it.participantId === p ? it.unlinkedAt : null }))
          const parted = held.map((it) => (it.participantId === p && it.unlinkedAt === null ? { ...it, unlinkedAt: 99 } : it))
          expect(idsOf(parted, p)).toEqual(expect.arrayContaining(idsOf(held, p)))
        }
      }),
      { numRuns },
    )
  })
})

describe('carried', () => {
  test('edge: who is somebody’s already is not another’s before it has left, and cannot leave where it is not', () => {
    const found = Membership.carried([row(1, 1, 'p', 1), row(2, 1, 'q', 2, 3), row(3, 2, 'p', 4)])
    expect([...found]).toEqual([['p', []]])
  })

  const pairs = (carried: ReadonlyMap<string, readonly Membership.Carried[]>, p: string) =>
    (carried.get(p) ?? []).map(({ account, until }) => [Number(account.slice(-2)), until]).sort()

  test('worked example: what left is carried up to then, and who leaves carries those it was with', () => {
    const carried = Membership.carried([row(1, 1, 'p', 1, 20), row(2, 2, 'p', 1), row(3, 3, 'p', 5), row(4, 1, 'q', 30)])
    expect(pairs(carried, 'p')).toEqual([[1, 20]])
    expect(pairs(carried, 'q')).toEqual([
      [2, 20],
      [3, 20],
    ])
  })

  test('worked example: two that become one, account by account, carry what either carried', () => {
    const rows = [row(1, 1, 'p', 1, 5), row(2, 2, 'p', 1, 50), row(3, 3, 'q', 1), row(4, 2, 'q', 50)]
    expect(pairs(Membership.carried(rows), 'q')).toEqual([[1, 5]])
  })

  test('bug: who had left and come back 512 times left the last time without what those it was with had done', () => {
    const often = Array.from({ length: 513 }, (_, k) => row(k + 2, 1, 'p', k + 1, k < 512 ? k + 2 : 2_000))
    const rows = [row(1, 2, 'p', 1), ...often, row(600, 1, 'q', 2_000)]
    expect(Participant.of(Membership.events(rows, [])).ignored).toEqual([])
    expect(pairs(Membership.carried(rows), 'q')).toEqual([[2, 2_000]])
    expect(pairs(Membership.carried(rows), 'p')).toEqual([[1, 2_000]])
  })

  test('edge: with nobody who left there is nothing to carry; a second time apart counts up to the later one', () => {
    expect(pairs(Membership.carried([row(1, 1, 'p', 1), row(2, 2, 'p', 1)]), 'p')).toEqual([])
    const twice = [row(1, 1, 'p', 1, 5), row(2, 1, 'p', 6, 9), row(3, 2, 'p', 1)]
    expect(pairs(Membership.carried(twice), 'p')).toEqual([[1, 9]])
    // Who came back is a member: all it did counts by that.
    expect(pairs(Membership.carried([row(1, 1, 'p', 1, 5), row(2, 2, 'p', 1), row(3, 1, 'p', 6)]), 'p')).toEqual([])
  })

  test('property: with it a participant has exactly the bad history that the register says, whatever the changes', () => {
    const moves = fc.array(fc.record({ n: fc.nat(3), gap: fc.nat(1), p: fc.constantFrom('p', 'q', 'r') }), { maxLength: 20 })
    const bads = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 22 })), { maxLength: 8 })
    fc.assert(
      fc.property(moves, bads, (steps, raw) => {
        const rows: Membership.Membership[] = []
        let at = 1
        for (const { n, gap, p } of steps) {
          at += gap
          const last = rows.findLastIndex((each) => each.account === account(n))
          const held = rows[last]
          if (held && held.unlinkedAt === null) rows[last] = { ...held, unlinkedAt: at }
          else rows.push(row(rows.length + 1, n, p, at))
        }
        const negatives = raw.map(([n, second], i) => ({ id: `bad ${i}`, account: account(n), at: second }))
        const register = Participant.of(Membership.events(rows, negatives))
        const carried = Membership.carried(rows)
        for (const p of ['p', 'q', 'r']) {
          const own = new Set(register.participants.get(p)?.accounts.map((member) => member.account))
          const counted = negatives.filter(
            (bad) => own.has(bad.account) || (carried.get(p) ?? []).some((it) => it.account === bad.account && bad.at <= it.until),
          )
          expect(counted.map(({ id }) => id).sort()).toEqual([...(register.participants.get(p)?.negatives ?? [])])
        }
      }),
      { numRuns },
    )
  })
})
