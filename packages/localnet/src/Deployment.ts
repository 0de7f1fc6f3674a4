import {
  backstopAbi,
  collateralVaultAbi,
  Hash,
  limitBookAbi,
  Market,
  mandatesAbi,
  perpVenueAbi,
  priceFeedAbi,
  testTokenAbi,
  trancheAbi,
} from '@plimsoll/contracts'
import {
  backstopBytecode,
  collateralVaultBytecode,
  limitBookBytecode,
  mandatesBytecode,
  perpVenueBytecode,
  priceFeedBytecode,
  testTokenBytecode,
} from '@plimsoll/contracts/bytecode'
import { type Abi, type Account, type Address, type Hex, type PrivateKeyAccount, parseUnits, type TransactionReceipt } from 'viem'
import type { Anvil } from './Anvil.ts'
import { BaseError } from './BaseError.ts'
import type { Manifest, Vault } from './Manifest.ts'
import * as Wallet from './Wallet.ts'

const usd = (dollars: number) => parseUnits(String(dollars), 18)

/** The terms every market starts with. Rates in ppm, USD × 1e18. */
export const terms = {
  heartbeatSeconds: 3600,
  imPpm: 100_000,
  mmPpm: 50_000,
  mmRampPpmPerHour: 1_000,
  feePpm: 500,
  liquidationFeePpm: 10_000,
  maxOpenInterest: usd(50_000_000),
  minNotional: usd(1),
} as const

/** How every market's liquidations start: all of a position is closed, and the liquidator has the whole fee. Rates in ppm. */
export const liquidation = { targetPpm: 0, insurancePpm: 0 } as const

/** What a backstop starts with. Rates in ppm, USD × 1e18. */
export const backstopTerms = {
  lotNotional: usd(50_000),
  inventoryPpm: 3_000_000,
  penaltyPpm: 30_000,
  callerPpm: 50_000,
  juniorLowPpm: 600_000,
  juniorHighPpm: 800_000,
  discountLowPpm: 50_000,
  discountHighPpm: 100_000,
  auctionSeconds: 300,
  reportSeconds: 3600,
  cooldownSeconds: 3 * 86_400,
  exitSeconds: 2 * 86_400,
} as const

/** What stands behind a venue at the start, in whole dollars of the owner's. */
export const capital = { junior: 200_000, senior: 800_000, insurance: 100_000 } as const

/** How long a window of a mandate is. */
const windowSeconds = 300n

/** The bounds the limit book starts with. */
export const bounds = {
  maxTtlSeconds: 300,
  maxFutureSeconds: 15,
  minImPpm: 10_000,
  maxImPpm: 2_000_000,
  maxNotional: usd(100_000_000),
  maxCredit: usd(100_000_000),
  bootstrapNotional: usd(100_000),
  raisePerHour: usd(1_000_000),
} as const

const startingPrices = { ETH: 3000, BTC: 60_000, USDC: 1 } as const
const assets = [
  { asset: 'USDC', name: 'USD Coin', decimals: 6 },
  { asset: 'WETH', name: 'Wrapped Ether', decimals: 18 },
] as const
const markets = [
  { symbol: 'ETH-PERP', price: 'ETH' },
  { symbol: 'BTC-PERP', price: 'BTC' },
] as const

/**
 * The house on three chains: a vault each on harbour and lagoon, which take USDC and WETH; on strait the feeds, one limit book, and two
 * venues, north and south, that share it. Both venues' pools are funded.
 *
 * @param options.signers - Keys that sign limits. Three of `Wallet`'s unless given.
 * @param options.threshold - How many of them must sign. 1 unless given.
 * @param options.prices - USD per whole token.
 * @param options.bounds - Of the limit book, where they differ from `Deployment.bounds`.
 * @param options.terms - Of every market, where they differ from `Deployment.terms`.
 * @param options.backstop - Terms of every backstop, where they differ from `Deployment.backstopTerms`.
 * @param options.liquidation - Of every market, where it differs from `Deployment.liquidation`.
 */
