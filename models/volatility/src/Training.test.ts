import { Features } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import { Backend, Dataset, Network, Sample, type Training } from './index.ts'
import * as Tiny from './testing/Tiny.ts'

describe('run', () => {
  test('one seed, one result: weights, parameters and card are the same to the bit; another seed is another network', async () => {
    const backend = await Backend.load('wasm')
    const progress: Training.Progress[] = []
    const first = await Tiny.train(backend, { onProgress: (each) => progress.push(each) })
    const second = await Tiny.train(backend)
    const third = await Tiny.train(backend, { seed: 4 })
    expect(Network.weights(second.network)).toEqual(Network.weights(first.network))
    expect(second.parameters).toEqual(first.parameters)
    expect(second.card).toEqual(first.card)
    expect(Network.weights(third.network)).not.toEqual(Network.weights(first.network))
    expect(progress.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3])

    const { card, parameters } = first
    expect(card.data).toMatchObject({ symbols: ['BTC-PERP', 'ETH-PERP'], bars: 2 * 30 * 288, sha256: Dataset.hash(Tiny.dataset.bars) })
    expect(card.training.validationLoss).toEqual(progress.map(({ validationLoss }) => validationLoss))
    expect(card.training.validationLoss[card.training.bestEpoch]).toBe(Math.min(...card.training.validationLoss))
    expect(card.scores.map(({ horizonSeconds }) => horizonSeconds)).toEqual([3_600, 14_400, 86_400])
    for (const { qlike } of card.scores) expect(Object.values(qlike).every((value) => value > 0 && value < 5)).toBe(true)
    const { spans } = card
    expect(spans.validation.from - spans.train.to).toBeGreaterThan(86_400)
    expect(spans.calibration.from - spans.validation.to).toBeGreaterThan(86_400)
    expect(spans.test.from - spans.calibration.to).toBeGreaterThan(86_400)
    expect(parameters.calibration.map(({ horizonSeconds }) => horizonSeconds)).toEqual([300, 900, 3_600, 14_400, 86_400])
  })

  test('nothing learnt comes from the test period: other bars there change no weight, no baseline, no calibration', async () => {
    const backend = await Backend.load('wasm')
    const first = await Tiny.train(backend)
    const { from } = first.card.spans.test
    const other = Object.fromEntries(
      Object.entries(Tiny.dataset.bars).map(([symbol, bars]) => [
        symbol,
        bars.map((bar) => (bar.closeAt <= from ? bar : { ...bar, open: 1, high: 2, low: 0.5, close: 1 + (bar.closeAt % 7) / 100 })),
      ]),
    )
    const second = await Tiny.train(backend, { bars: other })
    expect(Network.weights(second.network)).toEqual(Network.weights(first.network))
    expect(second.parameters).toEqual(first.parameters)
    expect(second.card.scores).not.toEqual(first.card.scores)
  })

  test('error: too short a history, unsound bars', async () => {
    const backend = await Backend.load('wasm')
    await expect(Tiny.train(backend, Dataset.synthetic({ seed: 1, days: 9, symbols: 1 }))).rejects.toThrow(
      expect.objectContaining({ name: 'Sample.TooLittleDataError', code: 'TRAINING_TOO_LITTLE_DATA' }),
    )
    const [first, ...rest] = Tiny.dataset.bars['BTC-PERP'] ?? []
    await expect(Tiny.train(backend, { bars: { X: [...rest, ...(first === undefined ? [] : [first])] } })).rejects.toThrow(
      expect.objectContaining({ code: 'BARS_INVALID' }),
    )
  })
})

describe('Sample.of', () => {
  test('every origin has the features of its time and the outcome after it', () => {
    const series = Object.entries(Tiny.dataset.bars).map(([symbol, bars]) => Features.prepare({ symbol, bars }))
    const samples = Sample.of(series, Tiny.tiny)
    const sample = samples[77]
    const own = series.find(({ symbol }) => symbol === sample?.symbol)
    if (sample === undefined || own === undefined) throw new Error('no sample')
    expect(own.bars[sample.index]?.closeAt).toBe(sample.at)
    expect(sample.targets[0]).toBe(Features.target(own, sample.index, 3_600))
    expect(Features.rows(series, sample.at).find(({ symbol }) => symbol === sample.symbol)?.values).toEqual(sample.values)
    expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).sort((a, b) => a - b))
  })
})

describe('Dataset.hash', () => {
  const bars = Tiny.dataset.bars
  test('one changed price, time or symbol is another hash; the order of symbols is not', () => {
    const [btc = [], eth = []] = [bars['BTC-PERP'], bars['ETH-PERP']]
    const changed = btc.map((bar, i) => (i === 99 ? { ...bar, low: bar.low * (1 - 2 ** -50) } : bar))
    const hashes = [bars, { 'BTC-PERP': changed, 'ETH-PERP': eth }, { 'BTC-PERP': btc }, { 'BTC-PERX': btc, 'ETH-PERP': eth }].map(
      Dataset.hash,
    )
    expect(new Set(hashes).size).toBe(4)
    expect(Dataset.hash({ 'ETH-PERP': eth, 'BTC-PERP': btc })).toBe(hashes[0])
  })
})
