import * as Artifact from '../Artifact.ts'
import type * as Backend from '../Backend.ts'
import { type Config, config } from '../Config.ts'
import * as Dataset from '../Dataset.ts'
import * as Training from '../Training.ts'

/** A run that takes a second: what tests train. */
export const tiny: Config = {
  ...config,
  hidden: [8],
  batch: 64,
  epochs: 3,
  shares: { train: 0.4, validation: 0.2, calibration: 0.2 },
}

export const dataset = Dataset.synthetic({ seed: 5, days: 30, symbols: 2 })

export function train(backend: Backend.Backend, part: Partial<Training.run.Arguments> = {}): Promise<Training.Result> {
  return Training.run({ ...dataset, backend, seed: 3, config: tiny, ...part })
}

/** Writes a result as version 0.0.1. */
export function save(directory: string, result: Training.Result): Promise<Artifact.Hash> {
  return Artifact.save({ ...result, directory, version: '0.0.1', card: { ...result.card, version: '0.0.1' } })
}
