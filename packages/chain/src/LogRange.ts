/** A contract's logs from a block on, range after range, as k sources give them alike. */
import * as Agreement from './Agreement.ts'
import type { Hex } from './Hex.ts'
import { key, type Log } from './Log.ts'
import { type Reader, ValueDisagreeError } from './Quorum.ts'

export type LogRange = { readonly logs: readonly Log[]; readonly next: bigint /** Where to go on. */; readonly complete: boolean }

/** A range that nearly every node answers, and so many of them in one call. */
const BLOCKS_PER_REQUEST = 2_000n
const MAX_REQUESTS = 10n

/**
 * Logs up to the newest final block, or as far as one call goes.
 *
 * @param args.from - `next` of the last call, or the block the contract was deployed in.
 * @param args.topics - first topics, any of them.
 * @throws {Quorum.ValueDisagreeError} no k equal lists, or an empty one against one that is not.
 * @throws {Quorum.QuorumError}
 */
export async function fetch(args: fetch.Args): Promise<LogRange> {
  const { reader, address, topics, from } = args
  const pinned = await reader.pin({ at: 'final' })
  const final = pinned.block.number
  const last = from + MAX_REQUESTS * BLOCKS_PER_REQUEST - 1n < final ? from + MAX_REQUESTS * BLOCKS_PER_REQUEST - 1n : final
  const logs: Log[] = []
  for (let fromBlock = from; fromBlock <= last; fromBlock += BLOCKS_PER_REQUEST) {
    const toBlock = fromBlock + BLOCKS_PER_REQUEST - 1n < last ? fromBlock + BLOCKS_PER_REQUEST - 1n : last
    const { answers, dissent } = await reader.logs({ pinned, filter: { fromBlock, toBlock, addresses: [address], topics: [topics] } })
    const agreement = Agreement.of({
      answers: answers.map(({ id, logs }) => ({ id, value: logs, key: logs.map(key).join('|') })),
      k: reader.config.k,
    })
    if (agreement.status !== 'agreed' || (agreement.value.length === 0 && agreement.differ.length > 0))
      throw new ValueDisagreeError({ chainId: reader.config.chainId, number: last, dissent })
    logs.push(...agreement.value)
  }
  return { logs, next: last >= from ? last + 1n : from, complete: last >= final }
}

export declare namespace fetch {
  type Args = { readonly reader: Reader; readonly address: Hex; readonly topics: readonly Hex[]; readonly from: bigint }
}
