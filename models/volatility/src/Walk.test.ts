import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Backend, Checkpoint, Comparison, Panel, Table, Walk } from './index.ts'
import * as Small from './testing/Small.ts'

const days = 150
const day = 86_400
let backend: Backend.Backend
let walk: Walk.Walk
const panel = Small.panel(days)
const run = (part: Partial<Walk.of.Arguments> = {}): Promise<Walk.Walk> =>
  Walk.of({
    panel,
    horizonHours: 24,
    from: Small.startAt + 125 * day,
    to: Small.startAt + days * day,
    backend,
    seed: 3,
    recipe: Small.small,
    ...part,
  })
beforeAll(async () => {
  backend = await Backend.load('wasm')
  walk = await run()
})

/** Whether the network has its say in every forecast of the champion. */
const corrected = ({ forecasts, realised }: Walk.Walk): boolean =>
  realised.every((_, i) => forecasts[i]?.variance !== forecasts[Walk.models.indexOf('base') * realised.length + i]?.variance)

describe('of', () => {
  test('every model forecasts every asset at every midnight, finite throughout', () => {
    expect(walk.realised.length).toBe(3 * 25)
    expect(walk.forecasts.length).toBe(walk.realised.length * Walk.models.length)
    for (const forecast of walk.forecasts) {
      expect(forecast.origin % day).toBe(0)
      for (const key of ['variance', 'q99LongPath', 'q99ShortPath', 'q99LongEnd', 'q99ShortEnd'] as const)
        expect(forecast[key]).toBeGreaterThan(0)
      expect(Number.isFinite(forecast.variance + forecast.q99LongPath)).toBe(true)
    }
    expect(walk.fits.length).toBeGreaterThan(1)
  })

  test('property: cutting the data at a date leaves every earlier forecast the same to the bit, the network’s and the quantiles included', async () => {
    const cutAt = Small.startAt + 138 * day
    const cut = await run({ panel: Panel.until(panel, cutAt / 3_600) })
    const before = walk.forecasts.filter(({ origin }) => origin <= cutAt)
    expect(cut.forecasts).toEqual(before)
    expect(before.length).toBe(14 * 3 * Walk.models.length)
    expect(corrected(cut)).toBe(true)
  })

  test.each([1, 4])(
    'property: so it is %i h ahead, on five-minute bars',
    async (horizonHours) => {
      const raw = Small.raw({ seed: 8, days: 76, intervalSeconds: 300, symbols: ['BTC', 'ETH'] })
      const fine = Panel.of({ raw, files: [], asOf: Small.asOf })
      const part = { horizonHours, from: Small.startAt + 66 * day, to: Small.startAt + 76 * day, recipe: { ...Small.small, refitDays: 5 } }
      const whole = await run({ ...part, panel: fine })
      const cutAt = Small.startAt + 74 * day + 8 * 3_600
      const cut = await run({ ...part, panel: Panel.until(fine, cutAt / 3_600) })
      const before = whole.forecasts.filter(({ origin }) => origin <= cutAt)
      expect(cut.forecasts).toEqual(before)
      expect(before.length).toBe((1 + (8 * 24 + 8) / horizonHours) * 2 * Walk.models.length)
    expect(corrected(cut)).toBe(true)
      expect(cut.fits.length).toBeGreaterThan(1)
    },
    60_000,
  )

  test('property: a later start changes no forecast’s variance', async () => {
    const later = await run({ from: Small.startAt + 135 * day })
    const variances = (of: Walk.Walk): readonly string[] =>
      of.forecasts
        .filter(({ origin }) => origin >= Small.startAt + 135 * day)
        .map(({ symbol, model, origin, variance }) => `${symbol} ${model} ${origin} ${variance}`)
    expect(variances(later)).toEqual(variances(walk))
  })

  test('edge: an asset that begins late is forecast by the pooled models once it has thirty days', async () => {
    const young = Small.panel(days, ['BTC', 'ETH', 'NEW', 'SOL'])
    const runs = young.runs.map((each) => {
      if (each.symbol !== 'NEW') return each
      const cut = Object.entries(each).map(([key, value]) => [key, value instanceof Float64Array ? value.slice(100 * 24) : value])
      return { ...Object.fromEntries(cut), firstHour: each.firstHour + 100 * 24, length: each.length - 100 * 24 } as typeof each
    })
    const { forecasts } = await run({ panel: { ...young, runs } })
    const mine = forecasts.filter(({ symbol }) => symbol === 'NEW')
    expect(Math.min(...mine.map(({ origin }) => origin))).toBe(Small.startAt + 131 * day)
    expect(mine.every(({ variance }) => variance > 0)).toBe(true)
  })

  test('a run that was killed goes on from its fits, to the same bits; a torn file is made again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll fits '))
    try {
      const checkpoint = await Checkpoint.open(folder)
      let fits = 0
      const killed = run({
        checkpoint,
        onProgress: ({ done }) => {
          fits = Math.floor(done)
          if (done > 1.2) throw new Error('killed')
        },
      })
      await expect(killed).rejects.toThrow('killed')
      expect(fits).toBe(1)
      const kept = await readdir(folder)
      expect(kept.length).toBe(1)
      expect((await run({ checkpoint })).forecasts).toEqual(walk.forecasts)
      await writeFile(join(folder, kept[0] ?? ''), '{"sum":"0","fit":{')
      expect((await run({ checkpoint })).forecasts).toEqual(walk.forecasts)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('error: too short a panel', async () => {
    await expect(run({ panel: Small.panel(50), to: Small.startAt + 50 * day, from: Small.startAt + 40 * day })).rejects.toThrow(
      Walk.TooShortError,
    )
  })
})

