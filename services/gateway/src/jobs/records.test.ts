import { Hash } from '@plimsoll/contracts'
import { Caip10, Membership, Model, TrackRecord } from '@plimsoll/reputation'
import { Database, Ledger, Participants } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import * as Records from './records.ts'

type Hex = `0x${string}`

const now = 1_800_000_000
const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const idOf = (account: Hex) => `eip155:0:${account}`
const [venue, market] = [address('e'), Hash.ofText('ETH-PERP')]
const nothing = {
  chains: [],
  vaults: [],
  venues: [],
  markets: [],
  assets: [],
  observed: [],
  feeds: { chainId: 7, everyBlocks: 1 },
} as unknown as Config

/** An account read at a final block: with a position that nothing stands behind, or flat. */
function observe(database: Database.Database, read: { readonly account: Hex; readonly block: number; readonly requirement: bigint }) {
  const { account, block, requirement } = read
  const position = { market, notional: requirement, requirement, side: requirement === 0n ? ('flat' as const) : ('long' as const) }
  const nothingElse = { venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n, credit: 0n }
  return Ledger.observe(database, {
    ...{ chainId: 7, venue, block: { number: BigInt(block), hash: Hash.ofText(`block ${block}`), timestamp: now + block } },
    accounts: [{ account, ...nothingElse, positions: [{ ...position, acceptedSequence: 0n }] }],
  })
}

/** Whose record each participant's is, as the gateway's state makes it of memberships. */
async function membersOf(database: Database.Database, ids: readonly Hex[]): Promise<readonly Records.Member[]> {
  const memberships = [...(await Participants.histories(database, ids))].flatMap(([participantId, all]) =>
    all.map((membership) => ({ ...membership, participantId })),
  )
  const carried = Membership.carried(memberships)
  return ids.map((id) => ({
    accounts: memberships.flatMap((it) => (it.participantId === id && it.unlinkedAt === null ? [Caip10.parse(it.account)] : [])),
    carried: (carried.get(id) ?? []).map(({ account, until }) => ({ account: Caip10.parse(account), until })),
  }))
}

describe('of', () => {
  test('bug: a margin call that two accounts stood under made their record unreadable once they had parted, and with it every snapshot', async () => {
    let clock = now
    const database = await Database.open({ memory: await Template.blob(), clock: () => clock })
    const [one, two] = [address('1'), address('2')]
    const { participantId } = await Participants.ensure(database, { account: idOf(one) })
    await Participants.link(database, { participantId, account: idOf(two) })
    await observe(database, { account: one, block: 1, requirement: 10n })
    expect(await Ledger.call(database, { participantId, credit: 4n })).toMatchObject({ status: 'called', shortfall: 6n })
    clock += 60
    await observe(database, { account: one, block: 2, requirement: 0n })
    expect(await Ledger.call(database, { participantId, credit: 4n })).toMatchObject({ status: 'covered' })
    clock += 60
    await Participants.unlink(database, { participantId, account: idOf(two), coolDownSeconds: 100 })
    const { participantId: other } = await Participants.ensure(database, { account: idOf(two) })

    const records = Records.open({ config: nothing, database, readers: new Map(), model: Model.first, historian: () => null })
    await records.advance(clock)
    expect(records.faults()).toEqual([])
    for (const member of await membersOf(database, [participantId, other])) {
      expect(member.carried).toHaveLength(1)
      // It was one call: who stood under it carries it, and carries it once.
      expect(TrackRecord.of(records.of(member), clock, Model.first)).toMatchObject({ events: 1, selfRescue: { slowPpm: 0 } })
    }
    await database.close()
  })
})
