#!/usr/bin/env node
/**
 * Stands behind `npm test` and `npm run demo`: checks the machine, installs what the lockfile names when that is stale,
 * and runs its arguments on the pinned Node.
 *
 *     node scripts/bootstrap.mjs <command> [arguments]
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 20 on.
 * It writes to stderr only, so that the command's stdout stays the command's.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestBootstrapNode = [20, 0]
/** Node strips types without a flag from 22.18 on, and from 23.6 on in the 23 line. */
const oldestRunningNode = { 22: [22, 18], 23: [23, 6] }

/** A sentence for the person at the terminal, in place of a stack trace. */
export class BootstrapError extends Error {
  /** @override */
  name = 'Bootstrap.BootstrapError'
}

/**
 * `v24.21.0` and `pnpm@10.34.9` as numbers.
 * @param {string} text
 * @returns {number[]}
 */
export function parseVersion(text) {
  return (/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
}

/**
 * @param {readonly number[]} version
 * @param {readonly number[]} minimum
 */
function atLeast(version, minimum) {
  for (const [index, wanted] of minimum.entries()) {
    const found = version[index] ?? -1
    if (found !== wanted) return found > wanted
  }
  return true
}

/**
 * What is missing on this machine, one sentence a tool.
 * @param {{ nodeVersion: string, path: string }} machine
 * @returns {string[]}
 */
export function missingTools({ nodeVersion, path }) {
  const missing = []
  if (!atLeast(parseVersion(nodeVersion), oldestBootstrapNode))
    missing.push(`Node ${nodeVersion} is too old: install Node 20 or later from https://nodejs.org.`)
  if (!findOnPath('git', path))
    missing.push('git is not on PATH: install it from https://git-scm.com or with the package manager of this system.')
  if (!findOnPath('npm', path)) missing.push('npm is not on PATH: install it together with Node from https://nodejs.org.')
  return missing
}

/**
 * @param {string} name
 * @param {string} path
 * @returns {string | null} the first executable of that name.
 */
export function findOnPath(name, path) {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {}
  }
  return null
}

/**
 * Whether this Node runs TypeScript sources as they are.
 * @param {string} version
 */
export function stripsTypes(version) {
  const numbers = parseVersion(version)
  const [major = 0] = numbers
  if (major === 22 || major === 23) return atLeast(numbers, oldestRunningNode[major])
  return major > 23
}

/**
 * The folder of the Node that runs everything: the pinned one where it installed, else the running one if it is new enough.
 * @param {{ root: string, runningVersion: string, runningPath: string }} machine
 * @returns {string}
 */
export function nodeFolder({ root, runningVersion, runningPath }) {
  const pinned = join(root, 'node_modules', 'node', 'bin')
  const answer = spawnSync(join(pinned, 'node'), ['--version'], { encoding: 'utf8', timeout: 20_000 })
  if (answer.status === 0 && stripsTypes(answer.stdout)) return pinned
  if (stripsTypes(runningVersion)) return dirname(runningPath)
  throw new BootstrapError(
    `The pinned Node did not install on this platform and Node ${runningVersion} cannot run TypeScript: install Node 24 from https://nodejs.org.`,
  )
}

/**
 * Folders whose package.json belongs to the workspace: the root and what the globs `name/*` of pnpm-workspace.yaml hold.
 * @param {string} root
 * @returns {string[]} relative to the root, sorted.
 */
