import { Scorecard } from '@plimsoll/liquidation'
import { describe, expect, test } from 'vitest'
import * as Outside from './Outside.ts'

describe('of', () => {
  const impact = { permanent: 0.01, temporary: 0.04, halfLifeSeconds: 60 }

  test('worked example: a sale of one moves it by −1 % for good and by −4 % more, of which half is left after a minute', () => {
    const outside = Outside.of(impact)
    expect(outside.price()).toBe(0)
    outside.take(-1)
    expect(outside.price()).toBeCloseTo(-0.05, 12)
    outside.pass(0, 60)
    expect(outside.price()).toBeCloseTo(-0.03, 12)
    outside.pass(-0.1, 60)
    expect(outside.price()).toBeCloseTo(-0.12, 12)
  })
  test('property: a purchase undoes a sale at once', () => {
    const outside = Outside.of(impact)
    outside.take(-3)
    outside.take(3)
    expect(outside.price()).toBe(0)
  })
})

describe('impact', () => {
  test('dimension: a share of the book moves the price as far as the same share of another', () => {
    const [small, large] = [Outside.impact(1e6), Outside.impact(8e6)]
    expect(small.permanent * 1e6).toBeCloseTo(large.permanent * 8e6, 12)
    expect(small.temporary * 1e6).toBeCloseTo(large.temporary * 8e6, 12)
    expect(small.halfLifeSeconds).toBe(large.halfLifeSeconds)
  })
})

describe('path', () => {
  test('edge: as many steps as asked for over the hour, from a log price of 0', () => {
    for (const steps of [30, 60, 120, 240]) {
      const { log, start, stepSeconds } = Outside.path(1, steps)
      expect(stepSeconds * steps).toBe(3_600)
      expect(log.length).toBe(start + steps + 1)
      expect(log[start]).toBe(0)
    }
  })
  test('property: each seed falls by about 12 %, and is the same each time', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { log, start } = Outside.path(seed, 120)
      expect(Outside.path(seed, 120).log).toEqual(log)
      const fall = Scorecard.drawdown(log.subarray(start))
      expect(fall).toBeGreaterThan(0.08)
      expect(fall).toBeLessThan(0.2)
    }
  })
})
