import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cells from './Cells.ts'

const from = Date.parse('2024-01-02T00:00:00Z') / 1_000
const iso = (at: number) => new Date(at * 1_000).toISOString().replace('.000', '')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cells-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('source', () => {
  test('worked example: the champion’s own variances, where its table has every hour of the day; else none', async () => {
    const bars = join(folder, 'bars.csv')
    const rows = Array.from({ length: 30 }, (_, hour) => `ETH,${iso(from + (hour - 6) * 3_600)},100,101,99,100,1`)
    await writeFile(bars, `symbol,timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
    const forecast = (hour: number, model: string, variance: number) =>
      `ETH,${iso(from + hour * 3_600)},1h,${model},${variance},0.01,0.01,0.01,0.01`
    const hours = Array.from({ length: 24 }, (_, hour) => hour)
    const table = async (lines: readonly string[]) => {
      const path = join(folder, `${lines.length}.csv`)
      await writeFile(
        path,
        `symbol,origin,horizon,model,variance,q99_long_path,q99_short_path,q99_long_end,q99_short_end\n${lines.join('\n')}\n`,
      )
      return Cells.source(bars, { folder: undefined, symbol: 'ETH', from: '2024-01-02', forecasts: path })
    }
    const whole = hours.flatMap((hour) => [forecast(hour, 'glm', 1), forecast(hour, 'champion', (hour + 1) / 1e6)])
    expect(await table(whole)).toMatchObject({ kind: 'bars', table: hours.map((hour) => (hour + 1) / 1e6) })
    expect(await table(whole.slice(0, -1))).toMatchObject({ kind: 'bars', table: null })
  })
})