export async function deploy(options: deploy.Options): Promise<Manifest> {
  const { harbour, lagoon, strait, threshold = 1, escapeDelaySeconds = 72 * 3600, challengeSeconds = 3600 } = options
  const signers = options.signers ?? signersOf(['signer one', 'signer two', 'signer three'])
  const releaseSigners = options.releaseSigners ?? signersOf(['release signer'])
  const settlementSigners = options.settlementSigners ?? signersOf(['settlement signer'])
  const prices = { ...startingPrices, ...options.prices }
  const conditions = { ...terms, ...options.terms }
  const guardian = Wallet.of('guardian').address
  await Promise.all([harbour, lagoon, strait].map((chain) => chain.fund([owner.address, guardian])))

  const vaults = await Promise.all(
    [harbour, lagoon].map(async (chain): Promise<Vault> => {
      const vault = await create(chain, collateralVaultAbi, collateralVaultBytecode, [
        BigInt(escapeDelaySeconds),
        BigInt(challengeSeconds),
        owner.address,
        guardian,
        { keys: releaseSigners, threshold: 1n },
        { keys: settlementSigners, threshold: 1n },
      ])
      const tokens: Vault['tokens'][number][] = []
      for (const { asset, name, decimals } of assets) {
        const token = await create(chain, testTokenAbi, testTokenBytecode, [name, asset, decimals])
        await write(chain, owner, {
          address: vault.address,
          abi: collateralVaultAbi,
          functionName: 'allowToken',
          args: [token.address, true],
        })
        tokens.push({ asset, token: token.address, decimals })
      }
      return { chainId: chain.chainId, address: vault.address, fromBlock: String(vault.block), tokens }
    }),
  )

  const usdc = await create(strait, testTokenAbi, testTokenBytecode, ['USD Coin', 'USDC', 6])
  const feedOf: Record<keyof typeof prices, Address> = { ETH: '0x', BTC: '0x', USDC: '0x' }
  for (const name of ['ETH', 'BTC', 'USDC'] as const) {
    const feed = await create(strait, priceFeedAbi, priceFeedBytecode, [`${name} / USD`, toAnswer(prices[name]), owner.address])
    feedOf[name] = feed.address
  }
  const book = await create(strait, limitBookAbi, limitBookBytecode, [
    { ...bounds, ...options.bounds },
    owner.address,
    guardian,
    signers,
    BigInt(threshold),
  ])
  for (const { asset, decimals } of assets) {
    const feed = feedOf[asset === 'WETH' ? 'ETH' : asset]
    const valued = { feed, heartbeatSeconds: conditions.heartbeatSeconds, decimals, maxHaircutPpm: 500_000 }
    await write(strait, owner, { address: book.address, abi: limitBookAbi, functionName: 'setAsset', args: [Hash.ofText(asset), valued] })
  }

  const venues: Manifest['venues'][number][] = []
  for (const name of ['north', 'south']) {
    const venue = await create(strait, perpVenueAbi, perpVenueBytecode, [usdc.address, book.address, owner.address, guardian])
    for (const { symbol, price } of markets) {
      const market = { ...conditions, market: Market.id(symbol), feed: feedOf[price] }
      await write(strait, owner, { address: venue.address, abi: perpVenueAbi, functionName: 'addMarket', args: [market] })
      const args = [market.market, { ...liquidation, ...options.liquidation }]
      await write(strait, owner, { address: venue.address, abi: perpVenueAbi, functionName: 'setLiquidationTerms', args })
    }
    const mandates = await create(strait, mandatesAbi, mandatesBytecode, [venue.address, windowSeconds, owner.address, guardian])
    for (const { symbol, price } of markets) {
      const args = [Market.id(symbol), feedOf[price], conditions.heartbeatSeconds]
      await write(strait, owner, { address: mandates.address, abi: mandatesAbi, functionName: 'setIndex', args })
    }
    const backstop = await back({ chain: strait, venue: venue.address, token: usdc.address, terms: options.backstop ?? {} })
    const appointed = [mandates.address, backstop.address]
    await write(strait, owner, { address: venue.address, abi: perpVenueAbi, functionName: 'appoint', args: appointed })
    const collateral = { asset: 'USDC', token: usdc.address, decimals: 6 }
    venues.push({
      chainId: strait.chainId,
      name,
      address: venue.address,
      limitBook: book.address,
      mandates: mandates.address,
      backstop,
      fromBlock: String(venue.block),
      escrows: vaults.map(({ chainId }) => ({ chainId, address: lower(escrowOf(name).address) })),
      collateral,
    })
    const pool = parseUnits('5000000', 6)
    await write(strait, owner, { address: usdc.address, abi: testTokenAbi, functionName: 'mint', args: [owner.address, pool] })
    await write(strait, owner, { address: usdc.address, abi: testTokenAbi, functionName: 'approve', args: [venue.address, pool] })
    await write(strait, owner, { address: venue.address, abi: perpVenueAbi, functionName: 'fundPool', args: [pool] })
  }

  const { mmRampPpmPerHour: _, maxOpenInterest, minNotional, ...shown } = conditions
  return {
    chains: Object.entries({ harbour, lagoon, strait }).map(([name, { chainId, url }]) => ({ chainId, name, url })),
    vaults,
    venues,
    assets: [
      { asset: 'USDC', market: null, feed: feedOf.USDC },
      { asset: 'WETH', market: 'ETH-PERP', feed: feedOf.ETH },
    ],
    markets: markets.map(({ symbol, price }) => ({
      symbol,
      id: Market.id(symbol),
      feed: feedOf[price],
      ...shown,
      ...{ maxOpenInterest: String(maxOpenInterest), minNotional: String(minNotional) },
    })),
    feeds: { chainId: strait.chainId, heartbeatSeconds: conditions.heartbeatSeconds },
    signers: { addresses: signers.map(lower), threshold },
    releaseSigners: { addresses: releaseSigners.map(lower), threshold: 1 },
    settlementSigners: { addresses: settlementSigners.map(lower), threshold: 1 },
    owner: lower(owner.address),
  }
}

