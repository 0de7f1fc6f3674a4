/** `plimsoll model data`: reads bars, cleans them, and says all that it did. */
import { writeFile } from 'node:fs/promises'
import { Integrity } from '@plimsoll/volatility'
import { Panel } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import * as options from './options.ts'

/** The command. */
export function data(): Command {
  return new Command('data')
    .description('Read and clean bars: a manifest with hashes, and every repair counted.')
    .requiredOption('--data <paths...>', 'CSV files of bars, plain or gzipped, or folders of them; all of one interval')
    .option('--out <file>', 'write the manifest as JSON')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll model data --data perp_1h.csv.gz\n  plimsoll model data --data bars/ --out manifest.json --json',
    )
    .action(async (given: { readonly data: readonly string[]; readonly out?: string; readonly json?: true }) => {
      const { manifest } = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
      if (given.out !== undefined) await writeFile(typed(given.out), `${JSON.stringify(manifest, null, 2)}\n`)
      const day = (at: number): string => new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')
      const found = Integrity.kinds.filter((kind) => manifest.symbols.some(({ counts }) => counts[kind] > 0))
      const rows = manifest.symbols.map(({ symbol, bars, from, to, runs, filled, counts }) => [
        symbol,
        String(bars),
        day(from),
        day(to),
        String(runs),
        String(filled),
        ...found.map((kind) => String(counts[kind])),
      ])
      out(
        given.json,
        manifest,
        [
          `${manifest.files.length} files of ${manifest.intervalSeconds} s bars, clean sha256 ${manifest.sha256}`,
          table([['symbol', 'bars', 'from', 'to', 'runs', 'filled', ...found], ...rows]),
        ].join('\n'),
      )
    })
}
