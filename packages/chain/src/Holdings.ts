/** What accounts hold anywhere on one chain: every place read at one block, receipts resolved, debts taken off. */
import type { Inputs } from '@plimsoll/margin'
import type { Hex } from './Hex.ts'
import type { Held, Holding } from './holdings/Holding.ts'
import * as Receipt from './holdings/Receipt.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

export * as AaveReserve from './holdings/AaveReserve.ts'
export * as Erc20 from './holdings/Erc20.ts'
export type { Held, Holding } from './holdings/Holding.ts'
export * as PerpVenue from './holdings/PerpVenue.ts'
export * as Receipt from './holdings/Receipt.ts'
export * as Vault from './holdings/Vault.ts'

/** One account's part in one asset at places of one custody. */
export type Part = {
  readonly holder: Hex
  /** What everything here stands for in the end. */
  readonly asset: Hex
  readonly custody: Inputs.Custody
  /** Held less owed, at least 0. The asset's own units. */
  readonly amount: bigint
  /** What is owed beyond that. The asset's own units. */
  readonly owed: bigint
  /** Where it was found, each place once. */
  readonly places: readonly string[]
}

export type Holdings = {
  readonly pinned: Pinned
  readonly parts: readonly Part[]
  /** What could not be counted, by holder: it is absent above, and not zero. */
  readonly refusals: readonly { readonly holder: Hex; readonly token: Hex; readonly code: string; readonly sentence: string }[]
}

/**
 * Everything that some accounts hold at some places of one chain.
 *
 * One `eth_call` per source for the places, and one more for each level of receipts in use. A token that does not answer refuses itself alone.
 *
 * @param args.receipts - tokens that stand for others, by lower-case address.
 * @param args.assets - tokens that stand for themselves, lower-case.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<Holdings> {
  const { reader, places, receipts, assets } = args
  const holders = [...new Set(args.holders.map((holder) => holder.toLowerCase() as Hex))]
  const query = Query.all<readonly (readonly Held[])[]>(places.map((place) => place.query(holders)))
  const { pinned, value } = await Query.fetch({ reader, at: args.at, query })
  const found = value.flatMap((held, index) => {
    const place = places[index]
    return place ? held.map((one) => ({ ...one, place })) : []
  })

  const open = once(found).flatMap((one) => (one.status === 'ok' && (one.amount > 0n || one.owed > 0n) ? [one] : []))
  const paths = await Receipt.resolve({ reader, pinned, tokens: open.map(({ token }) => token), receipts, assets })
  const resolved = open.flatMap((one) => {
    const path = paths.get(one.token.toLowerCase() as Hex)
    return path?.status === 'ok' ? [{ ...one, path }] : []
  })
  const amounts = await Receipt.convert({ reader, pinned, amounts: resolved.map(({ amount, path }) => ({ amount, path })) })

  const unresolved = open.flatMap(({ holder, token }) => {
    const path = paths.get(token.toLowerCase() as Hex)
    return path?.status === 'refused' ? [{ holder, token, code: path.code, sentence: path.sentence }] : []
  })
  const silent = resolved.flatMap(({ holder, token }, index) =>
    amounts[index] === null
      ? [{ holder, token, code: 'ASSET_UNSUPPORTED', sentence: `A receipt of ${token} does not say what its shares are worth.` }]
      : [],
  )
  return {
    pinned,
    parts: partsOf(
      resolved.flatMap((one, index) => (amounts[index] == null ? [] : [{ ...one, amount: amounts[index], asset: one.path.asset }])),
    ),
    refusals: [
      ...found.flatMap((one) =>
        one.status === 'refused' ? [{ holder: one.holder, token: one.token, code: one.code, sentence: one.sentence }] : [],
      ),
      ...unresolved,
      ...silent,
    ],
  }
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly places: readonly Holding[]
    readonly holders: readonly Hex[]
    readonly receipts: ReadonlyMap<Hex, Receipt.Kind>
    readonly assets: ReadonlySet<Hex>
    readonly at: At
  }
}

/** A figure that two places read is one figure: a vault's share in a wallet is not counted again as a position. */
function once<value extends Held & { readonly place: Holding }>(found: readonly value[]): readonly value[] {
  const keyOf = (one: value, index: number) => (one.status === 'ok' ? `${one.holder}:${one.source}:${one.token}`.toLowerCase() : `${index}`)
  const first = new Map<string, value>()
  for (const [index, one] of found.entries()) {
    const key = keyOf(one, index)
    if (!first.has(key)) first.set(key, one)
  }
  return [...first.values()]
}

type Found = { readonly holder: Hex; readonly asset: Hex; readonly amount: bigint; readonly owed: bigint; readonly place: Holding }

/** By holder, asset and custody. What is locked with us cannot be taken for a debt elsewhere, so the two are not netted. */
function partsOf(found: readonly Found[]): readonly Part[] {
  const groups = Map.groupBy(found, ({ holder, asset, place }) => `${holder}:${asset}:${place.custody}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const held = group.reduce((sum, { amount }) => sum + amount, 0n)
    const owed = group.reduce((sum, one) => sum + one.owed, 0n)
    const places = [...new Set(group.map(({ place }) => place.name))]
    const [amount, rest] = held > owed ? [held - owed, 0n] : [0n, owed - held]
    return [{ holder: first.holder, asset: first.asset, custody: first.place.custody, amount, owed: rest, places }]
  })
}
