import fc from 'fast-check'
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
    expect(codeOf(resolve(at(1), loop))).toBe('COLLATERAL_CYCLE')
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
