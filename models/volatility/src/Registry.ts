import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as Artifact from './Artifact.ts'
import type { Backend } from './Backend.ts'
import { BaseError } from './BaseError.ts'

/** A version, bound to the hash of its manifest. */
export type Entry = { readonly version: string; readonly modelHash: Artifact.Hash }

/** Which model serves, and which ones wait. */
export type Registry = { readonly schema: 1; readonly champion: Entry | null; readonly challengers: readonly Entry[] }

/** The registry that comes with this package; never the working directory. */
export const defaultDirectory = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads `<directory>/registry.json`.
 *
 * @throws {UnreadableError} absent, not JSON, or not a registry.
 */
export async function read(directory: string): Promise<Registry> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(join(directory, 'registry.json'), 'utf8'))
  } catch (cause) {
    throw new UnreadableError({ problem: cause instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read', cause })
  }
  if (!isRegistry(value)) throw new UnreadableError({ problem: 'it does not have the shape of a registry' })
  return value
}

/**
 * Loads the champion, checked against the hash registered for it.
 *
 * @throws {UnreadableError | NoChampionError} and whatever `Artifact.load` throws.
 */
export async function champion(args: { readonly directory: string; readonly backend: Backend }): Promise<Artifact.Artifact> {
  const { champion: entry } = await read(args.directory)
  if (entry === null) throw new NoChampionError()
  return Artifact.load({ ...args, ...entry })
}

/**
 * Enters a trained version: as challenger, or as champion of a registry that has none. The file is replaced whole.
 *
 * @returns the registry as written.
 */
export async function enter(args: { readonly directory: string; readonly entry: Entry }): Promise<Registry> {
  const { directory, entry } = args
  const path = join(directory, 'registry.json')
  const before = await read(directory).catch((error: unknown) => {
    if (error instanceof UnreadableError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return empty
    throw error
  })
  const after: Registry =
    before.champion === null ? { ...before, champion: entry } : { ...before, challengers: [...before.challengers, entry] }
  await writeFile(`${path}.draft`, `${JSON.stringify(after, null, 2)}\n`)
  await rename(`${path}.draft`, path)
  return after
}

const empty: Registry = { schema: 1, champion: null, challengers: [] }

function isRegistry(value: unknown): value is Registry {
  if (typeof value !== 'object' || value === null) return false
  const { schema, champion: first, challengers } = value as Record<string, unknown>
  return schema === 1 && (first === null || isEntry(first)) && Array.isArray(challengers) && challengers.every(isEntry)
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { version, modelHash } = value as Record<string, unknown>
  return typeof version === 'string' && typeof modelHash === 'string' && /^0x[0-9a-f]{64}$/.test(modelHash)
}

/** Thrown when there is no registry to read. */
export class UnreadableError extends BaseError {
  override readonly name = 'Registry.UnreadableError'
  constructor(args: { readonly problem: string; readonly cause?: unknown }) {
    super({
      code: 'REGISTRY_UNREADABLE',
      message: `registry.json is refused: ${args.problem}.`,
      hint: 'Point PLIMSOLL_MODELS at a folder that holds registry.json and artifacts/, or unset it to use the models that come along.',
    })
    if (args.cause !== undefined) this.cause = args.cause
  }
}

/** Thrown when a registry names no champion. */
export class NoChampionError extends BaseError {
  override readonly name = 'Registry.NoChampionError'
  constructor() {
    super({ code: 'REGISTRY_NO_CHAMPION', message: 'The registry names no champion.', hint: 'Train a model into it first.' })
  }
}
