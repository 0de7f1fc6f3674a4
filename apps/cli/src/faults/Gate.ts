/** The house as its customers meet it: a gateway over three chains, three sources before each, and somebody who is signed in. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { limitBookAbi } from '@plimsoll/contracts'
import { Deployment, FaultyRpc, House, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, type Issued, type MarginClient, MarginError, type SignedLimit } from '@plimsoll/sdk'
import type { PrivateKeyAccount } from 'viem'
import * as Market from '../demo/Market.ts'
import type * as Stand from './Stand.ts'

export type Chain = 'harbour' | 'lagoon' | 'strait'
type Document = {
  readonly chains: readonly { readonly name: string; readonly chainId: number; readonly sources: readonly object[] }[]
  readonly vaults: readonly { readonly chainId: number; readonly tokens: readonly { readonly haircuts: object }[] }[]
  readonly markets: readonly object[]
}

export type Health = {
  readonly status: string
  readonly chains: readonly {
    readonly chainId: number
    readonly status: string
    readonly code: string | null
    readonly sources: readonly { readonly id: string; readonly scorePpm: number }[]
  }[]
  readonly faults: readonly string[]
}

export type Gate = {
  readonly house: House.House
  readonly account: PrivateKeyAccount
  readonly sources: Readonly<Record<Chain, Stand.Sources>>
  readonly client: () => MarginClient
  readonly key: { readonly account: `0x${string}`; readonly venue: string; readonly market: string }
  /** Locks USDC for the account; final only once somebody makes it so. */
  readonly lock: (chain: 'harbour' | 'lagoon', dollars: number) => Promise<void>
  /** The largest notional, or the code why there is none. */
  readonly quote: () => Promise<{ readonly code: string | null; readonly notional: bigint; readonly bounds: readonly string[] }>
  readonly issue: (dollars: number) => Promise<Issued | { readonly status: 'failed'; readonly code: string; readonly message: string }>
  readonly health: () => Promise<Health>
  /** Starts the gateway anew, on another document or in another environment. */
  readonly restart: (change?: {
    readonly document?: (document: Document) => object
    readonly env?: Readonly<Record<string, string>>
    /** While no gateway runs. */
    readonly meanwhile?: () => Promise<void>
  }) => Promise<void>
}

export const usd = (dollars: number): bigint => BigInt(dollars) * 10n ** 18n
/** Blocks until a block is final on these chains. */
export const depth = 32

