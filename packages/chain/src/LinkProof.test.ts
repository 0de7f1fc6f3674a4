import { contractWalletAbi, LinkAccount } from '@plimsoll/contracts'
import { contractWalletBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment } from '@plimsoll/localnet'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import { MalformedHexError } from './Hex.ts'
import * as LinkProof from './LinkProof.ts'
import * as Quorum from './Quorum.ts'
import { faults, start, type Tap } from './testing/Tap.ts'

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

const readers: ReadonlyMap<number, Quorum.Reader> = new Map()

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
    const proof = await LinkProof.verify({ readers, message, accountSignature: await sign(joining), primarySignature: await sign(member) })
    expect(proof).toEqual({ account: true, primary: true })
  })

  test('edge: one side did not, or both signed for the other', async () => {
    const [byJoining, byMember] = [await sign(joining), await sign(member)]
    expect(await LinkProof.verify({ readers, message, accountSignature: byJoining, primarySignature: byJoining })).toEqual({
      account: true,
      primary: false,
    })
    expect(await LinkProof.verify({ readers, message, accountSignature: byMember, primarySignature: byJoining })).toEqual({
      account: false,
      primary: false,
    })
    expect(await LinkProof.verify({ readers, message, accountSignature: '0x', primarySignature: byMember })).toEqual({
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
      readers,
      message,
      accountSignature: await sign(joining, change),
      primarySignature: await sign(member, change),
    })
    expect(proof).toEqual({ account: false, primary: false })
  })

  test('error: a contract account of a chain not served, another spelling, and no hash', async () => {
    const given = { accountSignature: '0x', primarySignature: '0x', readers }
    const contract = Caip10.format({ chainId: 1, address: joining.address })
    await expect(LinkProof.verify({ ...given, message: { ...message, account: contract } })).rejects.toThrow(LinkProof.UnservedChainError)
    await expect(LinkProof.verify({ ...given, message: { ...message, primary: joining.address } })).rejects.toThrow(
      Caip10.InvalidAccountError,
    )
    await expect(LinkProof.verify({ ...given, message: { ...message, nonce: '0x1' } })).rejects.toThrow(MalformedHexError)
  })
})

describe('verify, of a contract account', () => {
  const chainId = 31_337_001
  let anvil: Anvil.Anvil
  let taps: readonly Tap[]
  let wallet: Hex
  let served: ReadonlyMap<number, Quorum.Reader>
  const [owner, heir] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]

  beforeAll(async () => {
    anvil = await Anvil.start({ chainId, accounts: [owner.address, heir.address] })
    taps = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: anvil.url })))
    const hash = await anvil
      .wallet(owner)
      .deployContract({ abi: contractWalletAbi, bytecode: contractWalletBytecode, args: [owner.address] })
    const { contractAddress } = await anvil.publicClient.waitForTransactionReceipt({ hash })
    wallet = (contractAddress ?? '0x').toLowerCase() as Hex
    await anvil.mine(9)
    const finality = { tag: 'finalized', maxAgeSeconds: 3_600 } as const
    const config = { chainId, name: 'harbour', sources: taps.map((tap) => tap.source), k: 2, timeoutMs: 2_000, finality }
    served = new Map([[chainId, Quorum.open({ config })]])
  })
  afterAll(async () => {
    await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
    await anvil.stop()
  })

  const prove = async (by: typeof owner, account = Caip10.format({ chainId, address: wallet })) =>
    LinkProof.verify({
      readers: served,
      message: { ...message, account },
      accountSignature: await sign(by, { account }),
      primarySignature: await sign(member, { account }),
    })

  test('worked example: what its owner signed, it signed; what another did, it did not', async () => {
    expect(await prove(owner)).toEqual({ account: true, primary: true })
    expect(await prove(heir)).toEqual({ account: false, primary: true })
  })

  test('edge: an address without a contract has signed nothing, though its key did', async () => {
    expect(await prove(owner, Caip10.format({ chainId, address: owner.address }))).toEqual({ account: false, primary: true })
  })

  test('edge: one source that lies changes nothing', async () => {
    taps[0]?.break(faults.lie)
    expect(await prove(owner)).toEqual({ account: true, primary: true })
    expect(await prove(heir)).toEqual({ account: false, primary: true })
    taps[0]?.mend()
  })

  test('edge: sold a moment ago it is its old owner’s no more, and not yet its new one’s', async () => {
    await Deployment.write(anvil, owner, {
      address: wallet,
      abi: contractWalletAbi,
      functionName: 'transferOwnership',
      args: [heir.address],
    })
    expect(await prove(owner)).toMatchObject({ account: false })
    expect(await prove(heir)).toMatchObject({ account: false })
    await anvil.mine(9)
    expect(await prove(owner)).toMatchObject({ account: false })
    expect(await prove(heir)).toMatchObject({ account: true })
  })
})
