import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book } from './index.ts'
import { isolated, someBook, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const account = isolated('a', 'long', 100, 20)

describe('of', () => {
  test('worked example: one order, whatever order it was read in', () => {
    const b = isolated('b', 'short', 50, 10)
    expect(Book.of([b, account]).accounts.map(({ account }) => account)).toEqual(['a', 'b'])
  })

  test('property: canonical text does not depend on the order', () => {
    fc.assert(
      fc.property(someBook, (book) => {
        const turned = Book.of([...book.accounts].reverse().map((account) => ({ ...account, positions: [...account.positions].reverse() })))
        expect(Book.canonical(turned)).toBe(Book.canonical(book))
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('property: pieces of any size make the same text', () => {
    fc.assert(
      fc.property(someBook, fc.integer({ min: 1, max: 9 }), (book, size) => {
        const pieces = [...Book.pieces(book, size)]
        expect(pieces.join('')).toBe(Book.canonical(book))
        expect(pieces).toHaveLength(2 + Math.ceil(book.accounts.length / size))
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('edge: a position without maintenance may stand in a book', () => {
    const free = isolated('a', 'long', 100, 20, 0)
    expect(Book.of([free]).accounts).toEqual([free])
    const most = { ...isolated('a', 'long', 100, 20, 999_999), holdings: [{ market: 'ETH-PERP', value: 1n }] }
    expect(Book.of([most]).accounts).toEqual([most])
  })

  test('edge: one wei more is another text', () => {
    expect(Book.canonical(Book.of([{ ...account, equity: account.equity + 1n }]))).not.toBe(Book.canonical(Book.of([account])))
  })

  test('error: each branch, by class', () => {
    const [position] = account.positions
    const broken: (readonly Book.Account[])[] = [
      [account, account],
      [{ ...account, collateral: -1n }],
      position ? [{ ...account, positions: [position, position] }] : [],
      ...[0n, -1n].map((notional) => (position ? [{ ...account, positions: [{ ...position, notional }] }] : [])),
      ...[-1, 0.5, 1_000_000].map((maintenancePpm) => (position ? [{ ...account, positions: [{ ...position, maintenancePpm }] }] : [])),
    ]
    const held = (...holdings: Book.Holding[]) => [{ ...account, holdings }]
    broken.push(held({ market: 'ETH-PERP', value: 0n }), held({ market: 'ETH-PERP', value: 1n }, { market: 'ETH-PERP', value: 1n }))
    for (const accounts of broken) expect(() => Book.of(accounts)).toThrow(Book.InvalidBookError)
  })
})

test('usd: worked example, a dollar and a half', () => {
  expect(Book.usd(15n * 10n ** 17n)).toBe(1.5)
})

test('positions: worked example, what is held of the market itself, in one order', () => {
  const holdings = [
    { market: 'ETH-PERP', value: 7n },
    { market: 'BTC-PERP', value: 9n },
  ]
  const book = Book.of([{ ...account, holdings }])
  expect(book.accounts[0]?.holdings?.map(({ market }) => market)).toEqual(['BTC-PERP', 'ETH-PERP'])
  expect(Book.positions(book, 'ETH-PERP')[0]?.held).toBe(7n)
  expect(Book.positions(Book.of([account]), 'ETH-PERP')[0]?.held).toBe(0n)
})

test('positions: worked example, maintenance elsewhere is rounded up', () => {
  const both = {
    ...account,
    positions: [...account.positions, { market: 'BTC-PERP', side: 'short' as const, notional: 1n, maintenancePpm: 1 }],
  }
  const [entry] = Book.positions(Book.of([both]), 'ETH-PERP')
  expect(entry?.elsewhere).toBe(1n)
  expect(entry?.position.notional).toBe(usd(100))
  expect(Book.positions(Book.of([both]), 'SOL-PERP')).toEqual([])
  // Half of it to the unit.
  const half = { market: 'BTC-PERP', side: 'long' as const, notional: 2_000_000n, maintenancePpm: 500_000 }
  const [whole] = Book.positions(Book.of([{ ...both, positions: [...account.positions, half] }]), 'ETH-PERP')
  expect(whole?.elsewhere).toBe(1_000_000n)
})
