/** Contract events as the evidence a track record is made of. */
import { Caip10, type TrackRecord } from '@plimsoll/reputation'
import type { Event } from './Event.ts'

/** What is still open of one account at one venue in one market, oldest first. Sizes in base units × 1e18. */
type Opened = { readonly at: number; readonly size: bigint }

/**
 * The liquidations, bad debts, closes and fees among some events, for `TrackRecord.of`.
 *
 * A close is held as long as the youngest part of what it closes, so that an old small position lends its age to nothing. What a liquidation
 * closes is no close, and what the liquidator gets is no fee: it may be the same person's pocket.
 * Exposure samples, margin calls and self-rescues are not in contract events, and are not made up here.
 *
 * @param events - of whole histories: from before the account's first position, in chain order.
 * @returns ids made of chain, transaction, log index and kind.
 */
export function of(events: readonly Event[]): readonly TrackRecord.Event[] {
  const liquidated = new Set(events.filter((event) => event.kind === 'liquidation').map(tradeKey))
  const open = new Map<string, readonly Opened[]>()
  return events.flatMap((event): readonly TrackRecord.Event[] => {
    const { kind, at, amountUsd } = event
    if (amountUsd === null) return []
    const base = { id: `${event.chainId}:${event.transactionHash}:${event.logIndex}:${kind}`, account: Caip10.eoa(event.account), at }
    if (kind === 'liquidation') return [{ ...base, kind, amountUsd }]
    if (kind === 'bad-debt') return [{ ...base, kind: 'badDebt', amountUsd }]
    if (kind === 'fee.paid') return [{ ...base, kind: 'fee', amountUsd, recoverableUsd: 0n }]
    if (event.size === null) return []

    const key = positionKey(event)
    const before = open.get(key) ?? []
    if (kind === 'position.opened') open.set(key, [...before, { at, size: event.size }])
    if (kind !== 'position.closed') return []
    const { left, youngestAt } = close(before, event.size)
    open.set(key, left)
    if (liquidated.has(tradeKey(event))) return []
    return [{ ...base, kind: 'close', amountUsd, heldSeconds: youngestAt === null ? 0 : at - youngestAt }]
  })
}

/** Takes the youngest first: what was opened last is closed first. */
function close(opened: readonly Opened[], size: bigint): { readonly left: readonly Opened[]; readonly youngestAt: number | null } {
  const left = [...opened]
  const youngestAt = left.at(-1)?.at ?? null
  let rest = size
  while (rest > 0n) {
    const last = left.pop()
    if (!last) break
    if (last.size > rest) left.push({ at: last.at, size: last.size - rest })
    rest -= last.size
  }
  return { left, youngestAt }
}

function positionKey(event: Event): string {
  return `${event.chainId}:${event.contract}:${event.account}:${event.market}`
}

function tradeKey(event: Event): string {
  return `${positionKey(event)}:${event.transactionHash}`
}
