/** The declarations that `tsc -b` wrote for packages/: what a user's editor shows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { anyTypes } from './Source.ts'

export type Emitted = { readonly files: number; readonly findings: readonly string[] }

/** Declarations of `packages/*` in which the type `any` stands; those of tests, and of sources that are gone, do not count. */
export function anyInDeclarations(root: string): Emitted {
  const findings: string[] = []
  let count = 0
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const dist = join(root, 'packages', name, 'dist')
    if (!existsSync(dist)) continue
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.endsWith('.d.ts') || /\.(test|test-d|bench)\.d\.ts$/.test(file)) continue
      const source = join(root, 'packages', name, 'src', file.replace(/\.d\.ts$/, ''))
      if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) continue
      count++
      const path = `packages/${name}/dist/${file}`
      for (const { line, text } of anyTypes(path, readFileSync(join(dist, file), 'utf8'))) findings.push(`${path}:${line}: ${text}`)
    }
  }
  return { files: count, findings }
}
