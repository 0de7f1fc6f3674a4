/** Comma-separated tables, read strictly: a row that cannot be meant is named with its line, never guessed. */
import { readFile } from 'node:fs/promises'
import { typed } from '../path.ts'

export type Row = { readonly line: number; readonly cells: Readonly<Record<string, string>> }

/** The rows of a file that has at least these columns, whatever their order. */
export async function read(file: string, columns: readonly string[]): Promise<readonly Row[]> {
  let text: string
  try {
    text = await readFile(typed(file), 'utf8')
  } catch (cause) {
    throw new TableError({
      file,
      why: cause instanceof Error && 'code' in cause ? `it cannot be opened (${String(cause.code)})` : 'it cannot be opened',
      columns,
    })
  }
  return parse(text, { file, columns })
}

/** The rows of a text. Quotes around a cell are taken off; commas inside quotes are not known here. */
export function parse(text: string, of: { readonly file: string; readonly columns: readonly string[] }): readonly Row[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const cellsOf = (line: string) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const head = cellsOf(lines[0] ?? '')
  const missing = of.columns.filter((column) => !head.includes(column))
  if (missing.length > 0) throw new TableError({ ...of, why: `it has no column ${missing.join(', ')}` })
  const twice = of.columns.filter((column) => head.indexOf(column) !== head.lastIndexOf(column))
  if (twice.length > 0) throw new TableError({ ...of, why: `it has twice the column ${twice.join(', ')}` })
  const rows = lines.slice(1).flatMap((text, i): readonly Row[] => {
    if (text.trim() === '') return []
    const cells = cellsOf(text)
    if (cells.length !== head.length)
      throw new TableError({ ...of, why: `line ${i + 2} has ${cells.length} cells for ${head.length} columns` })
    return [{ line: i + 2, cells: Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])) }]
  })
  if (rows.length === 0) throw new TableError({ ...of, why: 'it has no rows' })
  return rows
}

/** A reader of one file's cells. */
export function reader(file: string, columns: readonly string[]) {
  const refuse = (row: Row, column: string, wanted: string): never => {
    throw new TableError({ file, columns, why: `${column} in line ${row.line} is not ${wanted}: "${row.cells[column] ?? ''}"` })
  }
  return {
    text: (row: Row, column: string): string => row.cells[column] || refuse(row, column, 'there'),
    seconds: (row: Row, column: string): number => {
      const cell = row.cells[column] ?? ''
      return /^\d{1,12}$/.test(cell) ? Number(cell) : refuse(row, column, 'whole unix seconds')
    },
    number: (row: Row, column: string): number => {
      const cell = row.cells[column] ?? ''
      const isNumber = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(cell) && Number.isFinite(Number(cell))
      return isNumber ? Number(cell) : refuse(row, column, 'a number')
    },
    /** `2021-05-23 14:07:14.000` or `2015-08-07 00:00:00 UTC`. */
    utc: (row: Row, column: string): number => {
      const at = Date.parse(`${(row.cells[column] ?? '').replace(/ UTC$/, '').replace(' ', 'T')}Z`)
      return Number.isFinite(at) ? Math.floor(at / 1000) : refuse(row, column, 'a time such as 2021-05-23 14:07:14')
    },
    one: <choice extends string>(row: Row, column: string, choices: readonly choice[]): choice =>
      choices.find((choice) => choice === row.cells[column]) ?? refuse(row, column, `one of ${choices.join(', ')}`),
  }
}

/** Thrown when a table cannot be read. */
export class TableError extends Error {
  override readonly name = 'Table.TableError'
  readonly code = 'TABLE_UNREADABLE'
  readonly hint: string
  constructor(args: { readonly file: string; readonly why: string; readonly columns: readonly string[] }) {
    super(`${args.file} cannot be read: ${args.why}.`)
    this.hint = `Give comma-separated values whose first line names ${args.columns.join(', ')}.`
  }
}
