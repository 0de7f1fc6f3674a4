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

  test('bug: what is bound was said in units of 10^-18', () => {
    const usd = (amount: number) => BigInt(amount) * 10n ** 18n
    const memory = Memory.open()
    memory.keep(certified({ credit: usd(60_000) }))
    expect(memory.against(certified({ key: 'south', credit: usd(50_000) }), { own: usd(100_000), now: 1_000 })?.message).toBe(
      'Live certificates signed here bind 60,000 USD elsewhere, and 100,000 USD is all there is.',
    )
  })

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
    expect([0n, 1n].map((credit) => code(certified({ credit }), { own: 0n, now: 1_000 }))).toEqual([null, 'CREDIT_BOUND_TWICE'])
  })
})

describe('loweredTo', () => {
  test('worked example: the least of what was signed for the key, until a block is past the life of each', () => {
    const memory = Memory.open()
    memory.keepLowered({ key: 'north', credit: 40n, until: 1_300 })
    memory.keepLowered({ key: 'north', credit: 30n, until: 1_200 })
    memory.keepLowered({ key: 'south', credit: 20n, until: 1_300 })
    const at = (blockTime: number) => memory.loweredTo('north', { blockTime })
    expect([at(1_200), at(1_201), at(1_300), at(1_301)]).toEqual([30n, 40n, 40n, null])
    expect([memory.loweredTo('south', { blockTime: 1_300 }), memory.loweredTo('east', { blockTime: 0 })]).toEqual([20n, null])
    // And is forgotten for good.
    expect(at(1_200)).toBe(null)
  })

  test('property: in whatever order it was signed, and whatever of it says nothing more', () => {
    const signed = [
      { key: 'north', credit: 40n, until: 1_300 },
      { key: 'north', credit: 30n, until: 1_200 },
      { key: 'north', credit: 35n, until: 1_100 },
      { key: 'north', credit: 30n, until: 1_150 },
    ]
    for (const [i, first] of signed.entries())
      for (const [j, second] of signed.entries()) {
        if (i === j) continue
        const memory = Memory.open()
        for (const one of [first, second, ...signed.filter((_, k) => k !== i && k !== j)]) memory.keepLowered(one)
        const at = (blockTime: number) => memory.loweredTo('north', { blockTime })
        expect([at(1_100), at(1_200), at(1_201), at(1_200), at(1_300)]).toEqual([30n, 30n, 40n, 40n, 40n])
      }
  })
})

describe('holdersOf', () => {
  test('worked example: all that were signed for, for an hour after, and each for whom it was signed for last', () => {
    const memory = Memory.open()
    memory.keep(certified({ holders: ['0xaa', '0xbb'], expiresAt: 1_000 }))
    memory.keep(certified({ participantId: '0x02', holders: ['0xbb', '0xcc'], expiresAt: 1_001 }))
    expect([memory.holdersOf('0x01', 4_599), memory.holdersOf('0x02', 4_599)]).toEqual([['0xaa'], ['0xbb', '0xcc']])
    expect([memory.holdersOf('0x01', 4_600), memory.holdersOf('0x02', 4_600)]).toEqual([[], ['0xbb', '0xcc']])
  })
})

describe('ownerOf', () => {
  test('edge: whom nobody was signed for has no owner, nor has he after an hour', () => {
    const memory = Memory.open()
    memory.keep(certified({ expiresAt: 1_000 }))
    expect([memory.ownerOf('0xaa', 4_599), memory.ownerOf('0xaa', 4_600), memory.ownerOf('0xbb', 1_000)]).toEqual(['0x01', null, null])
  })
})
