/** `plimsoll book <source> <path>`: a book of a venue that exists, from its tables, checked against what the source itself says. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BookDocument } from '@plimsoll/liquidation'
import { Command } from 'commander'
import * as imports from '../book/imports.ts'
import { typed } from '../path.ts'
import { out } from './limit.ts'

const sources = {
  aave: async (path: string) => imports.aave(await text(path), 'WETH'),
  compound: async (path: string) => imports.compound(await text(path)),
  crvusd: async (path: string) =>
    imports.crvusd({
      users: await text(join(path, 'users.csv')),
      markets: await text(join(path, 'markets.csv')),
      quotes: await text(join(path, 'oneinch_quotes_2023-11.csv')),
    }),
  maker: async (path: string) =>
    imports.maker(
      {
        deposits: await text(join(path, 'ethb_vault_deposits.csv')),
        withdrawals: await text(join(path, 'ethb_vault_withdrawals.csv')),
        borrows: await text(join(path, 'ethb_dai_borrows.csv')),
        repayments: await text(join(path, 'ethb_dai_repayments.csv')),
        liquidations: await text(join(path, 'ethb_vault_liquidations.csv')),
        parameters: await text(join(path, 'ETHB-Parameter-Changes.csv')),
        prices: await text(join(path, 'coingecko_ethusd_price.csv')),
      },
      'ETH',
    ),
  file: async (path: string): Promise<imports.Import> => {
    const read = await text(path)
    const document = path.endsWith('.csv') ? BookDocument.fromTable(read) : BookDocument.parse(read)
    return { document, checks: [] }
  },
} as const

/** The command. Exit 0 when every check holds, 2 when one does not. */
export function book(): Command {
  return new Command('book')
    .description('Read a venue’s tables as a book, and check it against what they say themselves.')
    .argument('<source>', Object.keys(sources).join(', '))
    .argument('<path>', 'the file, or for crvusd and maker the folder of tables')
    .option('--out <file>', 'write the book there, as JSON')
    .option('--json', 'one JSON document on stdout: the checks with their figures, and counts of the book')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll book aave accounts.csv --out book.json
  plimsoll book maker ./maker-ethb --json
  plimsoll book crvusd ./crvusd
  plimsoll book file book.csv --out book.json`,
    )
    .action(async (source: string, path: string, options: { out?: string; json?: boolean }) => {
      const read = Object.entries(sources).find(([name]) => name === source)?.[1]
      if (read === undefined) throw new SourceError(source)
      const { document, checks } = await read(typed(path))
      if (options.out !== undefined) await writeFile(typed(options.out), `${BookDocument.stringify(document)}\n`)
      const accounts = document.book.accounts.length
      const markets = [...new Set(document.book.accounts.flatMap(({ positions }) => positions.map(({ market }) => market)))].sort()
      const lines = checks.map(({ holds, name, detail }) => `  ${holds ? '✓' : '✗'} ${name}: ${detail}`)
      out(
        options.json,
        { source, accounts, markets, checks },
        [`${accounts} accounts in ${markets.join(', ') || 'no market'}`, ...lines].join('\n'),
      )
      if (checks.some(({ holds }) => !holds)) process.exitCode = 2
    })
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

/** Thrown for a source nobody reads. */
export class SourceError extends Error {
  override readonly name = 'Book.SourceError'
  readonly code = 'SOURCE_UNKNOWN'
  readonly hint = `Choose one of ${Object.keys(sources).join(', ')}.`
  constructor(source: string) {
    super(`There is no source "${source}".`)
  }
}
