/** The deployment's haircuts, held against what the venues' books take: a mark-down that names a greater one is refused there, whole. */
import { Book, Query } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import { Fixed, Lowering } from '@plimsoll/margin'
import type { Config } from '../config.ts'
import type { Readers } from './chains.ts'

/** What is wrong, and which books could not be asked, in words. */
export type Held = { readonly above: readonly string[]; readonly unread: readonly string[] }

/** Asks each venue's book, at its final block, for the greatest haircut of every asset. A book that does not answer is named. */
export async function fetch(args: fetch.Args): Promise<Held> {
  const { config, readers } = args
  const symbols = [...new Set(config.vaults.flatMap(({ tokens }) => tokens.map(({ asset }) => asset)))]
  const [above, unread]: [string[], string[]] = [[], []]
  for (const { chainId, limitBook, name } of config.venues) {
    const reader = readers.get(chainId)
    if (!reader || symbols.length === 0) continue
    try {
      const query = Book.haircuts({ chainId, limitBook, assets: symbols.map(Hash.ofText) })
      const { value } = await Query.fetch({ reader, at: 'final', query })
      above.push(...steeper(config, { name, most: new Map(symbols.map((asset, index) => [asset, value[index] ?? null])) }))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      unread.push(`the book of ${name} does not say which haircuts it takes: ${code}`)
    }
  }
  return { above, unread }
}

export declare namespace fetch {
  type Args = { readonly config: Pick<Config, 'vaults' | 'venues'>; readonly readers: Readers }
}

/** Tokens whose haircuts together are above the book's for their asset. What counts nothing is in no order, and what the book does not know neither. */
function steeper(
  { vaults }: Pick<Config, 'vaults'>,
  book: { readonly name: string; readonly most: ReadonlyMap<string, number | null> },
): readonly string[] {
  return vaults.flatMap(({ chainId, address, tokens }) =>
    tokens.flatMap(({ asset, haircuts }) => {
      const [own, most] = [Lowering.haircut({ haircuts: { ...haircuts, agePpm: 0 } }), book.most.get(asset) ?? null]
      if (most === null || own === 1_000_000 || own <= most) return []
      const at = `${asset} of the vault ${address} on chain ${chainId} is cut by ${percent(own)}`
      return [
        `${at}, and the book of ${book.name} takes no mark-down by more than ${percent(most)}: lower the token's haircuts, or have the book's owner raise maxHaircutPpm`,
      ]
    }),
  )
}

function percent(ppm: number): string {
  return `${Fixed.format(BigInt(ppm) * 10n ** 14n, { decimals: 4 })} %`
}
