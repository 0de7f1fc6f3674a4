/** The deployment that gateway and signers serve: one JSON document, checked before anything is read from a chain. */
import { z } from 'zod'
import { BaseError } from './BaseError.ts'
import * as Wire from './Wire.ts'

const hex = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'a lower-case address')
  .transform((value) => value as `0x${string}`)
const usd = Wire.amount.transform((value) => BigInt(value))
const chainId = z.number().int().positive()

const point = z.tuple([usd, usd])
const twist = z.tuple([usd, usd, usd, usd])
const level = z.enum(['orb', 'device'])
/** Which of World ID's proofs make a person, and by what it is told whether they hold. */
const worldId = z.strictObject({
  appId: z.string().regex(/^app_[0-9a-z_]{1,60}$/),
  action: z.string().min(1).max(100),
  /** `device` is one phone, which is not one person. */
  levels: z.array(level).min(1).default(['orb']),
  verifier: z.discriminatedUnion('kind', [
    /** Here: by the circuit's verifying key, under roots that the operator takes from the chain they are published on. */
    z.strictObject({
      kind: z.literal('key'),
      key: z.strictObject({ alpha: point, beta: twist, gamma: twist, delta: twist, inputs: z.array(point).length(5) }),
      roots: z.array(z.strictObject({ root: usd, level, until: Wire.seconds })),
    }),
    /** By the word of a service. */
    z.strictObject({
      kind: z.literal('service'),
      url: z.url({ protocol: /^https?$/ }),
      timeoutMs: z.number().int().min(100).max(30_000),
      maxRootAgeSeconds: z.number().int().min(3_600).max(604_800).default(7_200),
    }),
  ]),
})

const curve = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), ppm: Wire.ppm }),
  z.strictObject({ kind: z.literal('tiers'), tiers: z.array(z.strictObject({ upTo: usd.nullable(), ppm: Wire.ppm })).min(1) }),
  z.strictObject({ kind: z.literal('sqrt'), ppm: Wire.ppm, coefficientPpm: Wire.ppm, unit: usd }),
  z.strictObject({ kind: z.literal('openInterest'), ppm: Wire.ppm, lower: usd, upper: usd }),
])

const source = z.strictObject({
  id: z.string().min(1),
  operator: z.string().min(1),
  client: z.string().optional(),
  cloud: z.string().optional(),
  url: z.url(),
})

const root = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, '32 bytes in lower-case hex')
  .transform((value) => value as `0x${string}`)

/** What a chain's final blocks are known by besides, where it has a beacon chain: nothing above it counts, whatever sources say. */
const lightClient = z.strictObject({
  /** Nodes with the beacon API's `light_client` part. One that is honest is enough, and none is believed. */
  beacons: z.array(z.strictObject({ id: z.string().min(1), url: z.url({ protocol: /^https?$/ }) })).min(1),
  /** Root of a final beacon block, the first of its epoch, as the operator knows it from a place that he trusts. */
  checkpoint: root,
  genesisValidatorsRoot: root,
  /** Unix seconds. */
  genesisTime: Wire.seconds,
  slotSeconds: z.number().int().min(1).default(12),
  slotsPerEpoch: z.number().int().min(1).default(32),
  /** How long a committee signs. */
  epochsPerPeriod: z.number().int().min(1).default(256),
  committeeSize: z.number().int().min(8).default(512),
  /** The forks from the checkpoint's on, earliest first: from which epoch, the version that is signed for, and where states keep what is shown. */
  forks: z
    .array(
      z.strictObject({
        epoch: z.number().int().min(0),
        version: z
          .string()
          .regex(/^0x[0-9a-f]{8}$/, '4 bytes in lower-case hex')
          .transform((value) => value as `0x${string}`),
        shape: z.enum(['deneb', 'electra']),
      }),
    )
    .min(1),
  /** Greatest age of the newest block that is verified. Beyond it the chain counts as unread. */
  maxAgeSeconds: z.number().int().min(1),
  /** Greatest age of what is stood on: 14 days unless said otherwise. */
  maxCheckpointAgeSeconds: z.number().int().min(1).default(1_209_600),
  timeoutMs: z.number().int().min(50).max(30_000).default(5_000),
})

const otherFeeds = {
  /** Another source of the same price: the two must be near each other. */
  secondFeed: hex.optional(),
  /** A feed that is to replace it: held against it, and not used. */
  candidateFeed: hex.optional(),
}

