import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Artifact, Backend, Forecast, Network, type Training } from './index.ts'
import * as Tiny from './testing/Tiny.ts'

let backend: Backend.Backend
let result: Training.Result
let directory: string
let modelHash: Artifact.Hash
const path = (name: string): string => join(directory, 'artifacts', '0.0.1', name)
const load = (): Promise<Artifact.Artifact> => Artifact.load({ directory, version: '0.0.1', modelHash, backend })
const forecasts = (model: Forecast.of.Arguments['model']): Record<string, Forecast.Outcome> =>
  Forecast.of({ model, market: Tiny.dataset.bars, lastGood: {}, closeOutSeconds: 3_600, liquidationSeconds: 300 })

beforeAll(async () => {
  backend = await Backend.load('wasm')
  result = await Tiny.train(backend)
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll model '))
  modelHash = await Tiny.save(directory, result)
  return () => rm(directory, { recursive: true })
})
afterAll(() => Network.dispose(result.network))

async function flip(name: string, at = 0.5): Promise<void> {
  const bytes = await readFile(path(name))
  const index = Math.floor(bytes.length * at)
  bytes[index] = (bytes[index] ?? 0) ^ 1
  await writeFile(path(name), bytes)
}

describe('save', () => {
  test('writes five files and nothing else; the same model has the same hash', async () => {
    expect((await readdir(join(directory, 'artifacts', '0.0.1'))).sort()).toEqual([
      'card.json',
      'manifest.json',
      'model.json',
      'parameters.json',
      'weights.bin',
    ])
    expect(await readdir(join(directory, 'artifacts'))).toEqual(['0.0.1'])
    const again = await mkdtemp(join(tmpdir(), 'plimsoll-'))
    expect(await Tiny.save(again, result)).toBe(modelHash)
    await rm(again, { recursive: true })
  })
  test('tfjs itself reads model.json and weights.bin', async () => {
    const description = JSON.parse(await readFile(path('model.json'), 'utf8'))
    const bytes = await readFile(path('weights.bin'))
    const { tf } = backend
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: description.modelTopology,
        weightSpecs: description.weightsManifest[0].weights,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      }),
    )
    expect(model.getWeights().map((tensor) => Float32Array.from(tensor.dataSync()))).toEqual(Network.weights(result.network))
  })
  test('error: a version is written once, and is a version', async () => {
    await expect(Tiny.save(directory, result)).rejects.toThrow(
      expect.objectContaining({ name: 'Artifact.ExistsError', code: 'ARTIFACT_EXISTS' }),
    )
    for (const version of ['..', '../0.0.1', '1.0', 'v1.0.0', '01.0.0', ''])
      expect(() => Artifact.assertFree({ directory, version })).toThrow(
        expect.objectContaining({ name: 'Artifact.InvalidVersionError', code: 'VERSION_INVALID' }),
      )
  })
})

describe('load', () => {
  test('gives the forecasts of the model that was saved: bit for bit here, within 1e-5 on another backend', async () => {
    const loaded = await load()
    expect(loaded.fault).toBeNull()
    expect(loaded.card).toEqual({ ...result.card, version: '0.0.1' })
    const before = forecasts({ ...loaded, network: result.network })
    expect(forecasts(loaded)).toEqual(before)
    expect(before['ETH-PERP']).toMatchObject({ status: 'forecast', forecast: { source: 'champion' }, fallback: null })

    const other = await Artifact.load({ directory, version: '0.0.1', modelHash, backend: await Backend.load('cpu') })
    if (other.network === null) throw new Error('no network')
    const { rows, variances } = loaded.card.probe
    const values = rows.map((row) => Float64Array.from(row))
    const bases = values.map((row) => Forecast.baseline(other.parameters, row))
    Forecast.corrected(other.parameters, other.network, values, bases).forEach((line, i) => {
      line.forEach((variance, k) => {
        expect(Math.abs(variance / (variances[i]?.[k] ?? Number.NaN) - 1)).toBeLessThan(1e-5)
      })
    })
    await Backend.load('wasm')
  })

  test.each(['weights.bin', 'model.json'])('a flipped bit in %s refuses the network; the baseline answers and says so', async (name) => {
    await flip(name)
    const loaded = await load()
    expect(loaded.network).toBeNull()
    expect(loaded.fault).toMatchObject({ code: 'ARTIFACT_CORRUPT', message: expect.stringContaining(name) })
    expect(forecasts(loaded)['ETH-PERP']).toMatchObject({
      status: 'forecast',
      forecast: { source: 'baseline', modelHash },
      fallback: { code: 'ARTIFACT_CORRUPT' },
    })
  })
  test.each(['manifest.json', 'parameters.json', 'card.json'])('error: a flipped bit in %s refuses the model', async (name) => {
    await flip(name)
    await expect(load()).rejects.toThrow(expect.objectContaining({ name: 'Artifact.CorruptError', code: 'ARTIFACT_CORRUPT', file: name }))
  })
  test('every byte of the weights counts', async () => {
    for (const at of [0, 0.25, 0.999]) {
      await flip('weights.bin', at)
      expect((await load()).network).toBeNull()
      await flip('weights.bin', at)
    }
    expect((await load()).network).not.toBeNull()
  })
  test('truncated, oversized, absent', async () => {
    await truncate(path('weights.bin'), 40)
    expect((await load()).fault?.message).toMatch(/has 40 bytes/)
    await truncate(path('weights.bin'), Artifact.mostBytes + 1)
    expect((await load()).fault?.message).toMatch(/are allowed/)
    await rm(path('weights.bin'))
    expect((await load()).fault?.message).toMatch(/cannot be opened/)
  })
  test('error: another hash than the registered one', async () => {
    await expect(Artifact.load({ directory, version: '0.0.1', modelHash: `0x${'0'.repeat(64)}`, backend })).rejects.toThrow(/registered/)
  })
  test('weights that are not finite are refused even with a sound manifest', async () => {
    const network = Network.build(backend, result.parameters.network)
    Network.setWeights(
      network,
      Network.weights(result.network).map((part, i) => (i === 0 ? part.fill(Number.NaN, 0, 1) : part)),
    )
    const elsewhere = join(directory, 'nan')
    const hash = await Tiny.save(elsewhere, { ...result, network })
    const loaded = await Artifact.load({ directory: elsewhere, version: '0.0.1', modelHash: hash, backend })
    expect(loaded.fault?.message).toMatch(/not finite/)
  })
  test('a network other than its parameters say is refused even with a sound manifest', async () => {
    const network = Network.build(backend, { ...result.parameters.network, hidden: [9] })
    const elsewhere = join(directory, 'other')
    const hash = await Tiny.save(elsewhere, { ...result, network })
    const loaded = await Artifact.load({ directory: elsewhere, version: '0.0.1', modelHash: hash, backend })
    expect(loaded.fault?.message).toMatch(/another network/)
  })
})
