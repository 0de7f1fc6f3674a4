import { Caip10 } from '@plimsoll/reputation'
import { describe, expect, test } from 'vitest'
import * as Conduct from './Conduct.ts'
import type { Event, Kind } from './Event.ts'
import type { Hex } from './Hex.ts'

const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const alice: Hex = `0x${'a1'.repeat(20)}`
let index = 0

function event(kind: Kind, at: number, change: Partial<Event> = {}): Event {
  index += 1
  return {
    kind,
    at,
    account: alice,
    amountUsd: 100n,
    token: null,
    market: word('0e'),
    size: kind.startsWith('position') || kind === 'liquidation' ? 10n : null,
    delta: kind === 'position.opened' ? 10n : kind === 'position.closed' ? -10n : null,
    chainId: 31_337_003,
    contract: `0x${'ee'.repeat(20)}`,
    blockNumber: BigInt(index),
    blockHash: word('bb'),
    transactionHash: `0x${index.toString(16).padStart(64, '0')}`,
    logIndex: index,
    ...change,
  }
}

const shown = (events: readonly Event[]) =>
  Conduct.of(events).map((one) => ('heldSeconds' in one ? [one.kind, one.amountUsd, one.heldSeconds] : [one.kind, one.amountUsd]))

describe('of', () => {
  test('worked example: opened, paid for, closed an hour later', () => {
    expect(shown([event('position.opened', 1_000), event('fee.paid', 1_000, { amountUsd: 1n }), event('position.closed', 4_600)])).toEqual([
      ['fee', 1n],
      ['close', 100n, 3_600],
    ])
    expect(Conduct.of([event('fee.paid', 5)])[0]).toMatchObject({ account: Caip10.eoa(alice), at: 5, recoverableUsd: 0n })
  })

  test('edge: the youngest part closes first', () => {
    const history = [
      event('position.opened', 0, { size: 1n }),
      event('position.opened', 900, { size: 9n }),
      event('position.closed', 1_000, { size: 4n }),
      event('position.closed', 1_100, { size: 5n }),
      event('position.closed', 1_200, { size: 1n }),
    ]
    expect(shown(history).map(([, , held]) => held)).toEqual([100, 200, 1_200])
    const spanning = [event('position.opened', 0), event('position.opened', 900), event('position.closed', 1_000, { size: 20n })]
    expect(shown(spanning)).toEqual([['close', 100n, 100]])
  })

  test('edge: a liquidation is no close, and its fee is none', () => {
    const transactionHash = word('11')
    const history = [
      event('position.opened', 0),
      event('position.closed', 500, { transactionHash }),
      event('pnl.realised', 500, { transactionHash, amountUsd: -9n }),
      event('liquidation', 500, { transactionHash }),
      event('bad-debt', 500, { transactionHash, amountUsd: 3n }),
      event('liquidation.fee', 500, { transactionHash, amountUsd: 2n }),
      event('position.opened', 600),
      event('position.closed', 650),
    ]
    expect(shown(history)).toEqual([
      ['liquidation', 100n],
      ['badDebt', 3n],
      ['close', 100n, 50],
    ])
  })

  test('edge: markets, venues and accounts are apart', () => {
    const others: readonly Partial<Event>[] = [
      { market: word('0b') },
      { contract: alice },
      { account: `0x${'b0'.repeat(20)}` },
      { chainId: 7 },
    ]
    for (const other of others)
      expect(shown([event('position.opened', 0), event('position.opened', 90, other), event('position.closed', 100)])).toEqual([
        ['close', 100n, 100],
      ])
  })

  test('edge: what opened before the history begins was held for no time that is known', () => {
    expect(shown([event('position.closed', 100)])).toEqual([['close', 100n, 0]])
  })

  test('edge: several facts of one log have several ids', () => {
    const where = { transactionHash: word('22'), logIndex: 1 }
    const ids = Conduct.of([event('position.opened', 0), event('position.closed', 1, where), event('fee.paid', 1, where)]).map(
      ({ id }) => id,
    )
    expect(new Set(ids).size).toBe(2)
  })

  test('edge: collateral moves say nothing', () => {
    expect(shown([event('collateral.locked', 0, { amountUsd: null }), event('loss.settled', 1)])).toEqual([])
  })
})
