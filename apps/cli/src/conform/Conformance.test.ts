import { describe, expect, test } from 'vitest'
import * as Conformance from './Conformance.ts'

const exact = { kind: 'exact' as const }
const doubling: Conformance.Anchor = {
  anchor: 'doubling',
  groups: {
    double: { exactness: exact, answer: (given) => ({ twice: Number(given.in['x']) * 2, list: [1, { a: '2' }] }) },
    near: { exactness: { kind: 'relative', tolerance: 1e-3 }, answer: () => ({ y: 1000.5 }) },
    stated: { exactness: { kind: 'stated' }, answer: () => ({ y: 10.5 }) },
    throwing: {
      exactness: exact,
      answer: () => {
        throw new Error('It cannot be meant.')
      },
    },
    either: {
      exactness: exact,
      answer: () => [
        { y: 1, z: 1 },
        { y: 2, z: 2 },
      ],
    },
    '': {
      exactness: exact,
      answer: (given, file) => ({ sum: Number(given.in['x']) + Number(file['more']) + Number(given.beside['set']) }),
    },
  },
}
const file = (id: string, out: Conformance.Fields, more: Conformance.Fields = {}): Conformance.Fields => ({
  anchor: 'doubling',
  groups: [{ id, cases: [{ name: 'one', in: { x: 4 }, out, ...more }] }],
})
const run = (...files: Conformance.Fields[]) => Conformance.run(files, [doubling])
const differences = (...files: Conformance.Fields[]) =>
  run(...files).files.flatMap(({ groups }) => groups.flatMap((group) => group.differences))

