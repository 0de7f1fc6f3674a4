/** `plimsoll replay`: a book on real or made-up prices under policies of liquidation, with and without prediction and backstop. */
import { availableParallelism } from 'node:os'
import { Scenario, type Scorecard } from '@plimsoll/liquidation'
import { Command } from 'commander'
import * as bookScenario from '../book/scenario.ts'
import * as print from '../print.ts'
import * as Arms from '../replay/Arms.ts'
import * as Cells from '../replay/Cells.ts'
import * as Comparison from '../replay/Comparison.ts'
import * as Days from '../replay/Days.ts'
import * as Plot from '../replay/Plot.ts'
import * as Trial from '../replay/Trial.ts'
import { run } from '../replay/threads.ts'
import * as Volatility from '../replay/Volatility.ts'
import { out } from './limit.ts'
import * as Bar from './model/Bar.ts'

type Options = Readonly<Record<'book' | 'seeds' | 'seed' | 'threads' | 'symbol', string>> & {
  readonly policy?: string
  readonly volatility?: string
  readonly market?: string
  readonly data?: string
  readonly from?: string
  readonly forecasts?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** The command. The same options give the same figures on any number of threads. */
export function replay(): Command {
  return new Command('replay')
    .description(
      'Replay a book on prices, real or made up, under threshold, partial and predictive liquidation, with and without a backstop.',
    )
    .argument('[prices]', `${Scenario.names.join(', ')}; a day with --data; or a CSV of bars with --from`)
    .option('--book <book>', 'synthetic: two books that are made up; sub or super: one of them; or a file', 'synthetic')
    .option('--market <name>', 'of a book that is a file; its first one unless given')
    .option('--policy <name>', `one beside threshold: ${Arms.names.slice(1).join(', ')}; all unless given`)
    .option('--volatility <name>', `${Volatility.kinds.join(', ')}; all unless given`)
    .option('--seeds <n>', 'paths, each with a book of its own', '200')
    .option('--seed <n>', 'the first of them; 1 to 50 are what the parameters were tuned on', '1001')
    .option('--data <folder>', `CSV files of real prices: ${Days.days.map(({ name }) => name).join(', ')}`)
    .option('--symbol <name>', 'in a file of prices', 'BTC')
    .option('--from <date>', 'day of a file of prices')
    .option('--forecasts <file>', 'of `plimsoll model backtest --horizon 1h --out`: the champion’s own, where they cover a day')
    .option('--all', 'every scenario, and every day with --data')
    .option('--threads <n>', 'how many at once', String(Math.min(8, availableParallelism())))
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
What is compared, and how: docs/method/replay.md.

Examples:
  plimsoll replay ramp-crash --book super --policy predictive+backstop --volatility har
  plimsoll replay 2020-03-12 --data prices/ --seeds 50
  plimsoll replay bars.csv.gz --from 2024-08-05 --symbol ETH --book book.json
  plimsoll replay --all --seeds 200 --json > table.json`,
    )
    .action(async (prices: string | undefined, given: Options) => {
      const names = given.all === true ? everything(given.data) : [prices ?? 'ramp-crash']
      const where = { folder: given.data, symbol: given.symbol, from: given.from, forecasts: given.forecasts }
      const sources = await Promise.all(names.map((name) => Cells.source(name, where)))
      const crowds = await Cells.crowds(given.book, given.market)
      const arms = armsOf(given.policy, given.volatility)
      const cells = sources.flatMap((source) => crowds.map((crowd) => ({ source, crowd })))
      const work = { cells, arms, parameters: Arms.parameters, models: Volatility.fit(Trial.training()) }
      const [first, count] = [whole(given.seed, 0), whole(given.seeds, 1)]
      const seeds = Array.from({ length: count }, (_, k) => first + k)
      const bar = Bar.open('replays')
      const cards = await run(work, { seeds, threads: whole(given.threads, 1) }, (done, all) => bar.at(done, all))
      bar.end()
      const sections = cells.map((cell, k) => Comparison.of(cell, arms, cards[k] ?? []))
      const champion = cells.map(({ source }) => (source.kind === 'bars' && source.table !== null ? 'table' : 'pooled'))
      out(
        given.json,
        { seed: first, seeds: count, symbol: given.symbol, market: Arms.market, parameters: Arms.parameters, champion, sections },
        sections.map((section, cell) => `${shown(section)}\n\n${drawn(work, cell, first)}`).join('\n\n'),
      )
    })
}

function everything(data: string | undefined): readonly string[] {
  return [...Scenario.names, ...(data === undefined ? [] : Days.days.map(({ name }) => name))]
}

function armsOf(policy: string | undefined, volatility: string | undefined): readonly Arms.Arm[] {
  if (policy !== undefined && !Arms.names.some((name) => name === policy))
    throw new bookScenario.ScenarioError(policy, 'a policy', Arms.names.join(', '))
  if (volatility !== undefined && !Volatility.kinds.some((kind) => kind === volatility))
    throw new bookScenario.ScenarioError(volatility, 'a volatility', Volatility.kinds.join(', '))
  const isWanted = (arm: Arms.Arm) =>
    (policy === undefined || arm.policy === policy) && (volatility === undefined || arm.volatility === volatility || !Arms.isForecast(arm))
  return Arms.arms.filter((arm, k) => k === 0 || isWanted(arm))
}

function whole(text: string, least: number): number {
  const value = bookScenario.figure(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new bookScenario.ScenarioError(text, 'a count', `a whole number of at least ${least}`)
  return value
}

/** As many digits as a figure bears. */
const columns: Readonly<Record<Scorecard.Figure, readonly [title: string, show: (value: number) => string]>> = {
  forced: ['forced $m', (value) => (value / 1e6).toFixed(2)],
  preemptive: ['before $m', (value) => (value / 1e6).toFixed(2)],
  slippage: ['slip bp', (value) => (1e4 * value).toFixed(1)],
  badDebt: ['bad debt $m', (value) => (value / 1e6).toFixed(3)],
  peak: ['peak $m/min', (value) => (value / 1e6).toFixed(2)],
  peakAll: ['with before', (value) => (value / 1e6).toFixed(2)],
  extra: ['extra pp', (value) => (100 * value).toFixed(3)],
  falsePositives: ['false', (value) => value.toFixed(1)],
  falseCost: ['cost $k', (value) => (value / 1e3).toFixed(1)],
  deleveraged: ['ADL $m', (value) => (value / 1e6).toFixed(2)],
  gini: ['Gini', (value) => value.toFixed(3)],
  absorption: ['absorbed', (value) => `${(100 * value).toFixed(0)} %`],
  heal: ['heal s', (value) => value.toFixed(0)],
  backstop: ['return', (value) => `${(100 * value).toFixed(2)} %`],
}

const named = ({ policy, volatility }: Arms.Arm) => (Arms.isForecast({ policy, volatility }) ? `${policy} ${volatility}` : policy)

function shown({ market, book, seeds, rows }: Comparison.Section): string {
  const figures = Object.keys(columns) as Scorecard.Figure[]
  const pairs: readonly Scorecard.Figure[] = ['forced', 'badDebt', 'peak', 'extra']
  return [
    `${market}, book ${book}: means over ${seeds} paths`,
    print.table([
      ['policy', ...figures.map((figure) => columns[figure][0])],
      ...rows.map(({ arm, figures: own }) => [named(arm), ...figures.map((figure) => columns[figure][1](own[figure]))]),
    ]),
    '',
    '  less threshold, same paths and books, with 95 % intervals',
    print.table([
      ['policy', ...pairs.map((figure) => columns[figure][0])],
      ...rows.flatMap(({ arm, differences }) =>
        differences === null
          ? []
          : [
              [
                named(arm),
                ...pairs.map((figure) => {
                  const { mean, low, high } = differences[figure]
                  const [, show] = columns[figure]
                  return `${show(mean)} (${show(low)} … ${show(high)})`
                }),
              ],
            ],
      ),
    ]),
  ].join('\n')
}

/** The first path: without flow, under threshold, and under the last policy. */
function drawn(work: Trial.Work, cell: number, seed: number): string {
  const runs = Trial.runs({ ...work, arms: [...work.arms.slice(0, 1), ...work.arms.slice(-1)] }, cell, seed)
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) return ''
  const { path } = first.given
  const price = (log: Float64Array) => log.map(Math.exp)
  return [
    `  seed ${seed}, price by the first: · without flow, x threshold, o ${named(work.arms.at(-1) ?? { policy: 'threshold', volatility: 'ewma' })}`,
    Plot.chart(
      [
        { sign: 'x', values: price(first.outcome.price) },
        { sign: 'o', values: price(last.outcome.price) },
        { sign: '·', values: price(path.log.subarray(path.start)) },
      ],
      { columns: 100, rows: 16 },
    ),
  ].join('\n')
}
