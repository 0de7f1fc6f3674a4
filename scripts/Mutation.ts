/** Every mutant of a package against the tests that depend on it, in processes side by side. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './judge.ts'
import * as Mutants from './Mutants.ts'
import * as Verdicts from './Verdicts.ts'
import { files, isTool } from './Workspace.ts'

export type Options = {
  readonly root: string
  /** Of the package, from the root. */
  readonly folder: string
  /** Ends of the names of the sources to change; none are all. */
  readonly only: readonly string[]
  readonly sample: { readonly size: number; readonly seed: number } | null
  readonly workers: number
  readonly equivalents: readonly Verdicts.Equivalent[]
  /** A mutant that is still judged after this long, beside five times what all tests take, is in an endless loop. */
  readonly patienceMs: number
  /** Called after each mutant. */
  readonly progress: (done: number, all: number) => void
}

/** Thrown when the tests fail without any mutant, or there is nothing to change. */
export class BaselineError extends Error {
  override readonly name = 'Mutation.BaselineError'
}

/** @throws {BaselineError} {Verdicts.EquivalenceError} */
export async function run(options: Options): Promise<Verdicts.Report> {
  const root = realpathSync(options.root)
  const named = (file: string) => options.only.length === 0 || options.only.some((end) => `/${file}`.endsWith(`/${end}`))
  const sources = files(root, join(options.folder, 'src'), ['.ts']).filter(
    (file) => !isTool(file) && !file.endsWith('.d.ts') && named(file),
  )
  if (sources.length === 0) throw new BaselineError(`There is no source to change in ${options.folder}.`)

  const texts = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const all = [...texts].flatMap(([file, text]) => Mutants.of(file, text))
  const equivalent = Verdicts.equivalents(options.equivalents, all, texts)
  const chosen = options.sample === null ? all : drawn(all, options.sample)

  const judged: Verdicts.Judged[] = []
  const settle = (mutant: Mutants.Mutant, fate: Verdicts.Fate, by: string | null = null) => {
    judged.push({ mutant, fate, by })
    options.progress(judged.length, chosen.length)
  }
  const open = new Map<string, Mutants.Mutant[]>()
  for (const mutant of chosen) {
    if (equivalent.has(mutant)) settle(mutant, 'equivalent')
    else if (!Mutants.parses(texts.get(mutant.file) ?? '', mutant)) settle(mutant, 'invalid')
    else open.set(mutant.file, [...(open.get(mutant.file) ?? []), mutant])
  }

  const waiting = [...open].sort(([, a], [, b]) => b.length - a.length)
  const children = new Set<ChildProcess>()
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [file, mutants] = next
      await judgeFile({ file, mutants, children, settle, root, folder: options.folder, patienceMs: options.patienceMs })
    }
  }
  const end = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  process.once('exit', end)
  try {
    await Promise.all(Array.from({ length: Math.max(1, options.workers) }, work))
  } finally {
    end()
    process.off('exit', end)
  }
  return Verdicts.of(options.folder, judged)
}

/** A sample that a seed repeats, by the mixing function of splitmix32. */
function drawn(mutants: readonly Mutants.Mutant[], { size, seed }: { readonly size: number; readonly seed: number }) {
  let state = seed | 0
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  return mutants
    .map((mutant) => ({ mutant, key: next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, size)
    .map(({ mutant }) => mutant)
}

type Work = Pick<Options, 'root' | 'folder' | 'patienceMs'> & {
  readonly file: string
  readonly mutants: readonly Mutants.Mutant[]
  readonly children: Set<ChildProcess>
  readonly settle: (mutant: Mutants.Mutant, fate: Verdicts.Fate, by?: string | null) => void
}

async function judgeFile(work: Work): Promise<void> {
  const held: { judge: Judge | null } = { judge: null }
  const ask = async (number: number, mutant: Mutants.Mutant, fresh: boolean): Promise<boolean> => {
    held.judge ??= await start(work)
    const answer = await held.judge.ask({ is: 'mutant', number, fresh })
    if (answer?.is !== 'verdict' || answer.spent) {
      held.judge.end()
      held.judge = null
    }
    if (answer?.is !== 'verdict') work.settle(mutant, 'timeout')
    else if (answer.verdict === 'tainted') return false
    else work.settle(mutant, answer.verdict, answer.by)
    return true
  }
  for (const [number, mutant] of work.mutants.entries()) if (!(await ask(number, mutant, false))) await ask(number, mutant, true)
  held.judge?.end()
}

/** `ask` gives null when the process ended, or had to be ended. */
type Judge = { readonly ask: (question: Question) => Promise<Answer | null>; readonly end: () => void }

async function start({ root, folder, file, mutants, children, patienceMs }: Work): Promise<Judge> {
  const child = fork(fileURLToPath(new URL('./judge.ts', import.meta.url)), [root, folder, file], {
    cwd: root,
    env: { ...process.env, PLIMSOLL_RUNS: process.env.PLIMSOLL_RUNS ?? '100' },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  children.add(child)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-4_000)
  })
  const end = () => {
    children.delete(child)
    child.kill('SIGKILL')
  }
  const ask = (question: Question, patience: number) =>
    new Promise<Answer | null>((resolve) => {
      const timer = setTimeout(() => finish(null), patience)
      const finish = (answer: Answer | null) => {
        clearTimeout(timer)
        child.off('message', finish).off('exit', onExit)
        resolve(answer)
      }
      const onExit = () => finish(null)
      child.on('message', finish).on('exit', onExit)
      child.send(question)
    })

  const ready = await ask({ is: 'mutants', mutants }, 600_000)
  if (ready?.is !== 'ready') throw new BaselineError(`The tests of ${file} could not be loaded.\n${said}`)
  if (ready.red.length > 0)
    throw new BaselineError(`These tests fail without any mutant:\n${ready.red.map((test) => `  ${test}`).join('\n')}`)
  return { ask: (question) => ask(question, patienceMs + 5 * ready.ms), end }
}

const list = new URL('./equivalent-mutants.json', import.meta.url)

/** The committed list of mutants that nobody can see. */
export function known(): readonly Verdicts.Equivalent[] {
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
}
