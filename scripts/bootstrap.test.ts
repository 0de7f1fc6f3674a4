/** The one thing that is not real here is pnpm, which would install from the network. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as Bootstrap from './bootstrap.mjs'
import { root } from './Workspace.ts'

/** A clone in a folder with a space, and a machine whose PATH holds what a test puts there. */
let house: string
let tools: string

const write = (file: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
}

/** Stands in for pnpm: it reports a version, and writes down how it was called instead of installing. */
const fakePnpm = ({ version = '10.34.9', status = 0, output = '' } = {}) =>
  write(
    join(tools, 'pnpm'),
    [
      '#!/bin/sh',
      `[ "$1" = --version ] && { echo ${version}; exit 0; }`,
      '[ "$1" = install ] || { echo "pnpm ran: $*"; exit 0; }',
      `mkdir -p "${house}/node_modules"`,
      `echo "$PWD: $*" >> "${house}/calls"`,
      `printf '%s\\n' "${output}"`,
      `exit ${status}`,
    ].join('\n'),
    0o755,
  )

const calls = () => (existsSync(join(house, 'calls')) ? readFileSync(join(house, 'calls'), 'utf8').trim().split('\n') : [])

beforeEach(() => {
  const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll bootstrap '))
  house = join(folder, 'a clone')
  tools = join(folder, 'bin')
  write(join(house, 'package.json'), '{ "packageManager": "pnpm@10.34.9" }')
  write(join(house, 'pnpm-lock.yaml'), "lockfileVersion: '9.0'\n")
  write(join(house, 'pnpm-workspace.yaml'), "packages:\n  # ours\n  - packages/*\n  - 'apps/*'\n\ncatalog:\n  one: 1.0.0\n")
  write(join(house, 'packages/margin/package.json'), '{}')
  cpSync(join(root, 'scripts/bootstrap.mjs'), join(house, 'scripts/bootstrap.mjs'))
  mkdirSync(tools)
  for (const name of ['git', 'npm', 'npx']) write(join(tools, name), '#!/bin/sh\nexit 1\n', 0o755)
  symlinkSync(process.execPath, join(tools, 'node'))
  for (const name of ['sh', 'mkdir']) symlinkSync(Bootstrap.findOnPath(name, process.env.PATH ?? '') ?? name, join(tools, name))
})

afterEach(() => rmSync(dirname(house), { recursive: true, force: true }))

const command = () => join(house, 'scripts/bootstrap.mjs')
const env = () => ({ PATH: tools, HOME: tools })

const run = (...parameters: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command(), ...parameters], {
    env: env(),
    encoding: 'utf8',
    cwd: os.tmpdir(),
  })
  return { status, stdout, stderr }
}

const show = ['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--']

