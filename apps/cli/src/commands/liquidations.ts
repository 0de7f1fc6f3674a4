/** `plimsoll liquidations`: what a liquidator did, on what inputs, and what came of it. */
import { Command } from 'commander'
import * as print from '../print.ts'
import { out } from './limit.ts'

/** As a liquidator tells it; what is not shown here is in the document. */
type Action = {
  readonly id: string
  readonly account: string
  readonly kind: string
  readonly status: string
  readonly outcome: string | null
  readonly createdAt: number
  readonly transaction: string | null
  readonly transactions: readonly unknown[]
  readonly decision: {
    readonly block: { readonly number: string }
    readonly verdict: { readonly equity?: string; readonly maintenance?: string }
    readonly prediction: { readonly probability?: number } | null
  }
}

/** The command. */
export function liquidations(): Command {
  return new Command('liquidations')
    .description('List what a liquidator decided and what came of it, newest first.')
    .requiredOption('--liquidator <url>', 'the liquidator, such as http://127.0.0.1:4640')
    .option('--account <address>', 'of this account alone')
    .option('--limit <n>', 'how many, up to 1000', '20')
    .option('--json', 'one JSON document on stdout: inputs, verdict, plan, bytes sent and result of each')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll liquidations --liquidator http://127.0.0.1:4640
  plimsoll liquidations --liquidator http://127.0.0.1:4640 --account 0x… --json`,
    )
    .action(async (options: { liquidator: string; account?: string; limit: string; json?: boolean }) => {
      const url = new URL('/actions', options.liquidator)
      url.searchParams.set('limit', options.limit)
      if (options.account !== undefined) url.searchParams.set('account', options.account)
      const document = await asked(url)
      const lines = document.actions.map(lineOf)
      out(options.json, document, lines.length === 0 ? 'nothing was done yet' : lines.join('\n'))
    })
}

async function asked(url: URL): Promise<{ readonly actions: readonly Action[] }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new LiquidatorError({ url: url.origin, said: 'it does not answer', cause })
  })
  const answer = (await response.json().catch(() => null)) as { readonly actions?: readonly Action[]; readonly message?: string } | null
  if (!response.ok || answer?.actions === undefined)
    throw new LiquidatorError({ url: url.origin, said: answer?.message ?? `it answers ${response.status}` })
  return { actions: answer.actions }
}

function lineOf({ id, account, kind, status, outcome, createdAt, transaction, decision }: Action): string {
  const { equity, maintenance } = decision.verdict
  const margin =
    equity === undefined || maintenance === undefined ? '' : `${print.usd(BigInt(equity))} of ${print.usd(BigInt(maintenance))}`
  const probability = decision.prediction?.probability
  const chance = probability === undefined ? '' : `, P ${(probability * 100).toFixed(2)} %`
  const at = new Date(createdAt * 1000).toISOString()
  return `${id.padStart(6)}  ${at}  ${kind.padEnd(9)}  ${account}  ${margin}${chance}  block ${decision.block.number}  ${outcome ?? status}  ${transaction ?? ''}`.trimEnd()
}

/** Thrown when a liquidator does not answer, or with something else. */
export class LiquidatorError extends Error {
  override readonly name = 'Liquidations.LiquidatorError'
  readonly code = 'LIQUIDATOR_UNREADABLE'
  readonly hint = 'Check the address: the liquidator prints it when it starts.'
  constructor(args: { readonly url: string; readonly said: string; readonly cause?: unknown }) {
    super(`The liquidator at ${args.url} cannot be read: ${args.said}.`, { cause: args.cause })
  }
}
