/** The whole house on three local chains, as the demo and the acceptance tests use it: deployed, readable through two sources each, alive. */
import { writeFile } from 'node:fs/promises'
import { priceFeedAbi } from '@plimsoll/contracts'
import { parseUnits } from 'viem'
import * as Anvil from './Anvil.ts'
import * as Attestations from './Attestations.ts'
import * as Deployment from './Deployment.ts'
import * as FaultyRpc from './FaultyRpc.ts'
import * as Lending from './Lending.ts'
import type { Manifest } from './Manifest.ts'
import * as Wallet from './Wallet.ts'

export type ChainName = 'harbour' | 'lagoon' | 'strait'

export type World = AsyncDisposable & {
  readonly chains: Readonly<Record<ChainName, Anvil.Anvil>>
  readonly manifest: Manifest
  /** On harbour, where evidence is asked for; else null. */
  readonly attestations: Attestations.Attestations | null
  /** On harbour, where it is asked for; else null. */
  readonly lending: Lending.Lending | null
  /** Two RPC sources a chain, each a process boundary away from the chain, each of an operator of its own. */
  readonly sources: Readonly<Record<ChainName, readonly [FaultyRpc.FaultyRpc, FaultyRpc.FaultyRpc]>>
  /** The deployment document that a gateway reads. Plain JSON. */
  readonly document: Readonly<Record<string, unknown>>
  /** Keys a gateway signs with. */
  readonly signerKeys: string
  /** Sets a market's price on its feed, and keeps it fresh from then on. USD per whole token. */
  price(symbol: string, value: string): Promise<void>
  /** Sends a call as the owner, on the chain of the feeds, in turn with the world's own. */
  owner(call: Parameters<typeof Deployment.write>[2]): Promise<void>
  /** Mines until everything mined so far is final on every chain. */
  finalise(): Promise<void>
  /** Lets time pass: mines a block a second on every chain and repeats prices before they age. Ends with the world. */
  live(): void
  /** Writes the document to a file. */
  write(path: string): Promise<void>
  stop(): Promise<void>
}

const chainIds = { harbour: 31_337_001, lagoon: 31_337_002, strait: 31_337_003 } as const
const names = ['harbour', 'lagoon', 'strait'] as const
const usd = (dollars: number) => parseUnits(`${dollars}`, 18).toString()

/** The first parameters of docs/method/limit.md, with what a local chain needs: short ages, a small market. */
const params = {
  betaPpm: 250_000,
  brakeMaxPpm: 500_000,
  floorPpm: 10_000,
  longCapPpm: 1_000_000,
  quantileFallPpmPerDay: 100_000,
  throughTheCycleMovePpmPerDay: 20_000,
  tierDiscountPpm: [0, 100_000, 200_000, 300_000],
  concentration: [
    { upTo: usd(1_000_000), weightPpm: 1_000_000 },
    { upTo: usd(5_000_000), weightPpm: 800_000 },
    { upTo: null, weightPpm: 500_000 },
  ],
  maxViewAgeSeconds: 120,
  maxPriceAgeSeconds: 120,
  maxForecastAgeSeconds: 7_200,
  ttlSeconds: 300,
  closeOutSeconds: 3_600,
  liquidationSeconds: 300,
} as const

/**
 * Starts three chains, deploys the house, and puts two sources before each chain.
 *
 * @param options.slotsInAnEpoch - 1 unless given: the head less two blocks is final.
 * @param options.params - where the parameters differ from the first ones.
 * @param options.evidence - deploys the attestation service on harbour, and trusts these to say who is a person.
 * @param options.lending - deploys markets of Compound's shapes on harbour, and has them looked at.
 * @param options.venueTerms - of every venue's markets, where they differ.
 * @param options.liquidation - how their liquidations are sized, where that differs.
 * @param options.backstop - terms of every venue's backstop, where they differ.
 */