describe('a first and a second run', () => {
  test('worked example: installs from the frozen lockfile, then runs the command; the second time it only runs', () => {
    fakePnpm()
    const first = run(...show, '--once', '--json', 'two words', "it's", '$HOME', '')
    expect(first).toMatchObject({ status: 0, stdout: `${JSON.stringify(['--once', '--json', 'two words', "it's", '$HOME', ''])}\n` })
    expect(first.stderr).toContain('installing dependencies with pnpm 10.34.9')
    expect(calls()).toEqual([
      `${house}: install --frozen-lockfile --prefer-offline --reporter=append-only --config.confirmModulesPurge=false`,
    ])

    expect(run(...show)).toEqual({ status: 0, stdout: '[]\n', stderr: '' })
    expect(calls()).toHaveLength(1)
  })

  test('edge: children find the pinned pnpm and this house’s tools first', () => {
    fakePnpm()
    write(join(house, 'node_modules/.bin/turbo'), '#!/bin/sh\necho the turbo of the house\n', 0o755)
    expect(run('sh', '-c', 'turbo; pnpm run x; echo $TURBO_TELEMETRY_DISABLED').stdout).toBe('the turbo of the house\npnpm ran: run x\n1\n')
  })

  test('edge: an install that failed or was cut off is tried again', () => {
    fakePnpm({ status: 1, output: 'ERR_PNPM_NO_SPACE' })
    const failed = run(...show)
    expect(failed).toMatchObject({ status: 1, stdout: '' })
    expect(failed.stderr).toContain('The install failed; the last lines of pnpm were:\nERR_PNPM_NO_SPACE')
    fakePnpm()
    expect(run(...show).status).toBe(0)
    expect(calls()).toHaveLength(2)
  })

  test('error: a lockfile that is behind the manifests is one sentence', () => {
    fakePnpm({ status: 1, output: ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install' })
    expect(
      run(...show)
        .stderr.split('\n')
        .at(-2),
    ).toBe('pnpm-lock.yaml does not belong to the manifests: run `pnpm install`, and commit what it changes.')
  })

  test('bug: with another checkout’s folder on PATH the pnpm of each called the other, without end', () => {
    fakePnpm()
    const other = join(dirname(house), 'another', 'node_modules', '.plimsoll-bin')
    cpSync(join(tools, 'pnpm'), join(other, 'pnpm'))
    const path = `${other}:${tools}`
    expect(Bootstrap.findPnpm({ root: house, path, env: { PATH: path } }).program).toBe(join(tools, 'pnpm'))
  })

  test('edge: a pnpm of another version on PATH is passed by', () => {
    fakePnpm({ version: '9.0.0' })
    const { status, stderr } = run(...show)
    expect(status).toBe(1)
    expect(stderr).toContain('pnpm 10.34.9 could not be fetched with npx: check that npm reaches its registry')
    expect(calls()).toEqual([])
  })

  test('edge: npx is asked for the pinned version', () => {
    const kept = join(dirname(tools), 'kept')
    fakePnpm()
    mkdirSync(kept)
    cpSync(join(tools, 'pnpm'), join(kept, 'pnpm'))
    rmSync(join(tools, 'pnpm'))
    write(join(tools, 'npx'), `#!/bin/sh\necho "npx: $*" >> "${house}/calls"\necho "${kept}/pnpm"\n`, 0o755)
    expect(run('pnpm', 'x').stdout).toBe('pnpm ran: x\n')
    expect(calls()[0]).toBe('npx: --yes --prefer-offline --package=pnpm@10.34.9 -c command -v pnpm')
  })
})

describe('the command', () => {
  beforeEach(() => {
    fakePnpm()
    run('node', '--version')
  })

  test('its exit code comes back', () => {
    expect(run('node', '-e', 'process.exit(3)').status).toBe(3)
  })

  test('error: there is no such command', () => {
    const { status, stderr } = run('no such program')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^`no such program` could not be started: .*ENOENT.*\.\n$/)
  })

  test('a signal reaches it', async () => {
    const script =
      "process.on('SIGTERM', () => { console.log('ended in good order'); process.exit(0) }); setInterval(() => {}, 1000); console.log('up')"
    const child = spawn(process.execPath, [command(), 'node', '-e', script], { env: env(), stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
      if (output === 'up\n') child.kill('SIGTERM')
    })
    expect(await ended).toBe(0)
    expect(output).toBe('up\nended in good order\n')
  })

  test('under npm, the end of the shell between is a signal', async () => {
    const script =
      "process.on('SIGTERM', () => { console.log('ended in good order'); process.exit(0) }); setInterval(() => {}, 1000); console.log('up')"
    const shell = ['-c', '"$@"; exit $?', 'sh', process.execPath, command(), 'node', '-e', script]
    const child = spawn('sh', shell, { env: { ...env(), npm_lifecycle_event: 'demo' }, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    const ended = new Promise((resolve) => child.stdout.on('close', resolve))
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
      if (output === 'up\n') child.kill('SIGTERM')
    })
    await ended
    expect(output).toBe('up\nended in good order\n')
  })

  test('a signal that ends it becomes 128 + n', () => {
    expect(run('node', '-e', "process.kill(process.pid, 'SIGKILL')").status).toBe(137)
  })
})

describe('missingTools', () => {
  test('worked example: nothing is missing', () => {
    expect(Bootstrap.missingTools({ nodeVersion: 'v20.0.0', path: tools })).toEqual([])
  })

  test('error: one sentence a tool, which says what to install', () => {
    rmSync(join(tools, 'git'))
    rmSync(join(tools, 'npm'))
    expect(Bootstrap.missingTools({ nodeVersion: 'v18.20.4', path: tools })).toEqual([
      'Node v18.20.4 is too old: install Node 20 or later from https://nodejs.org.',
      'git is not on PATH: install it from https://git-scm.com or with the package manager of this system.',
      'npm is not on PATH: install it together with Node from https://nodejs.org.',
    ])
  })

  test('error: the sentence is all that the terminal shows', () => {
    rmSync(join(tools, 'git'))
    const { status, stdout, stderr } = spawnSync(process.execPath, [command(), 'node'], { env: { PATH: tools }, encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe('git is not on PATH: install it from https://git-scm.com or with the package manager of this system.\n')
  })
})

describe('isStale', () => {
  const stamp = () => write(join(house, 'node_modules/.plimsoll-install'), `${Bootstrap.fingerprint(house)}\n`)

  test('worked example: stale without node_modules, fresh after an install', () => {
    expect(Bootstrap.isStale(house)).toBe(true)
    stamp()
    expect(Bootstrap.isStale(house)).toBe(false)
  })

  test.each([
    ['the lockfile changes', () => write(join(house, 'pnpm-lock.yaml'), 'lockfileVersion: 9\n')],
    ['the catalog changes', () => write(join(house, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n')],
    ['the root manifest changes', () => write(join(house, 'package.json'), '{ "packageManager": "pnpm@10.35.0" }')],
    ['a manifest changes', () => write(join(house, 'packages/margin/package.json'), '{ "name": "x" }')],
    ['a package arrives', () => write(join(house, 'apps/web/package.json'), '{}')],
    ['a package goes', () => rmSync(join(house, 'packages/margin'), { recursive: true })],
  ])('edge: stale when %s', (_, change) => {
    stamp()
    change()
    expect(Bootstrap.isStale(house)).toBe(true)
  })

  test('edge: fresh when a source changes', () => {
    stamp()
    write(join(house, 'packages/margin/src/index.ts'), 'export {}')
    expect(Bootstrap.isStale(house)).toBe(false)
  })
})

describe('nodeFolder', () => {
  const machine = (runningVersion: string) => ({ root: house, runningVersion, runningPath: '/opt/node/bin/node' })
  const pinned = () => join(house, 'node_modules/node/bin')

  test('worked example: the pinned Node where it installed and runs', () => {
    write(join(pinned(), 'node'), '#!/bin/sh\necho v24.21.0\n', 0o755)
    expect(Bootstrap.nodeFolder(machine('v20.0.0'))).toBe(pinned())
  })

  test('edge: else the running one, if it runs TypeScript', () => {
    expect(Bootstrap.nodeFolder(machine('v22.18.0'))).toBe('/opt/node/bin')
    write(join(pinned(), 'node'), '#!/bin/sh\nexit 1\n', 0o755)
    expect(Bootstrap.nodeFolder(machine('v24.0.0'))).toBe('/opt/node/bin')
  })

  test.each(['v20.19.0', 'v21.7.0', 'v22.17.9', 'v23.5.0'])('error: %s cannot run TypeScript', (version) => {
    expect(() => Bootstrap.nodeFolder(machine(version))).toThrow(
      `The pinned Node did not install on this platform and Node ${version} cannot run TypeScript: install Node 24 from https://nodejs.org.`,
    )
  })

  test.each(['v22.18.0', 'v23.6.0', 'v24.0.0', 'v26.1.0'])('edge: %s runs TypeScript', (version) => {
    expect(Bootstrap.stripsTypes(version)).toBe(true)
  })
})

describe('installNote', () => {
  test.each([
    ['Progress: resolved 384, reused 384, downloaded 0, added 188', '188 of 384 packages'],
    ['Progress: resolved 1, reused 0, downloaded 0, added 0', null],
    [
      '.../node_modules/@tensorflow/tfjs-node install: Failed',
      "note: TensorFlow's native library could not be fetched, so the volatility model runs on WebAssembly.",
    ],
    ['.../node_modules/@tensorflow/tfjs-node install:     at emitErrorNT (node:internal/streams/destroy:169:8)', null],
    ['.../node_modules/bufferutil install: Failed', 'note: the optional package bufferutil did not build here and is left out.'],
    ['Done in 8s using pnpm v10.34.9', null],
  ])('%s', (line, note) => {
    expect(Bootstrap.installNote(line)).toBe(note)
  })
})

describe('workspaceFolders', () => {
  test('worked example: the root and what the globs hold, nothing of the catalog', () => {
    write(join(house, 'apps/cli/package.json'), '{}')
    mkdirSync(join(house, 'apps/empty'))
    expect(Bootstrap.workspaceFolders(house)).toEqual(['.', 'apps/cli', 'packages/margin'])
  })

  test('edge: this repository', () => {
    expect(Bootstrap.workspaceFolders(root)).toEqual(
      expect.arrayContaining(['.', 'packages/margin', 'services/gateway', 'models/volatility']),
    )
  })
})
