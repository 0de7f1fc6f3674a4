/** A migrated database to start from: making one takes seconds of computing, copying one a fraction. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as Embedded from '../Embedded.ts'
import * as Migrations from '../Migrations.ts'

/** Kept beside the package's dependencies, under the name of all it was made of: the engine, what opens it, the schema, this file. */
function place(): string {
  const require = createRequire(import.meta.url)
  const hash = createHash('sha256')
  hash.update(readFileSync(join(dirname(require.resolve('@electric-sql/pglite')), '..', 'package.json')))
  for (const file of ['../Embedded.ts', '../Migrations.ts', './Template.ts']) hash.update(readFileSync(new URL(file, import.meta.url)))
  hash.update(JSON.stringify(Migrations.known()))
  const folder = fileURLToPath(new URL('../../node_modules/.cache/plimsoll', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return join(folder, hash.digest('hex').slice(0, 16))
}

async function made(directory: string | null): Promise<Embedded.Embedded> {
  const driver = await Embedded.open({ directory })
  await Migrations.apply(driver)
  // Each copy takes one of its own when it is opened.
  await driver.query("delete from settings where name = 'identity'")
  return driver
}

/** For a database in memory. */
export async function blob(): Promise<Blob> {
  const path = `${place()}.tar`
  if (!existsSync(path)) {
    const driver = await made(null)
    const own = `${path}.${randomUUID()}`
    writeFileSync(own, Buffer.from(await (await driver.dump()).arrayBuffer()))
    await driver.close()
    renameSync(own, path)
  }
  return new Blob([readFileSync(path)])
}

/** Lays one into a directory that is not there yet: as a process leaves it that opened it there and ended. */
export async function lay(directory: string): Promise<void> {
  const path = place()
  if (!existsSync(path)) {
    const own = `${path}.${randomUUID()}`
    await (await made(own)).close()
    await rename(own, path).catch(async (error: unknown) => {
      // Whoever made one meanwhile made the same.
      if (!existsSync(path)) throw error
      await rm(own, { recursive: true })
    })
  }
  await mkdir(dirname(directory), { recursive: true })
  await cp(path, directory, { recursive: true, errorOnExist: true, force: false })
}
