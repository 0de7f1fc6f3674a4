import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Book, Crowd, Figure, Forecast, Impact, LiquidationCurve, Plan, Prediction, Relief, Slices } from './index.ts'
import { crossed, hour, names, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** An hour in which each market has a spread of 2 %, looked at every minute. */
const forecast = hour(0.02)

const terms: Plan.Terms = {
  ...{ trigger: 0.05, release: 0.01, feePpm: 500, cooldownSeconds: 600, window: { seconds: 86_400, mostPpm: 800_000 } },
  schedule: { slices: 5, seconds: 300, aversion: 0, participationPpm: 100_000 },
  ...{ impactBudget: 0.01, policy: { kind: 'full' } },
}

/** A long of 100,000 USD with 5 % maintenance. */
const long = (equity: number): Book.Account => ({
  ...{ account: 'a', equity: usd(equity), collateral: usd(equity) },
  positions: [{ market: 'ETH', side: 'long', notional: usd(100_000), maintenancePpm: 50_000 }],
})

const at = (name: string, notional: number, maintenancePpm = 50_000): Book.Position => ({
  ...{ market: name, side: 'long', notional: usd(notional), maintenancePpm },
})
const among = (equity: number, positions: readonly Book.Position[]): Book.Account => ({ ...long(equity), positions })

const crowdOf = (walls: readonly { readonly at: number; readonly notional: number }[]) =>
  Crowd.of(LiquidationCurve.fromWalls('long', walls), { forecast, market: 'ETH', shift: terms.impactBudget })
const nobody = crowdOf([])

const market: Plan.Market = {
  ...{ impact: { kind: 'linear', slope: 1e-9 }, depth: usd(1e6), slippage: 0.001, volume: usd(1e7) },
  ...{ planned: { long: 0n, short: 0n }, crowd: { long: nobody, short: nobody } },
}

const situation = (equity: number, over: Partial<Plan.Situation> = {}): Plan.Situation => ({
  ...{ account: long(equity), forecast, markets: { ETH: market }, mandate: { kind: 'granted', mostPpm: 1_000_000 } },
  ...{ history: [], phase: 'armed', now: 1_000_000 },
  ...over,
})

const plan = (given: Plan.Situation, rules = terms) => Plan.of(given, Prediction.of(given.account, given.forecast), rules)
const sizeOf = (found: Plan.Plan) => (found.action === 'reduce' ? Number(found.size) / 1e18 : Number.NaN)

describe('of', () => {
  test('worked example: a long 3.65 % above its liquidation price is reduced until a breach has 1 %', () => {
    const given = situation(8_400)
    const found = plan(given)
    if (found.action !== 'reduce') throw new Error(found.action)
    const target = found.target.ratio ?? Number.NaN
    expect(target).toBeCloseTo(0.0963428, 6)
    expect(found).toMatchObject({ reason: 'probable', phase: 'reducing', market: 'ETH', side: 'long', bound: 'none' })
    expect(sizeOf(found)).toBeCloseTo((target * 100_000 - 8_400) / (target - 0.0005), 4)
    expect(found.after.probability).toBeCloseTo(0.01, 9)
    expect(found.slices.reduce((sum, each) => sum + each, 0n)).toBe(found.size)
    expect(found.slices).toHaveLength(5)
    const before = Prediction.of(given.account, forecast)
    const left = Prediction.of(Relief.reduced(given.account, { market: 'ETH', size: found.size, feePpm: 500 }), forecast)
    if (before.status === 'unknown' || left.status === 'unknown') throw new Error('unknown')
    expect(found.priority).toBeCloseTo((before.shortfall - left.shortfall) / sizeOf(found), 15)
  })

  test('edge: a trigger at which nothing happens yet, and at which it does', () => {
    const { probability } = Prediction.of(long(8_400), forecast) as Prediction.Exposed
    expect(plan(situation(8_400), { ...terms, trigger: probability + 1e-9 })).toEqual({
      action: 'wait',
      reason: 'improbable',
      phase: 'armed',
      probability,
    })
    expect(plan(situation(8_400), { ...terms, trigger: probability }).action).toBe('reduce')
  })

  test('edge: a reduction under way goes on below the trigger, and ends at the release', () => {
    const equity = 9_200
    const { probability } = Prediction.of(long(equity), forecast) as Prediction.Exposed
    expect(probability).toBeLessThan(terms.trigger)
    expect(plan(situation(equity)).action).toBe('wait')
    expect(plan(situation(equity, { phase: 'reducing' }))).toMatchObject({ action: 'reduce', reason: 'unfinished' })
    expect(plan(situation(equity, { phase: 'reducing' }), { ...terms, release: probability })).toMatchObject({
      action: 'wait',
      phase: 'armed',
    })
  })

  test('edge: without a mandate nothing is done before the breach, and all at it', () => {
    const mandate = { kind: 'none' } as const
    expect(plan(situation(8_400, { mandate }))).toMatchObject({ action: 'wait', reason: 'no-mandate' })
    expect(plan(situation(5_000, { mandate, phase: 'reducing' }))).toMatchObject({ action: 'wait', reason: 'no-mandate', phase: 'armed' })
    expect(plan(situation(4_999, { mandate }))).toEqual({ action: 'liquidate', reason: 'breached', phase: 'armed', share: Fixed.one })
  })

  test('worked example: at the breach as much as the policy says, up', () => {
    const partial: Plan.Terms = { ...terms, policy: { kind: 'target', target: 1.5, slices: 4 } }
    const found = plan(situation(4_000), partial)
    // (7,500 − 4,000)/(7,500 − 50) = 46.98 %.
    if (found.action !== 'liquidate') throw new Error(found.action)
    expect(found.share).toBe(469_798_658n * 10n ** 9n)
    // As many slices as there are: not the last one yet.
    expect(plan(situation(4_000), { ...terms, policy: { kind: 'share', share: 0.25, slices: 1 } })).toMatchObject({ share: Fixed.one / 4n })
  })

  test('edge: nothing to do, and nothing known', () => {
    expect(plan(situation(8_400, { account: { ...long(8_400), positions: [] }, phase: 'reducing' }))).toMatchObject({
      action: 'wait',
      reason: 'safe',
      phase: 'armed',
    })
    const blind = { ...forecast, markets: {} }
    expect(plan(situation(8_400, { forecast: blind, phase: 'reducing' }))).toEqual({
      action: 'hold',
      reason: 'no-forecast',
      phase: 'reducing',
      probability: null,
    })
    expect(plan(situation(4_999, { forecast: blind })).action).toBe('liquidate')
  })

  test('edge: after a reduction nothing new begins before the cooldown is over; one under way goes on', () => {
    const history = [
      { at: 999_000, size: 1n },
      { at: 999_400, size: 1n },
    ]
    expect(plan(situation(8_400, { history })).action).toBe('reduce')
    expect(plan(situation(8_400, { history, now: 999_999 }))).toMatchObject({ action: 'hold', reason: 'cooldown', phase: 'armed' })
    expect(plan(situation(8_400, { history, now: 999_999, phase: 'reducing' })).action).toBe('reduce')
  })

  test('edge: no more than the share of the window, of the rule or of the mandate', () => {
    const small = { ...terms, window: { seconds: 86_400, mostPpm: 100_000 } }
    expect(plan(situation(8_400), small)).toMatchObject({ bound: 'window', size: usd(10_000) })
    expect(plan(situation(8_400, { mandate: { kind: 'granted', mostPpm: 50_000 } }))).toMatchObject({ bound: 'window', size: usd(5_000) })
    expect(
      plan(situation(8_400, { history: [{ at: 900_000, size: usd(25_000) }] }), {
        ...terms,
        window: { seconds: 100_001, mostPpm: 200_000 },
      }),
    ).toMatchObject({
      ...{ action: 'hold', reason: 'window' },
    })
    // A window later it is forgotten.
    expect(
      plan(situation(8_400, { history: [{ at: 900_000, size: usd(25_000) }] }), {
        ...terms,
        window: { seconds: 100_000, mostPpm: 200_000 },
      }).action,
    ).toBe('reduce')
  })

  test('edge: no more than moves the price by the budget, with what is planned already', () => {
    const narrow = { ...terms, impactBudget: 1e-5 }
    expect(plan(situation(8_400), narrow)).toMatchObject({ bound: 'impact', size: usd(10_000) })
    const planned = { long: usd(4_000), short: usd(9e9) }
    expect(plan(situation(8_400, { markets: { ETH: { ...market, planned } } }), narrow)).toMatchObject({
      bound: 'impact',
      size: usd(6_000),
    })
    expect(plan(situation(8_400, { markets: { ETH: { ...market, planned: { long: usd(10_001), short: 0n } } } }), narrow)).toMatchObject({
      action: 'hold',
      reason: 'impact',
    })
  })

  test('edge: no more than the market takes in the slices', () => {
    const shallow = { ...market, depth: usd(1_000) }
    expect(plan(situation(8_400, { markets: { ETH: shallow } }))).toMatchObject({
      bound: 'depth',
      size: usd(5_000),
      slices: [1_000, 1_000, 1_000, 1_000, 1_000].map(usd),
    })
    expect(plan(situation(8_400, { markets: { ETH: { ...market, depth: 0n } } }))).toMatchObject({ action: 'hold', reason: 'depth' })
  })

  test('edge: a sale that brings on more than it removes is not made', () => {
    const steep = { ...market, impact: { kind: 'linear', slope: 5e-7 } as const }
    const wall = (notional: number) => ({
      ...steep,
      crowd: {
        long: crowdOf([
          { at: Math.log(95 / 91.6), notional: 100_000 },
          { at: 0.03, notional },
        ]),
        short: nobody,
      },
    })
    expect(plan(situation(8_400, { markets: { ETH: wall(10_000) } })).action).toBe('reduce')
    expect(plan(situation(8_400, { markets: { ETH: wall(1_000_000) } }))).toMatchObject({
      action: 'hold',
      reason: 'raises-n',
      phase: 'armed',
    })
    // What others are to sell pushes by itself, and has been held against what they remove.
    const planned = { long: usd(5_000), short: 0n }
    const acts = (notional: number, over: Partial<Plan.Market>) =>
      plan(situation(8_400, { markets: { ETH: { ...wall(notional), ...over } } })).action
    expect([45_000, 50_000].map((notional) => acts(notional, {}))).toEqual(['reduce', 'hold'])
    expect([45_000, 50_000].map((notional) => acts(notional, { planned }))).toEqual(['reduce', 'hold'])
    // Of shorts there is nobody: it is the side that is sold that counts.
    expect(
      plan(situation(8_400, { markets: { ETH: { ...wall(1_000_000), crowd: { long: nobody, short: wall(1_000_000).crowd.long } } } }))
        .action,
    ).toBe('reduce')
  })

  test('edge: the market that relieves most by USD first, and another where the first is closed to it', () => {
    const account: Book.Account = {
      ...{ account: 'a', equity: usd(9_000), collateral: usd(9_000) },
      positions: [
        { market: 'BTC', side: 'long', notional: usd(50_000), maintenancePpm: 50_000 },
        { market: 'ETH', side: 'long', notional: usd(50_000), maintenancePpm: 50_000 },
      ],
    }
    const wild = {
      ...forecast,
      markets: { ...forecast.markets, ETH: { variance: 0.0016, loading: 0.8, jumps: { probability: 0, sigma: 0 } } },
    }
    const given = (eth: Plan.Market) => situation(9_000, { account, forecast: wild, markets: { BTC: market, ETH: eth } })
    expect(plan(given(market))).toMatchObject({ action: 'reduce', market: 'ETH', target: { ratio: null } })
    expect(plan(given({ ...market, depth: 0n }))).toMatchObject({ action: 'reduce', market: 'BTC' })
  })

  test('edge: a market that reaches the target before one that relieves more by USD and falls short', () => {
    const wild = { ...forecast, markets: { ...forecast.markets, ETH: { variance: 0.0036, loading: 0.8, jumps: Forecast.still } } }
    const account = among(8_400, [at('BTC', 95_000), at('ETH', 5_000)])
    const given = situation(0, { account, forecast: wild, markets: { BTC: market, ETH: market } })
    const found = plan(given) as Plan.Reduction
    expect(found).toMatchObject({ market: 'BTC', bound: 'none' })
    expect(plan({ ...given, account: among(8_400, account.positions.toReversed()) })).toEqual(found)
    const short = plan({ ...given, markets: { BTC: { ...market, depth: 0n }, ETH: market } }) as Plan.Reduction
    expect(short).toMatchObject({ market: 'ETH', bound: 'position', size: usd(5_000) })
    expect(short.priority).toBeGreaterThan(found.priority)
  })

  test('property: in whatever order positions stand: of equals the first by name, of those that owe nothing the smaller sale', () => {
    const either = (account: Book.Account, spread: number) => {
      const given = situation(0, { account, forecast: hour(spread), markets: { BTC: market, ETH: market } })
      const found = plan(given)
      expect(plan({ ...given, account: { ...account, positions: account.positions.toReversed() } })).toEqual(found)
      return found
    }
    expect(either(among(8_000, [at('BTC', 50_000), at('ETH', 50_000)]), 0.02)).toMatchObject({ action: 'reduce', market: 'BTC' })
    // Forty spreads above nothing: no debt is expected, and a maintenance of 30 % is freed sooner than one of 20 %.
    expect(either(among(25_250, [at('BTC', 50_000, 200_000), at('ETH', 50_000, 300_000)]), 0.002)).toMatchObject({
      ...{ action: 'reduce', market: 'ETH', priority: 0 },
    })
  })

  test('edge: caps that are as much as is wanted bind nothing, and of two that are alike the window is named', () => {
    const account = among(5_100, [at('BTC', 50_000), at('ETH', 50_000)])
    const half = { ...terms, window: { seconds: 1, mostPpm: 500_000 } }
    const given = (impactBudget: number) =>
      plan(situation(0, { account, forecast: hour(0.05), markets: { BTC: market, ETH: market } }), { ...half, impactBudget })
    expect(given(0.01)).toMatchObject({ bound: 'position', size: usd(50_000) })
    const fifth = { ...half, window: { seconds: 1, mostPpm: 200_000 } }
    // 20,000 USD move the price by 2·10⁻⁵.
    expect(plan(situation(6_000), { ...fifth, impactBudget: 2e-5 })).toMatchObject({ bound: 'window', size: usd(20_000) })
  })

  test('edge: a window that is used up is named before a fee that eats the margin; a unit that is left relieves nobody', () => {
    const closed = (size: bigint) => situation(8_400, { history: [{ at: 999_000, size }] })
    expect(plan(closed(usd(400_000)), { ...terms, feePpm: 90_000 })).toMatchObject({ action: 'hold', reason: 'window' })
    expect(plan(closed(usd(400_000) - 5n), terms)).toMatchObject({ action: 'hold', reason: 'no-relief', phase: 'armed' })
  })

  test('worked example: with other positions and coins beside it a sale is held against the wall where the curve has it', () => {
    const holdings = [
      { market: 'BTC', value: usd(3_000) },
      { market: 'ETH', value: usd(10_000) },
    ]
    const account: Book.Account = { ...among(13_500, [at('BTC', 40_000, 100_000), at('ETH', 100_000)]), holdings }
    const [wall = 0] = LiquidationCurve.of({ accounts: [account] }, 'ETH', 'long').thresholds
    const beside = (notional: number) => {
      const others = [
        { at: wall, notional: 100_000 },
        { at: 0.03, notional },
      ]
      const eth: Plan.Market = {
        ...{ ...market, impact: { kind: 'linear', slope: 5e-7 } },
        crowd: { long: crowdOf(others), short: nobody },
      }
      return plan(situation(0, { account, markets: { BTC: { ...market, depth: 0n }, ETH: eth } }))
    }
    const found = beside(0) as Plan.Reduction
    // 20,000 USD move the price by the whole budget of 1 %.
    expect(found).toMatchObject({ bound: 'impact', size: usd(20_000) })
    const p = (distance: number) => Crowd.probability(nobody, distance)
    const most = (100_000 * found.probability - 80_000 * found.after.probability) / (p(0.02) - p(0.03))
    expect(beside(most * (1 - 1e-9)).action).toBe('reduce')
    expect(beside(most * (1 + 1e-9)).action).toBe('hold')
  })

  test('edge: a fee that eats the margin: no relief', () => {
    expect(plan(situation(8_400), { ...terms, feePpm: 90_000 })).toMatchObject({ action: 'hold', reason: 'no-relief' })
  })

  test('property: never flips, never above a cap, always less probable and never more forced flow expected than before', () => {
    fc.assert(
      fc.property(
        crossed,
        fc.double({ min: 0.005, max: 0.05, noNaN: true }),
        fc.array(
          fc.record({ at: fc.double({ min: 0.011, max: 0.2, noNaN: true }), notional: fc.double({ min: 1, max: 1e6, noNaN: true }) }),
          { maxLength: 8 },
        ),
        fc.double({ min: 1e-12, max: 1e-6, noNaN: true }),
        (account, sigma, others, slope) => {
          const expected = hour(sigma)
          const impact: Impact.Impact = { kind: 'linear', slope }
          const crowd = (side: Book.Side, name: string) => {
            const own = LiquidationCurve.of({ accounts: [account] }, name, side)
            const walls = [...own.thresholds].map((at, j) => ({ at, notional: own.notional[j] ?? 0 }))
            return Crowd.of(LiquidationCurve.fromWalls(side, [...others, ...walls]), {
              forecast: expected,
              market: name,
              shift: terms.impactBudget,
            })
          }
          const markets = Object.fromEntries(
            names.map((name) => [
              name,
              { ...market, impact, depth: usd(1e9), volume: usd(1e10), crowd: { long: crowd('long', name), short: crowd('short', name) } },
            ]),
          )
          const found = plan(situation(0, { account, forecast: expected, markets }))
          if (found.action !== 'reduce') return
          const before = account.positions.find((each) => each.market === found.market)
          if (before === undefined) throw new Error('no such position')
          expect(found.side).toBe(before.side)
          expect(found.size).toBeGreaterThan(0n)
          expect(found.size).toBeLessThanOrEqual(before.notional)
          expect(found.after.probability).toBeLessThan(found.probability)
          const move = Impact.of(impact, Number(found.size) / 1e18)
          expect(move).toBeLessThanOrEqual(terms.impactBudget)
          const p = (at: number) => Crowd.probability(markets[found.market]?.crowd[found.side] as Crowd.Crowd, at)
          const brought = others.reduce((sum, { at, notional }) => sum + notional * (p(at - move) - p(at)), 0)
          const [open, sold] = [Number(before.notional) / 1e18, Number(found.size) / 1e18]
          expect(brought).toBeLessThanOrEqual(open * found.probability - (open - sold) * found.after.probability + 1e-6)
        },
      ),
      { numRuns },
    )
  })

  test('property: no chatter: between release and trigger a phase never changes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 6_000, max: 12_000 }), { maxLength: 40 }), (equities) => {
        let phase: Plan.Phase = 'armed'
        for (const equity of equities) {
          const given = situation(equity, { phase })
          const { probability } = Prediction.of(given.account, forecast) as Prediction.Exposed
          const next = plan(given).phase
          if (next !== phase) expect(next === 'reducing' ? probability >= terms.trigger : probability <= terms.release).toBe(true)
          phase = next
        }
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('property: once a reduction is carried out nothing more is planned at the same prices', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_600, max: 9_000 }), (equity) => {
        const found = plan(situation(equity))
        if (found.action !== 'reduce' || found.bound !== 'none') return
        const account = Relief.reduced(long(equity), { market: 'ETH', size: found.size, feePpm: terms.feePpm })
        const history = [{ at: 1_000_000, size: found.size }]
        expect(plan(situation(equity, { account, phase: 'reducing', history }))).toMatchObject({
          action: 'wait',
          reason: 'improbable',
          phase: 'armed',
        })
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('error: terms that are none, and a market without its conditions', () => {
    const bad: readonly Partial<Plan.Terms>[] = [
      { trigger: 0.01 },
      { trigger: 1.1 },
      { release: 0 },
      { impactBudget: -1 },
      { cooldownSeconds: -1 },
      { window: { seconds: 0, mostPpm: 1 } },
      { window: { seconds: 1, mostPpm: 1_000_001 } },
      { policy: { kind: 'share', share: 0, slices: 1 } },
    ]
    for (const each of bad) expect(() => plan(situation(8_400), { ...terms, ...each })).toThrow(Figure.InvalidFigureError)
    expect(plan(situation(8_400), { ...terms, window: { seconds: 1, mostPpm: 1_000_000 } }).action).toBe('reduce')
    expect(() => plan(situation(8_400, { markets: {} }))).toThrow(
      expect.objectContaining({ name: 'Figure.InvalidFigureError', figure: 'conditions of ETH', value: 0 }),
    )
  })
})

describe('allowance', () => {
  test('rounding: down; what was closed counts as open too, what is older than the window does not', () => {
    const account = { ...long(1), positions: [{ market: 'ETH', side: 'long' as const, notional: 99n, maintenancePpm: 0 }] }
    const at = (size: bigint, when: number) =>
      Plan.allowance(situation(1, { account, history: [{ at: when, size }], now: 100 }), {
        ...terms,
        window: { seconds: 50, mostPpm: 500_000 },
      })
    expect(at(0n, 60)).toBe(49n)
    expect(at(11n, 51)).toBe(44n)
    expect(at(11n, 50)).toBe(49n)
    expect(at(500n, 60)).toBe(0n)
    expect(Plan.allowance(situation(1, { account, mandate: { kind: 'none' } }), terms)).toBe(0n)
  })
})

describe('room', () => {
  test('worked example: 1 % at 1 % by a million USD', () => {
    const impact: Impact.Impact = { kind: 'linear', slope: 1e-8 }
    expect(Plan.room(impact, 0n, 0.01)).toBe(usd(1e6))
    expect(Plan.room(impact, usd(400_000), 0.01)).toBe(usd(600_000))
    expect(Plan.room(impact, usd(1e6), 0.01)).toBe(0n)
    expect(Plan.room(impact, usd(1e6 + 1), 0.01)).toBe(0n)
  })

  test('edge: where nothing moves the price, 2⁶⁴ − 1 USD', () => {
    expect(Plan.room({ kind: 'linear', slope: 0 }, 0n, 0.01)).toBe((2n ** 64n - 1n) * Fixed.one)
  })

  test('rounding: down to whole USD', () => {
    const impact: Impact.Impact = { kind: 'squareRoot', coefficient: 0.04, volume: 1e9 }
    const found = Number(Plan.room(impact, usd(0.5), 0.001)) / 1e18
    expect(Number.isInteger(found)).toBe(true)
    expect(Impact.of(impact, found + 0.5)).toBeLessThanOrEqual(0.001)
    expect(Impact.of(impact, found + 1.5)).toBeGreaterThan(0.001)
  })
})

describe('rank', () => {
  const reduction = plan(situation(8_400)) as Plan.Reduction
  const candidate = (account: string, priority: number, size: number, name = 'ETH'): Plan.Candidate => ({
    account,
    plan: { ...reduction, market: name, priority, size: usd(size) },
  })

  test('worked example: what removes most by USD first, until the market has had enough', () => {
    const found = Plan.rank(
      [candidate('c', 1, 100), candidate('a', 3, 50), candidate('b', 3, 60), candidate('d', 9, 10, 'BTC'), candidate('e', 9, 10, 'SOL')],
      {
        ETH: usd(130),
        BTC: usd(5),
      },
    )
    expect(found.map(({ account, granted }) => [account, granted])).toEqual([
      ['d', usd(5)],
      ['e', 0n],
      ['a', usd(50)],
      ['b', usd(60)],
      ['c', usd(20)],
    ])
  })

  test('property: the order of the candidates says nothing, and no cap is passed', () => {
    const candidates = fc.uniqueArray(
      fc.tuple(
        fc.string({ minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(...names),
      ),
      { selector: ([account]) => account, maxLength: 12 },
    )
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 300 }), (list, cap) => {
        const given = list.map(([account, priority, size, name]) => candidate(account, priority, size, name))
        const caps = { BTC: usd(cap), ETH: usd(cap / 2) }
        const found = Plan.rank(given, caps)
        expect(Plan.rank(given.toReversed(), caps)).toEqual(found)
        for (const name of names) {
          const sum = found.reduce((total, { plan: { market: at }, granted }) => (at === name ? total + granted : total), 0n)
          expect(sum).toBeLessThanOrEqual((caps as Record<string, bigint>)[name] ?? 0n)
        }
      }),
      { numRuns },
    )
  })
})

test('worked example: slices of a plan are those of its market', () => {
  const found = plan(situation(8_400)) as Plan.Reduction
  expect(found.slices).toEqual(Slices.of(found.size, { market, planned: 0n, forecast, name: 'ETH', terms: terms.schedule }))
})
