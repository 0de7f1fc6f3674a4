/**
 * Morpho Blue: five positions in five isolated markets, a health factor for each. There is no account and no initial margin in it.
 *
 * No client is needed: Market and AccrualPosition are the package's own classes. Interest is not accrued inside the clock.
 */
import { AccrualPosition, Market, MarketParams } from '@morpho-org/blue-sdk'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Account = { readonly book: Book.Account; readonly held: readonly AccrualPosition[] }
type Result = readonly (bigint | undefined)[]

const address = (number: number) => `0x${number.toString(16).padStart(40, '0')}` as const
const wad = 10n ** 18n
/** Loans are in USDC of 6 decimals, collateral of 18: a price has 36 + 6 − 18 of them. */
const priceUnit = 10n ** 22n

const markets = Book.markets.map((market, index) => {
  const params = new MarketParams({
    loanToken: address(1),
    collateralToken: address(index + 10),
    oracle: address(index + 20),
    irm: address(2),
    lltv: wad - (BigInt(market.mmPpm) * wad) / 1_000_000n,
  })
  return new Market({
    params,
    totalSupplyAssets: 90_000_000_000_000n,
    totalSupplyShares: 85_000_000_000_000_000_000n,
    totalBorrowAssets: 70_000_000_000_000n,
    totalBorrowShares: 65_000_000_000_000_000_000n,
    lastUpdate: 1_700_000_000n,
    fee: 0n,
    price: BigInt(market.price) * priceUnit,
  })
})

export const positions = Contender.of<Account, Result>({
  name: '@morpho-org/blue-sdk',
  returns: 'five health factors only',
  complete: false,
  tolerance: 1e-6,
  make: (seed) => Book.accounts(seed).map((book) => ({ book, held: book.positions.map(from) })),
  assess: ({ held }) => held.map((position) => position.healthFactor),
  figures: (factors) => Object.fromEntries(factors.map((factor, index) => [`health${index}`, Number(factor) / 1e18])),
  expected: ({ book }) =>
    Object.fromEntries(
      book.positions.map((position, index) => {
        const power = Book.notional(position) * (1 - position.market.mmPpm / 1e6)
        return [`health${index}`, power / owed(position)]
      }),
    ),
})

/** USD: between 70 % and 77 % of the collateral, as the entry price has it. */
function owed(position: Book.Position): number {
  return (Book.notional(position) * 0.77 * position.market.price) / position.entry / 1.05
}

function from(position: Book.Position, index: number): AccrualPosition {
  const market = markets[index]
  if (market === undefined) throw new RangeError('a position without a market')
  const assets = BigInt(Math.round(owed(position) * 1e6))
  const line = {
    user: address(index + 100),
    marketId: market.id,
    supplyShares: 0n,
    borrowShares: market.toBorrowShares(assets),
    collateral: (BigInt(Math.abs(position.size)) * wad) / BigInt(Book.sizeUnit),
  }
  return new AccrualPosition(line, market)
}