export function workspaceFolders(root) {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const block = /^packages:\n((?:[ \t]+-.*\n?|[ \t]*#.*\n|\n)*)/m.exec(yaml)?.[1] ?? ''
  const parents = [...block.matchAll(/-\s*['"]?([\w./-]+)\/\*['"]?/g)].map((match) => match[1] ?? '')
  const folders = ['.']
  for (const parent of parents) {
    if (!existsSync(join(root, parent))) continue
    for (const name of readdirSync(join(root, parent)))
      if (existsSync(join(root, parent, name, 'package.json'))) folders.push(join(parent, name))
  }
  return folders.sort()
}

/**
 * One hash of everything an install depends on. A change means that node_modules is stale.
 *
 * The running Node is not part of it: the pinned one is in the manifests, native add-ons are N-API, and `npm test` runs on the
 * machine's Node before the install and on the pinned one, which npm finds in node_modules/.bin, ever after.
 * @param {string} root
 * @returns {string}
 */
export function fingerprint(root) {
  const hash = createHash('sha256')
  hash.update(`${process.platform} ${process.arch}\n`)
  const manifests = workspaceFolders(root).map((folder) => join(folder, 'package.json'))
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    const text = readFileSync(join(root, file), 'utf8')
    hash.update(`${file} ${text.length}\n${text}\n`)
  }
  return hash.digest('hex')
}

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.plimsoll-install')

/**
 * @param {string} root
 * @returns {boolean} whether node_modules is not what lockfile and manifests ask for.
 */
export function isStale(root) {
  if (!existsSync(stampFile(root))) return true
  return readFileSync(stampFile(root), 'utf8').trim() !== fingerprint(root)
}

/**
 * A pnpm of exactly the pinned version: one on PATH, else the one npx keeps in npm's cache.
 * @param {{ root: string, path: string, env: NodeJS.ProcessEnv }} machine
 * @returns {{ version: string, program: string }}
 */
export function findPnpm({ root, path, env }) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const version = String(packageManager)
    .replace(/^pnpm@/, '')
    .replace(/\+.*$/, '')
  const quiet = { ...env, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' }
  for (const folder of path.split(delimiter)) {
    // A shim of any checkout: two that stood for each other would call each other without end.
    if (folder === '' || basename(folder) === shims) continue
    const program = findOnPath('pnpm', folder)
    if (!program) continue
    const answer = spawnSync(program, ['--version'], { encoding: 'utf8', env: quiet, stdio: ['ignore', 'pipe', 'ignore'], timeout: 30_000 })
    if (answer.status === 0 && answer.stdout.trim() === version) return { version, program: realpathSync(program) }
  }

  const npxArguments = ['--yes', '--prefer-offline', `--package=pnpm@${version}`, '-c', 'command -v pnpm']
  const answer = spawnSync('npx', npxArguments, { encoding: 'utf8', cwd: root, env: quiet, stdio: ['ignore', 'pipe', 'pipe'] })
  const program = answer.status === 0 ? answer.stdout.trim().split('\n').pop() : undefined
  if (!program)
    throw new BootstrapError(
      `pnpm ${version} could not be fetched with npx: check that npm reaches its registry, or install it with \`npm install --global pnpm@${version}\`.\n${lastLines(answer.stderr ?? '', 10)}`,
    )
  return { version, program: realpathSync(program) }
}

const shims = '.plimsoll-bin'
/** @param {string} root */
const shimFolder = (root) => join(root, 'node_modules', shims)

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`

/**
 * Children (turbo among them) look for `pnpm` on PATH: give them the pinned one, whatever happens to npx's cache later.
 * @param {{ root: string, version: string, program: string }} pnpm
 */
export function writeShim({ root, version, program }) {
  const file = join(shimFolder(root), 'pnpm')
  const lines = [
    '#!/bin/sh',
    `[ -x ${quoted(program)} ] && exec ${quoted(program)} "$@"`,
    `exec npx --yes --prefer-offline pnpm@${version} "$@"`,
    '',
  ]
  mkdirSync(shimFolder(root), { recursive: true })
  writeFileSync(file, lines.join('\n'))
  chmodSync(file, 0o755)
}

/**
 * @param {string} text
 * @param {number} count
 */
function lastLines(text, count) {
  return text.trim().split('\n').slice(-count).join('\n')
}

/**
 * What one line of pnpm's output is worth to the person who waits.
 * @param {string} line
 * @returns {string | null}
 */
export function installNote(line) {
  const added = /^Progress: resolved (\d+).* added (\d+)/.exec(line)
  if (added && added[2] !== '0') return `${added[2]} of ${added[1]} packages`
  if (/tfjs-node.* (?:pre|post)?install: Failed$/.test(line))
    return "note: TensorFlow's native library could not be fetched, so the volatility model runs on WebAssembly."
  const failed = /^\.{3}\/(\S+) (?:pre|post)?install: Failed$/.exec(line)
  if (failed) return `note: the optional package ${failed[1]?.split('/').pop()} did not build here and is left out.`
  return null
}

/** @param {string} text */
const say = (text) => process.stderr.write(`plimsoll: ${text}\n`)

/**
 * @param {{ root: string, program: string, version: string, env: NodeJS.ProcessEnv }} pnpm
 * @returns {Promise<void>}
 */
async function install({ root, program, version, env }) {
  say(`installing dependencies with pnpm ${version} (a minute the first time, seconds from the cache) ...`)
  const started = Date.now()
  const flags = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--config.confirmModulesPurge=false']
  const child = spawn(program, flags, { cwd: root, env: installEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let rest = ''
  let shownAt = 0
  /** @param {Buffer} chunk */
  const read = (chunk) => {
    output += chunk
    rest += chunk
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const note = installNote(line)
      const progress = line.startsWith('Progress:')
      if (note === null || (progress && Date.now() - shownAt < 2_000)) continue
      if (progress) shownAt = Date.now()
      say(note)
    }
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(null))
    child.on('close', resolve)
  })
  if (code !== 0 && output.includes('ERR_PNPM_OUTDATED_LOCKFILE'))
    throw new BootstrapError('pnpm-lock.yaml does not belong to the manifests: run `pnpm install`, and commit what it changes.')
  if (code !== 0) throw new BootstrapError(`The install failed; the last lines of pnpm were:\n${lastLines(output, 25)}`)
  say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * The install wants every dependency, whatever `npm run` or NODE_ENV say about the command that follows.
 * @param {NodeJS.ProcessEnv} env
 */
function installEnvironment(env) {
  const wanted = { ...env }
  for (const name of [
    'NODE_ENV',
    'npm_config_production',
    'npm_config_omit',
    'npm_config_optional',
    'npm_config_loglevel',
    'npm_config_json',
  ])
    delete wanted[name]
  return wanted
}

/**
 * Runs a program without a shell, so that a space in a path or an argument stays what it is; passes signals on.
 * @param {{ command: string, parameters: readonly string[], env: NodeJS.ProcessEnv }} call
 * @returns {Promise<number>} the exit code, 128 + n for a signal n.
 */
function run({ command, parameters, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { stdio: 'inherit', env })
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT']))
      process.on(signal, () => {
        // At a terminal the whole foreground group has received Ctrl-C already.
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
      })
    // Under npm a shell may stand between, which dies of a signal without passing it on: its end is the signal.
    if (env.npm_lifecycle_event) {
      const parent = process.ppid
      setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref()
    }
    child.on('error', (error) => {
      reject(new BootstrapError(`\`${command}\` could not be started: ${error.message}.`))
    })
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)))
  })
}

