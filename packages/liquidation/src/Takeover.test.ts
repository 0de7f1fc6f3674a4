import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Takeover } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n
const usd = (dollars: number) => BigInt(Math.round(dollars * 100)) * 10n ** 16n
const long = (account: string, size: number, over: Partial<Takeover.Candidate> = {}): Takeover.Candidate => ({
  ...{ account, market: 'ETH', size: usd(size), price: usd(100), deficit: 0n },
  ...over,
})
/** Carries 2 ether of 100 each, and may carry three times 300. */
const room: Takeover.Room = { capacity: usd(900), notional: usd(200), inventoryPpm: 3_000_000, inventory: { ETH: 2n * one } }
const taken = (candidates: readonly Takeover.Candidate[], of: Takeover.Room = room) =>
  Takeover.select(candidates, of).map(({ account }) => account)

describe('isDue', () => {
  test('edge: two thirds of a maintenance margin is not too far gone, a wei below it is; who has nothing is', () => {
    const maintenance = 3_000_000n
    expect(Takeover.isDue({ equity: 2_000_001n, maintenance })).toBe(false)
    expect(Takeover.isDue({ equity: 2_000_000n, maintenance })).toBe(true)
    expect(Takeover.isDue({ equity: -1n, maintenance })).toBe(true)
    expect(Takeover.isDue({ equity: 0n, maintenance: 0n })).toBe(false)
  })
})

describe('deficit', () => {
  test('edge: of a last position all that is lacking; nothing while there is another, or something is left', () => {
    expect(Takeover.deficit({ equity: -1n, positions: ['ETH'] })).toBe(1n)
    expect(Takeover.deficit({ equity: 0n, positions: ['ETH'] })).toBe(0n)
    expect(Takeover.deficit({ equity: 1n, positions: ['ETH'] })).toBe(0n)
    expect(Takeover.deficit({ equity: -1n, positions: ['ETH', 'BTC'] })).toBe(0n)
    expect(Takeover.deficit({ equity: -1n, positions: [] })).toBe(0n)
  })
})

describe('select', () => {
  test('edge: what turns an inventory and leaves as much is taken, though its rounding finds no room', () => {
    const none = { capacity: 0n, notional: 0n, inventoryPpm: 1_000_000, inventory: { ETH: one / 2n } }
    expect(taken([long('a', -1, { price: 1n })], none)).toEqual(['a'])
    expect(taken([long('a', -1.01, { price: 1n })], none)).toEqual([])
  })

  test('edge: what is taken is held from then on: a long of one more than it holds against it is nothing more to carry, and the next one is', () => {
    // A market in which nothing is held: 7 fill the room, a short of 14 turns them, and adds nothing; a long of 7 takes away from that.
    expect(taken([long('a', 7), long('b', -14), long('c', -0.01), long('d', 7)], { ...room, inventory: {} })).toEqual(['a', 'b', 'd'])
  })

  test('worked example: room for 700; what does not fit is passed over, and a smaller one after it fits', () => {
    expect(taken([long('a', 4), long('b', 3.01), long('c', 3), long('d', 0.01)])).toEqual(['a', 'c'])
  })

  test('worked example: what layers pay for an account takes three times as much of the room', () => {
    expect(taken([long('a', 4, { deficit: usd(100) })])).toEqual(['a'])
    expect(taken([long('a', 4, { deficit: usd(100.01) })])).toEqual([])
    expect(taken([long('a', 4, { deficit: usd(100) }), long('b', 0.01)])).toEqual(['a'])
    expect(taken([long('a', 4, { deficit: usd(99.99) }), long('b', 0.01)])).toEqual(['a'])
  })

  test('edge: a short that takes away from the longs makes room; one that is twice as large adds nothing', () => {
    const full = { ...room, notional: usd(900), inventory: { ETH: 9n * one } }
    expect(taken([long('a', 1)], full)).toEqual([])
    expect(taken([long('s', -2), long('a', 2), long('b', 0.01)], full)).toEqual(['s', 'a'])
    expect(taken([long('s', -18)], full)).toEqual(['s'])
    expect(taken([long('s', -18.01)], full)).toEqual([])
  })

  test('edge: whose layers have too little for the debt that comes with it is taken all the same where inventory shrinks', () => {
    const full = { ...room, notional: usd(900), inventory: { ETH: 9n * one } }
    expect(taken([long('s', -1, { deficit: usd(1_000) }), long('a', 0.01)], full)).toEqual(['s'])
  })

  test('edge: a market in which nothing is held yet', () => {
    expect(taken([long('a', 7, { market: 'BTC' }), long('b', 0.01)])).toEqual(['a'])
  })

  test('rounding: a part of a unit counts as a whole one', () => {
    const tight = { ...room, capacity: 2n, notional: 0n, inventory: {} }
    const small = { size: 1n, price: 1n }
    expect(taken([long('a', 0, small), long('b', 0, small), long('c', 0, small)], tight)).toEqual(['a', 'b'])
    expect(taken([long('a', 0, { ...small, deficit: 1n })], { ...tight, inventoryPpm: 1 })).toEqual(['a'])
    expect(taken([long('a', 0, { ...small, deficit: 1n })], { ...tight, capacity: 1n, inventoryPpm: 1 })).toEqual([])
  })

  test('property: whatever is taken stays within what the capital may carry, reckoned anew after each', () => {
    const candidate = fc.record({
      account: fc.constant('a'),
      market: fc.constantFrom('ETH', 'BTC'),
      size: fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }),
      price: fc.constant(usd(100)),
      deficit: fc.bigInt({ min: 0n, max: usd(2_000) }),
    })
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 12 }), fc.bigInt({ min: 0n, max: usd(50_000) }), (candidates, capital) => {
        const inventoryPpm = 3_000_000
        const capacity = Fixed.ofPpm(capital, inventoryPpm, 'down')
        const found = Takeover.select(candidates, { capacity, notional: 0n, inventoryPpm, inventory: {} })
        const held = new Map<string, bigint>()
        let left = capital
        for (const { market, size, price, deficit } of found) {
          const before = held.get(market) ?? 0n
          held.set(market, before + size)
          left -= deficit
          const notional = [...held.values()].reduce((sum, each) => sum + Fixed.mul(Fixed.abs(each), price, 'down'), 0n)
          const grew = Fixed.abs(before + size) > Fixed.abs(before)
          if (grew) expect(notional <= Fixed.ofPpm(Fixed.max(0n, left), inventoryPpm, 'down')).toBe(true)
        }
      }),
      { numRuns },
    )
  })
})

describe('owed', () => {
  test('worked example: what credit does not cover, to the whole cent', () => {
    expect(Takeover.owed({ unsettledLoss: usd(30), credit: usd(10.5), positions: [] }, usd(1))).toBe(usd(19))
    expect(Takeover.owed({ unsettledLoss: usd(10), credit: usd(10), positions: [] }, 1n)).toBe(0n)
    expect(Takeover.owed({ unsettledLoss: usd(5), credit: usd(10), positions: [] }, 1n)).toBe(0n)
  })
  test('edge: whoever has a position may still pay himself; less than a unit is nothing', () => {
    expect(Takeover.owed({ unsettledLoss: usd(30), credit: 0n, positions: [{}] }, 1n)).toBe(0n)
    expect(Takeover.owed({ unsettledLoss: 9n, credit: 0n, positions: [] }, 10n)).toBe(0n)
    expect(Takeover.owed({ unsettledLoss: 10n, credit: 0n, positions: [] }, 10n)).toBe(10n)
  })
})
