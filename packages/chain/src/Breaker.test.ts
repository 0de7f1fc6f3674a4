import { describe, expect, test } from 'vitest'
import * as Breaker from './Breaker.ts'

/** As long as a pause may be. */
const longest = () => 1
const after = (outcomes: readonly Breaker.Outcome[], step = 1_000_000, random = longest) =>
  outcomes.reduce((breaker, outcome, index) => Breaker.next({ breaker, outcome, at: index * step, random }), Breaker.closed)

describe('next', () => {
  test('worked example: one timeout opens, three quick failures open', () => {
    expect(after(['timeout'])).toEqual({ failures: 1, openUntil: 5_000 })
    expect(after(['failed', 'failed'])).toEqual({ failures: 2, openUntil: 0 })
    expect(after(['failed', 'failed', 'failed'])).toEqual({ failures: 3, openUntil: 2_005_000 })
  })

  test('edge: an answer closes it again', () => {
    expect(after(['timeout', 'timeout', 'answered'])).toEqual(Breaker.closed)
  })

  test('edge: the pause doubles, up to five minutes', () => {
    const pauses = [1, 2, 3, 6, 7, 40].map((count) => {
      const breaker = after(Array.from({ length: count }, () => 'timeout' as const))
      return breaker.openUntil - (count - 1) * 1_000_000
    })
    expect(pauses).toEqual([5_000, 10_000, 20_000, 160_000, 300_000, 300_000])
  })

  test('edge: half of a pause is certain, the other half is drawn', () => {
    const pauses = [0, 0.5, 1].map((drawn) => after(['timeout'], 1, () => drawn).openUntil)
    expect(pauses).toEqual([2_500, 3_750, 5_000])
  })

  test('edge: requests that fail together count once', () => {
    expect(after(['timeout', 'timeout', 'timeout'], 1)).toEqual({ failures: 1, openUntil: 5_000 })
  })
})

describe('isOpen', () => {
  test('edge: open until, not at', () => {
    const breaker = after(['timeout'])
    expect([4_999, 5_000].map((at) => Breaker.isOpen(breaker, at))).toEqual([true, false])
    expect(Breaker.isOpen(Breaker.closed, 0)).toBe(false)
  })
})
