/**
 * Judges the mutants of one source, in a process of its own that `Mutation` starts: it loads the tests that depend on the source, runs
 * them once without a mutant, then answers one mutant after another over the channel to its parent.
 *
 *     node scripts/judge.ts <root> <package folder> <source>     from Mutation.ts, with a channel
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as Collected from './Collected.ts'
import * as Mutants from './Mutants.ts'
import * as Source from './Source.ts'
import * as Switchboard from './Switchboard.ts'
import { files, isTool } from './Workspace.ts'

/** From the parent: the mutants first, then one question at a time. `fresh` loads everything anew with the mutant in it. */
export type Question =
  | { readonly is: 'mutants'; readonly mutants: readonly Mutants.Mutant[] }
  | { readonly is: 'mutant'; readonly number: number; readonly fresh: boolean }

/** To the parent. `spent`: this process should judge no further. */
export type Answer =
  | { readonly is: 'ready'; readonly red: readonly string[]; readonly tests: number; readonly ms: number }
  | { readonly is: 'verdict'; readonly number: number; readonly verdict: Verdict; readonly by: string | null; readonly spent: boolean }

/** `unreached`: it survived, and no test ever asks for it. `tainted`: a mutant left something behind that a fresh load must settle. */
export type Verdict = 'killed' | 'timeout' | 'survived' | 'unreached' | 'tainted'

/** A test, and what it did without a mutant. */
type Known = Collected.Test & { readonly reached: ReadonlySet<number>; readonly rounds: number; readonly ms: number }

const [root = '', folder = '', target = ''] = process.argv.slice(2)
const inside = pathToFileURL(join(root, folder, 'src')).href
const here = (file: string) => new URL(file, import.meta.url).href
const fileOf = (url: string) => fileURLToPath(url.replace(/\?.*/, ''))

/** How many loads of everything one process bears: modules are never let go. */
const mostLoads = 150

let mutants: readonly Mutants.Mutant[] = []
let loads = 0
let known: readonly Known[] = []
let atLoad: ReadonlySet<number> = new Set()
/** Whether a module of the package keeps something between calls. What one mutant leaves there another would find: each loads anew. */
let keeping = false
let testFiles: readonly string[] = []
/** Tests that fail by themselves and never ask for the source: they can say nothing about it. */
const foreign = new Set<string>()

const sources = new Map<string, string>()

/** A source with switches in it, and a count of rounds in every other one of the package. */
function sourceOf(file: string): string {
  const text = readFileSync(file, 'utf8')
  const kept = sources.get(file) ?? Mutants.switched(text, file === join(root, target) ? mutants : [], here('./Switchboard.ts'))
  sources.set(file, kept)
  return kept
}

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'fast-check of the package') return next('fast-check', { ...context, parentURL: `${inside}/index.ts` })
    if (specifier === 'vitest' && context.parentURL !== here('./Collected.ts')) return { url: here('./Collected.ts'), shortCircuit: true }
    const resolved = next(specifier, context)
    const load = /\?load=\d+$/.exec(context.parentURL ?? '')?.[0]
    return load && resolved.url.startsWith(`${inside}/`) ? { ...resolved, url: `${resolved.url}${load}` } : resolved
  },
  load(url, context, next) {
    if (!url.startsWith(`${inside}/`) || isTool(fileOf(url).slice(root.length + 1))) return next(url, context)
    return { format: 'module-typescript', source: sourceOf(fileOf(url)), shortCircuit: true }
  },
})

/** The same cases every time, and no search for a smaller one. */
async function steady(): Promise<void> {
  const specifier = 'fast-check of the package'
  const fastCheck = await import(specifier).catch(() => null)
  fastCheck?.configureGlobal({ seed: 1, endOnFailure: true })
}

/** The test files of the package that need the source, its own first. */
function dependents(): readonly string[] {
  const all = files(root, join(folder, 'src'), ['.ts'])
  const needed = new Map(all.map((file) => [file, importsOf(file)]))
  const needing = new Set([target])
  for (let before = 0; before !== needing.size; ) {
    before = needing.size
    for (const [file, imports] of needed) if (imports.some((each) => needing.has(each))) needing.add(file)
  }
  const own = target.replace(/\.ts$/, '.test.ts')
  const tests = [...needing].filter((file) => file.endsWith('.test.ts'))
  return tests.sort((a, b) => Number(b === own) - Number(a === own) || a.localeCompare(b))
}

