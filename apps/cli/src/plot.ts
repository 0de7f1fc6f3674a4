/** Plots for a terminal: bars, and a curve. Text only, so that they survive a pipe. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A bar of so many columns and eighths of one. `plot.bar(1, 2, 4)` is `██`. */
export function bar(value: number, most: number, width: number): string {
  if (!(most > 0) || !(value > 0)) return ''
  const units = Math.max(1, Math.round((Math.min(value, most) / most) * width * 8))
  return '█'.repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? '')
}

/** Rows with a label, a figure and a bar as long as the value is. */
export function bars(rows: readonly { readonly label: string; readonly value: number; readonly shown: string }[], width = 40): string {
  const most = Math.max(0, ...rows.map(({ value }) => value))
  const [label, shown] = [Math.max(0, ...rows.map(({ label }) => label.length)), Math.max(0, ...rows.map(({ shown }) => shown.length))]
  return rows
    .map((row) => `  ${row.label.padEnd(label)}  ${row.shown.padStart(shown)}  ${bar(row.value, most, width)}`.trimEnd())
    .join('\n')
}

/** An interval and its middle on an axis from −most to most, 0 at `│`. `plot.whisker({ mean: 1, low: 0.5, high: 2 }, 2, 9)` is `    │├●─┤`. */
export function whisker(
  interval: { readonly mean: number; readonly low: number; readonly high: number },
  most: number,
  width: number,
): string {
  const at = (value: number) => (most > 0 ? Math.round(((value / most + 1) / 2) * (width - 1)) : (width - 1) / 2)
  const [low, mean, high, zero] = [at(interval.low), at(interval.mean), at(interval.high), at(0)]
  return Array.from({ length: width }, (_, i) => {
    if (i === mean) return '●'
    if (i === low) return '├'
    if (i === high) return '┤'
    if (i > low && i < high) return '─'
    return i === zero ? '│' : ' '
  }).join('')
}

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A line of values as heights, lowest to highest. `plot.spark([0, 1])` is `▁█`. */
export function spark(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => levels[high > low ? Math.round(((value - low) / (high - low)) * (levels.length - 1)) : 0] ?? '').join('')
}

/** A share done and what is being done, rewritten in place on a terminal and silent elsewhere. */
export function progress(title: string, out: { readonly isTTY?: boolean; write(text: string): unknown }) {
  let shown = -1
  return (done: number, of: number): void => {
    const percent = Math.floor((100 * done) / Math.max(1, of))
    if (out.isTTY !== true || percent === shown) return
    shown = percent
    out.write(`\r${title} ${bar(done, of, 24).padEnd(24)} ${String(percent).padStart(3)} %${done >= of ? '\n' : ''}`)
  }
}
