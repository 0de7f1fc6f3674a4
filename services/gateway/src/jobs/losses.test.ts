import { describe, expect, test } from 'vitest'
import { arrivedAt, stepOf } from './losses.ts'

describe('stepOf', () => {
  const id = `0x${'01'.repeat(32)}` as const
  const unknown = { settlementId: id, fate: 'unknown', readyAt: 0, lapsesAt: 0 } as const
  const queued = { settlementId: id, fate: 'queued', readyAt: 100, lapsesAt: 200 } as const
  const at = (now: number, seen: Parameters<typeof stepOf>[0]['seen'] = queued, paused = false) =>
    stepOf({ seen, deadline: 50, now, paused })

  test('edge: queued up to the deadline, the second of it included, and not while the vault is paused', () => {
    expect([at(50, unknown), at(51, unknown), at(50, unknown, true)]).toEqual(['queueSettlement', null, null])
  })

  test('edge: paid from the end of its challenge window on, and lapsed from the second in which it may no longer be', () => {
    expect([at(99), at(100), at(199), at(200)]).toEqual([null, 'paySettlement', 'paySettlement', 'lapseSettlement'])
  })

  test('edge: what was paid or vetoed has ended', () => {
    expect([at(150, { ...queued, fate: 'paid' }), at(150, { ...queued, fate: 'vetoed' })]).toEqual([null, null])
  })
})

describe('arrivedAt', () => {
  const cover = (amount: bigint, blockNumber = 7n) => ({ amount, blockNumber })
  const key = (fees: bigint, number: bigint): Parameters<typeof arrivedAt>[0]['key'] => ({
    fees,
    positions: new Map([
      [
        '0x01',
        {
          ...{ side: 'flat', notional: 0n, requirement: 0n, maxNotional: 0n, certificateRequirement: 0n, lastSequence: 0n },
          ...{ headroom: { long: 0n, short: 0n }, block: { number, timestamp: 0 } },
        },
      ],
    ]),
  })
  const at = (covers: readonly ReturnType<typeof cover>[], owed: Parameters<typeof arrivedAt>[0]['key'] = key(900n, 9n)) =>
    arrivedAt({ covers, credit: 1_000n, key: owed })

  test('edge: a cent in its name is not a settlement', () => {
    expect([at([]), at([cover(1n)]), at([cover(1n)], null)]).toEqual([null, null, null])
  })

  test('edge: nine tenths are, together, at the block of the last of them', () => {
    expect([at([cover(899n)]), at([cover(900n)]), at([cover(400n, 8n), cover(500n, 7n)])]).toEqual([null, 7n, 8n])
  })

  test('edge: less is where nothing is owed any more, as read since', () => {
    expect([at([cover(1n)], key(0n, 7n)), at([cover(1n)], key(0n, 6n)), at([], key(0n, 9n))]).toEqual([7n, null, null])
  })
})
