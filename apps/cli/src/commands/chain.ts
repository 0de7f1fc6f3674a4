/** `plimsoll chain`: a frozen chain released (`accept`), and every chain as a gateway or a signer reads it: its final block, who agrees, who does not and why (`status`). */
import { Command, Option } from 'commander'
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
    .addOption(new Option('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600').conflicts('signer'))
    .option('--signer <url>', 'a signer instead, such as http://127.0.0.1:4620')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
No key is needed.

Example:
  plimsoll chain status --gateway http://127.0.0.1:4600
  plimsoll chain status --signer http://127.0.0.1:4620`,
    )
    .action(async (options: { gateway?: string; signer?: string; json?: boolean }) => {
      const health = await read(options)
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
  return new Command('chain').description('Chains as a gateway or a signer reads them.').addCommand(accept()).addCommand(status)
}

async function read({ gateway, signer }: { readonly gateway?: string; readonly signer?: string }): Promise<Health> {
  const base = gateway ?? signer
  if (base === undefined) throw new OptionError('Neither --gateway nor --signer says who is asked.')
  const who = gateway === undefined ? 'signer' : 'gateway'
  const url = `${new URL(base).href.replace(/\/$/, '')}${who === 'signer' ? '/status' : '/trpc/health'}`
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    throw new UnreachableError({ who, url, said: cause instanceof Error ? cause.message : String(cause) })
  }
  if (!response.ok) throw new UnreachableError({ who, url, said: `HTTP ${response.status}` })
  const body = (await response.json().catch(() => null)) as
    | (Partial<Health> & { readonly result?: { readonly data?: Partial<Health> } })
    | null
  const { status, chains, faults } = (who === 'signer' ? body : body?.result?.data) ?? {}
  if (status === undefined || !Array.isArray(chains)) throw new UnreachableError({ who, url, said: `it is no ${who}` })
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

/** Thrown when there is no gateway, or no signer, at the address. */
class UnreachableError extends Error {
  override readonly name = 'Chain.UnreachableError'
  readonly code: 'GATEWAY_UNREACHABLE' | 'SIGNER_UNREACHABLE'
  readonly hint: string
  constructor({ who, url, said }: { readonly who: 'gateway' | 'signer'; readonly url: string; readonly said: string }) {
    super(`There is no answer at ${url}: ${said}.`)
    this.code = who === 'gateway' ? 'GATEWAY_UNREACHABLE' : 'SIGNER_UNREACHABLE'
    this.hint =
      who === 'gateway'
        ? 'Start one with `npm run demo`, or give the address of one that runs. A signer is asked with --signer.'
        : 'Give the address of one that runs, as it was printed when it started, from where its /status is let through.'
  }
}

/** Thrown when it is not said who is asked. */
class OptionError extends Error {
  override readonly name = 'Chain.OptionError'
  readonly code = 'OPTION_MISSING'
  readonly hint = 'See plimsoll chain status --help.'
}
