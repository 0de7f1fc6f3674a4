import { describe, expect, test } from 'vitest'
import * as Jitter from './Jitter.ts'

/** A seeded source: the same numbers at every run. */
function seeded(seed: number): Jitter.Random {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

describe('full', () => {
  test('worked example: a share of the greatest wait, in whole milliseconds', () => {
    expect(Jitter.full({ ms: 300, random: () => 0.5 })).toBe(150)
    expect(Jitter.full({ ms: 3, random: () => 0.5 })).toBe(1)
  })

  test('edge: none at least, and never the greatest', () => {
    expect(Jitter.full({ ms: 200, random: () => 0 })).toBe(0)
    expect(Jitter.full({ ms: 200, random: () => 0.999_999 })).toBe(199)
  })
})

describe('around', () => {
  test('worked example: from half to one and a half', () => {
    const waits = [0, 0.5, 0.999_999].map((drawn) => Jitter.around({ ms: 1_000, random: () => drawn }))
    expect(waits).toEqual([500, 1_000, 1_499])
  })

  test('property: the interval is the mean, and a hundred who begin together end up all over it', () => {
    const random = seeded(7)
    const ends = Array.from({ length: 100 }, () => {
      let at = 0
      for (let round = 0; round < 50; round += 1) at += Jitter.around({ ms: 1_000, random })
      return at
    })
    const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length / 50
    expect(Math.abs(mean - 1_000)).toBeLessThan(20)
    // Rounds of an interval, cut into ten: in step all would fall into one.
    const tenths = new Set(ends.map((end) => Math.floor((end % 1_000) / 100)))
    expect(tenths.size).toBe(10)
  })
})
