import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Health from './Health.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const assess = (equity: bigint, initialMargin: bigint, maintenanceMargin: bigint, initialEquity?: bigint) =>
  Health.assess({ equity, initialMargin, maintenanceMargin, ...(initialEquity === undefined ? {} : { initialEquity }) })

describe('assess', () => {
  test('worked example', () => {
    expect(assess(usd(150), usd(200), usd(100))).toEqual({ status: 'restricted', ratio: 1_500_000_000_000_000_000n })
    expect(assess(usd(250), usd(200), usd(100))).toEqual({ status: 'healthy', ratio: usd(2) + usd(1) / 2n })
    expect(assess(usd(50), usd(200), usd(100))).toEqual({ status: 'liquidatable', ratio: usd(1) / 2n })
    expect(assess(-usd(5), usd(200), usd(100))).toEqual({ status: 'insolvent', deficit: usd(5) })
    expect(assess(usd(5), 0n, 0n)).toEqual({ status: 'flat' })
  })

  test('edge: exactly at a margin is not below it', () => {
    expect(assess(usd(200), usd(200), usd(100)).status).toBe('healthy')
    expect(assess(usd(200) - 1n, usd(200), usd(100)).status).toBe('restricted')
    expect(assess(usd(100), usd(200), usd(100)).status).toBe('restricted')
    expect(assess(usd(100) - 1n, usd(200), usd(100)).status).toBe('liquidatable')
    expect(assess(0n, usd(200), usd(100)).status).toBe('liquidatable')
    expect(assess(-1n, 0n, 0n)).toEqual({ status: 'insolvent', deficit: 1n })
  })

  test('gains keep an account from liquidation, and open nothing', () => {
    expect(assess(usd(250), usd(200), usd(100), usd(150)).status).toBe('restricted')
    expect(assess(usd(100), usd(200), usd(100), usd(50)).status).toBe('restricted')
  })

  test('rounding: down', () => {
    expect(assess(usd(1), 3n * usd(1), 3n * usd(1))).toEqual({ status: 'liquidatable', ratio: 333_333_333_333_333_333n })
  })

  test('dimension: money × k leaves the ratio', () => {
    expect(assess(7n * usd(150), 7n * usd(200), 7n * usd(100))).toEqual(assess(usd(150), usd(200), usd(100)))
  })

  test('error: margins the wrong way round', () => {
    expect(() => assess(0n, 1n, 2n)).toThrow(Health.InvertedMarginError)
    expect(() => assess(0n, 1n, -1n)).toThrow(Health.InvertedMarginError)
    expect(() => assess(0n, 1n, 1n)).not.toThrow()
  })
})

const standing = (equity: bigint, maintenanceMargin: bigint): Health.Standing => ({ equity, maintenanceMargin })

describe('breached', () => {
  test('edge: below the margin and not at it; never without one', () => {
    const of = (equity: bigint, margin: bigint) => Health.breached(standing(equity, margin))
    expect([of(99n, 100n), of(100n, 100n), of(-1n, 100n), of(-1n, 0n), of(0n, 1n)]).toEqual([true, false, true, false, true])
  })
})

describe('compare', () => {
  test('worked example: the lower ratio is riskier, across signs', () => {
    expect(Health.compare(standing(100n, 50n), standing(100n, 100n))).toBe(-1)
    expect(Health.compare(standing(100n, 150n), standing(100n, 100n))).toBe(1)
    expect(Health.compare(standing(-3n, 2n), standing(-1n, 1n))).toBe(1)
    expect(Health.compare(standing(-3n, 3n), standing(-2n, 2n))).toBe(1)
    expect(Health.compare(standing(5n, 5n), standing(5n, 5n))).toBe(0)
  })

  test('edge: on a tie the larger margin is riskier; without margin the smaller equity; any margin is riskier than none', () => {
    expect(Health.compare(standing(0n, 50n), standing(0n, 100n))).toBe(-1)
    expect(Health.compare(standing(3n, 0n), standing(7n, 0n))).toBe(1)
    expect(Health.compare(standing(7n, 0n), standing(3n, 0n))).toBe(-1)
    expect(Health.compare(standing(7n, 0n), standing(7n, 0n))).toBe(0)
    expect(Health.compare(standing(-9n, 0n), standing(9n, 1n))).toBe(-1)
    expect(Health.compare(standing(9n, 1n), standing(-9n, 0n))).toBe(1)
  })

  test('property: a total order', () => {
    const of = fc.record({ equity: fc.bigInt({ min: -50n, max: 50n }), maintenanceMargin: fc.bigInt({ min: 0n, max: 20n }) })
    fc.assert(
      fc.property(of, of, of, (a, b, c) => {
        expect(Health.compare(a, b)).toBe(b === a ? 0 : -Health.compare(b, a) + 0)
        if (Health.compare(a, b) <= 0 && Health.compare(b, c) <= 0) expect(Health.compare(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns },
    )
  })
})
