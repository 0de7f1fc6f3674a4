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

  test('worked example: what is repaid, withdrawn and seized after a year at 10 %', () => {
    const later = (kind: 'withdraw' | 'repay', amount: number) => ({ ...event(2, 'a', kind, amount), at: year })
    const begun = [event(0, 'a', 'deposit', 10), event(0, 'a', 'borrow', 100)]
    const after = (...events: readonly Vaults.Event[]) =>
      Vaults.replay([...begun, ...events], [{ from: 0, annual: 0.1 }], () => undefined).get('a')
    expect(after(later('repay', 55), later('withdraw', 3))).toEqual({ coins: 7, debt: expect.closeTo(55, 9) })
    expect(after({ ...seized(2, 'a', 4, 55), at: year })).toEqual({ coins: 6, debt: expect.closeTo(55, 9) })
    // Less than a coin is a crumb; a coin is not, and nobody owes less than nothing.
    expect(after({ ...seized(2, 'a', 9.01, 55), at: year })).toBeUndefined()
    expect(after({ ...seized(2, 'a', 9, 55), at: year })?.coins).toBe(1)
    expect([after(later('repay', 110)), after(later('withdraw', 10))]).toEqual([undefined, undefined])
  })

  test('edge: a liquidation comes last in its block; who has repaid too much owes nothing', () => {
    const seen: (Vaults.Vault | undefined)[] = []
    const events = [
      seized(2, 'a', 1, 1),
      { ...event(2, 'a', 'repay', 9), at: 2 * 86_400 },
      event(2, 'a', 'deposit', 3),
      event(1, 'a', 'borrow', 5),
      seized(3, 'a', 0, 0),
    ]
    Vaults.replay(events, [], (_, vaults) => seen.push(vaults.get('a')))
    expect(seen).toEqual([
      { coins: 3, debt: 0 },
      { coins: 2, debt: 0 },
    ])
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

describe('liquidationPrice', () => {
  test('worked example: 2 coins under 1,000 at 150 %', () => {
    expect(Vaults.liquidationPrice({ coins: 2, debt: 1_000 }, 1.5)).toBe(750)
  })
})

describe('rank', () => {
  test('edge: once a vault and day, to the second; who owes a unit is not open', () => {
    const at = (second: number) => ({ ...seized(5, 'a', 0.5, 1), at: second, block: second })
    const crumbs = [
      { ...event(1, 'd', 'deposit', 9), at: 1 },
      { ...event(1, 'd', 'borrow', 1), at: 1 },
      { ...event(1, 'e', 'borrow', 9), at: 1 },
      { ...event(1, 'f', 'deposit', 9), at: 1 },
      { ...event(1, 'f', 'borrow', 2), at: 1 },
      { ...event(1, 'a', 'deposit', 9), at: 1 },
      { ...event(1, 'a', 'borrow', 90), at: 1 },
    ]
    const ranks = Vaults.rank([...crumbs, at(86_398), at(86_399), at(86_400), at(172_799), at(172_800)], [], 1.3)
    expect(ranks).toEqual([86_398, 86_400, 172_800].map((second) => ({ at: second, vault: 'a', rank: 1, of: 2 })))
  })

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
