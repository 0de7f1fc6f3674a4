/** What every step of a walk can reach: the world, the gateways over it, whoever watches, and chance. */
import { Fixed, Holding } from '@plimsoll/margin'
import type { Database, Participants } from '@plimsoll/store'
import type { Random } from '@plimsoll/volatility'
import type * as Action from './Action.ts'
import type * as Gateway from './Gateway.ts'
import type * as Invariants from './Invariants.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Owner = { readonly participantId: Hex; readonly accounts: Hex[] }
/** One kind of thing that can happen, and how often it does. */
export type Step = { readonly weight: number; readonly run: () => Promise<readonly Invariants.Violation[]> }
export type Steps = Readonly<Record<string, Step>>
export type Seat = { readonly owner: Owner; readonly account: Hex; readonly pier: World.Pier; readonly symbol: string }

export type Course = {
  readonly world: World.World
  readonly random: Random.Random
  readonly database: Database.Database
  readonly owners: readonly Owner[]
  /** Of the owners, those who trade; the others save, so that nothing of theirs is bound. */
  readonly traders: readonly Owner[]
  readonly gateways: readonly Gateway.Gateway[]
  readonly watch: Invariants.Watch
  /** Counts what happened, and makes it part of the walk's fingerprint. */
  readonly note: (event: string) => void
  readonly pick: <T>(all: readonly T[]) => T
  /** 0 … n − 1. */
  readonly whole: (n: number) => number
  /** A number nobody had before. */
  readonly serial: () => number
  /** Links an account to a participant, if the database takes it. */
  readonly link: typeof Participants.link
}

/** Whole dollars up to `most`, one at least. */
export function usd({ whole }: Course, most: number): bigint {
  return BigInt(1 + whole(most)) * Fixed.one
}

/** A hash nobody had before. */
export function id({ serial }: Course): Hex {
  return `0x${(0x10_0000 + serial()).toString(16).padStart(64, '0')}`
}

export function seat({ world, traders, pick }: Course): Seat {
  const owner = pick(traders)
  return { owner, account: pick(owner.accounts), pier: pick(world.piers), symbol: pick(world.symbols) }
}

/** Mostly one where something can happen. */
export function likely(course: Course, lives: (at: Seat) => boolean): Seat {
  const { world, traders, random, pick } = course
  if (random.uniform() >= 0.85) return seat(course)
  const all = traders.flatMap((owner) =>
    owner.accounts.flatMap((account) => world.piers.flatMap((pier) => world.symbols.map((symbol) => ({ owner, account, pier, symbol })))),
  )
  const living = all.filter(lives)
  return living.length > 0 ? pick(living) : seat(course)
}

export function marketOf({ world }: Course, symbol: string): Hex {
  return world.terms[world.symbols.indexOf(symbol)]?.market as Hex
}

export function seatId(course: Course, { account, pier, symbol }: Seat): string {
  return `${account}|${pier.chain.chainId}|${marketOf(course, symbol)}`
}

export function acceptedAt(course: Course, { account, pier, symbol }: Seat): Venue.Accepted | undefined {
  return pier.chain.latest().state.accepted.get(Venue.key(account, marketOf(course, symbol)))
}

/** Sends a call to a venue now. @returns whether it was taken. */
export function put({ world }: Course, pier: World.Pier, call: Action.AtVenue): boolean {
  return pier.chain.send(world.now, call)
}

/** What of a token is worth at its price. USD, rounded up. */
export function worth(course: Course, asset: World.Asset, amount: bigint): bigint {
  const { world } = course
  const price = asset.market === null ? Fixed.one : (world.quotes.get(marketOf(course, asset.market)) as Venue.Quote).price
  return Holding.value({ amount, decimals: asset.decimals, price }, Holding.uncut, 'up')
}

/** Has a gateway look, and holds what it made of it against the world. */
export async function tick(course: Course, gateway: Gateway.Gateway): Promise<readonly Invariants.Violation[]> {
  const { world, watch, owners } = course
  await gateway.tick()
  const book = gateway.book()
  if (book === null || !world.piers.every(({ chain }) => World.readable(world, chain.chainId))) return []
  return watch.observed({ book, owners, credit: gateway.credit })
}
