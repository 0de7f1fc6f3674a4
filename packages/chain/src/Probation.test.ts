import { describe, expect, test } from 'vitest'
import * as Probation from './Probation.ts'

const run = (candidates: readonly bigint[]) =>
  candidates.reduce((probation, candidate) => Probation.next({ probation, current: 1_000n, candidate }), Probation.start)

describe('next', () => {
  test('worked example: ten rounds within two percent', () => {
    expect(run(Array.from({ length: 9 }, () => 1_000n))).toEqual({ agreed: 9, status: 'waiting' })
    expect(run(Array.from({ length: 10 }, () => 1_000n))).toEqual({ agreed: 10, status: 'accepted' })
  })

  test('edge: exactly at the band, on both sides, and one beyond', () => {
    expect(run([1_020n]).status).toBe('waiting')
    expect(run([1_021n]).status).toBe('refused')
    expect(Probation.next({ probation: Probation.start, current: 1_020n, candidate: 1_000n }).status).toBe('waiting')
  })

  test('edge: a ratio without its USD leg is refused at once, and stays so', () => {
    expect(run([1n, 1_000n, 1_000n]).status).toBe('refused')
  })
})
