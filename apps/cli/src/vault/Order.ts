/** A signed order to a vault: read from a file, tried on its chain, and posted if asked. */
import { readFile } from 'node:fs/promises'
import { collateralVaultAbi, type Settlement } from '@plimsoll/contracts'
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  isAddress,
  isHex,
  type PublicClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import * as Key from '../key.ts'
import { typed } from '../path.ts'

/** As a file carries it: which vault, the message under its own name, and who signed. */
export type Order<message> = {
  readonly chainId: number
  readonly vault: Address
  readonly message: message
  readonly signatures: readonly Hex[]
}

/** A call of the vault. */
export type Call = { readonly functionName: string; readonly args: readonly unknown[] }

/** What came of a call: it was posted, it would pass, or the vault refuses it, by the name of its error. */
export type Outcome =
  | { readonly status: 'posted'; readonly transactionHash: Hex; readonly gasUsed: bigint }
  | { readonly status: 'accepted' }
  | { readonly status: 'refused'; readonly code: string; readonly details: readonly string[] }

/**
 * Reads an order.
 *
 * @param options.name - Under which name the message stands: `release` or `settlement`.
 * @throws {OrderError} the file is no such order.
 */
export async function read<message>(options: read.Options<message>): Promise<Order<message>> {
  const { file, name, fromMessage } = options
  let json: unknown
  try {
    json = JSON.parse(await readFile(typed(file), 'utf8'))
  } catch {
    throw new OrderError('it is not a JSON file')
  }
  const { chainId, vault, signatures, [name]: message } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId <= 0) throw new OrderError('chainId is missing')
  if (typeof vault !== 'string' || !isAddress(vault, { strict: false })) throw new OrderError('vault is missing')
  if (!Array.isArray(signatures) || !signatures.every((it) => isHex(it))) throw new OrderError('signatures are missing')
  return { chainId, vault, message: fromMessage(message), signatures }
}

export declare namespace read {
  type Options<message> = {
    readonly file: string
    readonly name: 'release' | 'settlement'
    readonly fromMessage: (message: unknown) => message
  }
}

/**
 * Tries a call on the vault's chain, and posts it where a key is given.
 *
 * @param options.key - Of whoever pays the gas; nothing is posted without one.
 * @throws {ChainError} {NodeError} {VaultError} the node is of another chain, or does not answer; there is no vault.
 */
export async function post(options: post.Options): Promise<Outcome> {
  const { rpc, chainId, vault, call, key } = options
  const chain = defineChain({
    ...{ id: chainId, name: `chain ${chainId}`, nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 } },
    rpcUrls: { default: { http: [rpc] } },
  })
  const client = createPublicClient({ chain, transport: http(rpc), cacheTime: 0 })
  await inspect({ client, rpc, chainId, vault })
  const account = key === null ? null : privateKeyToAccount(key)
  const abi: Abi = collateralVaultAbi
  const target = { address: vault, abi, ...call }
  try {
    await client.simulateContract(account === null ? target : { ...target, account })
  } catch (error) {
    const cause = reverted(error)
    if (cause === null) throw new NodeError({ rpc, cause: error })
    return { status: 'refused', code: cause.data?.errorName ?? 'UNKNOWN', details: (cause.data?.args ?? []).map(String) }
  }
  if (account === null) return { status: 'accepted' }
  const wallet = createWalletClient({ chain, account, transport: http(rpc) })
  const transactionHash = await wallet.writeContract(target)
  const receipt = await client.waitForTransactionReceipt({ hash: transactionHash })
  if (receipt.status !== 'success') return { status: 'refused', code: 'REVERTED', details: [transactionHash] }
  return { status: 'posted', transactionHash, gasUsed: receipt.gasUsed }
}

export declare namespace post {
  type Options = {
    readonly rpc: string
    readonly chainId: number
    readonly vault: Address
    readonly call: Call
    readonly key: Hex | null
  }
}

/** What a vault knows of a settlement, and what its depositor still allows the venue. Amounts in the token's own units. */
export type State = {
  readonly status: 'unknown' | 'queued' | 'paid' | 'vetoed' | 'lapsed'
  /** From when on it may be paid, and no longer; unix seconds of the vault's chain, 0 while unknown. */
  readonly readyAt: number
  readonly lapsesAt: number
  /** The chain's own clock. */
  readonly at: number
  readonly escrow: Address
  readonly cap: bigint
  readonly used: bigint
}