/** Opens a gate with 10,000 USDC of one account locked and final on harbour. */
export async function gate<T>(env: Readonly<Record<string, string>>, work: (gate: Gate) => Promise<T>): Promise<T> {
  const market = Market.generate({ seed: 11, now: Math.floor(Date.now() / 1000) })
  await using house = await House.start({
    ...{ home: null, market, intervalSeconds: Market.intervalSeconds },
    world: { slotsInAnEpoch: depth / 2 },
  })
  await using third = await FaultyRpc.start({ target: house.world.chains.harbour.url })
  await using fourth = await FaultyRpc.start({ target: house.world.chains.lagoon.url })
  await using fifth = await FaultyRpc.start({ target: house.world.chains.strait.url })
  const { sources: two, manifest, chains } = house.world
  const sources = {
    harbour: [...two.harbour, third] as const,
    lagoon: [...two.lagoon, fourth] as const,
    strait: [...two.strait, fifth] as const,
  }
  const given = house.world.document as unknown as Document
  const document: Document = {
    ...given,
    chains: given.chains.map((chain) => {
      const [, , own] = sources[chain.name as Chain]
      return { ...chain, sources: [...chain.sources, { id: `${chain.name}-gamma`, operator: 'gamma', url: own.url }] }
    }),
  }
  const account = Wallet.of('alice')
  let gateway = house.gateway
  let client = createMarginClient({ transport: http(gateway.url) })
  const restart: Gate['restart'] = async (change = {}) => {
    await gateway.stop()
    await change.meanwhile?.()
    const path = join(house.home, 'three.json')
    await writeFile(path, JSON.stringify(change.document?.(document) ?? document))
    gateway = await house.openGateway({ name: 'gate', env: { ...env, PLIMSOLL_CONFIG: path, ...change.env } })
    // The session outlives the gateway: a clock that is off would refuse the message of a sign-in.
    const { token } = client.transport.session
    client = createMarginClient({ transport: http(gateway.url, token === null ? {} : { token }) })
    if (token === null) await client.signIn({ account })
  }
  const lock: Gate['lock'] = (chain, dollars) =>
    Deployment.lock({ chain: chains[chain], manifest, account, asset: 'USDC', amount: BigInt(dollars) * 10n ** 6n })
  const [north] = manifest.venues
  if (!north) throw new Error('A venue was deployed.')
  const key = { account: account.address, venue: `eip155:${north.chainId}:${north.address}`, market: 'ETH-PERP' }
  await lock('harbour', 10_000)
  await house.world.finalise()
  await restart()
  const failed = (error: unknown) => {
    if (error instanceof MarginError) return error.code
    throw error
  }
  return await work({
    ...{ house, account, sources, key, lock, restart },
    client: () => client,
    quote: () =>
      client.getLimit(key).then(
        ({ limit }) => ({ code: null, notional: limit.notional, bounds: limit.bounds.map(({ code, message }) => `${code} ${message}`) }),
        (error: unknown) => ({ code: failed(error), notional: 0n, bounds: [] }),
      ),
    issue: (dollars) =>
      client.issueLimit({ ...key, notional: usd(dollars) }).catch((error: unknown) => ({
        ...{ status: 'failed' as const, code: failed(error) },
        message: error instanceof Error ? error.message : '',
      })),
    health: async () => {
      const answer = (await (await fetch(`${gateway.url}/trpc/health`)).json()) as { readonly result: { readonly data: Health } }
      return answer.result.data
    },
  })
}

/** Posts a certificate: whether the book takes it. */
export async function post({ house }: Gate, signed: SignedLimit): Promise<boolean> {
  const { strait } = house.world.chains
  const poster = Wallet.of('poster')
  await strait.fund([poster.address])
  const call = { address: signed.limitBook, abi: limitBookAbi, functionName: 'accept', args: [signed.certificate, signed.signatures] }
  return Deployment.write(strait, poster, call).then(
    () => true,
    () => false,
  )
}

/** Whether a certificate that was posted still counts. */
export async function isLive({ house }: Gate, { limitBook, certificate }: SignedLimit): Promise<boolean> {
  const { account, venue, market } = certificate
  const standing = await house.world.chains.strait.publicClient.readContract({
    ...{ address: limitBook, abi: limitBookAbi, functionName: 'limitOf', args: [account, venue, market] },
  })
  return standing.live
}

/** A certificate of so many dollars. @throws what stood against it. */
export async function granted(at: Gate, dollars: number): Promise<SignedLimit> {
  const answer = await until(
    () => at.issue(dollars),
    ({ status }) => status === 'issued',
  )
  if (answer.status !== 'issued') throw new Error(`No certificate: ${told(answer)}.`)
  return answer.signed
}

/** What came of asking for a certificate, in one word. */
export function told(answer: Awaited<ReturnType<Gate['issue']>>): string {
  return answer.status === 'issued' ? 'issued' : answer.code
}

/** Why there is none; nothing where there is one. */
export function why(answer: Awaited<ReturnType<Gate['issue']>>): string {
  return answer.status === 'issued' ? '' : answer.message
}

/** Asks until it holds, for a minute at most; the last answer in any case. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    const value = await ask()
    if (holds(value) || Date.now() > end) return value
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
}

/** The environment of a Node whose clock is off by so many seconds. */
export function clock(seconds: number): { readonly NODE_OPTIONS: string } {
  const module = `const Real=Date,off=${seconds * 1000};globalThis.Date=class extends Real{constructor(...a){a.length===0?super(Real.now()+off):super(...a)}static now(){return Real.now()+off}}`
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(module)}` }
}