export declare namespace deploy {
  type Options = {
    readonly harbour: Anvil
    readonly lagoon: Anvil
    readonly strait: Anvil
    readonly signers?: readonly Address[]
    readonly threshold?: number
    readonly releaseSigners?: readonly Address[]
    readonly settlementSigners?: readonly Address[]
    readonly challengeSeconds?: number
    readonly escapeDelaySeconds?: number
    readonly prices?: Partial<Record<'ETH' | 'BTC' | 'USDC', number>>
    readonly bounds?: Partial<{ readonly [bound in keyof typeof bounds]: (typeof bounds)[bound] extends bigint ? bigint : number }>
    readonly backstop?: Partial<{
      readonly [term in keyof typeof backstopTerms]: (typeof backstopTerms)[term] extends bigint ? bigint : number
    }>
    readonly liquidation?: { readonly targetPpm?: number; readonly insurancePpm?: number }
    readonly terms?: Partial<{ readonly [term in keyof typeof terms]: (typeof terms)[term] extends bigint ? bigint : number }>
  }
}

/** A backstop of a venue, with the owner's capital in both tranches and the fund, and the owner reporting n. */
async function back(options: {
  readonly chain: Anvil
  readonly venue: Address
  readonly token: Address
  readonly terms: NonNullable<deploy.Options['backstop']>
}): Promise<Manifest['venues'][number]['backstop']> {
  const { chain, venue, token, terms } = options
  const guardian = Wallet.of('guardian').address
  const { address } = await create(chain, backstopAbi, backstopBytecode, [venue, { ...backstopTerms, ...terms }, owner.address, guardian])
  await write(chain, owner, { address, abi: backstopAbi, functionName: 'setReporter', args: [owner.address] })
  const read = async (functionName: 'junior' | 'senior') =>
    lower(await chain.publicClient.readContract({ address, abi: backstopAbi, functionName }))
  const [junior, senior] = [await read('junior'), await read('senior')]
  for (const [name, tranche] of Object.entries({ junior, senior })) {
    const amount = parseUnits(String(name === 'junior' ? capital.junior : capital.senior), 6)
    await hand(chain, owner, { token, amount, spender: tranche })
    await write(chain, owner, { address: tranche, abi: trancheAbi, functionName: 'deposit', args: [amount, owner.address] })
  }
  const fund = parseUnits(String(capital.insurance), 6)
  await write(chain, owner, { address: token, abi: testTokenAbi, functionName: 'mint', args: [address, fund] })
  return { address, junior, senior }
}

