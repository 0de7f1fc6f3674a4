/** A small copy of the house in a temporary folder, in which a breach can be staged without touching the working tree. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { packages, root } from '../Workspace.ts'

export type Stage = {
  readonly folder: string
  readonly write: (file: string, text: string) => void
  /** Declares a dependency in a package's manifest. */
  readonly declare: (folder: string, dependency: string) => void
  /** Runs a tool of the root on the copy, with the copy's configuration. */
  readonly run: (tool: 'biome' | 'turbo', parameters: readonly string[]) => { readonly ok: boolean; readonly output: string }
  readonly remove: () => void
}

const rootFiles = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'turbo.json', 'biome.json', '.gitignore']

/** Every package with its real manifest and tags, but a source of one line; the root's configuration as it is. */
export function open(): Stage {
  const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll stage '))
  for (const file of rootFiles) cpSync(join(root, file), join(folder, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  for (const each of packages(root)) {
    for (const file of ['package.json', 'turbo.json']) {
      mkdirSync(join(folder, each.folder), { recursive: true })
      cpSync(join(root, each.folder, file), join(folder, each.folder, file))
    }
    write(`${each.folder}/src/index.ts`, 'export const staged = true\n')
  }
  spawnSync('git', ['init', '--quiet'], { cwd: folder })
  return {
    folder,
    write,
    declare: (at, dependency) => {
      const manifest = JSON.parse(readFileSync(join(folder, at, 'package.json'), 'utf8'))
      manifest.dependencies = { ...manifest.dependencies, [dependency]: 'workspace:*' }
      write(`${at}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
    },
    run: (tool, parameters) => {
      const bin = join(root, 'node_modules', '.bin')
      const env = {
        ...process.env,
        PATH: `${bin}:${join(root, 'node_modules', '.plimsoll-bin')}:${process.env.PATH}`,
        TURBO_TELEMETRY_DISABLED: '1',
      }
      const { status, stdout, stderr } = spawnSync(join(bin, tool), parameters, { cwd: folder, env, encoding: 'utf8' })
      return { ok: status === 0, output: `${stdout}${stderr}` }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
