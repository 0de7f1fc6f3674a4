import { Hash, Market } from '@plimsoll/contracts'
import { Brake } from '@plimsoll/liquidation'
import type { Book } from '@plimsoll/store'
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

const brake = (venues: readonly (typeof north)[], reads: readonly VenueRead[]) =>
  Brakes.of({
    config: { venues, markets: [market], params: { floorPpm: 10_000, betaPpm: 250_000, brakeMaxPpm: 500_000 } } as unknown as Config,
    ...{ market, id },
    chains: { venues: reads } as unknown as ChainsRead,
    ledger: { markets: new Map() } as unknown as Book.Book,
    forecast: { status: 'missing', code: 'FORECAST_MISSING', message: 'There is none.' },
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
