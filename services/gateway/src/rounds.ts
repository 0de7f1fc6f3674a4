/** Work that is done again and again: never twice at once, and no more once it was stopped. */

export type Rounds = {
  /** One more; the one under way, where there is one. */
  readonly round: () => Promise<void>
  /** Until the one under way is over; at once where there is none. */
  readonly over: () => Promise<void>
  readonly start: () => void
  /** Starts none any more, and waits for the one under way. */
  readonly stop: () => Promise<void>
}

/**
 * @param args.work - one round. Where rounds are started it throws nothing: nobody waits for them.
 * @param args.pauseMs - between the end of one and the next; the first waits as long.
 */
export function of(args: { readonly work: () => Promise<void>; readonly pauseMs: () => number }): Rounds {
  const { work, pauseMs } = args
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  const round = (): Promise<void> => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
  const next = () => {
    timer = setTimeout(() => void round().then(() => (timer === null ? undefined : next())), pauseMs())
  }
  const over = async () => {
    await running
  }
  return {
    round,
    over,
    start: next,
    stop: async () => {
      if (timer) clearTimeout(timer)
      timer = null
      await running
    },
  }
}
