import { Conformal, Drift, Hourly, Quantile } from '@plimsoll/volatility'
import type { Backend } from './Backend.ts'
import type { Checkpoint } from './Checkpoint.ts'
import * as Comparison from './Comparison.ts'
import * as Fit from './Fit.ts'
import * as Frame from './Frame.ts'
import * as Member from './Member.ts'
import * as Network from './Network.ts'
import * as Outlook from './Outlook.ts'
import type { Panel } from './Panel.ts'
import { type Recipe, recipe, tailOf } from './Recipe.ts'
import type { Card } from './Suite.ts'
import * as Walk from './Walk.ts'

/** A suite before it has a version. */
export type Build = {
  readonly members: readonly { readonly member: Member.Member; readonly network: Network.Network }[]
  readonly card: Omit<Card, 'version'>
}

export type Progress = {
  readonly horizonHours: number
  readonly phase: 'walk' | 'fit'
  readonly done: number
  readonly whole: number
  readonly loss: number
}

/** Bins of a signal's reference. */
const bins = 10

/**
 * Builds a suite: for each horizon a walk-forward over the last part of its panel, which proves and calibrates, and then one fit on everything.
 *
 * The factors of every source are those of the walk's own forecasts, made without their outcomes. The same panels, recipe, seed and backend give the
 * same suite to the bit.
 *
 * @param args.parts - by rising horizon.
 * @throws {Walk.TooShortError}
 */
export async function of(args: of.Arguments): Promise<Build> {
  const { backend, seed, checkpoint, onProgress } = args
  const choice = args.recipe ?? recipe
  const built: { readonly part: Build['members'][number]; readonly entry: Card['members'][number] }[] = []
  for (const { panel, horizonHours } of args.parts) {
    const say = (phase: Progress['phase']) => (progress: { done: number; whole: number; loss: number }) =>
      onProgress?.({ horizonHours, phase, ...progress })
    const kind = { horizonHours, intervalSeconds: panel.intervalSeconds }
    const frame = Frame.of({ runs: panel.runs, kind, from: 0, to: Number.POSITIVE_INFINITY })
    const rows = Frame.observed(frame, Number.POSITIVE_INFINITY)
    const [first, last] = [rows[0]?.hour, rows.at(-1)?.hour]
    if (first === undefined || last === undefined) throw new Walk.TooShortError({ days: choice.leastDays })
    const days = Math.min(choice.windowDays, Math.floor((last - first) / 48))
    const walk = await Walk.of({
      panel,
      horizonHours,
      from: (last + 1 - days * 24) * 3_600,
      to: (last + 1) * 3_600,
      backend,
      seed,
      recipe: choice,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      onProgress: say('walk'),
    })
    const fit = await Fit.of({ rows, kind, names: frame.names, recipe: choice, backend, seed, onProgress: say('fit') })
    Network.shrink(fit.network, fit.share)
    const used = rows.slice(-choice.mostRows)
    const cap = Quantile.upper({ values: used.map(({ outcome }) => outcome.variance), levelPpm: 990_000 })
    const { exponent } = tailOf(choice, horizonHours)
    const member: Member.Member = {
      horizonSeconds: horizonHours * 3_600,
      intervalSeconds: panel.intervalSeconds,
      names: frame.names,
      inputs: fit.inputs,
      standard: fit.standard,
      base: fit.base,
      units: choice.units * choice.members,
      exponent,
      calibration: {
        champion: calibrate(walk, 'champion', exponent),
        glm: calibrate(walk, 'base', exponent),
        ewma: calibrate(walk, 'ewma', exponent),
        static: calibrate(walk, 'static', exponent, cap),
      },
      cap,
      references: frame.names.map((_, k) => Drift.reference({ values: used.map(({ values }) => values[k] ?? Number.NaN), bins })),
    }
    const probe = used.filter((_, i) => i % Math.ceil(used.length / 5) === 0)
    built.push({
      part: { member, network: fit.network },
      entry: {
        horizonSeconds: member.horizonSeconds,
        data: panel.manifest,
        rows: used.length,
        from: (used[0]?.hour ?? first) * 3_600,
        to: last * 3_600,
        share: fit.share,
        fits: walk.fits.map(({ at, rows, share }) => ({ at, rows, share })),
        comparison: Comparison.of({ walk, seed }),
        probe: {
          rows: probe.map(({ values }) => Array.from(values)),
          variances: Array.from(Outlook.predict({ member, network: fit.network, fault: null }, probe).champion),
        },
      },
    })
  }
  return {
    members: built.map(({ part }) => part),
    card: {
      schema: 2,
      name: 'volatility',
      seed,
      backend: backend.name,
      tfjs: backend.version,
      recipe: choice,
      members: built.map(({ entry }) => entry),
    },
  }
}

export declare namespace of {
  type Arguments = {
    readonly parts: readonly { readonly panel: Panel; readonly horizonHours: number }[]
    readonly backend: Backend
    readonly seed: number
    readonly recipe?: Recipe
    readonly checkpoint?: Checkpoint
    readonly onProgress?: (progress: Progress) => void
  }
}

/**
 * Factors of one model of a walk.
 *
 * @param constant - a variance that stands in for every forecast; the model's own unless given.
 */
function calibrate(walk: Walk.Walk, model: Walk.Model, exponent: number, constant?: number): Member.Calibration {
  const start = Walk.models.indexOf(model) * walk.realised.length
  const known = walk.realised.flatMap(({ row, outcome }, i) => {
    const variance = constant ?? walk.forecasts[start + i]?.variance ?? Number.NaN
    return outcome === null ? [] : [{ row, outcome, yardstick: Conformal.yardstick(variance, exponent) }]
  })
  const factor = (side: Member.Side, levelPpm: number): Member.Factor => {
    const values = known.map(({ outcome, yardstick }) => Walk.lossOf(outcome, side) / yardstick)
    return { quantile: Quantile.upper({ values, levelPpm }), shortfall: Quantile.shortfall({ values, levelPpm }) }
  }
  const soon = ([300, 900] as const).flatMap((seconds): Member.Soon[] => {
    const share = Math.sqrt(seconds / (walk.kind.horizonHours * 3_600))
    const scores = known.flatMap(({ row, yardstick }) => {
      const losses = Hourly.soon(row.run, row.index, seconds)
      return losses === null ? [] : [{ long: losses.longPath / (yardstick * share), short: losses.shortPath / (yardstick * share) }]
    })
    if (scores.length < Quantile.needed(990_000)) return []
    const of = (side: 'long' | 'short'): number => Quantile.upper({ values: scores.map((score) => score[side]), levelPpm: 990_000 })
    return [{ seconds, longPath: of('long'), shortPath: of('short') }]
  })
  const bands = Member.levels.map((levelPpm) => ({
    levelPpm,
    longPath: factor('longPath', levelPpm),
    shortPath: factor('shortPath', levelPpm),
    longEnd: factor('longEnd', levelPpm),
    shortEnd: factor('shortEnd', levelPpm),
  }))
  return { bands, soon }
}
