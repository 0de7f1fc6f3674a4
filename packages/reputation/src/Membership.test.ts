import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Membership, Participant } from './index.ts'

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
