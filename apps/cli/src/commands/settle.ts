/** `plimsoll settle <order>`: a venue's signed claim on a vault, queued, paid, vetoed or given up. */
import { Settlement } from '@plimsoll/contracts'
import { Command, Option } from 'commander'
import * as Order from '../vault/Order.ts'
import { out } from './limit.ts'

const functions = { queue: 'queueSettlement', pay: 'paySettlement', veto: 'vetoSettlement', lapse: 'lapseSettlement' } as const

/** The command. Exit 0 when the vault accepts, 2 when it refuses. */
export function settle(): Command {
  return new Command('settle')
    .description('See where a venue’s signed claim on its vault stands, try one step of it, or post it.')
    .argument('<order>', 'a JSON file: { chainId, vault, settlement, signatures }')
    .requiredOption('--rpc <url>', 'a node of the vault’s chain')
    .addOption(
      new Option('--step <step>', 'queue it, pay it after its window, veto it as guardian, free what lapsed; state only looks')
        .choices(['queue', 'pay', 'veto', 'lapse', 'state'])
        .default('queue'),
    )
    .option('--send', 'post it, with the gas of the key in PLIMSOLL_KEY')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll settle settlement.json --rpc http://127.0.0.1:8545
  plimsoll settle settlement.json --rpc http://127.0.0.1:8545 --step state
  PLIMSOLL_KEY=0x… plimsoll settle settlement.json --rpc http://127.0.0.1:8545 --send
  PLIMSOLL_KEY=0x… plimsoll settle settlement.json --rpc http://127.0.0.1:8545 --step pay --send --json`,
    )
    .action(async (file: string, options: { rpc: string; step: keyof typeof functions | 'state'; send?: boolean; json?: boolean }) => {
      const { chainId, vault, message, signatures } = await Order.read({ file, name: 'settlement', fromMessage: Settlement.fromMessage })
      const digest = Settlement.digest(message, { chainId, verifyingContract: vault })
      if (options.step === 'state') {
        const seen = await Order.state({ rpc: options.rpc, chainId, vault, order: message })
        return out(options.json, { digest, step: options.step, ...seen }, `settlement ${message.id}\n${Order.stateText(seen)}`)
      }
      const args = options.step === 'queue' ? [message, signatures] : [message.id]
      const call = { functionName: functions[options.step], args }
      const outcome = await Order.post({ rpc: options.rpc, chainId, vault, call, key: Order.keyOf(options.send) })
      out(options.json, { digest, step: options.step, ...outcome }, `settlement ${message.id}, ${options.step}\n${Order.text(outcome)}`)
      if (outcome.status === 'refused') process.exitCode = 2
    })
}
