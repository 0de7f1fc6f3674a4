import { describe, expect, test } from 'vitest'
import type { Config } from './config.ts'
import type { VenueRead } from './jobs/chains.ts'
import { venuesOf } from './state.ts'

type Venue = Config['venues'][number]

const address = (byte: string) => `0x${byte.repeat(20)}` as const
const venue = (chainId: number, at: string, name: string): Venue => ({
  ...{ chainId, address: address(at), name, limitBook: address('b0'), collateral: address('c0'), fromBlock: 0n, escrows: [] },
})
/** As a look at the chains gives it, of which only the epoch of the limit book is read here. */
const read = (of: Venue, epoch: bigint) => ({ venue: of, ceilings: { epoch, standings: [] } }) as unknown as VenueRead

describe('venuesOf', () => {
  // Two venues of one address on two chains, as one deployer's are, and two of one chain.
  const north = venue(1, 'a1', 'north')
  const south = venue(2, 'a1', 'south')
  const west = venue(1, 'a2', 'west')
  const config = { venues: [north, south, west] }
  const idOf = ({ chainId, address: at }: Venue) => `eip155:${chainId}:${at}`
  const epochs = (reads: readonly VenueRead[]) => {
    const venues = venuesOf(config, { venues: reads })
    return [north, south, west].map((it) => venues.get(idOf(it))?.epoch)
  }

  test('worked example: each is known by chain and address, and has the epoch of its own book', () => {
    const venues = venuesOf(config, { venues: [read(west, 9n), read(south, 8n), read(north, 7n)] })
    expect([...venues.keys()]).toEqual([north, south, west].map(idOf))
    const { chainId, address: at, name, limitBook } = south
    expect(venues.get(idOf(south))).toEqual({ id: idOf(south), chainId, address: at, name, limitBook, epoch: 8n })
    expect(epochs([read(west, 9n), read(south, 8n), read(north, 7n)])).toEqual([7n, 8n, 9n])
  })

  test('edge: an unread venue has no epoch, though one of its address, or of its chain, was read', () => {
    expect(epochs([read(south, 8n)])).toEqual([null, 8n, null])
    expect(epochs([read(west, 9n)])).toEqual([null, null, 9n])
    expect(epochs([])).toEqual([null, null, null])
  })

  test('edge: the first epoch is an epoch', () => {
    expect(epochs([read(north, 0n)])).toEqual([0n, null, null])
  })
})
