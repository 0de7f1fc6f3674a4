/** `plimsoll faults`: injects every fault of the table for real, and says what came of it. */
import { Command } from 'commander'
import { rows as bus } from '../faults/bus.ts'
import { rows as cert } from '../faults/cert.ts'
import { rows as col } from '../faults/col.ts'
import { rows as db } from '../faults/db.ts'
import { rows as gates } from '../faults/gates.ts'
import { rows as jumps } from '../faults/jumps.ts'
import { rows as liars } from '../faults/liars.ts'
import { rows as ora } from '../faults/ora.ts'
import * as Row from '../faults/Row.ts'
import { rows as reo } from '../faults/reo.ts'
import { rows as rpc } from '../faults/rpc.ts'
import { rows as time } from '../faults/time.ts'
import { out } from './limit.ts'

/** In the order in which they run and print. */
const families = ['RPC', 'REO', 'ORA', 'CERT', 'COL', 'DB', 'BUS', 'TIME']
const table: readonly Row.Row[] = [rpc, liars, reo, ora, jumps, cert, col, db, bus, time, gates]
  .flat()
  .sort((a, b) => placeOf(a) - placeOf(b))

/** The command. Exit code 1 if any row fails. */
export function faults(): Command {
  return new Command('faults')
    .description('Inject faults into local chains, sources and databases, and show what comes of each.')
    .option('--only <id>', 'a family such as RPC, or a row such as RPC-5; several with commas')
    .option('--seed <n>', 'which source, amount or order a fault takes', '11')
    .option('--list', 'the table alone; nothing is injected')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .addHelpText(
      'after',
      `
PASS and FAIL are of faults that were injected. ELSEWHERE names what cannot be injected on one machine, and why.

Examples:
  plimsoll faults
  plimsoll faults --only RPC,REO-2 --seed 7
  plimsoll faults --json > faults.json`,
    )
    .action(async (options: { only?: string; seed: string; list?: boolean; json?: boolean }) => {
      const seed = seedOf(options.seed)
      const chosen = choose(table, options.only)
      if (options.list)
        return out(
          options.json,
          chosen.map(({ id, fault, expected }) => ({ id, fault, expected })),
          chosen.map(({ id, fault, expected }) => `${id.padEnd(8)}${fault} → ${expected}`).join('\n'),
        )

      const results: Row.Result[] = []
      for (const row of chosen) {
        const result = await Row.run(row, seed)
        results.push(result)
        const stream = options.json ? process.stderr : process.stdout
        stream.write(`${lineOf(result)}\n`)
      }
      const count = (status: Row.Result['status']) => results.filter((result) => result.status === status).length
      const summary = { seed, pass: count('PASS'), fail: count('FAIL'), elsewhere: count('ELSEWHERE') }
      if (options.json) out(true, { ...summary, rows: results }, '')
      else
        process.stdout.write(
          `${summary.pass} passed, ${summary.fail} failed, ${summary.elsewhere} not injectable on this machine; seed ${seed}\n`,
        )
      if (summary.fail > 0) process.exitCode = 1
    })
}

function placeOf({ id }: Row.Row): number {
  const [family = '', number] = id.split('-')
  return families.indexOf(family) * 100 + Number(number)
}

function lineOf({ id, status, fault, expected, seen, evidence, seed, seconds }: Row.Result): string {
  return `${id.padEnd(8)}${status.padEnd(10)}${fault} | expected: ${expected} | seen: ${seen} | ${evidence} | seed ${seed}, ${seconds.toFixed(1)} s`
}

/** The rows named, in the order of the table. */
function choose(rows: readonly Row.Row[], only: string | undefined): readonly Row.Row[] {
  if (only === undefined) return rows
  const names = only.split(',').map((name) => name.trim().toUpperCase())
  const isNamed = (id: string, name: string) => id === name || id.startsWith(`${name}-`)
  const unknown = names.filter((name) => !rows.some(({ id }) => isNamed(id, name)))
  if (unknown.length > 0) throw new UnknownRowError(unknown)
  return rows.filter(({ id }) => names.some((name) => isNamed(id, name)))
}

function seedOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new SeedError(text)
  return Number(text)
}

/** Thrown for a row or family that is not in the table. */
export class UnknownRowError extends Error {
  override readonly name = 'Faults.UnknownRowError'
  readonly code = 'UNKNOWN_FAULT'
  readonly hint = '`plimsoll faults --list` shows the table.'
  constructor(names: readonly string[]) {
    super(`There is no fault ${names.join(', ')}.`)
  }
}

/** Thrown for a seed that is not a whole number. */
export class SeedError extends Error {
  override readonly name = 'Faults.SeedError'
  readonly code = 'SEED_INVALID'
  readonly hint = 'Give up to nine digits, such as 11.'
  constructor(text: string) {
    super(`"${text}" is not a seed.`)
  }
}