/** Who deployed everything: sets prices, adds markets, resumes what was paused. */
export const owner: PrivateKeyAccount = Wallet.of('owner')

/** Who holds what settlements paid for a venue, and brings the same to it. */
export const escrowOf = (venue: string): PrivateKeyAccount => Wallet.of(`escrow of ${venue}`)

/** More than anybody has. */
const uncapped = 2n ** 127n

/**
 * Mints collateral, locks it in the chain's vault, and lets every venue claim it, so that it stands behind limits there.
 *
 * @param options.amount - in the token's own units.
 * @param options.claims - `none` leaves it to the account whom it lets claim what.
 */
export async function lock(options: {
  readonly chain: Anvil
  readonly manifest: Manifest
  readonly account: PrivateKeyAccount
  readonly asset: string
  readonly amount: bigint
  readonly claims?: 'none'
}): Promise<void> {
  const { chain, manifest, account, asset, amount, claims } = options
  const vault = manifest.vaults.find(({ chainId }) => chainId === chain.chainId)
  const token = vault?.tokens.find((it) => it.asset === asset)?.token
  if (vault === undefined || token === undefined)
    throw new NotDeployedError({ chainId: chain.chainId, what: `a vault that takes ${asset}` })
  await hand(chain, account, { token, amount, spender: vault.address })
  if (claims !== 'none')
    for (const { name } of manifest.venues) await enable({ chain, manifest, account, asset, venue: name, cap: uncapped })
  await write(chain, account, { address: vault.address, abi: collateralVaultAbi, functionName: 'deposit', args: [token, amount] })
}

/** Lets a venue claim an account's collateral in the chain's vault, up to `cap` in all, in the token's own units. As it is: nothing. */
export async function enable(options: {
  readonly chain: Anvil
  readonly manifest: Manifest
  readonly account: PrivateKeyAccount
  readonly asset: string
  readonly venue: string
  readonly cap: bigint
}): Promise<void> {
  const { chain, manifest, account, asset, cap } = options
  const vault = manifest.vaults.find(({ chainId }) => chainId === chain.chainId)
  const token = vault?.tokens.find((it) => it.asset === asset)?.token
  const venue = manifest.venues.find(({ name }) => name === options.venue)
  const escrow = venue?.escrows.find(({ chainId }) => chainId === chain.chainId)?.address
  if (vault === undefined || token === undefined || venue === undefined || escrow === undefined)
    throw new NotDeployedError({ chainId: chain.chainId, what: `an escrow of ${options.venue} for ${asset}` })
  const call = { address: vault.address, abi: collateralVaultAbi }
  const held = await chain.publicClient.readContract({
    ...{ ...call, functionName: 'escrowOf', args: [account.address, token, BigInt(venue.chainId), venue.address] },
  })
  if (held.cap === cap && lower(held.escrow) === escrow && held.lowersAt === 0n) return
  await write(chain, account, { ...call, functionName: 'enableEscrow', args: [token, BigInt(venue.chainId), venue.address, escrow, cap] })
}

