/** Contenders in turn, round after round, so that a noisy minute is shared; the least time of each. */

export type Contender = {
  readonly name: string
  /** What one run does, in whatever is counted: accounts, bytes. */
  readonly work: number
  /** Returns something of its result, so that the run is not optimised away. */
  readonly run: () => number | bigint
}

/** `rate` is work per second at the least time; `ratio` that of the rate to the first contender's. */
export type Line = { readonly name: string; readonly milliseconds: number; readonly rate: number; readonly ratio: number }

/** @param options.now - a clock in milliseconds. */
export function interleave(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly now: () => number },
): readonly Line[] {
  const best = contenders.map(() => Number.POSITIVE_INFINITY)
  let sink = 0
  for (let round = 0; round < options.rounds; round++)
    for (const [i, { run }] of contenders.entries()) {
      const started = options.now()
      sink += Number(run()) % 2
      best[i] = Math.min(best[i] ?? 0, options.now() - started)
    }
  if (Number.isNaN(sink)) throw new Error('A contender returned no number.')
  const rates = contenders.map(({ work }, i) => (work / (best[i] ?? 1)) * 1_000)
  return contenders.map(({ name }, i) => ({
    name,
    milliseconds: best[i] ?? 0,
    rate: rates[i] ?? 0,
    ratio: (rates[i] ?? 0) / (rates[0] ?? 1),
  }))
}

/** The fastest that one thread reads memory here: 256 MiB of floats, eight sums. Its work is bytes. */
export function memory(): Contender {
  const floats = new Float64Array(2 ** 25).fill(1)
  return { name: 'read loop over 256 MiB, 8 accumulators', work: floats.byteLength, run: () => readAll(floats) }
}

function readAll(floats: Float64Array): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < floats.length; i += 8) {
    a += floats[i] as number
    b += floats[i + 1] as number
    c += floats[i + 2] as number
    d += floats[i + 3] as number
    e += floats[i + 4] as number
    f += floats[i + 5] as number
    g += floats[i + 6] as number
    h += floats[i + 7] as number
  }
  return a + b + c + d + e + f + g + h
}
