import { describe, expect, test } from 'vitest'
import * as Exchange from './Exchange.ts'
import type * as Isolated from './Isolated.ts'

/** A flow moves the price by 0.4 a unit, a quarter of it for good. */
const market: Exchange.Market = {
  ...{ permanent: 0.1, temporary: 0.3, halfLifeSeconds: 60, rounds: 1, fee: 0.01, mandateFee: 0.001, insurance: 5 },
}
const backstop: Exchange.Backstop = {
  ...{ capital: 10, junior: 0.3, leverage: 2, share: 0.5, unwindSeconds: 1 },
  appetite: { confidence: 0, aversion: 0, fee: 0.08 },
  release: { seconds: 10, quiet: 0.25, near: 0.5, slice: 0.1 },
}

type Row = { readonly side: number; readonly notional: number; readonly equity: number }

const bookOf = (rows: readonly Row[]): Isolated.Positions => ({
  side: Int8Array.from(rows, ({ side }) => side),
  notional: Float64Array.from(rows, ({ notional }) => notional),
  equity: Float64Array.from(rows, ({ equity }) => equity),
  maintenance: new Float64Array(rows.length),
})
const some = bookOf([
  { side: 1, notional: 0.5, equity: 0.1 },
  { side: -1, notional: 0.2, equity: 0.3 },
])

/** At half the price of the beginning, with what the backstop holds already. */
const half = (over: Partial<Exchange.Backstop> = {}, held = { cash: 0, units: 0 }) => {
  const exchange = Exchange.of(some, market, { ...backstop, ...over })
  exchange.exogenous = Math.log(0.5)
  Object.assign(exchange.backstop, held)
  return exchange
}

/** The mean of price·e^−x on the way from 0 to a move. */
const mean = (price: number, move: number) => (price * -Math.expm1(-move)) / move

describe('of, parties', () => {
  test('worked example: 0.5 long and 0.2 short: the makers hold the other 0.3, and nobody has more or less than was posted', () => {
    const nobody = { side: 0, notional: 9, equity: 4 }
    const rows = [{ side: 1, notional: 0.5, equity: 0.1 }, nobody, { side: -1, notional: 0.2, equity: 0.3 }]
    const { accounts, makers, ...rest } = Exchange.parties(Exchange.of(bookOf(rows), market, backstop))
    expect([accounts.cash, accounts.units, makers.cash, makers.units].map((figure) => figure.toFixed(12))).toEqual(
      [0.1 + 4 + 0.3 - 0.3, 0.3, 0.3, -0.3].map((figure) => figure.toFixed(12)),
    )
    expect(rest).toEqual({
      ...{ backstop: { cash: 0, units: 0 }, unpaid: 0, index: 1 },
      reserves: { fees: 0, junior: 3, insurance: 5, senior: 7 },
    })
    expect(Exchange.parties(Exchange.of(some, market, null)).reserves).toEqual({ fees: 0, junior: 0, insurance: 5, senior: 0 })
  })
})

describe('mark, index', () => {
  test('worked example: the index is without what is gone soon', () => {
    const exchange = Object.assign(half(), { exogenous: -0.5, permanent: -0.25, temporary: -0.125 })
    expect(Exchange.mark(exchange)).toBe(Math.exp(-0.875))
    expect(Exchange.index(exchange)).toBe(Math.exp(-0.75))
  })
})

