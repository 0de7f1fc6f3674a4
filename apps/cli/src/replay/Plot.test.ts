import { describe, expect, test } from 'vitest'
import * as Plot from './Plot.ts'

describe('chart', () => {
  test('worked example: a line that rises, and a later one over it', () => {
    const size = { columns: 2, rows: 2 }
    expect(Plot.chart([{ sign: '•', values: [0, 1] }], size)).toBe('    0.750 ┤ •\n    0.250 ┤•')
    expect(
      Plot.chart(
        [
          { sign: 'x', values: [0, 1] },
          { sign: 'o', values: [1, 1] },
        ],
        size,
      ),
    ).toBe('    0.750 ┤oo\n    0.250 ┤x')
  })
  test('edge: a line that stands still, and more values than columns', () => {
    expect(Plot.chart([{ sign: 'x', values: [1, 1, 1, 1] }], { columns: 2, rows: 1 })).toBe('    1.000 ┤xx')
    expect(Plot.chart([{ sign: 'x', values: [0, 2, 4, 6] }], { columns: 2, rows: 2 })).toBe('    4.000 ┤ x\n    2.000 ┤x')
  })
})
