import { describe, expect, test } from 'vitest'
import type * as Model from './Model.ts'
import * as Option from './Option.ts'
import * as Portfolio from './Portfolio.ts'
import { expiry, free, full, isolated, market, model, option, scenario, still } from './testing/portfolio.ts'

const assess = (markets: readonly Portfolio.Market[], money: Partial<Portfolio.Account> = {}) =>
  Portfolio.assess({ cash: 0, stablePrice: 1, ...money, markets })
const one = (of: Model.Model, holdings: Partial<Portfolio.Market>, money: Partial<Portfolio.Account> = {}) => {
  const { markets, ...sums } = assess([market(of, holdings)], money)
  const [only] = markets
  if (!only) throw new Error('no market')
  return { ...sums, market: only, profits: Array.from(only.profits) }
}
const grid = [scenario(1.25), scenario(0.75), scenario(1)]
const perp = (amount: number, changes: Partial<Portfolio.Perp> = {}): Portfolio.Perp => ({
  amount,
  price: 100,
  profit: 0,
  confidence: 1,
  ...changes,
})
const eth: Portfolio.Collateral = { amount: 2, price: 100, confidence: 1, moves: true, haircut: { initial: 0, maintenance: 0 } }

describe('assess', () => {
  describe('scenarios', () => {
    test('worked example: a perp, and one against it', () => {
      expect(one(model(grid), { perps: [perp(4)] })).toMatchObject({
        profits: [100, -100, 0],
        initial: -100,
        maintenance: -50,
        markToMarket: 0,
      })
      expect(one(model(grid), { perps: [perp(4), perp(-4)] })).toMatchObject({ profits: [0, 0, 0], initial: 0 })
    })

    test('worked example: a dated future hedges a perp; its profit counts', () => {
      const future = expiry([], { futures: [{ amount: -4, profit: 7 }], seconds: 86_400, forward: 100 })
      expect(one(model(grid), { perps: [perp(4)], expiries: [future] })).toMatchObject({ profits: [0, 0, 0], initial: 7, markToMarket: 7 })
      expect(one(model(grid), { expiries: [future] })).toMatchObject({ profits: [-100, 100, 0], initial: 7 - 100 })
    })

    test('worked example: collateral that moves is exposed, other collateral is not', () => {
      expect(one(model(grid), { collaterals: [eth] })).toMatchObject({ profits: [50, -50, 0], initial: 200 - 50, maintenance: 200 - 25 })
      expect(one(model(grid), { collaterals: [{ ...eth, moves: false }] })).toMatchObject({ profits: [0, 0, 0], initial: 200 })
    })

    test('worked example: options that settle now, and a call covered by collateral', () => {
      const written = expiry([option('call', 100, -2), option('put', 90, -1)])
      expect(one(model(grid), { expiries: [written] })).toMatchObject({ profits: [-50, -15, 0], initial: -50 })
      expect(one(model(grid), { expiries: [written], collaterals: [eth] }).profits).toEqual([0, -65, 0])
    })

    test('worked example: the worst scenario is the first of equals', () => {
      const twice = [scenario(1), scenario(0.75), scenario(0.75), scenario(0.75, 'up', 2)]
      expect(one(model(twice), { perps: [perp(4)] }).market).toMatchObject({ worst: -200, worstScenario: 3 })
      expect(one(model(twice.slice(0, 3)), { perps: [perp(4)] }).market.worstScenario).toBe(1)
    })

    test('edge: when nothing loses, no scenario is the worst', () => {
      expect(one(model(grid), {}).market).toMatchObject({ worst: 0, worstScenario: 3 })
      expect(one(model([]), { perps: [perp(4)] })).toMatchObject({ profits: [], initial: 0 })
    })

    test('worked example: dampening is a part of all that a scenario does', () => {
      const dampened = model([scenario(1.5, 'none', 0.25)])
      expect(one(dampened, { perps: [perp(-1)], expiries: [expiry([option('call', 100, -1)])] }).profits).toEqual([-25])
    })

    test('worked example: volatility up, down, unchanged', () => {
      const shift = { up: 0.5, down: 0.25, least: 0, leastSeconds: 0, nearPower: 1, farPower: 1 }
      const moved = model([scenario(1, 'up'), scenario(1, 'none'), scenario(1, 'down')], {}, { shift })
      const seconds = 30 * 86_400
      const at = (volatility: number) => Option.price({ kind: 'call', strike: 110, forward: 100, seconds, volatility, discount: 1 })
      const { profits, market } = one(moved, { expiries: [expiry([option('call', 110, 3, 0.8)], { seconds })] })
      expect(profits[0]).toBeCloseTo(3 * (at(1.2) - at(0.8)), 11)
      expect(profits[1]).toBe(0)
      expect(profits[2]).toBeCloseTo(3 * (at(0.6) - at(0.8)), 11)
      expect(market.optionValue).toBeCloseTo(3 * at(0.8), 11)
    })

    test('edge: after a rise no volatility is below the least', () => {
      const shift = { up: 0.5, down: 0, least: 0.9, leastSeconds: 0, nearPower: 1, farPower: 1 }
      const seconds = 30 * 86_400
      const at = (volatility: number) => Option.price({ kind: 'put', strike: 90, forward: 100, seconds, volatility, discount: 1 })
      const { profits } = one(model([scenario(1, 'up'), scenario(1, 'none')], {}, { shift }), {
        expiries: [expiry([option('put', 90, 1, 0.2)], { seconds })],
      })
      expect(profits[0]).toBeCloseTo(at(0.9) - at(0.2), 11)
    })

    test('worked example: where volatility tilts, options keep their forward and a gain counts as a loss', () => {
      const wing = { flat: 0.5, perRootYear: 0 }
      const tilt = { linear: wing, absolute: wing, leastWidth: Math.log(1.1), width: 0, flat: 0, perRootYear: 0 }
      const tilted = model([scenario(1.25, 'linear', 2), scenario(1, 'absolute')], {}, { tilt })
      const seconds = 90 * 86_400
      const at = (kind: 'call' | 'put', strike: number, volatility: number) =>
        Option.price({ kind, strike, forward: 100, seconds, volatility, discount: 1 })
      // ln(110/100) is the full width: 1.5 σ; ln(100/110) on the other side: 0.5 σ linear, 1.5 σ absolute
      const calls = expiry([option('call', 110, 1, 0.8)], { seconds })
      const puts = expiry([option('put', 100 / 1.1, 1, 0.8)], { seconds })
      const call = at('call', 110, 1.2) - at('call', 110, 0.8)
      const put = at('put', 100 / 1.1, 0.8) - at('put', 100 / 1.1, 0.4)
      const { profits } = one(tilted, { expiries: [calls, puts], perps: [perp(1)] })
      expect(profits[0]).toBeCloseTo(2 * (-call - put + 25), 10)
      expect(profits[1]).toBeCloseTo(-call - (at('put', 100 / 1.1, 1.2) - at('put', 100 / 1.1, 0.8)), 10)
    })

    test('worked example: factors on what is held and owed after a shock, expiry by expiry', () => {
      const held = { base: 0.5, multiple: 0, addend: 0 }
      const owed = { base: 0.75, multiple: 0, addend: 0 }
      const discounted = model([scenario(1.25)], {}, { held, owed })
      expect(one(discounted, { expiries: [expiry([option('call', 100, 4)])] }).profits).toEqual([50])
      expect(one(discounted, { expiries: [expiry([option('call', 100, -4)])] }).profits).toEqual([-75])
      expect(one(discounted, { expiries: [expiry([option('call', 100, 4)]), expiry([option('call', 100, -4)])] }).profits).toEqual([-25])
      expect(one(discounted, { expiries: [expiry([option('call', 100, 4), option('call', 100, -4)])] }).profits).toEqual([0])
    })

    test('worked example: the part of a forward that has been averaged no longer moves', () => {
      const averaged = model([scenario(1.5)], {}, { averagingSeconds: 1_800 })
      const at = (seconds: number) =>
        one(averaged, { expiries: [expiry([option('call', 0, 1)], { seconds, futures: [{ amount: 1, profit: 0 }] })] }).profits[0]
      expect([at(3_600), at(1_800), at(450), at(0)]).toEqual([100, 100, 25, 0])
    })

    test('worked example: discounting at the rate, but not of a future', () => {
      const year = expiry([option('call', 0, 1)], { seconds: Option.yearSeconds, rate: 0.1, futures: [{ amount: 1, profit: 0 }] })
      const { profits, market } = one(model([scenario(1.5)]), { expiries: [year] })
      expect(market.optionValue).toBeCloseTo(100 * Math.exp(-0.1), 12)
      expect(profits[0]).toBeCloseTo(50 + 150 * Math.exp(-0.1) * Math.exp(-0.1) - 100 * Math.exp(-0.1), 12)
    })

    test('worked example: the basis, over the worse move of each expiry', () => {
      const basis = { up: 1.25, down: 0.75, flat: 0.5, perYear: 1 }
      const calls = expiry([option('call', 100, -4)])
      const puts = expiry([option('put', 100, -2)])
      const held = expiry([option('call', 100, 9)])
      const { market } = one(model([], {}, { basis }), { expiries: [calls, puts, held] })
      expect(market).toMatchObject({ basis: -50 - 25, worst: -75, worstScenario: 0 })
      const future = expiry([], { futures: [{ amount: 2, profit: 0 }], seconds: Option.yearSeconds })
      expect(one(model([], {}, { basis }), { expiries: [future] }).market.basis).toBe(-75)
      expect(one(model([scenario(0.75)], {}, { basis }), { expiries: [puts], perps: [perp(1)] }).market).toMatchObject({
        basis: -25,
        worst: -75,
      })
      // Twice 25 lost at 75, and not twice the 50 that 150 brings.
      const apart = { ...basis, up: 1.5, perYear: 0 }
      expect(one(model([], {}, { basis: apart }), { expiries: [future] }).market.basis).toBe(-25)
      const straddle = expiry([option('call', 100, 1), option('put', 100, 1)])
      expect(one(model([], {}, { basis }), { expiries: [straddle] }).market.basis + 0).toBe(0)
    })

    test('worked example: underlyings are added, not offset', () => {
      const of = model(grid)
      const { initial, markets } = assess([market(of, { perps: [perp(4)] }), market(of, { perps: [perp(-4)] })], { cash: 250 })
      expect(initial).toBe(50)
      expect(markets.map(({ worstScenario }) => worstScenario)).toEqual([1, 0])
    })
  })

  describe('charges', () => {
    const rates = { initial: 0.25, maintenance: 0.125 }

    test('worked example: linear, of spot or of the own price', () => {
      const held = { perps: [perp(-2, { price: 120 })], expiries: [expiry([], { futures: [{ amount: 1, profit: 0 }], forward: 200 })] }
      expect(one(model([], { linear: { price: 'spot', ...rates } }), held)).toMatchObject({ initial: -75, maintenance: -37.5 })
      expect(one(model([], { linear: { price: 'mark', ...rates } }), held)).toMatchObject({ initial: -110, maintenance: -55 })
    })

    test('worked example: what is naked at its strike, per expiry', () => {
      const charged = model([], { naked: rates })
      const near = expiry([option('call', 150, -2), option('put', 150, 1)], { forward: 150 })
      expect(one(charged, { expiries: [near] })).toMatchObject({ initial: -25, maintenance: -12.5 })
      const far = expiry([option('put', 150, 1)], { forward: 150 })
      expect(one(charged, { expiries: [expiry([option('call', 150, -2)], { forward: 150 }), far] }).initial).toBe(-50)
      const atMaintenance = model([], { naked: { initial: 0, maintenance: 0.5 } })
      expect(one(atMaintenance, { expiries: [near] })).toMatchObject({ initial: 0, maintenance: -50 })
      const all = (naked: Model.Margins) => one(model([], { naked }), { expiries: [near] })
      expect(all({ initial: 1, maintenance: 0 })).toMatchObject({ initial: -100, maintenance: 0 })
      expect(all({ initial: 0, maintenance: 1 })).toMatchObject({ initial: 0, maintenance: -100 })
    })

    test('worked example: haircuts, in units of the stablecoin or in USD', () => {
      const cut = { ...eth, haircut: rates }
      expect(one(model([]), { collaterals: [cut] }, { stablePrice: 0.5 })).toMatchObject({
        initial: 300,
        maintenance: 350,
        markToMarket: 400,
      })
      expect(one(model([], { collateral: 'usd' }), { collaterals: [cut] }, { stablePrice: 0.5 })).toMatchObject({
        initial: 150,
        maintenance: 175,
        markToMarket: 400,
        market: { collateralValue: 400 },
      })
    })

    test('worked example: doubt below a threshold, on initial margin alone', () => {
      const doubt = {
        linear: { threshold: 0.5, rate: 1 },
        options: { threshold: 0.75, rate: 2, units: 'all' as const },
        collateral: { threshold: 1, rate: 0.5 },
      }
      const unsure = model([], { doubt })
      const perps = (confidence: number) => one(unsure, { perps: [perp(-2, { confidence })] })
      expect([perps(0.25), perps(0.5)].map(({ initial, maintenance }) => [initial, maintenance])).toEqual([
        [-150, 0],
        [0, 0],
      ])
      const options = (of: Model.Model, confidence: number) =>
        one(of, { expiries: [expiry([option('call', 200, 1), option('put', 50, -2)], { confidence })] }).initial
      expect([options(unsure, 0.5), options(unsure, 0.75)]).toEqual([-300, 0])
      const written = model([], { doubt: { ...doubt, options: { ...doubt.options, units: 'written' } } })
      expect(options(written, 0.5)).toBe(-200)
      const lots = (confidence: number) => one(unsure, { collaterals: [{ ...eth, confidence }] }).initial
      expect([lots(0.75), lots(1)]).toEqual([200 - 25, 200])
    })

    test('worked example: a future is as doubtful as its expiry', () => {
      const doubt = { ...free.doubt, linear: { threshold: 0.5, rate: 1 } }
      const future = expiry([], { confidence: 0.25, futures: [{ amount: -2, profit: 0 }] })
      expect(one(model([], { doubt }), { expiries: [future] }).initial).toBe(-150)
    })

    test('worked example: below its peg the stablecoin costs a part of the loss, and of notional', () => {
      const depeg = { threshold: 0.75, ofLoss: 2, ofNotional: 1 }
      const held = {
        perps: [perp(4)],
        expiries: [expiry([option('call', 200, -1), option('call', 200, 3)], { futures: [{ amount: 1, profit: 0 }] })],
      }
      // worst −125; a quarter below: 1 + 0.5 of it, and 0.25·100·(4 + 1 + 1)
      expect(one(model(grid, { depeg }), held, { stablePrice: 0.5 })).toMatchObject({ initial: -125 * 1.5 - 150, maintenance: -62.5 })
      expect(one(model(grid, { depeg }), held, { stablePrice: 0.75 }).initial).toBe(-125)
    })
  })

  describe('written options alone', () => {
    const terms = isolated.isolated ?? undefined
    const alone = (options: Portfolio.Expiry['options'], changes: Partial<Model.Terms> = {}) =>
      one(model([], { ...(terms ? { isolated: terms } : {}), ...changes }), { expiries: [expiry(options)] })

    test('worked example: each alone', () => {
      // a call of 100 at 100: 0.2·100; a put of 50: 0.125·100
      expect(alone([option('call', 100, -1)])).toMatchObject({ initial: -20, maintenance: -6.25 })
      expect(alone([option('put', 50, -1)])).toMatchObject({ initial: -12.5, maintenance: -6.25 })
      expect(alone([option('put', 120, -2)])).toMatchObject({ initial: -80, maintenance: -52.5, markToMarket: -40 })
    })

    test('worked example: bounded by what is held', () => {
      expect(alone([option('call', 100, -1), option('call', 110, 1)])).toMatchObject({ initial: -10, maintenance: -6.25 })
      expect(alone([option('call', 100, -1), option('put', 100, -1)])).toMatchObject({ initial: -40, maintenance: -12.5 })
    })

    test('edge: what is held counts nothing alone', () => {
      expect(alone([option('call', 80, 5), option('call', 120, 0)])).toMatchObject({ initial: 0, maintenance: 0, markToMarket: 100 })
    })

    test('worked example: what is written is worth its discounted price', () => {
      // A call of strike 0 a year away, at 10 %: 90.48, and 12.5 % and 6.25 % of spot.
      const of = model([], terms ? { isolated: { ...terms, unpaired: { initial: 9, maintenance: 9 } } } : {})
      const given = expiry([option('call', 0, -1)], { seconds: Option.yearSeconds, rate: 0.1 })
      const { initial, maintenance } = one(of, { expiries: [given] })
      expect(initial).toBeCloseTo(-90.483_741_803_595_95 - 20, 10)
      expect(maintenance).toBeCloseTo(-90.483_741_803_595_95 - 6.25, 10)
    })

    test('worked example: expiries do not bound each other', () => {
      const of = model([], terms ? { isolated: terms } : {})
      const legs = [[option('call', 100, -1)], [option('call', 110, 1)]]
      expect(one(of, { expiries: legs.map((leg) => expiry(leg)) }).initial).toBe(-20)
    })
  })

  test('edge: nobody has nothing', () => {
    expect(assess([])).toEqual({ initial: 0, maintenance: 0, markToMarket: 0, error: 2 ** -1_000, markets: [] })
    expect(assess([], { cash: -5 })).toMatchObject({ initial: -5, maintenance: -5, markToMarket: -5 })
    expect(one(model(grid), {}, { cash: 5 })).toMatchObject({ initial: 5, maintenance: 5, markToMarket: 5 })
  })

  describe('error', () => {
    const path = (holdings: Partial<Portfolio.Market>, money: Partial<Portfolio.Account> = {}) => {
      try {
        one(model(grid), holdings, money)
      } catch (error) {
        if (error instanceof Portfolio.InvalidAccountError) return error.path
        throw error
      }
      return 'accepted'
    }

    test('error: a stable price or spot that is not above 0', () => {
      for (const value of [0, -1, Number.NaN])
        expect([path({}, { stablePrice: value }), path({ spot: value })]).toEqual(['stablePrice', 'markets.0.spot'])
      expect([path({}, { stablePrice: 0.25 }), path({ spot: 0.25 })]).toEqual(['accepted', 'accepted'])
    })

    test('error: an expiry or option below 0', () => {
      const at = (changes: Partial<Portfolio.Expiry>, leg = {}) =>
        path({ expiries: [expiry([{ ...option('call', 100, 1), ...leg }], changes)] })
      expect([at({ forward: -1 }), at({ seconds: -1 }), at({ rate: -1 })]).toEqual(
        ['forward', 'seconds', 'rate'].map((name) => `markets.0.expiries.0.${name}`),
      )
      expect([at({}, { strike: -1 }), at({}, { volatility: -1 }), at({}, { strike: Number.NaN })]).toEqual(
        ['strike', 'volatility', 'strike'].map((name) => `markets.0.expiries.0.options.0.${name}`),
      )
      expect([at({ forward: 0 }), at({ rate: 0 }), at({}, { strike: 0, volatility: 0 })]).toEqual(['accepted', 'accepted', 'accepted'])
    })

    test('error: collateral below 0', () => {
      expect([path({ collaterals: [{ ...eth, amount: -1 }] }), path({ collaterals: [{ ...eth, price: -1 }] })]).toEqual([
        'markets.0.collaterals.0.amount',
        'markets.0.collaterals.0.price',
      ])
      expect(path({ collaterals: [{ ...eth, amount: 0, price: 0 }] })).toBe('accepted')
    })

    test('error: the figure is named', () => {
      const value = (holdings: Partial<Portfolio.Market>) => {
        try {
          return one(model(grid), holdings)
        } catch (error) {
          return error instanceof Portfolio.InvalidAccountError ? error.value : error
        }
      }
      expect(value({ expiries: [expiry([], { rate: -2 })] })).toBe(-2)
      expect(value({ expiries: [expiry([option('call', -3, 1)])] })).toBe(-3)
      expect(value({ collaterals: [{ ...eth, amount: -4 }] })).toBe(-4)
    })

    test('error: any other figure that is no finite number is found', () => {
      expect(path({}, { cash: Number.NaN })).toBe('cash')
      expect(path({ perps: [perp(1, { profit: Number.POSITIVE_INFINITY })] })).toBe('markets.0.perps.0.profit')
      expect(path({ expiries: [expiry([option('call', 100, Number.NaN)])] })).toBe('markets.0.expiries.0.options.0.amount')
      expect(path({ perps: [perp(1e300, { price: 1e300 })] })).toBe('cash')
      expect(path({ perps: [perp(0, { profit: 1.7e308 })] }, { cash: 1.7e308 })).toBe('cash')
      // Each is finite, and their sum is not.
      expect(path({}, { cash: 6e307 })).toBe('cash')
      expect(path({}, { cash: 5e307 })).toBe('accepted')
    })

    test('error: figures that are finite, and what they may be wrong by is not', () => {
      // Longs and shorts cancel; their notional, without signs, does not.
      expect(path({ perps: [perp(8e305), perp(-8e305)] })).toBe('cash')
      expect(path({ perps: [perp(8e303), perp(-8e303)] })).toBe('accepted')
    })

    test('error: what is infinite in a model is not the account’s', () => {
      const worthless = () => one(model([scenario(0)]), { perps: [perp(Number.NaN)] })
      expect(worthless).toThrow(expect.objectContaining({ path: 'markets.0.perps.0.amount' }))
    })
  })

  test('worked example: the error, of what was added up at its largest', () => {
    const wide = model([scenario(1.5), scenario(1, 'none', 2)], {}, { factor: { initial: 1, maintenance: 3 } })
    const units = 2 ** -52
    // A perp: 4·(100 + 100)·3, its profit 8 and 200 in the first scenario, times 3; 64 and 4 + 2 + 4 steps.
    const perps = [perp(4, { profit: 8 })]
    expect(one(wide, { perps }).error / units).toBeCloseTo((2_400 + 8 + 200) * 3 * 74, 6)
    expect(one(wide, { perps }, { cash: -50 }).error / units).toBeCloseTo((2_400 + 8 + 200) * 3 * 74 + 50, 6)
    // Collateral: 200 in USD, 400 in stablecoins, times 3; it moves by 400/2 and counts in units of the stablecoin.
    expect(one(wide, { collaterals: [eth] }, { stablePrice: 0.5 }).error / units).toBeCloseTo((800 * 3 + 200) * 3 * 74, 6)
    // Options: 2·(50 + 100·3) + 2·100, and what they lose: 2·50 in the first; 64 + 6 + 4·2 steps.
    const calls = [expiry([option('call', 50, -2)])]
    expect(one(wide, { expiries: calls }).error / units).toBeCloseTo((900 + 100) * 3 * 78, 6)
    // What is owed after a shock counts 1.5-fold: 2·150 less 2·50 in the first, twice 50 in the second.
    const owed = model(
      [scenario(1.5), scenario(1, 'none', 2)],
      {},
      { owed: { base: 0.5, multiple: 0, addend: 0 }, held: { base: 1.5, multiple: 0, addend: 0 } },
    )
    expect(one(owed, { expiries: [expiry([option('call', 50, 2)])] }).error / units).toBeCloseTo((900 * 1.5 + 200 + 100) * 78, 6)
  })

  test('edge: discounts after a shock, and a loss that nothing loses, leave the error as it is', () => {
    const half = { base: 0.5, multiple: 0, addend: 0 }
    const calls = [expiry([option('call', 50, 2)])]
    const error = (of: Model.Model, stablePrice: number) => one(of, { expiries: calls }, { stablePrice }).error
    expect(error(model([], {}, { held: half, owed: half }), 1)).toBe(error(model([]), 1))
    const depeg = { threshold: 1, ofLoss: 2, ofNotional: 0 }
    expect(error(model([], { span: null, depeg }), 0.5)).toBe(error(model([], { span: null }), 0.5))
  })

  test('worked example: everything at once has an error far below a millionth of its size', () => {
    const { error } = one(model(full.span?.scenarios ?? [], full, full.span ?? still), { perps: [perp(4)], collaterals: [eth] })
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(1e-9)
  })
})

