import { Conduct, type Event } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import * as Worth from './worth.ts'

type Hex = `0x${string}`

const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const one = 10n ** 18n
const now = 1_800_000_000
const day = 86_400
const [usdc, weth, venueUsd, odd, feed] = ['1', '2', '3', '4', 'f'].map(address) as [Hex, Hex, Hex, Hex, Hex]
const config = {
  assets: [
    { asset: 'USDC', market: null },
    { asset: 'WETH', market: 'ETH-PERP' },
    { asset: 'ODD', market: 'ODD-PERP' },
  ],
  vaults: [
    {
      chainId: 7,
      tokens: [
        { asset: 'USDC', token: usdc, decimals: 6 },
        { asset: 'WETH', token: weth, decimals: 18 },
        { asset: 'ODD', token: odd, decimals: 18 },
      ],
    },
  ],
  observed: [{ chainId: 8, tokens: [{ asset: 'USDC', token: venueUsd, decimals: 8 }] }],
  markets: [{ symbol: 'ETH-PERP', feed, initial: { kind: 'sqrt', ppm: 50_000, coefficientPpm: 22, unit: one } }],
} as unknown as Config
const mark = (at: number, price: bigint) => ({ at, price: price * one })
const of = (marks: readonly ReturnType<typeof mark>[] = []) => Worth.of({ config, marksOf: (asked) => (asked === feed ? marks : []) })
const worthOf = (marks?: readonly ReturnType<typeof mark>[]) => (event: Event.Event) => of(marks)(event, 'down')
const moved = (chainId: number, token: Hex, amount: bigint) =>
  ({ chainId, token: { address: token, amount }, market: null, amountUsd: null, at: now }) as unknown as Event.Event
const traded = (symbol: string, dollars: bigint) =>
  ({ chainId: 8, token: null, market: Market.id(symbol), amountUsd: dollars * one, at: now }) as unknown as Event.Event

describe('of', () => {
  test('worked example: dollars one by one, ether at its last mark, and a twentieth of what was closed', () => {
    const worth = worthOf([mark(now - 50, 2_000n), mark(now + 1, 9_000n), mark(now - 90, 1_000n)])
    expect(worth(moved(7, usdc, 2_500_000n))).toBe((5n * one) / 2n)
    expect(worth(moved(8, venueUsd, 250_000_000n))).toBe((5n * one) / 2n)
    expect(worth(moved(7, weth, one / 4n))).toBe(500n * one)
    expect(worth(traded('ETH-PERP', 100n))).toBe(5n * one)
  })

  test('edge: a mark of the very second counts, and one a day old, and none before', () => {
    for (const [at, price] of [
      [now, 3n],
      [now - day, 3n],
      [now - day - 1, null],
      [now + 1, null],
    ] as const)
      expect(worthOf([mark(at, 3n)])(moved(7, weth, one))).toBe(price === null ? null : price * one)
  })

  test('rounding: as asked, of tokens and of trades', () => {
    const worth = of([{ at: now, price: one - 1n }])
    expect([worth(moved(7, weth, 1n), 'down'), worth(moved(7, weth, 1n), 'up')]).toEqual([0n, 1n])
    const trade = { ...traded('ETH-PERP', 0n), amountUsd: 39n }
    expect([worth(trade, 'down'), worth(trade, 'up')]).toEqual([1n, 2n])
  })

  test('rounding: down', () => {
    expect(worthOf([mark(now, 3n)])(moved(7, weth, 1n))).toBe(3n)
    expect(worthOf([{ at: now, price: one - 1n }])(moved(7, weth, 1n))).toBe(0n)
    expect(worthOf()({ ...traded('ETH-PERP', 0n), amountUsd: 39n })).toBe(1n)
  })

  test('edge: what the document does not list is not known: another chain, another token, a market without a feed', () => {
    for (const it of [moved(8, usdc, 1n), moved(7, address('9'), 1n), moved(7, odd, one), traded('XYZ-PERP', 1n)])
      expect(worthOf([mark(now, 1n)])(it)).toBeNull()
    expect(worthOf()({ ...traded('ETH-PERP', 1n), amountUsd: null })).toBeNull()
  })

  test('bug: a wei that a stranger locked made a rescue of a call that the market had cleared', () => {
    const account = address('a')
    const call = { id: 'called', account, at: now - 100, kind: 'called' as const, amountUsd: 5n * one }
    const calls = [call, { ...call, id: 'cleared', at: now + 100, kind: 'cleared' as const, amountUsd: 0n }]
    const kinds = (amount: bigint) => {
      const locked = { ...moved(7, usdc, amount), account, kind: 'collateral.locked' } as Event.Event
      return Conduct.calls({ calls, events: [locked], worthOf: of() }).map(({ kind }) => kind)
    }
    expect(kinds(1n)).toEqual(['marginCall'])
    expect(kinds(4_999_999n)).toEqual(['marginCall'])
    expect(kinds(5_000_000n)).toEqual(['marginCall', 'selfRescue'])
  })
})
