import { describe, expect, test } from 'vitest'
import * as Portfolio from '../../Portfolio.ts'
import * as Scenario from '../../Scenario.ts'
import * as DerivePmrm2 from './DerivePmrm2.ts'

const rates = { staticDiscount: 1, rateMultiple: 0, rateAddend: 0 }
const parameters: DerivePmrm2.Parameters = {
  skew: {
    linear: { scaleCap: 0, cBase: 0 },
    absolute: { scaleCap: 0, cBase: 0 },
    minKStar: 1,
    minWidthScale: 0,
    volParamStatic: 0,
    volParamScale: 0,
  },
  volatility: { rangeUp: 0, rangeDown: 0, minUp: 0, shortTermPower: 1, longTermPower: 1, dteFloorDays: 2 },
  margin: { lossFactor: { initial: 1.5, maintenance: 0.5 }, long: rates, short: rates },
  basis: { up: 1.25, down: 0.75, addFactor: 0.25, multFactor: 0 },
  peg: { threshold: 0.9, lossFactor: 5 },
  confidence: { threshold: 0.5, margin: 0.5 },
  perp: { initial: 0.01, maintenance: 0.02 },
  option: { initial: 0.03, maintenance: 0.04 },
}
const holdings: DerivePmrm2.Holdings = {
  cash: 0,
  stablePrice: 1,
  spot: { price: 1_000, confidence: 1 },
  perp: { amount: 0, price: 1_000, profit: 0, confidence: 1 },
  collaterals: [],
  expiries: [],
}
const move = (spot: number, volatility: Scenario.Volatility = 'none'): Scenario.Scenario => ({ spot, volatility, dampening: 1 })
const model = DerivePmrm2.model([move(1.5), move(0.5)], parameters)
const assess = (changes: Partial<DerivePmrm2.Holdings>, of = model) => {
  const { initial, maintenance, markToMarket } = Portfolio.assess(DerivePmrm2.account({ ...holdings, ...changes }, of))
  return [initial, maintenance, markToMarket].map((value) => Number(value.toFixed(9)) + 0)
}
const perp = { amount: -2, price: 1_000, profit: 30, confidence: 1 }
const expiry = {
  seconds: 3_600,
  forward: 1_000,
  rate: 0,
  confidence: { forward: 1, rate: 1, volatility: 1 },
  options: [{ kind: 'call' as const, strike: 0, amount: -2, volatility: 0 }],
}

describe('model', () => {
  test('worked example: loss factors; initial percentages come on top of maintenance', () => {
    // worst −1000: 1.5 and 0.5 of it; 3 % and 2 % of 2000
    expect(assess({ perp })).toEqual([30 - 1_500 - 60, 30 - 500 - 40, 30])
  })

  test('worked example: below its peg the stablecoin raises the factor on the loss', () => {
    expect(assess({ perp, stablePrice: 0.8 })[0]).toBe(30 - 2_000 - 60)
    expect(assess({ perp, stablePrice: 0.9 })[0]).toBe(30 - 1_500 - 60)
  })

  test('worked example: naked shorts, and the basis where no scenario is worse', () => {
    const basisOnly = DerivePmrm2.model([], parameters)
    // worth −2000; the basis 0.25·(−500); naked 7 % and 4 % of 2000
    expect(assess({ expiries: [expiry] }, basisOnly)).toEqual([-2_000 - 187.5 - 140, -2_000 - 62.5 - 80, -2_000])
  })

  test('worked example: the last half hour is averaged, and days are days', () => {
    const basisOnly = DerivePmrm2.model([], parameters)
    expect(assess({ expiries: [{ ...expiry, seconds: 900 }] }, basisOnly)[1]).toBe(-2_000 - 31.25 - 80)
    expect(model.terms.span?.shift.leastSeconds).toBe(172_800)
  })
})

