import { describe, expect, test } from 'vitest'
import * as Table from './Table.ts'

const of = { file: 'events.csv', columns: ['at', 'usd'] }

describe('parse', () => {
  test('worked example: columns in any order, quotes taken off, a mark of the byte order', () => {
    expect(Table.parse('\ufeffusd,at,more\r\n"2",1,x\r\n', of)).toEqual([{ line: 2, cells: { usd: '2', at: '1', more: 'x' } }])
  })

  test('bug: of two columns of a name the last was taken, and a number beyond all numbers was one', () => {
    expect(() => Table.parse('at,usd,usd\n1,2,3', of)).toThrow('it has twice the column usd')
    const { number } = Table.reader(of.file, of.columns)
    const row = (usd: string) => ({ line: 2, cells: { usd } })
    expect(number(row('-1.5e3'), 'usd')).toBe(-1_500)
    expect(() => number(row('1e999'), 'usd')).toThrow('usd in line 2 is not a number')
  })

  test('error: a column, a row, or a cell that is not there', () => {
    expect(() => Table.parse('at\n1', of)).toThrow('it has no column usd')
    expect(() => Table.parse('at,usd\n', of)).toThrow('it has no rows')
    expect(() => Table.parse('at,usd\n1', of)).toThrow('line 2 has 1 cells for 2 columns')
  })
})
