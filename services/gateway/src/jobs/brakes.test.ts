import type { Snapshot } from '@plimsoll/api'
import { Hash, Market } from '@plimsoll/contracts'
import { Book, Brake } from '@plimsoll/liquidation'
import type { Book as Ledger } from '@plimsoll/store'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import * as Brakes from './brakes.ts'
import type { ChainsRead, VenueRead } from './chains.ts'

const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const address = (byte: string) => `0x${byte.repeat(20)}` as const
const id = Market.id('ETH-PERP')
const north = { chainId: 1, address: address('a1'), name: 'north' }
const south = { chainId: 2, address: address('a1'), name: 'south' }
const market = {
  ...{ symbol: 'ETH-PERP', depth: usd(50_000_000), throughTheCycleSigmaPpm: 900_000, caps: { participant: usd(1_000_000) } },
} as Config['markets'][number]

/** What was read of a venue that lists the market, or another one, with nobody in its book. */
const read = (venue: typeof north, of = id): VenueRead =>
  ({
    venue,
    final: {
      book: [],
      markets: [{ market: of, price: usd(3_000), mmLiquidationPpm: 20_000, liquidationFeePpm: 10_000 }],
      pinned: { block: { number: 7n, timestamp: 1_000 } },
    },
  }) as unknown as VenueRead

const none: Snapshot.ForecastState = { status: 'missing', code: 'FORECAST_MISSING', message: 'There is none.' }
const brake = (venues: readonly (typeof north)[], reads: readonly VenueRead[], forecast: Snapshot.ForecastState = none) =>
  Brakes.of({
    config: {
      venues,
      markets: [market],
      params: { floorPpm: 10_000, betaPpm: 250_000, brakeMaxPpm: 500_000, maxForecastAgeSeconds: 60 },
    } as unknown as Config,
    ...{ market, id },
    chains: { venues: reads, asOf: 1_000 } as unknown as ChainsRead,
    whole: { book: Book.of([]), bookHash: Hash.ofText(Book.canonical(Book.of([]))) },
    ledger: { markets: new Map() } as unknown as Ledger.Book,
    forecast,
  })
/** No step of a table: there is no notional that may be raised. */
const nothing = Brake.unavailable(Hash.ofText(''))

describe('of', () => {
  test('worked example: books that were read, and hold nobody, brake nothing', () => {
    const { brake: made, leverageRatioPpm, reading } = brake([north, south], [read(north), read(south)])
    expect(reading).toMatchObject({ status: 'ok', sigma: { source: 'throughTheCycle', why: 'There is none.' } })
    expect(reading.status === 'ok' ? reading.blocks.map(({ venue }) => venue) : []).toEqual([
      `eip155:1:${north.address}`,
      `eip155:2:${south.address}`,
    ])
    expect(made).not.toEqual(nothing)
    expect(made.long.every(({ ppm }) => ppm === 0)).toBe(true)
    expect(leverageRatioPpm).toBeNull()
  })

  test('edge: a forecast that is too old measures no figure by less than the cycle', () => {
    const sigma = (asOf: number, sigmaPpm: number) => {
      const quantile = { longPpm: 1, shortPpm: 1 }
      const forecast = {
        source: 'har',
        modelHash: '0x01',
        asOf,
        sigmaPpm,
        closeOut: quantile,
        liquidation: quantile,
        throughTheCycle: quantile,
      } as const
      const { reading } = brake([north], [read(north)], { status: 'ok', forecast })
      return reading.status === 'ok' ? [reading.reading.sigmaPpm.forecast, reading.sigma.source] : []
    }
    expect(sigma(940, 300_000)).toEqual([300_000, 'forecast'])
    expect(sigma(939, 300_000)).toEqual([900_000, 'throughTheCycle'])
    expect(sigma(939, 1_200_000)).toEqual([1_200_000, 'throughTheCycle'])
  })

  test('edge: one book of two unread, and nothing is raised; which one is said, though the other has its address', () => {
    for (const [there, missing] of [
      [north, south],
      [south, north],
    ] as const)
      expect(brake([north, south], [read(there)])).toEqual({
        ...{ brake: nothing, leverageRatioPpm: null },
        reading: { status: 'unread', code: 'BOOK_UNREAD', message: `The book of ${missing.name} could not be read.` },
      })
  })

  test('edge: none was read: both are named', () => {
    expect(brake([north, south], []).reading).toEqual({
      ...{ status: 'unread', code: 'BOOK_UNREAD', message: 'The book of north, south could not be read.' },
    })
  })

  test('edge: all were read and none lists the market: nothing is raised, and that is another reason', () => {
    expect(brake([north], [read(north, Market.id('BTC-PERP'))])).toEqual({
      ...{ brake: nothing, leverageRatioPpm: null },
      reading: { status: 'unread', code: 'MARKET_UNLISTED', message: 'No venue lists this market.' },
    })
  })
})

describe('books', () => {
  const accounts = (count: number, collateral: bigint) =>
    Array.from({ length: count }, (_, index) => ({
      account: `0x${(count - index).toString(16).padStart(40, '0')}`,
      ...{ collateral, unsettledLoss: 0n, credit: 0n, equity: collateral, unpaidGain: 0n },
      positions: [
        { market: id, size: 1n, notional: usd(100 + index), unrealised: 0n, imPpm: 50_000, mmPpm: 20_000, mmLiquidationPpm: 20_000 },
      ],
    }))
  const at = (venue: typeof north, hash: string, book: ReturnType<typeof accounts>) =>
    ({ venue, final: { book, markets: [], pinned: { block: { hash } } } }) as unknown as VenueRead

  test('worked example: everybody of both venues, and the hash of the canonical text, made in pieces', async () => {
    const { book, bookHash } = await Brakes.books()({
      venues: [at(north, '0x1', accounts(450, usd(9))), at(south, '0x2', accounts(3, usd(5)))],
    })
    expect(book.accounts).toHaveLength(453)
    expect(bookHash).toBe(Hash.ofText(Book.canonical(book)))
  })

  test('edge: of the same blocks it is the one made before; of any other block, or fewer venues, a new one', async () => {
    const books = Brakes.books()
    const [one, two] = [at(north, '0x1', accounts(2, usd(9))), at(south, '0x2', accounts(3, usd(5)))]
    const whole = await books({ venues: [one, two] })
    expect(await books({ venues: [one, two] })).toBe(whole)
    const later = await books({ venues: [one, at(south, '0x3', accounts(3, usd(6)))] })
    expect(later.bookHash).not.toBe(whole.bookHash)
    expect((await books({ venues: [one] })).book.accounts).toHaveLength(2)
    expect((await books({ venues: [] })).bookHash).toBe(Hash.ofText('{"accounts":[]}'))
  })

  test('property: requests are answered while a large book is hashed', async () => {
    let turns = 0
    const count = () => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    await Brakes.books()({ venues: [at(north, '0x1', accounts(2_000, usd(9)))] })
    clearImmediate(timer)
    expect(turns).toBeGreaterThanOrEqual(10)
  })
})
