import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Perceptron, Signals } from '@plimsoll/volatility'
import * as Artifact from './Artifact.ts'
import type { Backend } from './Backend.ts'
import type { Comparison } from './Comparison.ts'
import * as Member from './Member.ts'
import * as Network from './Network.ts'
import type { Manifest } from './Panel.ts'
import { fail, InvalidParametersError, list, object, whole } from './Parameters.ts'
import type { Recipe } from './Recipe.ts'

/** A model of several horizons, as read from disk and checked. */
export type Suite = {
  readonly schema: 2
  readonly version: string
  readonly modelHash: Artifact.Hash
  readonly card: Card
  /** By rising horizon. */
  readonly members: readonly Served[]
  /** Why the first network refused was refused; null when all are sound. */
  readonly fault: Fault | null
}

export type Fault = { readonly code: string; readonly message: string }

/** A member with its network; null when the network was refused: the regression then stands alone, and `fault` says why. */
export type Served = { readonly member: Member.Member; readonly network: Network.Network | null; readonly fault: Fault | null }

/** What a suite was made from and how well it did, every rival beside it: enough to make it again. */
export type Card = {
  readonly schema: 2
  readonly name: 'volatility'
  readonly version: string
  readonly seed: number
  readonly backend: Backend['name']
  readonly tfjs: string
  readonly recipe: Recipe
  readonly members: readonly {
    readonly horizonSeconds: number
    readonly data: Manifest
    readonly rows: number
    /** First and last origin fitted on. Unix seconds. */
    readonly from: number
    readonly to: number
    /** How much of its network's correction counts, here and in each fit of the walk. Absent before 0.4.0. */
    readonly share?: number
    readonly fits?: readonly { readonly at: number; readonly rows: number; readonly share: number }[]
    /** The walk-forward of the last part of the data; none of its forecasts was fitted on its outcome. */
    readonly comparison: Comparison
    /** Signals of a few rows and the champion's variances: what a loaded suite must repeat within 1e-5. */
    readonly probe: { readonly rows: readonly (readonly number[])[]; readonly variances: readonly number[] }
  }[]
}

const label = (horizonSeconds: number): string => `${horizonSeconds / 3_600}h`

/**
 * Writes a suite to `<directory>/artifacts/<version>`, whole or not at all: `card.json`, `parameters.json`, and for each horizon `model-<h>.json` and
 * `weights-<h>.bin` in tfjs's own layout.
 *
 * @returns the hash that names it in forecasts and certificates.
 * @throws {Artifact.InvalidVersionError | Artifact.ExistsError}
 */
export async function save(args: {
  readonly directory: string
  readonly version: string
  readonly members: readonly { readonly member: Member.Member; readonly network: Network.Network }[]
  readonly card: Card
}): Promise<Artifact.Hash> {
  const { directory, version, members, card } = args
  const target = Artifact.assertFree({ directory, version })
  const text = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
  const files: (readonly [string, Buffer])[] = [
    ['card.json', text(card)],
    ['parameters.json', text({ schema: 2, members: members.map(({ member }) => member) })],
    ...members.flatMap(({ member, network }) => {
      const name = label(member.horizonSeconds)
      return [
        [`model-${name}.json`, text(Artifact.description(network, `weights-${name}.bin`))] as const,
        [`weights-${name}.bin`, Buffer.concat(Network.weights(network).map(({ buffer }) => Buffer.from(buffer)))] as const,
      ]
    }),
  ]
  const manifest = text({
    schema: 2,
    version,
    files: files.map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: Artifact.sha256(bytes) })),
  })
  await mkdir(join(directory, 'artifacts'), { recursive: true })
  const draft = await mkdtemp(join(directory, 'artifacts', '.draft-'))
  try {
    for (const [name, bytes] of files) await writeFile(join(draft, name), bytes)
    await writeFile(join(draft, 'manifest.json'), manifest)
    await chmod(draft, 0o755)
    await rename(draft, target)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw cause
  }
  return `0x${Artifact.sha256(manifest)}`
}

/**
 * Reads a suite as the untrusted input it is: sizes, hashes, schemas, topology, finite weights. A fault in a network's own files leaves that
 * horizon to its regression; a fault anywhere else refuses the whole suite.
 *
 * @throws {Artifact.InvalidVersionError | Artifact.CorruptError | Parameters.InvalidParametersError}
 */
export async function load(args: Artifact.load.Arguments): Promise<Suite> {
  const { directory, version, modelHash, backend } = args
  const path = Artifact.folder(directory, version)
  const verified = await Artifact.verifier(path, modelHash)
  const root = object(Artifact.json('parameters.json', await verified('parameters.json')), '', ['schema', 'members'])
  whole(root['schema'], 'schema', 2, 2)
  const parsed = list(root['members'], 'members', (value, at) => Member.parse(value, at, Signals.names))
  if (parsed.length === 0) fail('members', 'is empty')
  parsed.forEach(({ horizonSeconds }, i) => {
    if (horizonSeconds <= (parsed[i - 1]?.horizonSeconds ?? 0)) fail(`members[${i}].horizonSeconds`, 'does not rise')
  })
  const card = Artifact.json('card.json', await verified('card.json')) as Card
  const members: Served[] = []
  for (const member of parsed) {
    const name = label(member.horizonSeconds)
    const shape: Network.Shape = { inputs: member.inputs.length, hidden: [member.units], outputs: 1, l2: 0, seed: 0 }
    try {
      const description = Artifact.json(`model-${name}.json`, await verified(`model-${name}.json`))
      const weights = await verified(`weights-${name}.bin`)
      members.push({ member, network: Artifact.restore(backend, shape, description, weights, `weights-${name}.bin`), fault: null })
    } catch (error) {
      if (!(error instanceof Artifact.CorruptError)) throw error
      members.push({ member, network: null, fault: { code: error.code, message: error.message } })
    }
  }
  const fault = members.find((each) => each.fault !== null)?.fault ?? null
  return { schema: 2, version, modelHash, card, members, fault }
}

/** Whether parameters are a suite's: of a file that was not read yet beyond that. */
export function isSuite(text: string): boolean {
  try {
    return (JSON.parse(text) as { schema?: unknown } | null)?.schema === 2
  } catch (cause) {
    throw new InvalidParametersError({ path: '', problem: `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})` })
  }
}

/** The layers of a network, for `Perceptron.of`: a forecast without tfjs, such as in a browser. */
export function layers(network: Network.Network): readonly Perceptron.Layer[] {
  const values = Network.weights(network)
  return Array.from({ length: values.length / 2 }, (_, i) => ({ kernel: values[2 * i] ?? [], bias: values[2 * i + 1] ?? [] }))
}
