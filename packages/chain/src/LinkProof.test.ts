import { LinkAccount } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import { MalformedHexError } from './Hex.ts'
import * as LinkProof from './LinkProof.ts'

const joining = privateKeyToAccount(generatePrivateKey())
const member = privateKeyToAccount(generatePrivateKey())
const message = {
  participantId: `0x${'01'.repeat(32)}`,
  account: Caip10.eoa(joining.address),
  primary: Caip10.eoa(member.address),
  nonce: `0x${'02'.repeat(32)}`,
  issuedAt: 1_800_000_000,
  expiresAt: 1_800_000_300,
}

const sign = (account: typeof joining, change: Partial<LinkAccount.LinkAccount> = {}) =>
  account.signTypedData(
    LinkAccount.typedData({
      ...message,
      participantId: message.participantId as Hex,
      nonce: message.nonce as Hex,
      issuedAt: BigInt(message.issuedAt),
      expiresAt: BigInt(message.expiresAt),
      ...change,
    }),
  )

describe('verify', () => {
  test('worked example: both signed', async () => {
    const proof = await LinkProof.verify({ message, accountSignature: await sign(joining), primarySignature: await sign(member) })
    expect(proof).toEqual({ account: true, primary: true })
  })

  test('edge: one side did not, or both signed for the other', async () => {
    const [byJoining, byMember] = [await sign(joining), await sign(member)]
    expect(await LinkProof.verify({ message, accountSignature: byJoining, primarySignature: byJoining })).toEqual({
      account: true,
      primary: false,
    })
    expect(await LinkProof.verify({ message, accountSignature: byMember, primarySignature: byJoining })).toEqual({
      account: false,
      primary: false,
    })
    expect(await LinkProof.verify({ message, accountSignature: '0x', primarySignature: byMember })).toEqual({
      account: false,
      primary: true,
    })
  })

  test.each<[string, Partial<LinkAccount.LinkAccount>]>([
    ['participant', { participantId: `0x${'09'.repeat(32)}` }],
    ['nonce', { nonce: `0x${'09'.repeat(32)}` }],
    ['account', { account: Caip10.eoa(member.address) }],
    ['primary', { primary: Caip10.eoa(joining.address) }],
    ['issue time', { issuedAt: 1n }],
    ['expiry', { expiresAt: 9_999_999_999n }],
  ])('edge: signatures over another %s do not count', async (_, change) => {
    const proof = await LinkProof.verify({
      message,
      accountSignature: await sign(joining, change),
      primarySignature: await sign(member, change),
    })
    expect(proof).toEqual({ account: false, primary: false })
  })

  test('error: a contract account, another spelling, and no hash', async () => {
    const given = { accountSignature: '0x', primarySignature: '0x' }
    const contract = Caip10.format({ chainId: 1, address: joining.address })
    await expect(LinkProof.verify({ ...given, message: { ...message, account: contract } })).rejects.toThrow(
      LinkProof.UnsupportedAccountError,
    )
    await expect(LinkProof.verify({ ...given, message: { ...message, primary: joining.address } })).rejects.toThrow(
      Caip10.InvalidAccountError,
    )
    await expect(LinkProof.verify({ ...given, message: { ...message, nonce: '0x1' } })).rejects.toThrow(MalformedHexError)
  })
})
