/** The last final block of each chain, kept across restarts: what was final before is final after, or the chain is frozen. */
import { type Database, Finals as Stored } from '@plimsoll/store'
import type { Readers } from './chains.ts'

type Hex = `0x${string}`

export type Finals = {
  /** Keeps what the readers have accepted since, in one statement. */ readonly keep: (database: Database.Database) => Promise<void>
}

export function open(readers: Readers): Finals {
  const kept = new Map<number, Hex>()
  return {
    keep: async (database) => {
      const news = [...readers].flatMap(([chainId, reader]) => {
        const final = reader.accepted()
        return final === null || kept.get(chainId) === final.hash ? [] : [{ chainId, final }]
      })
      if (news.length === 0) return
      await Stored.keep(database, news)
      for (const { chainId, final } of news) kept.set(chainId, final.hash)
    },
  }
}
