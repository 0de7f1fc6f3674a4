import { describe, expect, test } from 'vitest'
import * as Tally from './Tally.ts'

type Assertion = Tally.VitestReport['testResults'][number]['assertionResults'][number]

const assertion = (status: string, ...titles: string[]): Assertion => ({
  ancestorTitles: titles.slice(0, -1),
  title: titles.at(-1) ?? '',
  status,
  failureMessages: status === 'failed' ? ['expected 1 to be 2'] : [],
})

const report = (...assertionResults: Assertion[]): Tally.VitestReport => ({
  success: true,
  testResults: [{ name: '/house/packages/store/src/Ledger.test.ts', status: 'passed', assertionResults }],
})

const of = (given: Tally.VitestReport, required: readonly Tally.Requirement[] = []) => Tally.of({ report: given, root: '/house', required })

describe('of', () => {
  test('worked example: passed, failed and skipped, with the sentence of the skip', () => {
    const postgres = 'PostgreSQL (needs DATABASE_URL or a PostgreSQL server binary)'
    const tally = of(
      report(
        assertion('passed', 'a'),
        assertion('failed', 'outer', 'b'),
        assertion('skipped', postgres, 'c'),
        assertion('skipped', postgres, 'd'),
      ),
    )
    expect(tally).toEqual({
      passed: 1,
      failed: 1,
      skipped: 2,
      skips: [
        {
          sentence: 'packages/store/src/Ledger.test.ts: PostgreSQL: needs DATABASE_URL or a PostgreSQL server binary.',
          count: 2,
          verdict: 'allowed',
        },
      ],
      failures: ['packages/store/src/Ledger.test.ts > outer > b\n    expected 1 to be 2'],
    })
  })

  test.each([
    ['web (needs Chromium: CHROMIUM_PATH, chromium or google-chrome)', 'browser'],
    ['store (needs DATABASE_URL or a PostgreSQL server binary)', 'postgres'],
  ] as const)('edge: a required suite may not skip: %s', (title, requirement) => {
    const given = report(assertion('skipped', title, 'a'))
    expect(of(given)).toMatchObject({ failed: 0, skipped: 1 })
    expect(of(given, [requirement])).toMatchObject({ failed: 1, skipped: 0, skips: [{ verdict: 'required' }] })
  })

  test('edge: outside data is never required', () => {
    const given = report(assertion('skipped', 'vectors (needs PLIMSOLL_SHARED or ../shared)', 'a'))
    expect(of(given, ['browser', 'postgres'])).toMatchObject({ failed: 0, skipped: 1 })
  })

  test.each(['a suite', 'a suite (needs patience)'])('edge: a skip without an allowed reason is a failure: %s', (title) => {
    for (const status of ['skipped', 'pending', 'todo'])
      expect(of(report(assertion(status, title, 'a')))).toMatchObject({ failed: 1, skipped: 0, skips: [{ verdict: 'unexplained' }] })
  })

  test('edge: a file that does not load is one failure, though no test of it failed', () => {
    const given = {
      success: false,
      testResults: [{ name: '/house/x.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }],
    }
    expect(of(given)).toMatchObject({ passed: 0, failed: 1, failures: ['x.test.ts\n    no such module'] })
  })

  test('edge: what a failing hook left out has failed, whatever its title says', () => {
    const postgres = 'PostgreSQL (needs DATABASE_URL)'
    const given = report(assertion('passed', 'a'), assertion('skipped', postgres, 'b'), assertion('skipped', postgres, 'c'))
    const [file] = given.testResults
    expect(of({ success: false, testResults: file ? [{ ...file, status: 'failed', message: '' }] : [] })).toEqual({
      passed: 1,
      failed: 2,
      skipped: 0,
      skips: [],
      failures: ['packages/store/src/Ledger.test.ts\n    it did not load, or a hook failed: the output above has the error'],
    })
  })

  test('edge: an error outside any test is one failure', () => {
    expect(of({ ...report(assertion('passed', 'a')), success: false })).toMatchObject({ passed: 1, failed: 1 })
  })
})

describe('parseRequired', () => {
  test('worked example', () => {
    expect(Tally.parseRequired('browser, postgres')).toEqual(['browser', 'postgres'])
    expect(Tally.parseRequired('')).toEqual([])
  })

  test('error: a word that is no requirement', () => {
    expect(() => Tally.parseRequired('browser,postgress')).toThrow('PLIMSOLL_REQUIRE names "postgress"; it knows browser and postgres.')
  })
})
