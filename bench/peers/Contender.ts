/** One margin engine in the race, and what its answers are held against. */

/** What an account comes to, by name. USD, or a plain ratio. */
export type Figures = Readonly<Record<string, number>>

export type Contender<Account = unknown, Result = unknown> = {
  readonly name: string
  /** In words, as the peer has them. */
  readonly returns: string
  /** Initial margin, maintenance margin and health: all three. */
  readonly complete: boolean
  /** The largest relative difference to `expected` that the engine's own number format explains. */
  readonly tolerance: number
  /** Accounts as the engine wants them, before the clock runs. */
  make(seed: number): readonly Account[]
  /** What is timed. */
  assess(account: Account): Result
  /** The engine's answer in USD. */
  figures(result: Result): Figures
  /** The same figures worked out by hand from the book, without the engine. */
  expected(account: Account): Figures
}

/** A contender whose accounts nobody else looks into. */
export function of<Account, Result>(contender: Contender<Account, Result>): Contender {
  return contender
}

/**
 * The largest relative difference between what the engine says and what its book comes to by hand.
 *
 * Differences below one dollar, or below one of a ratio, are measured against that one.
 *
 * @throws {MismatchError} it is beyond the tolerance, or a figure is missing on either side.
 */
export function verify(contender: Contender, account: unknown, result: unknown): number {
  const said = contender.figures(result)
  const expected = contender.expected(account)
  let worst = 0
  for (const name of new Set([...Object.keys(said), ...Object.keys(expected)])) {
    const [a, b] = [said[name] ?? Number.NaN, expected[name] ?? Number.NaN]
    const difference = Math.abs(a - b) / Math.max(1, Math.abs(b))
    if (!(difference <= contender.tolerance)) throw new MismatchError(contender.name, name, a, b)
    worst = Math.max(worst, difference)
  }
  return worst
}

/** Thrown when an engine's answer is not what its account comes to: its time would then be the time of something else. */
export class MismatchError extends Error {
  override readonly name = 'Contender.MismatchError'
  constructor(contender: string, figure: string, said: number, expected: number) {
    super(`${contender} says ${figure} = ${said}, and by hand it is ${expected}.`)
  }
}
