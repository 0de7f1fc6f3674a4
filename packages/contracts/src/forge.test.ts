import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 64)

type Outcome = { readonly rc: number; readonly stdout: string; readonly stderr: string }
type Suites = Record<string, { readonly test_results: Record<string, { readonly status: string; readonly reason: string | null }> }>

/** Runs a program in this package, with the running Node first on the path, so that scripts find it. */
function run(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const options = { cwd: root, env: { ...process.env, PATH: path, ...env }, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(file, [...args], options, (error, stdout, stderr) =>
      resolve({ rc: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
  })
}

/** The platform's own program: started directly, since the launcher does not survive a path with a space in it. */
function forge(): string {
  const platform = `@foundry-rs/forge-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const launcher = createRequire(import.meta.url).resolve('@foundry-rs/forge/package.json')
  const path = join(dirname(createRequire(launcher).resolve(`${platform}/package.json`)), 'bin', 'forge')
  if (!existsSync(path)) throw new Error(`${platform} is not installed; install with optional dependencies.`)
  return path
}

describe('contracts', () => {
  test('property: every unit, fuzz and invariant test passes', { timeout: 600_000 }, async () => {
    const { stdout, stderr } = await run(forge(), ['test', '--json'], {
      FOUNDRY_FUZZ_RUNS: String(runs),
      FOUNDRY_INVARIANT_RUNS: String(Math.min(256, Math.max(8, Math.floor(runs / 8)))),
    })
    if (!stdout.trimStart().startsWith('{')) throw new Error(`forge gave no results: ${stderr || stdout}`)
    const suites = Object.entries(JSON.parse(stdout) as Suites)
    const results = suites.flatMap(([suite, { test_results }]) =>
      Object.entries(test_results).map(([name, { status, reason }]) => ({ name: `${suite} ${name}`, status, reason })),
    )
    expect(results.filter(({ status }) => status !== 'Success')).toEqual([])
    expect(results.length).toBe(161)
  })
})

describe('sources', () => {
  test('edge: formatted', async () => {
    expect(await run(forge(), ['fmt', '--check'])).toMatchObject({ rc: 0, stderr: '' })
  })
})

describe('generated', () => {
  test('edge: the committed artifacts were made from these sources', async () => {
    expect(await run(process.execPath, ['scripts/build.ts', '--check'])).toMatchObject({ rc: 0, stderr: '' })
  })

  test('vector: compiling gives the committed artifacts byte for byte', { timeout: 120_000 }, async () => {
    expect(await run(process.execPath, ['scripts/build.ts', '--check', '--compile'])).toMatchObject({ rc: 0, stderr: '' })
  })
})
