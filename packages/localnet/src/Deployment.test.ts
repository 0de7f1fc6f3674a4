import {
  Certificate,
  collateralVaultAbi,
  Hash,
  limitBookAbi,
  Market,
  MarketParams,
  perpVenueAbi,
  Release,
  Signature,
} from '@plimsoll/contracts'
import {
  type Abi,
  type Account,
  type Address,
  ContractFunctionRevertedError,
  type Hex,
  type PrivateKeyAccount,
  parseUnits,
  zeroHash,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Anvil from './Anvil.ts'
import * as Deployment from './Deployment.ts'
import type { Manifest } from './Manifest.ts'
import * as Wallet from './Wallet.ts'

const usd = (dollars: number) => parseUnits(String(dollars), 18)
const usdc = (dollars: number) => parseUnits(String(dollars), 6)
const eth = (whole: number) => parseUnits(String(whole), 18)
const market = Market.id('ETH-PERP')
const anyPrice = 2n ** 256n - 1n
const names = ['signer one', 'signer two', 'signer three']

let harbour: Anvil.Anvil
let lagoon: Anvil.Anvil
let strait: Anvil.Anvil
let manifest: Manifest
let north: Address
let south: Address
let limitBook: Address

beforeAll(async () => {
  ;[harbour, lagoon, strait] = await Promise.all([
    Anvil.start({ chainId: 31337801 }),
    Anvil.start({ chainId: 31337802 }),
    Anvil.start({ chainId: 31337803 }),
  ])
  manifest = await Deployment.deploy({ harbour, lagoon, strait, threshold: 2 })
  const [first, second] = manifest.venues
  if (!first || !second) throw new Error('two venues were asked for')
  north = first.address
  south = second.address
  limitBook = first.limitBook
})
afterAll(() => Promise.all([harbour, lagoon, strait].map((chain) => chain?.stop())))

async function issue(args: {
  account: Address
  maxNotional: bigint
  credit: bigint
  sequence?: bigint
  venue?: Address
}): Promise<Certificate.Certificate> {
  const { timestamp } = await strait.publicClient.getBlock()
  return {
    participantId: Hash.ofText(args.account),
    account: args.account,
    venue: args.venue ?? north,
    market,
    maxNotional: args.maxNotional,
    credit: args.credit,
    imPpm: 80_000,
    sequence: args.sequence ?? 1n,
    issuedAt: timestamp,
    expiresAt: timestamp + 300n,
    epoch: 1,
    inputsHash: Hash.ofText('inputs'),
    modelHash: Hash.ofText('model'),
    paramsHash: Hash.ofText('params'),
  }
}

async function sign(certificate: Certificate.Certificate, signers = names.slice(0, 2)): Promise<Hex[]> {
  const digest = Certificate.digest(certificate, { chainId: strait.chainId, verifyingContract: limitBook })
  return Signature.sort(digest, await Promise.all(Wallet.all(signers).map((signer) => signer.sign({ hash: digest }))))
}

const accept = (account: Account, certificate: Certificate.Certificate, signatures: Hex[]) =>
  call(account, limitBook, limitBookAbi, 'accept', [Certificate.toStruct(certificate), signatures])
const open = (account: Account, size: bigint, venue = north) =>
  call(account, venue, perpVenueAbi, 'open', [market, size, size > 0n ? anyPrice : 0n])
const call = (account: Account, address: Address, abi: Abi, functionName: string, args: readonly unknown[], chain = strait) =>
  Deployment.write(chain, account, { address, abi, functionName, args })

/** The name of the error that a contract refused with. */
async function refusal(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt
  } catch (error) {
    const cause =
      error instanceof Error && 'walk' in error && typeof error.walk === 'function'
        ? error.walk((it: unknown) => it instanceof ContractFunctionRevertedError)
        : null
    if (cause instanceof ContractFunctionRevertedError) return cause.data?.errorName
    throw error
  }
  return undefined
}

async function participant(name: string, dollars: number): Promise<PrivateKeyAccount> {
  const account = Wallet.of(name)
  await strait.fund([account.address])
  if (dollars > 0) await Deployment.deposit({ chain: strait, manifest, account, venue: 'north', amount: usdc(dollars) })
  return account
}

