import { describe, expect, test } from 'vitest'
import * as table from './table.ts'

describe('parse', () => {
  test('worked example: quotes, doubled quotes, a mark of the byte order, a last line without an end', () => {
    expect(table.parse('\ufeffa,b\r\n1,"x, ""y"""\r\n\r\n2,')).toEqual([
      { a: '1', b: 'x, "y"' },
      { a: '2', b: '' },
    ])
    expect(table.parse('')).toEqual([])
  })
})

describe('parse', () => {
  test('bug: a cell beyond the columns was dropped, and of two columns of a name the last was taken', () => {
    expect(() => table.parse('at,usd\n1,1,250\n')).toThrow('has 3 cells for 2 columns in row 1')
    expect(table.parse('at,usd\n1,"1,250",\n')).toEqual([{ at: '1', usd: '1,250' }])
    expect(() => table.parse('at,usd,usd\n1,2,3\n')).toThrow(table.ShapeError)
  })
})

describe('number, text, time', () => {
  const row = { n: '-1.5e3', t: '2021-05-18 9:06:09.000', empty: '', blank: ' ' }

  test('worked example: a number, a text, a time in UTC', () => {
    expect(table.number(row, 'n')).toBe(-1_500)
    expect(table.text(row, 't')).toBe(row.t)
    expect(table.time(row, 't')).toBe(Date.parse('2021-05-18T09:06:09Z') / 1_000)
  })

  test('error: nothing there, something else there', () => {
    for (const column of ['empty', 'blank', 't', 'missing']) expect(() => table.number(row, column)).toThrow(table.CellError)
    expect(() => table.number(row, 'missing')).toThrow(expect.objectContaining({ hint: expect.stringContaining('first line') }))
    expect(() => table.number(row, 't')).toThrow(expect.objectContaining({ hint: 'Mend that cell: t is what is read there.' }))
    expect(() => table.text(row, 'empty')).toThrow(table.CellError)
    expect(() => table.time(row, 'n')).toThrow(table.CellError)
  })
})
