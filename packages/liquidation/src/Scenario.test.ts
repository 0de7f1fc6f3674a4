import { describe, expect, test } from 'vitest'
import { Figure, Scenario } from './index.ts'
import { seeded } from './testing/seeded.ts'

const quiet = { uniform: () => 0.5, normal: () => 0 }
const at = (seconds: number) => (Scenario.setting.history + seconds) / Scenario.setting.stepSeconds

describe('of', () => {
  test('worked example: a jump falls 8 % in one step, a ramp 12 % over 45 minutes after 20 of warning', () => {
    // The event begins in the middle of what it may: an hour and a half in.
    const jump = Scenario.of('jump', quiet, Scenario.setting).log
    expect([jump[at(5_400)], jump[at(5_410)]]).toEqual([0, Math.log(0.92)])
    const ramp = Scenario.of('ramp-crash', quiet, Scenario.setting).log
    expect(ramp[at(5_400 + 1_200)]).toBe(0)
    expect(ramp[at(5_400 + 1_200 + 1_350)]).toBeCloseTo(Math.log(0.88) / 2, 12)
    expect(ramp[at(5_400 + 1_200 + 2_700)]).toBeCloseTo(Math.log(0.88), 12)
    expect(ramp.at(-1)).toBeCloseTo(Math.log(0.88), 12)
  })
  test('edge: calm and a false alarm go nowhere by themselves', () => {
    for (const name of ['calm', 'false-alarm'] as const)
      expect(new Set(Scenario.of(name, quiet, Scenario.setting).log.map((value) => value + 0))).toEqual(new Set([0]))
  })
  test('property: one seed is one market until the event, the same again, and 0 where trading begins', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [calm, ...others] = Scenario.names.map((name) => Scenario.of(name, seeded(seed), Scenario.setting))
      for (const other of others) {
        expect(other.start).toBe(at(0))
        expect(other.log[other.start]).toBe(0)
        const before = at(Scenario.setting.from)
        expect(other.log.slice(0, before)).toEqual(calm?.log.slice(0, before))
      }
      expect(Scenario.of('calm', seeded(seed), Scenario.setting).log).toEqual(calm?.log)
    }
  })
  test('property: volatility rises four times in an alarm and is what was asked for in calm', () => {
    const spread = (name: Scenario.Name, from: number, to: number) => {
      let sum = 0
      for (let seed = 0; seed < 60; seed++) {
        const { log } = Scenario.of(name, seeded(seed), { ...Scenario.setting, deviation: 0, from: 3_600, until: 3_600 })
        for (let t = at(from) + 1; t <= at(to); t++) sum += ((log[t] ?? 0) - (log[t - 1] ?? 0)) ** 2 / 60
      }
      return Math.sqrt((sum / (to - from)) * 365 * 86_400)
    }
    expect(spread('calm', 0, 21_600)).toBeCloseTo(0.5, 2)
    expect(spread('false-alarm', 4_800, 7_200)).toBeCloseTo(2, 1)
    expect(spread('false-alarm', 0, 3_600)).toBeCloseTo(0.5, 1)
  })
  test('error: an event that ends before it begins', () => {
    expect(() => Scenario.of('calm', quiet, { ...Scenario.setting, until: 0 })).toThrow(Figure.InvalidFigureError)
  })
})
