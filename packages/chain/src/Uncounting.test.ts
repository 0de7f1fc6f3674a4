import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import type { Uncounted } from './Signer.ts'
import * as Uncounting from './Uncounting.ts'

const [ben, cleo] = ['0b', '0c'].map((byte) => `0x${byte.repeat(20)}` as const) as [Hex, Hex]
const untied = (holder: Hex, chainId = 1): Uncounted => ({ holder, chainId, code: 'HOLDER_UNTIED' })
const unread = (holder: Hex, chainId = 1): Uncounted => ({ holder, chainId, code: 'HOLDER_UNREAD' })

/** Two of three, unless said otherwise. */
const agreed = (said: readonly (readonly Uncounted[])[], members = 3, threshold = 2) =>
  Uncounting.agreed({ said: said.map((uncounted) => ({ uncounted })), members, threshold })

describe('agreed', () => {
  test('worked example: whom two of three name, each once, by address and chain', () => {
    expect(
      agreed([
        [untied(cleo), untied(ben)],
        [untied(ben), untied(cleo)],
      ]),
    ).toEqual([untied(ben), untied(cleo)])
    expect(agreed([[untied(ben, 2), untied(ben)], [untied(ben), untied(cleo)], [untied(ben, 2)]])).toEqual([untied(ben), untied(ben, 2)])
  })

  test('edge: one of three that lies has nobody left out, however often it says so', () => {
    expect(agreed([[untied(ben), untied(cleo), untied(ben)]])).toEqual([])
    expect(agreed([[untied(ben), untied(ben)], []])).toEqual([])
    // Nor does it keep whom two do not count from being left out.
    expect(agreed([[untied(ben)], [untied(cleo)], [untied(ben)]])).toEqual([untied(ben)])
  })

  test.each([
    // n, m, and how many have to say so
    [1, 1, 1],
    [3, 3, 1],
    [3, 2, 2],
    [5, 3, 3],
    [5, 2, 4],
    [3, 1, 3],
  ])('edge: of %i signers of which %i sign it takes %i', (members, threshold, needed) => {
    const by = (count: number) =>
      agreed(
        Array.from({ length: count }, () => [untied(ben)]),
        members,
        threshold,
      )
    expect(by(needed)).toEqual([untied(ben)])
    expect(by(needed - 1)).toEqual([])
  })

  test('edge: whom one cannot read and another finds untied is left out, since both sign nothing; untied is the word of as many', () => {
    expect(agreed([[untied(ben)], [unread(ben)]])).toEqual([unread(ben)])
    expect(agreed([[unread(ben)], [untied(ben)], [untied(ben)]])).toEqual([untied(ben)])
    expect(agreed([[unread(ben)], [unread(ben)]])).toEqual([unread(ben)])
  })

  test('edge: signers that named nobody', () => {
    expect(Uncounting.agreed({ said: [{}, {}, {}], members: 3, threshold: 2 })).toEqual([])
  })
})

describe('parse', () => {
  test('edge: what cannot be read names nobody, and the rest counts', () => {
    expect(Uncounting.parse([untied(ben), unread(cleo, 7)])).toEqual([untied(ben), unread(cleo, 7)])
    for (const value of [undefined, null, 'ben', {}, [null], [ben], [[]]]) expect(Uncounting.parse(value)).toEqual([])
    const flaws = [
      { holder: '0xBE' },
      { holder: ben.toUpperCase() },
      { holder: 1 },
      { chainId: 0 },
      { chainId: -1 },
      { chainId: 1.5 },
      { chainId: '1' },
      { code: 'MORE_GENEROUS' },
      { code: null },
    ]
    expect(Uncounting.parse([...flaws.map((flaw) => ({ ...untied(ben), ...flaw })), untied(cleo)])).toEqual([untied(cleo)])
    expect(Uncounting.parse([{ ...untied(ben), more: 1 }])).toEqual([untied(ben)])
  })

  test('edge: no more than a document may hold', () => {
    expect(Uncounting.parse(Array.from({ length: 300 }, (_, index) => untied(ben, index + 1)))).toHaveLength(256)
  })
})
