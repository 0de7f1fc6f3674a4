/** `plimsoll chain accept`: releases a chain that is frozen because it replaced a final block. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Deployment } from '@plimsoll/api'
import { ChainConfig, Quorum } from '@plimsoll/chain'
import { Database, type Finals } from '@plimsoll/store'
import { Command } from 'commander'
import { isHash } from 'viem'
import * as Succession from '../chain/Succession.ts'
import { typed } from '../path.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

type Options = {
  readonly database: string
  readonly config?: string
  readonly chain: string
  readonly block: string
  readonly hash: string
  readonly why: string
  readonly json?: boolean
}

/** The command. Exit code 2 when it refuses. */
export function accept(): Command {
  return new Command('accept')
    .description('Accept the history that replaced a final block (FINALITY_VIOLATED), so that gateways read the chain again.')
    .requiredOption('--database <url>', 'the gateways’ DATABASE_URL; of an embedded one the directory, PLIMSOLL_HOME/database')
    .option('--config <file>', 'the deployment document; PLIMSOLL_CONFIG unless given')
    .requiredOption('--chain <id>', 'the chain that is frozen')
    .requiredOption('--block <n>', 'a block that is final now, at the height of the one replaced or above')
    .requiredOption('--hash <hash>', 'its hash, as you know it from somewhere else than these sources')
    .requiredOption('--why <text>', 'why this history is the true one, for the record')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
It shows both blocks, and refuses unless a quorum of the chain's sources calls yours final now. What was recorded of blocks that are gone is
taken back. Then every gateway has to be started anew. See docs/gateways.md.

Example:
  plimsoll chain accept --database postgres://… --config deployment.json --chain 8453 --block 31337 --hash 0x… --why "…"`,
    )
    .action(async (options: Options) => {
      const chainId = whole(options.chain, 'chain')
      const number = whole(options.block, 'block')
      const { hash } = options
      if (!isHash(hash)) throw new OptionError(`"${hash}" is no block hash.`)
      if (options.why.trim() === '') throw new OptionError('--why is empty: an auditor will ask.')
      const path = options.config ?? process.env.PLIMSOLL_CONFIG
      if (path === undefined) throw new OptionError('Neither --config nor PLIMSOLL_CONFIG says where the deployment document is.')
      const chain = Deployment.fromText(await readFile(typed(path), 'utf8')).chains.find((one) => BigInt(one.chainId) === chainId)
      if (!chain) throw new OptionError(`Chain ${chainId} is not in the deployment document.`)

      await using database = await open(options.database)
      const reader = Quorum.open({ config: ChainConfig.from(chain) })
      const succession = await Succession.accept({ reader, database, asked: { number, hash }, why: options.why.trim() })
      out(options.json, succession, textOf(succession, chain.name))
      if (succession.status === 'refused') process.exitCode = 2
    })
}

function open(where: string): Promise<Database.Database> {
  if (/^postgres(ql)?:\/\//.test(where)) return Database.open({ url: where, connections: 1 })
  const directory = typed(where)
  if (!existsSync(directory)) throw new OptionError(`There is no database at ${directory}.`)
  return Database.open({ directory })
}

function textOf(succession: Succession.Succession, name: string): string {
  const { chainId, kept, instead, final, agree, dissent } = succession
  const row = (what: string, block: Finals.Final | null) => [what, ...(block === null ? ['none', '', ''] : cells(block))]
  const rows = [row('kept as final', kept), row('stands there now', instead), row('final now', final)]
  const said =
    succession.status === 'refused'
      ? `refused: ${succession.code}: ${succession.message}`
      : `accepted: block ${succession.accepted.number} ${succession.accepted.hash}; ${succession.taken} records of blocks that are gone were taken back. Start every gateway anew.`
  return [
    `${name} (${chainId})`,
    print.table(rows),
    `  ${agree.join(', ')} agree${dissent.length === 0 ? '' : `; ${dissent.join('; ')}`}`,
    said,
  ].join('\n')
}

function cells({ number, hash, timestamp }: Finals.Final): readonly string[] {
  return [`${number}`, hash, new Date(timestamp * 1000).toISOString()]
}

function whole(text: string, what: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new OptionError(`"${text}" is no ${what}.`)
  return BigInt(text)
}

/** Thrown when the options do not say what is meant. */
export class OptionError extends Error {
  override readonly name = 'Accept.OptionError'
  readonly code = 'OPTION_INVALID'
  readonly hint = 'See plimsoll chain accept --help.'
}
