import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Panel } from './index.ts'
import * as Small from './testing/Small.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll panel '))
})
afterEach(() => rm(directory, { recursive: true }))

const { asOf } = Small
const header = 'symbol,timestamp,open,high,low,close,volume\n'
const file = async (name: string, text: string): Promise<string> => {
  const path = join(directory, name)
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}
const line = (hour: number, price: number, symbol = 'A'): string =>
  `${symbol},2024-01-01T${String(hour).padStart(2, '0')}:00:00Z,${price},${price},${price},${price},1\n`

describe('read', () => {
  test('worked example: plain and gzipped, one panel, one hash', async () => {
    const text = Small.csv(Small.raw({ seed: 3, days: 3, intervalSeconds: 3_600, symbols: ['A', 'B'] }))
    const plain = await Panel.read({ paths: [await file('a.csv', text)], asOf })
    const zipped = await Panel.read({ paths: [await file('b.csv.gz', text)], asOf })
    expect(plain.manifest.sha256).toBe(zipped.manifest.sha256)
    expect(plain.manifest.files[0]?.sha256).not.toBe(zipped.manifest.files[0]?.sha256)
    expect(plain.intervalSeconds).toBe(3_600)
    expect(plain.manifest.symbols.map(({ symbol, bars, runs }) => [symbol, bars, runs])).toEqual([
      ['A', 72, 1],
      ['B', 72, 1],
    ])
    expect(plain.runs.map(({ firstHour, length }) => [firstHour, length])).toEqual(new Array(2).fill([Small.startAt / 3_600 + 1, 72]))
  })

  test('edge: a folder takes its price files and leaves others; one symbol in two files is one series', async () => {
    await file('funding.csv', 'symbol,timestamp,funding_rate\nA,2024-01-01T00:00:00Z,1\n')
    await file('one.csv', header + line(0, 1) + line(1, 2))
    await file('two.csv', header + line(2, 3) + line(1, 2))
    const { manifest } = await Panel.read({ paths: [directory], asOf })
    expect(manifest.files.map(({ name }) => name)).toEqual(['one.csv', 'two.csv'])
    expect(manifest.symbols).toMatchObject([{ symbol: 'A', bars: 3, counts: { duplicate: 1 } }])
  })

  test('edge: bad bars are repaired and counted, never silent', async () => {
    const rows = [line(0, 10), line(2, 11), line(1, 10), line(3, 1_100), line(4, 11), line(5, 0), line(6, 11), line(6, 11), line(9, 12)]
    const { manifest } = await Panel.read({ paths: [await file('a.csv', header + rows.join(''))], asOf })
    expect(manifest.symbols[0]?.counts).toMatchObject({ unsorted: 1, tick: 1, price: 1, duplicate: 1, gap: 3 })
    expect(manifest.symbols[0]).toMatchObject({ bars: 10, filled: 4, runs: 1 })
    const future = await Panel.read({ paths: [join(directory, 'a.csv')], asOf: Date.parse('2024-01-01T05:00:00Z') / 1_000 })
    expect(future.manifest.symbols[0]?.counts.future).toBe(4)
  })

  test.each([
    ['another header', 'a,b\n', 'PANEL_UNREADABLE'],
    ['a line cut short', `${header}A,2024-01-01T00:00:00Z,1,1\n`, 'PANEL_UNREADABLE'],
    ['a time that is none', `${header}A,yesterday,1,1,1,1,1\n`, 'PANEL_UNREADABLE'],
    ['a time without its zone', `${header}A,2024-01-01T00:00:00,1,1,1,1,1\n`, 'PANEL_UNREADABLE'],
    ['a symbol that is a path', `${header}../x,2024-01-01T00:00:00Z,1,1,1,1,1\n`, 'PANEL_UNREADABLE'],
    ['nothing', header, 'PANEL_EMPTY'],
    ['one bar', header + line(0, 1), 'PANEL_EMPTY'],
    [
      'two intervals',
      header + line(0, 1) + line(1, 1) + line(2, 1) + line(0, 1, 'B') + line(2, 1, 'B') + line(4, 1, 'B'),
      'PANEL_MIXED_INTERVALS',
    ],
    ['only nonsense', header + line(0, 0) + line(1, -1), 'INTEGRITY_NOTHING_SOUND'],
  ])('error: %s', async (_, text, code) => {
    const path = await file('a.csv', text)
    await expect(Panel.read({ paths: [path], asOf })).rejects.toThrow(expect.objectContaining({ code }))
  })
  test('error: absent; cut off in the middle of the archive', async () => {
    await expect(Panel.read({ paths: [join(directory, 'none.csv')], asOf })).rejects.toThrow(Panel.UnreadableError)
    const whole = gzipSync(Small.csv(Small.raw({ seed: 3, days: 20, intervalSeconds: 3_600, symbols: ['A'] })))
    const path = join(directory, 'cut.csv.gz')
    await writeFile(path, whole.subarray(0, whole.length / 2))
    await expect(Panel.read({ paths: [path], asOf })).rejects.toThrow(/breaks off/)
  })
})

describe('until', () => {
  test('edge: nothing after the hour is left', () => {
    const panel = Small.panel(3, ['A'])
    const first = panel.runs[0]?.firstHour ?? 0
    const cut = Panel.until(panel, first + 9)
    expect(cut.runs[0]?.length).toBe(10)
    expect(cut.runs[0]?.close.length).toBe(10)
    expect(Panel.until(panel, first - 1).runs).toEqual([])
  })
})
