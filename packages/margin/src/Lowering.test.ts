import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Lot } from './Inputs.ts'
import * as Lowering from './Lowering.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import { inputs } from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
/** 10,000 USDC at 1 USD; 2 WETH at 2,010 USD, of which 20 % and 5 % are taken off: 76 % are left. */
const [usdc, weth] = inputs.view.lots as readonly [Lot, Lot]
const lines: readonly Lowering.Line[] = [
  { asset: 'USDC', amount: usdc.amount, haircutPpm: 0 },
  { asset: 'WETH', amount: weth.amount, haircutPpm: 240_000 },
]
/** 10,000 + 2 · 2,010 · 0.76 */
const worth = 13_055_200_000_000_000_000_000n
const args: Lowering.compare.Args = { lines, credit: worth, own: [usdc, weth], elsewhere: 0n, unpriced: new Set() }
const code = (change: Partial<Lowering.compare.Args>) => {
  const verdict = Lowering.compare({ ...args, ...change })
  return verdict.status === 'refused' ? verdict.code : null
}
const line = (index: number, change: Partial<Lowering.Line>) => lines.map((it, i) => (i === index ? { ...it, ...change } : it))

describe('compare', () => {
  test('worked example: all that is there, to what it is worth', () => {
    expect(Lowering.compare(args)).toEqual({ status: 'sound' })
    expect(Lowering.compare({ ...args, credit: worth - 1n })).toEqual({
      status: 'refused',
      code: 'CREDIT_LOW',
      message: 'It says 13,055.199999999999999999 USD, and 13,055.2 USD of it is certain here.',
    })
  })

  test('worked example: what is said of evidence that is too low', () => {
    expect(Lowering.compare({ ...args, lines: line(0, { amount: 4_000n * 10n ** 6n }) })).toEqual({
      status: 'refused',
      code: 'EVIDENCE_LOW',
      message: 'Its evidence has 4000000000 of USDC after haircuts, and 10000000000 is locked here.',
    })
  })

  test('worked example: what other books hold on it leaves less for this one', () => {
    expect(code({ credit: worth - usd(3_000), elsewhere: usd(3_000) })).toBe(null)
    expect(code({ credit: worth - usd(3_000) - 1n, elsewhere: usd(3_000) })).toBe('CREDIT_LOW')
  })

  test.each<[string, Partial<Lowering.compare.Args>, Lowering.Code | null]>([
    ['one unit less than is there', { lines: line(0, { amount: usdc.amount - 1n }) }, 'EVIDENCE_LOW'],
    ['one unit more', { lines: line(0, { amount: usdc.amount + 1n }) }, null],
    ['an asset left out', { lines: lines.slice(1) }, 'EVIDENCE_LOW'],
    ['one ppm more taken off', { lines: line(1, { haircutPpm: 240_001 }) }, 'HAIRCUT_OTHER'],
    ['one ppm less taken off', { lines: line(1, { haircutPpm: 239_999 }) }, null],
    ['more of it, and more taken off', { lines: line(1, { amount: weth.amount * 2n, haircutPpm: 240_001 }) }, 'HAIRCUT_OTHER'],
    ['an asset that is not there', { lines: [...lines, { asset: 'WBTC', amount: 1n, haircutPpm: 900_000 }] }, null],
    ['in two lines', { lines: [...line(0, { amount: usdc.amount - 1n }), { asset: 'USDC', amount: 1n, haircutPpm: 0 }] }, null],
  ])('edge: evidence with %s', (_, change, expected) => {
    expect(code(change)).toBe(expected)
  })

  test('edge: two lots of an asset with different haircuts: the greater is the most, and both count', () => {
    const own = [weth, { ...weth, haircuts: { ...weth.haircuts, assetPpm: 0 } }]
    const told = (amounts: readonly [bigint, bigint]) => [
      { asset: 'WETH', amount: amounts[0], haircutPpm: 240_000 },
      { asset: 'WETH', amount: amounts[1], haircutPpm: 50_000 },
    ]
    const at = { own, credit: usd(20_000) }
    expect(code({ ...at, lines: told([weth.amount, weth.amount]) })).toBe(null)
    expect(code({ ...at, lines: told([weth.amount * 2n, 0n]) })).toBe('EVIDENCE_LOW')
    expect(code({ ...at, lines: [{ asset: 'WETH', amount: weth.amount * 9n, haircutPpm: 240_001 }] })).toBe('HAIRCUT_OTHER')
  })

  test('edge: what is only looked at or has left needs no evidence', () => {
    const own: readonly Lot[] = [
      { ...usdc, custody: 'OBSERVED' },
      { ...weth, pendingOut: weth.amount },
    ]
    expect(code({ own, lines: [], credit: 0n })).toBe(null)
    expect(code({ own: [{ ...usdc, pendingOut: usdc.amount - 1n }], lines: [], credit: usd(1) })).toBe('EVIDENCE_LOW')
  })

  test('edge: of an asset that the book cannot price no line is asked for, and all of its worth', () => {
    const unpriced = new Set(['WETH'])
    expect(code({ lines: lines.slice(0, 1), unpriced })).toBe(null)
    expect(code({ lines: lines.slice(0, 1), unpriced, credit: worth - 1n })).toBe('CREDIT_LOW')
    expect(code({ lines: lines.slice(1), unpriced })).toBe('EVIDENCE_LOW')
    // A line of it says nothing here: no book takes the order.
    expect(code({ lines: line(1, { haircutPpm: 999_999 }), unpriced })).toBe(null)
  })

  test('property: what carries each lot with its own haircut, at what it is worth, is sound; a unit less of an asset never is', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, ({ view: { lots } }) => {
        // One asset has one number of digits in a deployment.
        const own = lots.map((lot) => ({ ...lot, decimals: 6 }))
        const counted = own.filter(Lowering.isCounted)
        const told = counted.map((lot) => ({ asset: lot.asset, amount: lot.amount - lot.pendingOut, haircutPpm: Lowering.haircut(lot) }))
        const credit = Lowering.least({ own, elsewhere: 0n })
        expect(Lowering.compare({ lines: told, credit, own, elsewhere: 0n, unpriced: new Set() })).toEqual({ status: 'sound' })
        if (credit > 0n)
          expect(Lowering.compare({ lines: told, credit: credit - 1n, own, elsewhere: 0n, unpriced: new Set() })).toMatchObject({
            code: 'CREDIT_LOW',
          })
        if (told.length === 0) return
        expect(Lowering.compare({ lines: [], credit, own, elsewhere: 0n, unpriced: new Set() })).toMatchObject({ code: 'EVIDENCE_LOW' })
      }),
      { numRuns },
    )
  })

  test('property: a share in proportion to what each book holds is never refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (here, there, left) => {
          const own = [{ ...usdc, amount: BigInt(left) * 10n ** 6n }]
          const told = [{ asset: 'USDC', amount: own[0]?.amount ?? 0n, haircutPpm: 0 }]
          fc.pre(left <= here + there)
          const credit = (usd(left) * BigInt(here)) / BigInt(here + there)
          expect(Lowering.compare({ lines: told, credit, own, elsewhere: usd(there), unpriced: new Set() })).toEqual({ status: 'sound' })
        },
      ),
      { numRuns },
    )
  })
})

