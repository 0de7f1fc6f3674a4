import { BaseError } from './BaseError.ts'
import * as Decay from './Decay.ts'
import type { Sample } from './Sample.ts'
import type * as Scorecard from './Scorecard.ts'

/** One under-collateralised loan, closed. */
export type Loan = { readonly subject: string; readonly closedAt: number; readonly amountUsd: number; readonly bad: boolean }

const day = 86_400

/** What is asked of a borrower's history. The signs are the only thing taken on trust. */
export const inputs: readonly Scorecard.Input[] = [
  {
    code: 'GOOD_CLOSES',
    direction: 'good',
    counts: {
      edges: [0, 0.25, 0.5, 0.75, 0.9, 1.4, 1.8, 2.7, 3.6, 4.5, 5.4, 7.2, 10.8, 14.4, 21.6, 28.8].map((n) => Math.round(n * 1_000_000)),
      held: null,
      prior: 1,
    },
  },
  { code: 'BAD_DEBT', direction: 'bad', counts: { edges: [0, 1, 500_000, 1_000_001, 2_000_001, 4_000_001], held: null, prior: 1 } },
  { code: 'SIZE_TO_PROVEN', direction: 'bad', counts: null },
]

/** The size of a request against the largest loan repaid before, in ppm; this where none was repaid. */
export const unproven = 1_000_000_000

/**
 * Each loan with what its borrower's earlier loans said: those closed at an earlier second, none of its own.
 *
 * Formula: good and bad closes decayed with half-lives of 180 d and 730 d, and the loan's size against the largest one repaid.
 * Ages end at the last earlier close: a table of closings does not say when a loan began, and the time up to its own close would
 * give its outcome away (a loan that runs into its maturity closes late).
 * Source: docs/method/reputation.md, eq. (1).
 *
 * @param loans - in any order.
 * @throws {InvalidLoanError} a time is not whole seconds, or an amount is not positive.
 *
 * @example
 * Loans.samples([{ subject: 'a', closedAt: 0, amountUsd: 2, bad: false }, { subject: 'a', closedAt: 9, amountUsd: 4, bad: false }])[1]?.features.SIZE_TO_PROVEN
 * // => 2000000
 */
export function samples(loans: readonly Loan[]): readonly Sample[] {
  const past = new Map<string, Loan[]>()
  return sorted(loans).map((loan) => {
    const all = past.get(loan.subject) ?? []
    const before = all.filter((other) => other.closedAt < loan.closedAt)
    past.set(loan.subject, [...all, loan])
    const last = before.at(-1)?.closedAt ?? loan.closedAt
    const weigh = (bad: boolean, halfLife: number, rounding: Decay.Rounding) =>
      before.reduce((sum, each) => sum + (each.bad === bad ? Decay.weightPpm(last - each.closedAt, halfLife, rounding) : 0), 0)
    const proven = before.reduce((most, each) => (each.bad ? most : Math.max(most, each.amountUsd)), 0)
    return {
      subject: loan.subject,
      at: loan.closedAt,
      settledAt: loan.closedAt,
      bad: loan.bad,
      newcomer: before.length === 0,
      features: {
        GOOD_CLOSES: weigh(false, 180 * day, 'down'),
        BAD_DEBT: weigh(true, 730 * day, 'up'),
        SIZE_TO_PROVEN: proven === 0 ? unproven : Math.min(unproven, Math.ceil((loan.amountUsd / proven) * 1_000_000)),
      },
    }
  })
}

function sorted(loans: readonly Loan[]): readonly Loan[] {
  for (const { subject, closedAt, amountUsd } of loans)
    if (!Number.isSafeInteger(closedAt) || closedAt < 0 || !(amountUsd > 0) || !Number.isFinite(amountUsd))
      throw new InvalidLoanError({ subject, closedAt, amountUsd })
  return [...loans].sort((a, b) => a.closedAt - b.closedAt)
}

/** Thrown when a loan cannot have been. */
export class InvalidLoanError extends BaseError {
  override readonly name = 'Loans.InvalidLoanError'
  readonly subject: string
  constructor(loan: Pick<Loan, 'subject' | 'closedAt' | 'amountUsd'>) {
    super({
      code: 'INVALID_LOAN',
      message: `A loan of ${loan.subject} for ${loan.amountUsd} USD, closed at ${loan.closedAt}, cannot have been.`,
      hint: 'Give whole unix seconds and an amount above 0.',
    })
    this.subject = loan.subject
  }
}
