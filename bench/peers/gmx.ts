/**
 * GMX v2: five isolated positions, each with its own fifth of the cash, in bigints of 30 decimals.
 *
 * The package's `Positions.getPositionsInfo` asks a chain first; what it then works out of the answers is these exported functions, called
 * here as it calls them. No client is needed: market and position hold the fields that the functions read. Its ES modules do not load in
 * Node (imports without an extension), so its CommonJS build is taken.
 */
import { createRequire } from 'node:module'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

const load = createRequire(import.meta.url)
const positions: typeof import('@gmx-io/sdk/utils/positions') = load('@gmx-io/sdk/utils/positions')
const fees: typeof import('@gmx-io/sdk/utils/fees/index') = load('@gmx-io/sdk/utils/fees/index')
const prices: typeof import('@gmx-io/sdk/utils/fees/priceImpact') = load('@gmx-io/sdk/utils/fees/priceImpact')
const numbers: typeof import('@gmx-io/sdk/utils/numbers') = load('@gmx-io/sdk/utils/numbers')
const tokens: typeof import('@gmx-io/sdk/utils/tokens') = load('@gmx-io/sdk/utils/tokens')

type Position = Parameters<typeof positions.getMinCollateralFactorForPosition>[0]
type Account = { readonly book: Book.Account; readonly held: readonly Position[] }
/** `worst` is of the position that is nearest to its liquidation: MM over net value, in 30 decimals. */
type Result = { readonly initial: bigint; readonly maintenance: bigint; readonly netValue: bigint; readonly worst: bigint }
/** What leaving a position costs beside its fee. */
type Exit = { readonly improved: boolean; readonly impact: bigint; readonly difference: bigint }
type Line = { readonly improved: boolean; readonly impact: number }

const usd = 10n ** 30n
const decimals = 18
/** A figure of at most 12 decimals, in 30. */
const precise = (value: number) => BigInt(Math.round(value * 1e12)) * 10n ** 18n
const fee = { improved: 0.0004, worsened: 0.0006 }
const impactFactor = { positive: 2e-11, negative: 4e-11 }

const usdc = token('USDC', 1, 6)
const markets = new Map(Book.markets.map((market) => [market, marketInfo(market)]))

const plain: Exit = { improved: false, impact: 0n, difference: 0n }

/** A cut of our own, without what leaving does to the price, which the package always counts: less than it returns, and the quickest. */
export const bare = contender({
  name: '@gmx-io/sdk, cut to no price impact',
  complete: false,
  exit: () => plain,
  byHand: () => ({ improved: false, impact: 0 }),
})

/** As the package's own account function arrives at net value: it counts what closing the whole position does to the price. */
export const withImpact = contender({
  name: '@gmx-io/sdk',
  complete: true,
  exit({ marketInfo, sizeInUsd, isLong, pendingImpactAmount }) {
    const { priceImpactDeltaUsd, balanceWasImproved } = prices.getCappedPositionImpactUsd(marketInfo, sizeInUsd, isLong, false, {
      fallbackToZero: true,
      shouldCapNegativeImpact: false,
    })
    const net = positions.getNetPriceImpactDeltaUsdForDecrease({
      marketInfo,
      sizeInUsd,
      sizeDeltaUsd: sizeInUsd,
      pendingImpactAmount,
      priceImpactDeltaUsd,
    })
    return { improved: balanceWasImproved, impact: net.totalImpactDeltaUsd, difference: net.priceImpactDiffUsd }
  },
  byHand(position) {
    const { longInterest, shortInterest } = position.market
    const before = longInterest - shortInterest
    const after = before + (position.size > 0 ? -1 : 1) * entered(position)
    const improved = Math.abs(after) < Math.abs(before)
    const { positive, negative } = impactFactor
    // On the same side one factor counts for both, across the middle the way in is rewarded and the way out charged.
    const [into, out] = before < 0 === after < 0 ? (improved ? [positive, positive] : [negative, negative]) : [positive, negative]
    return { improved, impact: into * before ** 2 - out * after ** 2 }
  },
})

