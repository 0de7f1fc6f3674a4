/** Terms and accounts of portfolio margin: simple ones to change by hand, and random ones. */
import fc from 'fast-check'
import * as Model from '../Model.ts'
import type * as Portfolio from '../Portfolio.ts'
import * as Scenario from '../Scenario.ts'

const none = { initial: 0, maintenance: 0 }
const sure = { threshold: 0, rate: 0 }
const same = { base: 1, multiple: 1, addend: 0 }

/** Nothing moves, nothing is charged. */
export const still: Model.Span = {
  scenarios: [],
  shift: { up: 0, down: 0, least: 0, leastSeconds: 0, nearPower: 0, farPower: 0 },
  tilt: {
    linear: { flat: 0, perRootYear: 0 },
    absolute: { flat: 0, perRootYear: 0 },
    leastWidth: 1,
    width: 0,
    flat: 0,
    perRootYear: 0,
  },
  held: same,
  owed: { ...same, base: 1 },
  averagingSeconds: 0,
  factor: { initial: 1, maintenance: 0.5 },
  basis: null,
}

export const free: Model.Terms = {
  span: still,
  isolated: null,
  linear: { price: 'spot', ...none },
  naked: none,
  doubt: { linear: sure, options: { ...sure, units: 'all' }, collateral: sure },
  depeg: { threshold: 0, ofLoss: 0, ofNotional: 0 },
  collateral: 'stable',
}

export const scenario = (spot: number, volatility: Scenario.Volatility = 'none', dampening = 1): Scenario.Scenario => ({
  spot,
  volatility,
  dampening,
})

/** `free`, with these scenarios and changes. */
export function model(
  scenarios: readonly Scenario.Scenario[],
  terms: Partial<Model.Terms> = {},
  span: Partial<Model.Span> = {},
): Model.Model {
  return Model.of({ ...free, span: { ...still, scenarios, ...span }, ...terms })
}

export function market(of: Model.Model, holdings: Partial<Portfolio.Market> = {}): Portfolio.Market {
  return { model: of, spot: 100, perps: [], expiries: [], collaterals: [], ...holdings }
}

export function expiry(options: Portfolio.Expiry['options'], changes: Partial<Portfolio.Expiry> = {}): Portfolio.Expiry {
  return { forward: 100, seconds: 0, rate: 0, confidence: 1, futures: [], options, ...changes }
}

export const option = (kind: 'call' | 'put', strike: number, amount: number, volatility = 0.5) => ({ kind, strike, volatility, amount })

/** Everything switched on: a grid with tails and tilts, discounts, basis, charges. */
const grid = [
  ...Scenario.grid(0.05, 2),
  scenario(0.4, 'up', 0.2),
  scenario(2.5, 'up', 0.1),
  scenario(1, 'linear'),
  scenario(1.1, 'absolute', 0.5),
]

export const full: Model.Terms = {
  span: {
    scenarios: grid,
    shift: { up: 0.5, down: 0.3, least: 0.4, leastSeconds: 86_400, nearPower: 0.3, farPower: 0.1 },
    tilt: {
      linear: { flat: 0.2, perRootYear: -0.05 },
      absolute: { flat: 0.15, perRootYear: -0.05 },
      leastWidth: 0.01,
      width: 4,
      flat: 0.6,
      perRootYear: -0.1,
    },
    held: { base: 0.95, multiple: 1, addend: 0.08 },
    owed: { base: 1.04, multiple: 0.5, addend: 0.08 },
    averagingSeconds: 1_800,
    factor: { initial: 1.1, maintenance: 0.8 },
    basis: { up: 1.05, down: 0.87, flat: 0.5, perYear: 2 },
  },
  isolated: null,
  linear: { price: 'spot', initial: 0.03, maintenance: 0.015 },
  naked: { initial: 0.008, maintenance: 0.003 },
  doubt: {
    linear: { threshold: 0.6, rate: 1 },
    options: { threshold: 0.6, rate: 1, units: 'all' },
    collateral: { threshold: 0.6, rate: 0.5 },
  },
  depeg: { threshold: 0.98, ofLoss: 2, ofNotional: 0.5 },
  collateral: 'stable',
}

export const isolated: Model.Terms = {
  ...full,
  span: null,
  isolated: {
    atTheMoney: 0.2,
    least: 0.125,
    maintenance: { call: 0.0625, put: 0.0625, putOfValue: 0.1 },
    putOffset: 1.1,
    unpaired: { initial: 1.25, maintenance: 1.125 },
  },
  doubt: { ...full.doubt, options: { threshold: 0.6, rate: 1, units: 'written' } },
  collateral: 'usd',
}

const figure = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const confidence = fc.oneof(fc.constant(1), figure(0, 1))
/** In parts of 1e18: venues hold no smaller, and below 1e-150 products underflow. */
const amount = figure(-10, 10).map((of) => Math.round(of * 1e18) / 1e18)
const leg = fc.record({
  kind: fc.constantFrom('call' as const, 'put' as const),
  strike: fc.oneof(fc.constantFrom(0, 800, 1_000, 1_200), figure(1, 3_000)),
  volatility: fc.oneof(fc.constant(0), figure(0.05, 3)),
  amount,
})
const dates = fc.record({
  forward: figure(500, 2_000),
  seconds: fc.oneof(fc.constant(0), figure(1, 3_600), figure(3_600, 40_000_000)),
  rate: figure(0, 0.3),
  confidence,
  futures: fc.array(fc.record({ amount, profit: figure(-100, 100) }), { maxLength: 2 }),
  options: fc.array(leg, { maxLength: 5 }),
})
const perp = fc.record({ amount, price: figure(500, 2_000), profit: figure(-100, 100), confidence })
const collateral = fc.record({
  amount: figure(0, 100),
  price: figure(0, 2_000),
  confidence,
  moves: fc.boolean(),
  haircut: fc.record({ initial: figure(0, 0.5), maintenance: figure(0, 0.3) }),
})

/** What one market holds. */
export const holdings = fc.record({
  spot: figure(500, 2_000),
  perps: fc.array(perp, { maxLength: 2 }),
  expiries: fc.array(dates, { maxLength: 3 }),
  collaterals: fc.array(collateral, { maxLength: 2 }),
})

export const money = fc.record({ cash: figure(-10_000, 10_000), stablePrice: fc.oneof(fc.constant(1), figure(0.5, 1.1)) })
