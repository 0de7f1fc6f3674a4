import { Hash, LinkAccount, Signature } from '@plimsoll/contracts'
import { verifyMessage } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { parseSiweMessage, validateSiweMessage } from 'viem/siwe'
import { describe, expect, test } from 'vitest'
import * as Wallet from './Wallet.ts'

describe('of', () => {
  test('vector: the same key for the same name, everywhere and always', () => {
    expect(Wallet.privateKeyOf('alice')).toBe(Hash.ofText('plimsoll local test account: alice'))
    expect(Wallet.of('alice').address).toMatchInlineSnapshot(`"0x5103644C47eA5013171ce8B7b89b661b5b244826"`)
    expect(Wallet.all(['alice', 'bob']).map(({ address }) => address)).toEqual([Wallet.of('alice').address, Wallet.of('bob').address])
  })

  test("property: none of them is one of anvil's own", () => {
    const theirs = Array.from(
      { length: 10 },
      (_, addressIndex) => mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex }).address,
    )
    const ours = Wallet.all(['owner', 'guardian', 'alice', 'bob', 'signer one', 'signer two', 'signer three', 'release signer'])
    expect(ours.filter(({ address }) => theirs.includes(address))).toEqual([])
    expect(new Set(ours.map(({ address }) => address)).size).toBe(ours.length)
  })
})

describe('signIn', () => {
  test('worked example', async () => {
    const account = Wallet.of('alice')
    const issuedAt = 1_700_000_000
    const { message, signature } = await Wallet.signIn({
      account,
      domain: '127.0.0.1:4600',
      uri: 'http://127.0.0.1:4600',
      nonce: '0123456789abcdef',
      chainId: 31337003,
      issuedAt,
    })
    expect(await verifyMessage({ address: account.address, message, signature })).toBe(true)
    expect(parseSiweMessage(message)).toMatchObject({
      address: account.address,
      chainId: 31337003,
      nonce: '0123456789abcdef',
      issuedAt: new Date(issuedAt * 1000),
      expirationTime: new Date((issuedAt + 300) * 1000),
    })
    expect(
      validateSiweMessage({
        message: parseSiweMessage(message),
        domain: '127.0.0.1:4600',
        nonce: '0123456789abcdef',
        time: new Date(issuedAt * 1000),
      }),
    ).toBe(true)
  })
})

describe('signLink', () => {
  test('worked example: both sign the same digest', async () => {
    const [account, primary] = [Wallet.of('alice, second'), Wallet.of('alice')]
    const id = (address: string) => `eip155:0:${address.toLowerCase()}`
    const link = {
      participantId: Hash.ofText('alice'),
      account: id(account.address),
      primary: id(primary.address),
      nonce: Hash.ofText('nonce'),
      issuedAt: 1_700_000_000n,
      expiresAt: 1_700_000_600n,
    }
    const { accountSignature, primarySignature } = await Wallet.signLink({ link, account, primary })
    expect(await Signature.recover(LinkAccount.digest(link), accountSignature)).toBe(account.address)
    expect(await Signature.recover(LinkAccount.digest(link), primarySignature)).toBe(primary.address)
  })
})
