/** Books as files: one JSON document, or one table with a row a position. Amounts are decimals in USD, so that a person can write them. */
import { Fixed, Parse } from '@plimsoll/margin'
import * as Book from './Book.ts'
import type * as Cohorts from './Cohorts.ts'

/** What a file holds: the book, and what is known of its accounts besides. */
export type BookDocument = { readonly book: Book.Book; readonly labels: Cohorts.Labels }

/** The first field of every document; `schema/book.schema.json` describes the rest. */
export const format = 'plimsoll-book/1'

/** The columns of a table, in any order: `side` is long, short or held, and `labels` are `name=value` separated by blanks. */
export const columns = ['account', 'equity', 'collateral', 'market', 'side', 'notional', 'maintenance_ppm', 'labels'] as const

const most = 10_000_000

const usd: Parse.Reader<bigint> = (value) => {
  try {
    return Fixed.parse(value as string)
  } catch {
    return Parse.fail("must be a decimal in USD, as text, like '1250.75'")
  }
}

const labels: Parse.Reader<Readonly<Record<string, string>>> = (value, from) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return Parse.fail('must be an object')
  return Object.fromEntries(Object.entries(value).map(([name, label]) => [Parse.text(name, from), Parse.text(label, from)]))
}

const account = Parse.object({
  account: Parse.text,
  equity: usd,
  collateral: usd,
  positions: Parse.list(
    Parse.object({ market: Parse.text, side: Parse.oneOf('long', 'short'), notional: usd, maintenancePpm: Parse.share }),
    0,
    10_000,
  ),
  holdings: Parse.list(Parse.object({ market: Parse.text, value: usd }), 0, 10_000),
  labels,
})

const document = Parse.object({
  format: Parse.oneOf(format),
  accounts: Parse.list<ReturnType<typeof account>>((value, from) => account(filled(value), from), 0, most),
})

/** What an account need not say. */
function filled(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { holdings: [], labels: {}, ...value } : value
}

/**
 * A book from its JSON document.
 *
 * @throws {Parse.UnreadableDocumentError} the text is not such a document.
 * @throws {Book.InvalidBookError} what it says cannot be a book.
 *
 * @example
 * BookDocument.parse('{"format":"plimsoll-book/1","accounts":[{"account":"a","equity":"1.5","collateral":"1.5","positions":[]}]}').book.accounts[0]?.equity
 * // => 1500000000000000000n
 */
export function parse(text: string): BookDocument {
  return gathered(document(Parse.json(text), 'wire').accounts)
}

/**
 * The document of a book: what `parse` reads back as the same.
 */
export function stringify({ book, labels }: BookDocument): string {
  const accounts = book.accounts.map((account) => ({
    account: account.account,
    equity: decimal(account.equity),
    collateral: decimal(account.collateral),
    positions: account.positions.map(({ market, side, notional, maintenancePpm }) => ({
      market,
      side,
      notional: decimal(notional),
      maintenancePpm,
    })),
    ...(account.holdings === undefined
      ? {}
      : { holdings: account.holdings.map(({ market, value }) => ({ market, value: decimal(value) })) }),
    ...(labels[account.account] === undefined ? {} : { labels: labels[account.account] }),
  }))
  return JSON.stringify({ format, accounts }, null, 1)
}

/**
 * A book from a table: comma-separated, the columns named in the first line. Rows of one account repeat its equity, collateral and labels;
 * a row without a market is an account without positions.
 *
 * @throws {Parse.UnreadableDocumentError} a column is missing, unknown or there twice, a row has more cells than there are columns, a cell is
 *   unreadable, two rows of an account disagree.
 * @throws {Book.InvalidBookError} what it says cannot be a book.
 */
export function fromTable(text: string): BookDocument {
  const [head = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const names = head.split(',').map((name) => name.trim())
  for (const name of names) if (!columns.some((column) => column === name)) Parse.fail(`has a column ${name || 'without a name'}`)
  for (const [i, name] of names.entries()) if (names.indexOf(name) !== i) Parse.fail(`has the column ${name} twice`)
  for (const column of columns.slice(0, 7)) if (!names.includes(column)) Parse.fail(`has no column ${column}`)
  const accounts = new Map<string, ReturnType<typeof account> & { positions: Book.Position[]; holdings: Book.Holding[] }>()
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    const values = line.split(',').map((cell) => cell.trim())
    // A comma too many moves every figure behind it, or cuts one short.
    if (values.length > names.length) at(i + 2, 'cells', () => Parse.fail(`are ${values.length} for ${names.length} columns`))
    const cell = (name: (typeof columns)[number]) => values[names.indexOf(name)] ?? ''
    const read = <T>(name: (typeof columns)[number], reader: Parse.Reader<T>) => at(i + 2, name, () => reader(cell(name), 'wire'))
    const said = {
      account: read('account', Parse.text),
      equity: read('equity', usd),
      collateral: read('collateral', usd),
      labels: labelsOf(cell('labels')),
    }
    const known = accounts.get(said.account)
    if (known && (known.equity !== said.equity || known.collateral !== said.collateral || !same(known.labels, said.labels)))
      at(i + 2, 'account', () => Parse.fail('disagrees with another row of the account'))
    const entry = known ?? { ...said, positions: [], holdings: [] }
    accounts.set(said.account, entry)
    if (cell('market') === '') continue
    const market = read('market', Parse.text)
    const side = read('side', Parse.oneOf('long', 'short', 'held'))
    const amount = read('notional', usd)
    if (side === 'held') entry.holdings.push({ market, value: amount })
    else
      entry.positions.push({
        market,
        side,
        notional: amount,
        maintenancePpm: read('maintenance_ppm', (value, from) => Parse.share(/^\d+$/.test(String(value)) ? Number(value) : value, from)),
      })
  }
  return gathered([...accounts.values()])
}

function gathered(accounts: readonly ReturnType<typeof account>[]): BookDocument {
  return {
    book: Book.of(accounts.map(({ labels: _, holdings, ...account }) => ({ ...account, ...(holdings.length === 0 ? {} : { holdings }) }))),
    labels: Object.fromEntries(
      accounts.filter(({ labels }) => Object.keys(labels).length > 0).map(({ account, labels }) => [account, labels]),
    ),
  }
}

function labelsOf(cell: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    cell
      .split(' ')
      .filter((each) => each !== '')
      .map((each) => {
        const [name = '', ...rest] = each.split('=')
        return [name, rest.join('=')]
      }),
  )
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value)
}

function at<T>(line: number, column: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Parse.UnreadableDocumentError)) throw error
    throw new Parse.UnreadableDocumentError({ path: `line ${line}, ${column}`, problem: error.problem })
  }
}

/** Every digit, no more. */
function decimal(amount: bigint): string {
  const text = Fixed.format(amount, { decimals: 18 }).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}