describe('account', () => {
  test('worked example: a doubtful feed counts where it is looked at, and a perp only while it is there', () => {
    const unsure = { price: 1_000, confidence: 0.4 }
    expect(assess({ perp: { ...perp, confidence: 0.4 } })[0]).toBe(30 - 1_560 - 0.6 * 0.5 * 2_000)
    expect(assess({ perp, spot: unsure })[0]).toBe(30 - 1_560 - 600)
    expect(assess({ perp: { amount: 0, price: 1_000, profit: 30, confidence: 0 } })).toEqual([0, 0, 0])
    const sure = assess({ expiries: [expiry] })[0] ?? Number.NaN
    for (const feed of ['forward', 'rate', 'volatility'] as const)
      expect(assess({ expiries: [{ ...expiry, confidence: { ...expiry.confidence, [feed]: 0.4 } }] })[0]).toBe(sure - 600)
    expect(assess({ expiries: [expiry], spot: unsure })[0]).toBe(sure - 600)
    // The perp's feed makes every expiry as doubtful as itself.
    const both = assess({ expiries: [expiry], perp: { ...perp, amount: -1, profit: 0 } })[0] ?? Number.NaN
    expect(assess({ expiries: [expiry], perp: { ...perp, amount: -1, profit: 0, confidence: 0.4 } })[0]).toBe(both - 600 - 300)
  })

  test('worked example: collateral, haircuts on top of each other, its own feed and that of spot but not of the perp', () => {
    const lot = { amount: 100, price: 10, confidence: 1, moves: false, haircut: { initial: 0.125, maintenance: 0.25 } }
    expect(assess({ collaterals: [lot] })).toEqual([625, 750, 1_000])
    expect(assess({ collaterals: [{ ...lot, confidence: 0.2 }] })[0]).toBe(625 - 400)
    expect(assess({ collaterals: [lot], spot: { price: 1_000, confidence: 0.2 } })[0]).toBe(625 - 400)
    const hedged = assess({ collaterals: [lot], perp })[0] ?? Number.NaN
    expect(assess({ collaterals: [lot], perp: { ...perp, confidence: 0.4 } })[0]).toBe(hedged - 600)
  })

  test('edge: a negative rate counts as 0, an expiry that has passed as just now', () => {
    expect(assess({ expiries: [{ ...expiry, rate: -1 }] })).toEqual(assess({ expiries: [expiry] }))
    const passed = { ...holdings, expiries: [{ ...expiry, seconds: -60 }] }
    expect(DerivePmrm2.account(passed, model).markets[0]?.expiries[0]?.seconds).toBe(0)
  })
})

describe('families', () => {
  const of = (...scenarios: readonly Scenario.Scenario[]) => DerivePmrm2.families(scenarios).join(' ')

  test('worked example: the grid, tails on both sides, tilts', () => {
    const families = DerivePmrm2.families([
      ...Scenario.grid(0.05, 2),
      move(0.4, 'up'),
      move(1.5, 'up'),
      move(1, 'linear'),
      move(1.2, 'absolute'),
    ])
    expect(families.slice(0, 17).every((family) => family === 'regular')).toBe(true)
    expect(families.slice(17)).toEqual(['tail', 'tail', 'skew', 'skew'])
  })

  test('edge: dampening and order do not matter', () => {
    const tail = { ...move(2, 'up'), dampening: 1 }
    expect(of(tail, move(0.9), { ...move(1.1), dampening: 0.5 }, move(1))).toBe('tail regular regular regular')
  })

  test('edge: a gap of up to one and a half steps belongs to the grid; beyond a gap everything is tail', () => {
    expect(of(move(1), move(1.25), move(1.625), move(2))).toBe('regular regular regular regular')
    expect(of(move(1), move(1.25), move(1.6275))).toBe('regular regular tail')
    expect(of(move(1), move(1.25), move(1.75), move(2))).toBe('regular regular tail tail')
    expect(of(move(1), move(0.75), move(0.25))).toBe('regular regular tail')
  })

  test('edge: steps are counted from the move that is nearest to 1', () => {
    expect(of(move(1.1), move(1.5), move(1.9))).toBe('regular regular regular')
    expect(of(move(0.9), move(0.5))).toBe('regular regular')
  })

  test('edge: no scenarios, one alone, tilts alone', () => {
    expect([of(), of(move(1.3)), of(move(1, 'linear'))]).toEqual(['', 'regular', 'skew'])
  })
})
