/** `plimsoll model forecast`: what a registered model would have said, as it stands. */
import { Panel, Standing, Table } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { out } from '../limit.ts'
import * as options from './options.ts'

type Options = {
  readonly data: readonly string[]
  readonly from: string
  readonly to: string
  readonly horizon: string
  readonly out: string
  readonly model?: string
  readonly models?: string
  readonly json?: true
}

/** The command. */
export function forecast(): Command {
  return new Command('forecast')
    .description('Forecast with a registered model as it stands, origins of its training left out: a table to compare with.')
    .requiredOption('--data <paths...>', 'CSV files of bars of the length it reads')
    .requiredOption('--from <date>', 'first origin, UTC')
    .requiredOption('--to <date>', 'end of the origins, exclusive, UTC')
    .requiredOption('--horizon <1h|4h|24h>', 'how far ahead')
    .requiredOption('--out <file>', 'the table, CSV')
    .option('--model <x.y.z>', 'the champion unless given')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Example:
  plimsoll model forecast --data spot_5m.csv.gz --from 2025-09-15 --to 2025-12-01 --horizon 1h --out champion.csv`,
    )
    .action(async (given: Options) => {
      const [from, to] = [options.date('from', given.from), options.date('to', given.to)]
      const horizonHours = options.horizon(given.horizon)
      const { entry, model } = await options.model(given)
      const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
      const forecasts = Standing.of({ model, panel, horizonHours, from, to })
      await Table.write(typed(given.out), forecasts)
      out(
        given.json,
        { ...entry, forecasts: forecasts.length, out: given.out },
        `${forecasts.length} forecasts of ${entry.version} in ${given.out}`,
      )
    })
}
