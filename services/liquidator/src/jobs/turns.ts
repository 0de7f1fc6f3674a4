/** Whose turn it is where there is room for few: who came to nothing steps back for some rounds, and keeps nobody waiting behind him for good. */
import type { Hex } from '@plimsoll/chain'

type Address = Hex.Hex

export type Turns = {
  /**
   * Begins a round. Who is to wait in it stands behind the others; of either the order is as it was. Where there is room for all, nobody waits.
   *
   * @param all - whoever could be tried: who is not among them any more is forgotten.
   * @param args.room - how many can be tried; below 0 none.
   */
  readonly next: <one>(all: readonly one[], args: { readonly addressOf: (one: one) => Address; readonly room: number }) => readonly one[]
  /** What came of who was tried in this round. */
  readonly note: (account: Address, outcome: 'taken' | 'refused') => void
}

/** Nobody waits longer, however often he was refused: what stood in his way may be gone. Rounds. */
export const longest = 32

/**
 * Nobody has been refused yet.
 *
 * Formula: after n refusals in a row one waits `min(2^(n − 1), 32)` rounds.
 */
export function open(): Turns {
  const refused = new Map<Address, { readonly rounds: number; readonly until: number }>()
  let round = 0
  return {
    next: (all, { addressOf, room }) => {
      round += 1
      const present = new Set(all.map(addressOf))
      for (const account of refused.keys()) if (!present.has(account)) refused.delete(account)
      const waits = (one: (typeof all)[number]) => (refused.get(addressOf(one))?.until ?? 0) >= round
      return [...all.filter((one) => !waits(one)), ...all.filter(waits)].slice(0, Math.max(0, room))
    },
    note: (account, outcome) => {
      if (outcome === 'taken') {
        refused.delete(account)
        return
      }
      const rounds = Math.min(longest, 2 * (refused.get(account)?.rounds ?? 0.5))
      refused.set(account, { rounds, until: round + rounds })
    },
  }
}
