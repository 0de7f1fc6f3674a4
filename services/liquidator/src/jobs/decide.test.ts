import type { Multicall, Quorum, Venue } from '@plimsoll/chain'
import { perpVenueAbi } from '@plimsoll/contracts'
import { decodeFunctionData } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Decide from './decide.ts'
import type * as Positions from './positions.ts'
import * as Turns from './turns.ts'

type Hex = `0x${string}`

const [now, market] = [1_000, `0x${'aa'.repeat(32)}` as Hex]
const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const addressOf = (digit: number) => `0x${`${digit}`.repeat(40)}` as Hex

/** Long of one at 100, with 5 of maintenance: due below that. Who has the smaller number lacks more. */
const account = (digit: number) =>
  ({
    ...{ account: addressOf(digit), collateral: usd(digit) / 10n, credit: 0n, unpaidGain: 0n, unsettledLoss: 0n },
    positions: [{ market, size: usd(1), price: usd(100), unrealised: 0n, mmLiquidationPpm: 50_000 }],
  }) as unknown as Venue.Account

const pinned = {
  chainId: 1,
  at: 'head',
  block: { number: 9n, hash: `0x${'b0'.repeat(32)}`, timestamp: now },
  agree: ['a'],
} as unknown as Quorum.Pinned

/** A venue that refuses some, and whom it was asked for in each round. */
function venue(digits: readonly number[], refuses: readonly number[]) {
  const accounts = new Map(digits.map((digit) => [addressOf(digit), account(digit)]))
  const look = {
    ...{ pinned, accounts, read: 0 },
    markets: [{ market, price: usd(100), fresh: true, priceUpdatedAt: now, mmLiquidationPpm: 50_000 }],
  } as unknown as Positions.Look
  const stream: Positions.Stream = {
    look: async () => look,
    at: async (_, asked) => asked.flatMap((one) => accounts.get(one) ?? []),
  }
  const asked: string[] = []
  const read = async ({ calls }: { readonly calls: readonly Multicall.Call[] }) => ({
    results: calls.map(({ data }) => {
      const { args } = decodeFunctionData({ abi: perpVenueAbi, data })
      const one = String(args?.[0]).toLowerCase()
      asked.push(one.slice(2, 3))
      return { success: !refuses.some((digit) => addressOf(digit) === one), data: '0x' as const }
    }),
  })
  const reader = { config: { chainId: 1 }, read } as unknown as Quorum.Reader
  const turns = Turns.open()
  return async (room: number) => {
    asked.length = 0
    const decided = await Decide.decide({
      ...{ reader, stream, look, venue: addressOf(9), backstop: undefined, asOf: now, blockSeconds: 60, room, turns },
      prices: { [market]: { status: 'ok', basis: 'index', low: usd(100), high: usd(100) } },
      isBusy: () => false,
    })
    return { asked: asked.join(''), sent: decided.intents.map(({ draft }) => draft.account.slice(2, 3)).join(''), ...decided }
  }
}

describe('decide', () => {
  test('worked example: whoever lacks most goes first, as many as there is room for', async () => {
    const round = venue([3, 1, 2], [])
    expect(await round(2)).toMatchObject({ asked: '12', sent: '12', due: 3, hindrances: [] })
    expect(await round(3)).toMatchObject({ asked: '123', sent: '123' })
  })

  test('bug: those whom a venue kept refusing took all the room there is, and nobody behind them was ever closed', async () => {
    const round = venue([1, 2, 3, 4], [1, 2])
    expect(await round(2)).toMatchObject({ asked: '12', sent: '', hindrances: ['VENUE_REFUSES: no reason'] })
    // They step back, one round first and longer each time.
    expect(await round(2)).toMatchObject({ asked: '34', sent: '34' })
    expect(await round(2)).toMatchObject({ asked: '12', sent: '' })
    for (let i = 0; i < 2; i += 1) expect(await round(2)).toMatchObject({ asked: '34', sent: '34' })
    // Where there is room for all nobody waits.
    expect(await round(4)).toMatchObject({ asked: '1234', sent: '34' })
    expect((await round(3)).asked).toBe('341')
  })

  test('bug: with more under way than there is room for, all but the last were tried', async () => {
    expect(await venue([1, 2, 3], [])(-1)).toMatchObject({ asked: '', sent: '', due: 3 })
  })
})
