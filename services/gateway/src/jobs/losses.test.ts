import { describe, expect, test } from 'vitest'
import { stepOf } from './losses.ts'

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
