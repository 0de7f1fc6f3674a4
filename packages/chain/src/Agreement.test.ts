import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Agreement from './Agreement.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const answers = (keys: string) => [...keys].map((key, index) => ({ id: `s${index}`, key, value: key }))

describe('of', () => {
  test('worked example: two of three agree, the third is named', () => {
    expect(Agreement.of({ answers: answers('xyx'), k: 2 })).toEqual({ status: 'agreed', value: 'x', agree: ['s0', 's2'], differ: ['s1'] })
  })

  test('edge: too few, all different, and two camps', () => {
    expect(Agreement.of({ answers: answers('x'), k: 2 })).toEqual({ status: 'short', have: 1 })
    expect(Agreement.of({ answers: [], k: 1 })).toEqual({ status: 'short', have: 0 })
    expect(Agreement.of({ answers: answers('xy'), k: 2 })).toEqual({ status: 'disagree', differ: ['s0', 's1'] })
    expect(Agreement.of({ answers: answers('xxyy'), k: 2 }).status).toBe('disagree')
  })

  test('property: fewer than k liars never carry a lie, whatever the order', () => {
    const scenario = fc
      .integer({ min: 1, max: 7 })
      .chain((n) =>
        fc.tuple(
          fc.integer({ min: Math.floor(n / 2) + 1, max: n }),
          fc.array(fc.constantFrom('truth', 'lie', 'down'), { minLength: n, maxLength: n }),
        ),
      )
    fc.assert(
      fc.property(scenario, ([k, roles]) => {
        fc.pre(roles.filter((role) => role === 'lie').length < k)
        const given = roles.flatMap((role, index) => (role === 'down' ? [] : [{ id: `s${index}`, key: role, value: role }]))
        const agreement = Agreement.of({ answers: given, k })
        const honest = roles.filter((role) => role === 'truth').length
        expect(agreement.status === 'agreed').toBe(honest >= k)
        if (agreement.status === 'agreed') expect(agreement.value).toBe('truth')
      }),
      { numRuns },
    )
  })
})

describe('kthHighest', () => {
  test('worked example: one source far ahead does not count', () => {
    expect(Agreement.kthHighest([5n, 9n, 7n], 1)).toBe(9n)
    expect(Agreement.kthHighest([5n, 9n, 7n], 2)).toBe(7n)
    expect(Agreement.kthHighest([5n, 9n, 7n], 3)).toBe(5n)
  })

  test('property: at least k are there or beyond, fewer than k are beyond', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 20n), { minLength: 1, maxLength: 9 }), fc.nat(8), (values, index) => {
        const k = (index % values.length) + 1
        const height = Agreement.kthHighest(values, k)
        expect(values.filter((value) => value >= height).length).toBeGreaterThanOrEqual(k)
        expect(values.filter((value) => value > height).length).toBeLessThan(k)
      }),
      { numRuns },
    )
  })

  test('error: fewer than k', () => {
    expect(() => Agreement.kthHighest([1n], 2)).toThrow(RangeError)
  })
})
