import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Backend } from './Backend.ts'
import { BaseError } from './BaseError.ts'
import type { Card } from './Card.ts'
import * as Network from './Network.ts'
import * as Parameters from './Parameters.ts'

/** 32 bytes, lower-case hex with 0x. */
export type Hash = `0x${string}`

/** A model as read from disk and checked. */
export type Artifact = {
  readonly version: string
  /** sha256 of the manifest, which holds the sha256 of every other file. */
  readonly modelHash: Hash
  readonly parameters: Parameters.Parameters
  readonly card: Card
  /** Null when the network was refused: the baseline then stands alone, and `fault` says why. */
  readonly network: Network.Network | null
  readonly fault: { readonly code: string; readonly message: string } | null
}

const names = ['card.json', 'model.json', 'parameters.json', 'weights.bin'] as const
type FileName = (typeof names)[number]

/** No file of a model is larger. A network of this kind needs some kilobytes. */
export const mostBytes = 1_048_576

/**
 * Writes a model to `<directory>/artifacts/<version>`, whole or not at all. `model.json` and `weights.bin` have tfjs's own layout, so that
 * `tf.loadLayersModel` reads them in a browser.
 *
 * @returns the hash that names this model in forecasts and certificates.
 * @throws {InvalidVersionError | ExistsError} a version is written once.
 */
export async function save(args: save.Arguments): Promise<Hash> {
  const { directory, version, network, parameters, card } = args
  const target = assertFree({ directory, version })
  const files: Record<FileName, Uint8Array> = {
    'card.json': Buffer.from(`${JSON.stringify(card, null, 2)}\n`),
    'parameters.json': Buffer.from(`${JSON.stringify(parameters, null, 2)}\n`),
    'model.json': Buffer.from(`${JSON.stringify(description(network), null, 2)}\n`),
    'weights.bin': Buffer.concat(Network.weights(network).map(({ buffer }) => Buffer.from(buffer))),
  }
  const manifest = Buffer.from(
    `${JSON.stringify({ schema: 1, version, files: names.map((name) => ({ name, bytes: files[name].length, sha256: sha256(files[name]) })) }, null, 2)}\n`,
  )
  await mkdir(join(directory, 'artifacts'), { recursive: true })
  const draft = await mkdtemp(join(directory, 'artifacts', '.draft-'))
  try {
    for (const name of names) await writeFile(join(draft, name), files[name])
    await writeFile(join(draft, 'manifest.json'), manifest)
    await chmod(draft, 0o755)
    await rename(draft, target)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw cause
  }
  return `0x${sha256(manifest)}`
}

export declare namespace save {
  type Arguments = {
    readonly directory: string
    readonly version: string
    readonly network: Network.Network
    readonly parameters: Parameters.Parameters
    readonly card: Card
  }
}

/**
 * Refuses a version that is written already: asked before training, and again before writing.
 *
 * @returns its folder.
 * @throws {InvalidVersionError | ExistsError}
 */
export function assertFree(args: { readonly directory: string; readonly version: string }): string {
  const target = folder(args.directory, args.version)
  if (existsSync(target)) throw new ExistsError({ version: args.version })
  return target
}

/**
 * Reads a model as the untrusted input it is: sizes, hashes, schemas, topology, finite weights. A fault in the network's own files leaves
 * the baseline; a fault anywhere else refuses the whole model.
 *
 * @param args.modelHash - what the registry says the manifest's hash is.
 * @throws {InvalidVersionError | CorruptError | Parameters.InvalidParametersError}
 */
export async function load(args: load.Arguments): Promise<Artifact> {
  const { directory, version, modelHash, backend } = args
  const verified = await verifier(folder(directory, version), modelHash)
  const parameters = Parameters.parse((await verified('parameters.json')).toString('utf8'))
  const card = json('card.json', await verified('card.json')) as Card
  const base = { version, modelHash, parameters, card }
  try {
    const description = json('model.json', await verified('model.json'))
    return { ...base, network: restore(backend, parameters.network, description, await verified('weights.bin')), fault: null }
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error
    return { ...base, network: null, fault: { code: error.code, message: error.message } }
  }
}

/**
 * Checks a manifest's hash.
 *
 * @returns reads one of the files it lists, checked against it.
 * @throws {CorruptError}
 */
