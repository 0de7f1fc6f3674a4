/** The packages of this repository and their source files, as they lie on disk. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workspaceFolders } from './bootstrap.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

type Manifest = {
  readonly name: string
  readonly description?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** `folder` is relative to the root, with forward slashes. */
export type Package = { readonly folder: string; readonly manifest: Manifest }

const skippedFolders = new Set([
  'node_modules',
  'dist',
  '.turbo',
  '.git',
  '.plimsoll',
  'out',
  'cache',
  'coverage',
  'test-artifacts',
  'generated',
])

export function packages(at: string): Package[] {
  return workspaceFolders(at)
    .filter((folder) => folder !== '.')
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(at, folder, 'package.json'), 'utf8')) }))
}

/** Files below `folder` whose name ends in one of `endings`, relative to `at`, sorted; installed and generated ones left out. */
export function files(at: string, folder: string, endings: readonly string[]): string[] {
  const found: string[] = []
  if (!existsSync(join(at, folder))) return found
  for (const entry of readdirSync(join(at, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) found.push(...files(at, path, endings))
    } else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path)
  }
  return found.map((path) => path.split(sep).join('/')).sort()
}

/** Tests, their kits and build tools may use what production code may not. */
export function isTool(file: string): boolean {
  if (/\.(test|test-d|bench|spec)\.tsx?$/.test(file)) return true
  if (/(^|\/)(spec|test|testing|bench|scripts)\//.test(file)) return true
  return /\.config\.ts$/.test(file)
}
