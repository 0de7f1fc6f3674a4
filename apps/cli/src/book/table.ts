/** Tables as files: comma-separated, the columns named in the first line. */

/** Rows by column. Cells may be quoted; a quote in one is doubled. */
export type Row = Readonly<Record<string, string>>

/** Every row of a table. */
export function parse(text: string): readonly Row[] {
  const [names = [], ...rows] = lines(text.replace(/^\ufeff/, ''))
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) throw new ShapeError(`has the column ${twice} twice`)
  for (const [i, cells] of rows.entries())
    if (cells.length > names.length && cells.slice(names.length).some((each) => each !== ''))
      throw new ShapeError(`has ${cells.length} cells for ${names.length} columns in row ${i + 1}`)
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])))
}

/** The number in a column. */
export function number(row: Row, column: string): number {
  const cell = row[column]
  const value = cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell)
  if (!Number.isFinite(value)) throw new CellError(column, cell)
  return value
}

/** The text in a column. */
export function text(row: Row, column: string): string {
  const cell = row[column]
  if (cell === undefined || cell === '') throw new CellError(column, cell)
  return cell
}

/** The time in a column, `2021-05-18 9:06:09.000` in UTC, as unix seconds. */
export function time(row: Row, column: string): number {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d{1,2}):(\d\d):(\d\d)/.exec(text(row, column))
  if (!parts) throw new CellError(column, row[column])
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000
}

function lines(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const end = () => {
    row.push(cell)
    cell = ''
  }
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (text[i + 1] === '"') {
        cell += sign
        i++
      } else quoted = false
    } else if (sign === '"') quoted = true
    else if (sign === ',') end()
    else if (sign === '\n') {
      end()
      rows.push(row)
      row = []
    } else if (sign !== '\r') cell += sign
  }
  if (cell !== '' || row.length > 0) {
    end()
    rows.push(row)
  }
  return rows.filter((cells) => cells.some((each) => each !== ''))
}

/** Thrown when it is not clear which cell is of which column. */
export class ShapeError extends Error {
  override readonly name = 'Table.ShapeError'
  readonly code = 'TABLE_UNREADABLE'
  readonly hint = 'Name each column once, and put quotes around a cell with a comma in it.'
  constructor(why: string) {
    super(`The table ${why}.`)
  }
}

/** Thrown when a cell is missing or does not say what its column says. */
export class CellError extends Error {
  override readonly name = 'Table.CellError'
  readonly code = 'CELL_UNREADABLE'
  readonly hint: string
  constructor(column: string, cell: string | undefined) {
    super(cell === undefined ? `The table has no column ${column}.` : `"${cell}" is not what the column ${column} holds.`)
    this.hint =
      cell === undefined ? 'Compare the first line of the file: it names the columns.' : `Mend that cell: ${column} is what is read there.`
  }
}
