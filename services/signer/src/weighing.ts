/** Whose words are kept for good, and whose make room: what is looked at for it does not grow with what strangers send. */
import * as Endings from './Endings.ts'
import type * as Memory from './Memory.ts'
import type { Look } from './stakes.ts'

export type Weighing = {
  /** Looks at accounts that nobody has looked at since they said something, 32 of them at most. */
  readonly round: () => Promise<void>
  /**
   * Makes room for a word where there is none, one after the other: what is found for one serves those that wait.
   *
   * @returns whether the account itself has something that could be counted: null where it was not looked at, or cannot be read.
   */
  readonly admit: (ended: Endings.Ended, from: Endings.From) => Promise<boolean | null>
}

export function open({ memory, look }: { readonly memory: Memory.Memory; readonly look: Look }): Weighing {
  let last: Promise<unknown> = Promise.resolve()

  /** One look at a time, whoever asks. */
  function inTurn<found>(work: () => Promise<found>): Promise<found> {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }

  return {
    round: () =>
      inTurn(async () => {
        const accounts = memory.unweighed(Endings.mostLooked)
        if (accounts.length > 0) memory.weigh(await look(accounts))
      }),
    admit: (ended, from) =>
      inTurn(async () => {
        const room = memory.roomFor(ended, { from })
        if (room.status !== 'crowded') return null
        const found = await look([ended.account, ...room.accounts])
        const isStaked = found.get(ended.account) ?? null
        memory.weigh(found)
        if (memory.roomFor(ended, { from, isStaked: isStaked === true }).status === 'crowded')
          memory.forgetEnded(room.accounts.filter((account) => found.get(account) === false))
        return isStaked
      }),
  }
}
