/**
 * Mutation testing: whether the tests notice small faults in a package. From the root of the repository:
 *
 *     node scripts/mutate.ts packages/margin [--only Curve.ts] [--json] [--sample 200 --seed 1] [--workers 2]
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import * as Mutation from './Mutation.ts'
import * as Verdicts from './Verdicts.ts'

const help = [
  'node scripts/mutate.ts <package folder>: changes one expression after another, and sees whether a test fails.',
  '',
  '  --only <file>     these sources only, by the ends of their paths; may stand more than once',
  '  --sample <n>      that many mutants, drawn by --seed <s> (1)',
  '  --workers <n>     processes side by side (one per core)',
  '  --json            the report as one JSON document on stdout',
  '',
  'PLIMSOLL_RUNS sets the cases per property (100).',
  `Exit 1 when less than ${Verdicts.threshold} % are killed, or when the tests fail by themselves.`,
].join('\n')

/** One line that is written over: how far, and for how much longer. */
function bar(started: number): (done: number, all: number) => void {
  let tenth = 0
  return (done, all) => {
    const full = Math.round((20 * done) / all)
    const left = ((performance.now() - started) / done) * (all - done)
    const time = `${Math.floor(left / 60_000)}:${String(Math.floor(left / 1_000) % 60).padStart(2, '0')}`
    if (!process.stderr.isTTY) {
      // Where nothing can be written over, a line now and then.
      if (Math.floor((10 * done) / all) > tenth) console.error(`${done} of ${all} mutants, ${time} left`)
      tenth = Math.floor((10 * done) / all)
      return
    }
    process.stderr.write(`\r${'█'.repeat(full)}${'░'.repeat(20 - full)} ${done} of ${all}, ${time} left `)
    if (done === all) process.stderr.write('\r\u001b[K')
  }
}

/** Thrown when an option is no number. */
class NotANumberError extends Error {
  override readonly name = 'mutate.NotANumberError'
}

function whole(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new NotANumberError(`--${option} is a whole number above 0, and "${text}" is not.`)
  return value
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      sample: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return 0
  }
  const [folder] = positionals
  if (!folder) {
    console.error('Name the package: node scripts/mutate.ts packages/margin')
    return 1
  }
  const started = performance.now()
  const report = await Mutation.run({
    root: process.cwd(),
    folder: folder.replace(/\/+$/, ''),
    only: values.only,
    sample: values.sample === undefined ? null : { size: whole('sample', values.sample), seed: whole('seed', values.seed) },
    workers: whole('workers', values.workers),
    equivalents: Mutation.known(),
    patienceMs: 10_000,
    progress: bar(started),
  })
  const seconds = (performance.now() - started) / 1_000
  if (values.json) console.log(JSON.stringify({ threshold: Verdicts.threshold, seconds, ...report }, null, 2))
  else console.log(`${Verdicts.format(report)}\n${report.mutants} mutants in ${seconds.toFixed(0)} s, ${Verdicts.threshold} % asked for`)
  return report.score === null || report.score >= Verdicts.threshold ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const ours = [Mutation.BaselineError, Verdicts.EquivalenceError, NotANumberError].some((each) => error instanceof each)
    const options = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    console.error(ours || options ? (error as Error).message : error)
    process.exitCode = 1
  },
)
