import { describe, expect, test } from 'vitest'
import { Figure, Vaults } from './index.ts'

const year = 31_536_000
const event = (block: number, vault: string, kind: 'deposit' | 'withdraw' | 'borrow' | 'repay', amount: number): Vaults.Event => ({
  block,
  at: block * 86_400,
  vault,
  kind,
  amount,
})
const seized = (block: number, vault: string, coins: number, repaid: number): Vaults.Event => ({
  block,
  at: block * 86_400,
  vault,
  kind: 'liquidate',
  coins,
  repaid,
})

const history = [
  event(1, 'a', 'deposit', 10),
  event(1, 'b', 'deposit', 20),
  event(1, 'c', 'deposit', 5),
  event(2, 'a', 'borrow', 5_000),
  event(2, 'b', 'borrow', 8_000),
  event(2, 'c', 'borrow', 1_000),
  event(3, 'a', 'repay', 2_000),
  event(4, 'b', 'withdraw', 4),
  seized(5, 'b', 16, 8_000),
  seized(5, 'b', 0, 0),
  seized(6, 'c', 2, 500),
]

describe('replay', () => {
  test('worked example: what is left of three vaults without a fee, whatever the order of the file', () => {
    for (const events of [history, [...history].reverse()])
      expect(Object.fromEntries(Vaults.replay(events, [], () => undefined))).toEqual({
        a: { coins: 10, debt: 3_000 },
        c: { coins: 3, debt: 500 },
      })
  })

  test('worked example: 10 % a year on 100 that is borrowed after the first year is 110 after the second', () => {
    const events = [
      { ...event(1, 'a', 'deposit', 1), at: year },
      { ...event(1, 'a', 'borrow', 100), at: year },
      { ...event(2, 'a', 'deposit', 1), at: 2 * year },
    ]
    expect(Vaults.replay(events, [{ from: 0, annual: 0.1 }], () => undefined).get('a')?.debt).toBeCloseTo(110, 9)
    const fees = [
      { from: 1.5 * year, annual: 0 },
      { from: 0, annual: 0.1 },
    ]
    expect(Vaults.replay(events, fees, () => undefined).get('a')?.debt).toBeCloseTo(100 * Math.sqrt(1.1), 9)
  })

  test('error: a negative amount', () => {
    expect(() => Vaults.replay([event(1, 'a', 'deposit', -1)], [], () => undefined)).toThrow(Figure.InvalidFigureError)
    expect(() => Vaults.replay([seized(1, 'a', -1, 0)], [], () => undefined)).toThrow(Figure.InvalidFigureError)
  })
})

describe('rateAt', () => {
  test('edge: nothing before the first fee, and up to a change of it', () => {
    const fees = [
      { from: 100, annual: 0.2 },
      { from: 100 + year, annual: 0 },
    ]
    expect([0, 100, 100 + year, 100 + 5 * year].map((at) => Vaults.rateAt(fees, at))).toEqual([1, 1, 1.2, 1.2])
  })
})

describe('rank', () => {
  test('worked example: b at 650 stood before a at 390 and c at 260; of c and a, c was second', () => {
    expect(Vaults.rank(history, [], 1.3)).toEqual([
      { at: 5 * 86_400, vault: 'b', rank: 1, of: 3 },
      { at: 6 * 86_400, vault: 'c', rank: 2, of: 2 },
    ])
  })

  test('edge: a vault that is not there comes after the last', () => {
    expect(Vaults.rank([...history, seized(7, 'z', 1, 1)], [], 1.3).at(-1)).toMatchObject({ vault: 'z', rank: 3, of: 2 })
  })

  test('error: a ratio of 0', () => {
    expect(() => Vaults.rank(history, [], 0)).toThrow(Figure.InvalidFigureError)
  })
})
