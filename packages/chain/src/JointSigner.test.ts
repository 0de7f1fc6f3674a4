import { Certificate, Hash } from '@plimsoll/contracts'
import { describe, expect, test } from 'vitest'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import * as JointSigner from './JointSigner.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as QuorumSigner from './QuorumSigner.ts'
import * as Signer from './Signer.ts'

const certificate: Certificate.Certificate = {
  ...{
    participantId: Hash.ofText('somebody'),
    account: `0x${'0a'.repeat(20)}`,
    venue: `0x${'0e'.repeat(20)}`,
    market: Hash.ofText('ETH-PERP'),
  },
  ...{ maxNotional: 10n ** 22n, credit: 10n ** 21n, imPpm: 100_000, sequence: 3n, issuedAt: 1_790_000_000n, expiresAt: 1_790_000_300n },
  ...{ epoch: 1, inputsHash: Hash.ofText('inputs'), modelHash: Hash.ofText('model'), paramsHash: Hash.ofText('params') },
}
const limitBook: Hex = `0x${'0b'.repeat(20)}`
const digest = Certificate.digest(certificate, { chainId: 1, verifyingContract: limitBook })
const request: Signer.TiedRequest = { digest, chainId: 1, limitBook, certificate, document: '{}', ties: [] }
const local = (names: readonly string[], threshold: number) =>
  LocalSigner.of({ privateKeys: names.map((name) => Hash.ofText(name)), threshold, chainIds: [1] })

describe('of', () => {
  test('worked example: two of one and one of another, in the order of their addresses', async () => {
    const [first, second] = [local(['a', 'b', 'c'], 2), local(['d'], 1)]
    const signer = JointSigner.of('lit', [first, second])
    expect(signer).toMatchObject({ kind: 'lit', threshold: 3, addresses: [...first.addresses, ...second.addresses].sort() })
    const signatures = await signer.sign(request)
    const addresses = await Promise.all(signatures.map((signature) => signerOf({ digest, signature })))
    expect(addresses).toEqual([...first.addresses.slice(0, 2), ...second.addresses].sort())
  })

  test('edge: one that fails fails all', async () => {
    const away: Signer.Signer = {
      ...{ kind: 'lit', addresses: [`0x${'01'.repeat(20)}`], threshold: 1 },
      sign: async () => {
        throw new Signer.UnavailableError({ threshold: 1, failures: [] })
      },
    }
    await expect(JointSigner.of('lit', [local(['a'], 1), away]).sign(request)).rejects.toThrow(Signer.UnavailableError)
  })

  test('error: one key twice', () => {
    expect(() => JointSigner.of('lit', [local(['a'], 1), local(['b', 'a'], 1)])).toThrow(QuorumSigner.InvalidSignersError)
  })
})
