/**
 * What `npm test` runs: format, lint, manifests, dead code, boundaries, types, and every test of the house.
 * Every step runs even when one fails; what failed is shown at the end, and the last line counts.
 *
 *     npm test                       everything
 *     npm test -- packages/margin    the tests of some paths only; the other steps run all the same
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { anyInDeclarations } from './Emitted.ts'
import * as Tally from './Tally.ts'
import { root } from './Workspace.ts'

type Step = { readonly title: string; readonly about: string; readonly run: () => Promise<Outcome> }
type Outcome = { readonly ok: boolean; readonly output: string }

const bin = join(root, 'node_modules', '.bin')
const folders = [dirname(process.execPath), bin, join(root, 'node_modules', '.plimsoll-bin'), process.env.PATH ?? '']
/** What Node has compiled is kept from one process to the next: the specs start hundreds. */
const compiled = join(root, 'node_modules', '.cache', 'node')
const env = { ...process.env, PATH: folders.join(delimiter), TURBO_TELEMETRY_DISABLED: '1', NODE_COMPILE_CACHE: compiled }

/** Runs one program from node_modules/.bin; `live` shows its output as it comes. */
function program(name: string, parameters: readonly string[], live = false): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(join(bin, name), parameters, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk
      if (live) process.stdout.write(chunk)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', (error) => resolve({ ok: false, output: `${name} could not be started: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

async function types(): Promise<Outcome> {
  return program('tsc', ['-b', '--pretty', 'false'])
}

async function emittedTypes(): Promise<Outcome> {
  const { files, findings } = anyInDeclarations(root)
  if (files === 0) return { ok: false, output: 'There are no declarations to read: tsc wrote none.' }
  return { ok: findings.length === 0, output: findings.join('\n') }
}

const cheap: readonly (readonly Step[])[] = [
  [
    { title: 'types', about: 'tsc -b', run: types },
    { title: 'declarations', about: 'no any in what packages/ export', run: emittedTypes },
  ],
  [{ title: 'format and lint', about: 'biome', run: () => program('biome', ['check', '--error-on-warnings', '.']) }],
  [{ title: 'manifests', about: 'sherif', run: () => program('sherif', []) }],
  [{ title: 'dead code', about: 'knip', run: () => program('knip', ['--no-progress', '--no-config-hints']) }],
  [{ title: 'boundaries', about: 'turbo boundaries', run: () => program('turbo', ['boundaries']) }],
]

const failures: { readonly title: string; readonly output: string }[] = []
let passed = 0
let failed = 0

async function perform({ title, about, run }: Step): Promise<void> {
  const started = performance.now()
  const { ok, output } = await run()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`  ${ok ? 'ok    ' : 'FAILED'}  ${title.padEnd(18)} ${about.padEnd(34)} ${seconds.padStart(6)} s`)
  if (ok) passed++
  else {
    failed++
    failures.push({ title, output })
  }
}

/** Chains of steps, two at a time: more would only slow each other down on a small machine. */
async function performAll(chains: readonly (readonly Step[])[]): Promise<void> {
  const waiting = [...chains]
  const worker = async () => {
    for (let chain = waiting.shift(); chain; chain = waiting.shift()) for (const step of chain) await perform(step)
  }
  await Promise.all([worker(), worker()])
}

async function tests(filters: readonly string[], required: readonly Tally.Requirement[]): Promise<Tally.Tally> {
  const file = join(root, 'test-artifacts', 'vitest.json')
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  const started = performance.now()
  console.log('  ...     tests              vitest')
  const { ok, output } = await program(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters],
    true,
  )
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`  ${ok ? 'ok    ' : 'FAILED'}  tests              ${'vitest'.padEnd(34)} ${seconds.padStart(6)} s`)
  if (!existsSync(file))
    return { passed: 0, failed: 1, skipped: 0, skips: [], failures: [`vitest wrote no report\n${output.slice(-2_000)}`] }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  return Tally.of({ report: { ...report, success: report.success && ok }, root, required })
}

const sayings: Readonly<Record<Tally.Skip['verdict'], string>> = {
  allowed: '',
  required: ' PLIMSOLL_REQUIRE asks for it, so this counts as failed.',
  unexplained: ' No rule allows this skip, so it counts as failed.',
}

async function main(filters: readonly string[]): Promise<number> {
  const required = Tally.parseRequired(process.env.PLIMSOLL_REQUIRE ?? '')
  console.log(`Plimsoll: everything that is checked, on Node ${process.version}\n`)
  await performAll(cheap)
  const tally = await tests(filters, required)

  for (const { title, output } of failures) console.log(`\n--- ${title} failed\n${output.trim()}`)
  if (tally.failures.length > 0) console.log(`\n--- tests failed\n${tally.failures.join('\n')}`)
  if (tally.skips.length > 0) console.log('\n--- skipped')
  for (const { sentence, count, verdict } of tally.skips) console.log(`  ${count} in ${sentence}${sayings[verdict]}`)

  const total = { passed: passed + tally.passed, failed: failed + tally.failed }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${tally.skipped} skipped`)
  return total.failed === 0 ? 0 : 1
}

const parameters = process.argv.slice(2)
if (parameters.includes('--help'))
  console.log('npm test [-- <path> ...]: checks everything; with paths, only their tests beside the other steps.')
else
  main(parameters).then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      console.error(error instanceof Tally.UnknownRequirementError ? error.message : error)
      console.log('0 passed, 1 failed, 0 skipped')
      process.exitCode = 1
    },
  )
