import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Float from './Float.ts'
import * as Model from './Model.ts'
import * as Portfolio from './Portfolio.ts'
import { full, holdings, isolated, money, scenario, still } from './testing/portfolio.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 500)
const models = { full: Model.of(full), isolated: Model.of(isolated) }
const span = full.span ?? still

type Holdings = Omit<Portfolio.Market, 'model'>
const figure = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const account = (of: Model.Model, held: Holdings, cash: Pick<Portfolio.Account, 'cash' | 'stablePrice'>): Portfolio.Account => ({
  ...cash,
  markets: [{ ...held, model: of }],
})
const figures = ({ initial, maintenance, markToMarket }: Portfolio.Assessment) => [initial, maintenance, markToMarket]

/** Each figure of `found` is not above that of `bound`, but for what either may be wrong by. */
function atMost(found: Portfolio.Assessment, bound: Portfolio.Assessment): void {
  const slack = found.error + bound.error
  expect(found.initial).toBeLessThanOrEqual(bound.initial + slack)
  expect(found.maintenance).toBeLessThanOrEqual(bound.maintenance + slack)
}

function check(holds: (of: Model.Model, held: Holdings, cash: Pick<Portfolio.Account, 'cash' | 'stablePrice'>) => void): void {
  for (const of of Object.values(models))
    fc.assert(
      fc.property(holdings, money, (held, cash) => holds(of, held, cash)),
      { numRuns },
    )
}

