/** What the faults are injected into: a local chain behind three sources of our own; or the house's contracts on three chains. */
import { type ChainConfig, CollateralView, Quorum } from '@plimsoll/chain'
import { Anvil, Deployment, FaultyRpc, type Manifest, Wallet } from '@plimsoll/localnet'
import { decodeFunctionResult, encodeFunctionData, multicall3Abi } from 'viem'
import type * as Row from './Row.ts'

type Hex = `0x${string}`

export const holder: Hex = `0x${'a1'.repeat(20)}`
export const wei = 10_000n * 10n ** 18n
export const usdc = 10n ** 6n
/** Blocks below the head that are not final yet. */
export const depth = 8
const chainId = 31_337_001
const finality = { tag: 'finalized', maxAgeSeconds: 86_400 } as const

export type Sources = readonly [FaultyRpc.FaultyRpc, FaultyRpc.FaultyRpc, FaultyRpc.FaultyRpc]

export type Chain = {
  readonly anvil: Anvil.Anvil
  readonly sources: Sources
  /** A reader that asks 2 of 3. */
  readonly reader: (change?: Partial<ChainConfig.ChainConfig>, rest?: Omit<Quorum.open.Args, 'config'>) => Quorum.Reader
}

/** A chain on which `holder` has 10,000 ETH for 40 blocks; the head less 8 is final. */
export async function chain<T>(work: (chain: Chain) => Promise<T>): Promise<T> {
  await using anvil = await Anvil.start({ chainId })
  await anvil.fund([holder], wei)
  await anvil.mine(40)
  await using set = await sourcesOf(anvil)
  return await work({ anvil, sources: set.sources, reader: readerOver(anvil.chainId, set.sources) })
}

/** What `holder` has, as 2 of 3 say. */
export async function balance(
  reader: Quorum.Reader,
  at: Quorum.At = 'final',
): Promise<{ readonly value: bigint; readonly dissent: readonly string[]; readonly read: Quorum.Read }> {
  const data = encodeFunctionData({ abi: multicall3Abi, functionName: 'getEthBalance', args: [holder] })
  const read = await reader.fetch({ calls: [{ target: Anvil.multicallAddress, data }], at })
  const value = decodeFunctionResult({ abi: multicall3Abi, functionName: 'getEthBalance', data: read.results[0]?.data ?? '0x' })
  return { value, dissent: read.dissent.map(({ id, why }) => `${id}:${why}`), read }
}

export type House = {
  readonly harbour: Anvil.Anvil
  readonly lagoon: Anvil.Anvil
  readonly strait: Anvil.Anvil
  readonly manifest: Manifest.Manifest
  readonly sources: Readonly<Record<'harbour' | 'lagoon' | 'strait', Sources>>
  readonly alice: ReturnType<typeof Wallet.of>
  readonly bob: ReturnType<typeof Wallet.of>
  readonly token: (chain: 'harbour' | 'lagoon', asset?: string) => Hex
  readonly vault: (chain: 'harbour' | 'lagoon') => Hex
  readonly feed: (asset: string) => CollateralView.Token['feed']
  readonly reader: (chain: 'harbour' | 'lagoon' | 'strait', change?: Partial<ChainConfig.ChainConfig>) => Quorum.Reader
  /** What Alice and Bob have locked, through new readers unless given. */
  readonly view: (change?: Partial<CollateralView.fetch.Args>) => Promise<CollateralView.CollateralView>
  readonly finalise: () => Promise<void>
  readonly now: () => number
}

const ids = { harbour: 31_337_001, lagoon: 31_337_002, strait: 31_337_003 } as const

