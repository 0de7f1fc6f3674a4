import { parseArgs } from 'node:util'
import * as Artifact from './Artifact.ts'
import * as Backend from './Backend.ts'
import { BaseError } from './BaseError.ts'
import { config } from './Config.ts'
import * as Dataset from './Dataset.ts'
import * as Registry from './Registry.ts'
import * as Training from './Training.ts'

const usage =
  'node models/volatility/src/train.ts --version <x.y.z> [--seed 7] [--days 365] [--symbols 8] [--epochs 20] [--backend tensorflow|wasm|cpu] [--out <models folder>]'

try {
  const { values } = parseArgs({
    options: {
      version: { type: 'string' },
      seed: { type: 'string', default: '7' },
      days: { type: 'string', default: '365' },
      symbols: { type: 'string', default: '8' },
      epochs: { type: 'string', default: String(config.epochs) },
      backend: { type: 'string' },
      out: { type: 'string', default: Registry.defaultDirectory },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.version === undefined) {
    process.stderr.write(`${usage}\n`)
    process.exit(values.help ? 0 : 1)
  }
  const { version, out } = values
  const seed = whole('seed', values.seed, 0, 2 ** 31 - 1)
  const dataset = Dataset.synthetic({
    seed,
    days: whole('days', values.days, 20, 2_000),
    symbols: whole('symbols', values.symbols, 1, 8),
  })
  Artifact.assertFree({ directory: out, version })
  const backend = await Backend.load(name(values.backend))
  const startedAt = performance.now()
  const result = await Training.run({
    ...dataset,
    backend,
    seed,
    config: { ...config, epochs: whole('epochs', values.epochs, 1, 1_000) },
    onProgress({ epoch, epochs, validationLoss }) {
      const seconds = (performance.now() - startedAt) / 1000
      const left = epoch === 0 ? '' : `, ${Math.ceil((seconds / epoch) * (epochs - epoch))} s left`
      process.stderr.write(`epoch ${epoch}/${epochs}  validation QLIKE ${validationLoss.toFixed(5)}${left}\n`)
    },
  })
  const card = { ...result.card, version }
  const modelHash = await Artifact.save({ ...result, directory: out, version, card })
  const registry = await Registry.enter({ directory: out, entry: { version, modelHash } })
  const { scores, coverage, training } = card
  process.stdout.write(
    `${JSON.stringify({ version, modelHash, champion: registry.champion?.version === version, backend: backend.name, bestEpoch: training.bestEpoch, scores, coverage })}\n`,
  )
} catch (error) {
  const hint = error instanceof BaseError ? ` ${error.hint}` : ''
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exitCode = 1
}

function whole(key: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw new Error(`--${key} must be a whole number from ${least} to ${most}. ${usage}`)
  return value
}

function name(text: string | undefined): Backend.Name | undefined {
  if (text === undefined || text === 'tensorflow' || text === 'wasm' || text === 'cpu') return text
  throw new Error(`--backend must be tensorflow, wasm or cpu. ${usage}`)
}
