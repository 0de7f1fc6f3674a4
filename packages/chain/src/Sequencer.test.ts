import { describe, expect, test } from 'vitest'
import type * as Query from './Query.ts'
import * as Sequencer from './Sequencer.ts'

const codeOf = (status: Sequencer.Status) => (status.status === 'up' ? 'up' : status.code)

describe('assess', () => {
  test('edge: down, just back, back for an hour, and an answer that is none', () => {
    const at = (answer: bigint, startedAt: bigint) => codeOf(Sequencer.assess({ answer, startedAt, asOf: 10_000 }))
    expect([at(1n, 9_000n), at(0n, 6_401n), at(0n, 6_400n), at(2n, 1n), at(-1n, 1n), at(0n, 0n)]).toEqual([
      'SEQUENCER_DOWN',
      'SEQUENCER_GRACE',
      'up',
      'SEQUENCER_DOWN',
      'SEQUENCER_DOWN',
      'SEQUENCER_UNREADABLE',
    ])
  })
})

describe('query', () => {
  test('error: no feed there is not up', () => {
    const query: Query.Query<Sequencer.Status> = Sequencer.query({ feed: `0x${'00'.repeat(20)}`, asOf: 1 })
    expect(codeOf(query.parse([{ success: false, data: '0x' }]))).toBe('SEQUENCER_UNREADABLE')
    expect(codeOf(query.parse([{ success: true, data: '0x' }]))).toBe('SEQUENCER_UNREADABLE')
  })
})
