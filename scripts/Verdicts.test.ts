import { describe, expect, test } from 'vitest'
import * as Mutants from './Mutants.ts'
import * as Verdicts from './Verdicts.ts'

const file = 'packages/one/src/One.ts'
const text = 'export const clamp = (a: bigint) => (a < 0n ? 0n : a)\n'
const mutants = Mutants.of(file, text)
const judged = (...fates: readonly Verdicts.Fate[]): Verdicts.Judged[] =>
  fates.flatMap((fate, i) => {
    const mutant = mutants[i]
    return mutant ? [{ mutant, fate, by: null }] : []
  })

describe('of', () => {
  test('worked example: a timeout is a kill; what is invalid or equivalent does not count', () => {
    const report = Verdicts.of('packages/one', judged('killed', 'timeout', 'survived', 'invalid', 'equivalent'))
    expect(report).toMatchObject({ mutants: 5, killed: 1, timeout: 1, survived: 1, invalid: 1, equivalent: 1 })
    expect(report.score).toBeCloseTo(200 / 3, 10)
    expect(report.files).toMatchObject([
      { file, score: report.score, survivors: [{ line: 1, column: 40, original: 'a < 0n', replacement: 'a > 0n', reached: true }] },
    ])
  })

  test('edge: what no test reaches has survived', () => {
    expect(Verdicts.of('packages/one', judged('unreached'))).toMatchObject({
      survived: 1,
      score: 0,
      files: [{ survivors: [{ reached: false }] }],
    })
  })

  test('edge: nothing to judge has no score', () => {
    expect(Verdicts.of('packages/one', judged('invalid')).score).toBe(null)
    expect(Verdicts.of('packages/one', [])).toMatchObject({ score: null, files: [] })
  })
})

describe('format', () => {
  test('worked example: a line a file, its survivors, the sum, the timeouts', () => {
    expect(Verdicts.format(Verdicts.of('packages/one', judged('killed', 'timeout', 'survived', 'unreached')))).toBe(
      [
        '                            killed    timeout   survived    invalid equivalent     score',
        'packages/one/src/One.ts          1          1          2          0          0    50.0 %',
        '  packages/one/src/One.ts:1:40  a < 0n → a > 0n',
        '  packages/one/src/One.ts:1:42  0n → 1n  (no test reaches it)',
        'packages/one                     1          1          2          0          0    50.0 %',
        '  timeout: packages/one/src/One.ts:1:40  a < 0n → a <= 0n',
      ].join('\n'),
    )
  })

  test('edge: no score is a dash', () => {
    expect(Verdicts.format(Verdicts.of('packages/one', []))).toMatch(/ –$/)
  })
})

describe('equivalents', () => {
  const sources = new Map([[file, text]])
  const entry = { file, line: text, replacement: text.replace('a < 0n', '(a) <= (0n)'), why: 'At 0 both branches give 0.' }

  test('worked example: found by the line and what it becomes', () => {
    expect([...Verdicts.equivalents([entry], mutants, sources)]).toMatchObject([{ original: 'a < 0n', replacement: 'a <= 0n' }])
  })

  test('edge: the indentation and other files are no matter', () => {
    expect(Verdicts.equivalents([{ ...entry, line: `  ${entry.line}` }], mutants, sources).size).toBe(1)
    expect(Verdicts.equivalents([{ ...entry, file: 'packages/two/src/Two.ts' }], mutants, sources).size).toBe(0)
  })

  test('error: an entry that fits nothing any more', () => {
    expect(() => Verdicts.equivalents([{ ...entry, line: 'another' }], mutants, sources)).toThrow(Verdicts.EquivalenceError)
    expect(() => Verdicts.equivalents([{ ...entry, replacement: 'another' }], mutants, sources)).toThrow('any more')
  })

  test('error: an entry without a reason', () => {
    expect(() => Verdicts.equivalents([{ ...entry, why: ' ' }], mutants, sources)).toThrow('gives no reason')
  })
})
