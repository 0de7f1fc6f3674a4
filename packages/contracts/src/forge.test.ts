import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 64)

type Outcome = { readonly rc: number; readonly stdout: string; readonly stderr: string }
type Suites = Record<string, { readonly test_results: Record<string, { readonly status: string; readonly reason: string | null }> }>

/** Runs a program in this package. */
function run(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(file, [...args], options, (error, stdout, stderr) =>
      resolve({ rc: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
  })
}

describe('contracts', () => {
  test('property: every unit, fuzz and invariant test passes', { timeout: 600_000 }, async () => {
    const { stdout, stderr } = await run(process.execPath, ['scripts/forge.ts', 'test', '--json'], {
      FOUNDRY_FUZZ_RUNS: String(runs),
      // Of 64 calls each.
      FOUNDRY_INVARIANT_RUNS: String(Math.min(256, Math.max(8, Math.floor(runs / 16)))),
    })
    if (!stdout.trimStart().startsWith('{')) throw new Error(`forge gave no results: ${stderr || stdout}`)
    const suites = Object.entries(JSON.parse(stdout) as Suites)
    const results = suites.flatMap(([suite, { test_results }]) =>
      Object.entries(test_results).map(([name, { status, reason }]) => ({ name: `${suite} ${name}`, status, reason })),
    )
    expect(results.filter(({ status }) => status !== 'Success')).toEqual([])
    expect(results.length).toBe(325)
  })
})

describe('sources', () => {
  test('edge: formatted', async () => {
    expect(await run(process.execPath, ['scripts/forge.ts', 'fmt', '--check'])).toMatchObject({ rc: 0, stderr: '' })
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
