/** A chain and the sources it is read through. */
import { BaseError } from './BaseError.ts'
import * as Diversity from './Diversity.ts'
import type { Hex } from './Hex.ts'
import { address as parseAddress } from './Hex.ts'
import type * as LightClient from './light/LightClient.ts'

/** One RPC endpoint. Diversity counts, not only number: who runs it, on which client, in which cloud. */
export type Source = {
  readonly id: string
  readonly operator: string
  readonly client?: string
  readonly cloud?: string
  readonly url: string
}

export type Finality = {
  readonly tag: 'finalized' | 'safe' | 'latest'
  /** Blocks a header must lie below the head besides, for chains whose tag promises little. */
  readonly depth?: number
  /** Greatest age of the pinned block, by the reader's clock. */
  readonly maxAgeSeconds: number
}

export type ChainConfig = {
  readonly chainId: number
  readonly name: string
  readonly sources: readonly Source[]
  /** How many sources must agree. It never shrinks when sources die. */
  readonly k: number
  readonly finality: Finality
  /**
   * What a locked amount counts by: k equal answers, or those and a Merkle proof against the header that k agreed on. `quorum` if absent.
   * With `proof`, k liars who agree on a value are found out.
   */
  readonly evidence?: 'quorum' | 'proof'
  /** Where the chain has a beacon chain: nothing is final that this has not verified, however many sources say so. */
  readonly lightClient?: LightClient.Config
  /** How many different operators, clients and clouds must be among those who agree; two operators if absent. */
  readonly diversity?: Diversity.Diversity
  /** For one request to one source. */
  readonly timeoutMs: number
  /** Where `aggregate3` lives; the canonical Multicall3 if absent. */
  readonly multicall?: Hex
  /** Local chains only: sources may share an operator. */
  readonly allowSharedOperators?: boolean
}

/** Multicall3's address on every chain that has it. */
export const canonicalMulticall: Hex = '0xca11bde05977b3631167028862be2a173976ca11'

/**
 * A checked configuration. Everything wrong with it is named at once.
 *
 * @throws {InvalidConfigError}
 *
 * @example
 * const source = (id) => ({ id, operator: id, url: `https://${id}.example/` })
 * ChainConfig.of({ chainId: 1, name: 'one', sources: [source('a'), source('b')], k: 2, finality: { tag: 'finalized', maxAgeSeconds: 1500 }, timeoutMs: 800 }).k
 * // => 2
 */
export function of(config: ChainConfig): ChainConfig {
  const faults = [...shapeFaults(config), ...sourceFaults(config), ...diversityFaults(config), ...lightFaults(config)]
  if (faults.length > 0) throw new InvalidConfigError({ chain: config.name || String(config.chainId), faults })
  return config
}

export declare namespace of {
  type ErrorType = InvalidConfigError
}

/**
 * A checked configuration from a document, where what is absent may also stand there as undefined.
 *
 * @throws {InvalidConfigError}
 */
export function from(described: from.Described): ChainConfig {
  const { chainId, name, k, timeoutMs, finality, evidence, lightClient, diversity } = described
  return of({
    ...{ chainId, name, k, timeoutMs },
    finality: {
      ...{ tag: finality.tag, maxAgeSeconds: finality.maxAgeSeconds },
      ...(finality.depth === undefined ? {} : { depth: finality.depth }),
    },
    sources: described.sources.map(({ id, operator, url, client, cloud }) => ({
      ...{ id, operator, url },
      ...(client === undefined ? {} : { client }),
      ...(cloud === undefined ? {} : { cloud }),
    })),
    ...(evidence === undefined ? {} : { evidence }),
    ...(lightClient === undefined ? {} : { lightClient }),
    ...(diversity === undefined
      ? {}
      : {
          diversity: {
            operators: diversity.operators,
            ...(diversity.clients === undefined ? {} : { clients: diversity.clients }),
            ...(diversity.clouds === undefined ? {} : { clouds: diversity.clouds }),
          },
        }),
  })
}

