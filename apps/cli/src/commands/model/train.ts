/** `plimsoll model train`: proves, calibrates and fits a suite of horizons, and enters it as a challenger. */
import { Artifact, Build, Checkpoint, Panel, Recipe, Registry, Suite } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { out } from '../limit.ts'
import * as Bar from './Bar.ts'
import { shown } from './backtest.ts'
import * as options from './options.ts'
import * as Plot from './Plot.ts'

type Options = {
  readonly model: string
  readonly data1h?: readonly string[]
  readonly data4h?: readonly string[]
  readonly data24h?: readonly string[]
  readonly out?: string
  readonly members: string
  readonly steps: string
  readonly seed: string
  readonly backend?: string
  readonly work?: string
  readonly json?: true
}

/** The command. */
export function train(): Command {
  return new Command('train')
    .description('Build a model: walk forward to prove and calibrate it, fit it on everything, enter it as challenger.')
    .requiredOption('--model <x.y.z>', 'the version it gets')
    .option('--data-1h <paths...>', 'bars for the 1 h horizon; five minutes each for the forecaster')
    .option('--data-4h <paths...>', 'bars for the 4 h horizon')
    .option('--data-24h <paths...>', 'bars for the 24 h horizon; an hour each will do')
    .option('--out <folder>', 'the models folder; the one that comes along unless given')
    .option('--members <n>', 'networks in the ensemble', String(Recipe.recipe.members))
    .option('--steps <n>', 'steps of training each', String(Recipe.recipe.steps))
    .option('--seed <n>', 'of the networks', '7')
    .option('--backend <name>', 'tensorflow, wasm or cpu; the best one here unless given')
    .option('--work <folder>', 'keep finished fits here: a run that was killed goes on from them')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll model train --model 0.4.0 --data-24h perp_1h.csv.gz --data-1h spot_5m.csv.gz --data-4h spot_5m.csv.gz
  plimsoll model train --model 0.4.0 --data-1h bars/ --out models/ --work fits/ --json > card.json`,
    )
    .action(async (given: Options) => {
      const started = performance.now()
      const directory = given.out === undefined ? Registry.defaultDirectory : typed(given.out)
      Artifact.assertFree({ directory, version: given.model })
      const seed = options.whole('seed', given.seed, 0, 2 ** 31 - 1)
      const asOf = Math.floor(Date.now() / 1000)
      const wanted = [
        { horizonHours: 1, paths: given.data1h },
        { horizonHours: 4, paths: given.data4h },
        { horizonHours: 24, paths: given.data24h },
      ].flatMap(({ horizonHours, paths }) => (paths === undefined ? [] : [{ horizonHours, paths: options.paths(paths) }]))
      if (wanted.length === 0) throw new options.ModelOptionError('data-24h', '', 'bars for at least one horizon')
      const panels = new Map<string, Panel.Panel>()
      const parts: Build.of.Arguments['parts'][number][] = []
      for (const { horizonHours, paths } of wanted) {
        const key = paths.join('\n')
        const panel = panels.get(key) ?? (await Panel.read({ paths, asOf }))
        panels.set(key, panel)
        parts.push({ panel, horizonHours })
      }
      const backend = await options.backend(given.backend)
      const checkpoint = given.work === undefined ? undefined : await Checkpoint.open(typed(given.work))
      const bar = Bar.open(`training ${given.model}, ${backend.name}`)
      const losses: number[] = []
      const whole = parts.length * 2
      const build = await Build.of({
        parts,
        backend,
        seed,
        recipe: options.recipe(given),
        ...(checkpoint === undefined ? {} : { checkpoint }),
        onProgress: ({ horizonHours, phase, done, whole: of, loss }) => {
          if (Number.isFinite(loss)) losses.push(loss)
          const part = parts.findIndex((each) => each.horizonHours === horizonHours)
          const share = phase === 'walk' ? (1.8 * done) / of : 1.8 + (0.2 * done) / of
          bar.at(2 * part + share, whole, `${horizonHours} h ${phase}${Number.isFinite(loss) ? `, loss ${loss.toFixed(4)}` : ''}`)
        },
      })
      bar.end()
      const seconds = Math.round((performance.now() - started) / 1000)
      const card: Suite.Card = { ...build.card, version: given.model }
      const modelHash = await Suite.save({ directory, version: given.model, members: build.members, card })
      const registry = await Registry.enter({ directory, entry: { version: given.model, modelHash } })
      const isChampion = registry.champion?.version === given.model
      out(
        given.json,
        { version: given.model, modelHash, champion: isChampion, seconds, card },
        [
          `${given.model} ${modelHash} ${isChampion ? 'is the champion of this registry' : 'waits as challenger'}, ${Bar.clock(seconds)}`,
          `training loss  ${Plot.spark(losses)}`,
          ...card.members.map((member) => `\n${member.horizonSeconds / 3_600} h\n${shown(member.comparison)}`),
        ].join('\n'),
      )
    })
}
