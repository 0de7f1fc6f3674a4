/** `plimsoll ablate`: whether volatility, reputation and the brake make a market less fragile than static margin does. */
import { Command } from 'commander'
import * as Comparison from '../ablation/Comparison.ts'
import * as scenario from '../book/scenario.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

type Options = Readonly<Record<'seeds' | 'seed' | 'days' | 'traders' | 'depth' | 'forecast' | 'noise' | 'grants' | 'block', string>> & {
  readonly json?: boolean
}

/** The command. The same options give the same figures. Exit 2 where a layer makes the market more fragile. */
export function ablate(): Command {
  return new Command('ablate')
    .description('Test the layers of margin: one seeded population under static margin and each layer, at equal traded volume.')
    .option('--seeds <n>', 'populations, each with a market of its own', '4')
    .option('--seed <n>', 'the first of them', '1')
    .option('--days <n>', 'days compared of each, after 200 of warm-up', '120')
    .option('--traders <n>', 'of each population', '200')
    .option('--depth <usd>', 'offers: forced sales of a hundredth move the price by 1 %', '2e8')
    .option('--forecast <name>', 'har or ewma', 'har')
    .option('--grants <name>', 'record: what records earn; full: the greatest discount for whoever keeps positions alive', 'record')
    .option('--noise <share>', 'of traders whose conduct is not what their record says', '0%')
    .option('--block <days>', 'of the bootstrap', '10')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Less is better in every figure. An interval holds the difference from static margin with 98.75 %, so that four of them hold with 95 %.
What is compared, and how: docs/method/ablation.md.

Examples:
  plimsoll ablate
  plimsoll ablate --seeds 20 --depth 1e8 --json > thin.json
  plimsoll ablate --forecast ewma
  plimsoll ablate --grants full --noise 100%`,
    )
    .action(async (given: Options) => {
      const { forecast, grants } = given
      if (forecast !== 'har' && forecast !== 'ewma') throw new scenario.ScenarioError(forecast, 'a forecast', 'har or ewma')
      if (grants !== 'record' && grants !== 'full') throw new scenario.ScenarioError(grants, 'grants', 'record or full')
      const options = {
        seeds: whole(given.seeds, 1),
        seed: whole(given.seed, 0),
        days: whole(given.days, 1),
        traders: whole(given.traders, 1),
        depth: positive(given.depth),
        block: whole(given.block, 1),
        estimator: forecast,
        grants,
        noise: scenario.share(given.noise),
      } as const
      const comparison = await Comparison.of(options, plot.progress('combinations', process.stderr))
      out(given.json, { options, ...comparison }, shown(comparison))
      if (comparison.rows.some(({ verdict }) => verdict === 'more fragile')) process.exitCode = 2
    })
}

function whole(text: string, least: number): number {
  const value = scenario.figure(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new scenario.ScenarioError(text, 'a count', `a whole number of at least ${least}`)
  return value
}

function positive(text: string): number {
  const value = scenario.figure(text)
  if (!(Number.isFinite(value) && value > 0)) throw new scenario.ScenarioError(text, 'a depth', 'USD above 0, such as 2e8')
  return value
}

const titles: Readonly<Record<Comparison.Figure, string>> = {
  secant: 'n, secant',
  extra: 'LRI(3 σ̂), pp',
  forced: 'forced, $ by $1m',
  badDebt: 'bad debt, $ by $1m',
}

/** As many digits as a figure bears. */
const shows: Readonly<Record<Comparison.Figure, (value: number) => string>> = {
  secant: (value) => value.toFixed(4),
  extra: (value) => (100 * value).toFixed(3),
  forced: (value) => value.toFixed(0),
  badDebt: (value) => value.toFixed(1),
}

function shown({ rows, granted, days, left, intervalPpm }: Comparison.Comparison): string {
  const figures = Object.keys(titles) as Comparison.Figure[]
  const signed = (figure: Comparison.Figure, value: number) => `${value > 0 ? '+' : ''}${shows[figure](value)}`
  const lines = [
    `${days} days; ${(100 * granted.share).toFixed(0)} % of the traders have a discount, on average ${print.rate(Math.round(granted.discountPpm))} of initial margin on ${print.usd(BigInt(Math.round(granted.provenCap)) * 10n ** 18n)}`,
    '',
    print.table([
      ['margin', 'traded', 'level', ...figures.map((figure) => titles[figure])],
      ...rows.map((row) => [
        row.name,
        print.usd(row.volume),
        print.multiple(Math.round(row.levelPpm)),
        ...figures.map((figure) => shows[figure](row.figures[figure])),
      ]),
    ]),
    '',
    `  less static, with ${print.rate(intervalPpm)} intervals`,
  ]
  for (const figure of figures) {
    const differences = rows.flatMap(({ name, differences }) => (differences === null ? [] : [{ name, ...differences[figure] }]))
    const most = Math.max(...differences.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]))
    lines.push(
      '',
      print.table([
        [titles[figure], 'difference', 'from', 'to', ''],
        ...differences.map((it) => [
          it.name,
          signed(figure, it.mean),
          signed(figure, it.low),
          signed(figure, it.high),
          plot.whisker(it, most, 41),
        ]),
      ]),
    )
  }
  lines.push('', print.table(rows.flatMap(({ name, verdict }) => (verdict === null ? [] : [[name, verdict]]))))
  if (left.length > 0)
    lines.push('', `  left out, for the volume could not be reached: ${left.map(({ seed, name }) => `seed ${seed} (${name})`).join(', ')}`)
  return lines.join('\n')
}