export async function verifier(path: string, modelHash: Hash): Promise<(name: string) => Promise<Buffer>> {
  const manifest = await read(path, 'manifest.json')
  if (`0x${sha256(manifest)}` !== modelHash)
    throw new CorruptError({ file: 'manifest.json', problem: 'its hash is not the registered one' })
  const listed = json('manifest.json', manifest) as { files?: { name?: unknown; bytes?: unknown; sha256?: unknown }[] } | null
  return async (name) => {
    const entry = Array.isArray(listed?.files) ? listed.files.find((file) => file?.name === name) : undefined
    if (entry === undefined) throw new CorruptError({ file: name, problem: 'the manifest does not list it' })
    const bytes = await read(path, name)
    if (bytes.length !== entry.bytes)
      throw new CorruptError({ file: name, problem: `it has ${bytes.length} bytes, not ${String(entry.bytes)}` })
    if (sha256(bytes) !== entry.sha256) throw new CorruptError({ file: name, problem: 'its hash is not the one in the manifest' })
    return bytes
  }
}

export declare namespace load {
  type Arguments = { readonly directory: string; readonly version: string; readonly modelHash: Hash; readonly backend: Backend }
  type ErrorType = InvalidVersionError | CorruptError | Parameters.InvalidParametersError
}

/** tfjs's `model.json` of this network. */
export function description({ model, backend }: Network.Network, weightsFile = 'weights.bin'): unknown {
  return {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${backend.version}`,
    convertedBy: null,
    modelTopology: model.toJSON(null, false),
    weightsManifest: [
      {
        paths: [weightsFile],
        weights: model.weights.map((weight) => ({ name: weight.originalName, shape: weight.shape, dtype: 'float32' })),
      },
    ],
  }
}

/** The network that parameters describe, filled with the weights read; the file's own topology is compared, never executed. */
export function restore(
  backend: Backend,
  shape: Network.Shape,
  described: unknown,
  bytes: Buffer,
  weightsFile = 'weights.bin',
): Network.Network {
  const network = Network.build(backend, shape)
  try {
    if (!isDeepStrictEqual(described, JSON.parse(JSON.stringify(description(network, weightsFile)))))
      throw new CorruptError({ file: 'model.json', problem: 'it describes another network than the parameters do' })
    const lengths = network.model.weights.map((weight) => weight.shape.reduce<number>((product, size) => product * (size ?? 0), 1))
    if (bytes.length !== 4 * lengths.reduce((sum, length) => sum + length, 0))
      throw new CorruptError({ file: weightsFile, problem: 'it does not hold one float for each weight' })
    let offset = 0
    const values = lengths.map((length) => {
      const part = Float32Array.from({ length }, (_, i) => bytes.readFloatLE(offset + 4 * i))
      offset += 4 * length
      return part
    })
    if (!values.every((part) => part.every(Number.isFinite)))
      throw new CorruptError({ file: weightsFile, problem: 'a weight is not finite' })
    Network.setWeights(network, values)
    return network
  } catch (error) {
    Network.dispose(network)
    throw error
  }
}

export function folder(directory: string, version: string): string {
  if (!/^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.test(version)) throw new InvalidVersionError({ version })
  return join(directory, 'artifacts', version)
}

/** Reads at most `mostBytes`, whatever the file claims or grows to. */
export async function read(path: string, name: string): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(join(path, name), 'r')
  } catch (cause) {
    throw new CorruptError({ file: name, problem: 'it cannot be opened', cause })
  }
  try {
    const { size } = await handle.stat()
    if (size > mostBytes) throw new CorruptError({ file: name, problem: `it has ${size} bytes; ${mostBytes} are allowed` })
    const buffer = Buffer.alloc(size)
    const { bytesRead } = await handle.read(buffer, 0, size, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

export function json(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new CorruptError({ file, problem: 'it is not JSON', cause })
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Thrown when a version is not of the form 1.2.3: it becomes a folder's name. */
export class InvalidVersionError extends BaseError {
  override readonly name = 'Artifact.InvalidVersionError'
  readonly version: string
  constructor(args: { readonly version: string }) {
    super({ code: 'VERSION_INVALID', message: `${JSON.stringify(args.version)} is not a version.`, hint: 'Use one such as 0.3.0.' })
    this.version = args.version
  }
}

/** Thrown when a version is written a second time. */
export class ExistsError extends BaseError {
  override readonly name = 'Artifact.ExistsError'
  readonly version: string
  constructor(args: { readonly version: string }) {
    super({
      code: 'ARTIFACT_EXISTS',
      message: `Version ${args.version} is there already.`,
      hint: 'Versions are never rewritten: choose the next one, or another directory.',
    })
    this.version = args.version
  }
}

/** Thrown when a model's file is not what its manifest says, or not a model of ours. */
export class CorruptError extends BaseError {
  override readonly name = 'Artifact.CorruptError'
  readonly file: string
  constructor(args: { readonly file: string; readonly problem: string; readonly cause?: unknown }) {
    super({
      code: 'ARTIFACT_CORRUPT',
      message: `${args.file} is refused: ${args.problem}.`,
      hint: 'Restore the artifact from version control, or serve another version.',
    })
    this.file = args.file
    if (args.cause !== undefined) this.cause = args.cause
  }
}
