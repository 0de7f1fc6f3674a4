/** What leaves a vault between the pinned block and the head: seen by any source, it counts at once. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import { decodeEventLog, toEventSelector } from 'viem'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'

/** Of one account and token, since the pinned block. Native units. */
export type Outflow = {
  /** Paid out by release, escape or settlement. */
  readonly paid: bigint
  /** Asked for by escapes. */
  readonly requested: bigint
  /** Reserved by settlements. */
  readonly queued: bigint
  /** Paid out by escapes and settlements: no longer asked for, nor reserved. */
  readonly ended: bigint
}

const none: Outflow = { paid: 0n, requested: 0n, queued: 0n, ended: 0n }

const NAMES = ['Released', 'EscapeRequested', 'Escaped', 'SettlementQueued', 'SettlementPaid'] as const
type Name = (typeof NAMES)[number]

/** What each event says of its amount. A settlement that is vetoed or lapses frees some: that counts when it is final. */
const parts: Readonly<Record<Name, readonly (keyof Outflow)[]>> = {
  Released: ['paid'],
  EscapeRequested: ['requested'],
  Escaped: ['paid', 'ended'],
  SettlementQueued: ['queued'],
  SettlementPaid: ['paid', 'ended'],
}

/** The first topic of every event that lowers what a vault holds for somebody. */
export const topics: readonly Hex[] = collateralVaultAbi.flatMap((item) =>
  item.type === 'event' && (NAMES as readonly string[]).includes(item.name) ? [toEventSelector(item)] : [],
)

/**
 * Outflows by account and token.
 *
 * Two sources may have the same transaction in two different blocks; that is one event. One source may have it several times in one
 * transaction; those are several. So the count of an event is the greatest that any one source reports.
 *
 * @param args.answers - one list of logs a source.
 * @param args.after - the pinned block: what it holds is in the balances already.
 * @returns by `account:token`, lower-case.
 */
export function of(args: {
  readonly answers: readonly (readonly Log[])[]
  readonly vault: Hex
  readonly after: bigint
}): ReadonlyMap<string, Outflow> {
  const { answers, vault, after } = args
  const counts = new Map<string, { readonly log: Log; readonly count: number }>()
  for (const logs of answers) {
    const own = Map.groupBy(
      logs.filter((log) => log.address === vault && log.blockNumber > after),
      identityOf,
    )
    for (const [identity, same] of own) {
      const [log] = same
      if (log && same.length > (counts.get(identity)?.count ?? 0)) counts.set(identity, { log, count: same.length })
    }
  }

  const outflows = new Map<string, Outflow>()
  for (const { log, count } of counts.values()) {
    const event = decode(log)
    if (!event) continue
    const key = keyOf(event.account, event.token)
    const before = outflows.get(key) ?? none
    const amount = event.amount * BigInt(count)
    const sum = (part: keyof Outflow) => before[part] + (parts[event.name].includes(part) ? amount : 0n)
    outflows.set(key, { paid: sum('paid'), requested: sum('requested'), queued: sum('queued'), ended: sum('ended') })
  }
  return outflows
}

/**
 * What is left and what of it is on its way out, as `Lot` has them. Increases count when final, reductions at once.
 *
 * @param args.locked - at the pinned block.
 * @param args.leaving - at the pinned block: escapes under way and amounts reserved for settlements.
 *
 * @example
 * Outflow.apply({ locked: 100n, leaving: 10n, outflow: { paid: 30n, requested: 5n, queued: 20n, ended: 10n } })
 * // => { amount: 70n, pendingOut: 25n }
 */
export function apply(args: { readonly locked: bigint; readonly leaving: bigint; readonly outflow: Outflow | undefined }): {
  readonly amount: bigint
  readonly pendingOut: bigint
} {
  const { locked, leaving } = args
  const { paid, requested, queued, ended } = args.outflow ?? none
  return { amount: atLeastZero(locked - paid), pendingOut: atLeastZero(leaving + requested + queued - ended) }
}

export function keyOf(account: string, token: string): string {
  return `${account.toLowerCase()}:${token.toLowerCase()}`
}

function identityOf(log: Log): string {
  return [log.transactionHash, ...log.topics, log.data].join(':')
}

function decode(log: Log): { readonly name: Name; readonly account: string; readonly token: string; readonly amount: bigint } | null {
  try {
    const [signature, ...indexed] = log.topics
    if (!signature) return null
    const { eventName, args } = decodeEventLog({ abi: collateralVaultAbi, data: log.data, topics: [signature, ...indexed] })
    const name = NAMES.find((it) => it === eventName)
    if (name === undefined || !('amount' in args && 'token' in args)) return null
    return { name, account: args.account, token: args.token, amount: args.amount }
  } catch {
    // Bytes that are no event of this vault say nothing of it; the other sources are read regardless.
    return null
  }
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}
