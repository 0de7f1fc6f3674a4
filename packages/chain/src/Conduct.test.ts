import { Fixed } from '@plimsoll/margin'
import { Caip10, Model } from '@plimsoll/reputation'
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

  test('edge: what deleveraging closes is no close, and what it takes is no fee', () => {
    const transactionHash = word('12')
    const history = [
      event('position.opened', 0),
      event('position.closed', 500, { transactionHash }),
      event('deleveraging', 500, { transactionHash, size: 10n }),
      event('gain.forfeited', 500, { transactionHash, amountUsd: 7n }),
    ]
    expect(shown(history)).toEqual([])
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

describe('exposures', () => {
  const day = 86_400
  const one = 10n ** 18n
  const eth = word('0e')
  const markets = (market: Hex = eth) =>
    new Map([[market, { marks: [100n, 90n, 95n].map((price, i) => ({ at: i * day, price: price * one })), sigmaPpm: 500_000 }] as const])
  const moved = (at: number, delta: bigint, change: Partial<Event> = {}) =>
    event(delta > 0n ? 'position.opened' : 'position.closed', at, { delta, size: delta < 0n ? -delta : delta, ...change })
  const sizes = (events: readonly Event[], of = markets()) =>
    Conduct.exposures({ events, markets: of }, Model.first).map(({ at, amountUsd }) => [at / day, amountUsd / one])

  test('worked example: two units through a fall of 10 %', () => {
    expect(sizes([moved(0, 2n * one)])).toEqual([[2, 180n]])
    expect(Conduct.exposures({ events: [moved(0, one)], markets: markets() }, Model.first)[0]).toMatchObject({
      ...{ account: Caip10.eoa(alice), id: `exposure:${eth}:${2 * day}`, kind: 'exposure' },
    })
  })

  test('edge: the net of all venues and accounts, market by market', () => {
    const elsewhere = { account: word('b0').slice(0, 42) as Hex, contract: alice, chainId: 7 }
    expect(sizes([moved(0, 2n * one), moved(0, -one, elsewhere)])).toEqual([[2, 90n]])
    expect(sizes([moved(0, 2n * one), moved(0, -2n * one, elsewhere)])).toEqual([])
    expect(sizes([moved(0, 2n * one), moved(0, -2n * one, { market: word('0b') })])).toEqual([[2, 180n]])
    expect(sizes([moved(0, 2n * one)], markets(word('0b')))).toEqual([])
    expect(sizes([])).toEqual([])
  })

  test('edge: what a liquidation closed has not survived, and an unsettled loss counts nothing', () => {
    const transactionHash = word('11')
    const liquidated = [moved(0, 2n * one), moved(day + 9, -one, { transactionHash }), event('liquidation', day + 9, { transactionHash })]
    expect(sizes(liquidated)).toEqual([])
    expect(sizes([moved(0, 2n * one), moved(day + 9, -one)])).toEqual([[2, 90n]])
    const owed = event('loss.recorded', 5, { amountUsd: 3n, market: null })
    const paid = event('loss.settled', 6, { amountUsd: 3n, market: null })
    expect(sizes([moved(0, 2n * one), owed])).toEqual([])
    expect(sizes([moved(0, 2n * one), owed, paid])).toEqual([[2, 180n]])
  })
})

describe('calls', () => {
  const call = (kind: Conduct.Call['kind'], at: number, change: Partial<Conduct.Call> = {}): Conduct.Call => ({
    ...{ id: `${kind}:${at}`, account: alice, at, kind, amountUsd: kind === 'called' ? 7n : 0n },
    ...change,
  })
  /** Tokens by their number, trades by a tenth of their notional. */
  const worthOf = ({ token, amountUsd }: Event) => (token === null ? (amountUsd ?? 0n) / 10n : token.amount < 0n ? null : token.amount)
  const kinds = (calls: readonly Conduct.Call[], events: readonly Event[] = []) =>
    Conduct.calls({ calls, events, worthOf }).map(({ kind, at }) => [kind, at])
  const moved = (kind: Kind, amount: bigint, at = 150) => event(kind, at, { amountUsd: null, token: { address: alice, amount } })

  test('worked example: called, answered with more collateral, cleared', () => {
    const events = [moved('collateral.locked', 7n)]
    expect(kinds([call('called', 100), call('cleared', 200)], events)).toEqual([
      ['marginCall', 100],
      ['selfRescue', 200],
    ])
    expect(Conduct.calls({ calls: [call('called', 100)], events, worthOf })).toEqual([
      { id: 'called:100', account: Caip10.eoa(alice), at: 100, kind: 'marginCall', amountUsd: 7n },
    ])
  })

  test('edge: cleared by the market, by a liquidation, before or after the call: no rescue', () => {
    const both = [call('called', 100), call('cleared', 200)]
    expect(kinds(both)).toEqual([['marginCall', 100]])
    expect(kinds(both, [event('position.closed', 150), event('liquidation', 150)])).toEqual([['marginCall', 100]])
    for (const at of [99, 201]) expect(kinds(both, [moved('venue.deposited', 7n, at)])).toEqual([['marginCall', 100]])
    for (const at of [100, 200]) expect(kinds(both, [moved('venue.deposited', 7n, at)])).toHaveLength(2)
    expect(kinds(both, [event('position.opened', 150), event('fee.paid', 150)])).toHaveLength(1)
  })

  test('bug: a wei that a stranger locked made a rescue of a call that the market had cleared', () => {
    const both = [call('called', 100), call('cleared', 200)]
    const rescues = (...events: readonly Event[]) => kinds(both, events).length - 1
    expect([rescues(moved('collateral.locked', 1n)), rescues(moved('collateral.locked', 6n))]).toEqual([0, 0])
    // Seven were missing: whatever they came as, and in whatever order.
    expect(rescues(moved('collateral.locked', 7n))).toBe(1)
    const parts = [moved('collateral.locked', 3n), moved('venue.deposited', 2n), event('position.closed', 150, { amountUsd: 20n })]
    expect([rescues(...parts), rescues(...[...parts].reverse()), rescues(...parts.slice(1))]).toEqual([1, 1, 0])
    // What goes out again was never an answer.
    for (const kind of ['collateral.released', 'escape.executed', 'venue.withdrawn'] as const)
      expect([rescues(moved('venue.deposited', 8n), moved(kind, 1n)), rescues(moved('venue.deposited', 8n), moved(kind, 2n))]).toEqual([
        1, 0,
      ])
    const [closed, opened] = [event('position.closed', 150, { amountUsd: 70n }), event('position.opened', 160, { amountUsd: 10n })]
    expect([rescues(closed), rescues(closed, opened)]).toEqual([1, 0])
  })

  test('bug: what was taken out again was rounded down like what was put up, which is in favour of whoever took it', () => {
    const both = [call('called', 100), call('cleared', 200)]
    const kindsAt = (put: bigint) =>
      Conduct.calls({
        calls: both,
        events: [moved('collateral.locked', put), moved('collateral.released', 25n)],
        // A tenth of a dollar each.
        worthOf: ({ token }, rounding) => Fixed.ratio(token?.amount ?? 0n, 10n, rounding),
      }).length
    // 99/10 is 9 put up, 25/10 is 3 taken out: one short of 7.
    expect([kindsAt(99n), kindsAt(100n)]).toEqual([1, 2])
  })

  test('edge: what is not known answers nothing, and takes back whatever was an answer; nothing done answers no call, however little was missing', () => {
    const both = [call('called', 100), call('cleared', 200)]
    expect(kinds(both, [moved('collateral.locked', -1n)])).toHaveLength(1)
    expect(kinds(both, [moved('collateral.locked', -1n), moved('venue.deposited', 7n)])).toHaveLength(2)
    expect(kinds(both, [moved('collateral.released', -1n), moved('venue.deposited', 7n)])).toHaveLength(1)
    const grain = [call('called', 100, { amountUsd: 0n }), call('cleared', 200)]
    expect(kinds(grain)).toHaveLength(1)
  })

  test('edge: one call read from two accounts is one; several are several, in any order', () => {
    const twice = [call('called', 100), call('called', 100, { account: `0x${'b0'.repeat(20)}` })]
    expect(kinds(twice)).toEqual([['marginCall', 100]])
    const many = [call('cleared', 400), call('called', 300), call('cleared', 200), call('called', 100)]
    expect(kinds(many, [event('position.closed', 350)])).toEqual([
      ['marginCall', 100],
      ['marginCall', 300],
      ['selfRescue', 400],
    ])
  })
})