const schema = z.strictObject({
  chains: z
    .array(
      z.strictObject({
        chainId,
        name: z.string().min(1),
        k: z.number().int().min(1),
        timeoutMs: z.number().int().min(50).max(30_000),
        finality: z.strictObject({
          tag: z.enum(['finalized', 'safe']),
          /** Blocks below the head besides, where the tag promises little. */
          depth: z.number().int().min(0).optional(),
          maxAgeSeconds: z.number().int().min(1),
          /** What `safe` means there, in words: it is no constant across providers. Needed with the tag `safe`. */
          safeMeans: z.string().min(1).optional(),
        }),
        /** `proof`: what is locked is held against a Merkle proof besides. */
        evidence: z.enum(['quorum', 'proof']).optional(),
        /** Asks for `evidence: proof`: the block is then the true one, and what it holds is proven against it. */
        lightClient: lightClient.optional(),
        /** So many different operators, clients and clouds must be among those who agree; two operators unless said otherwise. */
        diversity: z
          .strictObject({
            operators: z.number().int().min(1),
            clients: z.number().int().min(1).optional(),
            clouds: z.number().int().min(1).optional(),
          })
          .optional(),
        sources: z.array(source).min(1),
        local: z.boolean().describe('A chain of this machine: development keys are allowed on it.'),
      }),
    )
    .min(1),
  vaults: z.array(
    z.strictObject({
      chainId,
      address: hex,
      fromBlock: usd,
      tokens: z
        .array(
          z.strictObject({
            asset: z.string().min(1),
            token: hex,
            decimals: z.number().int().min(0).max(36),
            haircuts: z.strictObject({ assetPpm: Wire.ppm, bridgePpm: Wire.ppm, venuePpm: Wire.ppm }),
          }),
        )
        .min(1),
    }),
  ),
  /** What is looked at besides, and never lent on: shown to whom it belongs. Prices are those of `assets`. */
  observed: z
    .array(
      z.strictObject({
        chainId,
        /** What stands for itself, and is looked for in wallets. */
        tokens: z.array(z.strictObject({ asset: z.string().min(1), token: hex, decimals: z.number().int().min(0).max(36) })),
        /**
         * What stands for something else. `shares` say what they are worth (ERC-4626), so does what has a `rate` (a cToken); `balance` is
         * counted one for one (an aToken).
         */
        receipts: z.array(z.strictObject({ name: z.string().min(1), token: hex, kind: z.enum(['shares', 'balance', 'rate']) })).default([]),
        /** Reserves of Aave v3's shape: what was lent there less what is owed there. */
        reserves: z.array(z.strictObject({ name: z.string().min(1), aToken: hex, variableDebt: hex, underlying: hex })).default([]),
        /** Markets of Compound III's shape: what was lent or is owed in the base, and what lies there of the collaterals named. */
        comets: z
          .array(z.strictObject({ name: z.string().min(1), comet: hex, base: hex, collaterals: z.array(hex).default([]) }))
          .default([]),
        /** Markets of Compound v2's shape: what the shares stand for less what is owed there. */
        cTokens: z.array(z.strictObject({ name: z.string().min(1), cToken: hex, underlying: hex })).default([]),
      }),
    )
    .default([]),
  assets: z.array(z.strictObject({ asset: z.string().min(1), market: Wire.symbol.nullable(), feed: hex, ...otherFeeds })),
  venues: z
    .array(
      z.strictObject({
        ...{ chainId, address: hex, name: z.string().min(1), limitBook: hex, collateral: hex, fromBlock: usd },
        /** Who inherits there what is too far gone. */
        backstop: hex.optional(),
        /** Whom settlements for this venue pay, by the chain of the vault. What lies where it has none stands behind nothing there. */
        escrows: z.array(z.strictObject({ chainId, address: hex })).default([]),
        /** Where participants grant mandates to be reduced before a breach; without it nobody is. */
        mandates: hex.optional(),
      }),
    )
    .min(1),
  markets: z
    .array(
      z.strictObject({
        symbol: Wire.symbol,
        feed: hex,
        ...otherFeeds,
        initial: curve,
        maintenance: curve,
        liquidity: curve,
        liquidationCostPpm: Wire.ppm,
        caps: z.strictObject({ side: usd, participant: usd }),
        wrongWay: z.strictObject({ longPpm: Wire.ppm, shortPpm: Wire.ppm }),
        /** USD of forced flow that moves the price by 100 %, linearly. */
        depth: usd,
        /** Annualised volatility through the cycle: what the brake's shocks are made of. */
        throughTheCycleSigmaPpm: Wire.ppm,
      }),
    )
    .min(1),
  /**
   * `deviationPpm`: how far the price may have moved without an answer; what it is uncertain by. `everyBlocks`: records are marked at the
   * final blocks whose number is a multiple of it; 300 blocks of 12 s are an hour.
   */
  feeds: z.strictObject({
    chainId,
    heartbeatSeconds: z.number().int().min(1),
    deviationPpm: Wire.ppm,
    everyBlocks: z.number().int().min(1).default(300),
    /** Greatest move between two ticks; a greater one is held back until a third tick in a row, or a second source, confirms it. */
    jumpPpm: Wire.ppm.optional(),
    /** The same by the market's own volatility: so many standard deviations of a heartbeat, through the cycle. The smaller of the two holds. */
    jumpSigmas: z.number().int().min(1).max(100).optional(),
    /** How far a price and its second source may differ. */
    bandPpm: Wire.ppm.optional(),
    /** The uptime feed of the chain's sequencer, where it has one. */
    sequencer: hex.optional(),
  }),
  params: z.strictObject({
    betaPpm: Wire.ppm,
    brakeMaxPpm: Wire.ppm,
    floorPpm: Wire.ppm,
    longCapPpm: Wire.ppm,
    quantileFallPpmPerDay: Wire.ppm,
    throughTheCycleMovePpmPerDay: Wire.ppm,
    tierDiscountPpm: z.tuple([Wire.ppm, Wire.ppm, Wire.ppm, Wire.ppm]),
    concentration: z.array(z.strictObject({ upTo: usd.nullable(), weightPpm: Wire.ppm })).min(1),
    maxViewAgeSeconds: Wire.seconds,
    maxPriceAgeSeconds: Wire.seconds,
    maxForecastAgeSeconds: Wire.seconds,
    ttlSeconds: Wire.seconds,
    closeOutSeconds: Wire.seconds,
    liquidationSeconds: Wire.seconds,
  }),
  /** Whose word about a person counts, and what for. Without it none does. */
  evidence: z
    .strictObject({
      /** What a person is unique in; its hash is the scope of proofs and claims. */
      scope: z.string().min(1).max(100),
      /** How long a proof of being one of a group counts. */
      proofSeconds: Wire.seconds,
      /** Where our own attestations speak to: they are signed, and stored by nobody. */
      issue: z
        .strictObject({ chainId, registry: hex, schema: Wire.hash.transform((value) => value as `0x${string}`), seconds: Wire.seconds })
        .optional(),
      /** Roots of groups that hold each person once. After its end no proof under a root is taken: who has left since can make one for ever. */
      groups: z.array(z.strictObject({ name: z.string().min(1), root: usd, until: Wire.seconds.optional() })),
      /** World ID's legacy proofs. Without it none counts. */
      worldId: worldId.optional(),
      trusts: z.array(
        z.strictObject({
          claim: z.enum(['uniqueHuman', 'legalRecourse']),
          chainId,
          registry: hex,
          schema: Wire.hash.transform((value) => value as `0x${string}`),
          attesters: z.array(hex).min(1),
          /** By what these attesters number people, where they all do it alike: then one person is one number, whoever of them says it. */
          scheme: z.string().min(1).max(100).optional(),
          maxAgeSeconds: Wire.seconds,
        }),
      ),
    })
    .optional(),
  /** Greatest notional of each tier. USD. */
  tierCaps: z.tuple([usd, usd, usd, usd]),
})

