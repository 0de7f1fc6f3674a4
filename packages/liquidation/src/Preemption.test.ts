import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Crowd, Figure, Forecast, LiquidationCurve, Plan, Prediction, Preemption, Schedule } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

const terms: Preemption.Terms = {
  plan: {
    trigger: 0.3,
    release: 0.1,
    feePpm: 500,
    cooldownSeconds: 600,
    window: { seconds: 3_600, mostPpm: 500_000 },
    schedule: { slices: 6, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
    impactBudget: 0.02,
    policy: { kind: 'full' },
  },
  horizonSeconds: 3_600,
  calibrator: [],
  every: 6,
  capacity: 1e6,
  felt: 0.25,
}
const sigma = 0.02 / 60
const reach = Preemption.reach(terms, { sigma, stepSeconds: 10 })
const look: Preemption.Look = { side: 'long', sigma, stepSeconds: 10, slope: 5e-10, now: 7_200, reach }

const exact = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

/** The same question, asked of the liquidator's own plan. */
function asked(account: Preemption.Account, side: Book.Side, crowd: Crowd.Crowd, rules = terms.plan): Plan.Plan {
  const document: Book.Account = {
    account: 'a',
    equity: exact(account.equity),
    collateral: exact(account.equity),
    positions: [{ market: 'M', side, notional: exact(account.notional), maintenancePpm: Math.round(account.maintenance * 1e6) }],
  }
  const situation: Plan.Situation = {
    account: document,
    forecast: reach.forecast,
    markets: {
      M: {
        impact: { kind: 'linear', slope: look.slope },
        planned: { long: 0n, short: 0n },
        crowd: { long: crowd, short: crowd },
        depth: exact(terms.capacity),
        slippage: look.slope * terms.capacity,
        volume: exact(terms.capacity),
      },
    },
    mandate: { kind: 'granted', mostPpm: 1_000_000 },
    history: account.history.map(({ at, size }) => ({ at, size: exact(size) })),
    phase: account.phase,
    now: look.now,
  }
  return Plan.of(situation, Prediction.of(document, reach.forecast), rules)
}

describe('reach', () => {
  test('worked example: half a chance in an hour of 2 % is 0.6745 deviations less what looking every ten seconds gives', () => {
    const nearer = 0.5825971579390106 * Math.sqrt(10 / 3_600)
    const half = Preemption.reach({ ...terms, plan: { ...terms.plan, trigger: 0.5 } }, { sigma, stepSeconds: 10 })
    expect(half.trigger).toBeCloseTo(0.02 * (0.6744897501960817 - nearer), 9)
    expect(half.release).toBeGreaterThan(half.trigger)
    // Five deviations, and what a plan may push.
    expect(half.horizon).toBeCloseTo(5 * 0.02 + 0.02, 12)
  })
})

describe('judge', () => {
  // t = 1 − 0.98·e^(−d) at the release, (t·1,000,000 − 30,000)/(t − 0.0005).
  const target = 1 - 0.98 * Math.exp(-reach.release)
  const wanted = (target * 1e6 - 3e4) / (target - 0.0005)
  const distance = Math.log(0.98 / 0.97)
  const told = (history: Preemption.Account['history'], phase: Plan.Phase = 'armed', crowded = 0) => {
    const walls = [{ at: distance, notional: 1e6 }, ...(crowded > 0 ? [{ at: 0.03, notional: crowded }] : [])]
    const curve = LiquidationCurve.fromWalls('long', walls)
    const crowd = Crowd.of(curve, { forecast: reach.forecast, market: 'M', shift: terms.plan.impactBudget })
    const account = { account: 0, equity: 3e4, notional: 1e6, maintenance: 0.02, distance, phase, history }
    return Preemption.judge(terms, look, { account, crowd })
  }
  const sizeOf = (verdict: Preemption.Verdict) => (verdict.action === 'reduce' ? verdict.size : Number.NaN)

  test('worked example: as much as the release asks for, and what the window leaves where that is less', () => {
    expect(sizeOf(told([]))).toBeCloseTo(wanted, 6)
    // (1,000,000 + 400,000)/2 − 400,000; an hour ago counts no more.
    expect(sizeOf(told([{ at: 3_700, size: 4e5 }]))).toBe(3e5)
    expect(sizeOf(told([{ at: 3_600, size: 4e5 }]))).toBeCloseTo(wanted, 6)
    expect(told([{ at: 3_700, size: 1e6 }])).toEqual({ action: 'hold', reason: 'window', phase: 'armed' })
  })
  test('edge: the cooldown is over to the second, and does not hold what has begun', () => {
    expect(told([{ at: 6_601, size: 1 }])).toEqual({ action: 'hold', reason: 'cooldown', phase: 'armed' })
    expect(told([{ at: 6_600, size: 1 }]).action).toBe('reduce')
    expect(told([{ at: 7_199, size: 1 }], 'reducing').action).toBe('reduce')
  })
  test('edge: exactly at maintenance it is not liquidated yet, exactly at the trigger it is reduced', () => {
    const crowd = Crowd.of(LiquidationCurve.fromWalls('long', []), { forecast: reach.forecast, market: 'M', shift: 0.02 })
    const at = (equity: number, far: number, phase: Plan.Phase = 'armed') => {
      const account = { account: 0, equity, notional: 1e6, maintenance: 0.02, distance: far, phase, history: [] }
      return Preemption.judge(terms, look, { account, crowd }).action
    }
    expect([at(20_000, 0), at(19_999, 0)]).toEqual(['reduce', 'liquidate'])
    expect([at(3e4, reach.trigger), at(3e4, reach.trigger * 1.001)]).toEqual(['reduce', 'wait'])
    expect([at(3e4, reach.release, 'reducing'), at(3e4, reach.release * 1.001, 'reducing')]).toEqual(['reduce', 'wait'])
  })
  test('bug: a fee of more than an account has was a relief where all of it may be closed; it is none, as in `Plan.of`', () => {
    const curve = LiquidationCurve.fromWalls('long', [{ at: distance, notional: 1e6 }])
    const crowd = Crowd.of(curve, { forecast: reach.forecast, market: 'M', shift: terms.plan.impactBudget })
    const account = { account: 0, equity: 3e4, notional: 1e6, maintenance: 0.02, distance, phase: 'armed', history: [] } as const
    for (const feePpm of [29_000, 40_000, 60_000]) {
      const given = { ...terms, plan: { ...terms.plan, feePpm, window: { seconds: 3_600, mostPpm: 1_000_000 } } }
      const verdict = Preemption.judge(given, look, { account, crowd })
      const plan = asked(account, 'long', crowd, given.plan)
      expect([verdict.action, verdict.action === 'hold' && verdict.reason]).toEqual([plan.action, plan.action === 'hold' && plan.reason])
      expect(verdict.action).toBe(feePpm < 30_000 ? 'reduce' : 'hold')
    }
  })
  test('edge: no more is pushed over than is taken away', () => {
    // A move of κ·x pushes (P(0.01) − P(0.03))·κx/0.02 of the crowd, and 1,000,000·P(d) − what is left of it is taken away.
    expect(told([], 'armed', 1e8).action).toBe('reduce')
    expect(told([], 'armed', 1.18e8)).toMatchObject({ action: 'hold', reason: 'raises-n' })
  })
  test('property: what `Plan.of` says of the account by itself: action, reason, size and priority', () => {
    const some = fc.record({
      side: fc.constantFrom<Book.Side>('long', 'short'),
      notional: fc.integer({ min: 1_000, max: 20_000_000 }),
      ratio: fc.integer({ min: 15_000, max: 90_000 }),
      phase: fc.constantFrom<Plan.Phase>('armed', 'reducing'),
      history: fc.array(fc.record({ at: fc.integer({ min: 3_000, max: 7_199 }), size: fc.integer({ min: 1, max: 3_000_000 }) }), {
        maxLength: 3,
      }),
      crowded: fc.integer({ min: 0, max: 400_000_000 }),
    })
    fc.assert(
      fc.property(some, ({ side, notional, ratio, phase, history, crowded }) => {
        const equity = (notional * ratio) / 1e6
        const maintenance = 0.02
        const distance = LiquidationCurve.distance({ side, notional, equity, maintenance }) ?? Number.POSITIVE_INFINITY
        const walls = [
          { at: distance, notional },
          { at: 0.03, notional: crowded + 1 },
        ]
        const crowd = Crowd.of(LiquidationCurve.fromWalls(side, walls), {
          forecast: reach.forecast,
          market: 'M',
          shift: terms.plan.impactBudget,
        })
        const account = { account: 0, equity, notional, maintenance, distance, phase, history: history.sort((a, b) => a.at - b.at) }
        const verdict = Preemption.judge(terms, { ...look, side }, { account, crowd })
        const plan = asked(account, side, crowd)
        expect([verdict.action, verdict.phase]).toEqual([plan.action, plan.phase])
        if (verdict.action === 'hold' && plan.action === 'hold') expect(verdict.reason).toBe(plan.reason)
        if (verdict.action === 'reduce' && plan.action === 'reduce') {
          expect(verdict.size).toBeCloseTo(Book.usd(plan.size), 2)
          expect(Math.abs(verdict.priority - plan.priority)).toBeLessThanOrEqual(1e-9 + 1e-6 * Math.abs(plan.priority))
        }
      }),
      { numRuns },
    )
  })
})

describe('plan', () => {
  const near = (account: number, notional: number, ratio: number, maintenance = 0.02): Preemption.Account => {
    const equity = notional * ratio
    const distance = LiquidationCurve.distance({ side: 'long', notional, equity, maintenance }) ?? Number.POSITIVE_INFINITY
    return { account, equity, notional, maintenance, distance, phase: 'armed', history: [] }
  }
  const walls = (accounts: readonly Preemption.Account[]) => accounts.map(({ distance, notional }) => ({ at: distance, notional }))

  test('edge: nobody near is no order', () => {
    expect(Preemption.plan(terms, look, { near: [], walls: [] })).toEqual({ orders: [], phases: [] })
  })
  test('worked example: six even slices of what the account is told, whoever is most urgent first', () => {
    const accounts = [near(4, 1e5, 0.035), near(2, 1e5, 0.03)]
    const { orders, phases } = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) })
    expect(orders.map(({ account }) => account)).toEqual([2, 4])
    expect(phases.map(({ account, phase }) => [account, phase])).toEqual([
      [2, 'reducing'],
      [4, 'reducing'],
    ])
    for (const { slices } of orders) expect(slices).toEqual(new Array(6).fill(slices[0]))
  })
  test('edge: who is beyond help takes nothing from the next', () => {
    const accounts = [near(1, 1e5, 0.015), near(2, 1e5, 0.03)]
    const { orders, phases } = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) })
    expect(orders.map(({ account }) => account)).toEqual([2])
    expect(phases.map(({ phase }) => phase)).toEqual(['armed', 'reducing'])
  })
  test('edge: the nearest is asked first, what removes most by USD is closed first, and nothing of who is left without', () => {
    // 5 % of maintenance stop the first nearer, and keep it further from owing.
    const told = (notional: number) => {
      const accounts = [near(1, 1e5, 0.06, 0.05), near(2, notional, 0.035)]
      const { orders, phases } = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) })
      return [phases.map(({ account }) => account), orders.map(({ account }) => account)]
    }
    expect(told(1e5)).toEqual([
      [1, 2],
      [2, 1],
    ])
    // Six steps' capacity is all for one.
    expect(told(1e9)).toEqual([[1, 2], [2]])
  })
  test('edge: of two that are alike the first by number; where one takes all that there is the other is not asked', () => {
    const told = (notional: number) => {
      const accounts = [near(4, notional, 0.03), near(2, notional, 0.03)]
      const { orders, phases } = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) })
      return [phases.map(({ account }) => account), orders.map(({ account }) => account)]
    }
    expect(told(1e5)).toEqual([
      [2, 4],
      [2, 4],
    ])
    expect(told(1e8)).toEqual([[2], [2]])
  })
  test('edge: what holds an account is said', () => {
    const waiting = { ...near(1, 1e5, 0.03), history: [{ at: 7_000, size: 1 }] }
    const accounts = [waiting, near(2, 1e5, 0.03)]
    expect(Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) }).phases).toEqual([
      { account: 1, phase: 'armed', held: 'cooldown' },
      { account: 2, phase: 'reducing', held: null },
    ])
  })
  test('property: all orders of a look fit the capacity of its steps', () => {
    const accounts = Array.from({ length: 40 }, (_, k) => near(k, 2e6, 0.025 + 0.0003 * k))
    const { orders, phases } = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) })
    const total = orders.reduce((sum, { slices }) => sum + slices.reduce((a, b) => a + b, 0), 0)
    expect(total).toBeCloseTo(6e6, 3)
    expect(phases.length).toBeLessThan(40)
  })
  test('edge: aversion closes more at first, and the same in all', () => {
    const urgent = { ...terms, plan: { ...terms.plan, schedule: { ...terms.plan.schedule, aversion: 1 } } }
    const accounts = [near(2, 1e5, 0.03)]
    const [even] = Preemption.plan(terms, look, { near: accounts, walls: walls(accounts) }).orders
    const [steep] = Preemption.plan(urgent, look, { near: accounts, walls: walls(accounts) }).orders
    const sum = (slices: readonly number[] = []) => slices.reduce((a, b) => a + b, 0)
    expect(sum(steep?.slices)).toBeCloseTo(sum(even?.slices), 6)
    // A minute in six slices of ten seconds, each filled at the slope.
    const schedule = { horizon: 60, slices: 6, sigma, permanent: look.slope, temporary: look.slope * 10, spread: 0, aversion: 1 }
    const { trades } = Schedule.plan({ amount: sum(even?.slices), ...schedule })
    expect(steep?.slices).toEqual(trades.map((trade) => expect.closeTo(trade, 6)))
    expect(trades[0] ?? 0).toBeGreaterThan(2 * (even?.slices[0] ?? 0))
  })
})

describe('assert', () => {
  test('error: a capacity of nothing, a share above 1, a look of no steps', () => {
    expect(() => Preemption.assert({ ...terms, capacity: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Preemption.assert({ ...terms, felt: 2 })).toThrow(Figure.InvalidFigureError)
    expect(() => Preemption.assert({ ...terms, every: 0 })).toThrow(Figure.InvalidFigureError)
    expect(Preemption.assert(terms)).toBeUndefined()
    expect(Preemption.assert({ ...terms, every: 1 })).toBeUndefined()
    expect(Forecast.of(reach.forecast)).toBe(reach.forecast)
  })
})
