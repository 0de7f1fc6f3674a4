/** What a side's contracts say was done, out of their own events. */
import { backstopAbi, mandatesAbi, perpVenueAbi } from '@plimsoll/contracts'
import { type Hex, parseEventLogs } from 'viem'
import * as Stage from './Stage.ts'

/** One thing done to an account. USD × 1e18. */
export type Fact = {
  readonly kind: 'liquidated' | 'reduced' | 'inherited' | 'sold' | 'covered'
  readonly account: Hex
  /** Unsigned; of what was covered, what was paid. */
  readonly notional: bigint
  readonly price: bigint
  readonly block: bigint
}

export type Facts = {
  readonly facts: readonly Fact[]
  /** What the venue's pool took from everybody in all, and passes on: base units × 1e18, sales negative. What changes hands within the venue cancels. */
  readonly flow: bigint
}

const one = 10n ** 18n
const scale = 10n ** 12n
const abs = (value: bigint) => (value < 0n ? -value : value)

/** Facts of some blocks, in their order. */
export async function read(stage: Stage.Stage, blocks: { readonly fromBlock: bigint; readonly toBlock: bigint }): Promise<Facts> {
  const { chain, venue, mandates, backstop } = stage
  if (blocks.fromBlock > blocks.toBlock) return { facts: [], flow: 0n }
  const logs = await chain.publicClient.getLogs({ address: [venue, mandates, backstop.address], ...blocks })
  const of = { logs, strict: true } as const
  let flow = 0n
  const facts: Fact[] = []
  const add = (fact: Omit<Fact, 'account'> & { readonly account: Hex }) =>
    facts.push({ ...fact, account: fact.account.toLowerCase() as Hex })
  for (const { eventName, args, blockNumber: block } of parseEventLogs({ abi: perpVenueAbi, ...of })) {
    if (eventName === 'PositionChanged' && args.market === Stage.market) flow += args.sizeDelta
    if (eventName === 'Liquidated')
      add({ kind: 'liquidated', account: args.account, notional: (abs(args.size) * args.price) / one, price: args.price, block })
  }
  for (const { args, blockNumber: block } of parseEventLogs({ abi: mandatesAbi, eventName: 'Reduced', ...of }))
    add({ kind: 'reduced', account: args.account, notional: (args.size * args.price) / one, price: args.price, block })
  for (const { eventName, args, blockNumber: block } of parseEventLogs({ abi: backstopAbi, ...of })) {
    if (eventName === 'Inherited')
      add({ kind: 'inherited', account: args.account, notional: (abs(args.size) * args.price) / one, price: args.price, block })
    if (eventName === 'Sold')
      add({ kind: 'sold', account: args.bidder, notional: (abs(args.size) * args.mark) / one, price: args.price, block })
    if (eventName === 'LayerPaid') add({ kind: 'covered', account: args.account, notional: args.amount * scale, price: 0n, block })
  }
  return { facts, flow }
}