export declare namespace from {
  type Described = Pick<ChainConfig, 'chainId' | 'name' | 'k' | 'timeoutMs'> & {
    readonly sources: readonly {
      readonly id: string
      readonly operator: string
      readonly client?: string | undefined
      readonly cloud?: string | undefined
      readonly url: string
    }[]
    readonly finality: Pick<Finality, 'tag' | 'maxAgeSeconds'> & { readonly depth?: number | undefined }
    readonly evidence?: ChainConfig['evidence'] | undefined
    readonly lightClient?: LightClient.Config | undefined
    readonly diversity?:
      | { readonly operators: number; readonly clients?: number | undefined; readonly clouds?: number | undefined }
      | undefined
  }
  type ErrorType = InvalidConfigError
}

/**
 * Whether a chain is one of those that only exist on a developer's machine.
 *
 * @example
 * ChainConfig.isLocal(31_337_001)
 * // => true
 */
export function isLocal(chainId: number): boolean {
  return chainId === 1_337 || chainId === 31_337 || (chainId >= 31_337_000 && chainId <= 31_337_999)
}

/**
 * What is asked of an agreement on this chain: two operators unless said otherwise. A local chain read through one source asks for one.
 *
 * @example
 * ChainConfig.diversity({ chainId: 1, name: 'one', sources: [], k: 2, finality: { tag: 'finalized', maxAgeSeconds: 1500 }, timeoutMs: 800 })
 * // => { operators: 2 }
 */
export function diversity(config: ChainConfig): Diversity.Diversity {
  if (config.diversity) return config.diversity
  if (!isLocal(config.chainId)) return { operators: 2 }
  return { operators: config.allowSharedOperators ? 1 : Math.min(2, config.k) }
}

function shapeFaults(config: ChainConfig): string[] {
  const { chainId, name, k, sources, finality, timeoutMs, multicall } = config
  const faults: string[] = []
  if (!isPositive(chainId)) faults.push('chainId must be a positive integer')
  if (name.trim() === '') faults.push('name must not be empty')
  if (!isPositive(k)) faults.push('k must be a positive integer')
  if (k > sources.length) faults.push(`k is ${k}, but there are only ${sources.length} sources`)
  if (2 * k <= sources.length) faults.push(`k is ${k} of ${sources.length}: two different answers could both reach it`)
  if (!['finalized', 'safe', 'latest'].includes(finality.tag)) faults.push('finality.tag must be finalized, safe or latest')
  if (!isPositive(finality.maxAgeSeconds)) faults.push('finality.maxAgeSeconds must be a positive integer')
  if (finality.depth !== undefined && !(Number.isSafeInteger(finality.depth) && finality.depth >= 0))
    faults.push('finality.depth must be an integer ≥ 0')
  if (!isPositive(timeoutMs)) faults.push('timeoutMs must be a positive integer')
  if (multicall !== undefined && !isAddress(multicall)) faults.push('multicall must be an address')
  return faults
}

function sourceFaults({ chainId, sources, allowSharedOperators }: ChainConfig): string[] {
  const faults: string[] = []
  if (allowSharedOperators && !isLocal(chainId)) faults.push('allowSharedOperators is for local chains')
  for (const source of sources) {
    if (source.id.trim() === '') faults.push('a source has no id')
    if (source.operator.trim() === '') faults.push(`source ${source.id} has no operator`)
    if (!isHttp(source.url)) faults.push(`source ${source.id} has no http or https url`)
  }
  for (const id of repeated(sources.map((source) => source.id))) faults.push(`source id ${id} is used twice`)
  if (allowSharedOperators) return faults
  // k answers from one operator are one answer.
  for (const operator of repeated(sources.map((source) => source.operator))) faults.push(`operator ${operator} runs more than one source`)
  for (const url of repeated(sources.map((source) => source.url)))
    faults.push(
      `${sources
        .filter((s) => s.url === url)
        .map((s) => s.id)
        .join(' and ')} have the same url`,
    )
  return faults
}

