/** `plimsoll simulate`: the ledger, the limit and its certificates in a world that does whatever it can, held against every invariant. */
import { Database } from '@plimsoll/store'
import { Command, Option } from 'commander'
import { typed } from '../path.ts'
import * as print from '../print.ts'
import * as Invariants from '../simulation/Invariants.ts'
import * as Mirror from '../simulation/Mirror.ts'
import * as Walk from '../simulation/Walk.ts'
import { out } from './limit.ts'

type Flags = {
  readonly seed: string
  readonly steps: string
  readonly data?: string
  readonly postgres?: string
  readonly against?: 'anvil'
  readonly json?: boolean
}

/** The command. Exit 1 where an invariant broke. */
export function simulate(): Command {
  return new Command('simulate')
    .description('Walk through deposits, trades, outages, reorganisations and attacks; hold every step against the invariants.')
    .option('--seed <n>', 'of the walk: the same seed walks the same way', '1')
    .option('--steps <n>', 'how far', '20000')
    .option('--data <folder>', 'keep an embedded database there instead of in memory')
    .option('--postgres <url>', 'an empty PostgreSQL database instead of the embedded one')
    .addOption(new Option('--against <chain>', 'do everything to the real contracts on local chains, too, and compare').choices(['anvil']))
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
The ledger, the gathering of inputs, the limit, the certificate and its signature are the real ones, over a real database. The chains
are a model of the contracts, in the same integers; with --against anvil every transaction is sent to the real contracts as well, in the
same block at the same time, and what they take, refuse and hold afterwards is compared figure by figure (TWIN). A broken invariant stops
the walk; the command it prints walks there again.

Examples:
  plimsoll simulate
  plimsoll simulate --seed 42 --steps 200000 --json
  plimsoll simulate --against anvil --steps 5000
  plimsoll simulate --seed 7 --postgres postgresql://user@127.0.0.1:5432/empty`,
    )
    .action(async (flags: Flags) => {
      const [seed, steps] = [count('seed', flags.seed), count('steps', flags.steps)]
      const started = performance.now()
      const progress = (done: number) => {
        const left = done === 0 ? '' : `, ${Math.round(((performance.now() - started) * (steps - done)) / done / 1_000)} s left`
        if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done} of ${steps} steps${left}`)
        else if (done > 0 && done % linesEvery === 0) process.stderr.write(`${done} of ${steps} steps${left}\n`)
      }
      await using mirror = flags.against === undefined ? null : await Mirror.start(Walk.start)
      const outcome = await Walk.walk({ seed, steps, progress, mirror: mirror ?? undefined, database: (clock) => open(flags, clock) })
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
      const seconds = (performance.now() - started) / 1_000
      out(flags.json, { ...outcome, seconds }, told(outcome, { seconds, against: flags.against }))
      if (outcome.violation !== null) process.exitCode = 1
    })
}

/** Where nobody looks on, a line every so many steps. */
const linesEvery = 5_000

function open({ data, postgres }: Flags, clock: () => number): Promise<Database.Database> {
  if (postgres !== undefined) return Database.open({ url: postgres, clock })
  return data === undefined ? Database.open({ memory: true, clock }) : Database.open({ directory: typed(data), clock })
}

function told(outcome: Walk.Outcome, { seconds, against }: { readonly seconds: number; readonly against: Flags['against'] }): string {
  const { seed, steps, checks, events, violation, fingerprint } = outcome
  const rows = Invariants.codes.map((code) => [
    `${violation?.code === code ? '✗' : checks[code] > 0 ? '✓' : '–'} ${code}`,
    `${checks[code]}`,
    Invariants.titles[code],
  ])
  const most = Object.entries(events).sort(([, a], [, b]) => b - a)
  const end =
    violation === null
      ? [`No invariant broke. Fingerprint ${fingerprint}.`]
      : [
          `${violation.code} broke at step ${violation.step} (${violation.kind}): ${violation.sentence}`,
          `Walk there again: plimsoll simulate --seed ${seed} --steps ${violation.step + 1}${against === undefined ? '' : ` --against ${against}`}`,
        ]
  return [
    `${steps} steps from seed ${seed} in ${seconds.toFixed(0)} s`,
    '',
    print.table([['', 'checks', ''], ...rows]),
    '',
    'What happened:',
    print.table(most.map(([event, n]) => [event, `${n}`])),
    '',
    ...end,
  ].join('\n')
}

/** A whole number that an option states. */
export function count(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new NotACountError(option, text)
  return value
}

/** Thrown for a seed, a number of steps or a port that is none. */
export class NotACountError extends Error {
  override readonly name = 'simulate.NotACountError'
  readonly code = 'NOT_A_COUNT'
  readonly hint: string
  constructor(option: string, text: string, most?: number) {
    super(`--${option} is ${JSON.stringify(text)}.`)
    this.hint = `Give a whole number, 0 ${most === undefined ? 'or more' : `to ${most}`}.`
  }
}
