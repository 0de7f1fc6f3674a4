import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Loans } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const loan = (subject: string, closedAt: number, amountUsd: number, bad = false): Loans.Loan => ({ subject, closedAt, amountUsd, bad })
const someLoans = fc.array(
  fc.record({
    subject: fc.constantFrom('a', 'b', 'c'),
    closedAt: fc.nat(100 * day),
    amountUsd: fc.integer({ min: 1, max: 100 }),
    bad: fc.boolean(),
  }),
  { maxLength: 20 },
)

describe('samples', () => {
  test('worked example: a good one, a bad one, then one ten times the largest repaid', () => {
    const [first, second, third] = Loans.samples(
      [loan('a', 0, 5), loan('a', 180 * day, 7, true), loan('a', 181 * day, 50), loan('b', 9, 1)].reverse(),
    ).filter(({ subject }) => subject === 'a')
    expect(first).toMatchObject({ newcomer: true, features: { GOOD_CLOSES: 0, BAD_DEBT: 0, SIZE_TO_PROVEN: Loans.unproven } })
    expect(second).toMatchObject({
      newcomer: false,
      bad: true,
      features: { GOOD_CLOSES: 1_000_000, BAD_DEBT: 0, SIZE_TO_PROVEN: 1_400_000 },
    })
    expect(third?.features).toEqual({ GOOD_CLOSES: 500_000, BAD_DEBT: 1_000_000, SIZE_TO_PROVEN: 10_000_000 })
  })

  test('edge: a loan that closed in the same second is not known yet', () => {
    expect(Loans.samples([loan('a', 5, 1), loan('a', 5, 1)]).map(({ newcomer }) => newcomer)).toEqual([true, true])
  })

  test('property: the time up to its own close tells nothing: a last loan that closes later has the same features', () => {
    fc.assert(
      fc.property(someLoans, fc.nat(60 * day), (loans, later) => {
        const at = 101 * day
        const last = (closedAt: number) => Loans.samples([...loans, loan('a', closedAt, 10)]).at(-1)
        expect(last(at + later)?.features).toEqual(last(at)?.features)
      }),
      { numRuns },
    )
  })

  test('property: a sample depends on nothing that closed later, nor on its own outcome', () => {
    fc.assert(
      fc.property(someLoans, fc.nat(100 * day), (loans, until) => {
        const features = (list: readonly Loans.Loan[]) =>
          Loans.samples(list)
            .filter(({ at }) => at <= until)
            .map(({ features }) => features)
        expect(features(loans.filter(({ closedAt }) => closedAt <= until))).toEqual(features(loans))
        expect(features(loans.map((each) => (each.closedAt >= until ? { ...each, bad: !each.bad } : each)))).toEqual(features(loans))
      }),
      { numRuns },
    )
  })

  test('dimension: amounts in another unit give the same features', () => {
    const loans = [loan('a', 0, 5), loan('a', day, 20)]
    const cents = loans.map((each) => ({ ...each, amountUsd: each.amountUsd * 128 }))
    expect(Loans.samples(cents).map(({ features }) => features)).toEqual(Loans.samples(loans).map(({ features }) => features))
  })

  test('error: by class', () => {
    for (const broken of [loan('a', 0.5, 1), loan('a', -1, 1), loan('a', 0, 0), loan('a', 0, Number.POSITIVE_INFINITY)])
      expect(() => Loans.samples([broken])).toThrow(Loans.InvalidLoanError)
  })
})
