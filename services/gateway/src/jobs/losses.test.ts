import type { Snapshot } from '@plimsoll/api'
import type { Orders } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { Database, Ledger, Participants, Settlements } from '@plimsoll/store'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import { claim, stepOf } from './losses.ts'

describe('stepOf', () => {
  const id = `0x${'01'.repeat(32)}` as const
  const unknown = { settlementId: id, fate: 'unknown', readyAt: 0, lapsesAt: 0 } as const
  const queued = { settlementId: id, fate: 'queued', readyAt: 100, lapsesAt: 200 } as const
  const at = (now: number, seen: Parameters<typeof stepOf>[0]['seen'] = queued, paused = false) =>
    stepOf({ seen, deadline: 50, now, paused })

  test('edge: queued up to the deadline, the second of it included, and not while the vault is paused', () => {
    expect([at(50, unknown), at(51, unknown), at(50, unknown, true)]).toEqual(['queueSettlement', null, null])
  })

  test('edge: paid from the end of its challenge window on, and lapsed from the second in which it may no longer be', () => {
    expect([at(99), at(100), at(199), at(200)]).toEqual([null, 'paySettlement', 'paySettlement', 'lapseSettlement'])
  })

  test('edge: what was paid or vetoed has ended', () => {
    expect([at(150, { ...queued, fate: 'paid' }), at(150, { ...queued, fate: 'vetoed' })]).toEqual([null, null])
  })
})

describe('claim', () => {
  const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
  const address = (byte: string) => `0x${byte.repeat(20)}` as const
  const [vault, escrow] = [address('ff'), address('ee')]
  const venue = { chainId: 3, address: address('c0'), name: 'north', escrows: [{ chainId: 1, address: escrow }] }

  type Dollars = { readonly owed: number; readonly locked: number }

  function desk(database: Database.Database) {
    const views = new Map<`0x${string}`, Inputs.View>()
    const claims = new Map<string, bigint>()
    /** Somebody who owes so much at the venue, all of it bound, and has so much in the vault. */
    const owing = async (byte: string, dollars: Dollars, change: Partial<Inputs.Lot> = {}) => {
      const account = address(byte)
      const { participantId } = await Participants.ensure(database, { account: `eip155:0:${account}` })
      const market = Hash.ofText('ETH-PERP')
      const flat = { market, side: 'flat', notional: 0n, requirement: 0n, acceptedSequence: 0n } as const
      const read = {
        account,
        venueCollateral: 0n,
        unrealisedLoss: 0n,
        fees: usd(dollars.owed),
        credit: usd(dollars.owed),
        positions: [flat],
      }
      const block = { number: 7n, hash: Hash.ofText('block'), timestamp: 990 }
      await Ledger.observe(database, { chainId: venue.chainId, venue: venue.address, block, accounts: [read] })
      const lot: Inputs.Lot = {
        ...{ lotId: Hash.ofText(byte), chainId: 1, holder: account, asset: 'USDC', token: address('dd'), venue: vault, custody: 'LOCKED' },
        ...{ amount: BigInt(dollars.locked), pendingOut: 0n, decimals: 0, block },
        price: { value: usd(1), confidence: 0n, publishedAt: 990 },
        haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
        ...change,
      }
      views.set(participantId, { lots: [lot], missing: [] })
      claims.set(`${lot.lotId}|eip155:${venue.chainId}:${venue.address}`, lot.amount)
      return participantId
    }
    const round = () =>
      claim({
        config: { venues: [venue] } as unknown as Config,
        database,
        state: { snapshot: () => ({ views, claims }) as unknown as Snapshot.Snapshot },
        settler: { sign: async () => ['0x01'] } as unknown as Parameters<typeof claim>[0]['settler'],
        heads: new Map([[`1|${vault}`, { epoch: 1, pinned: { block: { timestamp: 1_000 } } } as unknown as Orders.Orders]]),
      })
    return { owing, round }
  }

  test('edge: one whose claim cannot be ordered again at this block keeps nobody else from his', async () => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { owing, round } = desk(database)
    const ordered = async () => (await Settlements.pending(database, { chainId: 1, vault })).map((it) => it.participantId)

    const first = await owing('a1', { owed: 100, locked: 60 })
    expect(await round()).toEqual([])
    const second = await owing('a2', { owed: 50, locked: 50 })
    expect(await round()).toEqual([])
    expect((await ordered()).sort()).toEqual([first, second].sort())
  })

  test('rounding: what is claimed is told of the ledger as no less than it is worth', async () => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { owing, round } = desk(database)
    // Three tenths of a token at a dollar and 10⁻¹⁸: 0.3 and three tenths of a unit.
    await owing('a1', { owed: 100, locked: 3 }, { decimals: 1, price: { value: usd(1) + 1n, confidence: 0n, publishedAt: 990 } })
    expect(await round()).toEqual([])
    expect(await database.query('select credit from settlements')).toEqual([{ credit: 3n * 10n ** 17n + 1n }])
  })
})