/**
 * @param {{ root: string, arguments: readonly string[] }} call
 * @returns {Promise<number>}
 */
async function main({ root, arguments: [command, ...parameters] }) {
  if (!command) throw new BootstrapError('Usage: node scripts/bootstrap.mjs <command> [arguments]')
  const path = process.env.PATH ?? ''
  const missing = missingTools({ nodeVersion: process.version, path })
  if (missing.length > 0) throw new BootstrapError(missing.join('\n'))

  if (isStale(root) || !existsSync(join(shimFolder(root), 'pnpm'))) {
    const pnpm = findPnpm({ root, path, env: process.env })
    if (isStale(root)) {
      // Gone first, so that an interrupted install stays stale.
      rmSync(stampFile(root), { force: true })
      await install({ root, ...pnpm, env: process.env })
    }
    writeShim({ root, ...pnpm })
    writeFileSync(stampFile(root), `${fingerprint(root)}\n`)
  }

  const folders = [
    nodeFolder({ root, runningVersion: process.version, runningPath: process.execPath }),
    shimFolder(root),
    join(root, 'node_modules', '.bin'),
  ]
  const env = { ...process.env, PATH: [...folders, path].join(delimiter), TURBO_TELEMETRY_DISABLED: '1' }
  return run({ command, parameters, env })
}

const ownFile = realpathSync(fileURLToPath(import.meta.url))
if (process.argv[1] && realpathSync(process.argv[1]) === ownFile)
  main({ root: dirname(dirname(ownFile)), arguments: process.argv.slice(2) }).then(
    (code) => process.exit(code),
    (error) => {
      process.stderr.write(`${error instanceof BootstrapError ? error.message : error.stack}\n`)
      process.exit(1)
    },
  )
