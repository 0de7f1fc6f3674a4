import { describe, expect, test } from 'vitest'
import { Figure, Scenario } from './index.ts'
import { seeded } from './testing/seeded.ts'

const quiet = { uniform: () => 0.5, normal: () => 0 }
const at = (seconds: number) => (Scenario.setting.history + seconds) / Scenario.setting.stepSeconds

const hour = 3_600

/** An event a quarter of an hour in; the price is pushed up by one deviation each step, and the log of σ by what is given, at first and then. */
function pushed(name: Scenario.Name, given: Partial<Scenario.Setting>, states: readonly number[] = []) {
  const setting = { ...Scenario.setting, history: 0, length: 3 * hour, deviation: 0, from: 900, until: 900, ...given }
  const left = [...states]
  let draws = 0
  // The first state, then price and state in turn.
  const normal = () => (draws++ % 2 === 1 ? 1 : (left.shift() ?? 0))
  const { log } = Scenario.of(name, { uniform: () => 0, normal }, setting)
  const deviation = 0.5 * Math.sqrt(setting.stepSeconds / (365 * 24 * hour))
  /** By how many deviations of calm the step moved that ends so many seconds after the event began. */
  return (since: number) => {
    const t = (900 + since) / setting.stepSeconds
    return ((log[t] ?? 0) - (log[t - 1] ?? 0)) / deviation
  }
}

describe('setting', () => {
  test('vector: the markets of docs/method/replay.md: 4 hours of history, 6 of trading, the event within the second', () => {
    const { stepSeconds, history, length, from, until, ...calm } = Scenario.setting
    expect({ stepSeconds, history, length, from, until }).toEqual({
      ...{ stepSeconds: 10, history: 4 * hour, length: 6 * hour, from: hour, until: 2 * hour },
    })
    expect(calm).toEqual({ volatility: 0.5, deviation: 0.3, halfLife: hour })
  })
})

describe('of', () => {
  test('worked example: σ in an alarm doubles twice in 20 minutes, stays for 40, and its log halves in another 20', () => {
    const times = pushed('false-alarm', {})
    const at = (minutes: number) => times(60 * minutes)
    for (const [minutes, sigma] of [
      [-15 + 1 / 6, 1],
      [0, 1],
      [10, 2],
      [20, 4],
      [60, 4],
      [80, 2],
      [100, Math.SQRT2],
    ] as const)
      expect(at(minutes)).toBeCloseTo(sigma, 9)
    expect(times(10)).toBeCloseTo(4 ** (1 / 120), 9)
    expect(times(3_610)).toBeCloseTo(4 ** (0.5 ** (1 / 120)), 9)
  })
  test('worked example: the same before a crash, for 45 minutes that it falls in, and back by half in 30', () => {
    const deviation = 0.5 * Math.sqrt(10 / (365 * 24 * hour))
    const perStep = -Math.log(0.88) / 270 / deviation
    const times = pushed('ramp-crash', {})
    for (const [seconds, sigma] of [
      [600, 2],
      [1_200, 4],
      [3_910, 4 ** (0.5 ** (1 / 180))],
      [5_700, 2],
    ] as const)
      expect(times(seconds)).toBeCloseTo(sigma, 9)
    for (const seconds of [1_210, 2_400, 3_900]) expect(times(seconds)).toBeCloseTo(4 - perStep, 9)
  })
  test('worked example: σ is three times at once from a jump on, for ten minutes, and back by half in 30', () => {
    const deviation = 0.5 * Math.sqrt(10 / (365 * 24 * hour))
    const times = pushed('jump', {})
    expect([times(0), times(10)]).toEqual([expect.closeTo(1, 9), expect.closeTo(3 + Math.log(0.92) / deviation, 6)])
    for (const [seconds, sigma] of [
      [20, 3],
      [600, 3],
      [2_400, Math.sqrt(3)],
    ] as const)
      expect(times(seconds)).toBeCloseTo(sigma, 9)
  })
  test('edge: a jump is one step, however short', () => {
    const deviation = 0.5 * Math.sqrt(0.5 / (365 * 24 * hour))
    const times = pushed('jump', { stepSeconds: 0.5, length: 960 })
    expect([times(0), times(0.5), times(1)]).toEqual([
      ...[expect.closeTo(1, 8), expect.closeTo(3 + Math.log(0.92) / deviation, 6), expect.closeTo(3, 8)],
    ])
  })
  test('worked example: the log of σ strays, returns by half in its half-life, and leaves the mean variance where it was', () => {
    // E e^(2x) = e^(2·0.3²) of a normal x of deviation 0.3.
    const times = pushed('calm', { deviation: 0.3 }, [1])
    expect(times(-890)).toBeCloseTo(Math.exp(0.3 - 0.09), 9)
    expect(times(-890 + hour)).toBeCloseTo(Math.exp(0.15 - 0.09), 9)
    const struck = pushed('calm', { deviation: 0.3 }, [0, 1])
    expect(struck(-890)).toBeCloseTo(Math.exp(-0.09), 9)
    expect(struck(-880)).toBeCloseTo(Math.exp(0.3 * Math.sqrt(1 - 0.5 ** (20 / hour)) - 0.09), 9)
  })
  test('worked example: a jump falls 8 % in one step, a ramp 12 % over 45 minutes after 20 of warning', () => {
    // The event begins in the middle of what it may: an hour and a half in.
    const jump = Scenario.of('jump', quiet, Scenario.setting).log
    expect([jump[at(5_400)], jump[at(5_410)], jump.at(-1)]).toEqual([0, Math.log(0.92), Math.log(0.92)])
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
  test('error: an event that ends before it begins, no length, no half-life, a deviation below 0', () => {
    for (const bad of [
      { until: 0 },
      { length: 0 },
      { halfLife: 0 },
      { stepSeconds: 0 },
      { deviation: -0.1 },
      { volatility: -0.1 },
      { history: -1 },
    ])
      expect(() => Scenario.of('calm', quiet, { ...Scenario.setting, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})
