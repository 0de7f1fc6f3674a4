/** An account at other prices: what is worth something moves, what is counted stays. */
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import type * as Valuation from './Valuation.ts'

/** The price of a market, an asset or a currency, from its name and its price now. */
export type PriceOf = (name: string, now: Valuation.Value) => Valuation.Value

/**
 * The account with every price replaced: of balances, of positions, and of the currencies that positions are in.
 *
 * Formula: `X = X_0 · P / P_0` for open interest and what a pool holds, which are counts: their worth moves with the price.
 * Source:  docs/method/liquidation-price.md, eq. (1) and (2).
 * Rounding: open interest and what pools hold up.
 *
 * Sizes, costs, funding, orders and fees stay.
 *
 * @example
 * const flat = { initial: { kind: 'flat', rate: 1n }, maintenance: { kind: 'flat', rate: 1n } }
 * const ether = { asset: 'ETH', amount: 2n, unit: 1n, price: Valuation.mark(100n), owned: flat, owed: flat, total: 50n }
 * const { price, total } = Prices.move({ balances: [ether], positions: [], fees: 0n, asOf: 0 }, () => Valuation.mark(110n)).balances[0]
 * const moved = { price: price.low, total }
 * moved
 * // => { price: 110n, total: 55n }
 */
export function move(account: Account.Account, priceOf: PriceOf): Account.Account {
  return {
    ...account,
    balances: account.balances.map((balance) => {
      const { asset, price, total, totalOwed } = balance
      const to = priceOf(asset, price)
      const owed = totalOwed !== undefined && { totalOwed: scaled(totalOwed, price.high, to.high) }
      return { ...balance, price: to, total: scaled(total, price.low, to.low), ...owed }
    }),
    positions: account.positions.map((position) => {
      const { market, price, openInterest, currency } = position
      const to = priceOf(market, price)
      const paid = currency && { currency: { ...currency, price: priceOf(currency.asset, currency.price) } }
      return { ...position, price: to, openInterest: scaled(openInterest, price.high, to.high), ...paid }
    }),
  }
}

/** Of a price that is 0 now nothing can be scaled. */
function scaled(amount: bigint, before: bigint, after: bigint): bigint {
  return before === 0n ? amount : Fixed.mulDiv(amount, after, before, 'up')
}