function importsOf(file: string): readonly string[] {
  return Source.imports(file, readFileSync(join(root, file), 'utf8')).flatMap(({ specifier, typeOnly }) =>
    typeOnly || !specifier.startsWith('.') ? [] : [join(file, '..', specifier)],
  )
}

const load = async (file: string): Promise<readonly Collected.Test[]> => {
  await import(`${pathToFileURL(join(root, file)).href}?load=${loads}`)
  return Collected.take().map(({ title, run }) => ({ title: `${file} > ${title}`, run }))
}

const keeps = /^(export )?(let |const [^=]+= new )/m

async function baseline(): Promise<Answer> {
  await steady()
  const sources = files(root, join(folder, 'src'), ['.ts']).filter((file) => !isTool(file))
  keeping = sources.some((file) => keeps.test(readFileSync(join(root, file), 'utf8')))
  testFiles = dependents()
  const started = performance.now()
  const tests: Collected.Test[] = []
  Switchboard.turn(-1, Infinity)
  Switchboard.record()
  for (const file of testFiles) tests.push(...(await load(file)))
  atLoad = Switchboard.recorded()
  const red: string[] = []
  const ran: Known[] = []
  for (const test of tests) {
    const from = performance.now()
    Switchboard.turn(-1, Infinity)
    Switchboard.record()
    const failed = await fails(test)
    const reached = Switchboard.recorded()
    if (failed && reached.size === 0) foreign.add(test.title)
    else if (failed) red.push(test.title)
    ran.push({ ...test, reached, rounds: Switchboard.rounds(), ms: performance.now() - from })
  }
  known = ran.toSorted((a, b) => a.ms - b.ms)
  return { is: 'ready', red, tests: tests.length, ms: performance.now() - started }
}

async function fails(test: Collected.Test): Promise<boolean> {
  try {
    await Collected.run(test)
    return false
  } catch {
    return true
  }
}

/** Twenty times the rounds that it takes without a mutant, and some. */
const allowed = (rounds: number) => 20 * rounds + 100_000

async function judge(number: number, fresh: boolean): Promise<Answer> {
  const answer = (verdict: Verdict, by: string | null = null) =>
    ({ is: 'verdict', number, verdict, by, spent: verdict === 'tainted' || loads >= mostLoads }) as const
  if (fresh || keeping || atLoad.has(number)) return answer(...(await judgeAnew(number)))
  const reaching = known.filter(({ reached }) => reached.has(number))
  if (reaching.length === 0) return answer('unreached')
  for (const test of reaching) {
    Switchboard.turn(number, allowed(test.rounds))
    const failed = await fails(test)
    const verdict = Switchboard.exhausted() ? 'timeout' : failed ? 'killed' : null
    if (verdict === null) continue
    Switchboard.turn(-1, Infinity)
    return (await fails(test)) ? answer('tainted') : answer(verdict, test.title)
  }
  return answer('survived')
}

/** With everything loaded anew, as a test run would, the files one after another. */
async function judgeAnew(number: number): Promise<[Verdict, string | null]> {
  loads++
  const rounds = new Map(known.map((test) => [test.title, test.rounds]))
  const longest = Math.max(...rounds.values(), 0)
  try {
    for (const file of testFiles) {
      Switchboard.turn(number, allowed(longest))
      const tests = await load(file).catch(() => null)
      if (Switchboard.exhausted()) return ['timeout', file]
      if (tests === null) return ['killed', file]
      for (const test of tests.filter(({ title }) => !foreign.has(title))) {
        Switchboard.turn(number, allowed(rounds.get(test.title) ?? longest))
        const failed = await fails(test)
        if (Switchboard.exhausted()) return ['timeout', test.title]
        if (failed) return ['killed', test.title]
      }
    }
    return ['survived', null]
  } finally {
    Collected.take()
    Switchboard.turn(-1, Infinity)
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', async (question: Question) => {
  if (question.is === 'mutants') mutants = question.mutants
  const answer = question.is === 'mutants' ? await baseline() : await judge(question.number, question.fresh)
  process.send?.(answer)
})
