import { bls12_381 as bls } from '@noble/curves/bls12-381'
import { bytesToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../Hex.ts'
import * as SyncCommittee from './SyncCommittee.ts'

const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
const message = new Uint8Array(32).fill(7)
const secrets = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
const keyOf = (secret: Uint8Array): Hex => bytesToHex(bls.getPublicKey(secret))
/** The keys that are told beside them are not looked at: they are summed up here. */
const committeeOf = (keys: readonly Hex[]) => SyncCommittee.from({ keys, aggregate: `0x${'00'.repeat(48)}` })
const signedBy = (places: readonly number[], said = message) =>
  bls.aggregateSignatures(places.map((place) => bls.sign(said, secrets[place] ?? new Uint8Array(), { DST })))
/** Where nobody signed: the point that adds nothing. */
const nobody = Uint8Array.of(0xc0, ...new Uint8Array(95))

describe('hasSigned', () => {
  test('worked example: of three keys all sign, or two, and no more are believed to have', async () => {
    const committee = await committeeOf(secrets.map(keyOf))
    const has = (bits: readonly boolean[], signature: Uint8Array, said = message) =>
      SyncCommittee.hasSigned({ committee, bits, signature, message: said })
    expect(has([true, true, true], signedBy([0, 1, 2]))).toBe(true)
    expect(has([true, false, true], signedBy([0, 2]))).toBe(true)
    expect(has([true, true, true], signedBy([0, 2]))).toBe(false)
    expect(has([true, true, false], signedBy([0, 2]))).toBe(false)
    expect(has([true, false, true], signedBy([0, 2]), new Uint8Array(32))).toBe(false)
  })

  test('edge: a key in two places signs twice', async () => {
    const [one = '0x', two = '0x'] = secrets.map(keyOf)
    const committee = await committeeOf([one, two, one])
    const has = (bits: readonly boolean[], signature: Uint8Array) => SyncCommittee.hasSigned({ committee, bits, signature, message })
    expect(has([true, true, true], signedBy([0, 1, 0]))).toBe(true)
    expect(has([true, true, false], signedBy([0, 1]))).toBe(true)
    expect(has([true, true, true], signedBy([0, 1]))).toBe(false)
  })

  test('error: keys that cancel out have signed nothing, nor has nobody', async () => {
    const [key = '0x'] = secrets.map(keyOf)
    const against = bytesToHex(bls.G1.ProjectivePoint.fromHex(key.slice(2)).negate().toRawBytes(true))
    const committee = await committeeOf([key, against])
    for (const bits of [
      [true, true],
      [false, false],
    ])
      expect(SyncCommittee.hasSigned({ committee, bits, signature: nobody, message })).toBe(false)
  })

  test('error: what is no signature: no point, a point of no group, too few bytes', async () => {
    const committee = await committeeOf(secrets.map(keyOf))
    // x = 0 is on the curve of G2, and outside of its group.
    const outside = Uint8Array.of(0x80, ...new Uint8Array(95))
    for (const signature of [new Uint8Array(96).fill(255), new Uint8Array(96), outside, nobody, new Uint8Array(95)])
      expect(SyncCommittee.hasSigned({ committee, bits: [true, true, true], signature, message })).toBe(false)
  })
})

describe('from', () => {
  test('error: a key off the curve, or of too few bytes', async () => {
    for (const key of [`0x${'ff'.repeat(48)}`, `0x80${'00'.repeat(46)}`] as const) await expect(committeeOf([key])).rejects.toThrow()
  })
})
