import type { PriceGuards } from '@plimsoll/chain'
import { Database } from '@plimsoll/store'
import { describe, expect, test } from 'vitest'
import * as LastPrices from './lastprices.ts'

const feed = `0x${'1'.repeat(40)}` as const
const other = `0x${'2'.repeat(40)}` as const
const one = 10n ** 18n

/** One process after another over a database: what each knows, and what it is told that was known. */
function stand(database: Database.Database, chainId = 1) {
  const claimed = new Map<`0x${string}`, { readonly price: bigint; readonly at: number }>()
  const recalled: PriceGuards.Claimed[] = []
  const guards = { feeds: [feed, other], claimed: () => claimed, recall: (kept: PriceGuards.Claimed) => void recalled.push(kept) }
  const config = { feeds: { chainId } } as unknown as LastPrices.open.Args['config']
  return { claimed, recalled, prices: LastPrices.open({ config, database, guards }) }
}

describe('recall', () => {
  test('worked example: what one process knew the next is told, once; of another chain it is another', async () => {
    await using database = await Database.open({ memory: true })
    const first = stand(database)
    await first.prices.recall()
    expect(first.recalled).toEqual([new Map()])
    first.claimed.set(feed, { price: 3_000n * one, at: 7 })
    await first.prices.keep(1_000)

    const second = stand(database)
    await second.prices.recall()
    await second.prices.recall()
    expect(second.recalled).toEqual([new Map([[feed, { price: 3_000n * one, at: 7 }]])])
    const elsewhere = stand(database, 2)
    await elsewhere.prices.recall()
    expect(elsewhere.recalled).toEqual([new Map()])
  })
})

describe('keep', () => {
  test('edge: the first that is known at once, then once a minute; who knows nothing writes nothing over it', async () => {
    await using database = await Database.open({ memory: true })
    const kept = async () => {
      const { prices, recalled } = stand(database)
      await prices.recall()
      return recalled[0]?.get(feed)?.at ?? null
    }
    const { claimed, prices } = stand(database)
    await prices.keep(1_000)
    expect(await kept()).toBe(null)
    claimed.set(feed, { price: one, at: 1 })
    await prices.keep(1_001)
    expect(await kept()).toBe(1)
    claimed.set(feed, { price: one, at: 2 })
    await prices.keep(1_060)
    expect(await kept()).toBe(1)
    await prices.keep(1_061)
    expect(await kept()).toBe(2)
    await stand(database).prices.keep(9_000)
    expect(await kept()).toBe(2)
  })
})
