/** A desk's own trades, from the chain's final logs, and what they made. Nothing is kept: whoever reads them again finds the same. */
import type { Hex, Log, Quorum } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Attribution } from '@plimsoll/liquidation'
import { decodeEventLog, pad, toEventSelector } from 'viem'
import { agreed } from './look.ts'

export type Books = {
  /** Reads on to the last final block. */
  readonly read: () => Promise<void>
  /** Profit of a market by its source, at a price. */
  readonly profit: (market: Hex.Hex, price: bigint) => Attribution.Attribution
}

const changed = perpVenueAbi.filter((item) => item.type === 'event' && item.name === 'PositionChanged')
const forfeited = perpVenueAbi.filter((item) => item.type === 'event' && item.name === 'Deleveraged')
const sold = backstopAbi.filter((item) => item.type === 'event' && item.name === 'Sold')
/** Blocks to one question. */
const span = 5_000n

/** @param args.scale - of the collateral token to USD × 1e18. */
export function open(args: open.Args): Books {
  const { reader, venue, backstop, own, fromBlock, scale } = args
  const fills = new Map<Hex.Hex, Attribution.Fill[]>()
  let next = fromBlock

  function take(logs: readonly Log.Log[]): void {
    // A discount is logged after the change of position that it was paid for, in the same transaction.
    const discounts = new Map<string, bigint>()
    for (const log of logs) {
      if (log.address !== backstop) continue
      const { args: fact } = decodeEventLog({ abi: sold, data: log.data, topics: topicsOf(log) })
      discounts.set(log.transactionHash, fact.discount * scale)
    }
    for (const log of logs) {
      if (log.address !== venue) continue
      const { eventName, args: fact } = decodeEventLog({ abi: [...changed, ...forfeited], data: log.data, topics: topicsOf(log) })
      const spread = discounts.get(log.transactionHash) ?? 0n
      const list = fills.get(fact.market) ?? []
      // What is given up of a profit is logged after the change of position that showed it.
      if (eventName === 'Deleveraged') list.push({ size: 0n, mark: fact.price, spread: -fact.amount, fee: 0n })
      else list.push({ size: fact.sizeDelta, mark: fact.price, spread, fee: fact.fee })
      fills.set(fact.market, list)
    }
  }

  return {
    async read() {
      const pinned = await reader.pin({ at: 'final' })
      while (next <= pinned.block.number) {
        const toBlock = next + span < pinned.block.number ? next + span : pinned.block.number
        const range = { fromBlock: next, toBlock }
        const who = pad(own)
        const [positions, discounts] = [
          await agreed({
            reader,
            pinned,
            filter: { ...range, addresses: [venue], topics: [[...changed, ...forfeited].map(toEventSelector), [who]] },
          }),
          await agreed({ reader, pinned, filter: { ...range, addresses: [backstop], topics: [sold.map(toEventSelector), [], [who]] } }),
        ]
        take([...positions, ...discounts])
        next = toBlock + 1n
      }
    },
    profit: (market, price) => Attribution.of(fills.get(market) ?? [], price),
  }
}

export declare namespace open {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Hex.Hex
    readonly backstop: Hex.Hex
    readonly own: Hex.Hex
    readonly fromBlock: bigint
    readonly scale: bigint
  }
}

function topicsOf(log: Log.Log): [Hex.Hex, ...Hex.Hex[]] {
  const [signature, ...topics] = log.topics
  return [signature ?? '0x', ...topics]
}
