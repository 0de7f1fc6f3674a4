import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Credit from './Credit.ts'
import type { Claim, Lot, Params } from './Inputs.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Worked from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 500)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const { asOf, params, view } = Worked.inputs
const [usdc, weth] = view.lots as readonly [Lot, Lot]
const id = (digit: number): Lot['lotId'] => `0x${digit.toString(16).padStart(64, '0')}`
const one = (change: Partial<Lot>) => Credit.of([{ ...usdc, ...change }], params, asOf)
const why = (change: Partial<Lot>) => one(change).perLot[0]?.why

describe('value', () => {
  test('worked example: 10,000 USDC whole; 2 WETH at 2,010 give or take 5 USD, less 20 % and 5 %', () => {
    expect([usdc, weth].map(Credit.value)).toEqual([usd(10_000), usd(3_040)])
  })

  test('edge: what is out in full, or priced by no more than its doubt, is worth nothing, and never less', () => {
    expect(Credit.value({ ...usdc, pendingOut: usdc.amount + 1n })).toBe(0n)
    expect(Credit.value({ ...usdc, price: { ...usdc.price, value: usd(1), confidence: usd(1) } })).toBe(0n)
    expect(Credit.value({ ...usdc, amount: 1_999_999n, decimals: 6, price: { ...usdc.price, value: 1n, confidence: 0n } })).toBe(1n)
  })
})

