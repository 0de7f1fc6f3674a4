import { describe, expect, test } from 'vitest'
import * as Health from './Health.ts'

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
