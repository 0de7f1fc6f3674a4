/** Margin calls: who is to be called, and whose call is over. */
import { Gather, type Snapshot } from '@plimsoll/api'
import { Credit, Doubt, type Inputs } from '@plimsoll/margin'
import { Book } from '@plimsoll/store'
import type * as Standings from './standings.ts'

type Hex = `0x${string}`

/** What was locked counts until it is known to have left, at the last price there is. */
const ageless = { maxViewAgeSeconds: Number.POSITIVE_INFINITY, maxPriceAgeSeconds: Number.POSITIVE_INFINITY }

/**
 * Whose margin call is to be opened or cleared, with the credit that says so: on full views only, and on what the final blocks hold. A partial
 * view, or a single source's word that something has left, would call on doubtful data, and a call stays in a record. What was seen to leave
 * stops raises at once, called or not: they are held against the view with it taken off. What is too old to be lent on, or counts nothing for want
 * of a forecast, calls nobody either, and clears no call. Nor does what is in doubt: it counts at the most that it may be worth where somebody is to
 * be called, and nothing where a call is to be cleared.
 *
 * Source: docs/method/limit.md, eq. (19).
 */
export function due(args: {
  readonly book: Book.Book
  readonly snapshot: Snapshot.Snapshot
  readonly members: ReadonlyMap<Hex, Pick<Standings.Member, 'accounts'>>
}): readonly { readonly participantId: Hex; readonly credit: bigint }[] {
  const { book, snapshot, members } = args
  return [...book.participants].flatMap(([participantId, { marginCall }]) => {
    const view = snapshot.firm.get(participantId)
    // Who was merged into somebody else has no account any more, and may have a debit for a while: there is nobody to call.
    const isSomebody = (members.get(participantId)?.accounts.length ?? 0) > 0
    if (view === undefined || view.missing.length > 0 || !isSomebody) return []
    // A call is cleared by what is lent on. What is left out of that for want of room is there all the same, and calls nobody.
    const lots = marginCall
      ? Gather.viewOf({ ...snapshot, views: snapshot.firm }, participantId).lots
      : foreseen(Gather.cut(snapshot, view.lots), view.lots)
    const params = marginCall ? snapshot.params : { ...snapshot.params, ...ageless }
    const certain = Credit.of(lots, params, Math.floor(snapshot.takenAtMs / 1000)).total
    const credit = marginCall ? certain : certain + Doubt.worth(view.doubts)
    return credit < Book.encumbered(book, participantId) === marginCall ? [] : [{ participantId, credit }]
  })
}

/** Lots as they are lent on; by their configured haircuts where a want of forecasts leaves nothing of them. */
function foreseen(lots: readonly Inputs.Lot[], configured: readonly Inputs.Lot[]): readonly Inputs.Lot[] {
  const own = new Map(configured.map(({ lotId, haircuts }) => [lotId, haircuts]))
  return lots.map((lot) => (lot.haircuts.assetPpm < 1_000_000 ? lot : { ...lot, haircuts: own.get(lot.lotId) ?? lot.haircuts }))
}