describe('of', () => {
  test('worked example', () => {
    expect(Credit.of(view.lots, params, asOf)).toEqual({
      total: usd(13_040),
      perChain: [
        { chainId: 31_337_001, credit: usd(10_000) },
        { chainId: 31_337_002, credit: usd(3_040) },
      ],
      perLot: [
        { lotId: usdc.lotId, chainId: 31_337_001, credit: usd(10_000), why: 'counts at 100.00 % of its price' },
        { lotId: weth.lotId, chainId: 31_337_002, credit: usd(3_040), why: 'counts at 76.00 % of its price' },
      ],
    })
  })

  test('worked example: every haircut counts, one after another', () => {
    const haircuts = { assetPpm: 100_000, bridgePpm: 200_000, venuePpm: 500_000, agePpm: 750_000 }
    expect(one({ haircuts }).total).toBe(usd(900)) // 10 000 · 0.9 · 0.8 · 0.5 · 0.25
  })

  test('worked example: concentration is marginal, on the asset, and shared in proportion', () => {
    const concentration: Params['concentration'] = [
      { upTo: usd(12_000), weightPpm: 1_000_000 },
      { upTo: usd(20_000), weightPpm: 500_000 },
      { upTo: null, weightPpm: 0 },
    ]
    const under = { ...params, concentration }
    // 10 000 + 30 000 of one asset count 12 000 + 4 000, a quarter of it for the first.
    const lots = [usdc, { ...usdc, lotId: id(9), amount: 3n * usdc.amount }]
    const credit = Credit.of(lots, under, asOf)
    expect(credit.total).toBe(usd(16_000))
    expect(new Map(credit.perLot.map((lot) => [lot.lotId, lot.credit]))).toEqual(
      new Map([
        [usdc.lotId, usd(4_000)],
        [id(9), usd(12_000)],
      ]),
    )
    expect(credit.perLot[0]?.why).toBe('counts at 100.00 % of its price; concentration in USDC leaves 40.00 % of that')
    expect(Credit.of([usdc, { ...usdc, lotId: id(9), asset: 'DAI' }], under, asOf).total).toBe(usd(20_000))
  })

  test.each<[string, Partial<Lot>, string]>([
    ['only observed', { custody: 'OBSERVED' }, 'counts nothing: only observed, nothing keeps it there; locked in a vault it would count'],
    ['empty', { amount: 0n }, 'counts nothing: it is empty'],
    ['all on its way out', { pendingOut: usdc.amount }, 'counts nothing: all of it is on its way out'],
    ['more than all on its way out', { pendingOut: usdc.amount + 1n }, 'counts nothing: all of it is on its way out'],
    ['an old view', { block: { ...usdc.block, timestamp: asOf - 121 } }, 'counts nothing: read 121 s ago, and 120 s is the most'],
    ['an old price', { price: { ...usdc.price, publishedAt: asOf - 61 } }, 'counts nothing: priced 61 s ago, and 60 s is the most'],
    ['an uncertain price', { price: { ...usdc.price, confidence: usd(1) / 2n } }, 'counts nothing: its price is too uncertain'],
    ['no price', { price: { ...usdc.price, value: 0n } }, 'counts nothing: its price is too uncertain'],
    ['a haircut of everything', { haircuts: { ...usdc.haircuts, venuePpm: 1_000_000 } }, 'counts nothing: a haircut takes all of it'],
  ])('edge: %s counts nothing, and says so', (_, change, reason) => {
    expect(one(change).total).toBe(0n)
    expect(why(change)).toBe(reason)
  })

  test('edge: as old as allowed, ahead of the clock, and all but certain still count', () => {
    expect(one({ block: { ...usdc.block, timestamp: asOf - 120 }, price: { ...usdc.price, publishedAt: asOf - 60 } }).total).toBe(
      usd(10_000),
    )
    expect(one({ block: { ...usdc.block, timestamp: asOf + 30 }, price: { ...usdc.price, publishedAt: asOf + 30 } }).total).toBe(
      usd(10_000),
    )
    expect(one({ price: { ...usdc.price, confidence: usd(1) / 2n - 1n } }).total).toBe(20_000n)
    expect(one({ custody: 'LIENED', pendingOut: 4_000_000_000n })).toMatchObject({
      total: usd(6_000),
      perLot: [{ why: 'counts at 100.00 % of its price, less what is on its way out' }],
    })
  })

  test('edge: one unit in, and one unit on its way out', () => {
    expect(one({ amount: 1n }).total).toBe(usd(1) / 1_000_000n)
    expect(why({ amount: 1n, pendingOut: 1n })).toBe('counts nothing: all of it is on its way out')
    expect(why({ pendingOut: 1n })).toBe('counts at 100.00 % of its price, less what is on its way out')
  })

  test('edge: lots by chain, then by name, whatever order they come in', () => {
    const lots = [
      { ...usdc, lotId: id(1), chainId: 2 },
      { ...usdc, lotId: id(3), chainId: 1 },
      { ...usdc, lotId: id(2), chainId: 1 },
    ]
    for (const given of [lots, lots.toReversed()]) {
      const { perLot, perChain } = Credit.of(given, params, asOf)
      expect(perLot.map(({ lotId }) => lotId)).toEqual([id(2), id(3), id(1)])
      expect(perChain.map(({ chainId }) => chainId)).toEqual([1, 2])
    }
  })

  test('rounding: down for each lot, and the last has the rest', () => {
    const half = { ...params, concentration: [{ upTo: null, weightPpm: 500_000 }] }
    const unit = { ...usdc, price: { ...usdc.price, value: 1n }, amount: 1_000_000n }
    const { perLot } = Credit.of(
      [
        { ...unit, lotId: id(1) },
        { ...unit, lotId: id(2) },
      ],
      half,
      asOf,
    )
    expect(perLot.map(({ credit }) => credit)).toEqual([0n, 1n])
    expect(perLot[0]?.why).toBe('counts at 100.00 % of its price; concentration in USDC leaves 0.00 % of that')
    expect(Credit.of([unit], params, asOf).perLot[0]?.credit).toBe(1n)
  })

  test('rounding: down', () => {
    const price = { ...usdc.price, value: 1n }
    expect(one({ price, amount: 1_999_999n }).total).toBe(1n)
    expect(one({ price, amount: 1_999_999n, haircuts: { ...usdc.haircuts, agePpm: 1 } }).total).toBe(1n)
    expect(one({ price, amount: 1_000_000n, haircuts: { ...usdc.haircuts, agePpm: 1 } }).total).toBe(0n)
    const at = (weightPpm: number, amount: bigint) =>
      Credit.of([{ ...usdc, price, amount }], { ...params, concentration: [{ upTo: null, weightPpm }] }, asOf).total
    expect(at(500_000, 3_000_000n)).toBe(1n)
    expect(at(999_999, 1_000_000n)).toBe(0n)
  })

  test('dimension: prices × k are credit × k where nothing is rounded', () => {
    const lots = view.lots.map((lot) => ({
      ...lot,
      price: { ...lot.price, value: lot.price.value * 7n, confidence: lot.price.confidence * 7n },
    }))
    expect(Credit.of(lots, params, asOf).total).toBe(7n * usd(13_040))
  })

  test('property: lots and chains sum to the total; no lot counts more than its value; order changes nothing', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, ({ view, params }) => {
        const credit = Credit.of(view.lots, params, asOf)
        expect(credit.perLot.reduce((sum, lot) => sum + lot.credit, 0n)).toBe(credit.total)
        expect(credit.perChain.reduce((sum, chain) => sum + chain.credit, 0n)).toBe(credit.total)
        for (const lot of credit.perLot) expect(lot.credit >= 0n).toBe(true)
        const plain = Credit.of(view.lots, { ...params, concentration: [{ upTo: null, weightPpm: 1_000_000 }] }, asOf)
        expect(credit.total <= plain.total).toBe(true)
        expect(Credit.of(view.lots.toReversed(), params, asOf)).toEqual(credit)
      }),
      { numRuns },
    )
  })

  test('property: more collateral never lowers credit', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 20n }), ({ view, params }, which, more) => {
        const at = which % Math.max(1, view.lots.length)
        const grown = view.lots.map((lot, i) => (i === at ? { ...lot, amount: lot.amount + more } : lot))
        expect(Credit.of(grown, params, asOf).total >= Credit.of(view.lots, params, asOf).total).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('claimed', () => {
  const left = (lots: readonly Lot[], claims: readonly Claim[]) => Credit.claimed(lots, claims).map(({ amount }) => amount)

  test('worked example: a lot is worth what may be claimed of it; one that nobody may claim, nothing', () => {
    expect(left([usdc, weth], [{ lotId: usdc.lotId, amount: 4_000_000_000n }])).toEqual([4_000_000_000n, 0n])
  })

  test('edge: a claim above the lot changes nothing, and what is on its way out is not claimed with', () => {
    expect(left([usdc], [{ lotId: usdc.lotId, amount: usdc.amount + 1n }])).toEqual([usdc.amount])
    const leaving = { ...usdc, pendingOut: 9_000_000_000n }
    expect(left([leaving], [{ lotId: usdc.lotId, amount: 600_000_000n }])).toEqual([9_600_000_000n])
    expect(left([leaving], [{ lotId: usdc.lotId, amount: 1_000_000_001n }])).toEqual([usdc.amount])
  })
})
