/** A market's fragility, from the wire to bigint: its book, its clusters, what a shock does. */
import type { AppRouter } from '@plimsoll/api'
import type { inferRouterOutputs } from '@trpc/server'
import type { Hex } from 'viem'

type Outputs = inferRouterOutputs<AppRouter>
type WireFragility = Extract<Outputs['market']['fragility'], { status: 'ok' }>
type WireClusters = Extract<Outputs['market']['clusters'], { status: 'ok' }>
type WireStress = Extract<Outputs['market']['stress'], { status: 'ok' }>

/** Why nothing is known of a market's book. */
export type UnreadMarket = Extract<Outputs['market']['fragility'], { status: 'unread' }>

/** A figure, or why there is none. */
export type Measured<T> = ({ readonly status: 'ok' } & T) | { readonly status: 'none'; readonly code: string; readonly reason: string }

/** What a market's figures were taken from, and how old that is. */
export type MarketSource = Omit<WireFragility['source'], 'bookHash' | 'blocks' | 'price'> & {
  readonly bookHash: Hex
  readonly blocks: readonly { readonly venue: string; readonly number: bigint; readonly timestamp: number; readonly ageSeconds: number }[]
  readonly price:
    | { readonly status: 'ok'; readonly index: bigint; readonly publishedAt: number; readonly ageSeconds: number }
    | { readonly status: 'refused'; readonly code: string; readonly message: string }
}

/** The brake of one side: the table that limits read. */
export type MarketBrake = Omit<WireFragility['down']['brake'], 'steps'> & {
  readonly steps: readonly { readonly upToNotional: bigint; readonly ppm: number }[]
}

/** One side of a market. `down` is what longs fear. Moves are adverse log moves in ppm. */
export type FragileSide = Omit<WireFragility['down'], 'openInterest' | 'headroom' | 'local' | 'brake' | 'shocks' | 'coverage'> & {
  readonly openInterest: bigint
  readonly headroom: bigint
  readonly local: Measured<{ readonly nPpm: number; readonly atPpm: number; readonly density: bigint }>
  readonly brake: MarketBrake
  readonly shocks: readonly (Omit<WireFragility['down']['shocks'][number], 'forced' | 'badDebt'> & {
    readonly forced: bigint
    readonly badDebt: bigint
  })[]
  readonly coverage: Omit<WireFragility['down']['coverage'], 'executable'> & {
    readonly executable: Measured<{ readonly notional: bigint }>
  }
}

export type Fragility =
  | (Omit<WireFragility, 'source' | 'down' | 'up'> & {
      readonly source: MarketSource
      readonly down: FragileSide
      readonly up: FragileSide
    })
  | UnreadMarket

/** The liquidations of one side, nearest first. */
export type ClusterSide = {
  readonly direction: 'down' | 'up'
  readonly clusters: readonly (Omit<WireClusters['down']['clusters'][number], 'forced' | 'cumulative'> & {
    readonly forced: bigint
    readonly cumulative: bigint
  })[]
  readonly standing: { readonly accounts: number; readonly notional: bigint }
  readonly concentrationPpm: number | null
}

export type Clusters =
  | (Omit<WireClusters, 'source' | 'down' | 'up'> & { readonly source: MarketSource; readonly down: ClusterSide; readonly up: ClusterSide })
  | UnreadMarket

type StressMoney = 'forced' | 'badDebt' | 'deleveraged' | 'unpaid' | 'openInterest'

/** What a shock does. Moves are returns of the price in ppm. */
export type Stress =
  | (Omit<WireStress, StressMoney | 'source'> & { readonly source: MarketSource } & { readonly [K in StressMoney]: bigint })
  | UnreadMarket

export function fragility(wire: Outputs['market']['fragility']): Fragility {
  if (wire.status === 'unread') return wire
  return { ...wire, source: source(wire.source), down: fragileSide(wire.down), up: fragileSide(wire.up) }
}

export function clusters(wire: Outputs['market']['clusters']): Clusters {
  if (wire.status === 'unread') return wire
  return { ...wire, source: source(wire.source), down: clusterSide(wire.down), up: clusterSide(wire.up) }
}

export function stress(wire: Outputs['market']['stress']): Stress {
  if (wire.status === 'unread') return wire
  const { forced, badDebt, deleveraged, unpaid, openInterest } = wire
  return {
    ...wire,
    source: source(wire.source),
    forced: BigInt(forced),
    badDebt: BigInt(badDebt),
    deleveraged: BigInt(deleveraged),
    unpaid: BigInt(unpaid),
    openInterest: BigInt(openInterest),
  }
}

function source(wire: WireFragility['source']): MarketSource {
  return {
    ...wire,
    bookHash: wire.bookHash as Hex,
    blocks: wire.blocks.map((block) => ({ ...block, number: BigInt(block.number) })),
    price: wire.price.status === 'ok' ? { ...wire.price, index: BigInt(wire.price.index) } : wire.price,
  }
}

function fragileSide(wire: WireFragility['down']): FragileSide {
  const { local, brake, coverage } = wire
  return {
    ...wire,
    openInterest: BigInt(wire.openInterest),
    headroom: BigInt(wire.headroom),
    local: local.status === 'ok' ? { ...local, density: BigInt(local.density) } : local,
    brake: { ...brake, steps: brake.steps.map((step) => ({ ...step, upToNotional: BigInt(step.upToNotional) })) },
    shocks: wire.shocks.map((shock) => ({ ...shock, forced: BigInt(shock.forced), badDebt: BigInt(shock.badDebt) })),
    coverage: {
      ...coverage,
      executable:
        coverage.executable.status === 'ok'
          ? { ...coverage.executable, notional: BigInt(coverage.executable.notional) }
          : coverage.executable,
    },
  }
}

function clusterSide(wire: WireClusters['down']): ClusterSide {
  return {
    ...wire,
    clusters: wire.clusters.map((it) => ({ ...it, forced: BigInt(it.forced), cumulative: BigInt(it.cumulative) })),
    standing: { ...wire.standing, notional: BigInt(wire.standing.notional) },
  }
}
