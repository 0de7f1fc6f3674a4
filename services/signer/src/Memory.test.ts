import { describe, expect, test } from 'vitest'
import * as Memory from './Memory.ts'

const certified = (change: Partial<Memory.Certified> = {}): Memory.Certified => ({
  ...{ participantId: '0x01', key: 'north', credit: 60n, expiresAt: 1_300, holders: ['0xaa'] },
  ...change,
})
const at = { own: 100n, now: 1_000 }

describe('against', () => {
  const after = (kept: readonly Memory.Certified[]) => {
    const memory = Memory.open()
    for (const each of kept) memory.keep(each)
    return (next: Memory.Certified, when = at) => memory.against(next, when)?.code ?? null
  }

  test('worked example: 60 at one venue leaves 40 of 100 for another', () => {
    const code = after([certified()])
    expect([code(certified({ key: 'south', credit: 40n })), code(certified({ key: 'south', credit: 41n }))]).toEqual([
      null,
      'CREDIT_BOUND_TWICE',
    ])
  })

  test('edge: the certificates of one key count by their greatest; a renewal and a cut always fit', () => {
    const code = after([certified(), certified({ credit: 30n }), certified({ key: 'south', credit: 40n })])
    expect([60n, 59n, 61n].map((credit) => code(certified({ credit })))).toEqual([null, null, 'CREDIT_BOUND_TWICE'])
    expect(code(certified(), { own: 0n, now: 1_000 })).toBe(null)
  })

  test('edge: what is over binds nothing, from its last second on', () => {
    const south = certified({ key: 'south', credit: 100n })
    expect([1_299, 1_300].map((now) => after([certified()])(south, { own: 100n, now }))).toEqual(['CREDIT_BOUND_TWICE', null])
  })

  test('edge: one holder backs one participant', () => {
    const other = certified({ participantId: '0x02', credit: 1n })
    const code = after([certified({ holders: ['0xaa', '0xbb'] })])
    expect(code({ ...other, holders: ['0xcc', '0xbb'] })).toBe('HOLDER_OF_ANOTHER')
    expect(code({ ...other, holders: ['0xcc'] })).toBe(null)
    expect(code({ ...other, holders: ['0xbb'] }, { own: 100n, now: 1_300 })).toBe(null)
  })

  test('edge: what was only asked is not kept', () => {
    const code = after([])
    expect([code(certified({ credit: 100n })), code(certified({ key: 'south', credit: 100n }))]).toEqual([null, null])
  })
})