describe('deploy', () => {
  test('worked example: the manifest is plain JSON, and says what is on chain', async () => {
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest)
    const threshold = await strait.publicClient.readContract({ address: limitBook, abi: limitBookAbi, functionName: 'threshold' })
    const price = await strait.publicClient.readContract({ address: north, abi: perpVenueAbi, functionName: 'marketOf', args: [market] })
    expect({ threshold, price: price.price, venues: manifest.venues.map(({ name }) => name) }).toEqual({
      threshold: 2n,
      price: usd(3000),
      venues: ['north', 'south'],
    })
    expect(manifest.releaseSigners.addresses.filter((key) => manifest.signers.addresses.includes(key))).toEqual([])
  })

  test('worked example: collateral is locked on two chains, and read in one call', async () => {
    const alice = Wallet.of('alice')
    const bob = Wallet.of('bob')
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: usdc(7_000) })
    await Deployment.lock({ chain: harbour, manifest, account: bob, asset: 'WETH', amount: eth(2) })
    await Deployment.lock({ chain: lagoon, manifest, account: alice, asset: 'WETH', amount: eth(1) })
    const vault = manifest.vaults[0]
    if (!vault) throw new Error('a vault was asked for')
    await call(bob, vault.address, collateralVaultAbi, 'requestEscape', [vault.tokens[1]?.token, eth(0.5)], harbour)
    const [locked, escaping] = await harbour.publicClient.readContract({
      address: vault.address,
      abi: collateralVaultAbi,
      functionName: 'positions',
      args: [[alice.address, bob.address], vault.tokens.map(({ token }) => token)],
    })
    expect(locked).toEqual([usdc(7_000), 0n, 0n, eth(2)])
    expect(escaping).toEqual([0n, 0n, 0n, eth(0.5)])
  })

  test('worked example: a signed release pays once', async () => {
    const carol = Wallet.of('carol')
    await Deployment.lock({ chain: lagoon, manifest, account: carol, asset: 'USDC', amount: usdc(100) })
    const vault = manifest.vaults[1]
    const token = vault?.tokens[0]?.token
    if (!vault || !token) throw new Error('a vault was asked for')
    const { timestamp } = await lagoon.publicClient.getBlock()
    const order = {
      id: Hash.ofText('release'),
      account: carol.address,
      token,
      amount: usdc(40),
      to: carol.address,
      deadline: timestamp + 60n,
      epoch: 1,
    }
    const signature = await Wallet.of('release signer').signTypedData(
      Release.typedData(order, { chainId: lagoon.chainId, verifyingContract: vault.address }),
    )
    const release = () => call(carol, vault.address, collateralVaultAbi, 'release', [order, [signature]], lagoon)
    await release()
    expect(await refusal(release())).toBe('AlreadyReleased')
    const left = await lagoon.publicClient.readContract({
      address: vault.address,
      abi: collateralVaultAbi,
      functionName: 'locked',
      args: [carol.address, token],
    })
    expect(left).toBe(usdc(60))
  })
})

