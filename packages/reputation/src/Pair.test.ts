import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Pair, PairAttack } from './index.ts'
import { pairTable } from './PairTable.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const pair: Pair.Pair = { initialPpm: 100_000, maintenancePpm: 80_000, sigmaPpm: 900_000, quantilePpm: 0, windowSeconds: 86_400 }
const somePair = fc
  .record({
    maintenancePpm: fc.integer({ min: 1_000, max: 200_000 }),
    buffer: fc.integer({ min: 0, max: 300_000 }),
    sigmaPpm: fc.integer({ min: 50_000, max: 5_000_000 }),
    quantilePpm: fc.integer({ min: 0, max: 100_000 }),
    windowSeconds: fc.integer({ min: 1, max: 86_400 }),
  })
  .map(({ buffer, ...rest }) => ({ ...rest, initialPpm: rest.maintenancePpm + buffer }))

describe('valuePpm', () => {
  test('worked example: σ 90 %, IM 10 %, MM 8 %, checked daily: some 30 bp, where one Gaussian window says 6', () => {
    const value = Pair.valuePpm(pair)
    expect(value).toBeGreaterThan(2_900)
    expect(value).toBeLessThan(4_000)
  })

  test('worked example: s follows the calibrated quantile where that is worse than σ̂', () => {
    const quantilePpm = Math.ceil(2 * 2.649492 * 900_000 * Math.sqrt(1 / 365))
    expect(Pair.valuePpm({ ...pair, quantilePpm: 1_000 })).toBe(Pair.valuePpm(pair))
    expect(Pair.valuePpm({ ...pair, quantilePpm })).toBeGreaterThan(2 * Pair.valuePpm(pair))
  })

  test('rounding: never below a simulation of the very pair', () => {
    const s = 900_000 * Math.sqrt(1 / 365)
    const [value = 0] = PairAttack.simulate({ wayMilli: (20_000 / s) * 1000, bufferMilli: [(80_000 / s) * 1000], paths: 4_000, seed: 5 })
    expect(Pair.valuePpm(pair)).toBeGreaterThanOrEqual((value * s) / 1e6)
  })

  test('property: more σ, a longer window, a worse quantile or a thinner buffer are never worth less', () => {
    fc.assert(
      fc.property(somePair, fc.integer({ min: 0, max: 2_000_000 }), (base, more) => {
        // the grid is coarse across the way to the trigger, so that one is held still in units of s
        const wide = { ...base, initialPpm: base.maintenancePpm }
        const value = Pair.valuePpm(wide)
        expect(Pair.valuePpm({ ...wide, sigmaPpm: wide.sigmaPpm + more })).toBeGreaterThanOrEqual(value)
        expect(Pair.valuePpm({ ...wide, windowSeconds: wide.windowSeconds + more })).toBeGreaterThanOrEqual(value)
        expect(Pair.valuePpm({ ...wide, quantilePpm: wide.quantilePpm + more })).toBeGreaterThanOrEqual(value)
        const thinner = Math.max(0, wide.maintenancePpm - more)
        expect(Pair.valuePpm({ ...wide, maintenancePpm: thinner, initialPpm: thinner })).toBeGreaterThanOrEqual(value)
      }),
      { numRuns },
    )
  })

  test('property: never free', () => {
    fc.assert(
      fc.property(somePair, (base) => {
        expect(Pair.valuePpm(base)).toBeGreaterThan(0)
      }),
      { numRuns },
    )
  })

  test('edge: beyond the table it grows in proportion', () => {
    const calm = { ...pair, sigmaPpm: 100_000, windowSeconds: 60, initialPpm: 500_000, maintenancePpm: 5_000 }
    expect(Pair.valuePpm({ ...calm, initialPpm: 1_000_000 })).toBeGreaterThan(Pair.valuePpm(calm))
  })

  test('error: by class', () => {
    for (const broken of [{ sigmaPpm: 0 }, { windowSeconds: 0 }, { maintenancePpm: 100_001 }, { quantilePpm: 0.5 }, { initialPpm: -1 }])
      expect(() => Pair.valuePpm({ ...pair, ...broken })).toThrow(Pair.InvalidPairError)
  })
})

