/**
 * Runs the platform's own forge in this package, with the running Node first on the path, so that it finds the compiler.
 *
 *   node scripts/forge.ts test --match-path 'test/Gas.t.sol' -vv
 *
 * Started directly, since forge's launcher does not survive a path with a space in it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const platform = `@foundry-rs/forge-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
const launcher = createRequire(import.meta.url).resolve('@foundry-rs/forge/package.json')
const program = join(dirname(createRequire(launcher).resolve(`${platform}/package.json`)), 'bin', 'forge')
if (!existsSync(program)) throw new Error(`${platform} is not installed; install with optional dependencies.`)

const cwd = join(dirname(fileURLToPath(import.meta.url)), '..')
const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
const { status } = spawnSync(program, process.argv.slice(2), { cwd, env: { ...process.env, PATH: path }, stdio: 'inherit' })
process.exitCode = status ?? 1
