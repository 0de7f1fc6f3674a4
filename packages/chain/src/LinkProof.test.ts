import { contractWalletAbi, LinkAccount } from '@plimsoll/contracts'
import { contractWalletBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment } from '@plimsoll/localnet'
import { Caip10 } from '@plimsoll/reputation'
import { concat, encodeDeployData, getContractAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { serializeErc6492Signature } from 'viem/utils'
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

  describe('that is not deployed yet (ERC-6492)', () => {
    // The factory that every chain has at one address: 32 bytes of salt, then the code to be created.
    const factory = '0x4e59b44847b379578588920ca78fbf26c0b4956c'
    const salt: Hex = `0x${'06'.repeat(32)}`
    const code = (of: typeof owner) => encodeDeployData({ abi: contractWalletAbi, bytecode: contractWalletBytecode, args: [of.address] })
    const placeOf = (of: typeof owner) =>
      getContractAddress({ opcode: 'CREATE2', from: factory, salt, bytecode: code(of) }).toLowerCase() as Hex
    const wrapped = (signature: Hex, data: Hex, from: Hex = factory): Hex =>
      serializeErc6492Signature({ address: from, data, signature }).toLowerCase() as Hex
    const proveWrapped = async (args: { by: typeof owner; address: Hex; data: Hex; from?: Hex }) => {
      const account = Caip10.format({ chainId, address: args.address })
      const accountSignature = wrapped(await sign(args.by, { account }), args.data, args.from)
      const primarySignature = await sign(member, { account })
      const { account: proven } = await LinkProof.verify({
        readers: served,
        message: { ...message, account },
        accountSignature,
        primarySignature,
      })
      return proven
    }

    test('worked example: its owner signed, and told how it is deployed; nothing is deployed by asking', async () => {
      const address = placeOf(heir)
      const data = concat([salt, code(heir)])
      expect(await proveWrapped({ by: heir, address, data })).toBe(true)
      expect(await proveWrapped({ by: owner, address, data })).toBe(false)
      expect(await anvil.publicClient.getCode({ address })).toBeUndefined()
    })

    test('edge: another code has another address, and without a deployment there is nobody to ask', async () => {
      const address = placeOf(heir)
      expect(await proveWrapped({ by: owner, address, data: concat([salt, code(owner)]) })).toBe(false)
      expect(await proveWrapped({ by: heir, address, data: '0x' })).toBe(false)
      expect(await proveWrapped({ by: heir, address, data: concat([salt, code(heir)]), from: member.address.toLowerCase() as Hex })).toBe(
        false,
      )
      expect(await prove(heir, Caip10.format({ chainId, address }))).toMatchObject({ account: false })
    })

    test('edge: what cannot be read, or has bytes beside, is no deployment', async () => {
      const address = placeOf(heir)
      const account = Caip10.format({ chainId, address })
      const whole = wrapped(await sign(heir, { account }), concat([salt, code(heir)]))
      const end = '6492'.repeat(16)
      for (const accountSignature of [`0x${end}`, `${whole.slice(0, -64)}00${end}`, `0x${'ff'.repeat(96)}${end}`] as const)
        expect(
          await LinkProof.verify({ readers: served, message: { ...message, account }, accountSignature, primarySignature: '0x' }),
        ).toEqual({ account: false, primary: false })
    })

    test('edge: a wallet that is there is asked as it stands, whatever comes with the signature', async () => {
      expect(await proveWrapped({ by: owner, address: wallet, data: '0x' })).toBe(true)
      // A call without data opens this one for good; asked before, it reverts, and afterwards it takes every signature for its own.
      const runtime = '3660095760015f55005b5f546012575f5ffd5b631626ba7e60e01b5f5260205ff3'
      const hash = await anvil.wallet(owner).deployContract({ abi: [], bytecode: `0x60218060095f395ff3${runtime}` })
      const { contractAddress } = await anvil.publicClient.waitForTransactionReceipt({ hash })
      await anvil.mine(9)
      const lock = (contractAddress ?? '0x').toLowerCase() as Hex
      expect(await proveWrapped({ by: heir, address: lock, data: '0x', from: lock })).toBe(false)
      await anvil.publicClient.waitForTransactionReceipt({ hash: await anvil.wallet(owner).sendTransaction({ to: lock }) })
      await anvil.mine(9)
      expect(await proveWrapped({ by: heir, address: lock, data: '0x', from: lock })).toBe(true)
    })

    test('worked example: deployed a moment ago, it is asked both ways', async () => {
      const data = concat([salt, code(owner)])
      const hash = await anvil.wallet(owner).sendTransaction({ to: factory, data })
      await anvil.publicClient.waitForTransactionReceipt({ hash })
      expect(await anvil.publicClient.getCode({ address: placeOf(owner) })).toBeDefined()
      expect(await proveWrapped({ by: owner, address: placeOf(owner), data })).toBe(true)
      // At the last final block there is nobody yet, and nothing says how there will be.
      expect(await prove(owner, Caip10.format({ chainId, address: placeOf(owner) }))).toMatchObject({ account: false })
    })
  })

  describe('whose key delegates to code (EIP-7702)', () => {
    const delegating = privateKeyToAccount(generatePrivateKey())

    beforeAll(async () => {
      const authorization = await delegating.signAuthorization({ address: wallet, chainId, nonce: 0 })
      const hash = await anvil.wallet(owner).sendTransaction({ to: heir.address, authorizationList: [authorization] })
      await anvil.publicClient.waitForTransactionReceipt({ hash })
      await anvil.mine(9)
    })

    test('worked example: it is its key’s everywhere, as before', async () => {
      expect(await anvil.publicClient.getCode({ address: delegating.address })).toBe(`0xef0100${wallet.slice(2)}`)
      expect(await prove(delegating, Caip10.eoa(delegating.address))).toEqual({ account: true, primary: true })
      expect(await prove(owner, Caip10.eoa(delegating.address))).toMatchObject({ account: false })
    })

    test('edge: as a contract of one chain it is what that code says: here nobody’s, its storage having no owner', async () => {
      const account = Caip10.format({ chainId, address: delegating.address })
      expect(await prove(delegating, account)).toMatchObject({ account: false })
      expect(await prove(owner, account)).toMatchObject({ account: false })
    })
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
