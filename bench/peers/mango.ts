/**
 * Mango v4: health at initial and at maintenance weights, in 80.48-bit fixed point over bn.js. Health is what equity has above the
 * requirement, so these two answers are counted as all three; its health ratio would take a third pass.
 *
 * No client is needed: a HealthCache is made of the package's own TokenInfo, PerpInfo and Prices. It is not exported by the package's
 * index, so it is required by its path. Building the cache, which a keeper does whenever an account or a price changes, is outside the
 * clock, to the peer's advantage.
 */
import { createRequire } from 'node:module'
import { HealthType, I80F48 } from '@blockworks-foundation/mango-v4'
import { BN } from '@coral-xyz/anchor'
import * as Book from './Book.ts'
import * as Contender from './Contender.ts'

type Caches = typeof import('@blockworks-foundation/mango-v4/dist/types/src/accounts/healthCache.js')
type TokenIndex = ConstructorParameters<Caches['TokenInfo']>[0]

const { HealthCache, PerpInfo, Prices, TokenInfo }: Caches = createRequire(import.meta.url)(
  '@blockworks-foundation/mango-v4/dist/cjs/src/accounts/healthCache.js',
)

type Cache = InstanceType<Caches['HealthCache']>
type Account = { readonly book: Book.Account; readonly cache: Cache }
type Result = { readonly initial: I80F48; readonly maintenance: I80F48 }

/** USDC has 6 decimals, and a lot of every market is 1/10,000 of a unit of 6 decimals. */
const native = 1e6
const lot = new BN(native / Book.sizeUnit)
const quote = 0 as TokenIndex
const one = I80F48.fromNumber(1)
const none = new BN(0)

const contender = {
  complete: true,
  tolerance: 1e-6,
  assess({ cache }: Account): Result {
    return { initial: cache.health(HealthType.init), maintenance: cache.health(HealthType.maint) }
  },
  figures: ({ initial, maintenance }: Result) => ({ initial: initial.toNumber() / native, maintenance: maintenance.toNumber() / native }),
}

/** Five perpetuals against USDC. */
export const perpetuals = Contender.of<Account, Result>({
  ...contender,
  name: '@blockworks-foundation/mango-v4, perpetuals',
  returns: 'equity − IM, equity − MM (its health)',
  make: (seed) =>
    Book.accounts(seed).map((book) => ({
      book,
      cache: new HealthCache([token(quote, 1, 0, 0, book.cash / 100)], [], book.positions.map(perpetual)),
    })),
  expected({ book }) {
    const left = (rate: (market: Book.Market) => number) =>
      Book.equity(book) - Book.sum(book.positions, (each) => (Book.notional(each) * rate(each.market)) / 1e6)
    return { initial: left((market) => market.imPpm), maintenance: left((market) => market.mmPpm) }
  },
})

/** Five tokens, the same sizes owned or owed. */
export const tokens = Contender.of<Account, Result>({
  ...contender,
  name: '@blockworks-foundation/mango-v4, tokens',
  returns: 'equity − IM, equity − MM (its health)',
  make: (seed) =>
    Book.accounts(seed).map((book) => {
      const held = book.positions.map(({ market, size }, index) =>
        token((index + 1) as TokenIndex, market.price / 100, market.imPpm / 1e6, market.mmPpm / 1e6, size / Book.sizeUnit),
      )
      return { book, cache: new HealthCache(held, [], []) }
    }),
  expected({ book }) {
    const left = (rate: (market: Book.Market) => number) =>
      Book.sum(book.positions, (each) => Book.notional(each) * (Math.sign(each.size) - rate(each.market) / 1e6))
    return { initial: left((market) => market.imPpm), maintenance: left((market) => market.mmPpm) }
  },
})

function token(index: TokenIndex, price: number, im: number, mm: number, balance: number) {
  const weight = (value: number) => I80F48.fromNumber(value)
  return new TokenInfo(
    index,
    weight(1 - mm),
    weight(1 - im),
    weight(1 - im),
    weight(1 + mm),
    weight(1 + im),
    weight(1 + im),
    new Prices(weight(price), weight(price)),
    I80F48.fromNumber(balance * native),
  )
}

function perpetual({ market, size, entry }: Book.Position, index: number) {
  const [im, mm] = [market.imPpm / 1e6, market.mmPpm / 1e6]
  const price = I80F48.fromNumber(market.price / 100)
  return new PerpInfo(
    index,
    quote,
    I80F48.fromNumber(1 - mm),
    I80F48.fromNumber(1 - im),
    I80F48.fromNumber(1 + mm),
    I80F48.fromNumber(1 + im),
    one,
    one,
    lot,
    new BN(size),
    none,
    none,
    I80F48.fromNumber((-size * entry * native) / Book.sizeUnit / 100),
    new Prices(price, price),
    false,
  )
}
