/** Several lines of prices in one frame of text. */

/** A line and the sign it is drawn with. Later lines are drawn over earlier ones. */
export type Line = { readonly sign: string; readonly values: ArrayLike<number> }

/**
 * Lines of equal length over the same time, lowest at the bottom; each column is the mean of its part.
 *
 * @returns rows with the value of their middle in front. `Plot.chart([{ sign: '•', values: [0, 1] }], { columns: 2, rows: 2 })` is a line that rises.
 */
export function chart(lines: readonly Line[], { columns, rows }: chart.Size): string {
  const drawn = lines.map(({ sign, values }) => ({ sign, means: means(values, columns) }))
  const all = drawn.flatMap(({ means }) => means)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const step = (most - least) / rows
  const cells = Array.from({ length: rows }, () => new Array<string>(columns).fill(' '))
  for (const { sign, means } of drawn)
    for (const [column, value] of means.entries()) {
      const row = step > 0 ? Math.min(rows - 1, Math.floor((most - value) / step)) : 0
      const line = cells[row]
      if (line !== undefined) line[column] = sign
    }
  return cells.map((line, row) => `${(most - (row + 0.5) * step).toFixed(3).padStart(9)} ┤${line.join('')}`.trimEnd()).join('\n')
}

export declare namespace chart {
  type Size = { readonly columns: number; readonly rows: number }
}

function means(values: ArrayLike<number>, columns: number): readonly number[] {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns)
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns))
    let sum = 0
    for (let i = from; i < to; i++) sum += values[i] ?? Number.NaN
    return sum / (to - from)
  })
}
