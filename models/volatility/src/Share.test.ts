import { describe, expect, test } from 'vitest'
import { Recipe, Share } from './index.ts'

const recipe = { ...Recipe.recipe, priorDays: 100, windowDays: 365 }
/** One origin a day for a year before hour 365 · 24, a day ahead. */
const year = (gap: number, correction: number): Share.Trial[] =>
  Array.from({ length: 365 }, (_, day) => ({ hour: 24 * day, knownAt: 24 * (day + 1), gap, correction }))
const share = (trials: readonly Share.Trial[], part: Partial<Share.of.Arguments> = {}): number =>
  Share.of({ trials, hour: 365 * 24, days: 300, recipe, ...part })

describe('of', () => {
  test('worked example: 300 days against a prior of 100 count three quarters, where that paid', () => {
    expect(share(year(0.4, 0.4))).toBe(0.75)
    expect(share(year(-0.4, -0.4), { days: 100 })).toBe(0.5)
  })
  test('edge: the wrong way round, too far, nothing to add, nothing known', () => {
    expect(share(year(0.4, -0.4))).toBe(0)
    // Three quarters of 1 overshoot 0.3 by 0.45, and e^0.3 − 1.3 = 0.050 is less than e^−0.45 − 0.55 = 0.088; a third of it pays.
    expect(share(year(0.3, 1))).toBe(0)
    expect(share(year(0.3, 1), { days: 50 })).toBeCloseTo(1 / 3, 15)
    expect(share(year(0.4, 0))).toBe(0)
    expect(share([])).toBe(0)
  })
  test('edge: what is not known yet, or is older than the window, is not read', () => {
    const paid = year(0.4, 0.4)
    const not = (trial: Omit<Share.Trial, 'gap' | 'correction'>) => ({ ...trial, gap: 2, correction: -9 })
    expect(share([...paid, not({ hour: 365 * 24 - 1, knownAt: 365 * 24 + 1 })])).toBe(0.75)
    expect(share([...paid, not({ hour: 365 * 24 - 1, knownAt: 365 * 24 })])).toBe(0)
    expect(share([...paid, not({ hour: -1, knownAt: 23 })])).toBe(0.75)
    expect(share([...paid, not({ hour: 0, knownAt: 24 })])).toBe(0)
  })
  test('edge: a crash pulls no harder than the cap, and a day of many assets is one day', () => {
    const lost = year(-0.2, 0.1)
    const crash = { hour: 0, knownAt: 24, gap: 6, correction: 6 }
    expect(share([...lost, crash], { recipe: { ...recipe, cap: 9 } })).toBe(0.75)
    expect(share([...lost, crash], { recipe: { ...recipe, cap: 2 } })).toBe(0)
    const crowd = Array.from({ length: 9_999 }, () => ({ hour: 1, knownAt: 25, gap: 0.4, correction: 0.4 }))
    expect(share([...lost, ...crowd])).toBe(0)
  })
})
