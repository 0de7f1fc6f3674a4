/** What has come into a vault since the pinned block: told to its holder, and lent on only when it is final. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import { decodeEventLog, toEventSelector } from 'viem'
import * as Agreement from './Agreement.ts'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'
import { keyOf } from './Outflow.ts'

/** The first topic of the event that raises what a vault holds for somebody. */
export const topics: readonly Hex[] = collateralVaultAbi.flatMap((item) =>
  item.type === 'event' && item.name === 'Deposited' ? [toEventSelector(item)] : [],
)

/**
 * Deposits by account and token that are in no final block yet.
 *
 * The mirror of `Outflow.of`: a reduction counts when any source has seen it, an increase is told when `k` have. So the count of an event is
 * the k-th greatest that a source reports.
 *
 * @param args.answers - one list of logs a source.
 * @param args.after - the pinned block: what it holds is in the balances already.
 * @returns native units by `account:token`, lower-case.
 */
export function of(args: of.Args): ReadonlyMap<string, bigint> {
  const { answers, vault, after, k } = args
  if (answers.length < k) return new Map()
  const counts = new Map<string, { readonly log: Log; readonly seen: bigint[] }>()
  for (const logs of answers)
    for (const [identity, same] of Map.groupBy(
      logs.filter((log) => log.address === vault && log.blockNumber > after),
      identityOf,
    )) {
      const [log] = same
      const before = counts.get(identity)
      if (before) before.seen.push(BigInt(same.length))
      else if (log) counts.set(identity, { log, seen: [BigInt(same.length)] })
    }

  const inflows = new Map<string, bigint>()
  for (const { log, seen } of counts.values()) {
    const event = decode(log)
    if (!event || seen.length < k) continue
    const key = keyOf(event.account, event.token)
    inflows.set(key, (inflows.get(key) ?? 0n) + event.amount * Agreement.kthHighest(seen, k))
  }
  return inflows
}

export declare namespace of {
  type Args = {
    readonly answers: readonly (readonly Log[])[]
    readonly vault: Hex
    readonly after: bigint
    readonly k: number
  }
}

/** Two sources may have the same transaction in two different blocks; that is one event. */
function identityOf(log: Log): string {
  return [log.transactionHash, ...log.topics, log.data].join(':')
}

function decode(log: Log): { readonly account: string; readonly token: string; readonly amount: bigint } | null {
  try {
    const [signature, ...indexed] = log.topics
    if (!signature) return null
    const { eventName, args } = decodeEventLog({ abi: collateralVaultAbi, data: log.data, topics: [signature, ...indexed] })
    return eventName === 'Deposited' ? args : null
  } catch {
    // Bytes that are no event of this vault say nothing of it.
    return null
  }
}
