/** The last prices that could be lent on, kept beyond the life of a process: what bounds a price that is out when a gateway starts. */
import type { PriceGuards } from '@plimsoll/chain'
import { type Database, Guards } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type * as Own from './guards.ts'

type Hex = `0x${string}`

export type LastPrices = {
  /** What was kept is there from the first round on, and what is known is kept, once a minute. */
  readonly keep: (asOf: number) => Promise<void>
  readonly recall: () => Promise<void>
}

/** A price of a minute ago bounds what it may be now as well. */
const intervalSeconds = 60

export function open(args: open.Args): LastPrices {
  const { config, database, guards } = args
  const prefix = `lend/${config.feeds.chainId}/`
  let keptAt = Number.NEGATIVE_INFINITY
  let isRecalled = false
  return {
    recall: async () => {
      if (isRecalled) return
      const kept = await Guards.read(
        database,
        guards.feeds.map((feed) => prefix + feed),
      )
      guards.recall(new Map(kept.map(({ name, state }) => [name.slice(prefix.length) as Hex, fromText(state)])))
      isRecalled = true
    },
    keep: async (asOf) => {
      const claimed = [...guards.claimed()]
      if (claimed.length === 0 || asOf - keptAt < intervalSeconds) return
      await Guards.write(
        database,
        claimed.map(([feed, { price, at }]) => ({ name: prefix + feed, state: JSON.stringify({ price: `${price}`, at }) })),
      )
      keptAt = asOf
    },
  }
}

export declare namespace open {
  type Args = {
    readonly config: Pick<Config, 'feeds'>
    readonly database: Database.Database
    readonly guards: Pick<Own.Guards, 'feeds' | 'claimed' | 'recall'>
  }
}

type Claimed = PriceGuards.Claimed extends ReadonlyMap<Hex, infer claimed> ? claimed : never

function fromText(state: string): Claimed {
  const { price, at } = JSON.parse(state) as { readonly price: string; readonly at: number }
  return { price: BigInt(price), at }
}
