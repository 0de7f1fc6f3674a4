import { collateralVaultAbi } from '@plimsoll/contracts'
import fc from 'fast-check'
import { concat, encodeAbiParameters, encodeEventTopics } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'
import * as Outflow from './Outflow.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const vault: Hex = `0x${'aa'.repeat(20)}`
const alice: Hex = `0x${'a1'.repeat(20)}`
const token: Hex = `0x${'cc'.repeat(20)}`
const word = (byte: string): Hex => `0x${byte.repeat(32)}`

type Name = 'Released' | 'EscapeRequested' | 'Escaped' | 'SettlementQueued' | 'SettlementPaid'

const rest = {
  Released: encodeAbiParameters([{ type: 'address' }], [alice]),
  Escaped: encodeAbiParameters([{ type: 'address' }], [alice]),
  EscapeRequested: encodeAbiParameters([{ type: 'uint64' }], [99n]),
  SettlementQueued: encodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }, { type: 'uint64' }], [word('05'), alice, 99n]),
  SettlementPaid: encodeAbiParameters([{ type: 'address' }], [alice]),
}

function log(name: Name, amount: bigint, where: Partial<Log> = {}): Log {
  const indexed = name.startsWith('Escape') ? { account: alice, token } : { id: word('01'), account: alice, token }
  const [signature, ...named] = encodeEventTopics({ abi: collateralVaultAbi, eventName: name, args: indexed }) as [Hex, ...Hex[]]
  const data = concat([encodeAbiParameters([{ type: 'uint256' }], [amount]), rest[name]])
  return {
    address: vault,
    topics: [signature, ...named],
    data,
    blockNumber: 11n,
    blockHash: word('bb'),
    transactionHash: word('dd'),
    logIndex: 0,
    ...where,
  }
}

const of = (...answers: (readonly Log[])[]) => Outflow.of({ answers, vault, after: 10n }).get(Outflow.keyOf(alice, token))

describe('of', () => {
  test('worked example: a release, an escape request and an executed escape', () => {
    expect(of([log('Released', 30n), log('EscapeRequested', 5n), log('Escaped', 10n)])).toEqual({
      paid: 40n,
      requested: 5n,
      queued: 0n,
      ended: 10n,
    })
  })

  test('worked example: a settlement counts from the block that takes it, and once when it is paid', () => {
    expect(of([log('SettlementQueued', 30n)])).toEqual({ paid: 0n, requested: 0n, queued: 30n, ended: 0n })
    expect(of([log('SettlementQueued', 30n), log('SettlementPaid', 30n)])).toEqual({ paid: 30n, requested: 0n, queued: 30n, ended: 30n })
    // Reserved at the pinned block, paid since.
    expect(Outflow.apply({ locked: 100n, leaving: 30n, outflow: of([log('SettlementPaid', 30n)]) })).toEqual({
      amount: 70n,
      pendingOut: 0n,
    })
    expect(Outflow.apply({ locked: 100n, leaving: 0n, outflow: of([log('SettlementQueued', 30n)]) })).toEqual({
      amount: 100n,
      pendingOut: 30n,
    })
  })

  test('edge: what comes in, or is called off, takes nothing out', () => {
    const other = (eventName: 'Deposited' | 'EscapeCancelled', rest: Hex): Log => {
      const [signature, ...named] = encodeEventTopics({ abi: collateralVaultAbi, eventName, args: { account: alice, token } }) as [
        Hex,
        ...Hex[],
      ]
      return {
        ...log('Released', 0n),
        topics: [signature, ...named],
        data: concat([encodeAbiParameters([{ type: 'uint256' }], [7n]), rest]),
      }
    }
    const both = [other('Deposited', encodeAbiParameters([{ type: 'address' }], [alice])), other('EscapeCancelled', '0x')]
    expect(of(both)).toBeUndefined()
    expect(of([...both, log('Released', 30n)])).toEqual({ paid: 30n, requested: 0n, queued: 0n, ended: 0n })
  })

  test('edge: what the pinned block holds is not counted again', () => {
    expect(of([log('Released', 30n, { blockNumber: 10n })])).toBeUndefined()
    expect(of([log('Released', 30n, { blockNumber: 11n })])).toMatchObject({ paid: 30n })
  })

  test('edge: one source is enough, and two that agree count once', () => {
    expect(of([log('Released', 30n)], [])).toMatchObject({ paid: 30n })
    expect(of([log('Released', 30n)], [log('Released', 30n)])).toMatchObject({ paid: 30n })
    expect(of([log('Released', 30n)], [log('EscapeRequested', 5n)])).toMatchObject({ paid: 30n, requested: 5n })
  })

  test('edge: one transaction in two blocks of two forks is one event', () => {
    expect(of([log('Released', 30n)], [log('Released', 30n, { blockHash: word('ee'), blockNumber: 12n, logIndex: 3 })])).toMatchObject({
      paid: 30n,
    })
  })

  test('edge: the same thing twice in one transaction is two', () => {
    expect(of([log('Escaped', 10n), log('Escaped', 10n, { logIndex: 1 })], [log('Escaped', 10n)])).toMatchObject({
      paid: 20n,
      ended: 20n,
    })
  })

  test("edge: another contract's log, and bytes that are no event, say nothing", () => {
    expect(of([log('Released', 30n, { address: alice })])).toBeUndefined()
    expect(of([log('Released', 30n, { data: '0x00' })])).toBeUndefined()
  })

  test('vector: five different first topics', () => {
    expect(new Set(Outflow.topics).size).toBe(5)
    expect(Outflow.topics).toContain(log('Escaped', 1n).topics[0])
  })
})

describe('apply', () => {
  const amounts = fc.bigInt(0n, 100n)
  const outflow = fc.record({ paid: amounts, requested: amounts, queued: amounts, ended: amounts })

  test('edge: nothing seen, and more seen than there was', () => {
    expect(Outflow.apply({ locked: 7n, leaving: 2n, outflow: undefined })).toEqual({ amount: 7n, pendingOut: 2n })
    expect(Outflow.apply({ locked: 7n, leaving: 2n, outflow: { paid: 9n, requested: 0n, queued: 0n, ended: 9n } })).toEqual({
      amount: 0n,
      pendingOut: 0n,
    })
  })

  test('property: what is seen since never raises what is left', () => {
    fc.assert(
      fc.property(amounts, amounts, outflow, (locked, leaving, seen) => {
        // What an escape or a settlement ended with was paid out too.
        const real = { ...seen, paid: seen.paid + seen.ended }
        const before = locked - leaving
        const { amount, pendingOut } = Outflow.apply({ locked, leaving, outflow: real })
        const left = amount - pendingOut
        expect(left <= (before > 0n ? before : 0n)).toBe(true)
      }),
      { numRuns },
    )
  })
})
