import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as LiquidationPrice from './LiquidationPrice.ts'
import * as Arbitrary from './testing/arbitrary.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 500)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const flat = (ppm: number) => ({ kind: 'flat' as const, ppm })
const at = (price: bigint) => ({ index: price, mark: price })
const long: Account.Holding = {
  market: 'ETH-PERP',
  side: 'long',
  size: usd(10),
  entryPrice: usd(100),
  price: at(usd(100)),
  initial: flat(1_000_000),
  maintenance: flat(50_000),
  openInterest: 0n,
}
const short: Account.Holding = { ...long, side: 'short' }
const account = (collateral: bigint, ...positions: Account.Holding[]): Account.Account => ({ collateral, fees: 0n, positions })
const priceOf = (it: Account.Account) => LiquidationPrice.of(it, 'ETH-PERP')

/** E − MM with the market at a price. */
function excess(it: Account.Account, price: bigint): bigint {
  const positions = it.positions.map((position) => (position.market === 'ETH-PERP' ? { ...position, price: at(price) } : position))
  const { equity, maintenanceMargin } = Account.summary({ ...it, positions })
  return equity - maintenanceMargin
}

/** What the figures are rounded by, in price. */
function near(price: bigint, exact: bigint): boolean {
  const away = price - exact
  return away < 10n && away > -10n
}

