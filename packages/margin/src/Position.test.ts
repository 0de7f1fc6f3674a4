import { describe, expect, test } from 'vitest'
import * as Position from './Position.ts'

const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const long: Position.Position = { market: 'ETH-PERP', side: 'long', size: usd(2), entryPrice: usd(100) }
const short: Position.Position = { ...long, side: 'short' }
const price = { index: usd(90), mark: usd(110) }

describe('notional', () => {
  test('worked example: at the higher price', () => {
    expect(Position.notional(long, price)).toBe(usd(220))
    expect(Position.notional(short, { index: usd(110), mark: usd(90) })).toBe(usd(220))
  })
  test('rounding: up', () => {
    expect(Position.notional({ ...long, size: 1n }, { index: 1n, mark: 1n })).toBe(1n)
  })
})

describe('profit', () => {
  test('worked example: at the price that is worse for the side', () => {
    expect(Position.profit(long, price)).toBe(-usd(20))
    expect(Position.profit(short, price)).toBe(-usd(20))
    expect(Position.profit(long, { index: usd(120), mark: usd(110) })).toBe(usd(20))
    expect(Position.profit(short, { index: usd(80), mark: usd(70) })).toBe(usd(40))
  })
  test('rounding: down, for a loss too', () => {
    expect(Position.profit({ ...long, size: 1n, entryPrice: 2n }, { index: 1n, mark: 1n })).toBe(-1n)
    expect(Position.profit({ ...long, size: 1n, entryPrice: 1n }, { index: 2n, mark: 2n })).toBe(0n)
  })
})
