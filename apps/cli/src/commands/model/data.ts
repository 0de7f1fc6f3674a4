/** `plimsoll model data`: reads bars, cleans them, and says all that it did. */
import { writeFile } from 'node:fs/promises'
import { Integrity } from '@plimsoll/volatility'
import { Panel, Rounds } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import * as Bar from './Bar.ts'
import * as Feed from './feed.ts'
import * as options from './options.ts'

type Options = {
  readonly data?: readonly string[]
  readonly feed?: string
  readonly rpc?: string
  readonly symbol?: string
  readonly interval: string
  readonly since?: string
  readonly out?: string
  readonly json?: true
}

/** The command. */
export function data(): Command {
  return new Command('data')
    .description('Read and clean bars: a manifest with hashes, and every repair counted.')
    .option('--data <paths...>', 'CSV files of bars, plain or gzipped, or folders of them; all of one interval')
    .option('--feed <address>', 'instead: the rounds of a Chainlink feed, as bars in the shared format')
    .option('--rpc <url>', 'of the chain the feed is on')
    .option('--symbol <name>', 'what the feed prices')
    .option('--interval <seconds>', 'length of its bars', '3600')
    .option('--since <date>', 'how far back to read it')
    .option('--out <file>', 'write the manifest as JSON; with --feed the bars as CSV')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll model data --data perp_1h.csv.gz\n  plimsoll model data --data bars/ --out manifest.json --json',
    )
    .action(async (given: Options) => {
      if (given.feed !== undefined) {
        await bars(given)
        return
      }
      if (given.data === undefined) throw new options.ModelOptionError('data', '', 'files of bars, or --feed')
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

/** A feed's rounds as a file of bars. */
async function bars(given: Options): Promise<void> {
  const { feed = '', rpc, symbol, since, out: path } = given
  if (rpc === undefined || symbol === undefined || since === undefined || path === undefined)
    throw new options.ModelOptionError('feed', feed, '--rpc, --symbol, --since and --out with it')
  const intervalSeconds = options.whole('interval', given.interval, 60, 3_600)
  const bar = Bar.open(`rounds of ${symbol}`)
  const { decimals, rounds } = await Feed.fetchRounds({ rpc, feed, from: options.date('since', since), onProgress: bar.at })
  bar.end()
  const made = Rounds.of({ rounds, decimals, intervalSeconds })
  const lines = made.map(
    ({ closeAt, open, high, low, close, volume }) =>
      `${symbol},${new Date(closeAt * 1000).toISOString().replace('.000Z', 'Z')},${open},${high},${low},${close},${volume}\n`,
  )
  await writeFile(typed(path), `symbol,timestamp,open,high,low,close,volume\n${lines.join('')}`)
  out(
    given.json,
    { symbol, rounds: rounds.length, bars: made.length, intervalSeconds, out: path },
    `${made.length} bars of ${rounds.length} rounds in ${path}`,
  )
}