export async function start(options: start.Options = {}): Promise<World> {
  const slotsInAnEpoch = options.slotsInAnEpoch ?? 1
  const [harbour, lagoon, strait] = await Promise.all(names.map((name) => Anvil.start({ chainId: chainIds[name], slotsInAnEpoch })))
  if (!harbour || !lagoon || !strait) throw new Error('three chains were started')
  const chains = { harbour, lagoon, strait }
  const signerNames = ['signer one', 'signer two', 'signer three']
  const manifest = await Deployment.deploy({
    ...chains,
    threshold: 2,
    terms: { imPpm: 40_000, mmPpm: 15_000, ...options.venueTerms },
    ...(options.liquidation ? { liquidation: options.liquidation } : {}),
    ...(options.backstop ? { backstop: options.backstop } : {}),
  })
  const pair = async (name: ChainName) =>
    [await FaultyRpc.start({ target: chains[name].url }), await FaultyRpc.start({ target: chains[name].url })] as const
  const sources = { harbour: await pair('harbour'), lagoon: await pair('lagoon'), strait: await pair('strait') }

  const feeds = new Map<string, string>([
    ...manifest.markets.map(({ symbol, feed }) => [symbol, feed] as const),
    ...manifest.assets.map(({ asset, feed }) => [asset, feed] as const),
  ])
  const prices = new Map<string, string>()
  // The owner's transactions go one after another: two at once would take the same nonce.
  let last: Promise<unknown> = Promise.resolve()
  const owner = (call: Parameters<typeof Deployment.write>[2]): Promise<void> => {
    const sent = last.catch(() => {}).then(async () => void (await Deployment.write(strait, Deployment.owner, call)))
    last = sent
    return sent
  }
  const set = (feed: string, value: string) =>
    owner({ address: feed as `0x${string}`, abi: priceFeedAbi, functionName: 'set', args: [parseUnits(value, 8)] })
  const repeat = async () => {
    for (const [feed, value] of prices) await set(feed, value)
  }
  const price = async (symbol: string, value: string) => {
    const feed = feeds.get(symbol)
    if (feed === undefined) throw new Deployment.NotDeployedError({ chainId: strait.chainId, what: `a feed of ${symbol}` })
    prices.set(feed, value)
    await set(feed, value)
  }
  await price('USDC', '1')
  await price('ETH-PERP', '3000')
  await price('BTC-PERP', '60000')

  let beat: NodeJS.Timeout | undefined
  let busy = false
  let beats = 0
  const all = Object.values(chains)
  const pulse = async () => {
    if (busy) return
    busy = true
    try {
      if (beats++ % 20 === 19) await repeat()
      await Promise.all(all.map((chain) => chain.mine(1)))
    } catch {
      // A chain that is going down does not answer; the next pulse says so again, or the world has ended.
    }
    busy = false
  }
  const stop = async () => {
    if (beat) clearInterval(beat)
    await Promise.all(Object.values(sources).flatMap((two) => two.map((source) => source.stop())))
    await Promise.all(all.map((chain) => chain.stop()))
  }
  const attestations = options.evidence ? await Attestations.deploy(harbour) : null
  const lending = options.lending ? await Lending.deploy({ chain: harbour, manifest }) : null
  const document = {
    ...documentOf({ manifest, sources, lending, given: options.params ?? {}, marketCaps: options.marketCaps ?? {} }),
    ...(attestations && options.evidence ? { evidence: evidenceOf(attestations, options.evidence) } : {}),
  }
  return {
    chains,
    manifest,
    attestations,
    lending,
    sources,
    document,
    owner,
    signerKeys: signerNames.map(Wallet.privateKeyOf).join(','),
    price,
    finalise: async () => void (await Promise.all(all.map((chain) => chain.mine(2 * slotsInAnEpoch + 1)))),
    live: () => {
      beat ??= setInterval(() => void pulse(), 1_000)
    },
    write: (path) => writeFile(path, `${JSON.stringify(document, null, 2)}\n`),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export declare namespace start {
  type Options = {
    readonly slotsInAnEpoch?: number
    readonly params?: Readonly<Record<string, unknown>>
    /** Lower-case addresses, and roots of groups of people as decimal strings. */
    readonly evidence?: {
      readonly attesters: readonly string[]
      readonly roots: readonly string[]
      /** By what the attesters all number people. */
      readonly scheme?: string
      /** As a deployment document has it. */
      readonly worldId?: Readonly<Record<string, unknown>>
    }
    readonly lending?: true
    /** Greatest open interest and headroom of a side, by market, where it differs. Whole USD. */
    readonly marketCaps?: Readonly<Record<string, number>>
    readonly liquidation?: NonNullable<Deployment.deploy.Options['liquidation']>
    readonly backstop?: NonNullable<Deployment.deploy.Options['backstop']>
    readonly venueTerms?: NonNullable<Deployment.deploy.Options['terms']>
  }
}

function evidenceOf({ registry, claimSchema, tierSchema }: Attestations.Attestations, given: NonNullable<start.Options['evidence']>) {
  const { chainId, address } = registry
  const numbered = given.scheme === undefined ? {} : { scheme: given.scheme }
  const trust = { chainId, registry: address, schema: claimSchema, attesters: given.attesters, maxAgeSeconds: 86_400, ...numbered }
  return {
    scope: 'plimsoll local',
    proofSeconds: 86_400,
    issue: { chainId, registry: address, schema: tierSchema, seconds: 3_600 },
    groups: given.roots.map((root, i) => ({ name: `group ${i + 1}`, root })),
    ...(given.worldId ? { worldId: given.worldId } : {}),
    trusts: [
      { claim: 'uniqueHuman', ...trust },
      { claim: 'legalRecourse', ...trust },
    ],
  }
}

/** Wallets on every chain: the tokens of its vault, and those that a venue there takes; markets where there are some. */
function observedOf({ chains, vaults, venues }: Manifest, lending: Lending.Lending | null) {
  return chains.map(({ chainId }) => {
    const taken = vaults.flatMap((vault) => (vault.chainId === chainId ? vault.tokens : []))
    const accepted = venues.flatMap((venue) => (venue.chainId === chainId ? [venue.collateral] : []))
    const tokens = new Map([...taken, ...accepted].map((token) => [token.token, token]))
    return { chainId, tokens: [...tokens.values()], ...(lending?.chainId === chainId ? Lending.observed(lending) : {}) }
  })
}

function documentOf(args: {
  readonly manifest: Manifest
  readonly sources: World['sources']
  readonly lending: Lending.Lending | null
  readonly given: Readonly<Record<string, unknown>>
  readonly marketCaps: Readonly<Record<string, number>>
}) {
  const { manifest, sources, lending, given, marketCaps } = args
  const haircutOf: Readonly<Record<string, number>> = { USDC: 10_000, WETH: 100_000 }
  const sigmaOf: Readonly<Record<string, number>> = { 'ETH-PERP': 650_000, 'BTC-PERP': 500_000 }
  const depthOf: Readonly<Record<string, number>> = { 'ETH-PERP': 12_000_000, 'BTC-PERP': 40_000_000 }
  return {
    chains: manifest.chains.map(({ chainId, name }) => ({
      chainId,
      name,
      k: 2,
      timeoutMs: 2_000,
      finality: { tag: 'finalized', maxAgeSeconds: 120 },
      evidence: 'proof',
      sources: (['alpha', 'beta'] as const).map((operator, i) => ({
        id: `${name}-${operator}`,
        operator,
        url: sources[name as ChainName][i === 0 ? 0 : 1].url,
      })),
      local: true,
    })),
    vaults: manifest.vaults.map(({ chainId, address, fromBlock, tokens }) => ({
      chainId,
      address,
      fromBlock,
      tokens: tokens.map((token) => ({ ...token, haircuts: { assetPpm: haircutOf[token.asset] ?? 1_000_000, bridgePpm: 0, venuePpm: 0 } })),
    })),
    observed: observedOf(manifest, lending),
    assets: manifest.assets,
    venues: manifest.venues.map(({ chainId, address, name, limitBook, mandates, backstop, fromBlock, escrows, collateral }) => ({
      chainId,
      address,
      name,
      limitBook,
      mandates,
      backstop: backstop.address,
      fromBlock,
      escrows,
      collateral: collateral.token,
    })),
    markets: manifest.markets.map(({ symbol, feed, mmPpm }) => ({
      symbol,
      feed,
      initial: { kind: 'sqrt', ppm: 20_000, coefficientPpm: 8, unit: usd(1) },
      maintenance: { kind: 'flat', ppm: mmPpm },
      liquidity: { kind: 'flat', ppm: 2_000 },
      liquidationCostPpm: 5_000,
      caps: { side: usd(marketCaps[symbol] ?? 20_000_000), participant: usd(2_000_000) },
      wrongWay: { longPpm: 0, shortPpm: 0 },
      depth: usd(depthOf[symbol] ?? 60_000_000),
      throughTheCycleSigmaPpm: sigmaOf[symbol] ?? 1_000_000,
    })),
    feeds: { ...manifest.feeds, deviationPpm: 1_000, everyBlocks: 60 },
    params: { ...params, ...given },
    tierCaps: [usd(1_000_000), usd(2_000_000), usd(3_000_000), usd(5_000_000)],
  }
}
