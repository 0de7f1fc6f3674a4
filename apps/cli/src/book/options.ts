/** What `plimsoll stress`, `lri` and `insurance` are all told: a book, what its markets are, and who pays. */
import { readFile } from 'node:fs/promises'
import { type Book, BookDocument, type Impact, Isotonic, type Stress, Venue } from '@plimsoll/liquidation'
import { Parse } from '@plimsoll/margin'
import type { Command } from 'commander'
import { typed } from '../path.ts'
import * as scenario from './scenario.ts'
import * as table from './table.ts'

export type Options = {
  readonly impact: readonly scenario.Given[]
  readonly shock: readonly scenario.Given[]
  readonly refill: readonly scenario.Given[]
  readonly index: readonly scenario.Given[]
  readonly spill: readonly scenario.Given[]
  readonly backstop: readonly scenario.Given[]
  readonly sigma: readonly scenario.Given[]
  readonly beta: readonly scenario.Given[]
  readonly quote: readonly scenario.Given[]
  readonly policy: string
  readonly fee: string
  readonly junior: string
  readonly insurance: string
  readonly senior: string
  readonly adl: string
  readonly rounds: string
  readonly horizon: string
  readonly convention: string
  readonly width: string
  readonly bonus: string
  readonly accounts?: boolean
  readonly fence?: string
  readonly json?: boolean
}

export const many = (value: string, before: readonly scenario.Given[]) => [...before, scenario.given(value)]
export const none: readonly scenario.Given[] = []

/** The options that both commands take: what the markets are, and who pays. */
export function withMarkets(command: Command): Command {
  return command
    .argument('<book>', 'a book: JSON (schema/book.schema.json of @plimsoll/liquidation) or a table, .csv')
    .option(
      '--impact <curve>',
      'linear:<log by USD>, sqrt:<Yσ>,<USD a day>, pool:<USD>, knots:<USD>@<log>,…, quotes:<file>; MARKET=… for one',
      many,
      none,
    )
    .option('--refill <share>', 'of the forced flow, absorbed between two rounds; MARKET=… for one', many, none)
    .option('--index <weight[,rounds]>', 'the venue’s weight in the index that liquidates, averaged over rounds', many, none)
    .option('--spill <share>', 'of a market’s own impact, felt by all others; MARKET=… for one', many, none)
    .option('--backstop <share,USD>', 'of each close, taken over up to a capacity; MARKET=… for one', many, none)
    .option('--policy <policy>', 'full, target:<times maintenance>[,slices], share:<share>[,slices]', 'full')
    .option('--fee <share>', 'of what is closed', '0')
    .option('--junior <USD>', 'first layer of the backstop', '0')
    .option('--insurance <USD>', 'insurance fund', '0')
    .option('--senior <USD>', 'second layer of the backstop', '0')
    .option('--adl <rule>', 'queue or pro-rata', 'queue')
    .option('--rounds <n>', 'stop after so many', '1000')
    .option('--json', 'one JSON document on stdout')
}

/** A book from its file: a table where it ends in .csv. */
export async function read(file: string): Promise<BookDocument.BookDocument> {
  const text = await readFile(typed(file), 'utf8')
  try {
    return file.endsWith('.csv') ? BookDocument.fromTable(text) : BookDocument.parse(text)
  } catch (error) {
    if (!(error instanceof Parse.UnreadableDocumentError)) throw error
    throw new BookUnreadableError(file, error)
  }
}

/** The markets of a book as the options describe them. */
export async function marketsOf(book: Book.Book, options: Options): Promise<Venue.Markets> {
  const names = new Set(book.accounts.flatMap(({ positions, holdings = [] }) => [...positions, ...holdings].map(({ market }) => market)))
  const impacts = new Map<string, Impact.Impact>()
  for (const name of names) {
    const text = scenario.forMarket(options.impact, name, (value) => value)
    if (text !== undefined)
      impacts.set(name, text.startsWith('quotes:') ? await quoted(text.slice('quotes:'.length)) : scenario.impact(text))
  }
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const impact = impacts.get(name)
      if (impact === undefined) throw new ImpactMissingError(name)
      const plain = Venue.plain(impact)
      const spill = scenario.forMarket(options.spill, name, scenario.share) ?? 0
      return [
        name,
        {
          impact,
          refill: scenario.forMarket(options.refill, name, scenario.share) ?? plain.refill,
          index: scenario.forMarket(options.index, name, scenario.index) ?? plain.index,
          spill: spill === 0 ? {} : Object.fromEntries([...names].filter((other) => other !== name).map((other) => [other, spill])),
          backstop: scenario.forMarket(options.backstop, name, scenario.backstop) ?? plain.backstop,
        },
      ]
    }),
  )
}

/** The curve nearest to quotes: a table with the columns `usd` and `slippage`, the latter a share of the price. */
async function quoted(file: string): Promise<Impact.Impact> {
  const rows = table.parse(await readFile(typed(file), 'utf8'))
  return Isotonic.fit(rows.map((row) => ({ flow: table.number(row, 'usd'), move: -Math.log1p(-table.number(row, 'slippage')) })))
}

/** How accounts are closed, and who pays. */
export function payers(options: Options): Pick<Stress.Scenario, 'policy' | 'feePpm' | 'reserves' | 'deleveraging' | 'roundCap'> {
  if (options.adl !== 'queue' && options.adl !== 'pro-rata')
    throw new scenario.ScenarioError(options.adl, 'a rule of auto-deleveraging', 'queue or pro-rata')
  return {
    policy: scenario.policy(options.policy),
    feePpm: scenario.ppm(options.fee),
    reserves: { junior: scenario.usd(options.junior), insurance: scenario.usd(options.insurance), senior: scenario.usd(options.senior) },
    deleveraging: options.adl === 'queue' ? ('queue' as const) : ('pro rata' as const),
    roundCap: Number(options.rounds),
  }
}

/** Thrown when a file is no book of positions, with the place in it. */
export class BookUnreadableError extends Error {
  override readonly name = 'Options.BookUnreadableError'
  readonly code = 'BOOK_UNREADABLE'
  readonly hint = 'docs/books.md shows such a book, as JSON and as a table. The one that plimsoll margin reads is another.'
  constructor(file: string, cause: Error) {
    super(`${file} is no book of positions: ${cause.message}`, { cause })
  }
}

/** Thrown when nothing says how a market answers to a sale. */
export class ImpactMissingError extends Error {
  override readonly name = 'Options.ImpactMissingError'
  readonly code = 'IMPACT_MISSING'
  readonly hint = 'Give --impact once for all markets, or --impact MARKET=… for each.'
  constructor(market: string) {
    super(`Nothing says how far a sale moves ${market}.`)
  }
}