describe('Comparison.of', () => {
  test('scores every model beside log-HAR, which is one by definition', async () => {
    const long = await run({ from: Small.startAt + 114 * day })
    const comparison = Comparison.of({ walk: long, seed: 1 })
    expect(comparison.lines.map(({ model }) => model)).toEqual([...Walk.models])
    const line = (model: Walk.Model) => comparison.lines.find((each) => each.model === model)
    expect(line('log-har')).toMatchObject({ ratio: 1, ratioWithoutWorst: 1, betterP: 1 })
    expect(Math.max(...comparison.lines.map(({ setP }) => setP))).toBe(1)
    expect(comparison.symbols).toEqual(['BTC', 'ETH', 'SOL'])
    const champion = line('champion')
    const own = Object.values(champion?.bySymbol ?? {})
    expect(own.reduce((sum, value) => sum + value, 0) / own.length).toBeCloseTo(champion?.qlike ?? Number.NaN, 9)
  })
})

describe('Table', () => {
  test('written and read back, every digit is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll table '))
    try {
      const path = join(folder, 'f.csv')
      await Table.write(path, walk.forecasts)
      const { readFile } = await import('node:fs/promises')
      const text = await readFile(path, 'utf8')
      expect(text.split('\n')[0]).toBe('symbol,origin,horizon,model,variance,q99_long_path,q99_short_path,q99_long_end,q99_short_end')
      const rows = Table.parse(text, 'f.csv')
      const key = ({ symbol, origin, model }: Table.Row): string => `${origin} ${symbol} ${model}`
      const sorted = (of: readonly Table.Row[]): readonly Table.Row[] => [...of].sort((a, b) => (key(a) < key(b) ? -1 : 1))
      expect(sorted(rows)).toEqual(sorted(walk.forecasts))
      expect(() => Table.parse(`${text}BTC,2024-01-01T00:00:00Z,24h,champion,NaN,1,1,1,1\n`, 'f.csv')).toThrow(Table.UnreadableError)
      expect(() => Table.parse('a,b\n', 'f.csv')).toThrow(/line 1/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
