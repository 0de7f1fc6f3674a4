import { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Gather from './Gather.ts'
import * as World from './testing/World.ts'

const request = {
  participantId: World.participantId,
  account: World.account,
  venue: World.venue.id,
  market: 'ETH-PERP',
  notional: null,
  asOf: World.now,
}

describe('inputs', () => {
  test('worked example: a document that reads back as itself', () => {
    const inputs = Gather.inputs(World.snapshot(), { ...request, ledger: World.state() })
    expect(Inputs.parse(Inputs.canonical(inputs))).toEqual(inputs)
  })

  test('edge: what a key has already is replaced by what it asks for, not added to it', () => {
    const held = {
      ...World.state({ position: { side: 'long', notional: World.usd(30) } }),
      ownHeadroom: { long: World.usd(20), short: World.usd(50) },
    }
    const { brake } = Gather.inputs(World.snapshot(), { ...request, ledger: held })
    expect(brake.long[0]?.upToNotional).toBe(World.usd(1_000_050))
    expect(brake.short[0]?.upToNotional).toBe(World.usd(1_000_050))
  })

  test('edge: an asset follows its market’s quantile where that is more than its static haircut', () => {
    const { lots } = Gather.viewOf(World.snapshot({ assets: new Map([['USDC', 'ETH-PERP']]) }), World.participantId)
    expect(lots[0]?.haircuts.assetPpm).toBe(98_000)
  })

  test('error: a growth ceiling that was not read is not zero, and not endless', () => {
    const unread = World.snapshot({ ceilings: new Map() })
    expect(() => Gather.inputs(unread, { ...request, ledger: World.state() })).toThrow(expect.objectContaining({ code: 'CEILING_UNREAD' }))
  })
})
