/** The `plimsoll` command. Exit codes: 0 ok, 1 error, 2 refused by a gate. */
import { Command } from 'commander'
import { conform } from './commands/conform.ts'
import { demo } from './commands/demo.ts'
import { limit } from './commands/limit.ts'
import { reputation } from './commands/reputation.ts'
import { verify } from './commands/verify.ts'

const program = new Command('plimsoll')
  .description('Personal margin limits: computed, proven, enforced.')
  .showHelpAfterError()
  .addCommand(conform())
  .addCommand(demo())
  .addCommand(limit())
  .addCommand(reputation())
  .addCommand(verify())

try {
  await program.parseAsync(process.argv)
} catch (error) {
  const hint = error instanceof Error && 'hint' in error ? `\n${String(error.hint)}` : ''
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
  process.stderr.write(`${code}${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exitCode = 1
}
