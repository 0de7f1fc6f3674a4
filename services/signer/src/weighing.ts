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
  /** Keeps what a gateway brought and there was no room for, if there is then. One at a time: what is brought meanwhile is brought again. */
  readonly carry: (ended: Endings.Ended) => Promise<void>
}

export function open({ memory, look }: { readonly memory: Memory.Memory; readonly look: Look }): Weighing {
  let last: Promise<unknown> = Promise.resolve()
  let isCarrying = false

  /** One look at a time, whoever asks. */
  function inTurn<found>(work: () => Promise<found>): Promise<found> {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }

  const admit: Weighing['admit'] = (ended, from) =>
    inTurn(async () => {
      const room = memory.roomFor(ended, { from })
      if (room.status !== 'crowded') return null
      const found = await look([ended.account, ...room.accounts])
      const isStaked = found.get(ended.account) ?? null
      memory.weigh(found)
      if (memory.roomFor(ended, { from, isStaked: isStaked === true }).status === 'crowded')
        memory.forgetEnded(room.accounts.filter((account) => found.get(account) === false))
      return isStaked
    })

  return {
    admit,
    carry: async (ended) => {
      if (isCarrying) return
      isCarrying = true
      try {
        const by = { from: null, isStaked: (await admit(ended, null)) === true }
        if (memory.roomFor(ended, by).status === 'free') memory.keepEnded(ended, by)
      } finally {
        isCarrying = false
      }
    },
    round: () =>
      inTurn(async () => {
        const accounts = memory.unweighed(Endings.mostLooked)
        if (accounts.length > 0) memory.weigh(await look(accounts))
      }),
  }
}
