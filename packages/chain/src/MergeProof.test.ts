import { MergeParticipants } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { type Hex, MalformedHexError } from './Hex.ts'
import * as LinkProof from './LinkProof.ts'
import * as MergeProof from './MergeProof.ts'

const [leaving, staying] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]
const message = {
  from: `0x${'01'.repeat(32)}`,
  into: `0x${'02'.repeat(32)}`,
  fromAccount: Caip10.eoa(leaving.address),
  intoAccount: Caip10.eoa(staying.address),
  nonce: `0x${'03'.repeat(32)}`,
  issuedAt: 1_800_000_000,
  expiresAt: 1_800_000_300,
}
const readers = new Map()

const sign = (account: typeof leaving, change: Partial<MergeParticipants.MergeParticipants> = {}) =>
  account.signTypedData(
    MergeParticipants.typedData({
      ...message,
      from: message.from as Hex,
      into: message.into as Hex,
      nonce: message.nonce as Hex,
      issuedAt: BigInt(message.issuedAt),
      expiresAt: BigInt(message.expiresAt),
      ...change,
    }),
  )

describe('verify', () => {
  test('worked example: both signed', async () => {
    const given = { readers, message, fromSignature: await sign(leaving), intoSignature: await sign(staying) }
    expect(await MergeProof.verify(given)).toEqual({ from: true, into: true })
  })

  test('edge: one side did not, or each signed for the other', async () => {
    const [byLeaving, byStaying] = [await sign(leaving), await sign(staying)]
    const verify = (fromSignature: string, intoSignature: string) => MergeProof.verify({ readers, message, fromSignature, intoSignature })
    expect(await verify(byLeaving, byLeaving)).toEqual({ from: true, into: false })
    expect(await verify(byStaying, byStaying)).toEqual({ from: false, into: true })
    expect(await verify(byStaying, byLeaving)).toEqual({ from: false, into: false })
  })

  test.each<[string, Partial<MergeParticipants.MergeParticipants>]>([
    ['participant that ends', { from: `0x${'09'.repeat(32)}` }],
    ['participant that stays', { into: `0x${'09'.repeat(32)}` }],
    ['account of the one', { fromAccount: Caip10.eoa(staying.address) }],
    ['account of the other', { intoAccount: Caip10.eoa(leaving.address) }],
    ['nonce', { nonce: `0x${'09'.repeat(32)}` }],
    ['issue time', { issuedAt: 1n }],
    ['expiry', { expiresAt: 9_999_999_999n }],
  ])('edge: signatures over another %s do not count', async (_, change) => {
    const given = { readers, message, fromSignature: await sign(leaving, change), intoSignature: await sign(staying, change) }
    expect(await MergeProof.verify(given)).toEqual({ from: false, into: false })
  })

  test('error: a contract account of a chain not served, another spelling, and no hash', async () => {
    const given = { readers, fromSignature: '0x', intoSignature: '0x' }
    const contract = Caip10.format({ chainId: 1, address: leaving.address })
    await expect(MergeProof.verify({ ...given, message: { ...message, fromAccount: contract } })).rejects.toThrow(
      LinkProof.UnservedChainError,
    )
    await expect(MergeProof.verify({ ...given, message: { ...message, intoAccount: leaving.address } })).rejects.toThrow(
      Caip10.InvalidAccountError,
    )
    await expect(MergeProof.verify({ ...given, message: { ...message, into: '0x1' } })).rejects.toThrow(MalformedHexError)
  })
})
