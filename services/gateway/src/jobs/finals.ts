/** The last final block of each chain, kept across restarts: what was final before is final after, or the chain is frozen. */
import type { Header } from '@plimsoll/chain'
import type { Database } from '@plimsoll/store'
import type { Readers } from './chains.ts'

type Hex = `0x${string}`

const prefix = 'final:'

/** What was kept, by chain. */
export async function load(database: Database.Database): Promise<ReadonlyMap<number, Header.Header>> {
  const rows = await database.query<{ name: string; value: string }>('select name, value from settings where name like $1', [`${prefix}%`])
  return new Map(rows.map(({ name, value }) => [Number(name.slice(prefix.length)), fromText(value)]))
}

export type Finals = {
  /** Keeps what the readers have accepted since, in one statement. */ readonly keep: (database: Database.Database) => Promise<void>
}

export function open(readers: Readers): Finals {
  const kept = new Map<number, Hex>()
  return {
    keep: async (database) => {
      const news = [...readers].flatMap(([chainId, reader]) => {
        const header = reader.accepted()
        return header === null || kept.get(chainId) === header.hash ? [] : [{ chainId, header }]
      })
      if (news.length === 0) return
      // The later block stands, whoever of several gateways read it.
      await database.query(
        `insert into settings (name, value) select name, value from json_to_recordset($1::text::json) as final (name text, value text)
         on conflict (name) do update set value = excluded.value
           where (settings.value::json ->> 'number')::numeric < (excluded.value::json ->> 'number')::numeric`,
        [JSON.stringify(news.map(({ chainId, header }) => ({ name: `${prefix}${chainId}`, value: toText(header) })))],
      )
      for (const { chainId, header } of news) kept.set(chainId, header.hash)
    },
  }
}

function toText(header: Header.Header): string {
  return JSON.stringify({ ...header, number: `${header.number}` })
}

function fromText(text: string): Header.Header {
  const { number, ...rest } = JSON.parse(text) as Omit<Header.Header, 'number'> & { readonly number: string }
  return { ...rest, number: BigInt(number) }
}
