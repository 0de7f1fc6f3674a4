import { collateralVaultAbi, perpVenueAbi } from '@plimsoll/contracts'
import { type AbiEvent, encodeAbiParameters, encodeEventTopics } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Event from './Event.ts'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'

const one = 10n ** 18n
const alice: Hex = `0x${'a1'.repeat(20)}`
const token: Hex = `0x${'cc'.repeat(20)}`
const market: Hex = `0x${'0e'.repeat(32)}`

type Abi = typeof collateralVaultAbi | typeof perpVenueAbi

/** A log as the contract would write it. */
function log(abi: Abi, name: string, args: Record<string, unknown>): Log {
  const event = (abi as readonly { readonly type: string; readonly name?: string }[]).find(
    (item) => item.type === 'event' && item.name === name,
  ) as AbiEvent
  const topics = encodeEventTopics({ abi: [event], eventName: name, args }) as Hex[]
  const plain = event.inputs.filter((input) => !input.indexed)
  const data = encodeAbiParameters(
    plain,
    plain.map((input) => args[input.name ?? '']),
  )
  const word = (byte: string): Hex => `0x${byte.repeat(32)}`
  return { address: token, topics, data, blockNumber: 1n, blockHash: word('bb'), transactionHash: word('dd'), logIndex: 0 }
}

const change = (size: bigint, sizeDelta: bigint, rest: { readonly realisedPnl?: bigint; readonly fee?: bigint } = {}) =>
  Event.ofVenue(
    log(perpVenueAbi, 'PositionChanged', {
      account: alice,
      market,
      sizeDelta,
      size,
      price: 2_000n * one,
      entryPrice: 0n,
      realisedPnl: 0n,
      fee: 0n,
      ...rest,
    }),
    token,
  ).map(({ kind, amountUsd, delta }) => (delta === null ? [kind, amountUsd] : [kind, amountUsd, delta]))

describe('ofVenue', () => {
  test('worked example: opening three, closing one of them', () => {
    expect(change(3n * one, 3n * one, { fee: 7n })).toEqual([
      ['position.opened', 6_000n * one, 3n * one],
      ['fee.paid', 7n],
    ])
    expect(change(2n * one, -one, { realisedPnl: -5n * one })).toEqual([
      ['position.closed', 2_000n * one, -one],
      ['pnl.realised', -5n * one],
    ])
  })

  test('edge: through zero closes what was and opens the rest', () => {
    expect(change(-2n * one, -3n * one)).toEqual([
      ['position.closed', 2_000n * one, -one],
      ['pnl.realised', 0n],
      ['position.opened', 4_000n * one, -2n * one],
    ])
  })

  test('edge: shorts, closed whole and raised', () => {
    expect(change(0n, one)).toEqual([
      ['position.closed', 2_000n * one, one],
      ['pnl.realised', 0n],
    ])
    expect(change(-2n * one, -one)).toEqual([['position.opened', 2_000n * one, -one]])
  })

  test('rounding: notional down', () => {
    expect(change(1n, 1n)).toEqual([['position.opened', 2_000n, 1n]])
  })

  test('worked example: a liquidation with bad debt and a fee', () => {
    const args = { account: alice, market, size: -one, price: 2_000n * one, loss: 9n, badDebt: 4n, liquidator: token, fee: 1n }
    const facts = Event.ofVenue(log(perpVenueAbi, 'Liquidated', args), token)
    expect(facts.map(({ kind, amountUsd }) => [kind, amountUsd])).toEqual([
      ['liquidation', 2_000n * one],
      ['bad-debt', 4n],
      ['liquidation.fee', 1n],
    ])
    const clean = Event.ofVenue(log(perpVenueAbi, 'Liquidated', { ...args, badDebt: 0n, fee: 0n }), token)
    expect(clean.map(({ kind }) => kind)).toEqual(['liquidation'])
  })

  test('worked example: a winner that paid for a loser, and no fee of his', () => {
    const args = { winner: alice, market, loser: token, size: -one, price: 2_000n * one, amount: 7n }
    expect(Event.ofVenue(log(perpVenueAbi, 'Deleveraged', args), token)).toMatchObject([
      { kind: 'deleveraging', account: alice, amountUsd: 2_000n * one, size: one, market },
      { kind: 'gain.forfeited', account: alice, amountUsd: 7n, size: null, market },
    ])
  })

  test('edge: money in tokens has no USD', () => {
    const facts = Event.ofVenue(log(perpVenueAbi, 'Deposited', { account: alice, amount: 5n, payer: alice }), token)
    expect(facts).toEqual([
      {
        kind: 'venue.deposited',
        account: alice,
        amountUsd: null,
        token: { address: token, amount: 5n },
        market: null,
        size: null,
        delta: null,
      },
    ])
  })

  test.each([
    ['LossRecorded', 'loss.recorded'],
    ['LossSettled', 'loss.settled'],
  ])('worked example: %s', (name, kind) => {
    const facts = Event.ofVenue(log(perpVenueAbi, name, { account: alice, amount: 3n, total: 9n }), token)
    expect(facts).toEqual([{ kind, account: alice, amountUsd: 3n, token: null, market: null, size: null, delta: null }])
  })

  test('edge: an event that means nothing here', () => {
    expect(Event.ofVenue(log(perpVenueAbi, 'GainDeferred', { account: alice, amount: 3n, total: 9n }), token)).toEqual([])
    expect(Event.ofVault(log(collateralVaultAbi, 'EscapeReduced', { account: alice, token, amount: 3n }))).toEqual([])
  })

  test('error: the bytes of another event', () => {
    const vaults = log(collateralVaultAbi, 'EscapeCancelled', { account: alice, token, amount: 5n })
    expect(() => Event.ofVenue(vaults, token)).toThrow()
  })
})

describe('ofVault', () => {
  test.each([
    ['Deposited', { payer: alice }, 'collateral.locked'],
    ['Released', { id: market, to: alice }, 'collateral.released'],
    ['EscapeRequested', { unlocksAt: 9n }, 'escape.requested'],
    ['EscapeCancelled', {}, 'escape.cancelled'],
    ['Escaped', { to: alice }, 'escape.executed'],
    ['SettlementQueued', { id: market, venueId: market, escrow: token, readyAt: 9n }, 'settlement.queued'],
    ['SettlementPaid', { id: market, escrow: token }, 'settlement.paid'],
    ['SettlementVetoed', { id: market, by: token }, 'settlement.vetoed'],
    ['SettlementLapsed', { id: market }, 'settlement.lapsed'],
  ])('worked example: %s', (name, rest, kind) => {
    const facts = Event.ofVault(log(collateralVaultAbi, name, { account: alice, token, amount: 5n, ...rest }))
    expect(facts).toEqual([
      { kind, account: alice, amountUsd: null, token: { address: token, amount: 5n }, market: null, size: null, delta: null },
    ])
  })
})

describe('topics', () => {
  test('vector: sixteen, all different: a venue and a vault do not deposit alike', () => {
    expect(new Set(Event.topics).size).toBe(16)
    expect(Event.topics).toHaveLength(16)
  })
})