describe('run', () => {
  test('worked example: what is equal passes, and the counts add up', () => {
    const report = run(file('double', { twice: 8 }), file('double', { twice: '9' }))
    expect(report).toMatchObject({ passed: 1, failed: 1 })
    expect(report.files[0]).toEqual({ anchor: 'doubling', groups: [{ id: 'double', passed: 1, failed: 0, differences: [] }] })
    expect(report.files[1]?.groups[0]?.differences).toEqual([{ case: 'one', field: 'twice', want: '9', got: 8 }])
  })

  test('edge: only the fields that are wanted count, lists to the last element', () => {
    expect(differences(file('double', { list: [1, { a: 2 }] }))).toEqual([])
    expect(differences(file('double', { list: [1, { a: 3 }] }))).toMatchObject([{ field: 'list.1.a', want: 3, got: '2' }])
    expect(differences(file('double', { list: [1] }))).toMatchObject([{ field: 'list' }])
  })

  test('error: what nobody knows fails with a sentence', () => {
    expect(differences(file('unheard', { y: 1 }))).toMatchObject([{ case: 'one', field: '', got: expect.stringContaining("'unheard'") }])
    expect(differences(file('double', { thrice: 12 }))).toMatchObject([{ field: 'thrice', got: expect.stringContaining("'thrice'") }])
    expect(differences({ anchor: 'nowhere', cases: [] })).toMatchObject([{ got: expect.stringContaining("'nowhere'") }])
    expect(differences({ anchor: 'doubling' })).toMatchObject([{ got: expect.stringContaining('no groups') }])
    expect(differences(file('throwing', { y: 1 }))).toMatchObject([{ got: 'It cannot be meant.' }])
    expect(differences(file('double', {}))).toMatchObject([{ got: 'The case wants nothing.' }])
    expect(run(file('unheard', { y: 1 }), { anchor: 'nowhere' })).toMatchObject({ passed: 0, failed: 2 })
  })

  test('error: what tests nothing fails', () => {
    for (const file of [
      { anchor: 'doubling', groups: [] },
      { anchor: 'doubling', fixtures: [] },
      { anchor: 'doubling', cases: [] },
      { anchor: 'doubling', groups: [{ id: 'double' }] },
      { anchor: 'doubling', groups: [{ id: 'double', cases: 'oops' }] },
      { groups: [] },
    ])
      expect(run(file as Conformance.Fields)).toMatchObject({ passed: 0, failed: 1 })
    expect(differences(file('constructor', { y: 1 }))).toMatchObject([{ got: expect.stringContaining("'constructor'") }])
  })

  test('error: a figure without end, a blank, and nothing at all match no figure', () => {
    for (const y of ['1e999', 'Infinity', '', ' ', {}]) expect(differences(file('near', { y }))).toHaveLength(1)
    expect(differences(file('double', { twice: '1e9999999999' }))).toHaveLength(1)
  })

  test('edge: within the tolerance, and not beyond it', () => {
    const of = (y: number) => differences(file('near', { y })).length
    expect([of(1000), of(1001.5), of(999.4)]).toEqual([0, 0, 1])
    const stated = (tol?: Conformance.Json) => differences(file('stated', { y: 10 }, tol === undefined ? {} : { tol })).length
    expect([stated(0.05), stated(0.04), stated(), stated('0.05'), stated(-1)]).toEqual([0, 1, 1, 1, 1])
  })

  test('edge: one of several answers must be right in every field', () => {
    expect(differences(file('either', { y: 2, z: 2 }))).toEqual([])
    expect(differences(file('either', { y: 1, z: 2 }))).toMatchObject([{ field: 'z', want: 2, got: 1 }])
  })

  test('edge: a file without groups, with what its cases share and what stands beside one', () => {
    const cases = [{ in: { x: 1 }, out: { sum: 111 }, set: 10 }]
    expect(run({ anchor: 'doubling', more: 100, cases })).toMatchObject({ passed: 1, failed: 0, files: [{ groups: [{ id: 'doubling' }] }] })
  })

  test('edge: fixtures go by kind', () => {
    const fixture = (id: string, kind: string, x: number, twice: number) => ({ id, kind, input: { x }, expected: { twice }, tol: 0 })
    const report = run({
      anchor: 'doubling',
      fixtures: [fixture('F1', 'double', 1, 2), fixture('F2', 'other', 1, 2), fixture('F3', 'double', 2, 5)],
    })
    expect(report).toMatchObject({ passed: 1, failed: 2 })
    expect(report.files[0]?.groups.map(({ id, passed, failed }) => [id, passed, failed])).toEqual([
      ['double', 1, 1],
      ['other', 0, 1],
    ])
  })
})

describe('decimal', () => {
  test('worked example: one figure, many writings', () => {
    const same = [1.5, '1.5', '1.50', '01.5', '15e-1', '0.15e1', '+1.5'].map(Conformance.decimal)
    expect(new Set(same)).toEqual(new Set(['1.5']))
    expect(['-0', '0.00', '1e3', '1.25e-7', '-12e0', 1e21].map(Conformance.decimal)).toEqual([
      '0',
      '0',
      '1000',
      '0.000000125',
      '-12',
      '1000000000000000000000',
    ])
    expect(['', 'true', '0x1', '1.'].map(Conformance.decimal)).toEqual(['', 'true', '0x1', '1.'])
  })
})

describe('compare', () => {
  test('edge: a name is itself under any tolerance', () => {
    const of = (got: Conformance.Json) => Conformance.compare('A', got, { kind: 'relative', tolerance: 1 }, 'f').length
    expect([of('A'), of('B'), of(1)]).toEqual([0, 1, 1])
    expect(Conformance.compare(1, 'A', { kind: 'relative', tolerance: 1 }, 'f')).toHaveLength(1)
  })

  test('edge: booleans and nulls are themselves', () => {
    const of = (want: Conformance.Json, got: Conformance.Json) => Conformance.compare(want, got, exact, 'f').length
    expect([of(true, true), of(true, false), of(null, null), of(null, 0), of(1, true), of({ a: 1 }, null), of({ a: 1 }, [1])]).toEqual([
      0, 1, 0, 1, 1, 1, 1,
    ])
  })
})