describe('close', () => {
  test('worked example: half a unit sold or bought back by itself moves the price by 0.2, and is filled at the mean', () => {
    for (const side of [1, -1] as const) {
      const exchange = Exchange.of(some, market, null)
      const price = Exchange.close(exchange, side, { units: 0.5, sigma: 0 })
      expect(price).toBeCloseTo(mean(1, side * 0.2), 14)
      expect(exchange).toMatchObject({ permanent: side * -0.05, temporary: side * -0.15, absorbed: 0 })
      expect(exchange.makers.units).toBeCloseTo(-0.3 + side * 0.5, 14)
      expect(exchange.makers.cash).toBeCloseTo(0.3 - side * 0.5 * price, 14)
    }
  })

  test('worked example: the backstop takes what pays it at the price of the rest', () => {
    // 0.5 units at a half move the price by 0.2, on average 0.1: less a fee of 8 % that is 0.02, or 0.05 USD at 0.4 a USD: 0.1 units.
    const exchange = half()
    const price = Exchange.close(exchange, 1, { units: 0.5, sigma: 0 })
    expect(price).toBeCloseTo(mean(0.5, 0.16), 12)
    expect(exchange.backstop.units).toBeCloseTo(0.1, 12)
    expect(exchange.backstop.cash).toBeCloseTo(-0.1 * price, 12)
    expect(exchange.absorbed).toBeCloseTo(0.1 * price, 12)
    expect(exchange.makers.units).toBeCloseTo(-0.3 + 0.4, 12)
  })

  test('edge: below the index all of its share, far below it no more; above the index nothing', () => {
    const taken = (temporary: number, side: 1 | -1 = 1) => {
      const exchange = Object.assign(half({ appetite: { confidence: 0, aversion: 0, fee: 0 } }), { temporary })
      Exchange.close(exchange, side, { units: 0.5, sigma: 0 })
      return exchange.backstop.units
    }
    expect(taken(-0.3)).toBeCloseTo(0.25, 12)
    expect(taken(-2)).toBeCloseTo(0.25, 12)
    expect(taken(0.2)).toBe(0)
    expect(taken(-0.3, -1)).toBe(0)
    expect(taken(0.3, -1)).toBeCloseTo(-0.25, 12)
  })

  test('edge: where nothing moves the price all is filled at it, and a backstop that asks for nothing takes its share', () => {
    const exchange = Exchange.of(
      some,
      { ...market, permanent: 0, temporary: 0 },
      { ...backstop, appetite: { confidence: 0, aversion: 0, fee: 0 } },
    )
    expect(Exchange.close(exchange, 1, { units: 0.5, sigma: 0 })).toBe(1)
    expect([exchange.backstop.units, exchange.absorbed]).toEqual([0.25, 0.25])
  })

  test('edge: no more than its capital carries: a loss counts, a gain does not, what it holds of the side does', () => {
    const keen = { share: 1, leverage: 0.01, appetite: { confidence: 0, aversion: 0, fee: 0 } }
    const worth = (side: 1 | -1, held: { readonly cash: number; readonly units: number }) => {
      const exchange = half(keen, held)
      Exchange.close(exchange, side, { units: 4, sigma: 0 })
      return (exchange.backstop.units - held.units) / 2
    }
    // 1 % of 10; of 10 less what 0.1 units bought at 10 have lost; 0.1 less and more what 0.1 units are worth.
    expect(worth(1, { cash: 0, units: 0 })).toBeCloseTo(0.1, 12)
    expect(worth(1, { cash: 7, units: 0.1 })).toBeCloseTo(0.1 - 0.05, 12)
    expect(worth(1, { cash: -1, units: 0.1 })).toBeCloseTo(0.01 * (10 - 0.95) - 0.05, 12)
    expect(worth(-1, { cash: 7, units: 0.1 })).toBeCloseTo(-0.1 - 0.05, 12)
    expect(worth(1, { cash: -30, units: 0 })).toBe(0)
  })
})

describe('settle', () => {
  test('worked example: a fee comes in; a debt goes down the waterfall, and what is left waits for the winners', () => {
    const exchange = Exchange.of(some, { ...market, insurance: 0.05 }, null)
    expect(Exchange.settle(exchange, 0, { units: 0.25, price: 0.9, fee: 0.02 })).toBe(0.02)
    expect(Exchange.parties(exchange).reserves.fees).toBe(0.02)
    // 0.1 − 0.025 − 0.02 are left, and the other quarter is worth 0.125 less at a half: 0.07 of debt, 0.07 in fees and fund.
    Exchange.settle(exchange, 0, { units: 0.25, price: 0.5, fee: 0.01 })
    expect(exchange.badDebt).toBeCloseTo(0.07, 12)
    expect(exchange).toMatchObject({ deficit: 0n, reserves: { fees: 0n, insurance: 0n } })
    // 0.3 + 0.2 − 0.2·2.75.
    Exchange.settle(exchange, 1, { units: 0.2, price: 2.75, fee: 0.01 })
    expect(exchange.badDebt).toBeCloseTo(0.12, 12)
    expect(exchange.deficit).toBe(50_000n * 10n ** 12n)
    expect([...exchange.standing.cash].map(Math.abs)).toEqual([0, 0])
  })
})

