import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Reduction from './Reduction.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const closes = (size: bigint) => ({ status: 'closes', size })
const unreachable = { status: 'unreachable' }

describe('ofPosition', () => {
  const ether = {
    price: 2_000n,
    unit: 1_000n,
    currency: { price: 1_000n, unit: 1_000n },
    rate: 100n,
    fee: 20n,
    insuranceFee: 30n,
    rateUnit: 1_000n,
  }
  const of = (changes: Partial<typeof ether>, shortage = 50n) => Reduction.ofPosition(shortage, { ...ether, ...changes }, 'down')

  test('worked example', () => {
    expect(of({})).toEqual(closes(500n)) // 160 − 60 a unit
    expect(of({ fee: 0n, insuranceFee: 0n })).toEqual(closes(250n))
    expect(of({ insuranceFee: 0n }, 40n)).toEqual(closes(250n))
    expect(of({ currency: { price: 1_250n, unit: 1_000n } }, 70n)).toEqual(closes(500n)) // 200 − 60: the insurance fee is without it
    expect(of({}, 0n)).toEqual(closes(0n))
  })

  test('edge: a unit that costs what it frees closes nothing', () => {
    expect(of({ fee: 100n, insuranceFee: 0n })).toEqual(unreachable)
    expect(of({ fee: 101n, insuranceFee: 0n })).toEqual(unreachable)
    expect(of({ insuranceFee: 80n })).toEqual(unreachable)
    expect(of({ insuranceFee: 79n })).toEqual(closes(25_000n))
    expect(of({ price: 0n })).toEqual(unreachable)
    expect(of({ price: 20n, fee: 50n, insuranceFee: 0n }, 1n)).toEqual(closes(1_000n)) // frees 1
  })

  test('rounding: after each product, as asked', () => {
    const odd = { ...ether, price: 1_999n, currency: { price: 999n, unit: 1_000n } }
    // 1,997.001 · 8 % and 1,999 · 3 %: 1,997 · 8 % = 159.76 → 159, 59.97 → 59: 100. Up: 1,998, 160, 60: 100.
    expect(Reduction.ofPosition(33n, odd, 'down')).toEqual(closes(330n))
    expect(Reduction.ofPosition(33n, { ...odd, unit: 7n }, 'down')).toEqual(closes(2n))
    expect(Reduction.ofPosition(33n, { ...odd, unit: 7n }, 'up')).toEqual(closes(3n))
    const fine = { ...ether, price: 33n, insuranceFee: 0n }
    expect(Reduction.ofPosition(4n, fine, 'down')).toEqual(closes(2_000n)) // 2.64 → 2
    expect(Reduction.ofPosition(4n, fine, 'up')).toEqual(closes(1_334n)) // 2.64 → 3
  })

  test('property: what is closed frees the shortage, and no less does', () => {
    const share = fc.bigInt({ min: 0n, max: 400n })
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        share,
        share,
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        (price, fee, insuranceFee, shortage) => {
          const terms = { ...ether, price: price * 1_000n, rate: 500n, fee, insuranceFee }
          const outcome = Reduction.ofPosition(shortage, terms, 'up')
          const freed = terms.price * (500n - fee - insuranceFee)
          const needed = shortage * terms.unit * terms.rateUnit
          if (outcome.status === 'unreachable') expect(freed <= 0n).toBe(true)
          else {
            expect(outcome.size * freed >= needed).toBe(true)
            expect((outcome.size - 1n) * freed < needed).toBe(true)
          }
        },
      ),
      { numRuns },
    )
  })
})

describe('ofDebt', () => {
  const debt = {
    price: 100n,
    unit: 1_000n,
    owed: 1_200n,
    owned: 800n,
    weightUnit: 1_000n,
    assetMultiplier: 100n,
    debtMultiplier: 100n,
    insuranceFee: 0n,
    rateUnit: 100n,
  }
  const of = (changes: Partial<typeof debt>, shortage = 10n) => Reduction.ofDebt(shortage, { ...debt, ...changes }, 'down')

  test('worked example', () => {
    expect(of({})).toEqual(closes(250n)) // 40 a unit
    expect(of({ insuranceFee: 10n }, 7n)).toEqual(closes(250n)) // 40 − 10 · 1.2
    expect(of({ assetMultiplier: 110n, debtMultiplier: 88n }, 5n)).toEqual(closes(250n)) // 120 − 80 · 1.25
  })

  test('edge: at least one unit', () => {
    expect(of({ unit: 1n })).toEqual(closes(1n))
    expect(of({}, 0n)).toEqual(closes(1n))
  })

  test('edge: an asset that counts for as much as the debt frees nothing', () => {
    expect(of({ owned: 1_200n, debtMultiplier: 200n })).toEqual(unreachable)
    expect(of({ owned: 1_300n, debtMultiplier: 200n })).toEqual(unreachable)
    expect(of({ assetMultiplier: 150n })).toEqual(unreachable)
    expect(of({ assetMultiplier: 151n })).toEqual(unreachable)
    expect(of({ insuranceFee: 34n })).toEqual(unreachable)
    expect(of({ insuranceFee: 33n }).status).toBe('closes')
    expect(of({ price: 1n, owed: 801n }, 1n)).toEqual(closes(1_000_000n)) // frees a thousandth
  })

  test('rounding: after each product, as asked', () => {
    const odd = { ...debt, assetMultiplier: 7n, debtMultiplier: 6n, unit: 10_000n }
    // 800 · 7 / 6 = 933.3: 267 or 266 of a thousand.
    expect(Reduction.ofDebt(10n, odd, 'down')).toEqual(closes(3_745n))
    expect(Reduction.ofDebt(10n, odd, 'up')).toEqual(closes(3_760n))
    const fee = { ...debt, price: 101n, insuranceFee: 10n }
    expect(Reduction.ofDebt(10n, fee, 'down')).toEqual(closes(352n)) // 40.4 − 12
    expect(Reduction.ofDebt(10n, fee, 'up')).toEqual(closes(368n)) // 40.4 − 13.2
  })
})

describe('debtOf', () => {
  const asset = { amount: 101n, price: 1n, unit: 1n, multiplier: 101n }
  const debt = { price: 10n, unit: 1n, multiplier: 100n }

  test('worked example', () => {
    expect(Reduction.debtOf(asset, debt, 'up')).toBe(10n)
    expect(Reduction.debtOf({ ...asset, unit: 10n, price: 200n }, { ...debt, unit: 1_000n, multiplier: 101n }, 'up')).toBe(202_000n)
  })

  test('rounding: once, as asked', () => {
    expect(Reduction.debtOf({ ...asset, amount: 102n }, debt, 'up')).toBe(11n)
    expect(Reduction.debtOf({ ...asset, amount: 102n }, debt, 'down')).toBe(10n)
  })
})
