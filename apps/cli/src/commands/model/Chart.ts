/** Charts as SVG, for a page that needs nothing else. */

/** One row of a chart. */
export type Row = { readonly label: string; readonly value: number; readonly shown: string; readonly low?: number; readonly high?: number }

const [labelWidth, barWidth, shownWidth, rowHeight] = [90, 420, 150, 22] as const
const width = labelWidth + barWidth + shownWidth

/**
 * Text as HTML shows it, whatever it holds.
 *
 * @returns with `& < > " '` as entities.
 */
export function quoted(text: string): string {
  return text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)
}

/** A bar for each row from nothing to its value; a line at `goal`. What is greater than `most` ends there, and its figure says so. */
export function bars(args: Scale): string {
  return frame(args, (row, y, place) => {
    const end = place(row.value)
    const kind = row.value > args.goal ? 'worse' : 'better'
    return `<rect class="${kind}" x="${labelWidth}" y="${y + 4}" width="${fixed(Math.max(1, end - labelWidth))}" height="${rowHeight - 8}"/>`
  })
}

/** A dot for each row with its interval as a line through it; a line at `goal`. */
export function intervals(args: Scale): string {
  return frame(args, (row, y, place) => {
    const [low, high] = [row.low ?? row.value, row.high ?? row.value]
    const kind = low <= args.goal && args.goal <= high ? 'better' : 'worse'
    const middle = y + rowHeight / 2
    return `<line class="${kind}" x1="${fixed(place(low))}" x2="${fixed(place(high))}" y1="${middle}" y2="${middle}"/><circle class="${kind}" cx="${fixed(place(row.value))}" cy="${middle}" r="4"/>`
  })
}

type Scale = { readonly title: string; readonly rows: readonly Row[]; readonly goal: number; readonly most: number }

function frame({ title, rows, goal, most }: Scale, mark: (row: Row, y: number, place: (value: number) => number) => string): string {
  const place = (value: number): number => labelWidth + (barWidth * Math.min(most, Math.max(0, value))) / most
  const height = rows.length * rowHeight
  return [
    `<figure><figcaption>${quoted(title)}</figcaption>`,
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${quoted(title)}">`,
    `<line class="goal" x1="${fixed(place(goal))}" x2="${fixed(place(goal))}" y1="0" y2="${height}"/>`,
    ...rows.map((row, i) => {
      const y = i * rowHeight
      const text = (x: number, anchor: string, of: string): string =>
        `<text x="${x}" y="${y + 15}" text-anchor="${anchor}">${quoted(of)}</text>`
      // What is not a number has no place on a scale.
      const drawn = Number.isFinite(row.value) ? mark(row, y, place) : ''
      return `${text(labelWidth - 6, 'end', row.label)}${drawn}${text(labelWidth + barWidth + 8, 'start', row.shown)}`
    }),
    '</svg></figure>',
  ].join('\n')
}

const fixed = (value: number): string => value.toFixed(1)