describe('assess', () => {
  test('property: the order of what is held changes nothing', () => {
    check((of, held, cash) => {
      const before = Portfolio.assess(account(of, held, cash))
      const turned = {
        ...held,
        perps: held.perps.toReversed(),
        collaterals: held.collaterals.toReversed(),
        expiries: held.expiries
          .toReversed()
          .map((each) => ({ ...each, options: each.options.toReversed(), futures: each.futures.toReversed() })),
      }
      const after = Portfolio.assess(account(of, turned, cash))
      for (const [i, value] of figures(after).entries())
        expect(Math.abs(value - (figures(before)[i] ?? Number.NaN))).toBeLessThanOrEqual(before.error + after.error)
    })
  })

  test('property: a position in two parts is the position', () => {
    check((of, held, cash) => {
      const before = Portfolio.assess(account(of, held, cash))
      const halved = {
        ...held,
        expiries: held.expiries.map((each) => ({
          ...each,
          options: each.options.flatMap((leg) => [0.25, 0.75].map((part) => ({ ...leg, amount: part * leg.amount }))),
        })),
      }
      const after = Portfolio.assess(account(of, halved, cash))
      for (const [i, value] of figures(after).entries())
        expect(Math.abs(value - (figures(before)[i] ?? Number.NaN))).toBeLessThanOrEqual(before.error + after.error)
    })
  })

  test('dimension: all amounts and money × k is every figure × k', () => {
    fc.assert(
      fc.property(holdings, money, figure(0.01, 100), fc.constantFrom(...Object.values(models)), (held, cash, k, of) => {
        const scaled = {
          ...held,
          perps: held.perps.map((each) => ({ ...each, amount: k * each.amount, profit: k * each.profit })),
          collaterals: held.collaterals.map((each) => ({ ...each, amount: k * each.amount })),
          expiries: held.expiries.map((each) => ({
            ...each,
            futures: each.futures.map(({ amount, profit }) => ({ amount: k * amount, profit: k * profit })),
            options: each.options.map((leg) => ({ ...leg, amount: k * leg.amount })),
          })),
        }
        const before = Portfolio.assess(account(of, held, cash))
        const after = Portfolio.assess(account(of, scaled, { ...cash, cash: k * cash.cash }))
        for (const [i, value] of figures(after).entries())
          expect(Math.abs(value - k * (figures(before)[i] ?? Number.NaN))).toBeLessThanOrEqual(k * before.error + after.error)
      }),
      { numRuns },
    )
  })

  test('property: another scenario never lowers a requirement', () => {
    const kinds = fc.constantFrom('up' as const, 'none' as const, 'down' as const, 'linear' as const, 'absolute' as const)
    fc.assert(
      fc.property(holdings, money, figure(0, 4), kinds, figure(0, 3), (held, cash, spot, volatility, dampening) => {
        const more = Model.of({ ...full, span: { ...span, scenarios: [...span.scenarios, scenario(spot, volatility, dampening)] } })
        atMost(Portfolio.assess(account(more, held, cash)), Portfolio.assess(account(models.full, held, cash)))
      }),
      { numRuns },
    )
  })

  test('property: worse terms never leave more', () => {
    const worse: readonly ((by: number) => Model.Terms)[] = [
      (by) => ({
        ...full,
        span: { ...span, scenarios: span.scenarios.map((each) => ({ ...each, dampening: each.dampening * (1 + by) })) },
      }),
      (by) => ({ ...full, span: { ...span, factor: { initial: span.factor.initial + by, maintenance: span.factor.maintenance + by } } }),
      (by) => ({ ...full, linear: { ...full.linear, initial: full.linear.initial + by, maintenance: full.linear.maintenance + by } }),
      (by) => ({ ...full, naked: { initial: full.naked.initial + by, maintenance: full.naked.maintenance + by } }),
      (by) => ({
        ...full,
        depeg: { threshold: full.depeg.threshold + by, ofLoss: full.depeg.ofLoss + by, ofNotional: full.depeg.ofNotional + by },
      }),
      (by) => ({ ...full, doubt: { ...full.doubt, options: { ...full.doubt.options, threshold: 1, rate: 1 + by } } }),
      (by) => ({ ...full, span: { ...span, basis: { up: 1.05, down: 0.87, flat: 0.5 + by, perYear: 2 + by } } }),
      (by) => ({ ...full, span: { ...span, held: { ...span.held, base: span.held.base / (1 + by) } } }),
    ]
    fc.assert(
      fc.property(holdings, money, figure(0, 2), fc.constantFrom(...worse), (held, cash, by, change) => {
        atMost(Portfolio.assess(account(Model.of(change(by)), held, cash)), Portfolio.assess(account(models.full, held, cash)))
      }),
      { numRuns },
    )
  })

  test('property: less sure feeds never leave more; nor does a weaker stablecoin where nothing is counted in it', () => {
    check((of, held, cash) => {
      const unsure = (confidence: number) => confidence / 2
      const worse = {
        ...held,
        perps: held.perps.map((each) => ({ ...each, confidence: unsure(each.confidence) })),
        collaterals: held.collaterals.map((each) => ({ ...each, confidence: unsure(each.confidence) })),
        expiries: held.expiries.map((each) => ({ ...each, confidence: unsure(each.confidence) })),
      }
      atMost(Portfolio.assess(account(of, worse, cash)), Portfolio.assess(account(of, held, cash)))
      const bare = { ...held, collaterals: [] }
      const weaker = { ...cash, stablePrice: cash.stablePrice * 0.9 }
      atMost(Portfolio.assess(account(of, bare, weaker)), Portfolio.assess(account(of, bare, cash)))
    })
  })

  test('property: more cash is that much more', () => {
    check((of, held, cash) => {
      const before = Portfolio.assess(account(of, held, cash))
      const after = Portfolio.assess(account(of, held, { ...cash, cash: cash.cash + 512 }))
      expect(Math.abs(after.initial - before.initial - 512)).toBeLessThanOrEqual(before.error + after.error)
    })
  })

  test('property: the worst is the least of what is listed, and maintenance stands above initial when it is charged less', () => {
    check((of, held, cash) => {
      const { markets, initial, maintenance, error } = Portfolio.assess(account(of, held, cash))
      const [only] = markets
      if (!only) throw new Error('no market')
      expect(only.worst).toBe(Math.min(only.basis, ...only.profits))
      if (only.worstScenario < only.profits.length) expect(only.profits[only.worstScenario]).toBe(only.worst)
      if (held.collaterals.every(({ haircut }) => haircut.initial >= haircut.maintenance))
        expect(initial).toBeLessThanOrEqual(maintenance + error)
    })
  })

  test('property: rounded for integers, what is left is less than the float, and what is needed more', () => {
    check((of, held, cash) => {
      const { initial, error } = Portfolio.assess(account(of, held, cash))
      expect(Number(Float.toFixed(initial, { error, rounding: 'down' })) / 1e18).toBeLessThanOrEqual(initial)
      expect(Number(Float.toFixed(initial, { error, rounding: 'up' })) / 1e18).toBeGreaterThanOrEqual(initial)
    })
  })
})
