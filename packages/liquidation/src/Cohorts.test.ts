import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Cohorts } from './index.ts'
import { isolated, someBook, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const book = Book.of([isolated('a', 'long', 100, 50), isolated('b', 'short', 300, 30), isolated('c', 'long', 600, 100)])
const labels = { a: { tier: 'human', chain: '1' }, b: { tier: 'anonymous' }, c: { tier: 'human', chain: '1' } }

describe('of', () => {
  test('worked example: three sizes, two tiers, a chain that one account does not name', () => {
    const cohorts = Cohorts.of(book, labels, 'two-sided')
    expect(cohorts.map(({ by, value, accounts, notional, sharePpm }) => [by, value, accounts, notional, sharePpm])).toEqual([
      ['size', '1', 1, usd(100), 100_000],
      ['size', '2', 1, usd(300), 300_000],
      ['size', '3', 1, usd(600), 600_000],
      ['chain', '1', 2, usd(700), 700_000],
      ['chain', 'unknown', 1, usd(300), 300_000],
      ['tier', 'anonymous', 1, usd(300), 300_000],
      ['tier', 'human', 2, usd(700), 700_000],
    ])
    expect(cohorts[5]?.posted).toMatchObject({ status: 'ok', ratio: usd(10) })
    expect(Cohorts.of(book, labels, 'open-interest')[6]?.equity).toMatchObject({ convention: 'open-interest', notional: usd(700) })
  })

  test('rounding: shares down: three thirds', () => {
    const thirds = Book.of(['a', 'b', 'c'].map((name) => isolated(name, 'long', 100, 10)))
    expect(Cohorts.of(thirds, {}, 'two-sided').map(({ sharePpm }) => sharePpm)).toEqual([333_333, 333_333, 333_333])
  })

  test('edge: sizes are ordered whatever the accounts are called, ties by account', () => {
    const turned = Book.of([isolated('a', 'long', 600, 50), isolated('b', 'long', 100, 20), isolated('c', 'short', 100, 10)])
    expect(
      Cohorts.of(turned, {}, 'two-sided').map(({ notional, posted }) => [notional, posted.status === 'ok' ? posted.ratio : 0n]),
    ).toEqual([
      [usd(100), usd(5)],
      [usd(100), usd(10)],
      [usd(600), usd(12)],
    ])
  })

  test('edge: an empty book has no cohorts; deciles of eleven hold one or two', () => {
    expect(Cohorts.of(Book.of([]), {}, 'two-sided')).toEqual([])
    const eleven = Book.of(Array.from({ length: 11 }, (_, i) => isolated(`a${String(i).padStart(2, '0')}`, 'long', 1 + i, 1)))
    expect(Cohorts.of(eleven, {}, 'two-sided').map(({ accounts }) => accounts)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
  })

  test('property: each label divides the whole book', () => {
    fc.assert(
      fc.property(someBook, fc.array(fc.constantFrom('x', 'y'), { minLength: 30, maxLength: 30 }), (book, values) => {
        const labels = Object.fromEntries(book.accounts.map(({ account }, i) => [account, { kind: values[i] ?? 'x' }]))
        const cohorts = Cohorts.of(book, labels, 'two-sided')
        const all = book.accounts.flatMap(({ positions }) => positions).reduce((sum, { notional }) => sum + notional, 0n)
        for (const name of book.accounts.length === 0 ? [] : ['size', 'kind']) {
          const own = cohorts.filter(({ by }) => by === name)
          expect(own.reduce((sum, { notional }) => sum + notional, 0n)).toBe(all)
          expect(own.reduce((sum, { accounts }) => sum + accounts, 0)).toBe(book.accounts.length)
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})

describe('top', () => {
  test('worked example: 600 of 1,000, and everybody', () => {
    expect(Cohorts.top(book)).toEqual({ onePpm: 600_000, tenPpm: 1_000_000 })
    expect(Cohorts.top(Book.of([]))).toEqual({ onePpm: 0, tenPpm: 0 })
    const eleven = Book.of(Array.from({ length: 11 }, (_, i) => isolated(`a${i + 10}`, 'long', i === 4 ? 30 : 10, 1)))
    // 30 of 130, and all but one of the others beside it.
    expect(Cohorts.top(eleven)).toEqual({ onePpm: 230_769, tenPpm: 923_076 })
  })
})
