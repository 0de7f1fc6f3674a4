import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as Artifact from './Artifact.ts'
import type { Backend } from './Backend.ts'
import { BaseError } from './BaseError.ts'
import * as Suite from './Suite.ts'

/** A version, bound to the hash of its manifest. */
export type Entry = { readonly version: string; readonly modelHash: Artifact.Hash }

/** Which model serves, and which ones wait. */
export type Registry = {
  readonly schema: 1
  readonly champion: Entry | null
  readonly challengers: readonly Entry[]
  /** Champions before this one, the newest last: where `rollback` goes. */
  readonly former?: readonly Entry[]
}

/** Either kind of model: version 0.1.0's single network, or a suite of horizons. */
export type Model = Artifact.Artifact | Suite.Suite

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
 * @throws {UnreadableError | NoChampionError} and whatever `load` throws.
 */
export async function champion(args: { readonly directory: string; readonly backend: Backend }): Promise<Model> {
  const { champion: entry } = await read(args.directory)
  if (entry === null) throw new NoChampionError()
  return load({ ...args, ...entry })
}

/**
 * Loads a version as a model of its kind.
 *
 * @throws whatever `Artifact.load` or `Suite.load` throws.
 */
export async function load(args: Artifact.load.Arguments): Promise<Model> {
  const parameters = await Artifact.read(Artifact.folder(args.directory, args.version), 'parameters.json')
  return Suite.isSuite(parameters.toString('utf8')) ? Suite.load(args) : Artifact.load(args)
}

/**
 * The registered entry of a version.
 *
 * @throws {UnknownVersionError}
 */
export function find(registry: Registry, version: string): Entry {
  const all = [registry.champion, ...registry.challengers, ...(registry.former ?? [])]
  const found = all.find((entry) => entry?.version === version)
  if (found === undefined || found === null) throw new UnknownVersionError({ version })
  return found
}

/**
 * Enters a trained version: as challenger, or as champion of a registry that has none. The file is replaced whole.
 *
 * @returns the registry as written.
 * @throws {BusyError}
 */
export function enter(args: { readonly directory: string; readonly entry: Entry }): Promise<Registry> {
  const { directory, entry } = args
  return change(directory, (before) =>
    before.champion === null ? { ...before, champion: entry } : { ...before, challengers: [...before.challengers, entry] },
  )
}

/**
 * Makes a challenger the champion. Killed at any moment, the registry is the old one or the new one; of promotions that run at once, one wins.
 *
 * @param args.against - the champion that the challenger was judged against: if another one serves by now, the judgement is void.
 * @returns the registry as written.
 * @throws {BusyError | ChangedError | UnknownVersionError}
 */
export function promote(args: { readonly directory: string; readonly version: string; readonly against: Entry | null }): Promise<Registry> {
  const { directory, version, against } = args
  return change(directory, (before) => {
    const entry = before.challengers.find((each) => each.version === version)
    if (before.champion?.modelHash !== against?.modelHash) throw new ChangedError({ champion: before.champion?.version ?? 'none' })
    if (entry === undefined) throw new UnknownVersionError({ version })
    return {
      ...before,
      champion: entry,
      challengers: before.challengers.filter((each) => each !== entry),
      former: [...(before.former ?? []), ...(before.champion === null ? [] : [before.champion])],
    }
  })
}

/**
 * Puts the champion before this one back; the one that served becomes a challenger again.
 *
 * @throws {BusyError | NoFormerError}
 */
export function rollback(directory: string): Promise<Registry> {
  return change(directory, (before) => {
    const former = before.former ?? []
    const entry = former.at(-1)
    if (entry === undefined) throw new NoFormerError()
    return {
      ...before,
      champion: entry,
      challengers: [...before.challengers, ...(before.champion === null ? [] : [before.champion])],
      former: former.slice(0, -1),
    }
  })
}

/** Reads, changes and replaces the registry while nobody else does. */
async function change(directory: string, to: (before: Registry) => Registry): Promise<Registry> {
  const unlock = await lock(directory)
  try {
    const before = await read(directory).catch((error: unknown) => {
      if (error instanceof UnreadableError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return empty
      throw error
    })
    const after = to(before)
    const path = join(directory, 'registry.json')
    await written(`${path}.draft`, `${JSON.stringify(after, null, 2)}\n`)
    await rename(`${path}.draft`, path)
    return after
  } finally {
    await unlock()
  }
}

/** Takes `registry.lock`, which names its owner; the lock of a process that is gone is taken over. */
async function lock(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'registry.lock')
  const mine = `${path}.${process.pid}-${performance.now()}`
  await written(mine, String(process.pid))
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        await link(mine, path)
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        const owner = Number(await readFile(path, 'utf8').catch(() => ''))
        if (isAlive(owner)) break
        // Moved aside, not removed: had somebody taken it over meanwhile, theirs would be put back.
        const aside = `${mine}.aside`
        await rename(path, aside).catch(() => {})
        const moved = Number(await readFile(aside, 'utf8').catch(() => ''))
        if (isAlive(moved)) await link(aside, path).catch(() => {})
        await rm(aside, { force: true })
      }
    }
    throw new BusyError()
  } finally {
    await rm(mine, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Written and on disk. */
async function written(path: string, text: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const empty: Registry = { schema: 1, champion: null, challengers: [] }

function isRegistry(value: unknown): value is Registry {
  if (typeof value !== 'object' || value === null) return false
  const { schema, champion: first, challengers, former = [] } = value as Record<string, unknown>
  const entries = (list: unknown): boolean => Array.isArray(list) && list.every(isEntry)
  return schema === 1 && (first === null || isEntry(first)) && entries(challengers) && entries(former)
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

/** Thrown when a version is asked for that nobody entered. */
export class UnknownVersionError extends BaseError {
  override readonly name = 'Registry.UnknownVersionError'
  readonly version: string
  constructor(args: { readonly version: string }) {
    super({
      code: 'REGISTRY_VERSION_UNKNOWN',
      message: `Version ${args.version} is not in the registry, or does not stand for that.`,
      hint: 'Enter it by training it; only a challenger can be promoted.',
    })
    this.version = args.version
  }
}

/** Thrown when another process is changing the registry. */
export class BusyError extends BaseError {
  override readonly name = 'Registry.BusyError'
  constructor() {
    super({ code: 'REGISTRY_BUSY', message: 'Another process is changing the registry.', hint: 'Look at what it did, then try again.' })
  }
}

/** Thrown when another champion serves by now than the one a challenger was judged against. */
export class ChangedError extends BaseError {
  override readonly name = 'Registry.ChangedError'
  readonly champion: string
  constructor(args: { readonly champion: string }) {
    super({
      code: 'REGISTRY_CHANGED',
      message: `The champion is ${args.champion} by now, not the one this was judged against.`,
      hint: 'Compare with the champion that serves now, and promote again.',
    })
    this.champion = args.champion
  }
}

/** Thrown when there is no earlier champion to go back to. */
export class NoFormerError extends BaseError {
  override readonly name = 'Registry.NoFormerError'
  constructor() {
    super({ code: 'REGISTRY_NO_FORMER', message: 'There was no champion before this one.', hint: 'Nothing was changed.' })
  }
}