export type Deployment = z.infer<typeof schema>
/** The same document as it is written to a file. */
export type Document = z.input<typeof schema>

/**
 * The deployment in the text of its file.
 *
 * @throws {ConfigError} it is not JSON, or fields are wrong.
 */
export function fromText(text: string): Deployment {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new ConfigError(['It is not JSON'])
  }
  return parse(json)
}

/** @throws {ConfigError} naming every field that is wrong. */
export function parse(json: unknown): Deployment {
  const outcome = schema.safeParse(json)
  if (!outcome.success) throw new ConfigError(outcome.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  const config = outcome.data
  const chains = new Set(config.chains.map((chain) => chain.chainId))
  const problems = [...config.vaults, ...config.observed, ...config.venues, ...(config.evidence?.trusts ?? []), config.feeds]
    .filter((it) => !chains.has(it.chainId))
    .map((it) => `chain ${it.chainId} is used and not configured`)
  for (const { chainId, finality } of config.chains)
    if (finality.tag === 'safe' && finality.safeMeans === undefined)
      problems.push(`chain ${chainId} uses the tag safe, and finality.safeMeans does not say what that is there`)
  const markets = new Set(config.markets.map((market) => market.symbol))
  for (const asset of config.assets)
    if (asset.market !== null && !markets.has(asset.market))
      problems.push(`asset ${asset.asset} follows ${asset.market}, which is no market here`)
  const assets = new Set(config.assets.map((asset) => asset.asset))
  for (const vault of config.vaults)
    for (const token of vault.tokens) if (!assets.has(token.asset)) problems.push(`token ${token.asset} has no price feed`)
  for (const { chainId, tokens } of config.observed)
    for (const { asset } of tokens) if (!assets.has(asset)) problems.push(`token ${asset} observed on chain ${chainId} has no price feed`)
  if (new Set(config.observed.map(({ chainId }) => chainId)).size < config.observed.length) problems.push('a chain is observed twice')
  problems.push(...config.observed.flatMap(unfounded), ...repeated(config), ...otherDigits(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** Places that stand on something nobody has named: what is found there could not be said to be anything. */
function unfounded({ chainId, tokens, receipts, reserves, comets, cTokens }: Deployment['observed'][number]): readonly string[] {
  const known = new Set(tokens.map(({ token }) => token))
  const resolved = new Set([...known, ...receipts.map(({ token }) => token), ...reserves.map(({ aToken }) => aToken)])
  const lent = [
    ...reserves.map(({ name, underlying }) => ({ what: `reserve ${name}`, underlying })),
    ...comets.map(({ name, base }) => ({ what: `comet ${name}`, underlying: base })),
    ...cTokens.map(({ name, underlying }) => ({ what: `cToken ${name}`, underlying })),
  ]
  const there = `observed on chain ${chainId}`
  return [
    ...lent
      .filter(({ underlying }) => !known.has(underlying))
      .map(({ what, underlying }) => `${what} ${there} stands on ${underlying}, which is no token there`),
    ...comets.flatMap(({ name, base, collaterals }) =>
      collaterals.flatMap((token) => {
        if (token === base) return [`comet ${name} ${there} has its base ${token} among its collaterals`]
        return resolved.has(token) ? [] : [`comet ${name} ${there} has the collateral ${token}, which is no token and no receipt there`]
      }),
    ),
  ]
}

/** What stands in it more than once: a vault that does would count everybody's collateral twice. */
function repeated(config: Deployment): readonly string[] {
  const placed = (kind: string) => (it: { readonly chainId: number; readonly address: string }) =>
    `${kind} ${it.address} on chain ${it.chainId}`
  const names = [
    ...config.chains.map((it) => `chain ${it.chainId}`),
    ...config.vaults.map(placed('vault')),
    ...config.vaults
      .flatMap((it) => it.tokens.map(({ token }) => ({ token, at: placed('vault')(it) })))
      .map(({ token, at }) => `token ${token} in the ${at}`),
    ...config.venues.map(placed('venue')),
    ...config.assets.map(({ asset }) => `asset ${asset}`),
    ...config.markets.map(({ symbol }) => `market ${symbol}`),
  ]
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => `${name} is listed twice`)
}

/** A limit book values an asset in one number of digits, whatever vault it lies in. */
function otherDigits({ vaults }: Deployment): readonly string[] {
  const tokens = vaults.flatMap((vault) => vault.tokens)
  return tokens.flatMap(({ asset, decimals }, index) => {
    const first = tokens.findIndex((it) => it.asset === asset)
    const digits = tokens[first]?.decimals ?? decimals
    return first === index || digits === decimals ? [] : [`asset ${asset} has ${digits} decimals in one vault and ${decimals} in another`]
  })
}

/** Thrown when the deployment document is wrong. */
export class ConfigError extends BaseError {
  override readonly name = 'Deployment.ConfigError'
  constructor(problems: readonly string[]) {
    super({
      code: 'CONFIG_INVALID',
      message: `The deployment document is wrong. ${problems.join('; ')}.`,
      hint: 'Mend the fields named in the document: the file that you named, or PLIMSOLL_CONFIG does.',
    })
  }
}
