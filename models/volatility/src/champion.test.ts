import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Artifact, Backend, Card, Dataset, Forecast } from './index.ts'
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