describe('least', () => {
  test('worked example: 10,000 and 2 · 2,010 · 0.76, less what is held elsewhere', () => {
    expect(Lowering.least({ own: [usdc, weth], elsewhere: 0n })).toBe(worth)
    expect(Lowering.least({ own: [usdc, weth], elsewhere: worth - 1n })).toBe(1n)
  })

  test('edge: nothing below nothing', () => {
    expect(Lowering.least({ own: [usdc], elsewhere: usd(10_001) })).toBe(0n)
  })

  test('edge: age, confidence and what is on its way out', () => {
    const old = { ...usdc, block: { ...usdc.block, timestamp: 0 }, price: { ...usdc.price, confidence: usd(1), publishedAt: 0 } }
    expect(Lowering.least({ own: [old], elsewhere: 0n })).toBe(usd(10_000))
    expect(Lowering.least({ own: [{ ...usdc, pendingOut: 4_000n * 10n ** 6n }], elsewhere: 0n })).toBe(usd(6_000))
    expect(Lowering.least({ own: [{ ...usdc, custody: 'LIENED' }], elsewhere: 0n })).toBe(usd(10_000))
    expect(Lowering.least({ own: [{ ...usdc, custody: 'OBSERVED' }], elsewhere: 0n })).toBe(0n)
  })

  test('rounding: up, once a lot', () => {
    const dust = { ...usdc, amount: 1n, price: { ...usdc.price, value: 1n } }
    expect(Lowering.least({ own: [dust, dust], elsewhere: 0n })).toBe(2n)
  })
})

describe('haircut', () => {
  const of = (assetPpm: number, bridgePpm = 0, venuePpm = 0, agePpm = 0) =>
    Lowering.haircut({ haircuts: { assetPpm, bridgePpm, venuePpm, agePpm } })

  test('worked example: 20 % and 5 % take off 24 %; each of the four counts', () => {
    expect(of(200_000, 50_000)).toBe(240_000)
    expect(of(500_000, 500_000, 500_000, 500_000)).toBe(937_500)
  })

  test('edge: nothing, and everything', () => {
    expect([of(0), of(1_000_000), of(1_000_000, 500_000)]).toEqual([0, 1_000_000, 1_000_000])
  })

  test('rounding: down', () => {
    // 1 − 0.999999² = 0.000001999999
    expect(of(1, 1)).toBe(1)
  })
})

describe('isCounted', () => {
  test('edge: locked or liened, and not all on its way out', () => {
    expect([usdc, { ...usdc, custody: 'LIENED' as const }].map(Lowering.isCounted)).toEqual([true, true])
    expect(
      [
        { ...usdc, custody: 'OBSERVED' as const },
        { ...usdc, pendingOut: usdc.amount },
      ].map(Lowering.isCounted),
    ).toEqual([false, false])
    expect(Lowering.isCounted({ ...usdc, pendingOut: usdc.amount - 1n })).toBe(true)
  })
})

describe('longestLifeSeconds', () => {
  test('vector: as the limit book has it', () => {
    expect(Lowering.longestLifeSeconds).toBe(300)
  })
})
