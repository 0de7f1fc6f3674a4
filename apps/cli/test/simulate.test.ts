import { Limit } from '@plimsoll/margin'
import { Database, Ledger } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { describe, expect, it } from 'vitest'
import * as Invariants from '../src/simulation/Invariants.ts'
import * as Mirror from '../src/simulation/Mirror.ts'
import * as Walk from '../src/simulation/Walk.ts'
import * as World from '../src/simulation/World.ts'

const steps = process.env['PLIMSOLL_DEEP'] === '1' ? 200_000 : 1_000
const mirrored = process.env['PLIMSOLL_DEEP'] === '1' ? 6_000 : 300
const memory = await Template.blob()
const database = (clock: () => number) => Database.open({ memory, clock })

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
  ['I5', 'an account is given to whoever asks for it', { link: async () => ({ linked: true }) }],
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
  ['MONEY', 'the venue finds a cent', { venueKeeps: (state) => ({ ...state, pool: state.pool + 1n }) }],
]

describe('simulate', () => {
  it('edge: every invariant but the twin, which has a test of its own, is broken once', () => {
    expect(new Set(breaks.map(([code]) => code))).toEqual(new Set(Invariants.codes.filter((code) => code !== 'TWIN')))
  })

  it('property: no invariant breaks, and every one of them was looked at', async () => {
    const outcome = await Walk.walk({ seed: 11, steps, database })
    expect(outcome.violation).toBeNull()
    expect(outcome.steps).toBe(steps)
    // Nothing was done to contracts here.
    const unseen = Object.entries(outcome.checks).filter(([, n]) => n === 0)
    expect(unseen).toEqual([['TWIN', 0]])
  }, 3_600_000)

  it('worked example: a seed walks the same way twice', async () => {
    const [one, two, other] = [
      await Walk.walk({ seed: 3, steps: 80, database }),
      await Walk.walk({ seed: 3, steps: 80, database }),
      await Walk.walk({ seed: 4, steps: 80, database }),
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

  it('vector: the contracts take, refuse and hold what their model does', async () => {
    await using mirror = await Mirror.start(Walk.start)
    const outcome = await Walk.walk({ seed: 7, steps: mirrored, database, mirror })
    expect(outcome.violation).toBeNull()
    expect(outcome.checks.TWIN).toBeGreaterThan(mirrored / 3)
  }, 3_600_000)

  it('vector: two venues at one address on two chains are two venues', async () => {
    await using mirror = await Mirror.start(Walk.start)
    const [one, two] = mirror.places.piers
    expect(one?.address).toBe(two?.address)
    const { events } = await Walk.walk({ seed: 1, steps: 60, database, mirror })
    expect(events['issued']).toBeGreaterThan(0)
  }, 300_000)

  it('error: a model with another rate than the contract is told apart at the first transaction that shows it', async () => {
    await using mirror = await Mirror.start(Walk.start)
    const world = World.of(Walk.start, mirror.places)
    const caught = mirror.follow(world)
    world.sees = (sea) => ({ ...sea, terms: sea.terms.map((it) => ({ ...it, staticImPpm: it.staticImPpm - 50_000 })) })
    const [pier, account, market] = [world.piers[0], World.accounts[0], world.terms[0]?.market]
    if (!pier || !account || !market) throw new Error('a venue, an account and a market')
    const usd = 10n ** 18n
    expect(pier.chain.send(world.now, { kind: 'deposit', account, amount: 100n * usd })).toBe(true)
    // 800 USD of ETH: 80 USD of margin by the model's rate, 120 by the contract's, and there are 100.
    expect(pier.chain.send(world.now, { kind: 'trade', account, market, size: (4n * usd) / 10n })).toBe(true)
    expect(await caught()).toEqual([null, 'The contract refuses a trade that the model takes.'])
  }, 120_000)
})

describe('walk', () => {
  it('bug: while it went on nobody was heard who wanted to end it', async () => {
    const heard: boolean[] = []
    let isOver = false
    const progress = (done: number) => {
      heard.push(isOver)
      if (done === 0)
        setImmediate(() => {
          isOver = true
        })
    }
    await Walk.walk({ seed: 5, steps: 101, database, progress })
    expect(heard).toEqual([false, true])
  })
})