describe('valuePpm on a table by hand', () => {
  const giga = 1_000_000_000
  const table = (rows: readonly (readonly number[])[]): PairAttack.Table => ({
    bufferMilli: [0, 1_000].slice(0, rows.length),
    wayMilli: [0, 1_000, 2_000],
    values: rows.map((row) => row.map((value) => value * giga)),
  })
  // a quantile of twice the tail's own: s is 2 exactly, whatever σ̂ says
  const even: Pair.Pair = { initialPpm: 0, maintenancePpm: 0, sigmaPpm: 1, quantilePpm: 5_298_982, windowSeconds: 1 }

  test('rounding: s up, from σ̂ and from the quantile', () => {
    const year = { ...even, sigmaPpm: 1_000_000, windowSeconds: 31_536_000, quantilePpm: 0 }
    expect(Pair.valuePpm(year, table([[1, 1, 1]]))).toBe(giga + 1)
    expect(Pair.valuePpm(even, table([[1, 1, 1]]))).toBe(2 * giga)
    expect(Pair.valuePpm({ ...even, quantilePpm: 5_298_983 }, table([[1, 1, 1]]))).toBe(2 * giga + 378)
  })

  test('rounding: a buffer takes the row at or below it', () => {
    const rows = table([
      [7, 7, 7],
      [1, 1, 1],
    ])
    expect(Pair.valuePpm({ ...even, initialPpm: 2_000_000, maintenancePpm: 2_000_000 }, rows)).toBe(2 * giga)
    expect(Pair.valuePpm({ ...even, initialPpm: 1_999_999, maintenancePpm: 1_999_999 }, rows)).toBe(14 * giga)
  })

  test('rounding: a way takes the worst of the columns around it, for every discount up to 30 %', () => {
    expect(Pair.valuePpm({ ...even, initialPpm: 2_855_715 }, table([[5, 1, 1]]))).toBe(10 * giga)
    expect(Pair.valuePpm({ ...even, initialPpm: 2_860_000 }, table([[5, 1, 1]]))).toBe(2 * giga)
    expect(Pair.valuePpm({ ...even, initialPpm: 2_860_000 }, table([[1, 1, 5]]))).toBe(10 * giga)
    expect(Pair.valuePpm({ ...even, initialPpm: 1_000 }, table([[1, 1, 5]]))).toBe(2 * giga)
  })

  test('edge: beyond the last column in whole multiples of it', () => {
    expect(Pair.valuePpm({ ...even, initialPpm: 4_000_000 }, table([[1, 1, 1]]))).toBe(2 * giga)
    expect(Pair.valuePpm({ ...even, initialPpm: 5_000_000 }, table([[1, 1, 1]]))).toBe(4 * giga)
  })
})

describe('PairTable', () => {
  test('vector: fresh: the near columns come out of the seed again', () => {
    for (const wayMilli of [0, 250, 1_000, 4_000]) {
      const column = PairAttack.design.wayMilli.indexOf(wayMilli as (typeof PairAttack.design.wayMilli)[number])
      const again = PairAttack.column(wayMilli)
      expect(pairTable.values.map((row) => row[column])).toEqual(again)
    }
  })

  test('vector: every cell is the one that was generated: a sum over all, each at its own place', () => {
    // The far columns take minutes to make again; a cell that is changed by hand changes this.
    const sum = pairTable.values.flat().reduce((all, value, at) => (all * 31n + BigInt(value) * BigInt(at + 1)) % (2n ** 61n - 1n), 0n)
    expect(sum).toBe(482_167_114_471_436_656n)
    expect(pairTable.bufferMilli).toEqual(PairAttack.design.bufferMilli)
    expect(pairTable.wayMilli).toEqual(PairAttack.design.wayMilli)
    expect(pairTable.bufferMilli).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64].map((sigmas) => sigmas * 1_000))
    expect(pairTable.wayMilli).toEqual([0, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128].map((sigmas) => sigmas * 1_000))
  })

  test('vector: one window against the closed form of Student t with 4 degrees of freedom', () => {
    // E[(|T|/√2 − 0)⁺] = E|T|/√2 = 1/√2 for four degrees of freedom, as E|T₄| = 1
    expect(pairTable.values[0]?.[0]).toBe(Math.ceil(1e6 / Math.SQRT2))
  })

  test('property: a wider buffer leaves less', () => {
    for (let row = 1; row < pairTable.values.length; row++)
      for (const [column, value] of (pairTable.values[row] ?? []).entries())
        expect(value).toBeLessThanOrEqual(pairTable.values[row - 1]?.[column] ?? 0)
  })
})
