import { describe, expect, test } from 'vitest'
import * as plot from './plot.ts'

describe('bar', () => {
  test('worked example: half of four, an eighth of one, nothing', () => {
    expect(plot.bar(1, 2, 4)).toBe('██')
    expect(plot.bar(1, 8, 1)).toBe('▏')
    expect(plot.bar(0, 8, 4)).toBe('')
    expect(plot.bar(1, 0, 4)).toBe('')
  })

  test('edge: something small is seen, something too large is not longer than the whole', () => {
    expect(plot.bar(1e-9, 1, 4)).toBe('▏')
    expect(plot.bar(9, 1, 4)).toBe('████')
  })
})

describe('bars', () => {
  test('worked example: labels to the left, figures to the right', () => {
    expect(
      plot.bars(
        [
          { label: 'a', value: 2, shown: '$2' },
          { label: 'long', value: 1, shown: '$1.00' },
        ],
        4,
      ),
    ).toBe('  a        $2  ████\n  long  $1.00  ██')
  })
})

describe('spark', () => {
  test('worked example: from the lowest to the highest, flat where nothing moves', () => {
    expect(plot.spark([0, 7, 3])).toBe('▁█▄')
    expect(plot.spark([5, 5])).toBe('▁▁')
    expect(plot.spark([])).toBe('')
  })
})

describe('progress', () => {
  test('edge: silent where nobody looks, one line where somebody does', () => {
    const written: string[] = []
    plot.progress('reading', { write: (text) => written.push(text) })(1, 2)
    expect(written).toEqual([])
    const show = plot.progress('reading', { isTTY: true, write: (text) => written.push(text) })
    show(1, 2)
    show(1, 2)
    show(2, 2)
    expect(written).toHaveLength(2)
    expect(written.at(-1)).toBe(`\rreading ${'█'.repeat(24)} 100 %\n`)
  })
})

describe('whisker', () => {
  test('worked example: an interval on either side of 0, and where 0 lies outside it', () => {
    expect(plot.whisker({ mean: 1, low: 0.5, high: 2 }, 2, 9)).toBe('    │├●─┤')
    expect(plot.whisker({ mean: -1, low: -2, high: 1 }, 2, 9)).toBe('├─●───┤  ')
  })

  test('edge: nothing at all', () => {
    expect(plot.whisker({ mean: 0, low: 0, high: 0 }, 0, 5)).toBe('  ●  ')
  })
})
