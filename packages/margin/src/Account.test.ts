import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Health from './Health.ts'

const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const flat = (ppm: number) => ({ kind: 'flat' as const, ppm })
const at = (price: number) => ({ index: usd(price), mark: usd(price) })
const eth: Account.Holding = {
  market: 'ETH-PERP',
  side: 'long',
  size: usd(10),
  entryPrice: usd(100),
  price: at(90),
  initial: flat(100_000),
  maintenance: flat(50_000),
  openInterest: 0n,
}
const btc: Account.Holding = { ...eth, market: 'BTC-PERP', side: 'short', size: usd(1), entryPrice: usd(1_000), price: at(800) }

describe('summary', () => {
  test('worked example: a loss and a gain net at one venue', () => {
    expect(Account.summary({ collateral: usd(300), fees: usd(5), positions: [eth, btc] })).toEqual({
      equity: usd(300 - 5 - 100 + 200),
      initialEquity: usd(295),
      notional: usd(1_700),
      profit: usd(100),
      initialMargin: usd(170),
      maintenanceMargin: usd(85),
      free: usd(125),
      leveragePpm: 4_303_798n,
      health: { status: 'healthy', ratio: 4_647_058_823_529_411_764n },
    })
  })

  test('worked example: a net loss counts in full against both', () => {
    const summary = Account.summary({ collateral: usd(300), fees: 0n, positions: [eth] })
    expect(summary).toMatchObject({ equity: usd(200), initialEquity: usd(200), profit: -usd(100), free: usd(110) })
  })

  test('worked example: gains keep it alive and open nothing', () => {
    const summary = Account.summary({ collateral: usd(10), fees: 0n, positions: [{ ...eth, price: at(200) }] })
    expect(summary).toMatchObject({ equity: usd(1_010), initialEquity: usd(10), free: -usd(190), health: { status: 'restricted' } })
  })

  test('edge: empty, and without equity to divide by', () => {
    expect(Account.summary({ collateral: usd(5), fees: 0n, positions: [] })).toMatchObject({
      free: usd(5),
      leveragePpm: 0n,
      health: { status: 'flat' },
    })
    expect(Account.summary({ collateral: usd(100), fees: 0n, positions: [eth] })).toMatchObject({ equity: 0n, leveragePpm: null })
    expect(Account.summary({ collateral: usd(99), fees: 0n, positions: [eth] }).health).toEqual({ status: 'insolvent', deficit: usd(1) })
  })

  test('open interest reaches the schedule', () => {
    const initial = { kind: 'openInterest' as const, ppm: 100_000, lower: usd(1_000), upper: usd(2_800) }
    const holding = { ...eth, initial, openInterest: usd(1_000) }
    expect(Account.summary({ collateral: usd(999), fees: 0n, positions: [holding] }).initialMargin).toBe(usd(495)) // 900 at 55 %
  })

  test('dimension: money × k is every figure × k, ratios as they were', () => {
    const account = { collateral: usd(300), fees: usd(5), positions: [eth, btc] }
    const scaled = Account.summary({
      collateral: 3n * account.collateral,
      fees: 3n * account.fees,
      positions: account.positions.map((it) => ({ ...it, size: 3n * it.size })),
    })
    const plain = Account.summary(account)
    expect(scaled).toEqual({
      ...plain,
      equity: 3n * plain.equity,
      initialEquity: 3n * plain.initialEquity,
      notional: 3n * plain.notional,
      profit: 3n * plain.profit,
      initialMargin: 3n * plain.initialMargin,
      maintenanceMargin: 3n * plain.maintenanceMargin,
      free: 3n * plain.free,
    })
  })

  test('error: terms the wrong way round', () => {
    expect(() => Account.summary({ collateral: 0n, fees: 0n, positions: [{ ...eth, maintenance: flat(100_001) }] })).toThrow(
      Health.InvertedMarginError,
    )
  })
})
