import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backend } from './Backend.ts'
import * as Fit from './Fit.ts'

/** Fits kept on disk, so that a run that was killed goes on where it was. */
export type Checkpoint = {
  readonly read: (key: string, backend: Backend) => Promise<Fit.Fit | null>
  readonly write: (key: string, fit: Fit.Fit) => Promise<void>
}

/**
 * Opens a folder of fits. A file that cannot be read whole counts as absent: the fit is then made again.
 *
 * @param folder - made when it is not there.
 */
export async function open(folder: string): Promise<Checkpoint> {
  await mkdir(folder, { recursive: true })
  const path = (key: string): string => join(folder, `${key}.json`)
  return {
    async read(key, backend) {
      try {
        const { sum, fit } = JSON.parse(await readFile(path(key), 'utf8')) as { sum: string; fit: Fit.Stored }
        return sum === sumOf(fit) ? Fit.restore(fit, backend) : null
      } catch {
        return null
      }
    },
    async write(key, fit) {
      const stored = Fit.store(fit)
      const draft = `${path(key)}.${process.pid}.draft`
      await writeFile(draft, JSON.stringify({ sum: sumOf(stored), fit: stored }))
      await rename(draft, path(key))
    },
  }
}

/** A name for a fit: of everything that determines it. */
export function keyOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

function sumOf(stored: Fit.Stored): string {
  return createHash('sha256').update(JSON.stringify(stored)).digest('hex')
}
