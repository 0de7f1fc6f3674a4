/**
 * Aave v3: one pool, two assets supplied and three owed, or as the book has its sides, in bignumber.js.
 *
 * No client is needed: `formatUserSummary` takes what the pool's data provider returns. The reserves are formatted once, outside the clock,
 * as they are the same for everybody. Initial margin is what its loan-to-value leaves to borrow, maintenance its liquidation threshold.
 */
import { formatReserves, formatUserSummary } from '@aave/math-utils'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Reserves = ReturnType<typeof formatReserves>
type Account = { readonly book: Book.Account; readonly held: Parameters<typeof formatUserSummary>[0]['userReserves'] }
type Result = ReturnType<typeof formatUserSummary>

const currentTimestamp = 1_700_003_600
const ray = 10n ** 27n
const usdDecimals = 8
/** 1 USD, which is the currency that Aave v3 counts in. */
const marketReferencePriceInUsd = (10n ** BigInt(usdDecimals)).toString()

/** Interest is accrued to the second before the clock runs, so that a balance is what the book says. */
const reserves: Reserves = formatReserves({
  reserves: Book.markets.map((market, index) => ({
    originalId: index,
    id: market.symbol,
    symbol: market.symbol,
    name: market.symbol,
    decimals: 18,
    underlyingAsset: market.symbol.toLowerCase(),
    usageAsCollateralEnabled: true,
    reserveFactor: '1000',
    baseLTVasCollateral: String(10_000 - market.imPpm / 100),
    reserveLiquidationThreshold: String(10_000 - market.mmPpm / 100),
    reserveLiquidationBonus: '10500',
    liquidityIndex: ray.toString(),
    variableBorrowIndex: ray.toString(),
    liquidityRate: (ray / 100n).toString(),
    variableBorrowRate: (ray / 50n).toString(),
    availableLiquidity: '1000000000000000000000000',
    totalScaledVariableDebt: '500000000000000000000000',
    lastUpdateTimestamp: currentTimestamp - 3600,
    borrowCap: '0',
    supplyCap: '0',
    debtCeiling: '0',
    debtCeilingDecimals: 2,
    isolationModeTotalDebt: '0',
    virtualUnderlyingBalance: '1000000000000000000000000',
    deficit: '0',
    priceInMarketReferenceCurrency: String(market.price * 10 ** (usdDecimals - 2)),
  })),
  currentTimestamp,
  marketReferencePriceInUsd,
  marketReferenceCurrencyDecimals: usdDecimals,
})

export const pool = Contender.of<Account, Result>({
  name: '@aave/math-utils',
  returns: 'IM (free to borrow), MM (threshold), health factor',
  complete: true,
  tolerance: 1e-6,
  make: (seed) => Book.accounts(seed).map((book) => ({ book, held: book.positions.map(from) })),
  assess: ({ held }) =>
    formatUserSummary({
      currentTimestamp,
      marketReferencePriceInUsd,
      marketReferenceCurrencyDecimals: usdDecimals,
      userReserves: held,
      formattedReserves: reserves,
      userEmodeCategoryId: 0,
    }),
  figures: ({ availableBorrowsUSD, currentLiquidationThreshold, totalCollateralUSD, totalBorrowsUSD, healthFactor }) => ({
    free: Number(availableBorrowsUSD),
    threshold: Number(currentLiquidationThreshold),
    collateral: Number(totalCollateralUSD),
    borrowed: Number(totalBorrowsUSD),
    health: Number(healthFactor),
  }),
  expected({ book }) {
    // An hour of linear interest on what is supplied, of compound interest to the third order on what is owed.
    const hour = 3600 / 31_536_000
    const owned = (position: Book.Position) => (position.size > 0 ? Book.notional(position) * (1 + 0.01 * hour) : 0)
    const owed = (position: Book.Position) => (position.size < 0 ? Book.notional(position) * debtShare * Math.exp(0.02 * hour) : 0)
    const collateral = Book.sum(book.positions, owned)
    const borrowed = Book.sum(book.positions, owed)
    /** Of the collateral, weighted by value. The pool cuts it to 1/10,000, the package does not. */
    const average = (rate: (market: Book.Market) => number) =>
      Book.sum(book.positions, (each) => owned(each) * (1 - rate(each.market) / 1e6)) / collateral
    const threshold = average((market) => market.mmPpm)
    return {
      free: Math.max(0, collateral * average((market) => market.imPpm) - borrowed),
      threshold,
      collateral,
      borrowed,
      health: (collateral * threshold) / borrowed,
    }
  },
})

/** Of a short position's size, so that most accounts can pay what they owe. */
const debtShare = 0.5

function from({ market, size }: Book.Position) {
  const whole = (BigInt(Math.abs(size)) * 10n ** 18n) / BigInt(Book.sizeUnit)
  return {
    underlyingAsset: market.symbol.toLowerCase(),
    usageAsCollateralEnabledOnUser: size > 0,
    scaledATokenBalance: size > 0 ? whole.toString() : '0',
    scaledVariableDebt: size < 0 ? (whole / 2n).toString() : '0',
  }
}
