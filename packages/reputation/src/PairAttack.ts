/** The simulation behind `Pair.valuePpm`: two opposite legs of one notional, held until one is closed below maintenance. */
export type Table = {
  /** Rows: MM / s in thousandths, ascending. */
  readonly bufferMilli: readonly number[]
  /** Columns: (IM − MM) / s in thousandths, ascending. */
  readonly wayMilli: readonly number[]
  /** `v` in ppm of s: `values[row][column]`, rounded up from the mean plus three standard errors. */
  readonly values: readonly (readonly number[])[]
}

/**
 * The table by simulation: one walk to the trigger serves every buffer.
 *
 * Each step adds the *conditional expectation* of the shortfall given where the walk stands, not the shortfall itself: the
 * same mean, and rare jumps no longer have to be drawn to be counted. Steps are Student t with 4 degrees of freedom.
 *
 * @param run.wayMilli - g in thousandths of s.
 * @param run.bufferMilli - every u in thousandths of s.
 * @returns for each u: mean plus three standard errors, ppm of s, rounded up.
 */
export function simulate(run: simulate.Run): readonly number[] {
  const { wayMilli, paths, seed } = run
  const way = wayMilli / 1000
  const buffers = Float64Array.from(run.bufferMilli, (milli) => milli / 1000)
  const random = mulberry(seed)
  const sums = new Float64Array(buffers.length)
  const squares = new Float64Array(buffers.length)
  const path = new Float64Array(buffers.length)
  for (let p = 0; p < paths; p++) {
    path.fill(0)
    let y = 0
    do {
      for (let i = 0; i < buffers.length; i++) {
        const margin = way + (buffers[i] ?? 0)
        path[i] = (path[i] ?? 0) + excess(margin - y) + excess(margin + y)
      }
      y += draw(random)
    } while (Math.abs(y) < way)
    for (let i = 0; i < buffers.length; i++) {
      const value = path[i] ?? 0
      sums[i] = (sums[i] ?? 0) + value
      squares[i] = (squares[i] ?? 0) + value * value
    }
  }
  return Array.from(sums, (sum, i) => {
    const mean = sum / paths
    const variance = Math.max(0, (squares[i] ?? 0) / paths - mean * mean)
    return Math.ceil((mean + 3 * Math.sqrt(variance / paths)) * 1_000_000)
  })
}

export declare namespace simulate {
  type Run = { readonly wayMilli: number; readonly bufferMilli: readonly number[]; readonly paths: number; readonly seed: number }
}

/** How the committed table was made. */
export const design = {
  seed: 20_240_613,
  bufferMilli: [0, 500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000],
  wayMilli: [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000],
} as const

/** Walks for a column: the further the way, the longer each walk, and the less one differs from the next. */
function pathsOf(wayMilli: number): number {
  return wayMilli <= 4_000 ? 10_000 : wayMilli <= 32_000 ? 2_000 : 500
}

/**
 * One column as designed: `v` for every buffer at one way to the trigger.
 *
 * The value can only fall with the buffer (a wider one leaves less); sampling noise that says otherwise is levelled up.
 */
export function column(wayMilli: number): readonly number[] {
  const run = { wayMilli, bufferMilli: design.bufferMilli, paths: pathsOf(wayMilli), seed: design.seed + wayMilli }
  const values = [...simulate(run)]
  for (let i = values.length - 2; i >= 0; i--) values[i] = Math.max(values[i] ?? 0, values[i + 1] ?? 0)
  return values
}

/** The whole table as designed. Ten seconds and more in its far corner: run by the `table` script, never on a request. */
export function tabulate(): Table {
  const columns = design.wayMilli.map(column)
  return {
    bufferMilli: design.bufferMilli,
    wayMilli: design.wayMilli,
    values: design.bufferMilli.map((_, row) => columns.map((values) => values[row] ?? 0)),
  }
}

/** `E[(T/√2 − k)⁺]` for Student t with 4 degrees of freedom, in closed form. */
function excess(k: number): number {
  const x = k * Math.SQRT2
  // far out the difference below cancels; the leading term is exact enough there, and larger
  if (x > 200) return 1 / x ** 3 / Math.SQRT2
  const root = Math.sqrt(1 + (x * x) / 4)
  const density = 0.375 / root ** 5
  const ratio = x / root
  const tail = 0.5 - 0.375 * ratio * (1 - (ratio * ratio) / 12)
  return (((4 + x * x) / 3) * density - x * tail) / Math.SQRT2
}

/** One step: Student t with 4 degrees of freedom over √2, so that its variance is one. */
function draw(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const chiSquare = -2 * Math.log((1 - random()) * (1 - random()))
  return normal / Math.sqrt(chiSquare / 4) / Math.SQRT2
}

/** mulberry32: 32 bits of state, the same stream everywhere. */
function mulberry(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
