/** A page of docs/method as its test reads it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { root } from '../Workspace.ts'

export function read(name: string): string {
  return readFileSync(join(root, 'docs/method', name), 'utf8')
}

/** The cells of the table rows below a heading row that begins so, without emphasis. */
export function table(text: string, heading: string): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(heading))
  expect(start, `no table ${heading}`).toBeGreaterThan(0)
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').trim()),
  )
}
