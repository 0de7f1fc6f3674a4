/** A package is staged in a temporary folder; the tests of it run in processes of their own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as Mutation from './Mutation.ts'
import type * as Verdicts from './Verdicts.ts'
import { root } from './Workspace.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** The files of `packages/one/src`. */
function stage(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll mutants '))
  folders.push(folder)
  for (const [file, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    const path = join(folder, 'packages/one', file === 'package.json' ? file : `src/${file}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return folder
}

const usual = { folder: 'packages/one', only: [], sample: null, workers: 1, equivalents: [], patienceMs: 10_000, progress: () => {} }
const run = (at: string, options: Partial<Mutation.Options> = {}) => Mutation.run({ root: at, ...usual, ...options })

const lists = ({ files }: Verdicts.Report) => ({
  survivors: files.flatMap(({ survivors }) => survivors.map(({ original, replacement }) => `${original} → ${replacement}`)),
  timeouts: files.flatMap(({ timeouts }) => timeouts.map(({ original, replacement }) => `${original} → ${replacement}`)),
})

/** `cases` are pairs of an argument and what comes of it. */
const tests = (cases: string) => `
import { describe, expect, test } from 'vitest'
import * as One from './One.ts'

describe('fee', () => {
  test.each(${cases})('worked example: %s', (amount, fee) => {
    expect(One.fee(amount)).toBe(fee)
  })
})
`

const fee = 'export const fee = (amount: bigint): bigint => (amount < 100n ? 1n : amount / 25n)\n'
const weak = { 'One.ts': fee, 'One.test.ts': tests('[[50n, 1n], [300n, 12n]]') }
const strong = { 'One.ts': fee, 'One.test.ts': tests('[[99n, 1n], [100n, 4n], [120n, 4n]]') }

describe('run', () => {
  test('worked example: a weak test leaves survivors, and a strong one kills them', async () => {
    const report = await run(stage(weak))
    expect(report).toMatchObject({ mutants: 10, killed: 6, survived: 4, timeout: 0, invalid: 0, score: 60 })
    expect(lists(report).survivors).toEqual(['amount < 100n → amount <= 100n', '100n → 101n', '100n → 99n', '25n → 24n'])

    expect(await run(stage(strong))).toMatchObject({ mutants: 10, killed: 10, survived: 0, score: 100 })
  })

  test('worked example: an endless loop is a kill, and is listed', async () => {
    const loop = 'export const fee = (n: number): number => {\n  let sum = 0\n  for (let i = 0; i < n; i++) sum += i\n  return sum\n}\n'
    const report = await run(stage({ 'One.ts': loop, 'One.test.ts': tests('[[0, 0], [4, 6]]') }))
    expect(lists(report)).toEqual({ survivors: ['0 → 1'], timeouts: ['i++ → i--'] })
  })

  const next = { 'One.ts': 'export const next = (n: number): number => n + 1\n' }
  const imports = "import { expect, test } from 'vitest'\nimport * as One from './One.ts'\n"

  test('edge: a process that no longer answers is ended, and the next mutants are judged by another', async () => {
    const loop = "test('x', () => {\n  let n = 0\n  while (n !== 3) n = One.next(n)\n  expect(One.next(0)).toBe(1)\n})\n"
    const report = await run(stage({ ...next, 'One.test.ts': imports + loop }), { patienceMs: 300 })
    expect(lists(report)).toEqual({ survivors: [], timeouts: ['n + 1 → n - 1', '1 → 2', '1 → 0'] })
  })

  test('edge: a test that passes only once a load judges each mutant by a load of its own', async () => {
    const once = "let runs = 0\ntest('x', () => {\n  expect(++runs).toBe(1)\n  expect(One.next(300)).toBeGreaterThan(300)\n})\n"
    expect(lists(await run(stage({ ...next, 'One.test.ts': imports + once })))).toMatchObject({ survivors: ['1 → 2'] })
  })

  test('edge: a constant of the module, and what a test file works out while it loads', async () => {
    const rate = { 'One.ts': 'export const rate = 7\nexport const fee = (amount: number) => amount * rate\n' }
    expect(await run(stage({ ...rate, 'One.test.ts': tests('[[2, 14]]') }))).toMatchObject({ mutants: 3, killed: 3 })
    // What is expected changes with the source: such a test sees nothing.
    expect(await run(stage({ ...rate, 'One.test.ts': tests('[[2, One.fee(2)]]') }))).toMatchObject({ mutants: 3, survived: 3 })
  })

  test('edge: what a module keeps between calls hides no mutant, and what a mutant leaves there is no kill of the next', async () => {
    const kept = 'const seen = new Map<number, number>()\nexport const fee = (n: number): number => {\n'
    const memo = `${kept}  const found = seen.get(n) ?? n + 1\n  seen.set(n, found)\n  return found\n}\n`
    const hidden = await run(stage({ 'One.ts': memo, 'One.test.ts': tests('[[1, 2], [2, 3]]') }))
    expect(hidden).toMatchObject({ mutants: 4, killed: 3 })
    expect(lists(hidden).survivors).toEqual(['seen.set(n, found) → undefined'])

    const last = 'let last = 0\nexport const fee = (n: number): number => {\n  const base = last\n  last = n - n\n  return base + n\n}\n'
    const left = await run(stage({ 'One.ts': last, 'One.test.ts': tests('[[2, 2]]') }))
    expect(lists(left).survivors).toEqual(['n - n → n + n'])
  })

  test('edge: tests of other files count, types and other packages do not; nothing else is changed', async () => {
    const report = await run(
      stage({
        'One.ts': fee,
        'Two.ts': "import * as One from './One.ts'\nexport const twice = (amount: bigint) => One.fee(amount) + One.fee(amount)\n",
        'Two.test.ts':
          "import { expect, test } from 'vitest'\nimport { twice } from './Two.ts'\ntest('x', () => expect(twice(100n)).toBe(8n))\n",
        'Three.test.ts': "import type * as One from './One.ts'\nthrow new Error('never loaded')\nexport type A = typeof One\n",
        'testing/kit.ts': 'export const kit = 1 + 1\n',
      }),
      { workers: 2 },
    )
    expect(report.files.map(({ file, killed, survived }) => ({ file, killed, survived }))).toEqual([
      { file: 'packages/one/src/One.ts', killed: 5, survived: 5 },
      { file: 'packages/one/src/Two.ts', killed: 1, survived: 0 },
    ])
  })

  test('edge: a source that no test needs', async () => {
    const report = await run(stage({ 'One.ts': fee }))
    expect(report).toMatchObject({ killed: 0, survived: 10, score: 0 })
    expect(report.files[0]?.survivors.every(({ reached }) => !reached)).toBe(true)
  })

  test('edge: one source only, a sample that its seed repeats, and progress to the end', async () => {
    const at = stage({ ...strong, 'Two.ts': 'export const two = 1 + 1\n' })
    expect(await run(at, { only: ['One.ts'] })).toMatchObject({ mutants: 10, files: [{ file: 'packages/one/src/One.ts' }] })
    const seen: number[][] = []
    const progress = (done: number, all: number) => seen.push([done, all])
    const sampled = await run(at, { only: ['One.ts'], sample: { size: 3, seed: 7 }, progress })
    expect(sampled).toMatchObject({ mutants: 3 })
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  test('edge: an equivalent mutant does not count', async () => {
    const equivalents = [
      {
        file: 'packages/one/src/One.ts',
        line: fee,
        replacement: fee.replace('25n', '24n'),
        why: 'An example of the form alone.',
      },
    ]
    expect(await run(stage(weak), { equivalents })).toMatchObject({ killed: 6, survived: 3, equivalent: 1 })
  })

  test('error: tests that fail without a mutant are named', async () => {
    const at = stage({ 'One.ts': fee, 'One.test.ts': tests('[[99n, 2n]]') })
    await expect(run(at)).rejects.toThrow(Mutation.BaselineError)
    await expect(run(at)).rejects.toThrow('  packages/one/src/One.test.ts > fee > worked example: %s #0')
  })

  test('edge: a test that fails by itself, and has nothing to do with the source, is left out', async () => {
    const other = "import './One.ts'\nimport { expect, test } from 'vitest'\ntest('x', () => expect(1).toBe(2))\n"
    const rate = { 'One.ts': 'const rate = 7\nexport const fee = (amount: number) => amount * rate\n', 'Two.test.ts': other }
    expect(await run(stage({ ...rate, 'One.test.ts': tests('[[2, 14]]') }))).toMatchObject({ killed: 3, survived: 0 })
    expect(await run(stage({ ...rate, 'One.test.ts': tests('[[0, 0]]') }))).toMatchObject({ killed: 0, survived: 3 })
  })

  test('error: tests that cannot be loaded, with what Node says', async () => {
    const at = stage({ 'One.ts': fee, 'One.test.ts': "import './One.ts'\nimport './Gone.ts'\n" })
    await expect(run(at)).rejects.toThrow(/could not be loaded\.\n(.*\n)*.*Gone\.ts/)
  })

  test('error: nothing to change', async () => {
    await expect(run(stage({ 'One.ts': fee }), { only: ['Two.ts'] })).rejects.toThrow(Mutation.BaselineError)
  })
})

describe('known', () => {
  test('every equivalent mutant says why', () => {
    for (const { file, line, replacement, why } of Mutation.known())
      expect([file, line, replacement, why].every((text) => text.trim() !== '')).toBe(true)
  })
})

describe('the command', () => {
  const mutate = (cwd: string, ...parameters: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/mutate.ts'), ...parameters], {
      cwd,
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  test('worked example: the survivors, and exit 1 below the threshold', () => {
    const { status, stdout } = mutate(stage(weak), 'packages/one/')
    expect(status).toBe(1)
    expect(stdout).toMatch(/\n {2}packages\/one\/src\/One\.ts:1:\d+ {2}25n → 24n\n/)
    expect(stdout).toMatch(/10 mutants in \d+ s, 85 % asked for\n$/)
  })

  test('worked example: --json is one document on stdout, and exit 0', () => {
    const { status, stdout } = mutate(stage(strong), 'packages/one', '--json', '--workers', '1')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ folder: 'packages/one', threshold: 85, score: 100, mutants: 10, files: [{ survivors: [] }] })
  })

  test('error: no package, or an option that it does not know, is one sentence', () => {
    expect(mutate(root)).toEqual({ status: 1, stdout: '', stderr: 'Name the package: node scripts/mutate.ts packages/margin\n' })
    expect(mutate(root, '--often')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining("Unknown option '--often'") })
  })

  test('error: a number that is none', () => {
    expect(mutate(root, 'packages/margin', '--sample', 'many')).toEqual({
      status: 1,
      stdout: '',
      stderr: '--sample is a whole number above 0, and "many" is not.\n',
    })
  })
})
