/** `plimsoll model drift`: whether the world still looks as it did in training, and whether the model still beats the simple one. */
import { Monitor, Panel } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import * as options from './options.ts'
import * as Plot from './Plot.ts'

type Options = {
  readonly data: readonly string[]
  readonly horizon: string
  readonly model?: string
  readonly models?: string
  readonly days: string
  readonly json?: true
}

/** The command. Exit 2 when a monitor alerts. */
export function drift(): Command {
  return new Command('drift')
    .description('Compare recent bars with training: signals, rolling loss, hit rate, age.')
    .requiredOption('--data <paths...>', 'recent bars, at least five weeks')
    .option('--horizon <1h|4h|24h>', 'which member', '24h')
    .option('--days <n>', 'window', '30')
    .option('--model <x.y.z>', 'the champion unless given')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExit 2 when a monitor alerts.\n\nExample:\n  plimsoll model drift --data perp_1h.csv.gz --horizon 24h')
    .action(async (given: Options) => {
      const { entry, model } = await options.model(given)
      const seconds = options.horizon(given.horizon) * 3_600
      const served = 'schema' in model ? model.members.find(({ member }) => member.horizonSeconds === seconds) : undefined
      if (served === undefined) throw new options.ModelOptionError('horizon', given.horizon, `a horizon that version ${entry.version} has`)
      const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
      const days = options.whole('days', given.days, 1, 3_650)
      const now = Math.floor(Date.now() / 1000)
      const report = panel.intervalSeconds === served.member.intervalSeconds ? Monitor.of({ served, runs: panel.runs, days, now }) : null
      if (report === null)
        throw new options.ModelOptionError(
          'data',
          given.data.join(' '),
          `at least five weeks of bars of ${served.member.intervalSeconds} s`,
        )
      const { origins, ageSeconds, ratio, hits, losses, signals, alerts } = report
      out(
        given.json,
        { version: entry.version, ...report },
        [
          `${entry.version}, ${given.horizon}, last ${days} days, ${origins} origins; last bar ${Math.floor(ageSeconds / 3_600)} h old`,
          `QLIKE / ewma ${ratio?.toFixed(3) ?? 'unknown'}  ${Plot.spark(losses)}`,
          `beyond q99 ${hits === null ? 'unknown' : `${hits.breaches} of ${hits.sample}`}`,
          table([['signal', 'PSI'], ...signals.slice(0, 12).map(({ name, psi }) => [name, psi.toFixed(3)])]),
          alerts.length === 0 ? 'no alert' : `${alerts.length} alerts: ${alerts.slice(0, 5).join('; ')}${alerts.length > 5 ? '; …' : ''}`,
        ].join('\n'),
      )
      if (alerts.length > 0) process.exitCode = 2
    })
}
