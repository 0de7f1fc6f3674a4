/** The `plimsoll` command. Exit codes: 0 ok, 1 error, 2 refused by a gate. */
import { Command } from 'commander'
import { book } from './commands/book.ts'
import { branching } from './commands/branching.ts'
import { conform } from './commands/conform.ts'
import { demo } from './commands/demo.ts'
import { evidence } from './commands/evidence.ts'
import { insurance } from './commands/insurance.ts'
import { limit } from './commands/limit.ts'
import { margin } from './commands/margin.ts'
import { model } from './commands/model.ts'
import { reputation } from './commands/reputation.ts'
import { lri, stress } from './commands/stress.ts'
import { verify } from './commands/verify.ts'

const program = new Command('plimsoll')
  .description('Personal margin limits: computed, proven, enforced.')
  .showHelpAfterError()
  .addCommand(book())
  .addCommand(branching())
  .addCommand(conform())
  .addCommand(demo())
  .addCommand(evidence())
  .addCommand(insurance())
  .addCommand(limit())
  .addCommand(lri())
  .addCommand(margin())
  .addCommand(model())
  .addCommand(reputation())
  .addCommand(stress())
  .addCommand(verify())

try {
  await program.parseAsync(process.argv)
} catch (error) {
  const hint = error instanceof Error && 'hint' in error ? `\n${String(error.hint)}` : ''
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
  process.stderr.write(`${code}${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exitCode = 1
}
