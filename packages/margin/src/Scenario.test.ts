import { describe, expect, test } from 'vitest'
import * as Scenario from './Scenario.ts'

const day = 86_400
const shift: Scenario.Shift = { up: 0.5, down: 0.25, least: 0.4, leastSeconds: day, nearPower: 0.5, farPower: 1 }
const wing = { flat: 0.25, perRootYear: 0.5 }
const tilt: Scenario.Tilt = {
  linear: wing,
  absolute: { flat: 0.125, perRootYear: 0 },
  leastWidth: 0.25,
  width: 2,
  flat: 0.5,
  perRootYear: 1,
}

describe('shifted', () => {
  test('worked example: at 30 days what it says, nearer by the near power, farther by the far one', () => {
    expect(Scenario.shifted(shift, 30 * day)).toEqual({ up: 1.5, down: 0.75 })
    expect(Scenario.shifted(shift, 7.5 * day)).toEqual({ up: 2, down: 0.5 })
    expect(Scenario.shifted(shift, 120 * day)).toEqual({ up: 1.125, down: 0.9375 })
  })

  test('edge: the near power holds up to 30 days inclusive', () => {
    const steep = { ...shift, leastSeconds: 60 * day, nearPower: 2 }
    expect(Scenario.shifted(steep, 30 * day).up).toBe(1.125)
    expect(Scenario.shifted(steep, 30 * day + 1).up).toBe(1.25)
  })

  test('edge: an expiry nearer than the least counts as that far; a fall stops at 0', () => {
    expect(Scenario.shifted(shift, 0)).toEqual(Scenario.shifted(shift, day))
    expect(Scenario.shifted({ ...shift, down: 2 }, 7.5 * day).down).toBe(0)
    expect(Scenario.shifted({ ...shift, leastSeconds: 0 }, 0).up).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('tilted', () => {
  test('worked example: a quarter of a year', () => {
    // c = 0.25 + 0.5·0.5 = 0.5; w = 0.5·2·(0.5 + 0.5) = 1
    const at = (moneyness: number) => Scenario.tilted(tilt, { kind: 'linear', years: 0.25, moneyness })
    expect([0, 0.5, -0.5, 1, -1, 3, -3].map(at)).toEqual([1, 1.25, 0.75, 1.5, 0.5, 1.5, 0.5])
  })

  test('worked example: the absolute tilt raises both wings, by its own cap', () => {
    const at = (moneyness: number) => Scenario.tilted(tilt, { kind: 'absolute', years: 0.25, moneyness })
    expect([0, 0.5, -0.5, 9].map(at)).toEqual([1, 1.0625, 1.0625, 1.125])
  })

  test('edge: the least width, and none at all', () => {
    const at = (leastWidth: number, moneyness: number) =>
      Scenario.tilted({ ...tilt, linear: { flat: 0.5, perRootYear: 0 }, leastWidth }, { kind: 'linear', years: 0, moneyness })
    expect([at(0.25, 0.125), at(0.25, -0.125)]).toEqual([1.25, 0.75])
    expect([at(0, 0), at(0, 0.1), at(0, -0.1)]).toEqual([1, 1.5, 0.5])
  })

  test('edge: a negative cap lowers the upper wing at once and raises the lower one; never below 0', () => {
    const negative = { ...tilt, linear: { flat: -0.5, perRootYear: 0 } }
    const at = (moneyness: number) => Scenario.tilted(negative, { kind: 'linear', years: 0.25, moneyness })
    expect([at(0), at(0.5), at(2), at(-0.5), at(-2)]).toEqual([0.5, 0.5, 0, 1.5, 2])
    const none = { ...tilt, linear: { flat: 0, perRootYear: 0 }, leastWidth: 0, width: 0 }
    expect(Scenario.tilted(none, { kind: 'linear', years: 0.25, moneyness: 1 })).toBe(1)
  })
})

describe('discounted', () => {
  const held = { base: 0.5, multiple: 2, addend: 0.1 }
  const owed = { base: 1.25, multiple: 3, addend: 0.2 }

  test('worked example: a year at 10 %', () => {
    const at = Scenario.discounted({ held, owed: { ...owed, base: 1 } }, { years: 1, rate: 0.1 })
    expect(at.held).toBeCloseTo(0.5 * Math.exp(-0.3), 15)
    expect(at.owed).toBeCloseTo(Math.exp(0.1), 15)
  })

  test('edge: what is owed is never more than the undiscounted value', () => {
    expect(Scenario.discounted({ held, owed }, { years: 0, rate: 0.1 })).toEqual({ held: 0.5, owed: 1 })
    expect(Scenario.discounted({ held, owed: { ...owed, base: 0.5 } }, { years: 0, rate: 0.1 }).owed).toBe(0.5)
    expect(Scenario.discounted({ held, owed: { ...owed, base: 0.5 } }, { years: 1, rate: 0.1 }).owed).toBeCloseTo(0.5 * Math.exp(0.5), 15)
  })
})

describe('grid', () => {
  test('edge: no inner step', () => {
    expect(Scenario.grid(0.25, 0).map(({ spot }) => spot)).toEqual([1.25, 1, 1, 1, 0.75])
  })

  test('worked example: one inner step', () => {
    const grid = Scenario.grid(0.25, 1)
    expect(grid).toHaveLength(11)
    expect(grid.map(({ spot }) => spot)).toEqual([1.5, 1.25, 1.25, 1.25, 1, 1, 1, 0.75, 0.75, 0.75, 0.5])
    expect(grid.map(({ volatility }) => volatility).join(' ')).toBe('up up none down up none down up none down up')
    expect(grid.every(({ dampening }) => dampening === 1)).toBe(true)
  })

  test('error: a step that is no number, steps that are none or below 0', () => {
    for (const steps of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, -1])
      expect(() => Scenario.grid(0.05, steps)).toThrow(
        expect.objectContaining({ name: 'Model.InvalidTermsError', path: 'steps', value: steps }),
      )
    for (const step of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => Scenario.grid(step, 1)).toThrow(expect.objectContaining({ name: 'Model.InvalidTermsError', path: 'step', value: step }))
  })
})

test('worked example: a year has 365 days', () => {
  expect(Scenario.years(365 * day)).toBe(1)
})
