import { Limit } from '@plimsoll/margin'
import { Database, Ledger } from '@plimsoll/store'
import { describe, expect, it } from 'vitest'
import type * as Invariants from '../src/simulation/Invariants.ts'
import * as Walk from '../src/simulation/Walk.ts'

const steps = process.env['PLIMSOLL_DEEP'] === '1' ? 200_000 : 1_500
const database = (clock: () => number) => Database.open({ memory: true, clock })

/** A machine with one thing wrong in it, and the invariant that has to notice. */
type Broken = NonNullable<Walk.Options['machine']>
const breaks: readonly (readonly [Invariants.Code, string, Broken])[] = [
  [
    'I1',
    'the ledger takes a credit that is not there',
    {
      limit: (db, request, decide) =>
        Ledger.issue(db, request, async (state) => {
          const rest = { ...state, ledger: { ...state.ledger, otherEncumbrance: 0n } }
          const decision = await decide(rest)
          return decision.status === 'issue' ? { ...decision, creditTotal: decision.creditTotal * 1_000n } : decision
        }),
    },
  ],
  [
    'I1',
    'a certificate that may still be posted is given up at once',
    {
      observe: (db, read) => Ledger.observe(db, { ...read, block: { ...read.block, timestamp: read.block.timestamp + 400 } }),
    },
  ],
  [
    'I2',
    'every certificate says that it is the first',
    {
      limit: async (db, request, decide) => {
        const issued = await Ledger.issue(db, request, decide)
        if (issued.status !== 'issued' || issued.replayed) return issued
        return { ...issued, signed: { ...issued.signed, certificate: { ...issued.signed.certificate, sequence: 1n } } }
      },
    },
  ],
  ['I3', "the gateway's clock is half a minute slow", { clock: (now) => now - 30 }],
  [
    'I4',
    'a partial view is taken for more than a full one',
    {
      limitOf: (inputs) => {
        const limit = Limit.of(inputs)
        return inputs.view.missing.length > 0 ? { ...limit, notional: limit.notional + 1n } : limit
      },
    },
  ],
  ['I6', 'initial margin is below maintenance', { limitOf: (inputs) => ({ ...Limit.of(inputs), imPpm: 1 }) }],
  [
    'I7',
    'a limit rises with the quantile',
    {
      limitOf: (inputs) => {
        const limit = Limit.of(inputs)
        return { ...limit, notional: limit.notional + BigInt(inputs.forecast.closeOut.longPpm) * 10n ** 24n }
      },
    },
  ],
  [
    'I8',
    'an answer is given and not kept',
    {
      limit: async (db, request, decide) => {
        const issued = await Ledger.issue(db, request, decide)
        if (issued.status === 'issued')
          await db.query('update inputs set document = $1 where hash = $2', ['{}', issued.signed.certificate.inputsHash])
        return issued
      },
    },
  ],
  [
    'I9',
    'a certificate says one unit more than its document',
    {
      limit: async (db, request, decide) => {
        const issued = await Ledger.issue(db, request, decide)
        if (issued.status !== 'issued') return issued
        const { certificate } = issued.signed
        return { ...issued, signed: { ...issued.signed, certificate: { ...certificate, credit: certificate.credit + 1n } } }
      },
    },
  ],
  [
    'I10',
    'the venue takes the healthy for bankrupt',
    { venueSees: (sea) => ({ ...sea, terms: sea.terms.map((it) => ({ ...it, mmPpm: 900_000 })) }) },
  ],
  ['I11', 'the cap is not held', { sideCap: 10n ** 30n }],
]

describe('simulate', () => {
  it('property: no invariant breaks, and every one of them was looked at', async () => {
    const outcome = await Walk.walk({ seed: 11, steps, database })
    expect(outcome.violation).toBeNull()
    expect(outcome.steps).toBe(steps)
    const unseen = Object.entries(outcome.checks).filter(([, n]) => n === 0)
    expect(unseen).toEqual([])
  }, 3_600_000)

  it('worked example: a seed walks the same way twice', async () => {
    const [one, two, other] = [
      await Walk.walk({ seed: 3, steps: 200, database }),
      await Walk.walk({ seed: 3, steps: 200, database }),
      await Walk.walk({ seed: 4, steps: 200, database }),
    ]
    expect(two).toEqual(one)
    expect(other.fingerprint).not.toBe(one.fingerprint)
  }, 120_000)

  it.each(breaks)(
    'error: %s notices that %s',
    async (code, _, machine) => {
      const outcome = await Walk.walk({ seed: 5, steps: 6_000, database, machine })
      expect(outcome.violation?.code).toBe(code)
    },
    600_000,
  )
})
