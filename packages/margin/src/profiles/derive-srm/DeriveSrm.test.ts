import { describe, expect, test } from 'vitest'
import * as Portfolio from '../../Portfolio.ts'
import * as DeriveSrm from './DeriveSrm.ts'

const base: DeriveSrm.Holdings = {
  perp: { initial: 0.08, maintenance: 0.04 },
  oracle: { perp: 0.5, option: 0.6, base: 0.7, factor: 0.25 },
  depeg: { threshold: 0.96, factor: 2 },
  spot: { price: 2_000, confidence: 1 },
  position: { amount: 0, price: 2_100, profit: 0, confidence: 1 },
  base: { amount: 0, factor: 0.8, initialScale: 0.5 },
  expiries: [],
}
const assess = (changes: Partial<DeriveSrm.Holdings>, stablePrice = 1) => {
  const { initial, maintenance, markToMarket } = Portfolio.assess({
    cash: 0,
    stablePrice,
    markets: [DeriveSrm.market({ ...base, ...changes })],
  })
  return [initial, maintenance, markToMarket].map((value) => Number(value.toFixed(9)) + 0)
}
const expiry = (changes: object = {}) => ({
  seconds: 0,
  forward: 2_000,
  confidence: { forward: 1, volatility: 1 },
  options: [{ kind: 'call' as const, strike: 2_000, amount: -1, volatility: 0.5 }],
  ...changes,
})

describe('market', () => {
  test('worked example: a perp at its own price, with its profit', () => {
    expect(assess({ position: { amount: -2, price: 2_100, profit: 30, confidence: 1 } })).toEqual([30 - 336, 30 - 168, 30])
    expect(assess({ position: { amount: 0, price: 2_100, profit: 30, confidence: 0 } })).toEqual([0, 0, 0])
  })

  test('worked example: a doubtful perp, by the less sure of spot and perp', () => {
    const position = { amount: 1, price: 2_100, profit: 0, confidence: 0.4 }
    expect(assess({ position })).toEqual([-168 - 0.6 * 0.25 * 2_000, -84, 0])
    expect(assess({ position: { ...position, confidence: 1 }, spot: { price: 2_000, confidence: 0.4 } })[0]).toBe(-468)
    expect(assess({ position: { ...position, confidence: 0.5 } })[0]).toBe(-168)
  })

  test('worked example: options alone: at the money 15 %, maintenance 7.5 %, a put not less than 1.05 times that', () => {
    expect(assess({ expiries: [expiry()] })).toEqual([-300, -150, 0])
    const put = { kind: 'put' as const, strike: 4_000, amount: -1, volatility: 0.5 }
    // worth 2000: maintenance 2150, initial max(2300, 2257.5)
    expect(assess({ expiries: [expiry({ options: [put] })] })).toEqual([-2_300, -2_150, -2_000])
    // worth 6000 against 2000 of spot: 450 + 6000, times 1.05
    expect(assess({ expiries: [expiry({ options: [{ ...put, strike: 8_000 }] })] })).toEqual([-6_772.5, -6_450, -6_000])
  })

  test('worked example: a call that nothing pairs is bounded by its part of the forward', () => {
    const given = { kind: 'call' as const, strike: 0, amount: -1, volatility: 0.5 }
    expect(assess({ expiries: [expiry({ forward: 1_000, options: [given] })] })).toEqual([-1_200, -1_100, -1_000])
  })

  test('worked example: far out of the money 10 %', () => {
    expect(assess({ expiries: [expiry({ options: [{ kind: 'call', strike: 9_000, amount: -1, volatility: 0 }] })] })).toEqual([
      -200, -150, 0,
    ])
  })

  test('worked example: a doubtful expiry costs on what is written, the least of three feeds', () => {
    const penalty = 0.5 * 0.25 * 2_000
    for (const confidence of [
      { forward: 0.5, volatility: 1 },
      { forward: 1, volatility: 0.5 },
    ])
      expect(assess({ expiries: [expiry({ confidence })] })).toEqual([-300 - penalty, -150, 0])
    expect(assess({ expiries: [expiry()], spot: { price: 2_000, confidence: 0.5 } })[0]).toBe(-300 - penalty)
    expect(assess({ expiries: [expiry({ confidence: { forward: 0.6, volatility: 1 } })] })[0]).toBe(-300)
  })

  test('worked example: the base asset counts in USD, a part of it, and is worth more in a weak stablecoin', () => {
    const held = { base: { amount: 3, factor: 0.8, initialScale: 0.5 } }
    expect(assess(held)).toEqual([2_400, 4_800, 6_000])
    expect(assess(held, 0.96)).toEqual([2_400, 4_800, 6_250])
    expect(assess({ ...held, spot: { price: 2_000, confidence: 0.6 } })).toEqual([2_400 - 0.4 * 0.25 * 6_000, 4_800, 6_000])
  })

  test('worked example: below its peg, perps and written options cost on initial margin', () => {
    // 0.1 below, times 2: 0.2·2000 a unit
    const held = { position: { amount: -2, price: 2_100, profit: 0, confidence: 1 }, expiries: [expiry()] }
    expect(assess(held, 0.86)).toEqual([-336 - 300 - 3 * 400, -168 - 150, 0])
    expect(assess(held, 0.96)[0]).toBe(-636)
  })

  test('edge: nothing is discounted', () => {
    const given = { kind: 'call' as const, strike: 0, amount: 1, volatility: 0.5 }
    expect(assess({ expiries: [expiry({ seconds: 31_536_000, options: [given] })] })[2]).toBe(2_000)
  })

  test('edge: an expiry that has passed is priced as just now', () => {
    expect(assess({ expiries: [expiry({ seconds: -5 })] })).toEqual(assess({ expiries: [expiry()] }))
  })
})
