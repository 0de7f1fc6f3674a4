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
import * as fault from './fault.ts'

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

/** The parts of a command, and theirs. */
function partsOf(command: Command): readonly Command[] {
  return command.commands.flatMap((part) => [part, ...partsOf(part)])
}

// All help of one part would push the error itself off the screen.
for (const part of partsOf(program)) part.showHelpAfterError('Add --help for every option, with an example.')

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.stderr.write(`${fault.told(error)}\n`)
  process.exitCode = 1
}
