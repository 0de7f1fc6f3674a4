import { Wallet } from '@plimsoll/localnet'
import { recoverAddress } from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as LocalSigner from './LocalSigner.ts'

const keys = [generatePrivateKey(), generatePrivateKey(), generatePrivateKey()]
const digest: Hex = `0x${'5a'.repeat(32)}`
const known: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

describe('of', () => {
  test('worked example: two of three sign, in the order of their addresses', async () => {
    const signer = LocalSigner.of({ privateKeys: keys, threshold: 2, chainIds: [1] })
    const sorted = keys.map((key) => privateKeyToAccount(key).address.toLowerCase()).sort()
    expect(signer.addresses).toEqual(sorted)
    const signatures = await signer.sign({ digest })
    const signed = await Promise.all(signatures.map((signature) => recoverAddress({ hash: digest, signature })))
    expect(signed.map((address) => address.toLowerCase())).toEqual(sorted.slice(0, 2))
  })

  test('edge: development keys sign for local chains', () => {
    expect(LocalSigner.of({ privateKeys: [known], threshold: 1, chainIds: [31_337_001, 31_337_003] }).kind).toBe('local')
  })

  test('error: by what is wrong', () => {
    const code = (args: Partial<LocalSigner.of.Args>) => {
      try {
        LocalSigner.of({ privateKeys: keys, threshold: 1, chainIds: [1], ...args })
      } catch (error) {
        return (error as LocalSigner.InvalidKeysError).code
      }
      return 'accepted'
    }
    expect(code({ threshold: 0 })).toBe('SIGNER_THRESHOLD_INVALID')
    expect(code({ threshold: 4 })).toBe('SIGNER_THRESHOLD_INVALID')
    expect(code({ threshold: 1.5 })).toBe('SIGNER_THRESHOLD_INVALID')
    expect(code({ privateKeys: [] })).toBe('SIGNER_THRESHOLD_INVALID')
    expect(code({ privateKeys: [keys[0] as Hex, keys[0] as Hex] })).toBe('SIGNER_KEY_REPEATED')
    expect(code({ privateKeys: ['0x1234'] })).toBe('SIGNER_KEY_MALFORMED')
    expect(code({ privateKeys: [`0x${'00'.repeat(32)}`] })).toBe('SIGNER_KEY_MALFORMED')
    for (let index = 0; index < 10; index += 1) {
      const account = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: index })
      const key: Hex = `0x${Buffer.from(account.getHdKey().privateKey ?? []).toString('hex')}`
      expect(code({ privateKeys: [key], chainIds: [31_337, 1] })).toBe('SIGNER_DEVELOPMENT_KEY')
    }
  })

  test('error: the keys of our own local chains sign nowhere else', () => {
    for (const name of ['signer one', 'signer two', 'signer three', 'release signer', 'owner', 'guardian']) {
      const privateKeys = [Wallet.privateKeyOf(name)]
      expect(() => LocalSigner.of({ privateKeys, threshold: 1, chainIds: [10] })).toThrow(
        expect.objectContaining({ code: 'SIGNER_DEVELOPMENT_KEY' }),
      )
      expect(LocalSigner.of({ privateKeys, threshold: 1, chainIds: [31_337_003] }).threshold).toBe(1)
    }
  })

  test('error: a malformed key is not quoted', () => {
    const secret = `0x${'ab'.repeat(31)}` as const
    expect(() => LocalSigner.of({ privateKeys: [secret], threshold: 1, chainIds: [1] })).toThrow(
      expect.objectContaining({ message: 'Key 1 is not a private key.' }),
    )
  })
})