describe('of', () => {
  test('worked example: isolated', () => {
    // 145 + 10·(P − 100) = 0.05·10·P at P = 90
    const down = priceOf(account(usd(145), long))
    expect(down.status === 'price' && near(down.price, usd(90))).toBe(true)
    // 155 + 10·(100 − P) = 0.05·10·P at P = 110
    const up = priceOf(account(usd(155), short))
    expect(up.status === 'price' && near(up.price, usd(110))).toBe(true)
  })

  test('rounding: towards danger, after twelve units of USD are kept', () => {
    // 9.5·P ≥ 855 + 12 units, and 10.5·P ≤ 1155 − 12 units
    expect(priceOf(account(usd(145), long))).toEqual({ status: 'price', price: usd(90) + 2n })
    expect(priceOf(account(usd(155), short))).toEqual({ status: 'price', price: usd(110) - 2n })
  })

  test('edge: a tier of full collateral has no root on the way down', () => {
    const maintenance = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: usd(2_000), ppm: 50_000 },
        { upTo: null, ppm: 1_000_000 },
      ],
    }
    expect(priceOf(account(usd(145), { ...long, maintenance }))).toEqual({ status: 'price', price: usd(90) + 2n })
  })

  test('worked example: through a tier', () => {
    const maintenance = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: usd(500), ppm: 50_000 },
        { upTo: null, ppm: 100_000 },
      ],
    }
    // Above 500 the requirement is 0.1·N − 25: 165 + 10·(P − 100) = P − 25 at P = 90
    const high = priceOf(account(usd(165), { ...long, maintenance }))
    expect(high.status === 'price' && near(high.price, usd(90))).toBe(true)
    // Below 500 it is 0.05·N: 620 + 10·(P − 100) = P/2 at P = 40
    const low = priceOf(account(usd(620), { ...long, maintenance }))
    expect(low.status === 'price' && near(low.price, usd(40))).toBe(true)
    // A short leaves the first tier on the way up: 680 + 10·(50 − P) = P − 25 at P = 109.5…
    const up = priceOf(account(usd(680), { ...short, entryPrice: usd(50), price: at(usd(50)), maintenance }))
    expect(up.status === 'price' && near(up.price, (usd(1_205) * 10n) / 110n)).toBe(true)
  })

  test('worked example: cross, where the rest of the account carries and costs', () => {
    const other = { ...short, market: 'BTC-PERP', price: at(usd(95)) } // gains 50, needs 47.5
    const it = { collateral: usd(145), fees: usd(2), positions: [long, other] }
    // 145 − 2 + 2.5 + 10·(P − 100) = 0.5·P at P = 89.947…
    const price = priceOf(it)
    expect(price.status === 'price' && near(price.price, (usd(8_545) * 10n) / 950n)).toBe(true)
  })

  test('worked example: a schedule that is no line is bisected', () => {
    const maintenance = { kind: 'sqrt' as const, ppm: 0, coefficientPpm: 50_000, unit: usd(900) }
    // 145 + 10·(90 − 100) = 5 % · √(900/900) · 900, to a ppm of notional
    const price = priceOf(account(usd(145), { ...long, maintenance }))
    expect(price.status === 'price' && price.price >= usd(90) && price.price < usd(90) + usd(90) / 100_000n).toBe(true)
  })

  test('none: and why', () => {
    expect(priceOf(account(usd(1)))).toEqual({ status: 'none', code: 'NO_POSITION', message: 'There is no open position in ETH-PERP.' })
    expect(priceOf(account(usd(1), { ...long, size: 0n })).status).toBe('none')
    expect(priceOf(account(usd(1_000), long))).toEqual({
      status: 'none',
      code: 'FULLY_COLLATERALISED',
      message: 'The account stands at any price of ETH-PERP: it holds all that the position can lose.',
    })
    const sqrt = { kind: 'sqrt' as const, ppm: 0, coefficientPpm: 50_000, unit: usd(900) }
    expect(priceOf(account(usd(1_000), { ...long, maintenance: sqrt })).status).toBe('none')
    expect(priceOf(account(usd(1_000) - 1n, long)).status).toBe('price')
  })

  test('edge: below maintenance margin already; exactly at it still stands', () => {
    expect(priceOf(account(usd(50) - 1n, long))).toEqual({ status: 'liquidatable' })
    expect(priceOf(account(usd(50), long)).status).toBe('price')
  })

  test('dimension: prices × k are the price × k', () => {
    const tripled = { ...long, entryPrice: usd(300), price: at(usd(300)) }
    const price = priceOf(account(3n * usd(145), tripled))
    expect(price.status === 'price' && near(price.price, usd(270))).toBe(true)
  })

  test('property: it stands at the price stated and from there to now, and falls just beyond', () => {
    const maintenance = Arbitrary.curve(400_000)
    const amount = fc.bigInt({ min: 1n, max: usd(5_000) })
    const side = fc.constantFrom('long' as const, 'short' as const)
    fc.assert(
      fc.property(
        maintenance,
        side,
        amount,
        amount,
        amount,
        amount,
        fc.integer({ min: 0, max: 1_000_000 }),
        (curve, side, size, entryPrice, price, collateral, between) => {
          const it = account(collateral, {
            ...long,
            side,
            size,
            entryPrice,
            price: at(price),
            maintenance: curve,
            initial: flat(10_000_000),
          })
          const found = priceOf(it)
          if (found.status === 'liquidatable') {
            expect(excess(it, price) < 0n).toBe(true)
            return
          }
          if (found.status === 'none') {
            expect(side === 'long' && excess(it, 0n) >= 0n).toBe(true)
            return
          }

          expect(excess(it, found.price) >= 0n).toBe(true)
          const on = found.price + ((price - found.price) * BigInt(between)) / 1_000_000n
          expect(excess(it, on) >= 0n).toBe(true)

          const onwards = side === 'long' ? -1n : 1n
          if (found.price === price || found.price + onwards <= 0n) return
          if (curve.kind === 'flat' || curve.kind === 'tiers') {
            // Rounding is a dozen units of USD, and a price moves the excess by at least 0.6 of the size.
            expect(excess(it, found.price + (onwards * (40n * 10n ** 18n)) / size + 2n * onwards) < 0n).toBe(true)
          } else {
            // For a schedule that is no line a ppm of notional is kept besides.
            const kept = 12n + (size * (found.price + 2n)) / 10n ** 24n + 1n
            expect(excess(it, found.price + onwards) < kept).toBe(true)
          }
        },
      ),
      { numRuns },
    )
  })
})
