/** Test kit: what @zk-kit publishes for Semaphore v4, to prove with and to compare keys with. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

type Point = readonly [string, string, string]
type Twist = readonly [readonly [string, string], readonly [string, string], readonly [string, string]]
type Key = {
  readonly vk_alpha_1: Point
  readonly vk_beta_2: Twist
  readonly vk_gamma_2: Twist
  readonly vk_delta_2: Twist
  readonly IC: readonly Point[]
}

const folder = dirname(createRequire(import.meta.url).resolve('@zk-kit/semaphore-artifacts/package.json'))

/** The circuit's two files for one depth of the group's tree. */
export function circuit(depth: number): { readonly wasm: string; readonly zkey: string } {
  return { wasm: join(folder, `semaphore-${depth}.wasm`), zkey: join(folder, `semaphore-${depth}.zkey`) }
}

/** All verification keys as one line of hex, as src/SemaphoreKeys.ts holds them. */
export function read(): string {
  const keyOf = (depth: number): Key => JSON.parse(readFileSync(join(folder, `semaphore-${depth}.json`), 'utf8'))
  const word = (text: string) => BigInt(text).toString(16).padStart(64, '0')
  const point = ([x, y]: Point) => [x, y].map(word)
  const twist = ([x, y]: Twist) => [...x, ...y].map(word)
  const first = keyOf(1)
  const shared = [...point(first.vk_alpha_1), ...twist(first.vk_beta_2), ...twist(first.vk_gamma_2)]
  const depths = Array.from({ length: 32 }, (_, i) => keyOf(i + 1))
  return [...shared, ...depths.flatMap((key) => [...twist(key.vk_delta_2), ...key.IC.flatMap(point)])].join('')
}
