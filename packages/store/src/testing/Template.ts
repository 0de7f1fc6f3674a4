/** A migrated database to start from: making one takes seconds of computing, copying one a fraction. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as Embedded from '../Embedded.ts'
import * as Migrations from '../Migrations.ts'

/** Kept beside the package's dependencies, under the name of what it was made of. */
function place(): string {
  const require = createRequire(import.meta.url)
  const engine = readFileSync(join(dirname(require.resolve('@electric-sql/pglite')), '..', 'package.json'), 'utf8')
  const opener = readFileSync(fileURLToPath(new URL('../Embedded.ts', import.meta.url)), 'utf8')
  const made = createHash('sha256').update(engine).update(opener).update(JSON.stringify(Migrations.known())).digest('hex').slice(0, 16)
  const folder = fileURLToPath(new URL('../../node_modules/.cache/plimsoll', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return join(folder, made)
}

/** For a database in memory. */
export async function blob(): Promise<Blob> {
  const path = `${place()}.tar`
  if (!existsSync(path)) {
    const driver = await Embedded.open({ directory: null })
    await Migrations.apply(driver)
    const own = `${path}.${randomUUID()}`
    writeFileSync(own, Buffer.from(await (await driver.dump()).arrayBuffer()))
    await driver.close()
    renameSync(own, path)
  }
  return new Blob([readFileSync(path)])
}

/** Lays one into a directory that holds none: as a process leaves it that opened it there and ended. */
export async function lay(directory: string): Promise<void> {
  const path = place()
  if (!existsSync(path)) {
    const own = `${path}.${randomUUID()}`
    const driver = await Embedded.open({ directory: own })
    await Migrations.apply(driver)
    await driver.close()
    await rename(own, path).catch((error: unknown) => {
      // Whoever made one meanwhile made the same.
      if (!existsSync(path)) throw error
      return rm(own, { recursive: true })
    })
  }
  await mkdir(dirname(directory), { recursive: true })
  await cp(path, directory, { recursive: true, errorOnExist: true, force: false })
}
