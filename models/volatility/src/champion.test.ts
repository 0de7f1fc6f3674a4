import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Artifact, Backend, Card, Dataset, Forecast, Outlook, Registry, Sheet, Suite } from './index.ts'
import * as First from './testing/First.ts'

let model: Artifact.Artifact
beforeAll(async () => {
  model = await First.load(await Backend.load())
})

describe('version 0.1.0 that comes along', () => {
  test('loads whole, and repeats the forecasts on its card within 1e-5', () => {
    if (model.network === null) throw new Error(model.fault?.message)
    const rows = model.card.probe.rows.map((row) => Float64Array.from(row))
    const bases = rows.map((row) => Forecast.baseline(model.parameters, row))
    const again = Forecast.corrected(model.parameters, model.network, rows, bases)
    expect(rows.length).toBeGreaterThanOrEqual(5)
    again.forEach((line, i) => {
      line.forEach((variance, k) => {
        expect(Math.abs(variance / (model.card.probe.variances[i]?.[k] ?? Number.NaN) - 1)).toBeLessThan(1e-5)
      })
    })
  })
  test('its data can be made again from its card', () => {
    const { data, seed } = model.card
    const days = data.bars / data.symbols.length / 288
    const dataset = Dataset.synthetic({ seed, days, symbols: data.symbols.length })
    expect(dataset.source).toBe(data.source)
    expect(Dataset.hash(dataset.bars)).toBe(data.sha256)
  })
  test('beats every baseline on its held-out period, and its coverage stands on the card', () => {
    for (const { qlike } of model.card.scores) expect(qlike.champion).toBeLessThan(Math.min(qlike['log-har'], qlike.ewma, qlike.static))
    const hour = model.card.coverage.find(({ horizonSeconds }) => horizonSeconds === 3_600)
    expect(hour?.champion.longPpm).toBeLessThan(20_000)
    expect(hour?.champion.shortPpm).toBeLessThan(20_000)
  })
  test('the README shows the tables of its card', async () => {
    const readme = await readFile(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
    // The formatter pads the columns.
    const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{2,}/g, '--')
    expect(plain(readme)).toContain(plain(Card.tables(model.card)))
    expect(readme).toContain(model.modelHash)
  })
})

describe('version 0.4.0 that comes along', () => {
  const directory = Registry.defaultDirectory
  const load = async (): Promise<Suite.Suite> =>
    Suite.load({ directory, backend: await Backend.load(), ...Registry.find(await Registry.read(directory), '0.4.0') })
  test('loads whole, and repeats the forecasts on its card within 1e-5, without tfjs within 1e-6', async () => {
    const suite = await load()
    expect(suite.fault).toBeNull()
    expect(suite.members.map(({ member }) => member.horizonSeconds)).toEqual([3_600, 14_400, 86_400])
    suite.members.forEach((served, i) => {
      const probe = suite.card.members[i]?.probe
      const rows = (probe?.rows ?? []).map((row) => ({ values: Float64Array.from(row) }))
      const { champion } = Outlook.predict(served, rows)
      const layers = served.network === null ? [] : Suite.layers(served.network)
      expect(rows.length).toBeGreaterThanOrEqual(5)
      rows.forEach(({ values }, r) => {
        expect(Math.abs((champion[r] ?? Number.NaN) / (probe?.variances[r] ?? Number.NaN) - 1)).toBeLessThan(1e-5)
        expect(Math.abs(Outlook.plain(served.member, layers, values) / (champion[r] ?? Number.NaN) - 1)).toBeLessThan(1e-6)
      })
    })
  })
  test('its card shows every rival, and how the quantiles held', async () => {
    const { card } = await load()
    for (const { comparison } of card.members) {
      const ratio = Object.fromEntries(comparison.lines.map((line) => [line.model, line.ratio]))
      for (const rival of ['log-har', 'garch', 'gjr', 'ewma', 'static']) expect(ratio['champion']).toBeLessThan(ratio[rival] ?? Number.NaN)
      const path = comparison.lines.find(({ model }) => model === 'champion')?.coverage.longPath
      expect(path?.exceedance).toBeGreaterThan(0.005)
      expect(path?.exceedance).toBeLessThan(0.015)
    }
  })
  test('the README shows the tables of its card', async () => {
    const suite = await load()
    const readme = await readFile(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
    const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{2,}/g, '--')
    expect(plain(readme)).toContain(plain(Sheet.tables(suite.card)))
    expect(readme).toContain(suite.modelHash)
  })
})
