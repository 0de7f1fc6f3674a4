/** Writes src/SemaphoreKeys.ts from the published artifacts: `node scripts/semaphore-keys.ts`. A test compares. */
import { writeFileSync } from 'node:fs'
import { read } from '../src/testing/SemaphoreArtifacts.ts'

const text = `/**
 * What proofs of Semaphore v4 are verified with, written by scripts/semaphore-keys.ts from the artifacts that @zk-kit publishes (MIT).
 * Field elements of 32 bytes: alpha, beta and gamma, then delta and five input points for each depth from 1 to 32.
 */
export const keys =
  '${read()}'
`
writeFileSync(new URL('../src/SemaphoreKeys.ts', import.meta.url), text)
