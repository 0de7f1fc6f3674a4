/** Test kit: contenders in turn, in pieces short enough to fall between two disturbances; the least time of each piece, added up. */

export type Contender = {
  readonly name: string
  /** What all pieces together do, in whatever is counted: bytes, accounts. */
  readonly work: number
  readonly pieces: number
  /** One piece; returns something of its result, so that it is not optimised away. */
  readonly run: (piece: number) => number
}

export type Line = { readonly name: string; readonly milliseconds: number; readonly rate: number }

/** @param options.now - a clock in milliseconds. */
export function turns(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly now: () => number },
): readonly (Line & { readonly sink: number })[] {
  const least = contenders.map(({ pieces }) => new Float64Array(pieces).fill(Number.POSITIVE_INFINITY))
  const sinks = contenders.map(() => 0)
  for (let round = 0; round < options.rounds; round++)
    for (const [i, { pieces, run }] of contenders.entries())
      for (let piece = 0; piece < pieces; piece++) {
        const started = options.now()
        sinks[i] = (sinks[i] ?? 0) + run(piece)
        const own = least[i] as Float64Array
        own[piece] = Math.min(own[piece] as number, options.now() - started)
      }
  return contenders.map(({ name, work }, i) => {
    const milliseconds = (least[i] as Float64Array).reduce((sum, each) => sum + each, 0)
    return { name, milliseconds, rate: (work / milliseconds) * 1_000, sink: sinks[i] ?? 0 }
  })
}

/** The fastest that one thread reads memory here: 256 MiB of floats, eight sums. Its work is bytes. */
export function memory(): Contender {
  const floats = new Float64Array(2 ** 25).fill(1)
  const pieces = 8
  const size = floats.length / pieces
  return {
    ...{ name: 'read loop over 256 MiB, 8 accumulators', work: floats.byteLength, pieces },
    run: (piece) => readAll(floats, piece * size, (piece + 1) * size),
  }
}

function readAll(floats: Float64Array, from: number, to: number): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = from; i < to; i += 8) {
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

/** One line of a table: least time, and how many times the baseline's that is. */
export function line(own: Line, baseline: Line): string {
  return `${own.name.padEnd(46)} ${own.milliseconds.toFixed(own.milliseconds < 0.1 ? 4 : 2).padStart(9)} ms ${(baseline.milliseconds / own.milliseconds).toFixed(2).padStart(10)} ×`
}
