import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as Holding from './Holding.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (amount: number) => BigInt(amount) * Fixed.one
const cut = (changes: Partial<Holding.Haircuts>): Holding.Haircuts => ({ ...Holding.uncut, ...changes })
const ppm = fc.integer({ min: 0, max: 1_000_000 })
const haircuts = fc.record({ assetPpm: ppm, bridgePpm: ppm, venuePpm: ppm, agePpm: ppm })
const holding = fc.record({
  amount: fc.bigInt(-(10n ** 30n), 10n ** 30n),
  decimals: fc.integer({ min: 0, max: 24 }),
  price: fc.bigInt(0n, 10n ** 26n),
})

describe('value', () => {
  test('worked example: 2 WETH at 2,010 USD, of which 20 % and 5 % are taken off; a thousand dollars of six digits', () => {
    const weth = { amount: 2n * 10n ** 18n, decimals: 18, price: usd(2_010) }
    expect(Holding.value(weth, Holding.uncut, 'down')).toBe(usd(4_020))
    // 4,020 · 0.8 · 0.95
    expect(Holding.value(weth, cut({ assetPpm: 200_000, bridgePpm: 50_000 }), 'down')).toBe(3_055_200_000_000_000_000_000n)
    expect(Holding.value({ amount: 1_000_000_000n, decimals: 6, price: usd(1) }, Holding.uncut, 'down')).toBe(usd(1_000))
  })

  test('edge: nothing, a price of nothing, no decimals, a haircut of everything', () => {
    expect(Holding.value({ amount: 0n, decimals: 6, price: usd(1) }, Holding.uncut, 'up')).toBe(0n)
    expect(Holding.value({ amount: 5n, decimals: 6, price: 0n }, Holding.uncut, 'up')).toBe(0n)
    expect(Holding.value({ amount: 5n, decimals: 0, price: 3n }, Holding.uncut, 'up')).toBe(15n)
    for (const one of ['assetPpm', 'bridgePpm', 'venuePpm', 'agePpm'] as const)
      expect(Holding.value({ amount: 5n, decimals: 0, price: 3n }, cut({ [one]: 1_000_000 }), 'up')).toBe(0n)
  })

  test('rounding: once, towards the side that is asked for, also below 0', () => {
    const half = { amount: 1n, decimals: 1, price: 5n }
    expect([Holding.value(half, Holding.uncut, 'down'), Holding.value(half, Holding.uncut, 'up')]).toEqual([0n, 1n])
    const out = { ...half, amount: -1n }
    expect([Holding.value(out, Holding.uncut, 'down'), Holding.value(out, Holding.uncut, 'up')]).toEqual([-1n, 0n])
    // 1.5 halved is 0.75, and halved again 0.375: rounded between, 'up' gave 1 of each.
    expect(Holding.value({ amount: 15n, decimals: 1, price: 4n }, cut({ assetPpm: 500_000, agePpm: 500_000 }), 'up')).toBe(2n)
  })

  test('dimension: the price times k, the value times k, less than k units apart', () => {
    fc.assert(
      fc.property(holding, haircuts, (held, of) => {
        const [once, tenfold] = [held, { ...held, price: held.price * 10n }].map((it) => Holding.value(it, of, 'down')) as [bigint, bigint]
        expect(tenfold - once * 10n).toBeGreaterThanOrEqual(0n)
        expect(tenfold - once * 10n).toBeLessThan(10n)
      }),
      { numRuns },
    )
  })

  test('property: up is down or one more; parts are never worth more than the whole; a haircut never adds', () => {
    fc.assert(
      fc.property(holding, holding, haircuts, ppm, (held, { amount }, of, more) => {
        const at = (it: bigint, cuts: Holding.Haircuts, rounding: Fixed.Directed) => Holding.value({ ...held, amount: it }, cuts, rounding)
        const [down, up] = [at(held.amount, of, 'down'), at(held.amount, of, 'up')]
        expect(up - down === 0n || up - down === 1n).toBe(true)
        expect(down + at(amount, of, 'down')).toBeLessThanOrEqual(at(held.amount + amount, of, 'down'))
        const steeper = { ...of, venuePpm: Math.max(of.venuePpm, more) }
        expect(at(Fixed.abs(held.amount), steeper, 'down')).toBeLessThanOrEqual(at(Fixed.abs(held.amount), of, 'down'))
      }),
      { numRuns },
    )
  })

  test('error: decimals that are none', () => {
    for (const decimals of [-1, 78, 0.5, Number.NaN])
      expect(() => Holding.value({ amount: 1n, decimals, price: 1n }, Holding.uncut, 'down')).toThrow(Holding.DecimalsError)
    expect(Holding.value({ amount: 10n ** 77n, decimals: 77, price: 1n }, Holding.uncut, 'down')).toBe(1n)
  })
})

describe('kept', () => {
  test('worked example: half, and four fifths of that', () => {
    expect(Holding.kept(cut({ assetPpm: 500_000, bridgePpm: 200_000 })) * 10n).toBe(4n * Holding.whole)
    expect(Holding.kept(Holding.uncut)).toBe(Holding.whole)
  })

  test('error: a haircut below nothing, above all, or no integer', () => {
    for (const haircut of [-1, 1_000_001, 0.5, Number.NaN])
      for (const one of ['assetPpm', 'bridgePpm', 'venuePpm', 'agePpm'] as const)
        expect(() => Holding.kept(cut({ [one]: haircut }))).toThrow(Holding.HaircutError)
  })
})
