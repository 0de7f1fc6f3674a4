/** Plots for a terminal. */

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/**
 * Values as one line of bars, each as high as its value between the least and the greatest; as many columns as there are values, at most
 * `columns`, means of neighbours where there are more.
 *
 * @returns an empty text for no values. A value that is not finite is a blank.
 */
export function spark(values: readonly number[], columns = 60): string {
  const count = Math.min(columns, values.length)
  const means = Array.from({ length: count }, (_, c) => {
    const part = values.slice(Math.floor((c * values.length) / count), Math.floor(((c + 1) * values.length) / count))
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const finite = means.filter(Number.isFinite)
  const [least, most] = [Math.min(...finite), Math.max(...finite)]
  return means
    .map((value) => (Number.isFinite(value) ? (blocks[most > least ? Math.round(((value - least) / (most - least)) * 7) : 0] ?? ' ') : ' '))
    .join('')
}

/** A figure on a scale from `least` to `most`, its interval drawn as a line, and where it should lie as `|`. */
export function interval(args: interval.Arguments): string {
  const { low, high, value, least, most, goal } = args
  const columns = 41
  const place = (x: number): number => Math.round(((Math.min(most, Math.max(least, x)) - least) / (most - least)) * (columns - 1))
  const cells = new Array<string>(columns).fill(' ')
  for (let c = place(low); c <= place(high); c++) cells[c] = '─'
  cells[place(goal)] = '|'
  cells[place(value)] = '●'
  return cells.join('')
}

export declare namespace interval {
  type Arguments = {
    readonly low: number
    readonly high: number
    readonly value: number
    readonly least: number
    readonly most: number
    readonly goal: number
  }
}
