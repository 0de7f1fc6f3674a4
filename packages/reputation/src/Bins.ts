/** Weights of evidence: a feature as a few steps, each with the log-odds of what came after, never against its sign. */
export type Direction = 'good' | 'bad'

export type Bin = {
  /** A value from here to the next bin's is in this one. */
  readonly from: number
  /** Log-odds of bad here against everywhere. */
  readonly woe: number
  /** Weight of the outcomes seen. */
  readonly good: number
  readonly bad: number
}

/** One value of the feature, with its outcome and how much it counts. */
export type Point = { readonly x: number; readonly bad: boolean; readonly weight: number }

/**
 * Bins of one feature.
 *
 * Formula: `woe = logit((bad + m·p)/(n + m)) − logit(p)`, p the rate everywhere, m = `shrink` outcomes that are taken to have been
 * seen at that rate. Cut at the quantiles, then neighbours are pooled until none is too small and the rate moves one way only
 * (pool adjacent violators).
 * Source: docs/method/reputation.md, eq. (9).
 *
 * @returns ascending; the first from 0. One bin with no evidence where all points are alike.
 *
 * @example
 * Bins.fit([{ x: 0, bad: true, weight: 9 }, { x: 1, bad: false, weight: 9 }], { direction: 'good', most: 4, least: 1, shrink: 1 }).map((bin) => bin.from)
 * // => [0, 1]
 */
export function fit(points: readonly Point[], options: fit.Options): readonly Bin[] {
  const { direction, most, least, shrink } = options
  const cells = cut(points, most)
  const total = cells.reduce((sum, cell) => ({ good: sum.good + cell.good, bad: sum.bad + cell.bad }), { good: 0, bad: 0 })
  const p = (total.bad + 0.5) / (total.good + total.bad + 1)
  const smooth = ({ good, bad }: Cell) => (bad + shrink * p) / (good + bad + shrink)
  const pooled: Cell[] = []
  for (const cell of cells) {
    pooled.push(cell)
    for (;;) {
      const last = pooled.at(-1)
      const before = pooled.at(-2)
      if (!last || !before) break
      const small = last.good + last.bad < least || before.good + before.bad < least
      const broken = direction === 'good' ? smooth(last) >= smooth(before) : smooth(last) <= smooth(before)
      if (!small && !broken) break
      pooled.splice(-2, 2, { from: before.from, good: before.good + last.good, bad: before.bad + last.bad })
    }
  }
  return pooled.map((cell, i) => ({ ...cell, from: i === 0 ? 0 : cell.from, woe: logit(smooth(cell)) - logit(p) }))
}

export declare namespace fit {
  type Options = {
    readonly direction: Direction
    /** Cells before pooling. */
    readonly most: number
    /** Weight below which a bin is pooled with its neighbour. */
    readonly least: number
    /** m > 0. */
    readonly shrink: number
  }
}

/**
 * Bins of a count by what the count alone says.
 *
 * Formula: `ln((h + n)/h)` for bad, its negative for good, h the outcomes of that kind held to have been seen before. With h from a
 * pool of rate p and strength s, `s·p` bad and `s·(1 − p)` good, the two together are the log-odds of the mean of
 * `Beta(s·p + b, s·(1 − p) + g)` against the pool's. A good count is taken at its bin's lower edge, a bad one at its upper.
 * Source: docs/method/reputation.md, eq. (11).
 *
 * @param edges - ascending, ppm of one outcome, the first 0.
 * @param held - h > 0.
 *
 * @example
 * Bins.conjugate([0, 1_000_000], 'good', 1).map((bin) => Math.exp(bin.woe))
 * // => [1, 0.5]
 */
export function conjugate(edges: readonly number[], direction: Direction, held: number): readonly Bin[] {
  return edges.map((from, i) => {
    const count = (direction === 'good' || from === 0 ? from : (edges[i + 1] ?? 2 * from)) / 1_000_000
    const evidence = Math.log((held + count) / held)
    return { from, woe: direction === 'good' ? -evidence : evidence, good: 0, bad: 0 }
  })
}

/**
 * The bin a value is in.
 *
 * @example
 * Bins.at([{ from: 0, woe: 1, good: 0, bad: 0 }, { from: 5, woe: -1, good: 0, bad: 0 }], 4).woe
 * // => 1
 */
export function at(bins: readonly Bin[], x: number): Bin {
  return bins.findLast((bin) => bin.from <= x) ?? { from: 0, woe: 0, good: 0, bad: 0 }
}

type Cell = { readonly from: number; readonly good: number; readonly bad: number }

/** Distinct values where they are few, else cells of about equal weight; one value is never in two. */
function cut(points: readonly Point[], most: number): readonly Cell[] {
  const values: { x: number; good: number; bad: number }[] = []
  for (const { x, bad, weight } of [...points].sort((a, b) => a.x - b.x)) {
    const last = values.at(-1)
    const into = last && last.x === x ? last : { x, good: 0, bad: 0 }
    if (into !== last) values.push(into)
    if (bad) into.bad += weight
    else into.good += weight
  }
  const total = values.reduce((sum, value) => sum + value.good + value.bad, 0)
  const cells: { from: number; good: number; bad: number }[] = []
  let seen = 0
  for (const { x, good, bad } of values) {
    const last = cells.at(-1)
    const open = last && values.length > most && (last.good + last.bad) * most < total && Math.floor((seen / total) * most) < cells.length
    if (last && open) {
      last.good += good
      last.bad += bad
    } else cells.push({ from: x, good, bad })
    seen += good + bad
  }
  return cells
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}
