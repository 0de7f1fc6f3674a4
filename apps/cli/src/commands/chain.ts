/** `plimsoll chain`: a frozen chain released (`accept`), and every chain as a gateway reads it: its final block, who agrees, who does not and why (`status`). */
import { Command } from 'commander'
import * as print from '../print.ts'
import { accept } from './accept.ts'
import { out } from './limit.ts'

type Source = {
  readonly id: string
  readonly operator: string
  readonly agrees: boolean
  readonly why: string | null
  readonly scorePpm: number
}
type Chain = {
  readonly chainId: number
  readonly name: string
  readonly status: string
  readonly code: string | null
  readonly blockNumber: string | null
  readonly blockAgeSeconds: number | null
  readonly sources: readonly Source[]
}
type Health = { readonly status: string; readonly chains: readonly Chain[]; readonly faults: readonly string[] }

/** The command. Exit code 2 while a chain is missing. */
export function chain(): Command {
  const status = new Command('status')
    .description('Show each chain’s final block, its sources, and what stands against it.')
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
No key is needed.

Example:
  plimsoll chain status --gateway http://127.0.0.1:4600`,
    )
    .action(async (options: { gateway: string; json?: boolean }) => {
      const health = await read(options.gateway)
      const text = [
        ...health.chains.map(textOf),
        ...(health.faults.length === 0 ? [] : ['faults', ...health.faults.map((fault) => `  ${fault}`)]),
      ].join('\n')
      out(
        options.json,
        { status: health.status, chains: health.chains, faults: health.faults },
        text === '' ? 'nothing has been read yet' : text,
      )
      if (health.chains.length === 0 || health.chains.some((one) => one.status !== 'ok')) process.exitCode = 2
    })
  return new Command('chain').description('Chains as a gateway reads them.').addCommand(accept()).addCommand(status)
}

async function read(gateway: string): Promise<Health> {
  const url = `${new URL(gateway).href.replace(/\/$/, '')}/trpc/health`
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    throw new UnreachableError({ url, said: cause instanceof Error ? cause.message : String(cause) })
  }
  if (!response.ok) throw new UnreachableError({ url, said: `HTTP ${response.status}` })
  const body = (await response.json().catch(() => null)) as { readonly result?: { readonly data?: Partial<Health> } } | null
  const { status, chains, faults } = body?.result?.data ?? {}
  if (status === undefined || !Array.isArray(chains)) throw new UnreachableError({ url, said: 'it is no gateway' })
  return { status, chains, faults: faults ?? [] }
}

function textOf({ name, chainId, status, code, blockNumber, blockAgeSeconds, sources }: Chain): string {
  const block = blockNumber === null ? 'no block' : `block ${blockNumber}, ${(blockAgeSeconds ?? 0).toFixed(0)} s old`
  const rows = sources.map(({ id, operator, agrees, why, scorePpm }) => {
    const score = `score ${(scorePpm / 10_000).toFixed(1)} %`
    return [id, operator, agrees ? 'agrees' : 'does not agree', score, why ?? '']
  })
  return `${name} (${chainId}): ${status}${code === null ? '' : ` ${code}`}, ${block}\n${print.table(rows, '    ')}`
}

/** Thrown when there is no gateway at the address. */
export class UnreachableError extends Error {
  override readonly name = 'Chain.UnreachableError'
  readonly code = 'GATEWAY_UNREACHABLE'
  readonly hint = 'Start one with `npm run demo`, or give the address of one that runs.'
  constructor(args: { readonly url: string; readonly said: string }) {
    super(`There is no answer at ${args.url}: ${args.said}.`)
  }
}
