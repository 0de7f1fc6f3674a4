import { describe, expect, test } from 'vitest'
import type { Header } from './Header.ts'
import * as SourceScore from './SourceScore.ts'
import * as Status from './Status.ts'

const config = {
  ...{ chainId: 7, name: 'harbour' },
  sources: [
    { id: 'a', operator: 'one' },
    { id: 'b', operator: 'two' },
  ],
}
const block = { number: 9n, hash: `0x${'b0'.repeat(32)}`, timestamp: 100 } as Header
const dissent = { id: 'b', why: 'RPC_VALUE_DISAGREE', detail: 'another answer at block 9' } as const
const liar = SourceScore.next({ score: SourceScore.start, dissent, asOf: 90 })

describe('of', () => {
  test('worked example: who agrees on the block, and who does not and why', () => {
    expect(Status.of({ config, pinned: { block, dissent: [dissent] }, code: null, scores: new Map([['b', liar]]) })).toEqual({
      ...{ chainId: 7, name: 'harbour', status: 'ok', code: null, blockNumber: 9n, blockTime: 100 },
      sources: [
        { id: 'a', operator: 'one', agrees: true, why: null, scorePpm: 1_000_000 },
        { id: 'b', operator: 'two', agrees: false, why: 'RPC_VALUE_DISAGREE: another answer at block 9', scorePpm: 500_000 },
      ],
    })
  })

  test('edge: a chain that is out is missing, also where there is a block; one that nobody has read says so', () => {
    const out = Status.of({ config, pinned: { block, dissent: [] }, code: 'FINALITY_VIOLATED', scores: new Map() })
    expect([out.status, out.code, out.blockNumber, out.sources[0]?.agrees]).toEqual(['missing', 'FINALITY_VIOLATED', 9n, true])
    const unread = Status.of({ config, pinned: null, code: null, scores: new Map() })
    expect([unread.status, unread.code, unread.blockNumber, unread.sources[0]?.agrees]).toEqual(['missing', 'NOT_READ', null, false])
    expect(Status.of({ config, pinned: null, code: 'NO_QUORUM', scores: new Map() }).sources[1]?.why).toBe('NO_QUORUM')
  })
})

describe('faults', () => {
  test('worked example: the light client’s, and whoever was caught in a lie within the hour', () => {
    const reader = {
      lightFaults: () => ['LIGHT_CHECKPOINT_AGING: soon'],
      scores: () =>
        new Map([
          ['a', SourceScore.start],
          ['b', liar],
        ]),
    }
    expect(Status.faults(reader, 3_689)).toEqual([
      'LIGHT_CHECKPOINT_AGING: soon',
      'SOURCE_LIED: source b was caught in a lie 3599 s ago: RPC_VALUE_DISAGREE: another answer at block 9; its score is 50.0 %',
    ])
    expect(Status.faults(reader, 3_690)).toEqual(['LIGHT_CHECKPOINT_AGING: soon'])
  })
})
