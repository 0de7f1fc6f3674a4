/** The `plimsoll` command. Exit codes: 0 ok, 1 error, 2 refused by a gate. */
import { Command } from 'commander'
import { ablate } from './commands/ablate.ts'
import { account } from './commands/account.ts'
import { book } from './commands/book.ts'
import { branching } from './commands/branching.ts'
import { breach } from './commands/breach.ts'
import { chain } from './commands/chain.ts'
import { conform } from './commands/conform.ts'
import { demo } from './commands/demo.ts'
import { evidence } from './commands/evidence.ts'
import { faults } from './commands/faults.ts'
import { insurance } from './commands/insurance.ts'
import { limit } from './commands/limit.ts'
import { liquidations } from './commands/liquidations.ts'
import { margin } from './commands/margin.ts'
import { market } from './commands/market.ts'
import { model } from './commands/model.ts'
import { policy } from './commands/policy.ts'
import { release } from './commands/release.ts'
import { replay } from './commands/replay.ts'
import { reputation } from './commands/reputation.ts'
import { settle } from './commands/settle.ts'
import { simulate } from './commands/simulate.ts'
import { lri, stress } from './commands/stress.ts'
import { verify } from './commands/verify.ts'
import { view } from './commands/view.ts'

const program = new Command('plimsoll')
  .description('Personal margin limits: computed, proven, enforced.')
  .showHelpAfterError()
  .enablePositionalOptions()
  .addCommand(account())
  .addCommand(ablate())
  .addCommand(book())
  .addCommand(branching())
  .addCommand(breach())
  .addCommand(chain())
  .addCommand(conform())
  .addCommand(demo())
  .addCommand(evidence())
  .addCommand(faults())
  .addCommand(insurance())
  .addCommand(limit())
  .addCommand(liquidations())
  .addCommand(lri())
  .addCommand(margin())
  .addCommand(market())
  .addCommand(model())
  .addCommand(policy())
  .addCommand(release())
  .addCommand(replay())
  .addCommand(reputation())
  .addCommand(settle())
  .addCommand(simulate())
  .addCommand(stress())
  .addCommand(verify())
  .addCommand(view())

try {
  await program.parseAsync(process.argv)
} catch (error) {
  const { code, message, hint } = said(error)
  // The SDK's messages end with their hint.
  process.stderr.write(`${code}${message}${message.endsWith(hint) ? '' : `\n${hint}`}\n`)
  process.exitCode = 1
}

/** What goes to a person: what went wrong, and the next step where one is known. */
function said(error: unknown): { readonly code: string; readonly message: string; readonly hint: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error), hint: '' }
  const code = 'code' in error ? String(error.code) : null
  // Of a system's own errors a person is told which file, and why.
  if ('syscall' in error && 'path' in error && error.syscall === 'open') {
    const hint = 'Check the path: it is read from where you typed it.'
    return { code: 'FILE_UNREADABLE: ', message: `${String(error.path)} cannot be opened (${code}).`, hint }
  }
  return { code: code === null ? '' : `${code}: `, message: error.message, hint: 'hint' in error ? String(error.hint) : '' }
}
