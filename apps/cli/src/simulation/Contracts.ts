/** The real contracts of the world on chains of their own, with the terms the model has. */
import { collateralVaultAbi, Hash, limitBookAbi, Market, perpVenueAbi, priceFeedAbi, testTokenAbi } from '@plimsoll/contracts'
import {
  collateralVaultBytecode,
  limitBookBytecode,
  perpVenueBytecode,
  priceFeedBytecode,
  testTokenBytecode,
} from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, Wallet } from '@plimsoll/localnet'
import { Fixed } from '@plimsoll/margin'
import type { Abi } from 'viem'
import * as Claims from './Claims.ts'
import * as Gateway from './Gateway.ts'
import * as Harbour from './Harbour.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Dock = { readonly anvil: Anvil.Anvil; readonly token: Hex; readonly vault: Hex }
export type Pier = {
  readonly anvil: Anvil.Anvil
  readonly token: Hex
  readonly address: Hex
  readonly limitBook: Hex
  /** By market. */
  readonly feeds: ReadonlyMap<Hex, Hex>
}
export type Contracts = AsyncDisposable & { readonly docks: readonly Dock[]; readonly piers: readonly Pier[] }

export const owner = Deployment.owner
export const releaser = Wallet.of('simulated release signer')
export const settler = Wallet.of('simulated settlement signer')
/** Who liquidates, pays claims, and brings money: nobody in particular. */
export const keeper: Hex = `0x${'ee'.padStart(40, '0')}`

/** More than anybody spends in a walk. */
const plenty = 10n ** 36n
const always = 4_000_000_000

/** Deploys to four chains, hands everybody tokens, and stops the chains' own clocks at the walk's start. */
export async function deploy(at: number): Promise<Contracts> {
  await using stack = new AsyncDisposableStack()
  const anvilOf = async (chainId: number) => stack.use(await Anvil.start({ chainId, accounts: [owner.address] }))
  const docks: Dock[] = []
  for (const [i, chainId] of World.chainIds.docks.entries()) docks.push(await dock(await anvilOf(chainId), i === 0 ? 6 : 18))
  const piers: Pier[] = []
  for (const chainId of World.chainIds.piers) piers.push(await pier(await anvilOf(chainId)))
  for (const { anvil, token, spender } of [
    ...docks.map((it) => ({ ...it, spender: it.vault })),
    ...piers.map((it) => ({ ...it, spender: it.address })),
  ]) {
    await provide(anvil, { token, spender })
    await rpc(anvil, 'evm_setAutomine', false)
    await rpc(anvil, 'evm_mine', { timestamp: at })
  }
  const started = stack.move()
  return { docks, piers, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** One JSON-RPC request. */
export async function rpc(anvil: Anvil.Anvil, method: string, ...params: readonly unknown[]): Promise<unknown> {
  return anvil.publicClient.request({ method, params } as never)
}

async function dock(anvil: Anvil.Anvil, decimals: number): Promise<Dock> {
  const token = await create(anvil, testTokenAbi, testTokenBytecode, ['Collateral', 'COL', decimals])
  const vault = await create(anvil, collateralVaultAbi, collateralVaultBytecode, [
    ...[BigInt(Harbour.escapeSeconds), BigInt(Claims.challengeSeconds), owner.address, owner.address],
    { keys: [releaser.address], threshold: 1n },
    { keys: [settler.address], threshold: 1n },
  ])
  await write(anvil, { address: vault, abi: collateralVaultAbi, functionName: 'allowToken', args: [token, true] })
  return { anvil, token, vault }
}

async function pier(anvil: Anvil.Anvil): Promise<Pier> {
  const token = await create(anvil, testTokenAbi, testTokenBytecode, ['Dollar', 'USD', 18])
  const world = World.of(0)
  const feeds = new Map<Hex, Hex>()
  for (const [market, { price }] of world.quotes) feeds.set(market, await feed(anvil, price))
  const dollar = await feed(anvil, Fixed.one)
  const config = {
    ...{ maxTtlSeconds: Venue.maxTtlSeconds, maxFutureSeconds: Venue.maxFutureSeconds },
    ...{ minImPpm: Venue.imBounds.min, maxImPpm: Venue.imBounds.max, maxNotional: Venue.bookMaxNotional, maxCredit: Venue.bookMaxCredit },
    ...{ bootstrapNotional: Venue.bootstrapNotional, raisePerHour: Venue.raisePerHour },
  }
  const limitBook = await create(anvil, limitBookAbi, limitBookBytecode, [config, owner.address, owner.address, [Gateway.signedBy], 1n])
  for (const { asset } of world.docks) {
    const priced = asset.market === null ? { feed: dollar, heartbeatSeconds: always } : { feed: feeds.get(Market.id(asset.market)) }
    const terms = { heartbeatSeconds: Venue.heartbeatSeconds, ...priced, decimals: asset.decimals, maxHaircutPpm: Venue.maxHaircutPpm }
    await write(anvil, { address: limitBook, abi: limitBookAbi, functionName: 'setAsset', args: [Hash.ofText(asset.name), terms] })
  }
  const address = await create(anvil, perpVenueAbi, perpVenueBytecode, [token, limitBook, owner.address, owner.address])
  for (const { market, staticImPpm, mmPpm, liquidationFeePpm, maxOpenInterest } of world.terms) {
    const rates = { imPpm: staticImPpm, mmPpm, mmRampPpmPerHour: 1_000, feePpm: 0, liquidationFeePpm, maxOpenInterest, minNotional: 0n }
    const terms = { market, feed: feeds.get(market), heartbeatSeconds: Venue.heartbeatSeconds, ...rates }
    await write(anvil, { address, abi: perpVenueAbi, functionName: 'addMarket', args: [terms] })
  }
  const { pool } = Venue.empty
  await write(anvil, { address: token, abi: testTokenAbi, functionName: 'mint', args: [owner.address, pool] })
  await write(anvil, { address: token, abi: testTokenAbi, functionName: 'approve', args: [address, pool] })
  await write(anvil, { address, abi: perpVenueAbi, functionName: 'fundPool', args: [pool] })
  return { anvil, token, address, limitBook, feeds }
}

function feed(anvil: Anvil.Anvil, price: bigint): Promise<Hex> {
  return create(anvil, priceFeedAbi, priceFeedBytecode, ['USD', price / World.feedDigit, owner.address])
}

/** Everybody may send without a key, and has tokens that the contract may take. */
async function provide(anvil: Anvil.Anvil, { token, spender }: { readonly token: Hex; readonly spender: Hex }): Promise<void> {
  const everybody = [...World.accounts, keeper]
  await anvil.fund([...everybody, owner.address])
  await rpc(anvil, 'anvil_impersonateAccount', owner.address)
  for (const account of everybody) {
    await rpc(anvil, 'anvil_impersonateAccount', account)
    await write(anvil, { address: token, abi: testTokenAbi, functionName: 'mint', args: [account, plenty] })
    const hash = await anvil
      .wallet(owner)
      .writeContract({ address: token, abi: testTokenAbi, functionName: 'approve', args: [spender, plenty], account })
    await anvil.publicClient.waitForTransactionReceipt({ hash })
  }
}

async function create(anvil: Anvil.Anvil, abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex> {
  const hash = await anvil.wallet(owner).deployContract({ abi, bytecode, args })
  const { contractAddress } = await anvil.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Deployment.NotDeployedError({ chainId: anvil.chainId, what: 'a contract just created' })
  return contractAddress.toLowerCase() as Hex
}

function write(anvil: Anvil.Anvil, call: Parameters<typeof Deployment.write>[2]) {
  return Deployment.write(anvil, owner, call)
}
