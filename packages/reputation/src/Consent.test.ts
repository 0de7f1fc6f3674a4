import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Consent } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
const consents = fc.array(fc.record({ one: name, other: name }), { maxLength: 8 })

describe('reach', () => {
  test('worked example: either side may have joined first, and a chain may pass through one who left', () => {
    const all = [
      { one: 'b', other: 'a' },
      { one: 'b', other: 'c' },
      { one: 'd', other: 'c' },
      { one: 'e', other: 'f' },
    ]
    expect([...Consent.reach(['a'], all)].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect([...Consent.reach(['d'], all)].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect([...Consent.reach(['f'], all)].sort()).toEqual(['e', 'f'])
  })

  test('edge: nobody said anything; nobody is asked about; a ring', () => {
    expect([...Consent.reach(['a', 'b'], [])]).toEqual(['a', 'b'])
    expect([...Consent.reach([], [{ one: 'a', other: 'b' }])]).toEqual([])
    expect(
      [
        ...Consent.reach(
          ['a'],
          ['ab', 'bc', 'ca'].map(([one = '', other = '']) => ({ one, other })),
        ),
      ].sort(),
    ).toEqual(['a', 'b', 'c'])
  })

  test('property: it goes both ways, whatever the order, and no further than consents join', () => {
    fc.assert(
      fc.property(name, name, consents, (from, to, all) => {
        const there = Consent.reach([from], all).has(to)
        expect(Consent.reach([to], all.toReversed()).has(from)).toBe(there)
        // by hand: join names until nothing moves
        const group = new Map([...'abcdefg'].map((each) => [each, each]))
        for (let round = 0; round < 7; round++)
          for (const { one, other } of all) {
            const least = [group.get(one) ?? '', group.get(other) ?? ''].sort()[0] ?? ''
            group.set(one, least)
            group.set(other, least)
          }
        expect(there).toBe(group.get(from) === group.get(to))
      }),
      { numRuns },
    )
  })
})
