/** `plimsoll model drift`: whether the world still looks as it did in training, and whether the model still beats the simple one. */
import { Drift, Evaluation } from '@plimsoll/volatility'
import { Frame, Member, Outlook, Panel, Registry } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
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

/** PSI above which a signal counts as drifted, and QLIKE over that of the rival above which the advantage is gone. */
const alert = { psi: 0.2, ratio: 1.05 } as const

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
      const directory = given.models === undefined ? Registry.defaultDirectory : typed(given.models)
      const registry = await Registry.read(directory)
      const entry = given.model === undefined ? registry.champion : Registry.find(registry, given.model)
      if (entry === null) throw new Registry.NoChampionError()
      const model = await Registry.load({ directory, ...entry, backend: await options.backend(undefined) })
      const seconds = options.horizon(given.horizon) * 3_600
      const served = 'schema' in model ? model.members.find(({ member }) => member.horizonSeconds === seconds) : undefined
      if (served === undefined) throw new options.ModelOptionError('horizon', given.horizon, `a horizon that version ${entry.version} has`)
      const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
      const frame = Frame.of({ runs: panel.runs, kind: Member.kindOf(served.member), from: 0, to: Number.POSITIVE_INFINITY })
      const days = options.whole('days', given.days, 1, 3_650)
      const end = frame.rows.at(-1)?.hour ?? 0
      const rows = frame.rows.filter(({ hour }) => hour > end - days * 24)
      const known = Frame.observed({ ...frame, rows }, Number.POSITIVE_INFINITY)
      if (known.length === 0)
        throw new options.ModelOptionError('data', given.data.join(' '), 'bars over at least five weeks, of the interval the model reads')
      const variances = Outlook.variances(served, known)
      const realised = known.map(({ outcome }) => outcome.variance)
      const qlike = (forecast: ArrayLike<number>): Float64Array => Evaluation.qlikes({ realised, forecast })
      const series = (values: ArrayLike<number>): readonly number[] =>
        Evaluation.across({ values, at: known.map(({ hour }) => hour) }).means
      const [champion, rival] = [series(qlike(variances.champion)), series(qlike(variances.ewma))]
      const ratio = Drift.ratio({ losses: champion, rival, window: champion.length })[0] ?? Number.NaN
      const factor = served.member.calibration.champion.bands.find(({ levelPpm }) => levelPpm === 990_000)?.longPath.quantile ?? Number.NaN
      const breaches = known.map(({ outcome }, i) => outcome.longPath > factor * Math.sqrt(variances.champion[i] ?? Number.NaN))
      const hits = Drift.hits({ breaches, levelPpm: 990_000, window: breaches.length })
      const signals = served.member.names
        .map((name, k) => {
          const reference = served.member.references[k]
          return {
            name,
            psi:
              reference === undefined
                ? Number.NaN
                : Drift.psi(
                    reference,
                    known.map(({ values }) => values[k] ?? Number.NaN),
                  ),
          }
        })
        .sort((a, b) => b.psi - a.psi)
      const ageSeconds = Math.floor(Date.now() / 1000) - end * 3_600
      const alerts = [
        ...signals.filter(({ psi }) => psi > alert.psi).map(({ name }) => `signal ${name}`),
        ...(ratio > alert.ratio ? ['QLIKE ratio'] : []),
        ...(hits.asMany < 0.01 ? ['hit rate'] : []),
      ]
      out(
        given.json,
        { version: entry.version, horizonSeconds: seconds, days, ageSeconds, ratio, hits, signals, alerts },
        [
          `${entry.version}, ${given.horizon}, last ${days} days, ${known.length} origins; last bar ${Math.floor(ageSeconds / 86_400)} days old`,
          `QLIKE / ewma ${ratio.toFixed(3)}  ${Plot.spark(champion)}`,
          `beyond q99 ${hits.breaches} of ${hits.sample}`,
          table([['signal', 'PSI'], ...signals.slice(0, 12).map(({ name, psi }) => [name, psi.toFixed(3)])]),
          alerts.length === 0 ? 'no alert' : `${alerts.length} alerts: ${alerts.slice(0, 5).join(', ')}${alerts.length > 5 ? ', …' : ''}`,
        ].join('\n'),
      )
      if (alerts.length > 0) process.exitCode = 2
    })
}
