/** Every combination of layers on every seed, beside static margin. */
import { Ablation, Admission, Book } from '@plimsoll/liquidation'
import { Bootstrap, Random } from '@plimsoll/volatility'
import * as Population from './Population.ts'

/** What is switched on: one after another, and each alone. `static` comes first, for all others are measured by it. */
export const arms = [
  { name: 'static', on: [] },
  { name: '+ volatility', on: ['volatility'] },
  { name: '+ reputation', on: ['volatility', 'reputation'] },
  { name: '+ brake', on: ['volatility', 'reputation', 'brake'] },
  { name: 'reputation alone', on: ['reputation'] },
  { name: 'brake alone', on: ['brake'] },
] as const satisfies readonly { readonly name: string; readonly on: readonly Admission.Layer[] }[]

export type Interval = { readonly mean: number; readonly low: number; readonly high: number }

/** Forced volume and bad debt are USD by million of USD traded. */
export type Row = {
  readonly name: string
  readonly on: readonly Admission.Layer[]
  /** Over all seeds. USD. */
  readonly volume: bigint
  /** Times schedule and quantile, mean over seeds; and the most that any seed's positions were cut by afterwards. ppm. */
  readonly levelPpm: number
  readonly cutPpm: number
  readonly figures: Readonly<Record<Figure, number>>
  /** Less static, by day; null for static itself. */
  readonly differences: Readonly<Record<Figure, Interval>> | null
  readonly verdict: Ablation.Verdict | null
}

export type Figure = (typeof Ablation.figures)[number]

export type Comparison = {
  readonly rows: readonly Row[]
  /** Seeds that one combination could not bring to the volume, which are left out for all. */
  readonly left: readonly { readonly seed: number; readonly name: string }[]
  readonly granted: Population.Granted
  /** Days over all seeds, and the level of each interval: four figures are looked at together. */
  readonly days: number
  readonly intervalPpm: number
}

/** One in eighty by figure: the four of a row are wrong together in at most one of twenty. */
const intervalPpm = 987_500
const draws = 4_000

/** What one combination came to on one seed. */
type Tried = { readonly volume: bigint; readonly levelPpm: number; readonly cutPpm: number; readonly days: readonly Ablation.Figures[] }

/**
 * All combinations on `seeds` populations.
 *
 * @param options.block - days that are drawn together.
 * @param told - how many of all pieces of work are done.
 * @throws {NothingComparedError} every seed was left out.
 */
export async function of(options: of.Options, told: (done: number, all: number) => void): Promise<Comparison> {
  const done: (readonly Tried[])[] = []
  const left: { seed: number; name: string }[] = []
  const granted: Population.Granted[] = []
  let pieces = 0
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const population = Population.of({ ...options, seed })
    const volume = Admission.volume(Admission.of(population.world, [], 1_000_000))
    const tried: Tried[] = []
    for (const { name, on } of arms) {
      const one = attempt(population, on, volume)
      if (one === null) left.push({ seed, name })
      else tried.push(one)
      told(++pieces, options.seeds * arms.length)
      // Lets the bar be drawn.
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (tried.length < arms.length) continue
    granted.push(population.granted)
    done.push(tried)
  }
  if (done.length === 0) throw new NothingComparedError(options.seeds)
  return {
    rows: arms.map((_, arm) => row(done, arm, options)),
    left,
    granted: {
      share: mean(granted.map(({ share }) => share)),
      discountPpm: mean(granted.map(({ discountPpm }) => discountPpm)),
      provenCap: mean(granted.map(({ provenCap }) => provenCap)),
    },
    days: done.length * options.days,
    intervalPpm,
  }
}

export declare namespace of {
  type Options = Population.Options & { readonly seeds: number; readonly block: number }
}

/** The books of the volume, and their figures; null where it cannot be reached. Books are not kept: there are many. */
function attempt({ world, fates }: Population.Population, on: readonly Admission.Layer[], volume: bigint): Tried | null {
  const level = Admission.atVolume(world, on, volume)
  if (level.status === 'unreachable') return null
  const { books, levelPpm, cutPpm } = level
  const days = fates.flatMap((fate, k) => {
    const book = books[k]
    return book === undefined ? [] : [Ablation.assess(book, world.terms, fate)]
  })
  return { volume: Admission.volume(books), levelPpm, cutPpm, days }
}

function row(seeds: readonly (readonly Tried[])[], arm: number, { seed, days, block }: of.Options): Row {
  const { name, on } = arms[arm] ?? arms[0]
  const volume = seeds.reduce((sum, tried) => sum + (tried[arm]?.volume ?? 0n), 0n)
  // By million of USD traded, what one day of the mean volume is.
  const scale = (1e6 * seeds.length * days) / Book.usd(volume)
  const unit = { secant: 1, extra: 1, forced: scale, badDebt: scale }
  const values = (figure: Figure, which: number) =>
    seeds.flatMap((tried) => (tried[which]?.days ?? []).map((it) => it[figure] * unit[figure]))
  const each = <T>(of: (figure: Figure) => T) =>
    Object.fromEntries(Ablation.figures.map((figure) => [figure, of(figure)])) as Record<Figure, T>
  const against = (figure: Figure): Interval => {
    const standard = values(figure, 0)
    const differences = values(figure, arm).map((value, i) => value - (standard[i] ?? Number.NaN))
    const at = differences.map((_, i) => i * 86_400)
    return Bootstrap.interval({
      random: Random.of(seed, `bootstrap ${figure}`),
      values: differences,
      at,
      block,
      draws,
      levelPpm: intervalPpm,
    })
  }
  const differences = arm === 0 ? null : each(against)
  return {
    name,
    on,
    volume,
    levelPpm: seeds.reduce((sum, tried) => sum + (tried[arm]?.levelPpm ?? 0) / seeds.length, 0),
    cutPpm: Math.max(...seeds.map((tried) => tried[arm]?.cutPpm ?? 0)),
    figures: each((figure) => mean(values(figure, arm))),
    differences,
    verdict:
      differences === null
        ? null
        : Ablation.verdict(Ablation.figures.map((figure) => ({ figure: mean(values(figure, 0)), ...differences[figure] }))),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Thrown when no seed could be compared. */
export class NothingComparedError extends Error {
  override readonly name = 'Comparison.NothingComparedError'
  readonly code = 'NOTHING_COMPARED'
  readonly hint = 'Give at least one seed, or more depth: a brake that shuts early carries less than static margin does at any level.'
  constructor(seeds: number) {
    super(`None of ${seeds} populations trades as much under every combination of layers as under static margin.`)
  }
}
