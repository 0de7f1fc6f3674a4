/** Forgets what is over, and holds the ledger against itself: a ledger that does not add up issues nothing more. */
import { type Database, Ledger, Nonces, Outbox, Sessions } from '@plimsoll/store'
import type { Logger } from 'pino'

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
/** How long answers and events are kept. */
const keptSeconds = 86_400

/** One round every half minute; a fault found once stays until an operator has looked and restarted. */
export function open(args: { readonly database: Database.Database; readonly log: Logger }): Upkeep {
  const { database, log } = args
  let faults: readonly string[] = []
  let timer: NodeJS.Timeout | null = null

  const round = async (): Promise<void> => {
    const found = await Ledger.audit(database)
    if (found.length > 0)
      faults = found.map(
        ({ invariant, subject, kept, found }) => `ledger: ${invariant} of ${subject} is kept as ${kept} and adds up to ${found}`,
      )
    const before = (await database.now()) - keptSeconds
    await Promise.all([
      Nonces.prune(database),
      Sessions.prune(database),
      Outbox.prune(database, { before }),
      Ledger.forgetAnswers(database, { before }),
    ])
  }
  return {
    faults: () => faults,
    assertSound: () => {
      if (faults.length > 0) throw new FrozenError(faults)
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

/** Thrown when the ledger does not add up. Reads go on; nothing is bound. */
export class FrozenError extends Error {
  override readonly name = 'Upkeep.FrozenError'
  readonly code = 'LEDGER_FROZEN'
  readonly hint = 'An operator has to look at the ledger and restart the gateway.'
  constructor(faults: readonly string[]) {
    super(`Nothing is issued: ${faults.join('; ')}.`)
  }
}
