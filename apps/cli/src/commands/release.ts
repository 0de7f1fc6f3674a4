/** `plimsoll release <order>`: does the vault pay this signed release, and post it. */
import { Release } from '@plimsoll/contracts'
import { Command } from 'commander'
import * as Order from '../vault/Order.ts'
import { out } from './limit.ts'

/** The command. Exit 0 when the vault accepts, 2 when it refuses. */
export function release(): Command {
  return new Command('release')
    .description('Try a signed release of collateral on its vault, or post it.')
    .argument('<order>', 'a JSON file: { chainId, vault, release, signatures }')
    .requiredOption('--rpc <url>', 'a node of the vault’s chain')
    .option('--send', 'post it, with the gas of the key in PLIMSOLL_KEY; anyone may')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll release release.json --rpc http://127.0.0.1:8545
  PLIMSOLL_KEY=0x… plimsoll release release.json --rpc http://127.0.0.1:8545 --send --json`,
    )
    .action(async (file: string, options: { rpc: string; send?: boolean; json?: boolean }) => {
      const { chainId, vault, message, signatures } = await Order.read({ file, name: 'release', fromMessage: Release.fromMessage })
      const call = { functionName: 'release', args: [message, signatures] }
      const outcome = await Order.post({ rpc: options.rpc, chainId, vault, call, key: Order.keyOf(options.send) })
      const digest = Release.digest(message, { chainId, verifyingContract: vault })
      out(options.json, { digest, ...outcome }, `release ${message.id}\n${Order.text(outcome)}`)
      if (outcome.status === 'refused') process.exitCode = 2
    })
}
