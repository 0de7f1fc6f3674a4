/** Test kit: forecasts and accounts that fast-check draws. */
import * as fc from 'fast-check'
import { type Book, Calibrator, Forecast } from '../index.ts'

/** USD × 1e18, to a millionth. */
export const usd = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

export const names = ['BTC', 'ETH', 'SOL'] as const

/** An hour looked at every minute, a spread of `sigma` in each market. */
export function hour(sigma: number, jumps: Forecast.Jumps = Forecast.still): Forecast.Forecast {
  return Forecast.of({
    horizonSeconds: 3_600,
    intervalSeconds: 60,
    markets: Object.fromEntries(names.map((name) => [name, { variance: sigma * sigma, loading: 0.8, jumps }])),
    calibrator: Calibrator.none,
  })
}

const jumps = fc.oneof(
  fc.constant(Forecast.still),
  fc.record({ probability: fc.double({ min: 0, max: 0.2, noNaN: true }), sigma: fc.double({ min: 0.01, max: 0.2, noNaN: true }) }),
)

const calibrator: fc.Arbitrary<Calibrator.Calibrator> = fc
  .array(fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: 0.05, max: 1, noNaN: true })), { maxLength: 4 })
  .map((steps) => {
    let knot = { from: 0, to: 0 }
    return steps.map(([from, to]) => {
      knot = { from: knot.from + from, to: knot.to + to }
      return knot
    })
  })

/** Of all three markets, a spread of 0.1 to 10 %. */
export const forecast: fc.Arbitrary<Forecast.Forecast> = fc
  .record({
    sigmas: fc.array(fc.double({ min: 0.001, max: 0.1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    loadings: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    intervalSeconds: fc.integer({ min: 1, max: 3_600 }),
    jumps,
    calibrator,
  })
  .map(({ sigmas, loadings, intervalSeconds, jumps, calibrator }) =>
    Forecast.of({
      ...{ horizonSeconds: 3_600, intervalSeconds, calibrator },
      markets: Object.fromEntries(names.map((name, k) => [name, { variance: (sigmas[k] ?? 0) ** 2, loading: loadings[k] ?? 0, jumps }])),
    }),
  )

const position = (market: string): fc.Arbitrary<Book.Position> =>
  fc.record({
    market: fc.constant(market),
    side: fc.constantFrom('long' as const, 'short' as const),
    notional: fc.bigInt({ min: 10n ** 18n, max: 10n ** 24n }),
    maintenancePpm: fc.integer({ min: 2_000, max: 200_000 }),
  })

/** One position, above its maintenance margin by up to 60 % of the notional. */
export const isolated: fc.Arbitrary<Book.Account> = fc
  .tuple(position('ETH'), fc.integer({ min: 0, max: 600_000 }))
  .map(([one, abovePpm]) => {
    const equity = (one.notional * BigInt(one.maintenancePpm + abovePpm)) / 1_000_000n + 1n
    return { account: 'a', equity, collateral: equity, positions: [one] }
  })

/** Up to three positions on one pool of collateral, some with a holding. */
export const crossed: fc.Arbitrary<Book.Account> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).chain((markets) => fc.tuple(...markets.map(position))),
    fc.integer({ min: 0, max: 400_000 }),
    fc.option(fc.record({ market: fc.constantFrom(...names), value: fc.bigInt({ min: 10n ** 18n, max: 10n ** 23n }) })),
  )
  .map(([positions, abovePpm, held]) => {
    const gross = positions.reduce((sum, { notional }) => sum + notional, 0n)
    const needed = positions.reduce((sum, { notional, maintenancePpm }) => sum + notional * BigInt(maintenancePpm), 0n) / 1_000_000n
    const equity = needed + (gross * BigInt(abovePpm)) / 1_000_000n + 1n
    return { account: 'a', equity, collateral: equity, positions, ...(held === null ? {} : { holdings: [held] }) }
  })
