/**
 * Drift v2: cross margin over five perpetuals and a USDC deposit, in bn.js.
 *
 * The account is the package's own `User` over its own `BasicUserAccountSubscriber`. Its client is reduced to the five look-ups that a
 * margin calculation makes, which return fixed markets and prices; a real client reads them from its subscriptions. An account on chain has
 * eight slots of each kind, most of them empty; here it has only what it holds. Health is worked out of the second calculation as `getHealth` does,
 * which would repeat it. Both are to the peer's advantage.
 */
import {
  BasicUserAccountSubscriber,
  BN,
  ContractType,
  type DriftClient,
  MarginMode,
  MarketStatus,
  PublicKey,
  SpotBalanceType,
  User,
  type UserAccount,
} from '@drift-labs/sdk'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Account = { readonly book: Book.Account; readonly user: User }
type Calculation = ReturnType<User['getMarginCalculation']>
type Result = { readonly initial: Calculation; readonly maintenance: Calculation; readonly health: number }

const zero = new BN(0)
const one = new BN(1_000_000)
const key = PublicKey.default

/** Both are Drift's own rules; its markets choose by their imf factor. */
export const flat = contender('flat rates', () => 0)
export const root = contender('rates with √size', (market) => market.rootPpm)

function contender(title: string, rootPpm: (market: Book.Market) => number): Contender.Contender {
  const client = clientOf(rootPpm)
  return Contender.of<Account, Result>({
    name: `@drift-labs/sdk, ${title}`,
    returns: 'IM, MM, health 0 to 100',
    complete: true,
    tolerance: 2e-6,
    make: (seed) => Book.accounts(seed).map((book) => ({ book, user: from(book, client) })),
    assess({ user }) {
      const initial = user.getMarginCalculation('Initial')
      const maintenance = user.getMarginCalculation('Maintenance')
      const [required, collateral] = [maintenance.marginRequirement.toNumber(), maintenance.totalCollateral.toNumber()]
      return { initial, maintenance, health: collateral <= 0 ? 0 : 100 * Math.max(0, 1 - required / collateral) }
    },
    figures: ({ initial, maintenance, health }) => ({
      initial: initial.marginRequirement.toNumber() / 1e6,
      maintenance: maintenance.marginRequirement.toNumber() / 1e6,
      collateral: maintenance.totalCollateral.toNumber() / 1e6,
      health,
    }),
    expected({ book }) {
      const required = (rate: (market: Book.Market) => number) =>
        Book.sum(book.positions, (each) => (Book.notional(each) * premium(rate(each.market), rootPpm(each.market), each.size)) / 1e4)
      const maintenance = required((market) => market.mmPpm)
      const collateral = Book.equity(book)
      const health = collateral <= 0 ? 0 : 100 * Math.max(0, 1 - maintenance / collateral)
      return { initial: required((market) => market.imPpm), maintenance, collateral, health }
    },
  })
}

/** In 1/10,000: `max(w, w − ⌊w/5⌋ + ⌊√size · imf⌋)`, where the root is cut to five digits after the point. */
function premium(ppm: number, rootPpm: number, size: number): number {
  const weight = ppm / 100
  const grown = Math.floor((Math.floor(Math.sqrt(Math.abs(size) * 1e6 + 1)) * rootPpm) / 1e7)
  return rootPpm === 0 ? weight : Math.max(weight, weight - Math.floor(weight / 5) + grown)
}

function clientOf(rootPpm: (market: Book.Market) => number): DriftClient {
  const perpetuals = Book.markets.map((market, marketIndex) => ({
    marketIndex,
    quoteSpotMarketIndex: 0,
    status: MarketStatus.ACTIVE,
    contractType: ContractType.PERPETUAL,
    marginRatioInitial: market.imPpm / 100,
    marginRatioMaintenance: market.mmPpm / 100,
    imfFactor: rootPpm(market),
    highLeverageMarginRatioInitial: 0,
    highLeverageMarginRatioMaintenance: 0,
    unrealizedPnlInitialAssetWeight: 10_000,
    unrealizedPnlMaintenanceAssetWeight: 10_000,
    unrealizedPnlImfFactor: 0,
    unrealizedPnlMaxImbalance: zero,
    amm: { cumulativeFundingRateLong: zero, cumulativeFundingRateShort: zero },
  }))
  const prices = Book.markets.map((market) => ({ price: new BN(market.price * 10_000), confidence: zero, slot: zero }))
  const dollar = { price: one, confidence: zero, slot: zero }
  const usdc = {
    marketIndex: 0,
    decimals: 6,
    imfFactor: 0,
    initialAssetWeight: 10_000,
    maintenanceAssetWeight: 10_000,
    initialLiabilityWeight: 10_000,
    maintenanceLiabilityWeight: 10_000,
    scaleInitialAssetWeightStart: zero,
    cumulativeDepositInterest: new BN(10).pow(new BN(10)),
    cumulativeBorrowInterest: new BN(10).pow(new BN(10)),
    historicalOracleData: { lastOraclePriceTwap5Min: one },
  }
  const client = {
    getPerpMarketAccount: (index: number) => perpetuals[index],
    getSpotMarketAccount: () => usdc,
    getOracleDataForSpotMarket: () => dollar,
    getOracleDataForPerpMarket: (index: number) => prices[index],
    getMMOracleDataForPerpMarket: (index: number) => prices[index],
  }
  return client as unknown as DriftClient
}

function from({ cash, positions }: Book.Account, driftClient: DriftClient): User {
  const deposit = {
    marketIndex: 0,
    balanceType: SpotBalanceType.DEPOSIT,
    scaledBalance: new BN(cash).mul(new BN(10_000_000)),
    openOrders: 0,
    openBids: zero,
    openAsks: zero,
    cumulativeDeposits: zero,
  }
  const held = positions.map(({ size, entry }, marketIndex) => ({
    marketIndex,
    baseAssetAmount: new BN(size).mul(new BN(1e9 / Book.sizeUnit)),
    quoteAssetAmount: new BN(-size).mul(new BN(entry)),
    quoteEntryAmount: new BN(-size).mul(new BN(entry)),
    lastCumulativeFundingRate: zero,
    openOrders: 0,
    openBids: zero,
    openAsks: zero,
    lpShares: zero,
    maxMarginRatio: 0,
    positionFlag: 0,
    isolatedPositionScaledBalance: zero,
  }))
  const account = { spotPositions: [deposit], perpPositions: held, maxMarginRatio: 0, marginMode: MarginMode.DEFAULT, status: 0 }
  const userAccountSubscriber = new BasicUserAccountSubscriber(key, account as unknown as UserAccount, 1)
  return new User({ driftClient, userAccountPublicKey: key, accountSubscription: { type: 'custom', userAccountSubscriber } })
}
