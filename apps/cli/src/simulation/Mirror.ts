/**
 * The model held against the contracts: everything that is done to a world is done to real contracts on local chains, too, in the
 * same blocks, and after each transaction every figure they show is compared.
 */
import { priceFeedAbi, Settlement } from '@plimsoll/contracts'
import type { Anvil } from '@plimsoll/localnet'
import { encodeFunctionData } from 'viem'
import type * as Action from './Action.ts'
import * as Calls from './Calls.ts'
import type * as Chain from './Chain.ts'
import * as Contracts from './Contracts.ts'
import type * as Harbour from './Harbour.ts'
import * as Reading from './Reading.ts'
import type * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

/** For each transaction done there since it was last asked: null, or what differs. */
export type Catch = () => Promise<readonly (string | null)[]>
export type Mirror = AsyncDisposable & {
  readonly places: World.Places
  /** Keeps in step with a world from now on. */
  readonly follow: (world: World.World) => Catch
}

/** Deploys the contracts. They serve one walk. */
export async function start(at: number): Promise<Mirror> {
  const contracts = await Contracts.deploy(at)
  return {
    places: contracts,
    follow: (world) => follow(contracts, world),
    [Symbol.asyncDispose]: () => contracts[Symbol.asyncDispose](),
  }
}

function follow({ docks, piers }: Contracts.Contracts, world: World.World): Catch {
  const waiting: (() => Promise<string | null | undefined>)[] = []
  const venues = world.piers.map(({ chain: { chainId }, address }) => ({ chainId, address, venueId: Settlement.venueId(chainId, address) }))
  for (const [i, { chain }] of world.docks.entries()) {
    const dock = docks[i] as Contracts.Dock
    const named = { releases: new Set<Hex>(), claims: new Set<Hex>(), venues }
    chain.follow((event) => {
      waiting.push(() => atDock({ dock, named, event }))
    })
  }
  for (const [i, { chain }] of world.piers.entries()) {
    const pier = piers[i] as Contracts.Pier
    const told = new Map<Hex, Venue.Quote>()
    chain.follow((event) => {
      const sea = { ...World.sea(world), quotes: new Map(world.quotes) }
      waiting.push(() => atPier({ pier, told, sea, event }))
    })
  }
  return async () => {
    const found: (string | null)[] = []
    for (const next of waiting.splice(0)) {
      const finding = await next()
      if (finding !== undefined) found.push(finding)
    }
    return found
  }
}

async function atDock(args: {
  readonly dock: Contracts.Dock
  readonly named: { readonly releases: Set<Hex>; readonly claims: Set<Hex>; readonly venues: Reading.Named['venues'] }
  readonly event: Chain.Event<Harbour.Harbour, Action.AtHarbour>
}): Promise<string | null | undefined> {
  const { dock, named, event } = args
  const { anvil } = dock
  if (event.kind === 'reorganised') {
    await Contracts.rpc(anvil, 'anvil_rollback', event.dropped)
    return undefined
  }
  const { sent, timestamp, state } = event
  if (sent === null) {
    await Contracts.rpc(anvil, 'evm_mine', { timestamp })
    return undefined
  }
  const { call } = sent
  if (call.kind === 'release') named.releases.add(call.order.releaseId)
  if (call.kind === 'queueSettlement') named.claims.add(call.order.id)
  const taken = await send(anvil, await Calls.atHarbour(call, dock), timestamp)
  if (taken !== sent.taken) return disagreement(call.kind, taken)
  const found = Reading.difference(Reading.ofHarbour(state, named, timestamp), await Reading.atHarbour(dock, named))
  return found === null ? null : `After ${call.kind} at ${anvil.chainId}, ${found}.`
}

async function atPier(args: {
  readonly pier: Contracts.Pier
  /** What the feeds say. */
  readonly told: Map<Hex, Venue.Quote>
  readonly sea: Venue.Sea
  readonly event: Chain.Event<Venue.Venue, Action.AtVenue>
}): Promise<string | null | undefined> {
  const { pier, told, sea, event } = args
  const { anvil } = pier
  if (event.kind === 'reorganised' || event.sent === null) return undefined
  const { sent, timestamp, state } = event
  for (const [market, quote] of sea.quotes) {
    if (told.get(market) === quote) continue
    const args = [quote.price / World.feedDigit, BigInt(quote.publishedAt)] as const
    const data = encodeFunctionData({ abi: priceFeedAbi, functionName: 'setAt', args })
    await send(anvil, { from: Contracts.owner.address, to: pier.feeds.get(market) as Hex, data }, timestamp)
    told.set(market, quote)
  }
  const { call } = sent
  const taken = await send(anvil, await Calls.atVenue(call, pier), timestamp)
  if (taken !== sent.taken) return disagreement(call.kind, taken)
  const markets = sea.terms.map(({ market }) => market)
  const found = Reading.difference(Reading.ofVenue(state, sea), await Reading.atVenue(pier, markets))
  return found === null ? null : `After ${call.kind} at ${anvil.chainId}, ${found}.`
}

/** One block with this in it. @returns whether it was taken. */
async function send(anvil: Anvil.Anvil, transaction: Calls.Transaction, timestamp: number): Promise<boolean> {
  const hash = await Contracts.rpc(anvil, 'eth_sendTransaction', { ...transaction, gas: '0x4c4b40' })
  await Contracts.rpc(anvil, 'evm_mine', { timestamp })
  const receipt = (await Contracts.rpc(anvil, 'eth_getTransactionReceipt', hash)) as { readonly status: Hex } | null
  if (receipt === null) throw new UnminedError(anvil.chainId)
  return receipt.status === '0x1'
}

function disagreement(kind: string, taken: boolean): string {
  return `The contract ${taken ? 'takes' : 'refuses'} a ${kind} that the model ${taken ? 'refuses' : 'takes'}.`
}

/** Thrown when a chain leaves out what was sent to it. */
export class UnminedError extends Error {
  override readonly name = 'Mirror.UnminedError'
  readonly code = 'UNMINED'
  constructor(chainId: number) {
    super(`Chain ${chainId} mined a block without the one transaction that was sent.`)
  }
}