/** Reads where a settlement stands. Nothing is posted. @throws {ChainError} {NodeError} {VaultError} */
export async function state(options: {
  readonly rpc: string
  readonly chainId: number
  readonly vault: Address
  readonly order: Settlement.Settlement
}): Promise<State> {
  const { rpc, chainId, vault, order } = options
  const client = createPublicClient({ transport: http(rpc), cacheTime: 0 })
  await inspect({ client, rpc, chainId, vault })
  const call = { address: vault, abi: collateralVaultAbi } as const
  const [claim, held, block] = await Promise.all([
    client.readContract({ ...call, functionName: 'claimOf', args: [order.id] }),
    client.readContract({ ...call, functionName: 'escrowOf', args: [order.account, order.token, order.venueChainId, order.venue] }),
    client.getBlock(),
  ]).catch((cause: unknown) => {
    throw new NodeError({ rpc, cause })
  })
  const status = (['unknown', 'queued', 'paid', 'vetoed', 'lapsed'] as const)[claim.status]
  if (status === undefined) throw new OrderError(`its vault says status ${claim.status}`)
  const { escrow, cap, used } = held
  return { status, readyAt: Number(claim.readyAt), lapsesAt: Number(claim.lapsesAt), at: Number(block.timestamp), escrow, cap, used }
}

/** Where a settlement stands, in words. */
export function stateText({ status, readyAt, lapsesAt, at, escrow, cap, used }: State): string {
  const when =
    status !== 'queued' ? '' : at < readyAt ? `, payable in ${readyAt - at} s` : at < lapsesAt ? ', payable now' : ', and its time is over'
  return `${status}${when}; the depositor lets ${escrow} claim ${cap} in all, of which ${used} is used`
}

/** An outcome in one line. */
export function text(outcome: Outcome): string {
  if (outcome.status === 'posted') return `posted in ${outcome.transactionHash}, for ${outcome.gasUsed} gas`
  if (outcome.status === 'accepted') return 'the vault would accept it; give --send to post it'
  return `refused by the vault: ${outcome.code}(${outcome.details.join(', ')})`
}

/** The key that pays gas, where one shall. @throws {OrderError} it is missing, or none. */
export function keyOf(send: boolean | undefined): Hex | null {
  if (send !== true) return null
  const key = process.env['PLIMSOLL_KEY']
  if (Key.accountOf(key) === null) throw new OrderError('--send needs PLIMSOLL_KEY, a 32-byte private key in hex')
  return key as Hex
}

/** Whether the node is of the order's chain, and something is at the vault's address: a call of nothing passes anything. */
async function inspect(args: {
  readonly client: Pick<PublicClient, 'getChainId' | 'getCode'>
  readonly rpc: string
  readonly chainId: number
  readonly vault: Address
}): Promise<void> {
  const { client, rpc, chainId, vault } = args
  const ask = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      throw new NodeError({ rpc, cause })
    })
  const actual = await ask(client.getChainId())
  if (actual !== chainId) throw new ChainError({ wanted: chainId, actual })
  if ((await ask(client.getCode({ address: vault }))) === undefined) throw new VaultError({ vault, chainId })
}

function reverted(error: unknown): ContractFunctionRevertedError | null {
  if (!(error instanceof Error) || !('walk' in error) || typeof error.walk !== 'function') return null
  const found: unknown = error.walk((it: unknown) => it instanceof ContractFunctionRevertedError)
  return found instanceof ContractFunctionRevertedError ? found : null
}

/** Thrown for an order that cannot be read or posted. */
export class OrderError extends Error {
  override readonly name = 'Order.OrderError'
  readonly code = 'ORDER_UNREADABLE'
  readonly hint = 'Give { "chainId", "vault", "release" or "settlement", "signatures" }, integers as decimal strings.'

  constructor(why: string) {
    super(`The order cannot be used: ${why}.`)
  }
}

/** Thrown when a node does not answer, or not what was asked. */
export class NodeError extends Error {
  override readonly name = 'Order.NodeError'
  readonly code = 'NODE_UNREACHABLE'
  readonly hint = 'Give --rpc the http or https address of a node that runs.'

  constructor(options: { readonly rpc: string; readonly cause: unknown }) {
    const { rpc, cause } = options
    const said = cause instanceof BaseError ? cause.shortMessage : cause instanceof Error ? cause.message : String(cause)
    super(`The node at ${rpc} does not answer: ${said.split('\n')[0]?.replace(/\.$/, '')}.`, { cause })
  }
}

/** Thrown when there is no contract where the order has its vault. */
export class VaultError extends Error {
  override readonly name = 'Order.VaultError'
  readonly code = 'NO_VAULT'
  readonly hint = 'Check `vault` and `chainId` of the order.'

  constructor(options: { readonly vault: Address; readonly chainId: number }) {
    super(`There is no contract at ${options.vault} on chain ${options.chainId}.`)
  }
}

/** Thrown when the node is of another chain than the order's. */
export class ChainError extends Error {
  override readonly name = 'Order.ChainError'
  readonly code = 'WRONG_CHAIN'
  readonly hint = 'Give --rpc a node of the vault’s own chain.'

  constructor(options: { readonly wanted: number; readonly actual: number }) {
    super(`The order is for chain ${options.wanted}; the node is of chain ${options.actual}.`)
  }
}
