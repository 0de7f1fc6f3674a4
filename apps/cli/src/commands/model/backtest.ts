/** `plimsoll model backtest`: what every model would have said, day by day, knowing only what was known then. */
import { Checkpoint, Comparison, Panel, Recipe, Table, Walk } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import * as Bar from './Bar.ts'
import * as options from './options.ts'
import * as Plot from './Plot.ts'

type Options = {
  readonly data: readonly string[]
  readonly from: string
  readonly to: string
  readonly horizon: string
  readonly out?: string
  readonly refitDays: string
  readonly members: string
  readonly steps: string
  readonly seed: string
  readonly backend?: string
  readonly work?: string
  readonly json?: true
}

/** The command. */
export function backtest(): Command {
  return new Command('backtest')
    .description('Walk forward over a panel: fit, forecast until the next fit, score against what came.')
    .requiredOption('--data <paths...>', 'CSV files of bars, plain or gzipped, or folders of them; all of one interval')
    .requiredOption('--from <date>', 'first origin, UTC')
    .requiredOption('--to <date>', 'end of the origins, exclusive, UTC')
    .requiredOption('--horizon <1h|4h|24h>', 'how far ahead')
    .option('--out <file>', 'write every forecast as CSV')
    .option('--refit-days <n>', 'days between fits', String(Recipe.recipe.refitDays))
    .option('--members <n>', 'networks in the ensemble', String(Recipe.recipe.members))
    .option('--steps <n>', 'steps of training each', String(Recipe.recipe.steps))
    .option('--seed <n>', 'of the networks and the bootstraps', '7')
    .option('--backend <name>', 'tensorflow, wasm or cpu; the best one here unless given')
    .option('--work <folder>', 'keep finished fits here: a run that was killed goes on from them')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Models are fitted only on outcomes that were known at the fit; the panel should reach back well before --from (a year or more). Assets that
begin later join once they have thirty days of history, by the pooled models.

Examples:
  plimsoll model backtest --data perp_1h.csv.gz --from 2024-01-22 --to 2025-02-22 --horizon 24h --out forecasts.csv
  plimsoll model backtest --data bars/ --from 2025-09-15 --to 2025-12-01 --horizon 1h --out forecasts.csv --json > report.json`,
    )
    .action(async (given: Options) => {
      const started = performance.now()
      const [from, to] = [options.date('from', given.from), options.date('to', given.to)]
      const horizonHours = options.horizon(given.horizon)
      if (to <= from) throw new options.ModelOptionError('to', given.to, 'a date after --from')
      const recipe = { ...options.recipe(given), refitDays: options.whole('refit-days', given.refitDays, 1, 3_650) }
      const seed = options.whole('seed', given.seed, 0, 2 ** 31 - 1)
      const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
      const backend = await options.backend(given.backend)
      const bar = Bar.open(`walking forward, ${given.horizon}, ${backend.name}`)
      const losses: number[] = []
      const walk = await Walk.of({
        panel,
        horizonHours,
        from,
        to,
        backend,
        seed,
        recipe,
        ...(given.work === undefined ? {} : { checkpoint: await Checkpoint.open(typed(given.work)) }),
        onProgress: ({ done, whole, loss }) => {
          if (Number.isFinite(loss)) losses.push(loss)
          bar.at(done, whole, Number.isFinite(loss) ? `loss ${loss.toFixed(4)}` : 'fit kept from before')
        },
      })
      bar.end()
      if (given.out !== undefined) await Table.write(typed(given.out), walk.forecasts)
      const known = walk.realised.filter(({ outcome }) => outcome !== null).length
      const comparison = known > 0 ? Comparison.of({ walk, seed }) : null
      out(
        given.json,
        {
          horizon: given.horizon,
          from: new Date(from * 1000).toISOString(),
          to: new Date(to * 1000).toISOString(),
          forecasts: walk.forecasts.length,
          out: given.out ?? null,
          seconds: Math.round((performance.now() - started) / 1000),
          backend: { name: backend.name, tfjs: backend.version },
          seed,
          recipe,
          fits: walk.fits.map((fit) => ({ ...fit, at: new Date(fit.at * 1000).toISOString() })),
          comparison,
          data: panel.manifest,
        },
        `${walk.forecasts.length} forecasts${given.out === undefined ? '' : ` in ${given.out}`}, ${walk.fits.length} fits\ntraining loss  ${Plot.spark(losses)}\n${comparison === null ? 'No horizon is over: nothing to score yet.' : shown(comparison)}`,
      )
    })
}

/** A comparison for a terminal. */
export function shown(comparison: Comparison.Comparison): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  const rows = comparison.lines.map((line) => [
    line.model,
    line.qlike.toFixed(4),
    line.ratio.toFixed(3),
    line.betterP.toExponential(1),
    line.ratioWithoutWorst.toFixed(3),
    line.betterPWithoutWorst.toExponential(1),
    line.setP.toFixed(2),
    line.mseLog.toFixed(3),
    percent(line.coverage.longPath.exceedance),
    percent(line.coverage.shortPath.exceedance),
    String(line.coverage.longPath.clustered.length),
    percent(line.capital),
  ])
  const header = [
    '',
    'QLIKE',
    '/ log-har',
    'DM p',
    'calm days',
    'DM p',
    'MCS p',
    'MSE ln',
    'long > q99',
    'short > q99',
    'clustered',
    'capital',
  ]
  const coverage = comparison.lines.map(({ model, coverage: { longPath } }) => [
    model,
    Plot.interval({ low: longPath.low, high: longPath.high, value: longPath.exceedance, least: 0, most: 0.03, goal: 0.01 }),
    `${percent(longPath.low)} … ${percent(longPath.high)}`,
  ])
  return [
    `${comparison.rows} origins of ${comparison.symbols.length} assets on ${comparison.days} days; lower is better, 1 % is right for q99`,
    table([header, ...rows]),
    'worst path beyond q99, long side, 95 % interval by day (0 … 3 %, | at 1 %)',
    table(coverage),
  ].join('\n')
}
