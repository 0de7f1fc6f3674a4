import fc from 'fast-check'
import { hexToBigInt, slice } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import * as Secp256k1 from './Secp256k1.ts'

const numRuns = Math.min(1_000, Number(process.env['PLIMSOLL_RUNS'] ?? 1000))
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value): Hex => `0x${value.toString(16).padStart(64, '0')}`)
const scalar = word.filter((key) => BigInt(key) > 0n && BigInt(key) < order)

describe('of', () => {
  test('property: the backend of this machine and the script give the same bytes, whatever key and digest', async () => {
    await fc.assert(
      fc.asyncProperty(scalar, word, async (privateKey, digest) => {
        const key = Secp256k1.of(privateKey)
        const signature = await key.sign(digest)
        expect(signature).toBe(await Secp256k1.onScript(privateKey).sign(digest))
        expect(hexToBigInt(slice(signature, 32, 64)) <= order / 2n).toBe(true)
      }),
      { numRuns, examples: [[`0x${'00'.repeat(31)}01`, `0x${'ff'.repeat(32)}`]] },
    )
  })

  test('edge: digests at the ends of the range', async () => {
    const privateKey = generatePrivateKey()
    for (const value of [0n, 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n]) {
      const digest: Hex = `0x${value.toString(16).padStart(64, '0')}`
      expect(await Secp256k1.of(privateKey).sign(digest), digest).toBe(await Secp256k1.onScript(privateKey).sign(digest))
    }
  })

  test('worked example: the signature is that of the address', async () => {
    const privateKey = generatePrivateKey()
    const digest: Hex = `0x${'5a'.repeat(32)}`
    const key = Secp256k1.of(privateKey)
    expect(key.address).toBe(privateKeyToAccount(privateKey).address.toLowerCase())
    expect(await signerOf({ digest, signature: await key.sign(digest) })).toBe(key.address)
  })

  test('edge: where the add-on is installed it is the one that signs', () => {
    const hasBuild = process.platform === 'linux' && process.arch === 'x64'
    expect(['native', 'script']).toContain(Secp256k1.of(generatePrivateKey()).backend)
    if (hasBuild) expect(Secp256k1.of(generatePrivateKey()).backend).toBe('native')
    expect(Secp256k1.onScript(generatePrivateKey()).backend).toBe('script')
  })

  test('error: what is no key', () => {
    for (const value of [0n, order, 2n ** 256n - 1n])
      expect(() => Secp256k1.of(`0x${value.toString(16).padStart(64, '0')}`), `${value}`).toThrow()
  })
})
