import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Doubt from './Doubt.ts'
import type { Lot } from './Inputs.ts'
import * as Lowering from './Lowering.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import { inputs } from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
/** 10,000 USDC at 1 USD; 2 WETH at 2,010 USD, of which 20 % and 5 % are taken off. */
const [usdc, weth] = inputs.view.lots as readonly [Lot, Lot]

describe('price', () => {
  test('worked example: five times in the first day, ten in the second, 155 a month later', () => {
    const at = 1_000
    const of = (asOf: number) => Doubt.price({ price: 3_000n, at }, asOf)
    expect([at, at + day - 1, at + day, at + 2 * day - 1, at + 30 * day].map(of)).toEqual([15_000n, 15_000n, 30_000n, 30_000n, 465_000n])
  })

  test('edge: a price ahead of the clock has no age', () => {
    expect(Doubt.price({ price: 7n, at: 10 * day }, 0)).toBe(35n)
  })

  test('property: the longer it is out and the higher it was, the more; and never less than five times', () => {
    const times = fc.integer({ min: 0, max: 400 * day })
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(0n, 10n ** 30n), times, times, (price, more, at, age) => {
        const bound = Doubt.price({ price, at }, at + age)
        expect(bound).toBeGreaterThanOrEqual(5n * price)
        expect(Doubt.price({ price: price + more, at }, at + age)).toBeGreaterThanOrEqual(bound)
        expect(Doubt.price({ price, at }, at + age + day)).toBe(bound + 5n * price)
      }),
      { numRuns },
    )
  })

  test('dimension: ten times the price, ten times the bound', () => {
    expect(Doubt.price({ price: 30n, at: 0 }, 5 * day)).toBe(10n * Doubt.price({ price: 3n, at: 0 }, 5 * day))
  })
})

describe('worth', () => {
  test('worked example: 10,000 and 2 · 2,010 · 0.76', () => {
    expect(Doubt.worth([usdc, weth])).toBe(13_055_200_000_000_000_000_000n)
  })

  test('edge: what is on its way out counts nothing, and so does what was only looked at', () => {
    expect(Doubt.worth([{ ...usdc, pendingOut: usdc.amount }])).toBe(0n)
    expect(Doubt.worth([{ ...usdc, custody: 'OBSERVED' }])).toBe(0n)
  })

  test('rounding: up, once a lot', () => {
    const grain = { ...usdc, amount: 1n, price: { ...usdc.price, value: 1n } }
    expect(Doubt.worth([grain, grain])).toBe(2n)
  })

  test('property: monotone: more of it, or dearer, or another lot, is never less', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, fc.nat(), fc.bigInt(0n, 10n ** 24n), ({ view: { lots } }, pick, more) => {
        const before = Doubt.worth(lots)
        const at = lots.length === 0 ? 0 : pick % lots.length
        const changed = (change: (lot: Lot) => Lot) => lots.map((lot, i) => (i === at ? change(lot) : lot))
        expect(Doubt.worth(changed((lot) => ({ ...lot, amount: lot.amount + more })))).toBeGreaterThanOrEqual(before)
        expect(Doubt.worth(changed((lot) => ({ ...lot, price: { ...lot.price, value: lot.price.value + more } })))).toBeGreaterThanOrEqual(
          before,
        )
        expect(Doubt.worth([...lots, weth])).toBe(before + Doubt.worth([weth]))
      }),
      { numRuns },
    )
  })

  test('property: with something in doubt the least that credit may be lowered to rises by what that may be worth, and no more', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, Arbitrary.inputs, fc.bigInt(0n, 10n ** 26n), (certain, doubted, elsewhere) => {
        const [own, doubts] = [certain.view.lots, doubted.view.lots]
        const without = Lowering.least({ own, elsewhere })
        const risen = Lowering.least({ own: [...own, ...doubts], elsewhere }) - without
        expect(risen).toBeGreaterThanOrEqual(0n)
        expect(risen).toBeLessThanOrEqual(Doubt.worth(doubts))
        expect(Lowering.least({ own: [...own, ...[]], elsewhere })).toBe(without)
        if (elsewhere === 0n) expect(risen).toBe(Doubt.worth(doubts))
      }),
      { numRuns },
    )
  })

  test('dimension: ten times the price, ten times the worth of what is not rounded', () => {
    const dear = { ...usdc, price: { ...usdc.price, value: usd(10) } }
    expect(Doubt.worth([dear])).toBe(10n * Doubt.worth([usdc]))
  })
})