/** The house's contracts on three chains, three sources before each. */
export async function house<T>(work: (house: House) => Promise<T>): Promise<T> {
  await using harbour = await Anvil.start({ chainId: ids.harbour })
  await using lagoon = await Anvil.start({ chainId: ids.lagoon })
  await using strait = await Anvil.start({ chainId: ids.strait })
  const chains = { harbour, lagoon, strait }
  const manifest = await Deployment.deploy({ ...chains, threshold: 2 })
  await using a = await sourcesOf(harbour)
  await using b = await sourcesOf(lagoon)
  await using c = await sourcesOf(strait)
  const sources = { harbour: a.sources, lagoon: b.sources, strait: c.sources }
  const [alice, bob] = [Wallet.of('alice'), Wallet.of('bob')]
  const vaultOf = (name: 'harbour' | 'lagoon') => {
    const vault = manifest.vaults.find((it) => it.chainId === ids[name])
    if (!vault) throw new Error(`There is no vault on ${name}.`)
    return vault
  }
  const token = (name: 'harbour' | 'lagoon', asset = 'USDC') => vaultOf(name).tokens.find((it) => it.asset === asset)?.token ?? '0x'
  const feed = (asset: string) => ({
    chainId: ids.strait,
    address: manifest.assets.find((it) => it.asset === asset)?.feed ?? ('0x' as const),
    decimals: 8,
    heartbeatSeconds: 3_600,
    deviationPpm: 5_000,
  })
  const reader = (name: keyof typeof ids, change: Partial<ChainConfig.ChainConfig> = {}) => readerOver(ids[name], sources[name])(change)
  const haircuts = { assetPpm: 10_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 }
  const vaults = manifest.vaults.map((vault) => ({
    chainId: vault.chainId,
    address: vault.address,
    tokens: vault.tokens.map(({ asset, token: address, decimals }) => ({ address, asset, decimals, feed: feed(asset), haircuts })),
  }))
  const now = () => Math.floor(Date.now() / 1000)
  return await work({
    ...chains,
    manifest,
    sources,
    alice,
    bob,
    token,
    vault: (name) => vaultOf(name).address,
    feed,
    reader,
    view: (change = {}) =>
      CollateralView.fetch({
        readers: [reader('harbour', { evidence: 'proof' }), reader('lagoon', { evidence: 'proof' }), reader('strait')],
        vaults,
        accounts: [alice.address, bob.address],
        asOf: now(),
        ...change,
      }),
    finalise: async () => void (await Promise.all([harbour, lagoon, strait].map((one) => one.mine(9)))),
    now,
  })
}

/** Which of three sources the seed picks, and the other two. */
export function pick(
  sources: Sources,
  seed: Row.Seed,
): { readonly one: FaultyRpc.FaultyRpc; readonly name: string; readonly others: readonly FaultyRpc.FaultyRpc[] } {
  const index = seed.draw(3)
  return { one: sources[index as 0 | 1 | 2], name: names[index] ?? '', others: sources.filter((_, at) => at !== index) }
}

/** A lie about one method: whatever the chain answers, told anew. */
export function lie(method: string, tell: (result: never) => unknown): FaultyRpc.Fault {
  return { kind: 'lie', tell: (call, result) => (call.method === method && result !== null ? tell(result as never) : result) }
}

const names = ['a', 'b', 'c'] as const

async function sourcesOf(anvil: Anvil.Anvil): Promise<AsyncDisposable & { readonly sources: Sources }> {
  const [a, b, c] = await Promise.all(names.map(() => FaultyRpc.start({ target: anvil.url })))
  if (!a || !b || !c) throw new Error('Three sources were started.')
  return { sources: [a, b, c], [Symbol.asyncDispose]: async () => void (await Promise.all([a, b, c].map((one) => one.stop()))) }
}

function readerOver(id: number, sources: Sources): Chain['reader'] {
  return (change = {}, rest = {}) =>
    Quorum.open({
      config: {
        chainId: id,
        name: `chain ${id}`,
        sources: sources.map(({ url }, index) => ({ id: names[index] ?? '', operator: names[index] ?? '', url })),
        k: 2,
        finality,
        // Long enough for a slow machine: what is asked of most rows is what is believed, not how soon.
        timeoutMs: 5_000,
        ...change,
      },
      ...rest,
    })
}
