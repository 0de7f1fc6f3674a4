/** What is replayed: markets by name or file, and books. */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Book, type Isolated, Scenario } from '@plimsoll/liquidation'
import { Table } from '@plimsoll/volatility-model'
import { read as readBook } from '../book/options.ts'
import { typed } from '../path.ts'
import * as Days from './Days.ts'
import type * as Trial from './Trial.ts'

/** Open interest of the two books that are made up, USD a side: one below and one above what its market bears. */
export const drawn = { sub: 1e8, super: 4e8 } as const

/** `sub`, `super`, `synthetic` for both, or a file. */
export async function crowds(book: string, market: string | undefined): Promise<readonly Trial.Crowd[]> {
  const names = (['sub', 'super'] as const).filter((name) => book === 'synthetic' || book === name)
  if (names.length > 0) return names.map((name) => ({ kind: 'drawn', name, openInterest: drawn[name] }))
  const { book: accounts } = await readBook(book)
  return [{ kind: 'given', name: book, positions: positionsOf(accounts, market) }]
}

/** The accounts of one market by themselves: what each has left for its position there, at its own maintenance rate. */
export function positionsOf(book: Book.Book, market: string | undefined): Isolated.Positions {
  const name = market ?? book.accounts.flatMap(({ positions }) => positions)[0]?.market ?? ''
  const entries = Book.positions(book, name)
  if (entries.length === 0) throw new NoPositionsError(name)
  return {
    side: Int8Array.from(entries, ({ position }) => (position.side === 'long' ? 1 : -1)),
    notional: Float64Array.from(entries, ({ position }) => Book.usd(position.notional)),
    equity: Float64Array.from(entries, ({ account, elsewhere }) => Book.usd(account.equity - elsewhere)),
    maintenance: Float64Array.from(entries, ({ position }) => position.maintenancePpm / 1e6),
  }
}

export type Where = {
  /** Folder of prices, for days by name. */
  readonly folder: string | undefined
  readonly symbol: string
  /** For a file: the day. */
  readonly from: string | undefined
  /** Table of the champion's forecasts, one hour ahead. */
  readonly forecasts: string | undefined
}

/** A scenario, a day by name, or a file of bars. */
export async function source(name: string, where: Where): Promise<Trial.Source> {
  const scenario = Scenario.names.find((each) => each === name)
  if (scenario !== undefined) return { kind: 'scenario', name: scenario }
  const known = Days.days.find((each) => each.name === name)
  if (known !== undefined && where.folder !== undefined) {
    const bars = await Days.read(join(typed(where.folder), known.file), where.symbol, known)
    return { kind: 'bars', bars, table: await tableOf(where, bars) }
  }
  await access(typed(name)).catch(() => {
    throw new Days.NoPricesError(name, 'it is neither a scenario nor a file, or a day without --data')
  })
  const from = Date.parse(`${where.from ?? ''}T00:00:00Z`) / 1_000
  if (!Number.isFinite(from)) throw new Days.NoPricesError(name, 'the day is not given')
  const day = { name: where.from ?? name, intervalSeconds: await Days.interval(typed(name)), from, to: from + 86_400 }
  const bars = await Days.read(typed(name), where.symbol, day)
  return { kind: 'bars', bars, table: await tableOf(where, bars) }
}

/** The champion's variance of each hour of the window, where a table has all of them; else null. */
async function tableOf({ forecasts, symbol }: Where, { from }: Days.Bars): Promise<readonly number[] | null> {
  if (forecasts === undefined) return null
  const rows = Table.parse(await readFile(typed(forecasts), 'utf8'), forecasts)
  const hours = Array.from({ length: 24 }, (_, hour) =>
    rows.find(
      (row) => row.symbol === symbol && row.model === 'champion' && row.horizonSeconds === 3_600 && row.origin === from + hour * 3_600,
    ),
  )
  return hours.every((row) => row !== undefined) ? hours.map((row) => row?.variance ?? Number.NaN) : null
}

/** Thrown when a book has nobody in the market. */
export class NoPositionsError extends Error {
  override readonly name = 'Replay.NoPositionsError'
  readonly code = 'NO_POSITIONS'
  readonly hint = 'Name one of the book’s markets with --market.'
  constructor(market: string) {
    super(`The book has no position in ${market === '' ? 'any market' : market}.`)
  }
}
