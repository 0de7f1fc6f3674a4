/** `plimsoll view`: what a participant has locked on every chain, what it counts for, and why not more. */
import { createMarginClient, http } from '@plimsoll/sdk'
import { Command } from 'commander'
import * as print from '../print.ts'
import { accountOf, out } from './limit.ts'

/** The command. A participant's view is its own: the key must be one of its accounts'. */
export function view(): Command {
  return new Command('view')
    .description('Show the collateral of a participant: lots, credit, chains, and what does not count.')
    .argument('[participant]', 'its id, 0x and 64 digits; that of the key’s account unless given')
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
The account's key is read from PLIMSOLL_KEY. Exit code 2 if a chain is missing: the view is partial, and lowers limits only.

Examples:
  PLIMSOLL_KEY=0x… plimsoll view --gateway http://127.0.0.1:4600
  PLIMSOLL_KEY=0x… plimsoll view 0x… --gateway http://127.0.0.1:4600 --json`,
    )
    .action(async (participant: string | undefined, options: { gateway: string; json?: boolean }) => {
      const account = accountOf(process.env.PLIMSOLL_KEY)
      const client = createMarginClient({ transport: http(options.gateway) })
      const { participantId } = await client.signIn({ account })
      if (participant !== undefined && participant.toLowerCase() !== participantId)
        throw new NotYoursError({ asked: participant, own: participantId })
      const collateral = await client.getCollateral()
      const missing = collateral.chains.filter(({ status }) => status !== 'ok')
      const lots = collateral.lots.map((lot) => [
        `${lot.asset} on ${lot.chainId}`,
        lot.amount.toString(),
        lot.pendingOut > 0n ? `−${lot.pendingOut} on its way out` : '',
        print.usd(lot.credit),
        lot.why ?? '',
      ])
      const text = [
        `participant ${participantId}`,
        print.table([
          ['credit', print.usd(collateral.credit)],
          ['encumbered', print.usd(collateral.encumbered)],
          ['free', print.usd(collateral.free)],
        ]),
        lots.length === 0 ? '  nothing is locked' : print.table([['lot', 'amount', '', 'credit', ''], ...lots]),
        ...missing.map(({ name, code }) => `  ${name} is not in this view: ${code ?? 'unread'}`),
        ...(collateral.marginCall ? ['  margin call: credit is below what is encumbered; only reductions are possible'] : []),
      ].join('\n')
      out(options.json, { participantId, ...collateral }, text)
      if (missing.length > 0) process.exitCode = 2
    })
}

/** Thrown when the key's account belongs to another participant. */
export class NotYoursError extends Error {
  override readonly name = 'View.NotYoursError'
  readonly code = 'NOT_YOUR_PARTICIPANT'
  readonly hint = 'Give the key of one of its accounts in PLIMSOLL_KEY.'
  constructor(args: { readonly asked: string; readonly own: string }) {
    super(`The key belongs to ${args.own}, not to ${args.asked}.`)
  }
}
