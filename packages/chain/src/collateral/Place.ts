/** What accounts hold elsewhere on a chain, named and priced: seen and shown, and never lent on. */
import type { Hex } from '../Hex.ts'
import type * as Holdings from '../Holdings.ts'
import type { Holding } from '../holdings/Holding.ts'
import type { Kind } from '../holdings/Receipt.ts'
import type * as Oracle from '../Oracle.ts'
import type { Pinned } from '../Quorum.ts'
import { feedKey } from './Lot.ts'

/** A token that stands for itself. */
export type Asset = {
  readonly address: Hex
  readonly asset: string
  readonly decimals: number
  readonly feed: Oracle.Feed & { readonly chainId: number }
}

/** What is looked at on one chain besides the vaults. */
export type Watch = {
  readonly chainId: number
  /** What is locked is the vaults' to tell, and cannot be named here. */
  readonly places: readonly Holding<'OBSERVED'>[]
  /** By lower-case address. */
  readonly receipts: ReadonlyMap<Hex, Kind>
  readonly assets: readonly Asset[]
}

export type Place = {
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly token: Hex
  /** Held less owed, at least 0; `owed` is what is owed beyond. Native units. */
  readonly amount: bigint
  readonly owed: bigint
  readonly decimals: number
  readonly places: Holdings.Part['places']
  /** USD per whole token × 1e18; null where there is no price. */
  readonly price: bigint | null
  readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: number }
}

/** What is looked at and could not be counted. `holder` is null where it concerns everybody. */
export type Unread = {
  readonly chainId: number
  readonly holder: Hex | null
  /** The name of a place. */
  readonly what: string
  readonly code: string
  readonly sentence: string
}

/** What was found on one chain, with names and prices. */
export function of(args: {
  readonly found: Holdings.Found
  readonly watch: Watch
  readonly pinned: Pinned
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
}): { readonly places: readonly Place[]; readonly unread: readonly Unread[] } {
  const { found, watch, pinned, prices } = args
  const { chainId } = watch
  const { number, hash, timestamp } = pinned.block
  const assets = new Map(watch.assets.map((asset) => [asset.address.toLowerCase(), asset]))
  return {
    places: found.parts.flatMap(({ holder, asset: token, amount, owed, places }) => {
      const asset = assets.get(token)
      if (!asset) return []
      const price = prices.get(feedKey(asset.feed))
      return [
        {
          ...{ chainId, holder, asset: asset.asset, token, amount, owed, decimals: asset.decimals, places },
          ...{ price: price?.status === 'ok' ? price.price : null, block: { number, hash, timestamp } },
        },
      ]
    }),
    unread: [
      ...found.refusals.map(({ holder, place, code, sentence }) => ({ chainId, holder, what: place, code, sentence })),
      ...found.unread.map(({ place, code, sentence }) => ({ chainId, holder: null, what: place, code, sentence })),
    ],
  }
}
