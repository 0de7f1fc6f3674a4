import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Book from './Book.ts'
import * as Matrix from './Matrix.ts'
import * as Model from './Model.ts'
import * as Option from './Option.ts'
import * as Portfolio from './Portfolio.ts'
import { expiry, free, full, holdings, isolated, market, model, money, option, scenario } from './testing/portfolio.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 500)
const positions = (...accounts: readonly (readonly (readonly [instrument: number, amount: number])[])[]): Book.Positions => ({
  starts: Int32Array.from([0, ...accounts.map((_, a) => accounts.slice(0, a + 1).flat().length)]),
  instrument: Int32Array.from(accounts.flat(), ([instrument]) => instrument),
  amount: Float64Array.from(accounts.flat(), ([, amount]) => amount),
  cash: Float64Array.from(accounts, () => 10),
})

/** What an account holds, by the numbers of the matrix: the market with only that. */
function alone(of: Portfolio.Market, held: readonly (readonly [number, number])[]): Portfolio.Market {
  let next = 0
  const amounts = () => {
    const mine = held.flatMap(([instrument, amount]) => (instrument === next ? [amount] : []))
    next++
    return mine
  }
  const options = of.expiries.map((each) => each.options.flatMap((leg) => amounts().map((amount) => ({ ...leg, amount }))))
  const futures = of.expiries.map((each) => each.futures.flatMap(() => amounts().map((amount) => ({ amount, profit: 0 }))))
  const perps = of.perps.flatMap((perp) => amounts().map((amount) => ({ ...perp, amount, profit: 0 })))
  const collaterals = of.collaterals.flatMap((lot) => amounts().map((amount) => ({ ...lot, amount })))
  const expiries = of.expiries.map((each, i) => ({ ...each, options: options[i] ?? [], futures: futures[i] ?? [] }))
  return { ...of, perps, collaterals, expiries }
}

describe('of', () => {
  test('worked example: rows of options, filled up to eight columns, then tilts, then the price now and the basis', () => {
    const basis = { up: 1.5, down: 0.5, flat: 1, perYear: 0 }
    const of = model([scenario(1.25), scenario(1, 'linear'), scenario(0.75)], {}, { basis })
    const matrix = Matrix.of(market(of, { expiries: [expiry([option('call', 100, 0), option('put', 90, 0)])] }), 1)
    expect(matrix).toMatchObject({ instruments: 2, options: 2, stride: 12, filled: 8, tilted: 1, alike: false })
    expect(Array.from(matrix.scenario)).toEqual([0, 2, -1, -1, -1, -1, -1, -1, 1])
    expect(Array.from(matrix.prices)).toEqual([25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 0, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40])
  })

  test('worked example: what a unit of each instrument moves, counts and costs', () => {
    const doubt = { threshold: 0.5, rate: 0.5 }
    const basis = { up: 1.5, down: 0.5, flat: 0.25, perYear: 0.5 }
    const terms = {
      linear: { price: 'spot' as const, initial: 0.25, maintenance: 0.125 },
      doubt: { ...free.doubt, collateral: doubt, linear: doubt },
    }
    const lot = { amount: 0, price: 8, confidence: 0.25, moves: true, haircut: { initial: 0.125, maintenance: 0.25 } }
    const perp = { amount: 0, price: 90, profit: 0, confidence: 0.25 }
    const held = {
      perps: [perp],
      expiries: [expiry([option('call', 100, 0)], { seconds: Option.yearSeconds / 2, futures: [{ amount: 0, profit: 0 }] })],
      collaterals: [lot],
    }
    const matrix = Matrix.of(market(model([scenario(1.25)], terms, { basis }), held), 0.5)
    const numbers = (of: Float64Array) => Array.from(of)
    // An option, a future, a perp, a collateral. A unit of collateral is 16 in stablecoins of half a dollar.
    expect(numbers(matrix.exposure)).toEqual([0, 0, 90, 16])
    expect(numbers(matrix.value)).toEqual([0, 0, 0, 16])
    expect(numbers(matrix.initial)).toEqual([0, 0, 0, 16 - 16 * (0.125 + 0.75 * 0.5)])
    expect(numbers(matrix.maintenance)).toEqual([0, 0, 0, 12])
    expect(numbers(matrix.initialCharge)).toEqual([0, 0, 25 + 100 * 0.75 * 0.5, 0])
    expect(numbers(matrix.maintenanceCharge)).toEqual([0, 0, 12.5, 0])
    expect(numbers(matrix.futureInitialCharge)).toEqual([25])
    expect(Array.from(matrix.expiry)).toEqual([0, 0, -1, -1])
    // Half a year: 0.25 and half of 0.5.
    expect(numbers(matrix.basis)).toEqual([0.5])
    // What only fills up does not move.
    expect(numbers(matrix.shifts)).toEqual([0.25, 0, 0, 0, 0, 0, 0, 0])
    expect(numbers(matrix.dampening)).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
  })

  test('worked example: expiries are told apart only where something depends on it', () => {
    const expiries = [expiry([option('call', 100, 0)]), expiry([option('call', 100, 0)])]
    const of = (terms: Partial<Model.Terms>, span: Partial<Model.Span> = {}, changes: Partial<Portfolio.Expiry>[] = []) =>
      Matrix.of(market(model([scenario(1)], terms, span), { expiries: expiries.map((each, i) => ({ ...each, ...changes[i] })) }), 1)
    expect(of({})).toMatchObject({ alike: true, expiry: Int32Array.of(0, 0) })
    expect(of({}, { held: { base: 0.9, multiple: 0, addend: 0 } })).toMatchObject({ alike: false, expiry: Int32Array.of(0, 1) })
    expect(of({}, { owed: { base: 0.9, multiple: 0, addend: 0 } }).alike).toBe(false)
    expect(of({}, { basis: { up: 1.1, down: 0.9, flat: 1, perYear: 0 } }).alike).toBe(false)
    expect(of({}, { scenarios: [scenario(1, 'linear')] }).alike).toBe(false)
    expect(of({}, {}, [{ futures: [{ amount: 0, profit: 0 }] }]).alike).toBe(false)
    const doubt = { ...free.doubt, options: { threshold: 0.5, rate: 1, units: 'all' as const } }
    expect(of({ doubt }, {}, [{ confidence: 0 }]).alike).toBe(false)
    expect(of({ doubt }, {}, [{ confidence: 0 }, { confidence: 0 }]).alike).toBe(true)
    const written = { ...free.doubt, options: { ...doubt.options, units: 'written' as const } }
    expect(of({ doubt: written }, {}, [{ confidence: 0 }]).alike).toBe(false)
  })

  test('error: a model of written options alone', () => {
    expect(() => Matrix.of(market(Model.of(isolated)), 1)).toThrow(Matrix.UnsupportedModelError)
  })

  test('error: a market or a stable price that there is not', () => {
    const of = (changes: Partial<Portfolio.Market>, stablePrice = 1) =>
      Matrix.of(market(model([scenario(1)]), { expiries: [expiry([option('call', 100, 0)])], ...changes }), stablePrice)
    expect(of({}).instruments).toBe(1)
    expect(() => of({ spot: -1 })).toThrow(expect.objectContaining({ name: 'Portfolio.InvalidAccountError', path: 'markets.0.spot' }))
    expect(() => of({}, Number.NaN)).toThrow(expect.objectContaining({ path: 'stablePrice' }))
    const volatile = [expiry([{ ...option('call', 100, 0), volatility: -1 }])]
    expect(() => of({ expiries: volatile })).toThrow(expect.objectContaining({ path: 'markets.0.expiries.0.options.0.volatility' }))
    expect(() => of({ expiries: [expiry([], { confidence: Number.NaN })] })).toThrow(Portfolio.InvalidAccountError)
  })
})