/** Mints the venue's collateral token and deposits it at the venue. `amount` in the token's own units. */
export async function deposit(options: {
  readonly chain: Anvil
  readonly manifest: Manifest
  readonly account: PrivateKeyAccount
  readonly venue: string
  readonly amount: bigint
}): Promise<void> {
  const { chain, manifest, account, amount } = options
  const venue = manifest.venues.find(({ name, chainId }) => name === options.venue && chainId === chain.chainId)
  if (venue === undefined) throw new NotDeployedError({ chainId: chain.chainId, what: `the venue ${options.venue}` })
  await hand(chain, account, { token: venue.collateral.token, amount, spender: venue.address })
  await write(chain, account, { address: venue.address, abi: perpVenueAbi, functionName: 'deposit', args: [amount] })
}

/** Sets the price of a market on its feed. `price` in USD per whole token, at most 8 digits after the point. */
export async function setPrice(options: {
  readonly chain: Anvil
  readonly manifest: Manifest
  readonly symbol: string
  readonly price: number | string
}): Promise<void> {
  const { chain, manifest, symbol, price } = options
  const market = manifest.markets.find((it) => it.symbol === symbol)
  if (market === undefined) throw new NotDeployedError({ chainId: chain.chainId, what: `the market ${symbol}` })
  await write(chain, owner, { address: market.feed, abi: priceFeedAbi, functionName: 'set', args: [toAnswer(price)] })
}

async function hand(
  chain: Anvil,
  account: PrivateKeyAccount,
  options: { readonly token: Address; readonly amount: bigint; readonly spender: Address },
): Promise<void> {
  const { token, amount, spender } = options
  if ((await chain.publicClient.getBalance({ address: account.address })) === 0n) await chain.fund([account.address])
  await write(chain, account, { address: token, abi: testTokenAbi, functionName: 'mint', args: [account.address, amount] })
  await write(chain, account, { address: token, abi: testTokenAbi, functionName: 'approve', args: [spender, amount] })
}

async function create(
  chain: Anvil,
  abi: Abi,
  bytecode: Hex,
  args: readonly unknown[],
): Promise<{ readonly address: Address; readonly block: bigint }> {
  const hash = await chain.wallet(owner).deployContract({ abi, bytecode, args })
  const { contractAddress, blockNumber } = await mined(chain, hash)
  if (!contractAddress) throw new NotDeployedError({ chainId: chain.chainId, what: 'a contract just created' })
  return { address: lower(contractAddress), block: blockNumber }
}

/** Sends one call and waits until it is mined. Reverts with the contract's own error before anything is sent. */
export async function write(
  chain: Anvil,
  account: Account,
  call: { readonly address: Address; readonly abi: Abi; readonly functionName: string; readonly args: readonly unknown[] },
): Promise<TransactionReceipt> {
  const { request } = await chain.publicClient.simulateContract({ ...call, account })
  // The block it lands in may be a second later than the one it was estimated in, and what a second changes may cost more.
  const gas = 2n * (await chain.publicClient.estimateContractGas({ ...call, account }))
  return mined(chain, await chain.wallet(account).writeContract({ ...request, gas }))
}

async function mined(chain: Anvil, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success') throw new NotDeployedError({ chainId: chain.chainId, what: `the effect of ${hash}` })
  return receipt
}

const signersOf = (names: readonly string[]): Address[] => Wallet.all(names).map(({ address }) => address)

const lower = (address: Address) => address.toLowerCase() as Address

/** USD per whole token as a feed says it, × 1e8. */
const toAnswer = (price: number | string) => parseUnits(String(price), 8)

/** Thrown when something is asked of a chain that has no such thing. */
export class NotDeployedError extends BaseError {
  override readonly name = 'Deployment.NotDeployedError'
  override readonly code = 'NOT_DEPLOYED'
  readonly chainId: number

  constructor(options: { readonly chainId: number; readonly what: string }) {
    super(`Chain ${options.chainId} does not have ${options.what}.`, {
      hint: 'Look at the manifest that Deployment.deploy returned for what is where.',
    })
    this.chainId = options.chainId
  }
}
