import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as SourceScore from './SourceScore.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const said = (
  why: 'RPC_VALUE_DISAGREE' | 'PROOF_INVALID' | 'RPC_HASH_DISAGREE' | 'RPC_WRONG_CHAIN' | 'RPC_TIMEOUT' | 'SOURCE_LAGGING',
) => ({
  ...{ id: 'gamma', why, detail: 'as it was' },
})
const { next, start } = SourceScore

describe('next', () => {
  test('worked example: halved by each lie, and what it was is kept', () => {
    const once = next({ score: start, dissent: said('RPC_VALUE_DISAGREE'), asOf: 10 })
    expect(once).toEqual({ scorePpm: 500_000, lie: { why: 'RPC_VALUE_DISAGREE', detail: 'as it was', at: 10 } })
    expect(next({ score: once, dissent: said('PROOF_INVALID'), asOf: 20 })).toEqual({
      ...{ scorePpm: 250_000, lie: { why: 'PROOF_INVALID', detail: 'as it was', at: 20 } },
    })
    for (const why of ['RPC_HASH_DISAGREE', 'RPC_WRONG_CHAIN'] as const)
      expect(next({ score: start, dissent: said(why), asOf: 1 }).scorePpm).toBe(500_000)
  })

  test('worked example: the truth mends 1/256 of what is lacking, and keeps what was', () => {
    const score = { scorePpm: 488_000, lie: { why: 'PROOF_INVALID', detail: '', at: 3 } } as const
    expect(next({ score, dissent: null, asOf: 9 })).toEqual({ ...score, scorePpm: 490_000 })
  })

  test('edge: lag and silence change nothing', () => {
    for (const why of ['RPC_TIMEOUT', 'SOURCE_LAGGING'] as const) expect(next({ score: start, dissent: said(why), asOf: 1 })).toBe(start)
  })

  test('rounding: a lie rounds down, to nothing in the end; the truth rounds up, to all of it', () => {
    expect(next({ score: { scorePpm: 1, lie: null }, dissent: said('PROOF_INVALID'), asOf: 1 }).scorePpm).toBe(0)
    expect(next({ score: { scorePpm: 999_999, lie: null }, dissent: null, asOf: 1 }).scorePpm).toBe(1_000_000)
    expect(next({ score: start, dissent: null, asOf: 1 }).scorePpm).toBe(1_000_000)
  })

  test('property: whole, within its bounds, falls with a lie and never with the truth', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (lies) => {
        let score = start
        for (const [asOf, lied] of lies.entries()) {
          const after = next({ score, dissent: lied ? said('RPC_VALUE_DISAGREE') : null, asOf })
          expect(Number.isInteger(after.scorePpm) && after.scorePpm >= 0 && after.scorePpm <= 1_000_000).toBe(true)
          expect(lied ? after.scorePpm <= score.scorePpm / 2 : after.scorePpm >= score.scorePpm).toBe(true)
          score = after
        }
      }),
      { numRuns },
    )
  })
})

describe('isSuspect', () => {
  test('edge: for an hour after a lie, and not of one who was never caught', () => {
    const { lie } = next({ score: start, dissent: said('PROOF_INVALID'), asOf: 100 })
    const at = (asOf: number) => SourceScore.isSuspect({ scorePpm: 1_000_000, lie }, asOf)
    expect([at(100), at(3_699), at(3_700)]).toEqual([true, true, false])
    expect(SourceScore.isSuspect(start, 0)).toBe(false)
  })
})