describe('a certificate, from signature to liquidation', () => {
  test('vector: the digests signed here are the digests the contracts check', async () => {
    const certificate = await issue({ account: Wallet.of('alice').address, maxNotional: usd(12_345), credit: usd(678) })
    const onChain = await strait.publicClient.readContract({
      address: limitBook,
      abi: limitBookAbi,
      functionName: 'digestOf',
      args: [certificate],
    })
    expect(onChain).toBe(Certificate.digest(certificate, { chainId: strait.chainId, verifyingContract: limitBook }))

    const params = { market, mmPpm: 55_000, effectiveAt: 1_700_000_000n, sequence: 9n, epoch: 1 }
    const ramp = await strait.publicClient.readContract({ address: north, abi: perpVenueAbi, functionName: 'digestOf', args: [params] })
    expect(ramp).toBe(MarketParams.digest(params, { chainId: strait.chainId, verifyingContract: north }))

    const address = manifest.vaults[0]?.address ?? '0x'
    const order = { id: Hash.ofText('id'), account: north, token: south, amount: 1n, to: limitBook, deadline: 1_700_000_000n, epoch: 4 }
    const released = await harbour.publicClient.readContract({ address, abi: collateralVaultAbi, functionName: 'digestOf', args: [order] })
    expect(released).toBe(Release.digest(order, { chainId: harbour.chainId, verifyingContract: address }))
  })

  test('worked example: without a certificate, own collateral carries risk at static rates', async () => {
    const dave = await participant('dave', 301)
    expect(await refusal(open(dave, eth(1.1)))).toBe('MarginExceeded')
    expect(await refusal(open(dave, eth(0.9)))).toBeUndefined()
  })

  test('worked example: within the limit yes, above it, replayed, forged and elsewhere no', async () => {
    const erin = await participant('erin', 0)
    const certificate = await issue({ account: erin.address, maxNotional: usd(30_000), credit: usd(2_415) })
    const signatures = await sign(certificate)

    expect(await refusal(accept(erin, certificate, signatures.slice(1)))).toBe('NotEnoughSigners')
    expect(await refusal(accept(erin, certificate, await sign(certificate, ['signer one', 'mallory'])))).toBe('BadSigner')
    expect(await refusal(accept(erin, { ...certificate, maxNotional: usd(90_000) }, signatures))).toMatch(/BadSigner|SignersNotSorted/)
    await accept(erin, certificate, signatures)
    expect(await refusal(accept(erin, certificate, signatures))).toBe('Stale')

    expect(await refusal(open(erin, eth(10.1)))).toBe('LimitExceeded')
    expect(await refusal(open(erin, eth(10)))).toBeUndefined()
    expect(await refusal(open(erin, eth(0.01)))).toBe('LimitExceeded')
    expect(await refusal(open(erin, eth(0.01), south))).toBe('MarginExceeded')

    const account = await strait.publicClient.readContract({
      address: north,
      abi: perpVenueAbi,
      functionName: 'accountOf',
      args: [erin.address],
    })
    expect({ credit: account.credit, im: account.im, mm: account.mm, equity: account.equity }).toEqual({
      credit: usd(2_415),
      im: usd(2_400),
      mm: usd(1_500),
      equity: usd(2_400),
    })
  })

  test('worked example: the market moves, and only the account below maintenance margin is liquidated', async () => {
    const frank = await participant('frank', 0)
    const grace = await participant('grace', 2_000)
    const keeper = await participant('keeper', 0)
    const certificate = await issue({ account: frank.address, maxNotional: usd(30_000), credit: usd(2_415) })
    await accept(keeper, certificate, await sign(certificate))
    await open(frank, eth(10))
    await open(grace, eth(-1))
    const liquidate = (account: Address) => call(keeper, north, perpVenueAbi, 'liquidate', [account, market])

    // E = 2415 − 15 fee + 10·(P − 3000) against 5 % of 10·P: below it from P = 2905.26… on down.
    await Deployment.setPrice({ chain: strait, manifest, symbol: 'ETH-PERP', price: '2905.27' })
    expect(await refusal(liquidate(frank.address))).toBe('Healthy')
    await Deployment.setPrice({ chain: strait, manifest, symbol: 'ETH-PERP', price: '2905.25' })
    expect(await refusal(liquidate(grace.address))).toBe('Healthy')
    await liquidate(frank.address)

    const [after] = await strait.publicClient.readContract({
      address: north,
      abi: perpVenueAbi,
      functionName: 'accountsOf',
      args: [[frank.address]],
    })
    expect(after).toMatchObject({ positions: [], collateral: 0n, unsettledLoss: usd(947.5 + 15), mm: 0n })
    const [liquidated] = await strait.publicClient.getContractEvents({
      address: north,
      abi: perpVenueAbi,
      eventName: 'Liquidated',
      fromBlock: BigInt(manifest.venues[0]?.fromBlock ?? 0),
      args: { account: frank.address },
    })
    expect(liquidated?.args).toMatchObject({
      size: eth(10),
      price: usd(2905.25),
      loss: usd(947.5),
      badDebt: 0n,
      liquidator: keeper.address,
    })
    expect(await refusal(liquidate(frank.address))).toBe('NoPosition')
  })

  test('error: the zero hash is no hash', async () => {
    const certificate = await issue({ account: Wallet.of('alice').address, maxNotional: 0n, credit: 0n })
    expect(await refusal(accept(await participant('alice', 0), { ...certificate, modelHash: zeroHash }, []))).toBe('OutOfBounds')
  })
})

describe('lock, deposit and setPrice', () => {
  test('error: what was not deployed', async () => {
    const account = Wallet.of('alice')
    await expect(Deployment.lock({ chain: strait, manifest, account, asset: 'USDC', amount: 1n })).rejects.toBeInstanceOf(
      Deployment.NotDeployedError,
    )
    await expect(Deployment.deposit({ chain: strait, manifest, account, venue: 'west', amount: 1n })).rejects.toBeInstanceOf(
      Deployment.NotDeployedError,
    )
    await expect(Deployment.setPrice({ chain: strait, manifest, symbol: 'XAU-PERP', price: 1 })).rejects.toBeInstanceOf(
      Deployment.NotDeployedError,
    )
  })
})
