/** `plimsoll breach <prices>`: whether breaches come as often as they are predicted, over real prices. */
import { readFile } from 'node:fs/promises'
import { Reliability } from '@plimsoll/liquidation'
import { Bootstrap, Random } from '@plimsoll/volatility'
import { Panel, Table } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import * as scenario from '../book/scenario.ts'
import * as Rows from '../breach/Rows.ts'
import * as Walk from '../breach/Walk.ts'
import { typed } from '../path.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'
import * as options from './model/options.ts'

type Options = Readonly<
  Record<
    | 'forecasts'
    | 'volatility'
    | 'against'
    | 'horizon'
    | 'from'
    | 'to'
    | 'look'
    | 'leverages'
    | 'maintenance'
    | 'bins'
    | 'refreshDays'
    | 'groups'
    | 'block'
    | 'seed',
    string
  >
> & { readonly json?: true }

/** What a volatility is called in a table of forecasts; the oracle is in none. */
const models = { ewma: 'ewma', har: 'log-har', champion: 'champion', oracle: 'ewma' } as const
type Volatility = keyof typeof models

/** Forecasts at or below it are not in the diagram: nobody acts on them. */
const above = 0.01

/** The command. */
export function breach(): Command {
  return new Command('breach')
    .description('Predict breaches over real prices, from forecasts that were made before: reliability diagram, calibration error, Brier.')
    .argument('<prices...>', 'CSV files of bars, plain or gzipped, or folders of them')
    .requiredOption('--forecasts <file>', 'of `plimsoll model backtest --out` on these prices; its origins are the ones judged')
    .option('--volatility <name>', 'ewma, har, champion, or oracle: what came', 'champion')
    .option('--against <name>', 'whose Brier it is compared with, on the same outcomes', 'ewma')
    .option('--horizon <1h|4h|24h>', 'of the forecasts', '1h')
    .option('--from <date>', 'first origin that is judged, UTC; what is before it is learnt from', '1970-01-01')
    .option('--to <date>', 'end of the origins, exclusive, UTC', '9999-01-01')
    .option('--look <touch|close>', 'a low or high of a bar is enough, or its close decides', 'touch')
    .option('--leverages <list>', 'of the accounts, long and short of each', '5,10,15,20,25,33,50,75,100,150')
    .option('--maintenance <share>', 'of the accounts', '0.4%')
    .option('--bins <n>', 'of the diagram', '10')
    .option('--refresh-days <n>', 'between fits of the calibrator, each on what was known by then; 0 for the normal law', '7')
    .option('--groups <n>', 'of the calibrator', '30')
    .option('--block <days>', 'of the bootstrap', '5')
    .option('--seed <n>', 'of the bootstrap', '7')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
The method: docs/method/prediction.md. Exit 2 where the calibration error is above two points, or the Brier is surely above the other's.

Examples:
  plimsoll model backtest --data perp_1h.csv.gz --from 2023-07-22 --to 2025-02-22 --horizon 24h --out forecasts.csv
  plimsoll breach perp_1h.csv.gz --forecasts forecasts.csv --horizon 24h --from 2024-01-22
  plimsoll breach bars/ --forecasts forecasts.csv --horizon 1h --volatility ewma --refresh-days 0 --json`,
    )
    .action(async (prices: readonly string[], given: Options) => {
      const report = await judged(prices, given)
      out(given.json, report, shown(report))
      if ((report.error ?? 0) > 0.02 || (report.difference?.low ?? 0) > 0) process.exitCode = 2
    })
}

async function judged(prices: readonly string[], given: Options) {
  const [volatility, against] = [named(given.volatility), named(given.against)]
  const look = given.look
  if (look !== 'touch' && look !== 'close') throw new options.ModelOptionError('look', look, 'touch or close')
  const horizonSeconds = options.horizon(given.horizon) * 3_600
  const [from, to] = [options.date('from', given.from), options.date('to', given.to)]
  const panel = await Panel.read({ paths: options.paths(prices), asOf: Number.MAX_SAFE_INTEGER })
  const table = Table.parse(await readFile(typed(given.forecasts), 'utf8'), given.forecasts).filter(
    (row) => row.horizonSeconds === horizonSeconds && row.origin < to,
  )
  const settings: Walk.Options = {
    horizonSeconds,
    // A low or high is seen by the second.
    intervalSeconds: look === 'touch' ? 1 : panel.intervalSeconds,
    leverages: given.leverages.split(',').map(scenario.figure),
    maintenancePpm: scenario.ppm(given.maintenance),
    from,
    refreshDays: options.whole('refresh-days', given.refreshDays, 0, 3_650),
    groups: options.whole('groups', given.groups, 1, 1_000),
  }
  const walked = (name: Volatility) => {
    const rows = Rows.of(
      table.filter(({ model }) => model === models[name]),
      panel,
      look,
    )
    return Walk.of(name === 'oracle' ? rows.map((row) => ({ ...row, variance: row.oracle })) : rows, settings)
  }
  const mine = walked(volatility)
  const count = options.whole('bins', given.bins, 1, 1_000)
  const diagram = Reliability.bins(mine, { count, above })
  const difference = against === volatility ? null : differenceOf(mine, walked(against), given)
  return {
    ...{ volatility, against, horizonSeconds, look, leverages: settings.leverages, maintenancePpm: settings.maintenancePpm },
    ...{ origins: mine.rows.length, predictions: mine.probabilities.length, calibrator: mine.calibrator, fits: mine.fits },
    ...{ diagram, distances: Walk.byDistance(mine), error: Reliability.error(diagram), brier: Reliability.brier(mine), difference },
  }
}

type Report = Awaited<ReturnType<typeof judged>>

/** Brier less the other's on the same outcomes, and a 95 % interval by blocks of days. */
function differenceOf(mine: Walk.Walked, other: Walk.Walked, given: Options) {
  const key = ({ symbol, origin }: Walk.Row) => `${symbol} ${origin}`
  const places = new Map(other.rows.map((row, r) => [key(row), r]))
  const each = mine.distances.length
  const values: number[] = []
  const at: number[] = []
  for (const [r, row] of mine.rows.entries()) {
    const o = places.get(key(row))
    if (o === undefined) continue
    let sum = 0
    for (let a = 0; a < each; a++) {
      const came = mine.happened[r * each + a] ?? Number.NaN
      sum +=
        ((mine.probabilities[r * each + a] ?? Number.NaN) - came) ** 2 - ((other.probabilities[o * each + a] ?? Number.NaN) - came) ** 2
    }
    values.push(sum / each)
    at.push(row.origin)
  }
  const block = options.whole('block', given.block, 1, 365)
  const random = Random.of(options.whole('seed', given.seed, 0, 2 ** 31 - 1))
  return { ...Bootstrap.interval({ random, values, at, block, draws: 2_000, levelPpm: 950_000 }), other: Reliability.brier(other) }
}

function named(text: string): Volatility {
  if (!Object.hasOwn(models, text)) throw new options.ModelOptionError('volatility', text, 'ewma, har, champion or oracle')
  return text as Volatility
}

function shown(report: Report): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`
  const { diagram, difference, error, brier } = report
  const rows = diagram.map((bin) => [
    `${percent(bin.from)} … ${percent(bin.to)}`,
    String(bin.count),
    percent(bin.predicted),
    percent(bin.observed),
    `${bin.predicted > bin.observed ? '+' : ''}${(100 * (bin.predicted - bin.observed)).toFixed(2)}`,
    plot.bar(bin.observed, 1, 30),
  ])
  return [
    `${report.predictions} predictions at ${report.origins} origins, ${report.volatility}, ${report.horizonSeconds / 3_600} h, ${report.look}; calibrator fitted ${report.fits} times`,
    print.table([['predicted', 'number', 'mean', 'came', 'points', ''], ...rows]),
    print.table([
      ['distance', 'leverage', 'side', 'predicted', 'came', 'points'],
      ...report.distances.map((it) => [
        percent(it.distance),
        String(it.leverage),
        it.side,
        percent(it.predicted),
        percent(it.observed),
        `${it.predicted > it.observed ? '+' : ''}${(100 * (it.predicted - it.observed)).toFixed(2)}`,
      ]),
    ]),
    `calibration error ${error === null ? '— (nothing above 1 %)' : `${(100 * error).toFixed(2)} points`} where P > 1 %`,
    `Brier ${brier?.toFixed(6) ?? '—'}${difference === null ? '' : `; less ${report.against}'s ${difference.other?.toFixed(6)}: ${difference.mean.toExponential(2)}, 95 % from ${difference.low.toExponential(2)} to ${difference.high.toExponential(2)}`}`,
  ].join('\n')
}