describe('assess', () => {
  const of = model([scenario(1.25), scenario(0.75)], { linear: { price: 'spot', initial: 0.25, maintenance: 0.125 } })
  const perp = { amount: 0, price: 100, profit: 0, confidence: 1 }
  const lot = { amount: 0, price: 100, confidence: 1, moves: true, haircut: { initial: 0.25, maintenance: 0.125 } }
  const all = market(of, {
    perps: [perp],
    expiries: [
      expiry([option('call', 100, 0), option('put', 100, 0)]),
      expiry([option('call', 50, 0)], { futures: [{ amount: 0, profit: 0 }] }),
    ],
    collaterals: [lot],
  })

  test('worked example: one account of each instrument, and nobody', () => {
    const matrix = Matrix.of(all, 1)
    const one = (instrument: number, amount: number) => [[instrument, amount]] as const
    const book = Book.of(matrix, positions(one(0, -4), one(1, -4), one(2, 1), one(3, 2), one(4, -2), one(5, 1), []))
    const { initial, maintenance, markToMarket, worst, worstScenario } = Matrix.assess(matrix, book)
    expect(Array.from(worst)).toEqual([-100, -100, -25, -50, -50, -25, 0])
    expect(Array.from(worstScenario)).toEqual([0, 1, 1, 1, 0, 1, 2])
    expect(Array.from(initial)).toEqual([-90, -90, 35, -90, -90, 60, 10])
    expect(Array.from(maintenance)).toEqual([-40, -40, 47.5, -40, -40, 85, 10])
    expect(Array.from(markToMarket)).toEqual([10, 10, 60, 10, 10, 110, 10])
  })

  test('worked example: collateral counts in units of a weak stablecoin', () => {
    const matrix = Matrix.of(all, 0.5)
    const { initial, maintenance, markToMarket } = Matrix.assess(matrix, Book.of(matrix, positions([[5, 1]])))
    // 200 in stablecoins, a quarter off towards initial margin, and 50 lost in the second scenario
    expect([initial[0], maintenance[0], markToMarket[0]]).toEqual([10 + 150 - 50, 10 + 175 - 25, 210])
  })

  test('property: each scenario in turn is the worst, with several expiries held and owed', () => {
    const span = full.span
    if (span === null) throw new Error('no scenarios')
    const seconds = 40 * 86_400
    const legs = [option('call', 90, 0), option('put', 110, 0), option('put', 95, 0), option('call', 105, 0)]
    const expiries = [expiry(legs, { seconds, rate: 0.05 }), expiry(legs, { seconds: 2 * seconds, rate: 0.05 })]
    const held = [
      [
        [0, -3],
        [3, 1],
        [5, 2],
        [6, -1],
      ],
      [
        [1, 4],
        [2, -2],
        [4, 1],
        [7, -3],
      ],
      [
        [0, 2],
        [1, -1],
        [6, 2],
        [7, 1],
      ],
    ] as const
    for (const s of span.scenarios.keys()) {
      const scenarios = span.scenarios.map((each, i) => ({ ...each, dampening: i === s ? 50 : 0 }))
      const shared = market(Model.of({ ...full, span: { ...span, scenarios, basis: null } }), { expiries })
      const matrix = Matrix.of(shared, 1)
      for (const sign of [1, -1]) {
        const accounts = held.map((each) => each.map(([i, amount]) => [i, sign * amount] as const))
        const found = Matrix.assess(matrix, Book.of(matrix, positions(...accounts)))
        for (const [a, account] of accounts.entries()) {
          const { initial, error, markets } = Portfolio.assess({ cash: 10, stablePrice: 1, markets: [alone(shared, account)] })
          expect(Math.abs((found.initial[a] ?? Number.NaN) - initial)).toBeLessThanOrEqual(error)
          expect(found.worstScenario[a]).toBe(markets[0]?.worstScenario)
        }
      }
    }
  })

  test('worked example: the same book after prices have changed', () => {
    const book = Book.of(Matrix.of(all, 1), positions([[3, 2]]))
    expect(Matrix.assess(Matrix.of({ ...all, spot: 200 }, 1), book).initial[0]).toBe(10 - 50 - 100)
  })

  test('error: a book of other instruments, or of expiries told apart differently', () => {
    const plain = market(of, { expiries: [expiry([option('call', 100, 0)])] })
    const discounted = model([scenario(1.25)], {}, { held: { base: 0.5, multiple: 0, addend: 0 } })
    const book = Book.of(Matrix.of(plain, 1), positions([[0, 1]]))
    expect(() => Matrix.assess(Matrix.of(all, 1), book)).toThrow(Matrix.StaleBookError)
    expect(() => Matrix.assess(Matrix.of({ ...plain, model: discounted }, 1), book)).toThrow(Matrix.StaleBookError)
    expect(Matrix.assess(Matrix.of(plain, 0.5), book).worst[0]).toBe(0)
  })

  const linear: Model.Terms = {
    ...full,
    span: full.span && {
      ...full.span,
      scenarios: full.span.scenarios.filter(({ volatility }) => volatility !== 'linear' && volatility !== 'absolute'),
      held: { base: 1, multiple: 0, addend: 0 },
      owed: { base: 1, multiple: 0, addend: 0 },
      basis: null,
    },
  }
  const written: Model.Terms = { ...full, linear: { ...full.linear, price: 'mark' }, collateral: 'usd', doubt: isolated.doubt }

  test.each([
    ['everything', full],
    ['no sign matters', linear],
    ['other units', written],
    ['no scenarios', { ...full, span: null }],
  ] as const)('property: a book is its accounts one by one: %s', (_, terms) => {
    const held = fc.array(fc.tuple(fc.nat(), fc.double({ min: -10, max: 10, noNaN: true })), { maxLength: 10 })
    fc.assert(
      fc.property(holdings, money, fc.array(held, { maxLength: 4 }), (holds, { stablePrice }, wanted) => {
        const shared = market(Model.of(terms), holds)
        const matrix = Matrix.of(shared, stablePrice)
        const accounts = wanted.map((each) =>
          each.flatMap(([at, amount]): (readonly [number, number])[] => {
            if (matrix.instruments === 0) return []
            const instrument = at % matrix.instruments
            return [[instrument, instrument >= matrix.instruments - matrix.collaterals ? Math.abs(amount) : amount]]
          }),
        )
        const found = Matrix.assess(matrix, Book.of(matrix, positions(...accounts)))
        for (const [a, account] of accounts.entries()) {
          const { initial, maintenance, markToMarket, error, markets } = Portfolio.assess({
            cash: 10,
            stablePrice,
            markets: [alone(shared, account)],
          })
          const near = (value: number | undefined, wanted: number) =>
            expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThanOrEqual(error)
          near(found.initial[a], initial)
          near(found.maintenance[a], maintenance)
          near(found.markToMarket[a], markToMarket)
          const [only] = markets
          near(found.worst[a], only?.worst ?? Number.NaN)
          const at = found.worstScenario[a] ?? -1
          near(only?.profits[at] ?? only?.basis, only?.worst ?? Number.NaN)
        }
      }),
      { numRuns },
    )
  })
})