/** What no agreement could ever meet is said before the first read. */
function diversityFaults(config: ChainConfig): string[] {
  const needed = diversity(config)
  const faults = Object.entries(needed).flatMap(([kind, needed]) =>
    isPositive(needed) ? [] : [`diversity.${kind} must be a positive integer`],
  )
  const lacking = Diversity.lacking(needed, config.sources)
  return lacking === null ? faults : [...faults, `all its sources together have ${lacking}, so no agreement among them can count`]
}

/** The least committee that signs for a chain that is not of this machine: what fewer keys would sign, fewer could be bought for. */
const LEAST_COMMITTEE = 512

function lightFaults({ chainId, lightClient, evidence, finality }: ChainConfig): string[] {
  if (!lightClient) return []
  const { beacons, checkpoint, genesisValidatorsRoot, forks, committeeSize } = lightClient
  const faults: string[] = []
  // The block is then the true one, and what sources say of it is not yet.
  if (evidence !== 'proof') faults.push('a lightClient needs evidence proof')
  if (finality.tag !== 'finalized' || finality.depth) faults.push('a lightClient needs finality.tag finalized, without a depth')
  for (const name of [
    'genesisTime',
    'slotSeconds',
    'slotsPerEpoch',
    'epochsPerPeriod',
    'maxAgeSeconds',
    'maxCheckpointAgeSeconds',
    'timeoutMs',
  ] as const)
    if (!isPositive(lightClient[name])) faults.push(`lightClient.${name} must be a positive integer`)
  if (!/^0x[0-9a-f]{64}$/.test(checkpoint)) faults.push('lightClient.checkpoint must be 32 bytes')
  if (!/^0x[0-9a-f]{64}$/.test(genesisValidatorsRoot)) faults.push('lightClient.genesisValidatorsRoot must be 32 bytes')
  if (!Number.isInteger(Math.log2(committeeSize)) || committeeSize < 8)
    faults.push('lightClient.committeeSize must be a power of two from 8')
  if (committeeSize < LEAST_COMMITTEE && !isLocal(chainId)) faults.push(`a committee of ${committeeSize} is for local chains`)
  if (forks.length === 0) faults.push('lightClient.forks must name the fork of now')
  for (const [i, { epoch, version }] of forks.entries()) {
    if (!/^0x[0-9a-f]{8}$/.test(version)) faults.push(`lightClient.forks[${i}].version must be 4 bytes`)
    if (epoch < 0 || epoch <= (forks[i - 1]?.epoch ?? -1)) faults.push(`lightClient.forks[${i}] must begin after the one before it`)
  }
  if (beacons.length === 0) faults.push('lightClient.beacons must name a beacon node')
  for (const { id, url } of beacons) if (!isHttp(url)) faults.push(`beacon ${id} has no http or https url`)
  for (const id of repeated(beacons.map((beacon) => beacon.id))) faults.push(`beacon id ${id} is used twice`)
  return faults
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

function isAddress(value: string): boolean {
  try {
    parseAddress(value, 'multicall')
    return true
  } catch {
    return false
  }
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}

/** Thrown when a chain cannot be read safely with what is configured. */
export class InvalidConfigError extends BaseError {
  override readonly name = 'ChainConfig.InvalidConfigError'
  readonly faults: readonly string[]

  constructor(args: { readonly chain: string; readonly faults: readonly string[] }) {
    super({
      code: 'CHAIN_CONFIG_INVALID',
      message: `The configuration of chain ${args.chain} is refused: ${args.faults.join('; ')}.`,
      hint: 'Correct the chain in the configuration; nothing is read from it until then.',
    })
    this.faults = args.faults
  }
}
