import { describe, expect, test } from 'vitest'
import * as scenario from './scenario.ts'

describe('given, forMarket', () => {
  test('worked example: a market’s own value before the one for all', () => {
    const all = ['-10%', 'ETH-PERP=-20%'].map(scenario.given)
    expect(scenario.forMarket(all, 'ETH-PERP', (value) => value)).toBe('-20%')
    expect(scenario.forMarket(all, 'BTC-PERP', (value) => value)).toBe('-10%')
    expect(scenario.forMarket([], 'BTC-PERP', (value) => value)).toBeUndefined()
    expect(scenario.given('A=knots:1@2,3@4')).toEqual({ market: 'A', value: 'knots:1@2,3@4' })
  })
})

describe('the values', () => {
  test('worked example: each as a person writes it', () => {
    expect(scenario.shock('-10%')).toBeCloseTo(Math.log(0.9), 12)
    expect(scenario.shock('+25%')).toBeCloseTo(Math.log(1.25), 12)
    expect(scenario.shock('-0.1log')).toBe(-0.1)
    expect([scenario.share('5%'), scenario.share('0.05'), scenario.ppm('0.5%')]).toEqual([0.05, 0.05, 5_000])
    expect(scenario.impact('linear:2e-9')).toEqual({ kind: 'linear', slope: 2e-9 })
    expect(scenario.impact('sqrt:0.04,1e9')).toEqual({ kind: 'squareRoot', coefficient: 0.04, volume: 1e9 })
    expect(scenario.impact('pool:5e7')).toEqual({ kind: 'constantProduct', reserve: 5e7 })
    expect(scenario.impact('knots:1e6@0.001,1e7@0.02')).toEqual({
      kind: 'isotonic',
      knots: [
        { flow: 1e6, move: 0.001 },
        { flow: 1e7, move: 0.02 },
      ],
    })
    expect(['full', 'target:1.5', 'share:0.5,2'].map(scenario.policy)).toEqual([
      { kind: 'full' },
      { kind: 'target', target: 1.5, slices: 4 },
      { kind: 'share', share: 0.5, slices: 2 },
    ])
    expect(['0.5', '0.5,3'].map(scenario.index)).toEqual([
      { weight: 0.5, rounds: 1 },
      { weight: 0.5, rounds: 3 },
    ])
    expect(scenario.backstop('30%,1000.5')).toEqual({ sharePpm: 300_000, capacity: 10005n * 10n ** 17n })
    expect(['90', '2m', '1h', '7d'].map(scenario.seconds)).toEqual([90, 120, 3_600, 604_800])
  })

  test('error: anything else', () => {
    for (const text of ['-10', '-100%', 'ten', '5log%']) expect(() => scenario.shock(text)).toThrow(scenario.ScenarioError)
    for (const text of ['-5%', 'x', '']) expect(() => scenario.share(text)).toThrow(scenario.ScenarioError)
    for (const text of ['linear', 'linear:x', 'linear:1,2', 'sqrt:1', 'pool:', 'pool:x', 'knots:1', 'cubic:1'])
      expect(() => scenario.impact(text), text).toThrow(scenario.ScenarioError)
    for (const text of ['', 'full:1', 'target', 'target:x', 'share:0.5,y'])
      expect(() => scenario.policy(text), text).toThrow(scenario.ScenarioError)
    expect(() => scenario.index('x')).toThrow(scenario.ScenarioError)
    expect(() => scenario.backstop('30%')).toThrow(scenario.ScenarioError)
    expect(() => scenario.seconds('1w')).toThrow(scenario.ScenarioError)
  })
})
