import { describe, expect, test } from 'vitest'
import { Figure } from './index.ts'

describe('assert', () => {
  test('edge: the ends of each range', () => {
    const good: readonly [Figure.Range, number][] = [
      ['finite', -1e300],
      ['at least 0', 0],
      ['above 0', Number.MIN_VALUE],
      ['a share', 0],
      ['a share', 1],
      ['a share below 1', 0],
      ['a whole number of at least 0', 0],
      ['a whole number of at least 0', 3],
    ]
    for (const [range, value] of good) expect(() => Figure.assert(range, { value })).not.toThrow()
    const bad: readonly [Figure.Range, number][] = [
      ['finite', Number.NaN],
      ['finite', Number.POSITIVE_INFINITY],
      ['at least 0', -Number.MIN_VALUE],
      ['above 0', 0],
      ['a share', -1e-9],
      ['a share', 1 + 1e-9],
      ['a share below 1', 1],
      ['a share below 1', -1e-9],
      ['a whole number of at least 0', -1],
      ['a whole number of at least 0', 1.5],
    ]
    for (const [range, value] of bad) expect(() => Figure.assert(range, { value })).toThrow(Figure.InvalidFigureError)
  })

  test('error: names the figure that is wrong, not one that is right', () => {
    expect(() => Figure.assert('above 0', { depth: 1, volume: -2 })).toThrow('The figure volume is -2, and has to be above 0.')
  })
})
