import { collateralVaultAbi } from '@plimsoll/contracts'
import fc from 'fast-check'
import { encodeAbiParameters, encodeEventTopics } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'
import * as Outflow from './Outflow.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const vault: Hex = `0x${'aa'.repeat(20)}`
const alice: Hex = `0x${'a1'.repeat(20)}`
const token: Hex = `0x${'cc'.repeat(20)}`
const word = (byte: string): Hex => `0x${byte.repeat(32)}`

function log(name: 'Released' | 'EscapeRequested' | 'Escaped', amount: bigint, where: Partial<Log> = {}): Log {
  const indexed = name === 'Released' ? { id: word('01'), account: alice, token } : { account: alice, token }
  const [signature, ...rest] = encodeEventTopics({ abi: collateralVaultAbi, eventName: name, args: indexed }) as [Hex, ...Hex[]]
  const data =
    name === 'EscapeRequested'
      ? encodeAbiParameters([{ type: 'uint256' }, { type: 'uint64' }], [amount, 99n])
      : encodeAbiParameters([{ type: 'uint256' }, { type: 'address' }], [amount, alice])
  return {
    address: vault,
    topics: [signature, ...rest],
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
    expect(of([log('Released', 30n), log('EscapeRequested', 5n), log('Escaped', 10n)])).toEqual({ paid: 40n, requested: 5n, escaped: 10n })
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
      escaped: 20n,
    })
  })

  test("edge: another contract's log, and bytes that are no event, say nothing", () => {
    expect(of([log('Released', 30n, { address: alice })])).toBeUndefined()
    expect(of([log('Released', 30n, { data: '0x00' })])).toBeUndefined()
  })

  test('vector: three different first topics', () => {
    expect(new Set(Outflow.topics).size).toBe(3)
    expect(Outflow.topics).toContain(log('Escaped', 1n).topics[0])
  })
})

describe('apply', () => {
  const amounts = fc.bigInt(0n, 100n)
  const outflow = fc.record({ paid: amounts, requested: amounts, escaped: amounts })

  test('edge: nothing seen, and more seen than there was', () => {
    expect(Outflow.apply({ locked: 7n, escaping: 2n, outflow: undefined })).toEqual({ amount: 7n, pendingOut: 2n })
    expect(Outflow.apply({ locked: 7n, escaping: 2n, outflow: { paid: 9n, requested: 0n, escaped: 9n } })).toEqual({
      amount: 0n,
      pendingOut: 0n,
    })
  })

  test('property: what is seen since never raises what is left', () => {
    fc.assert(
      fc.property(amounts, amounts, outflow, (locked, escaping, seen) => {
        // An executed escape is paid out too.
        const real = { ...seen, paid: seen.paid + seen.escaped }
        const before = locked - escaping
        const { amount, pendingOut } = Outflow.apply({ locked, escaping, outflow: real })
        const left = amount - pendingOut
        expect(left <= (before > 0n ? before : 0n)).toBe(true)
      }),
      { numRuns },
    )
  })
})
