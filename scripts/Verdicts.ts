/** What became of the mutants of a package: the counts, the score, and the sentences about them. */
import type { Verdict } from './judge.ts'
import * as Mutants from './Mutants.ts'

/** `invalid`: it does not parse. `equivalent`: the list says why nobody can see it. */
export type Fate = Exclude<Verdict, 'tainted'> | 'invalid' | 'equivalent'

export type Judged = { readonly mutant: Mutants.Mutant; readonly fate: Fate; readonly by: string | null }

/** One mutant that changes nothing a caller can see: `line` is its line as it stands, `replacement` the line with the mutant in it. */
export type Equivalent = { readonly file: string; readonly line: string; readonly replacement: string; readonly why: string }

export type Place = Pick<Mutants.Mutant, 'line' | 'column' | 'kind' | 'original' | 'replacement'> & { readonly reached: boolean }

export type FileReport = {
  readonly file: string
  readonly killed: number
  readonly timeout: number
  readonly survived: number
  readonly invalid: number
  readonly equivalent: number
  /** Killed of those that could be, in %, or null where there is none. A timeout is a kill. */
  readonly score: number | null
  readonly survivors: readonly Place[]
  readonly timeouts: readonly Place[]
}

export type Report = Omit<FileReport, 'file' | 'survivors' | 'timeouts'> & {
  readonly folder: string
  readonly mutants: number
  readonly files: readonly FileReport[]
}

/** Thrown when the list of equivalent mutants says something that is not so, or not why. */
export class EquivalenceError extends Error {
  override readonly name = 'Verdicts.EquivalenceError'
}

/** Less of all mutants than this is a failure, in %. */
export const threshold = 85

export function of(folder: string, judged: readonly Judged[]): Report {
  const names = [...new Set(judged.map(({ mutant }) => mutant.file))].sort()
  const files = names.map((file) => {
    const own = judged.filter(({ mutant }) => mutant.file === file)
    const survivors = own.filter(({ fate }) => fate === 'survived' || fate === 'unreached').map(placeOf)
    return { file, ...counted(own), survivors, timeouts: own.filter(({ fate }) => fate === 'timeout').map(placeOf) }
  })
  return { folder, mutants: judged.length, ...counted(judged), files }
}

function counted(judged: readonly Judged[]): Omit<FileReport, 'file' | 'survivors' | 'timeouts'> {
  const count = (...fates: readonly Fate[]) => judged.filter(({ fate }) => fates.includes(fate)).length
  const [killed, timeout, survived] = [count('killed'), count('timeout'), count('survived', 'unreached')]
  const all = killed + timeout + survived
  return {
    killed,
    timeout,
    survived,
    invalid: count('invalid'),
    equivalent: count('equivalent'),
    score: all === 0 ? null : (100 * (killed + timeout)) / all,
  }
}

const placeOf = ({ mutant: { line, column, kind, original, replacement }, fate }: Judged): Place => ({
  line,
  column,
  kind,
  original,
  replacement,
  reached: fate !== 'unreached',
})

/** A line a file, its survivors below it, and the sum. */
export function format(report: Report): string {
  const width = Math.max(...report.files.map(({ file }) => file.length), 8)
  const row = (name: string, counts: Omit<FileReport, 'file' | 'survivors' | 'timeouts'>) => {
    const numbers = [counts.killed, counts.timeout, counts.survived, counts.invalid, counts.equivalent]
    const score = counts.score === null ? '–' : `${counts.score.toFixed(1)} %`
    return `${name.padEnd(width)}${numbers.map((number) => String(number).padStart(11)).join('')}${score.padStart(10)}`
  }
  const head = `${''.padEnd(width)}${['killed', 'timeout', 'survived', 'invalid', 'equivalent'].map((word) => word.padStart(11)).join('')}     score`
  const place = (file: string, { line, column, original, replacement, reached }: Place) =>
    `  ${file}:${line}:${column}  ${original} → ${replacement}${reached ? '' : '  (no test reaches it)'}`
  return [
    head,
    ...report.files.flatMap((each) => [row(each.file, each), ...each.survivors.map((survivor) => place(each.file, survivor))]),
    row(report.folder, report),
    ...report.files.flatMap(({ file, timeouts }) => timeouts.map((each) => `  timeout: ${place(file, each).trim()}`)),
  ].join('\n')
}

/**
 * The mutants that the list calls equivalent.
 *
 * @param sources - the text of each file that was searched for mutants; entries about other files are left for their own run.
 * @throws {EquivalenceError} an entry about one of the files fits no mutant of it, or gives no reason.
 */
export function equivalents(
  list: readonly Equivalent[],
  mutants: readonly Mutants.Mutant[],
  sources: ReadonlyMap<string, string>,
): ReadonlySet<Mutants.Mutant> {
  const found = new Set<Mutants.Mutant>()
  for (const entry of list) {
    const text = sources.get(entry.file)
    if (text === undefined) continue
    if (entry.why.trim() === '') throw new EquivalenceError(`${entry.file}: \`${entry.line}\` gives no reason.`)
    const line = (of: string, number: number) => (of.split('\n')[number - 1] ?? '').trim()
    const fitting = mutants.filter(
      (mutant) =>
        mutant.file === entry.file &&
        line(text, mutant.line) === entry.line.trim() &&
        line(Mutants.applied(text, mutant), mutant.line) === entry.replacement.trim(),
    )
    if (fitting.length === 0)
      throw new EquivalenceError(`${entry.file}: no mutant makes \`${entry.line}\` to \`${entry.replacement}\` any more.`)
    for (const each of fitting) found.add(each)
  }
  return found
}
