import { describe, expect, test } from 'vitest'
import * as Crowd from './Crowd.ts'
import * as Exchange from './Exchange.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Preemption from './Preemption.ts'
import * as Reductions from './Reductions.ts'

const terms: Preemption.Terms = {
  plan: {
    ...{ trigger: 0.5, release: 0.25, feePpm: 0, cooldownSeconds: 600, impactBudget: 0.02, policy: { kind: 'full' } },
    window: { seconds: 3_600, mostPpm: 500_000 },
    schedule: { slices: 2, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
  },
  ...{ horizonSeconds: 3_600, calibrator: [], every: 6, capacity: 4e5, felt: 0.25 },
}
const market: Exchange.Market = {
  ...{ permanent: 1e-9, temporary: 4e-9, halfLifeSeconds: 60, rounds: 1, fee: 0.01, mandateFee: 0.001, insurance: 0 },
}
const now = 100_000
/** An hour's spread of 2 %: touched within 1.29 %, let go beyond 2.24 %. */
const sigma = 0.02 / 60
const stepSeconds = 10
const reach = Preemption.reach(terms, { sigma, stepSeconds })
const mark = 0.5

/** An account that fails so far from half the price of the beginning, at 5 % of maintenance. */
type Row = { readonly side: 1 | -1; readonly units: number; readonly distance: number; readonly mandate?: 0 }

function stage(rows: readonly Row[], impact = market) {
  const equity = ({ side, units, distance }: Row) => side * units * (1 - (1 - side * 0.05) * mark * Math.exp(-side * distance))
  const book = {
    side: Int8Array.from(rows, ({ side }) => side),
    notional: Float64Array.from(rows, ({ units }) => units),
    equity: Float64Array.from(rows, equity),
    maintenance: new Float64Array(rows.length).fill(0.05),
  }
  const exchange = Object.assign(Exchange.of(book, impact, null), { exogenous: Math.log(mark) })
  const reductions = Reductions.of(
    Uint8Array.from(rows, ({ mandate = 1 }) => mandate),
    stepSeconds,
  )
  const look = (side: 1 | -1 = 1) => Reductions.look(reductions, exchange, terms, { side, now, sigma, reach })
  /** What is known of an account at half the price. */
  const known = (account: number, phase: 'armed' | 'reducing'): Preemption.Account => {
    const { side, units, distance } = rows[account] as Row
    const left = (book.equity[account] ?? 0) - side * units * (1 - mark)
    return { account, equity: left, notional: units * mark, maintenance: 0.05, distance, phase, history: [] }
  }
  return { exchange, reductions, look, known }
}

describe('look', () => {
  test.each([1, -1] as const)(
    'worked example: the plan of who is near and of who has begun, in units; the rest is let go or let be (%i)',
    (side) => {
      const rows: readonly Row[] = [
        { side, units: 2_000, distance: 0.005 },
        { side, units: 3_000, distance: 0.018 },
        // Not begun and not near enough; begun and far enough; without a mandate; asked again later, and now.
        { side, units: 1_000, distance: 0.018 },
        { side, units: 1_000, distance: 0.03 },
        { side, units: 1_000, distance: 0.005, mandate: 0 },
        { side, units: 1_000, distance: 0.005 },
        { side, units: 1_000, distance: 0.006 },
        // Of the other side, one of them begun.
        { side: side === 1 ? -1 : 1, units: 1_000, distance: 0.005 },
        { side: side === 1 ? -1 : 1, units: 1_000, distance: 0.005 },
      ]
      const { reductions, look, known } = stage(rows)
      const { phases, resting, orders } = reductions
      for (const account of [1, 3, 8]) phases.add(account)
      resting[5] = now + 1
      resting[6] = now
      look(side)
      const plan = Preemption.plan(
        terms,
        { side: side === 1 ? 'long' : 'short', sigma, now, reach, stepSeconds, slope: 2e-9 / mark },
        {
          near: [known(0, 'armed'), known(1, 'reducing'), known(6, 'armed')],
          walls: rows.flatMap((row) => (row.side === side ? [{ at: row.distance, notional: row.units * mark }] : [])),
        },
      )
      expect(plan.orders.map(({ account }) => account).toSorted()).toEqual([0, 1, 6])
      expect(orders[side]).toEqual(
        plan.orders.map(({ account, slices }) => ({ account, slices: slices.map((slice) => expect.closeTo(slice / mark, 6)) })),
      )
      expect([...phases].toSorted()).toEqual([0, 1, 6, 8])
      expect([...resting].map((until, account) => (until > 0 ? account : -1)).filter((account) => account >= 0)).toEqual([5, 6])
      expect(orders[side === 1 ? -1 : 1]).toEqual([])
    },
  )

  test('edge: who fails already is not reduced any more; a look in which nobody is near leaves nothing of the last', () => {
    const { reductions, look } = stage([{ side: 1, units: 1_000, distance: -0.001 }])
    reductions.phases.add(0)
    reductions.orders[1] = [{ account: 0, slices: [1] }]
    look()
    expect([...reductions.phases]).toEqual([])
    expect(reductions.orders[1]).toEqual([])
  })

  test('worked example: a sale that brings on as much as it removes, by walls where their accounts fail, is the last that is made', () => {
    // 2·10⁻⁵ a USD at half the price: 1,000 USD move the price by the whole budget of 2 %.
    const steep = { ...market, permanent: 5e-6, temporary: 2e-5 }
    const [own, near, far] = [0.012, 0.05, 0.09]
    const nobody = Crowd.of(LiquidationCurve.fromWalls('long', []), { forecast: reach.forecast, market: 'M', shift: 0.02 })
    const p = (distance: number) => Crowd.probability(nobody, distance)
    const { known } = stage([{ side: 1, units: 20_000, distance: own }])
    const { equity, notional } = known(0, 'armed')
    const after = LiquidationCurve.distance({ side: 'long', notional: notional - 1_000, equity, maintenance: 0.05 }) ?? Number.NaN
    const less = notional * p(own) - (notional - 1_000) * p(after)
    const added = (at: number) => p(at - 0.02) - p(at)
    const most = (less - 500 * added(near)) / added(far)
    const sells = (others: number) => {
      const rows = [
        { side: 1 as const, units: 20_000, distance: own },
        { side: 1 as const, units: 500 / mark, distance: near, mandate: 0 as const },
        { side: 1 as const, units: others / mark, distance: far, mandate: 0 as const },
      ]
      const { reductions, look } = stage(rows, steep)
      look()
      return reductions.orders[1].length
    }
    expect(most).toBeGreaterThan(0)
    expect([sells(most * (1 - 1e-6)), sells(most * (1 + 1e-6))]).toEqual([1, 0])
  })

  test('edge: until when an account need not be asked: its window, its cooldown', () => {
    const held = (history: readonly (readonly [ago: number, size: number])[], phase: 'armed' | 'reducing' = 'reducing') => {
      const { reductions, look } = stage([{ side: 1, units: 2_000, distance: 0.005 }])
      reductions.history.set(
        0,
        history.map(([ago, size]) => ({ at: now - ago, size })),
      )
      if (phase === 'reducing') reductions.phases.add(0)
      look()
      return [reductions.orders[1].length, (reductions.resting[0] ?? Number.NaN) - now, reductions.history.get(0)?.length]
    }
    // 1,000 USD are open: half of them and of what was closed are as much as was closed.
    expect(
      held([
        [3_000, 500],
        [700, 500],
      ]),
    ).toEqual([0, 600, 2])
    expect(
      held([
        [3_600, 500],
        [3_599, 1_000],
      ]),
    ).toEqual([0, 1, 1])
    expect(
      held([
        [3_600, 500],
        [700, 400],
      ]),
    ).toEqual([1, Number.NEGATIVE_INFINITY, 1])
    expect(
      held([
        [5_000, 1],
        [4_000, 1],
      ]),
    ).toEqual([1, Number.NEGATIVE_INFINITY, 1])
    expect(held([[5_000, 1]])).toEqual([1, Number.NEGATIVE_INFINITY, 1])
    expect(
      held(
        [
          [400, 1],
          [300, 1],
          [100, 1],
        ],
        'armed',
      ),
    ).toEqual([0, 500, 3])
  })
})

describe('close', () => {
  test('worked example: a slice of each at one price below the index, until nothing is left', () => {
    const still = { ...market, permanent: 0.1, temporary: 0.3 }
    const { exchange, reductions } = stage(
      [
        { side: 1, units: 0.75, distance: 1 },
        { side: 1, units: 0.5, distance: 1 },
        { side: 1, units: 0.5, distance: 1 },
      ],
      still,
    )
    const close = () => Reductions.close(reductions, exchange, { side: 1, now, sigma: 0 })
    expect([close(), Reductions.close(reductions, exchange, { side: -1, now, sigma: 0 })]).toEqual([0, 0])
    reductions.orders[1] = [
      { account: 0, slices: [0.6, 0.3] },
      { account: 1, slices: [0.4] },
      { account: 2, slices: [0, 0.25] },
    ]
    // One unit moves the price by 0.4.
    const price = (0.5 * -Math.expm1(-0.4)) / 0.4
    expect(close()).toBeCloseTo(price, 12)
    expect([...reductions.cost]).toEqual([0.6, 0.4, 0].map((part) => expect.closeTo(part * (0.5 - price) + 0.001 * part * price, 12)))
    const second = close()
    // No more than is open, 0.15 of 0.3, and no more of who has had all.
    const next = (0.5 * Math.exp(-0.4) * -Math.expm1(-0.16)) / 0.16
    expect(second).toBeCloseTo(0.4 * next, 12)
    expect([...reductions.reduced]).toEqual([0.75, 0.4, 0.25].map((units) => expect.closeTo(units, 12)))
    expect(close()).toBe(0)
    expect(Object.fromEntries(reductions.history)).toEqual({
      0: [
        { at: now, size: expect.closeTo(0.6 * price, 12) },
        { at: now, size: expect.closeTo(0.15 * next, 12) },
      ],
      1: [{ at: now, size: expect.closeTo(0.4 * price, 12) }],
      2: [{ at: now, size: expect.closeTo(0.25 * next, 12) }],
    })
  })
})
