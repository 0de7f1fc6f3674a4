/** `plimsoll branching <events>`: how many liquidations a liquidation brings on, from when they happened. */
import { readFile } from 'node:fs/promises'
import { Branching, Hawkes } from '@plimsoll/liquidation'
import { Command } from 'commander'
import * as table from '../book/table.ts'
import { typed } from '../path.ts'
import { out } from './limit.ts'

/** The command. Exit 2 where the fit has not settled. */
export function branching(): Command {
  return new Command('branching')
    .description('Fit a self-exciting process to events: n, its memory, and how uneven counts are.')
    .argument('<events>', 'a table with a row an event, .csv')
    .option('--column <name>', 'with the time in unix seconds', 'timestamp')
    .option('--block <seconds>', 'events of one block are spread over it', '13')
    .option('--seed <n>', 'of that spread', '1')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
n is an upper bound: prices that move everybody at once look like liquidations that bring on others.

Examples:
  plimsoll branching liquidations.csv
  plimsoll branching events.csv --column at --block 0 --json`,
    )
    .action(async (file: string, options: { column: string; block: string; seed: string; json?: boolean }) => {
      const rows = table.parse(await readFile(typed(file), 'utf8'))
      const raw = Float64Array.from(rows, (row) => table.number(row, options.column)).sort()
      const first = raw[0] ?? 0
      const times = Hawkes.spread(
        raw.map((time) => time - first),
        Number(options.block),
        Number(options.seed),
      )
      const fit = Hawkes.fit(times, times.at(-1) ?? 0)
      const { rate, fano } = Branching.hawkes(fit)
      const { mean } = Branching.size(fit.n)
      out(
        options.json,
        { ...fit, memorySeconds: 1 / fit.decay, rate, fano, meanCascade: mean },
        [
          `${fit.events} events over ${(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 86_400).toFixed(0)} days`,
          `  n ${fit.n.toFixed(3)}: a liquidation brings on ${fit.n.toFixed(2)} others, ${mean.toFixed(1)} in all`,
          `  memory ${(1 / fit.decay).toFixed(0)} s, base ${(fit.base * 86_400).toFixed(2)} a day, Fano factor of long windows ${fano.toFixed(1)}`,
        ].join('\n'),
      )
      if (!fit.settled) process.exitCode = 2
    })
}
