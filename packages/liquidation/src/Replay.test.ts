import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cascade, Figure, Isolated, type Path, type Preemption, Replay, Scenario, Scorecard, Throng } from './index.ts'
import { seeded } from './testing/seeded.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const full = { kind: 'full' } as const

const preemption: Preemption.Terms = {
  plan: {
    ...{ trigger: 0.5, release: 0.25, feePpm: 500, cooldownSeconds: 600, impactBudget: 0.02, policy: full },
    window: { seconds: 3_600, mostPpm: 500_000 },
    schedule: { slices: 6, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
  },
  ...{ horizonSeconds: 3_600, calibrator: [], every: 6, capacity: 4e5, felt: 0.25 },
}
const backstop: Replay.Backstop = {
  ...{ capital: 4e7, junior: 0.5, leverage: 3, share: 0.9, unwindSeconds: 600 },
  appetite: { confidence: 0, aversion: 1e-9, fee: 1e-4 },
  release: { seconds: 120, quiet: 0, near: 5e-4, slice: 5e4 },
}
const policies = {
  threshold: { close: full, preemption: null, backstop: null },
  partial: { close: { kind: 'target', target: 1.5, slices: 4 }, preemption: null, backstop: null },
  predictive: { close: full, preemption, backstop: null },
  'threshold+backstop': { close: full, preemption: null, backstop },
  'predictive+backstop': { close: full, preemption, backstop },
} as const satisfies Record<string, Replay.Policy>
const market: Replay.Market = {
  ...{ permanent: 2.5e-10, temporary: 1e-9, halfLifeSeconds: 60, rounds: 1, fee: 0.005, mandateFee: 0.0005, insurance: 1e5 },
}

function small(seed: number, name: Scenario.Name, openInterest: number): Omit<Replay.Case, 'policy'> {
  const shape = {
    ...Throng.shape,
    openInterest,
    long: { ...Throng.shape.long, accounts: 300 },
    short: { ...Throng.shape.short, accounts: 100 },
  }
  const { positions, mandates } = Throng.of(shape, seeded(seed))
  const path = Scenario.of(name, seeded(seed + 1_000), Scenario.setting)
  const steps = path.log.length - 1 - path.start
  return { book: positions, mandates, path, market, sigma: new Float64Array(steps).fill(2 / Math.sqrt(365 * 86_400)) }
}

/** One traded step from P0 to a log move, with as many looks as it takes. */
const drop = (move: number): Path.Path => ({ stepSeconds: 10, start: 0, log: Float64Array.of(0, move) })

describe('run', () => {
  test('worked example: two longs fall like dominoes', () => {
    const book = {
      side: Int8Array.of(1, 1),
      notional: Float64Array.of(64, 64),
      equity: Float64Array.of(8, 24),
      maintenance: new Float64Array(2),
    }
    const { hits, price, badDebt, forced } = Replay.run({
      ...{ book, mandates: new Uint8Array(2), path: drop(-0.25), sigma: new Float64Array(1), policy: policies.threshold },
      market: { ...market, permanent: 1 / 256, temporary: 0, rounds: 9, fee: 0, insurance: 0 },
    })
    expect([...hits]).toEqual([1, 1])
    expect(price[1]).toBe(-0.75)
    // Each is filled at the mean of e^move on its way: −¼ to −½, and −½ to −¾.
    const fills = [-0.25, -0.5].map((from) => (Math.exp(from) * -Math.expm1(-0.25)) / 0.25)
    expect(forced[0]).toBeCloseTo(64 * ((fills[0] ?? 0) + (fills[1] ?? 0)), 9)
    expect(badDebt).toBeCloseTo(56 - 64 * (fills[0] ?? 0) + (40 - 64 * (fills[1] ?? 0)), 9)
  })

  test.each([1, -1] as const)(
    'worked example: what a forced close slips, its fee, and half of what was temporary gone a half-life later (%i)',
    (side) => {
      const [units, equity, maintenance] = [64, 24, 0.25]
      const book = {
        side: Int8Array.of(side),
        notional: Float64Array.of(units),
        equity: Float64Array.of(equity),
        maintenance: Float64Array.of(maintenance),
      }
      const path = { stepSeconds: 10, start: 1, log: Float64Array.of(9, 0, side * -0.25, side * -0.25) }
      const outcome = Replay.run({
        ...{ book, mandates: new Uint8Array(1), path, sigma: new Float64Array(2), policy: policies.threshold },
        market: { ...market, permanent: 1 / 2_560, temporary: 1 / 2_560, halfLifeSeconds: 10, fee: 0.01, insurance: 0 },
      })
      const index = Math.exp(side * -0.25)
      // On its way from there to 0.05 beyond.
      const fill = (index * -Math.expm1(side * -0.05)) / (side * 0.05)
      expect([...outcome.price]).toEqual([0, side * -0.3, side * -0.2875].map((log) => expect.closeTo(log, 12)))
      expect([...outcome.divergence]).toEqual([0, side * -0.025, side * -0.0125].map((log) => expect.closeTo(log, 12)))
      expect([...outcome.forced]).toEqual([expect.closeTo(units * fill, 12), 0])
      expect(outcome.slipped).toBeCloseTo(side * (index - fill) * units, 12)
      expect(outcome.worth).toBeCloseTo(index * units, 12)
      expect(outcome.equity[0]).toBeCloseTo(equity + side * units * (fill - 1) - 0.01 * units * fill, 9)
    },
  )

  test('worked example: as much as reaches a target at the price that stands, once a step', () => {
    // 64 units on 24 at a price of a half have −8; on 38 they have 6, and 25 % of 32 are 8: (12 − 6)/(12 − 1 % of 32) of it is closed.
    const book = {
      side: Int8Array.of(1, 1),
      notional: Float64Array.of(64, 64),
      equity: Float64Array.of(38, 40.5),
      maintenance: Float64Array.of(0.25, 0.25),
    }
    const given = {
      ...{ book, mandates: new Uint8Array(2), path: drop(Math.log(0.5)), sigma: new Float64Array(1) },
      policy: { close: { kind: 'target', target: 1.5, slices: 4 }, preemption: null, backstop: null },
    } as const
    const still = { ...market, permanent: 0, temporary: 0, fee: 0.01 }
    expect(Replay.run({ ...given, market: still }).forced[0]).toBeCloseTo(((12 - 6) / (12 - 0.32)) * 32, 9)
    // A price that falls by a tenth with it takes the other along in the next look, if there is one.
    const pushed = { ...still, permanent: 0.1 / 32 }
    const hits = [1, 2].map((rounds) => [...Replay.run({ ...given, market: { ...pushed, rounds } }).hits])
    expect(hits).toEqual([
      [1, 0],
      [2, 1],
    ])
  })

  test('edge: winners pay once a minute, or at the end', () => {
    // A long of 1 on 0.25 owes what a fall of 22 % leaves of it, and a short of 2 on 1 pays. How much it is closed by says when.
    const book = {
      side: Int8Array.of(1, -1),
      notional: Float64Array.of(1, 2),
      equity: Float64Array.of(0.25, 1),
      maintenance: new Float64Array(2),
    }
    const still = { ...market, permanent: 0, temporary: 0, fee: 0, insurance: 0 }
    const paidAt = (stepSeconds: number, steps: number) => {
      const log = Float64Array.from({ length: steps + 1 }, (_, t) => (t === 0 ? 0 : -0.5 - t / 1_000))
      const path = { stepSeconds, start: 0, log }
      const outcome = Replay.run({
        ...{ book, mandates: new Uint8Array(2), path, market: still },
        ...{ sigma: new Float64Array(steps), policy: policies.threshold },
      })
      const closedAt = (t: number) => (2 * Math.exp(log[t] ?? 0) * outcome.badDebt) / (2 * -Math.expm1(log[t] ?? 0))
      return [...log.keys()].slice(1).filter((t) => Math.abs(outcome.deleveraged - closedAt(t)) < 1e-5)
    }
    expect([paidAt(1, 130), paidAt(1, 5), paidAt(30, 3), paidAt(300, 3)]).toEqual([[60], [5], [2], [1]])
  })

  test('edge: what a window did not allow is reduced when it is over, an hour later', () => {
    const log = new Float64Array(371).fill(-0.25)
    log[0] = 0
    const book = { side: Int8Array.of(1), notional: Float64Array.of(64), equity: Float64Array.of(14.2), maintenance: new Float64Array(1) }
    const sigma = new Float64Array(370).fill(0.001)
    // Until there is a forecast there is no look.
    sigma.fill(0, 0, 6)
    const { preemptive } = Replay.run({
      ...{ book, mandates: Uint8Array.of(1), path: { stepSeconds: 10, start: 0, log }, sigma, policy: policies.predictive },
      market: { ...market, permanent: 0, temporary: 0 },
    })
    const busy = [...preemptive.keys()].filter((t) => (preemptive[t] ?? 0) > 0)
    expect(busy).toEqual([6, 7, 8, 9, 10, 11, 366, 367, 368, 369])
  })

  test('property: threshold liquidation without temporary impact, in one step, is the cascade engine’s least fixed point', () => {
    const rows = fc.array(
      fc.record({ side: fc.constantFrom(1, -1), notional: fc.integer({ min: 1, max: 40 }), equity: fc.integer({ min: 1, max: 40 }) }),
      { minLength: 1, maxLength: 80 },
    )
    fc.assert(
      fc.property(rows, fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 60 }), (rows, move, depth) => {
        const book = {
          side: Int8Array.from(rows, ({ side }) => side),
          notional: Float64Array.from(rows, ({ notional }) => notional / 2),
          equity: Float64Array.from(rows, ({ equity, notional }) => (equity * notional) / 80 + notional / 40),
          maintenance: new Float64Array(rows.length).fill(0.05),
        }
        const slope = depth / 16_384
        // The other side stays where it is: it would push back, and a cascade is of one side.
        const side = move < 0 ? 1 : -1
        const ours = { ...book, side: book.side.map((each) => (each === side ? each : 0)) }
        const { hits, price } = Replay.run({
          ...{
            book: ours,
            mandates: new Uint8Array(rows.length),
            path: drop(move / 100),
            sigma: new Float64Array(1),
            policy: policies.threshold,
          },
          market: { ...market, permanent: slope, temporary: 0, rounds: rows.length + 1, fee: 0 },
        })
        const impact = { kind: 'linear', slope } as const
        const { x, liquidated } = Isolated.cascade(Isolated.of(ours), {
          side: side === 1 ? 'long' : 'short',
          impact,
          shock: Math.abs(move) / 100,
        })
        expect(-side * (price[1] ?? Number.NaN)).toBeCloseTo(x, 9)
        expect([...hits.keys()].filter((i) => (hits[i] ?? 0) > 0)).toEqual([...liquidated].sort((a, b) => a - b))
      }),
      { numRuns },
    )
  })

  test('worked example: a backstop sells what it took once nothing is closed by force or ahead any more', () => {
    const log = new Float64Array(14).fill(-0.25)
    log[0] = 0
    const book = {
      side: Int8Array.of(1, 1),
      notional: Float64Array.of(64, 64),
      equity: Float64Array.of(8, 15.9),
      maintenance: new Float64Array(2),
    }
    const still = { ...market, permanent: 0, temporary: 0, fee: 0, mandateFee: 0 }
    const patient = { ...backstop, share: 1, appetite: { confidence: 0, aversion: 0, fee: 0 } }
    const { forced, preemptive, absorbed, parties } = Replay.run({
      ...{ book, mandates: Uint8Array.of(1, 1), path: { stepSeconds: 10, start: 0, log }, market: still },
      sigma: new Float64Array(13).fill(0.001),
      policy: {
        close: full,
        preemption: { ...preemption, plan: { ...preemption.plan, feePpm: 0 } },
        backstop: { ...patient, release: { seconds: 20, quiet: 0, near: 1, slice: 0.25 } },
      },
    })
    const busy = [...forced].map((flow, t) => flow + (preemptive[t] ?? 0) > 0)
    // The first is closed at once; the second is sold in six slices, and is then safe.
    expect(busy).toEqual([true, true, true, true, true, true, false, false, false, false, false, false, false])
    expect(preemptive[5]).toBeGreaterThan(0)
    expect(absorbed).toBeCloseTo(
      [...forced, ...preemptive].reduce((sum, flow) => sum + flow, 0),
      9,
    )
    // From the second quiet step on: six of thirteen.
    expect(parties.backstop.units * Math.exp(-0.25)).toBeCloseTo(absorbed - 6 * 0.25, 9)
  })

  test('worked example: a reduction costs what it is filled below the index, and its fee', () => {
    const log = new Float64Array(7).fill(-0.25)
    log[0] = 0
    const book = { side: Int8Array.of(1), notional: Float64Array.of(64), equity: Float64Array.of(15.9), maintenance: new Float64Array(1) }
    const { cost, reduced, preemptive } = Replay.run({
      ...{ book, mandates: Uint8Array.of(1), path: { stepSeconds: 10, start: 0, log }, sigma: new Float64Array(6).fill(0.001) },
      // Gone within the step, so that every slice meets the index.
      market: { ...market, permanent: 0, temporary: 1e-5, halfLifeSeconds: 0.1, mandateFee: 0.001 },
      policy: { close: full, preemption, backstop: null },
    })
    const index = Math.exp(-0.25)
    // A slice x of units is filled, on average, half of 10⁻⁵·x below.
    const slice = (reduced[0] ?? 0) / 6
    const fill = (index * -Math.expm1(-1e-5 * slice)) / (1e-5 * slice)
    expect(preemptive.filter((flow) => flow > 0)).toHaveLength(6)
    expect(cost[0]).toBeCloseTo(6 * slice * (index - fill + 0.001 * fill), 9)
  })

  test('property: a shock that stands still is worked off step by step to the same fixed point', () => {
    const given = small(3, 'jump', 4e8)
    const log = new Float64Array(400).fill(-0.08)
    log[0] = 0
    const { price } = Replay.run({
      ...{ ...given, path: { stepSeconds: 10, start: 0, log }, sigma: new Float64Array(399), policy: policies.threshold },
      market: { ...market, temporary: 0, fee: 0 },
    })
    const { long } = Isolated.of(given.book)
    const curve = { side: 'long', thresholds: long.thresholds, notional: long.forced } as const
    const { x } = Cascade.run({ curve, impact: { kind: 'linear', slope: market.permanent }, shock: 0.08 })
    expect(-(price.at(-1) ?? Number.NaN)).toBeCloseTo(x, 9)
  })

  test('property: no money and no unit is made or lost, under any policy in any scenario', () => {
    for (const name of Scenario.names)
      for (const [label, policy] of Object.entries(policies))
        for (const openInterest of [1e8, 4e8]) {
          const given = small(7, name, openInterest)
          const { parties } = Replay.run({ ...given, policy })
          const { accounts, makers, backstop: held, reserves, unpaid } = parties
          const before = given.book.equity.reduce((sum, equity) => sum + equity, 0) + market.insurance + (policy.backstop?.capital ?? 0)
          const cash = accounts.cash + makers.cash + held.cash + reserves.fees + reserves.junior + reserves.insurance + reserves.senior
          // What nobody paid is what the books are short of.
          expect(Math.abs(cash - unpaid - before), `${name} ${label}`).toBeLessThan(0.01)
          expect(Math.abs(accounts.units + makers.units + held.units), `${name} ${label}`).toBeLessThan(1e-3)
        }
  })

  test('property: a debt is paid in the order of the waterfall before winners give anything up', () => {
    const given = small(7, 'jump', 4e8)
    const poor = Replay.run({ ...given, policy: policies.threshold })
    expect(poor.badDebt).toBeGreaterThan(market.insurance)
    expect(poor.parties.reserves.insurance).toBe(0)
    expect(poor.deleveraged).toBeGreaterThan(0)
    const rich = Replay.run({ ...given, market: { ...market, insurance: 1e9 }, policy: policies.threshold })
    expect(rich.badDebt).toBe(poor.badDebt)
    expect(rich.deleveraged).toBe(0)
    const { insurance } = rich.parties.reserves
    expect(insurance).toBeLessThan(1e9)
  })

  test('property: the same seed gives the same answer to the last digit, another seed another', () => {
    const policy = policies['predictive+backstop']
    expect(Replay.run({ ...small(5, 'ramp-crash', 4e8), policy })).toEqual(Replay.run({ ...small(5, 'ramp-crash', 4e8), policy }))
    expect(Replay.run({ ...small(6, 'ramp-crash', 4e8), policy }).price).not.toEqual(
      Replay.run({ ...small(5, 'ramp-crash', 4e8), policy }).price,
    )
  })

  test('property: without a mandate nobody is touched before the threshold, and the figures are those of threshold liquidation', () => {
    const given = small(5, 'ramp-crash', 4e8)
    const none = { ...given, mandates: new Uint8Array(given.mandates.length) }
    expect(Replay.run({ ...none, policy: policies.predictive })).toEqual(Replay.run({ ...given, policy: policies.threshold }))
  })

  test('property: no account is reduced by more than its window allows twice, or below nothing', () => {
    const given = small(5, 'ramp-crash', 4e8)
    const { reduced } = Replay.run({ ...given, policy: policies.predictive })
    expect(reduced.some((units) => units > 0)).toBe(true)
    for (const [account, units] of reduced.entries()) expect(units).toBeLessThanOrEqual((given.book.notional[account] ?? 0) * (1 + 1e-12))
  })

  test('edge: a market without depth effects moves nobody’s price, and a partial close leaves a part', () => {
    const given = small(5, 'ramp-crash', 1e8)
    const still = { ...market, permanent: 0, temporary: 0 }
    const whole = Replay.run({ ...given, market: still, policy: policies.threshold })
    expect(whole.price).toEqual(given.path.log.slice(given.path.start))
    const part = Replay.run({ ...given, market: still, policy: policies.partial })
    const sum = (flow: Float64Array) => flow.reduce((a, b) => a + b, 0)
    expect(sum(part.forced)).toBeLessThan(sum(whole.forced))
    expect(Math.max(...part.hits)).toBeGreaterThan(1)
  })

  test('property: prediction with a backstop halves the peak of a ramp crash and takes two thirds off what it adds', () => {
    const means = { threshold: { peak: 0, extra: 0, badDebt: 0 }, both: { peak: 0, extra: 0, badDebt: 0 } }
    for (let seed = 0; seed < 8; seed++) {
      const given = small(seed, 'ramp-crash', 4e8)
      for (const [arm, policy] of [
        ['threshold', policies.threshold],
        ['both', policies['predictive+backstop']],
      ] as const) {
        const whole = { ...given, policy }
        const outcome = Replay.run(whole)
        const { peak, extra, badDebt } = Scorecard.of({ given: whole, outcome, baseline: outcome.hits })
        const sums = means[arm]
        sums.peak += peak
        sums.extra += extra
        sums.badDebt += badDebt
      }
    }
    expect(means.both.peak).toBeLessThan(means.threshold.peak / 2)
    expect(means.both.extra).toBeLessThan(means.threshold.extra / 3)
    expect(means.both.badDebt).toBeLessThanOrEqual(means.threshold.badDebt)
  })

  test('error: forecasts that are not one a step, arrays that do not match, figures out of range', () => {
    const given = { ...small(5, 'calm', 1e8), policy: policies['predictive+backstop'] }
    const wrong: readonly Partial<Replay.Case>[] = [
      { sigma: new Float64Array(3) },
      { mandates: new Uint8Array(3) },
      { market: { ...market, permanent: -1 } },
      { market: { ...market, rounds: 0 } },
      { market: { ...market, fee: 1 } },
      { path: { ...given.path, start: given.path.log.length - 1 }, sigma: new Float64Array(0) },
      { policy: { ...given.policy, backstop: { ...backstop, junior: 2 } } },
      { policy: { ...given.policy, backstop: { ...backstop, capital: -1 } } },
      { policy: { ...given.policy, preemption: { ...preemption, capacity: 0 } } },
      { policy: { ...given.policy, close: { kind: 'share', share: 0, slices: 1 } } },
    ]
    for (const part of wrong) expect(() => Replay.run({ ...given, ...part })).toThrow(Figure.InvalidFigureError)
  })
})
