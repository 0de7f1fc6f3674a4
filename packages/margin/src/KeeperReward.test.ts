import { describe, expect, test } from 'vitest'
import * as KeeperReward from './KeeperReward.ts'

const terms: KeeperReward.Terms = { minimum: 1n, profitRate: 50n, maximum: 500n, collateralRate: 100n, unit: 1_000n }
const of = (costs: Partial<KeeperReward.of.Costs>, with_: Partial<KeeperReward.Terms> = {}) =>
  KeeperReward.of({ cost: 200n, reward: 0n, collateral: 10_000n, ...costs }, { ...terms, ...with_ })

describe('of', () => {
  test('worked example: the greatest of a least profit, a profit on the cost, and what flagging earns', () => {
    expect(of({})).toBe(210n)
    expect(of({}, { minimum: 30n })).toBe(230n)
    expect(of({ reward: 40n })).toBe(240n)
  })
  test('edge: never above the maximum, nor above a share of the collateral', () => {
    expect(of({ reward: 1_000n })).toBe(500n)
    expect(of({ reward: 1_000n, collateral: 3_000n })).toBe(300n)
  })
  test('rounding: cut', () => {
    expect(of({ cost: 210n })).toBe(220n) // 220.5
    expect(of({ reward: 1_000n, collateral: 3_009n })).toBe(300n)
  })
})
