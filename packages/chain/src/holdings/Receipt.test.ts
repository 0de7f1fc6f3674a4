import fc from 'fast-check'
import { encodeAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../Hex.ts'
import * as Receipt from './Receipt.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const at = (index: number): Hex => `0x${index.toString(16).padStart(40, '0')}`
const asset = at(0xa55e7)
const shares = (underlying: Hex | null, worth: bigint | null): Receipt.Receipt => ({ underlying, worth })

/** `length` receipts, each on the next, the last on the asset. */
const tower = (length: number) =>
  new Map(
    Array.from({ length }, (_, level) => [at(level + 1), shares(level + 1 === length ? asset : at(level + 2), Receipt.unit)] as const),
  )
const resolve = (token: Hex, receipts: ReadonlyMap<Hex, Receipt.Receipt>) => Receipt.resolve({ token, receipts, assets: new Set([asset]) })
const codeOf = (path: Receipt.Path) => (path.status === 'refused' ? path.code : path.status)

describe('query', () => {
  const address = (value: Hex) => ({ success: true, data: encodeAbiParameters([{ type: 'address' }], [value]) })
  const amount = (value: bigint) => ({ success: true, data: encodeAbiParameters([{ type: 'uint256' }], [value]) })
  const reverted = { success: false, data: '0x' } as const
  const token = at(1)
  const read = (kind: Receipt.Kind, ...results: Parameters<ReturnType<typeof Receipt.query>['parse']>[0]) =>
    Receipt.query(new Map([[token, kind]]))
      .parse(results)
      .get(token)
  const mixed: Hex = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
  const lower = mixed.toLowerCase()

  test('worked example: shares at 1.25, a rate of 0.02 by 10¹⁸, and what is counted one for one', () => {
    expect(read('shares', address(mixed), amount(125n * 10n ** 34n))).toEqual({ underlying: lower, worth: 125n * 10n ** 34n })
    expect(read('rate', address(mixed), amount(2n * 10n ** 16n))).toEqual({ underlying: lower, worth: 2n * 10n ** 34n })
    expect(read('balance', address(mixed), reverted)).toEqual({ underlying: lower, worth: 10n ** 36n })
    expect(read('balance', reverted, address(mixed))).toEqual({ underlying: lower, worth: 10n ** 36n })
  })

  test('error: what is not said is not known, of either', () => {
    for (const kind of ['shares', 'rate'] as const) {
      expect(read(kind, reverted, amount(5n))?.underlying).toBeNull()
      expect(read(kind, address(mixed), reverted)).toEqual({ underlying: lower, worth: null })
    }
    expect(read('balance', reverted, reverted)).toMatchObject({ underlying: null })
  })

  test('edge: each is told under its own address', () => {
    const both = Receipt.query(
      new Map([
        [at(1), 'shares'],
        [at(2), 'rate'],
      ]),
    )
    const found = both.parse([address(at(3)), amount(7n), address(at(4)), amount(9n)])
    expect([...found]).toEqual([
      [at(1), { underlying: at(3), worth: 7n }],
      [at(2), { underlying: at(4), worth: 9n * 10n ** 18n }],
    ])
  })
})

describe('resolve', () => {
  test('worked example: down through two receipts, in any case of letters', () => {
    expect(resolve(at(1).toUpperCase().replace('0X', '0x') as Hex, tower(2))).toEqual({
      ...{ status: 'ok', token: at(1), through: [at(1), at(2)], asset },
    })
    expect(resolve(asset, new Map())).toEqual({ status: 'ok', token: asset, through: [], asset })
  })

  test('edge: eight deep, and no deeper', () => {
    expect(codeOf(resolve(at(1), tower(8)))).toBe('ok')
    expect(codeOf(resolve(at(1), tower(9)))).toBe('COLLATERAL_CYCLE')
  })

  test('error: on itself, on nothing known, and on what it does not say', () => {
    const loop = new Map([[at(1), shares(at(2), 1n)] as const, [at(2), shares(at(1), 1n)] as const])
    expect(resolve(at(1), loop)).toMatchObject({
      code: 'COLLATERAL_CYCLE',
      sentence: `${at(1)} stands on itself, through ${at(1)}, ${at(2)}.`,
    })
    expect(codeOf(resolve(at(1), new Map([[at(1), shares(at(1), 1n)]])))).toBe('COLLATERAL_CYCLE')
    expect(codeOf(resolve(at(9), tower(2)))).toBe('ASSET_UNKNOWN')
    expect(codeOf(resolve(at(1), new Map([[at(1), shares(null, 1n)]])))).toBe('ASSET_UNSUPPORTED')
  })
})

describe('convert', () => {
  const rate = (worth: bigint | null) => new Map([[at(1), shares(asset, worth)]])

  test('worked example: 40 shares at 1.25 each', () => {
    expect(Receipt.convert({ amount: 40n, through: [at(1)], receipts: rate((Receipt.unit * 5n) / 4n) })).toBe(50n)
    expect(Receipt.convert({ amount: 40n, through: [], receipts: new Map() })).toBe(40n)
  })

  test('rounding: down', () => {
    expect(Receipt.convert({ amount: 3n, through: [at(1)], receipts: rate(Receipt.unit / 2n) })).toBe(1n)
  })

  test('error: a receipt that does not say, nor one that is not there', () => {
    expect(Receipt.convert({ amount: 3n, through: [at(1)], receipts: rate(null) })).toBeNull()
    expect(Receipt.convert({ amount: 3n, through: [at(2)], receipts: rate(1n) })).toBeNull()
  })

  test('property: never above what the pot itself says, and less than one unit below it', () => {
    const pot = fc.record({
      amount: fc.bigInt({ min: 0n, max: 10n ** 30n }),
      assets: fc.bigInt({ min: 0n, max: 10n ** 32n }),
      supply: fc.bigInt({ min: 1n, max: 10n ** 32n }),
    })
    fc.assert(
      fc.property(pot, ({ amount, assets, supply }) => {
        const said = (Receipt.unit * assets) / supply
        const converted = Receipt.convert({ amount, through: [at(1)], receipts: rate(said) }) ?? -1n
        const exact = (amount * assets) / supply
        return converted <= exact && exact - converted <= 1n
      }),
      { numRuns },
    )
  })
})