describe('release', () => {
  test('worked example: a slice of 0.1 USD at a half, either way, its fee to the makers', () => {
    for (const way of [1, -1] as const) {
      const exchange = half({}, { cash: 0, units: way * 0.5 })
      Exchange.release(exchange, 0.25)
      const fill = mean(0.5, way * 0.08)
      const fee = 0.08 * 0.2 * fill
      expect(exchange.backstop.units).toBeCloseTo(way * 0.3, 12)
      expect(exchange.backstop.cash).toBeCloseTo(way * 0.2 * fill - fee, 12)
      expect(exchange.makers.units).toBeCloseTo(-0.3 + way * 0.2, 12)
      expect(exchange.makers.cash).toBeCloseTo(0.3 - way * 0.2 * fill + fee, 12)
    }
  })

  test('edge: nothing while there is flow or divergence, no more than is left, nothing of nothing and without a backstop', () => {
    const units = (flow: number, temporary: number, held = 0.5) => {
      const exchange = Object.assign(half({}, { cash: 0, units: held }), { temporary })
      Exchange.release(exchange, flow)
      return exchange.backstop.units
    }
    expect([units(0.26, 0), units(0, -0.51), units(0, 0.51), units(0, 0, 0)]).toEqual([0.5, 0.5, 0.5, 0])
    expect([units(0, 0, 0.1), units(0, 0, -0.1)].map(Math.abs)).toEqual([0, 0])
    const without = Exchange.of(some, market, null)
    Exchange.release(without, 0)
    expect(without.makers).toEqual({ cash: 0.3, units: -0.3 })
  })
})

describe('deleverage', () => {
  const rows = [
    { side: -1, notional: 0.2, equity: 0.05 },
    { side: -1, notional: 0.5, equity: 0.25 },
    // Profit of less than a millionth; closed before with a profit of its own; at a loss.
    { side: -1, notional: 1e-9, equity: 1 },
    { side: -1, notional: 0.5, equity: 0.25 },
    { side: 1, notional: 0.5, equity: 0.25 },
  ]
  const after = (deficit: number) => {
    const exchange = Exchange.of(bookOf(rows), market, null)
    Exchange.settle(exchange, 3, { units: 0.5, price: 0.8, fee: 0 })
    const before = [...exchange.standing.cash]
    exchange.exogenous = Math.log(0.8)
    exchange.deficit = BigInt(Math.round(deficit * 1e6)) * 10n ** 12n
    Exchange.deleverage(exchange)
    return { exchange, given: before.map((cash, account) => Number((cash - (exchange.standing.cash[account] ?? 0)).toFixed(9))) }
  }

  test('worked example: 0.1 of profit at 0.4/0.35 gives before 0.04 at 0.16/0.09', () => {
    const { exchange, given } = after(0.11)
    expect(given).toEqual([0.01, 0.1, 0, 0, 0])
    // All of the 0.4, and a quarter of the 0.16.
    expect(exchange.deleveraged).toBeCloseTo(0.44, 9)
    expect(exchange).toMatchObject({ deficit: 0n, unpaid: 0 })
  })

  test('edge: what all winners together do not have is unpaid', () => {
    const { exchange, given } = after(0.2)
    expect(given).toEqual([0.04, 0.1, 0, 0, 0])
    expect(exchange.unpaid).toBeCloseTo(0.06, 9)
    expect(Exchange.parties(exchange).unpaid).toBe(exchange.unpaid)
  })
})
