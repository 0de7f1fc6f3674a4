/** The scorecard that scores are served from: a document with its own hash, refused where the two differ. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Hash } from '@plimsoll/contracts'
import { Model } from '@plimsoll/reputation'

export type Scorecard = { readonly model: Model.Model; readonly modelHash: `0x${string}` }

/** The one that comes with the reputation package. */
export const fitted = fileURLToPath(import.meta.resolve('@plimsoll/reputation/models/scorecard-3.json'))

/**
 * Reads a scorecard as `plimsoll reputation fit` wrote it.
 *
 * @throws {ScorecardError} it cannot be read, is no model, or its hash is not its own.
 */
export async function read(path: string): Promise<Scorecard> {
  let document: unknown
  try {
    document = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ScorecardError(path, 'it cannot be read as JSON', cause)
  }
  if (typeof document !== 'object' || document === null || !('model' in document) || !('modelHash' in document))
    throw new ScorecardError(path, 'it holds no model with its hash')
  const model = modelOf(path, document.model)
  const modelHash = Hash.ofText(Model.canonical(model))
  if (document.modelHash !== modelHash) throw new ScorecardError(path, `its hash is ${modelHash}, not ${String(document.modelHash)}`)
  return { model, modelHash }
}

function modelOf(path: string, document: unknown): Model.Model {
  try {
    return Model.parse(document)
  } catch (cause) {
    throw new ScorecardError(path, cause instanceof Error ? cause.message : 'it is no model', cause)
  }
}

/** Thrown when there is no scorecard to serve from. */
export class ScorecardError extends Error {
  override readonly name = 'Scorecard.ScorecardError'
  readonly code = 'SCORECARD_UNREADABLE'
  readonly hint = 'Point SCORECARD to a file that `plimsoll reputation fit --out` wrote, or leave it out.'
  constructor(path: string, why: string, cause?: unknown) {
    super(`The scorecard ${path} cannot be served: ${why}.`, { cause })
  }
}
