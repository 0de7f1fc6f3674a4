/**
 * Orderly: requirements with a power of 4/5 of the notional, in decimal.js.
 *
 * No client is needed: the package is functions over the objects of its REST API, and the account holds exactly the fields they read.
 */
import { account as accounts, positions as lines } from '@orderly.network/perp'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Lines = Parameters<typeof lines.totalUnsettlementPnL>[0]
type Account = { readonly book: Book.Account; readonly lines: Lines; readonly cash: number }
type Result = { readonly initial: number; readonly maintenance: number; readonly collateral: number; readonly health: number }

/** What the notional^(4/5) of a market is multiplied by: chosen so that it binds on about half of the book. */
const factor = (market: Book.Market) => market.imPpm / 1e6 / 80_000 ** 0.8
const byMarket = <T>(value: (market: Book.Market) => T) => Object.fromEntries(Book.markets.map((market) => [market.symbol, value(market)]))

const prices = byMarket((market) => market.price / 100)
const factors = byMarket(factor)
/** Stands for the exchange's table of symbols, which the package reads through a getter with a default. */
const symbols = byMarket((market) => (field: string, otherwise: number) => (field === 'base_imr' ? market.imPpm / 1e6 : otherwise))

export const perpetuals = Contender.of<Account, Result>({
  name: '@orderly.network/perp',
  returns: 'IM, MM, MM coverage',
  complete: true,
  tolerance: 1e-9,
  make: (seed) => Book.accounts(seed).map(from),
  assess({ lines: held, cash }) {
    const unsettlementPnL = lines.totalUnsettlementPnL(held)
    const collateral = accounts.totalCollateral({ USDCHolding: cash, nonUSDCHolding: [], unsettlementPnL }).toNumber()
    const initial = accounts.totalInitialMarginWithQty({ positions: held, markPrices: prices, IMR_Factors: factors, symbolInfo: symbols })
    let maintenance = 0
    for (const [index, line] of held.entries()) {
      const market = Book.markets[index]
      if (market === undefined) throw new RangeError('a line without a market')
      const MMR = lines.MMR({
        baseMMR: market.mmPpm / 1e6,
        baseIMR: market.imPpm / 1e6,
        IMRFactor: factors[line.symbol] ?? 0,
        positionNotional: lines.notional(line.position_qty, line.mark_price),
        IMR_factor_power: 0.8,
      })
      maintenance += lines.maintenanceMargin({ positionQty: line.position_qty, markPrice: line.mark_price, MMR })
    }
    const ratio = accounts.totalMarginRatio({ totalCollateral: collateral, markPrices: prices, positions: held })
    const required = accounts.MMR({ positionsMMR: maintenance, positionsNotional: lines.totalNotional(held) }) ?? 0
    return { initial, maintenance, collateral, health: ratio / required }
  },
  figures: ({ initial, maintenance, collateral, health }) => ({ initial, maintenance, collateral, health }),
  expected({ book }) {
    const curve = (position: Book.Position) => factor(position.market) * Book.notional(position) ** 0.8
    const initial = Book.sum(book.positions, (each) => Book.notional(each) * Math.max(each.market.imPpm / 1e6, curve(each)))
    const maintenance = Book.sum(book.positions, (each) => {
      const { imPpm, mmPpm } = each.market
      return Book.notional(each) * Math.max(mmPpm / 1e6, (mmPpm / imPpm) * curve(each))
    })
    const collateral = Book.equity(book)
    return { initial, maintenance, collateral, health: collateral / maintenance }
  },
})

function from(book: Book.Account): Account {
  const held = book.positions.map(({ market, size, entry }) => ({
    symbol: market.symbol,
    position_qty: size / Book.sizeUnit,
    cost_position: (size * entry) / Book.sizeUnit / 100,
    average_open_price: entry / 100,
    mark_price: market.price / 100,
    last_sum_unitary_funding: 0,
    sum_unitary_funding: 0,
    pending_long_qty: 0,
    pending_short_qty: 0,
    leverage: 1e6 / market.imPpm,
  }))
  return { book, lines: held as unknown as Lines, cash: book.cash / 100 }
}
