/** Forgets what is over, and holds the ledger against itself: a ledger that does not add up issues nothing more. */
import { Review } from '@plimsoll/margin'
import { type Database, Ledger, Nonces, Outbox, Sessions } from '@plimsoll/store'
import type { Logger } from 'pino'
import type { Shares } from './shares.ts'

export type Upkeep = {
  /** What is wrong with the ledger, in words; empty while it adds up. */
  readonly faults: () => readonly string[]
  /** @throws {FrozenError} the ledger does not add up. */
  readonly assertSound: () => void
  readonly round: () => Promise<void>
  readonly start: () => void
  readonly stop: () => void
}

const intervalMs = 30_000
/** How far its clock may stand from the database's. */
const maxSkewSeconds = Review.clockToleranceSeconds
/** How long answers and events are kept. */
const keptSeconds = 86_400

/** One round every half minute; a fault found once stays until an operator has looked and restarted. */
export function open(args: open.Args): Upkeep {
  const { database, shares, nowMs, log } = args
  let faults: readonly string[] = []
  let skewSeconds = 0
  let timer: NodeJS.Timeout | null = null

  const round = async (): Promise<void> => {
    const found = await Ledger.audit(database)
    if (found.length > 0)
      faults = found.map(
        ({ invariant, subject, kept, found }) => `ledger: ${invariant} of ${subject} is kept as ${kept} and adds up to ${found}`,
      )
    const now = await database.now()
    skewSeconds = Math.abs(Math.floor(nowMs() / 1000) - now)
    const before = now - keptSeconds
    // Every gateway holds the ledger against itself, since each has to stop by itself; one forgets.
    const forgetting = shares.job('upkeep')
    if (forgetting === null) return
    await Promise.all([
      Nonces.prune(forgetting),
      Sessions.prune(forgetting),
      Outbox.prune(forgetting, { before }),
      Ledger.forgetAnswers(forgetting, { before }),
    ])
  }
  return {
    faults: () => (skewSeconds > maxSkewSeconds ? [...faults, `clock: CLOCK_SKEW: ${skewSeconds} s apart from the database's`] : faults),
    assertSound: () => {
      if (faults.length > 0) throw new FrozenError(faults)
      if (skewSeconds > maxSkewSeconds) throw new ClockSkewError(skewSeconds)
    },
    round,
    start: () => {
      timer = setInterval(() => void round().catch((error: unknown) => log.warn({ err: error }, 'upkeep failed')), intervalMs)
    },
    stop: () => {
      if (timer) clearInterval(timer)
    },
  }
}

export declare namespace open {
  type Args = {
    readonly database: Database.Database
    readonly shares: Pick<Shares, 'job'>
    readonly nowMs: () => number
    readonly log: Logger
  }
}

/** Thrown while this process and its database do not agree on what time it is: what it signs would live longer, or shorter, than the ledger thinks. */
export class ClockSkewError extends Error {
  override readonly name = 'Upkeep.ClockSkewError'
  readonly code = 'CLOCK_SKEW'
  readonly hint = 'Nothing was bound. Set the clocks of gateway and database, and ask again within half a minute.'
  constructor(seconds: number) {
    super(`The clocks of gateway and database are ${seconds} s apart, and ${maxSkewSeconds} s is the most.`)
  }
}

/** Thrown when the ledger does not add up. Reads go on; nothing is bound. */
export class FrozenError extends Error {
  override readonly name = 'Upkeep.FrozenError'
  readonly code = 'LEDGER_FROZEN'
  readonly hint = 'An operator has to look at the ledger and restart the gateway.'
  constructor(faults: readonly string[]) {
    super(`Nothing is issued: ${faults.join('; ')}.`)
  }
}
