import type { Hourly } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'

/** One answer of a price feed. */
export type Round = {
  /** The feed's answer, in units of 10^−decimals. */
  readonly answer: bigint
  /** When it was given. Unix seconds. */
  readonly updatedAt: number
}

/**
 * Bars from the rounds of a price feed, as `Panel.of` takes them: `closeAt` is the open. A feed speaks when the price has moved or its heartbeat has passed, so an interval
 * without a round stands still at the last answer; highs and lows are those of the answers, narrower than a venue's. Volume is unknown, and 0.
 *
 * The first interval is the first whole one after a round, the last the last whole one before the newest round.
 *
 * @param args.rounds - in any order; the same round twice counts once.
 * @param args.decimals - of the feed.
 * @throws {InvalidRoundError} an answer that is not above zero, or a time that is none.
 * @throws {TooFewRoundsError} they span no whole interval.
 */
export function of(args: {
  readonly rounds: readonly Round[]
  readonly decimals: number
  readonly intervalSeconds: number
}): readonly Hourly.Traded[] {
  const { decimals, intervalSeconds } = args
  const rounds = [...args.rounds].sort((a, b) => a.updatedAt - b.updatedAt)
  const price = ({ answer, updatedAt }: Round): number => {
    if (answer <= 0n || !Number.isSafeInteger(updatedAt) || updatedAt <= 0) throw new InvalidRoundError({ answer, updatedAt })
    return Number(answer) / 10 ** decimals
  }
  const [first, last] = [rounds[0], rounds.at(-1)]
  if (first === undefined || last === undefined) throw new TooFewRoundsError({ rounds: 0 })
  const bars: Hourly.Traded[] = []
  let [next, held] = [0, price(first)]
  for (
    let openAt = Math.ceil(first.updatedAt / intervalSeconds) * intervalSeconds;
    openAt + intervalSeconds <= last.updatedAt;
    openAt += intervalSeconds
  ) {
    for (let round = rounds[next]; round !== undefined && round.updatedAt <= openAt; round = rounds[next]) {
      held = price(round)
      next += 1
    }
    const open = held
    let [low, high] = [open, open]
    for (let round = rounds[next]; round !== undefined && round.updatedAt <= openAt + intervalSeconds; round = rounds[next]) {
      held = price(round)
      low = Math.min(low, held)
      high = Math.max(high, held)
      next += 1
    }
    bars.push({ closeAt: openAt, open, high, low, close: held, volume: 0 })
  }
  if (bars.length === 0) throw new TooFewRoundsError({ rounds: rounds.length })
  return bars
}

/** Thrown for a round that is no price. */
export class InvalidRoundError extends BaseError {
  override readonly name = 'Rounds.InvalidRoundError'
  constructor(args: Round) {
    super({
      code: 'ROUND_INVALID',
      message: `The answer ${args.answer} of ${args.updatedAt} is not a price at a time.`,
      hint: 'Look at the feed: its address, and whether it has answered at all.',
    })
  }
}

/** Thrown when rounds span no whole interval. */
export class TooFewRoundsError extends BaseError {
  override readonly name = 'Rounds.TooFewRoundsError'
  constructor(args: { readonly rounds: number }) {
    super({ code: 'ROUNDS_TOO_FEW', message: `${args.rounds} rounds span no whole interval.`, hint: 'Ask for a longer period.' })
  }
}