function contender(part: {
  name: string
  complete: boolean
  exit: (position: Position) => Exit
  byHand: (position: Book.Position) => Line
}) {
  return Contender.of<Account, Result>({
    name: part.name,
    returns: part.complete ? 'IM, MM, net value, MM coverage' : 'IM, MM, net value and coverage without price impact',
    complete: part.complete,
    tolerance: 1e-9,
    make: (seed) => Book.accounts(seed).map((book) => ({ book, held: book.positions.map((each) => from(each, book.cash / 5)) })),
    assess({ held }) {
      let [initial, maintenance, netValue, worst] = [0n, 0n, 0n, 0n]
      for (const position of held) {
        const { marketInfo: market, sizeInUsd, sizeInTokens, isLong, collateralAmount } = position
        const markPrice = isLong ? market.indexToken.prices.minPrice : market.indexToken.prices.maxPrice
        const collateralUsd = tokens.convertToUsd(collateralAmount, usdc.decimals, usdc.prices.minPrice) ?? 0n
        const pnl = positions.getPositionPnlUsd({ marketInfo: market, sizeInUsd, sizeInTokens, markPrice, isLong })
        const { improved, impact, difference } = part.exit(position)
        const { positionFeeUsd } = fees.getPositionFee(market, sizeInUsd, improved, undefined)
        const value = positions.getPositionNetValue({
          collateralUsd,
          pnl,
          closingFeeUsd: positionFeeUsd,
          uiFeeUsd: 0n,
          pendingFundingFeesUsd: 0n,
          pendingBorrowingFeesUsd: position.pendingBorrowingFeesUsd,
          totalPendingImpactDeltaUsd: impact,
          priceImpactDiffUsd: difference,
        })
        const required = numbers.applyFactor(sizeInUsd, market.minCollateralFactorForLiquidation)
        initial += numbers.applyFactor(sizeInUsd, positions.getMinCollateralFactorForPosition(position, 0n))
        maintenance += required
        netValue += value
        const coverage = value > 0n ? (required * usd) / value : required * usd
        if (coverage > worst) worst = coverage
      }
      return { initial, maintenance, netValue, worst }
    },
    figures: ({ initial, maintenance, netValue, worst }) => ({
      initial: Number(initial) / 1e30,
      maintenance: Number(maintenance) / 1e30,
      netValue: Number(netValue) / 1e30,
      worst: Number(worst) / 1e30,
    }),
    expected({ book }) {
      const lines = book.positions.map((each) => {
        const { improved, impact } = part.byHand(each)
        const size = entered(each)
        const netValue = book.cash / 500 + Book.profit(each) + impact - size * (improved ? fee.improved : fee.worsened)
        const interest = each.size > 0 ? each.market.longInterest : each.market.shortInterest
        const maintenance = (size * each.market.mmPpm) / 1e6
        const initial = size * Math.max(each.market.imPpm / 1e6, interest * perInterest(each.market))
        return { initial, maintenance, netValue, worst: netValue > 0 ? maintenance / netValue : maintenance * 1e30 }
      })
      return {
        initial: Book.sum(lines, (line) => line.initial),
        maintenance: Book.sum(lines, (line) => line.maintenance),
        netValue: Book.sum(lines, (line) => line.netValue),
        worst: Math.max(...lines.map((line) => line.worst)),
      }
    },
  })
}

/** GMX's size is the notional at entry. */
function entered({ size, entry }: Book.Position): number {
  return (Math.abs(size) * entry) / Book.sizeUnit / 100
}

/** What a dollar of open interest adds to the initial rate: above the market's own rate on the larger side only. */
function perInterest({ imPpm, longInterest, shortInterest }: Book.Market): number {
  return Math.round((imPpm / 1e6 / ((longInterest + shortInterest) / 2)) * 1e20) / 1e20
}

function token(symbol: string, price: number, digits: number) {
  return { symbol, address: symbol, decimals: digits, prices: { minPrice: precise(price), maxPrice: precise(price) } }
}

function marketInfo(market: Book.Market) {
  const index = token(market.symbol, market.price / 100, decimals)
  const inTokens = (value: number) => (precise(value) * 10n ** BigInt(decimals)) / index.prices.minPrice
  const interestFactor = BigInt(Math.round(perInterest(market) * 1e20)) * 10n ** 10n
  return {
    indexToken: index,
    longToken: index,
    shortToken: usdc,
    longPoolAmount: inTokens(500e6),
    shortPoolAmount: 500_000_000n * 10n ** 6n,
    longInterestUsd: precise(market.longInterest),
    shortInterestUsd: precise(market.shortInterest),
    // All traders together are 1 % ahead, which the pool can pay: their profits are not capped.
    longInterestInTokens: (inTokens(market.longInterest) * 101n) / 100n,
    shortInterestInTokens: (inTokens(market.shortInterest) * 99n) / 100n,
    useOpenInterestInTokensForBalance: false,
    maxPnlFactorForTradersLong: (usd * 9n) / 10n,
    maxPnlFactorForTradersShort: (usd * 9n) / 10n,
    minCollateralFactor: precise(market.imPpm / 1e6),
    minCollateralFactorForLiquidation: precise(market.mmPpm / 1e6),
    minCollateralFactorForOpenInterestLong: interestFactor,
    minCollateralFactorForOpenInterestShort: interestFactor,
    positionFeeFactorForBalanceWasImproved: precise(fee.improved),
    positionFeeFactorForBalanceWasNotImproved: precise(fee.worsened),
    positionImpactFactorPositive: precise(impactFactor.positive),
    positionImpactFactorNegative: precise(impactFactor.negative),
    positionImpactExponentFactorPositive: 2n * usd,
    positionImpactExponentFactorNegative: 2n * usd,
    // Wide enough to bind nowhere in the book.
    maxPositionImpactFactorPositive: usd / 100n,
    maxPositionImpactFactorNegative: usd / 100n,
    positionImpactPoolAmount: inTokens(10e6),
    virtualInventoryForPositions: 0n,
  }
}

function from(position: Book.Position, cents: number): Position {
  const { market, size } = position
  return {
    marketInfo: markets.get(market),
    isLong: size > 0,
    sizeInUsd: precise(entered(position)),
    sizeInTokens: (BigInt(Math.abs(size)) * 10n ** BigInt(decimals)) / BigInt(Book.sizeUnit),
    collateralAmount: BigInt(Math.round(cents * 10_000)),
    pendingBorrowingFeesUsd: 0n,
    pendingImpactAmount: 0n,
  } as unknown as Position
}
