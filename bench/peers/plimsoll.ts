/**
 * Ours: the exact path of `@plimsoll/margin` under its own profile, five perpetuals and a USDC balance, in bigints of 18 decimals.
 *
 * Five perpetuals as in Drift, with the same rates and the same √size. Open interest raises initial margin as dYdX v4 has it: linear
 * from a lower to an upper bound. `curves` has one of the two in each market, as the protocols do; `both` has both in every market.
 */
import { Account as Accounts, Fixed, plimsoll, Valuation, type Weight } from '../../packages/margin/src/index.ts'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Account = { readonly book: Book.Account; readonly account: Accounts.Account }
/** By hand, in ppm. */
type Rates = (position: Book.Position) => { readonly initial: number; readonly maintenance: number }

/** Integers of 18 decimals, from cents. */
const money = (cents: number) => BigInt(cents) * 10n ** 16n
const dollars = (value: number) => BigInt(Math.round(value)) * Fixed.one
const whole: Accounts.Terms = { initial: flatOf(1_000_000), maintenance: flatOf(1_000_000) }
const dollar = Valuation.mark(Fixed.one)

/** The same rates for any size. */
export const flat = contender({
  title: 'flat rates',
  terms: ({ imPpm, mmPpm }) => ({ initial: flatOf(imPpm), maintenance: flatOf(mmPpm) }),
  rates: ({ market }) => ({ initial: market.imPpm, maintenance: market.mmPpm }),
})

/** √size in the first three markets, on both margins; open interest in the others, on initial margin. */
export const curves = contender({
  title: 'rates with √size or open interest',
  terms: (market) => {
    const root = rooted(market)
    return Book.markets.indexOf(market) < 3 ? root : { initial: interested(market), maintenance: flatOf(market.mmPpm) }
  },
  rates: (position) => {
    const { market } = position
    if (Book.markets.indexOf(market) < 3)
      return { initial: rootRate(position, market.imPpm), maintenance: rootRate(position, market.mmPpm) }
    return { initial: interestRate(position), maintenance: market.mmPpm }
  },
})

/** √size on both margins, and initial margin with open interest besides, whichever is more: in every market. */
export const both = contender({
  title: 'rates with √size and open interest everywhere',
  terms: (market) => {
    const { initial, maintenance } = rooted(market)
    return { initial: { kind: 'max', of: [initial, interested(market)] }, maintenance }
  },
  rates: (position) => {
    const { imPpm, mmPpm } = position.market
    return { initial: Math.max(rootRate(position, imPpm), interestRate(position)), maintenance: rootRate(position, mmPpm) }
  },
})

function rooted({ imPpm, mmPpm, rootPpm }: Book.Market): Accounts.Terms {
  const premium = (ppm: number) => ({ kind: 'premium', of: flatOf(ppm), factor: BigInt(rootPpm), scale: Fixed.one }) as const
  return { initial: premium(imPpm), maintenance: premium(mmPpm) }
}

function rootRate({ market, size }: Book.Position, ppm: number): number {
  const root = Math.floor(Math.sqrt((Math.abs(size) / Book.sizeUnit) * 1e10 + 1))
  return Math.max(ppm, ppm - Math.floor(ppm / 5) + Math.ceil((root * market.rootPpm) / 1e5))
}

function interested(market: Book.Market): Weight.Weight {
  const [lower, upper] = bounds(market).map(dollars) as [bigint, bigint]
  return { kind: 'openInterest', rate: BigInt(market.imPpm), lower, upper }
}

function interestRate(position: Book.Position): number {
  const { market } = position
  const [lower, upper] = bounds(market)
  const interest = interestOf(position) + Book.notional(position)
  const share = Math.min(1, Math.max(0, (interest - lower) / (upper - lower)))
  return market.imPpm + Math.ceil((1e6 - market.imPpm) * share)
}

function contender(part: { title: string; terms: (market: Book.Market) => Accounts.Terms; rates: Rates }) {
  const terms = new Map(Book.markets.map((market) => [market, { margin: part.terms(market), price: Valuation.mark(money(market.price)) }]))
  const from = (book: Book.Account): Accounts.Account => ({
    balances: [{ asset: 'USDC', amount: money(book.cash), unit: Fixed.one, price: dollar, owned: whole, owed: whole, total: 0n }],
    positions: book.positions.map((position) => line(position, terms.get(position.market))),
    fees: 0n,
    asOf: 0,
  })
  return Contender.of<Account, Accounts.Assessment>({
    name: `@plimsoll/margin, ${part.title}`,
    returns: 'IM, MM, health = equity over MM',
    complete: true,
    tolerance: 1e-9,
    make: (seed) => Book.accounts(seed).map((book) => ({ book, account: from(book) })),
    assess: ({ account }) => Accounts.assess(account, plimsoll),
    figures: ({ initialMargin, maintenanceMargin, equity, health }) => ({
      initial: Number(initialMargin) / 1e18,
      maintenance: Number(maintenanceMargin) / 1e18,
      equity: Number(equity) / 1e18,
      health: 'ratio' in health ? Number(health.ratio) / 1e18 : 0,
    }),
    expected({ book }) {
      const lines = book.positions.map((each) => {
        const value = Book.notional(each)
        const { initial, maintenance } = part.rates(each)
        return { initial: (value * initial) / 1e6, maintenance: (value * maintenance) / 1e6 }
      })
      const maintenance = Book.sum(lines, (each) => each.maintenance)
      const equity = Book.equity(book)
      return { initial: Book.sum(lines, (each) => each.initial), maintenance, equity, health: Math.max(0, equity) / maintenance }
    },
  })
}

/** Where open interest begins to count, and where the rate is 100 %. USD. */
function bounds({ longInterest, shortInterest }: Book.Market): [number, number] {
  const middle = (longInterest + shortInterest) / 2
  return [middle, 10 * middle]
}

/** USD, of the position's side. */
function interestOf({ market, size }: Book.Position): number {
  return size > 0 ? market.longInterest : market.shortInterest
}

function flatOf(ppm: number): Weight.Weight {
  return { kind: 'flat', rate: BigInt(ppm) }
}

type Market = { readonly margin: Accounts.Terms; readonly price: Valuation.Value }

function line(position: Book.Position, terms: Market | undefined): Accounts.Position {
  const { market, size, entry } = position
  if (terms === undefined) throw new RangeError('a position without a market')
  const units = (BigInt(size) * Fixed.one) / BigInt(Book.sizeUnit)
  return {
    market: market.symbol,
    size: units,
    unit: Fixed.one,
    cost: units * money(entry),
    quote: 0n,
    openInterest: dollars(interestOf(position)),
    charge: 0n,
    ...terms,
  }
}
