/** `plimsoll demo crash`: the same market under threshold liquidation and under the engines, side by side, on chain. */
import { Command } from 'commander'
import * as bookScenario from '../book/scenario.ts'
import * as Crash from '../crash/Crash.ts'
import * as Told from '../crash/Told.ts'
import * as Progress from '../demo/Progress.ts'
import { out } from './limit.ts'

type Options = Readonly<Record<'accounts' | 'seed' | 'steps', string>> & { readonly json?: boolean }

/** The command. */
export function crash(): Command {
  return new Command('crash')
    .description('A crash on two local chains: the north liquidates at the threshold, the south has mandates, a backstop and its desk.')
    .option('--accounts <n>', 'with a position, a quarter of them short; from 4 to 120', '80')
    .option('--seed <n>', 'of the accounts and of the path', '1')
    .option('--steps <n>', 'in the hour shown; from 30 to 240', '120')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .addHelpText(
      'after',
      `
Chains, contracts, liquidators and the desk are real, and the services read a clock that is moved on step by step, so that an hour takes minutes.
What is simulated is the outside market that the price comes from: a seeded path, pushed by what each venue has to sell. docs/method/replay.md, eq. (4).

Examples:
  npm run demo -- crash
  plimsoll demo crash --accounts 40 --seed 2 --steps 60
  plimsoll demo crash --json > crash.json`,
    )
    .action(async (options: Options) => {
      // Ended by hand, it takes its chains and services along.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
      const live = process.stderr.isTTY
      const { step } = Progress.of({ quiet: true })
      const report = await Crash.run({
        ...{ accounts: whole(options.accounts, 4, 120), seed: whole(options.seed, 0, 2 ** 31), steps: whole(options.steps, 30, 240) },
        step,
        seen: (seen) => {
          if (live) process.stderr.write(`\r\x1b[2K${Told.line(seen).slice(0, (process.stderr.columns ?? 120) - 1)}`)
          else if (Told.isEventful(seen)) process.stderr.write(`${Told.line(seen)}\n`)
        },
      })
      if (live) process.stderr.write('\n')
      out(options.json, report, Told.text(report))
    })
}

function whole(text: string, least: number, most: number): number {
  const value = bookScenario.figure(text)
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new bookScenario.ScenarioError(text, 'a count', `a whole number from ${least} to ${most}`)
  return value
}
