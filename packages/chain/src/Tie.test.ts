import { LinkAccount, MergeParticipants } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Tie from './Tie.ts'

const [one, other] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]
const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const times = { nonce: word('03'), issuedAt: 1_800_000_000, expiresAt: 1_800_000_300 }
const big = { issuedAt: BigInt(times.issuedAt), expiresAt: BigInt(times.expiresAt) }
const link = { participantId: word('01'), account: Caip10.eoa(one.address), primary: Caip10.eoa(other.address), ...times }
const merge = { from: word('01'), into: word('02'), fromAccount: link.account, intoAccount: link.primary, ...times }
const readers = new Map()

async function linked(by = [one, other]): Promise<Tie.Tie> {
  const data = LinkAccount.typedData({ ...link, ...big })
  const [accountSignature = '', primarySignature = ''] = await Promise.all(by.map((account) => account.signTypedData(data)))
  return { kind: 'link', message: link, accountSignature, primarySignature }
}

async function merged(by = [one, other]): Promise<Tie.Tie> {
  const data = MergeParticipants.typedData({ ...merge, ...big })
  const [fromSignature = '', intoSignature = ''] = await Promise.all(by.map((account) => account.signTypedData(data)))
  return { kind: 'merge', message: merge, fromSignature, intoSignature }
}

describe('consent', () => {
  test('worked example: a link and a merge of the same two', async () => {
    const both = { one: link.account, other: link.primary }
    expect([Tie.consent(await linked()), Tie.consent(await merged())]).toEqual([both, both])
  })
})

describe('verify', () => {
  const verify = (tie: Tie.Tie) => Tie.verify({ tie, readers })

  test('worked example: both signed, long ago', async () => {
    expect([await verify(await linked()), await verify(await merged())]).toEqual(['signed', 'signed'])
  })

  test('edge: either signature alone is none, and neither is one of another message', async () => {
    for (const by of [
      [one, one],
      [other, other],
      [other, one],
    ])
      expect([await verify(await linked(by)), await verify(await merged(by))]).toEqual(['unsigned', 'unsigned'])
    const [asLink, asMerge] = [await linked(), await merged()]
    if (asLink.kind !== 'link' || asMerge.kind !== 'merge') throw new Error('made as such')
    const { accountSignature: fromSignature, primarySignature: intoSignature } = asLink
    expect(await verify({ ...asMerge, fromSignature, intoSignature })).toBe('unsigned')
  })

  test('edge: a contract account where no chain is read is unread, whatever else was signed', async () => {
    const tie = await linked()
    if (tie.kind !== 'link') throw new Error('made as such')
    const account = Caip10.format({ chainId: 31_337, address: one.address })
    expect(await verify({ ...tie, message: { ...tie.message, account } })).toBe('unread')
  })

  test.each<[string, object]>([
    ['another spelling', { account: one.address }],
    ['no hash', { nonce: '0x1' }],
    ['a time below nothing', { issuedAt: -1 }],
    ['half a second', { issuedAt: 0.5 }],
  ])('edge: what nobody can have signed, %s, is unsigned', async (_, change) => {
    const tie = await linked()
    if (tie.kind !== 'link') throw new Error('made as such')
    expect(await verify({ ...tie, message: { ...tie.message, ...change } })).toBe('unsigned')
  })
})

describe('isLasting', () => {
  test('edge: two keys have signed for good, a contract on either side may have other owners tomorrow', async () => {
    const tie = await linked()
    if (tie.kind !== 'link') throw new Error('made as such')
    const contract = Caip10.format({ chainId: 1, address: one.address })
    const ties = [tie.message, { ...tie.message, account: contract }, { ...tie.message, primary: contract }]
    expect(ties.map((message) => Tie.isLasting({ ...tie, message }))).toEqual([true, false, false])
  })
})