describe('check', () => {
  const sound: Portfolio.Market = market(model(grid), {
    perps: [perp(1)],
    collaterals: [eth],
    expiries: [expiry([option('call', 100, 1)], { futures: [{ amount: 1, profit: 0 }] })],
  })
  const set = (of: unknown, [first = '', ...rest]: readonly string[], value: unknown): unknown => {
    const changed = rest.length === 0 ? value : set((of as Record<string, unknown>)[first], rest, value)
    return Array.isArray(of) ? of.with(Number(first), changed) : { ...(of as object), [first]: changed }
  }
  const refused = (path: string, value: unknown) => {
    try {
      Portfolio.check(set({ cash: 1, stablePrice: 1, markets: [sound] }, path.split('.'), value) as Portfolio.Account)
    } catch (error) {
      if (error instanceof Portfolio.InvalidAccountError) return { path: error.path, value: error.value }
      throw error
    }
    return 'accepted'
  }
  const one = 'markets.0'
  const any = ['cash', `${one}.perps.0.amount`, `${one}.perps.0.profit`]
  const inside = [`${one}.expiries.0.futures.0.amount`, `${one}.expiries.0.futures.0.profit`, `${one}.expiries.0.options.0.amount`]
  const confidences = [`${one}.perps.0.confidence`, `${one}.collaterals.0.confidence`, `${one}.expiries.0.confidence`]
  const collateral = ['amount', 'price', 'haircut.initial', 'haircut.maintenance'].map((name) => `${one}.collaterals.0.${name}`)
  const expiries = ['forward', 'seconds', 'rate', 'options.0.strike', 'options.0.volatility'].map((name) => `${one}.expiries.0.${name}`)

  test.each([...any, ...inside, ...confidences, ...collateral, ...expiries, 'stablePrice', `${one}.spot`, `${one}.perps.0.price`])(
    'error: %s that is no finite number',
    (path) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, '1']) expect(refused(path, value)).toEqual({ path, value })
    },
  )

  test.each([...confidences, ...collateral, ...expiries, `${one}.perps.0.price`])('error: %s below 0; 0 is fine', (path) => {
    expect([refused(path, -1e-9), refused(path, 0)]).toEqual([{ path, value: -1e-9 }, 'accepted'])
  })

  test.each([...any, ...inside])('edge: %s below 0 is fine', (path) => {
    expect(refused(path, -1)).toBe('accepted')
  })

  test.each(confidences)('error: %s above 1; 1 is fine', (path) => {
    expect([refused(path, 1.001), refused(path, 1)]).toEqual([{ path, value: 1.001 }, 'accepted'])
  })

  test.each(['stablePrice', `${one}.spot`])('error: %s that is 0 or below', (path) => {
    expect([refused(path, 0), refused(path, -1), refused(path, 0.5)]).toEqual([{ path, value: 0 }, { path, value: -1 }, 'accepted'])
  })

  test('error: an option that is neither a call nor a put', () => {
    const path = `${one}.expiries.0.options.0.kind`
    expect([refused(path, 'Put'), refused(path, 'put'), refused(path, 'call')]).toEqual([{ path, value: 'Put' }, 'accepted', 'accepted'])
  })

  test('error: an unknown confidence is not a certain one', () => {
    const unsure = { ...sound, perps: [perp(1, { confidence: Number.NaN })] }
    expect(() => Portfolio.assess({ cash: 1, stablePrice: 1, markets: [unsure] })).toThrow(Portfolio.InvalidAccountError)
  })
})
