import { EndConsent } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import * as Ending from './Ending.ts'
import type { Hex } from './Hex.ts'
import * as Quorum from './Quorum.ts'
import type { Tie } from './Tie.ts'

const [anna, ben] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]
const message: Ending.Message = { account: Caip10.eoa(anna.address), other: null, issuedAt: 1_800_000_000 }
const sign = (by: typeof anna, { account, other, issuedAt } = message) =>
  by.signTypedData(EndConsent.typedData({ account, other: other ?? '', issuedAt: BigInt(issuedAt) }))

describe('verify', () => {
  const verify = async (by: typeof anna, change: Partial<Ending.Message> = {}, readers: Ending.verify.Args['readers'] = new Map()) =>
    Ending.verify({ ending: { message: { ...message, ...change }, signature: await sign(by) }, readers })

  test('worked example: the account alone signs it', async () => {
    expect(await verify(anna)).toBe('signed')
    expect(await verify(ben)).toBe('unsigned')
    const named = { ...message, other: Caip10.eoa(ben.address) }
    expect(await Ending.verify({ ending: { message: named, signature: await sign(anna, named) }, readers: new Map() })).toBe('signed')
  })

  test('edge: another message, an id or a signature that is none', async () => {
    for (const change of [{ other: Caip10.eoa(ben.address) }, { issuedAt: 1 }, { account: Caip10.eoa(ben.address) }, { account: 'anna' }])
      expect(await verify(anna, change)).toBe('unsigned')
    for (const signature of ['0x', 'none', '0x1'])
      expect(await Ending.verify({ ending: { message, signature }, readers: new Map() })).toBe('unsigned')
    expect(await verify(anna, { issuedAt: -1 })).toBe('unsigned')
  })

  test('bug: whom it names could be any text, and what a signer writes down of it grew sixfold with each letter that is none', async () => {
    for (const other of ['\u0000'.repeat(80), 'ben', Caip10.eoa(ben.address).toUpperCase()]) {
      const named = { ...message, other }
      expect(await Ending.verify({ ending: { message: named, signature: await sign(anna, named) }, readers: new Map() })).toBe('unsigned')
    }
    // To everybody it is signed with no name: that is none of somebody.
    expect(await verify(anna, { other: '' })).toBe('unsigned')
  })

  test('edge: a contract account that cannot be asked is unread', async () => {
    const account = Caip10.format({ chainId: 1, address: anna.address })
    expect(await verify(anna, { account })).toBe('unread')
    const silent = { fetch: async () => Promise.reject(new Quorum.LostError({ chainId: 1, dissent: [], have: 0, k: 2, n: 3 })) }
    const readers = new Map([[1, silent as unknown as Quorum.Reader]])
    expect(await verify(anna, { account }, readers)).toBe('unread')
  })
})

describe('ends', () => {
  const word = (byte: string): Hex => `0x${byte.repeat(32)}`
  const tie: Tie = {
    ...{ kind: 'link', accountSignature: '0x', primarySignature: '0x' },
    message: { participantId: word('01'), account: 'a', primary: 'b', nonce: word('02'), issuedAt: 7, expiresAt: 9 },
  }

  test('edge: of either side, of that other or of everybody, and no later than it', () => {
    const by = (account: string, other: string | null, issuedAt = 7) => Ending.ends({ account, other, issuedAt }, tie)
    expect([by('a', null), by('b', null), by('a', 'b'), by('b', 'a'), by('a', null, 8)]).toEqual([true, true, true, true, true])
    expect([by('c', null), by('a', 'c'), by('c', 'a'), by('a', 'a'), by('a', 'b', 6)]).toEqual([false, false, false, false, false])
  })
})
