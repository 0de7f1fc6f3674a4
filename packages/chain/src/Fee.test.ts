import { describe, expect, test } from 'vitest'
import { Fee } from './index.ts'

describe('first', () => {
  test('worked example: twice the base fee of 10 and a priority of 3', () => {
    expect(Fee.first({ base: 10n, priority: 3n }, 100n)).toEqual({ maxFeePerGas: 23n, maxPriorityFeePerGas: 3n })
  })

  test('edge: at most what is allowed, and no priority beyond it', () => {
    expect(Fee.first({ base: 10n, priority: 3n }, 22n)).toEqual({ maxFeePerGas: 22n, maxPriorityFeePerGas: 3n })
    expect(Fee.first({ base: 10n, priority: 30n }, 20n)).toEqual({ maxFeePerGas: 20n, maxPriorityFeePerGas: 20n })
  })
})

describe('next', () => {
  test('worked example: an eighth above both of 800 and 80', () => {
    expect(Fee.next({ maxFeePerGas: 800n, maxPriorityFeePerGas: 80n }, { base: 10n, priority: 1n }, 10_000n)).toEqual({
      maxFeePerGas: 900n,
      maxPriorityFeePerGas: 90n,
    })
  })

  test('edge: what blocks ask for now, where that is more', () => {
    expect(Fee.next({ maxFeePerGas: 800n, maxPriorityFeePerGas: 80n }, { base: 1_000n, priority: 200n }, 10_000n)).toEqual({
      maxFeePerGas: 2_200n,
      maxPriorityFeePerGas: 200n,
    })
  })

  test('edge: an eighth more may be the most that is allowed, and nothing beyond', () => {
    const last = { maxFeePerGas: 800n, maxPriorityFeePerGas: 80n }
    expect(Fee.next(last, { base: 1n, priority: 1n }, 900n)?.maxFeePerGas).toBe(900n)
    expect(Fee.next(last, { base: 1n, priority: 1n }, 899n)).toBeNull()
  })

  test('rounding: up, so that one wei rises to two', () => {
    expect(Fee.next({ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }, { base: 0n, priority: 0n }, 10n)).toEqual({
      maxFeePerGas: 2n,
      maxPriorityFeePerGas: 2n,
    })
  })

  test('property: always at least the tenth more that nodes ask for', () => {
    for (let fee = 1n; fee < 2_000n; fee += 7n) {
      const risen = Fee.next({ maxFeePerGas: fee, maxPriorityFeePerGas: fee }, { base: 0n, priority: 0n }, 10n ** 9n)
      expect((risen?.maxFeePerGas ?? 0n) * 10n).toBeGreaterThanOrEqual(fee * 11n)
      expect((risen?.maxPriorityFeePerGas ?? 0n) * 10n).toBeGreaterThanOrEqual(fee * 11n)
    }
  })
})

describe('gas', () => {
  test('worked example: half more; rounding: up', () => {
    expect([Fee.gas(100n), Fee.gas(101n)]).toEqual([150n, 152n])
  })
})
