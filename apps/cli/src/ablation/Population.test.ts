import { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Population from './Population.ts'

const options = { seed: 3, traders: 20, days: 6, depth: 2e8, estimator: 'har', grants: 'record', noise: 0 } as const
const population = Population.of(options)

describe('of', () => {
  test('property: a seed determines everything, and another one is another market', () => {
    expect(Population.of(options)).toEqual(population)
    expect(Population.of({ ...options, seed: 4 }).fates).not.toEqual(population.fates)
  })

  test('dimension: as many days and traders as were asked for, each day with its fate, no trader twice in a day', () => {
    const { world, fates } = population
    expect([world.traders.length, world.days.length, fates.length]).toEqual([20, 6, 6])
    expect(world.days.map(({ at }) => at / 86_400)).toEqual([200, 201, 202, 203, 204, 205])
    for (const { orders } of world.days) {
      expect(new Set(orders.map(({ trader }) => trader)).size).toBe(orders.length)
      expect(orders.every(({ notional }) => notional > 0n)).toBe(true)
    }
    for (const { bars, sigma } of fates) {
      expect(bars).toHaveLength(24)
      expect(bars.every(({ low, high, close }) => low <= close && close <= high)).toBe(true)
      expect(sigma).toBeGreaterThan(0)
    }
  })

  test('property: days are the same whatever their number, and so is what the warm-up came to', () => {
    const longer = Population.of({ ...options, days: 9 })
    expect(longer.world.days.slice(0, 6)).toEqual(population.world.days)
    expect(longer.world.traders).toEqual(population.world.traders)
  })

  test('property: the depth changes no price and nobody’s wish, only what a cascade in the warm-up has left on record', () => {
    const thin = Population.of({ ...options, depth: 2e7 })
    expect(thin.fates).toEqual(population.fates)
    expect(thin.world.days).toEqual(population.world.days)
    expect(thin.world.terms.impact).toEqual({ kind: 'linear', slope: 1 / 2e7 })
  })

  test('property: noise redraws conduct after the warm-up, and no record', () => {
    const noisy = Population.of({ ...options, noise: 1 })
    expect(noisy.world.traders).toEqual(population.world.traders)
    expect(noisy.fates.map(({ rescues }) => Object.keys(rescues))).not.toEqual(population.fates.map(({ rescues }) => Object.keys(rescues)))
    expect(noisy.fates.map(({ bars }) => bars)).toEqual(population.fates.map(({ bars }) => bars))
  })

  test('property: full grants go to whoever keeps positions alive, about half, on everything they open', () => {
    const many = Population.of({ ...options, traders: 200, grants: 'full' })
    const full = many.world.traders.filter(({ grant }) => grant.imDiscountPpm === 300_000)
    expect(full.length).toBeGreaterThan(70)
    expect(full.length).toBeLessThan(130)
    const saved = new Set(many.fates.flatMap(({ rescues }) => Object.keys(rescues)))
    expect(full.every(({ account, grant }) => saved.has(account) && grant.provenCap > 10n ** 27n)).toBe(true)
  })

  test('property: its document is one that a limit can be asked with, and every grant one that it can hold', () => {
    const { world } = population
    for (const { grant } of world.traders) {
      const [day] = world.days
      if (day === undefined) throw new Error('there are days')
      expect(() => Inputs.assertValid({ ...world.terms.inputs, forecast: day.forecast, grant })).not.toThrow()
      expect(grant.validUntil).toBeGreaterThan(world.days.at(-1)?.at ?? Number.NaN)
      expect(grant.imDiscountPpm).toBeLessThanOrEqual(world.terms.inputs.params.tierDiscountPpm[grant.tier])
    }
  })
})
