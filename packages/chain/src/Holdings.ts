/** What accounts hold anywhere on one chain: every place read at one block, receipts resolved, debts taken off. */
import type { Inputs } from '@plimsoll/margin'
import * as Contract from './Contract.ts'
import type { Hex } from './Hex.ts'
import type { Held, Holding } from './holdings/Holding.ts'
import * as Receipt from './holdings/Receipt.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

export * as AaveReserve from './holdings/AaveReserve.ts'
export * as Comet from './holdings/Comet.ts'
export * as CToken from './holdings/CToken.ts'
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
  /** Where it was found, each place once, and how much of it there. */
  readonly places: readonly { readonly name: string; readonly amount: bigint; readonly owed: bigint }[]
}

export type Refusal = {
  readonly holder: Hex
  readonly token: Hex
  /** The name of where it was found. */
  readonly place: string
  readonly code: string
  readonly sentence: string
}

/** What was found, at whatever block it was read. */
export type Found = {
  readonly parts: readonly Part[]
  /** What could not be counted, by holder: it is absent above, and not zero. */
  readonly refusals: readonly Refusal[]
  /** Places whose own contract does not answer. Nothing of them is above. */
  readonly unread: readonly { readonly place: string; readonly code: string; readonly sentence: string }[]
}

export type Holdings = Found & { readonly pinned: Pinned }

/**
 * Everything that some accounts hold at some places of one chain, as a part of any `eth_call`: receipts are asked what they stand for
 * whether or not somebody holds them, so that nothing has to be asked a second time.
 *
 * A token that does not answer refuses itself alone. So does a place whose contract does not answer, where it is only observed: what counts
 * for nothing must not take away what counts.
 *
 * @param args.holders - each once, in any case.
 * @param args.receipts - tokens that stand for others, by lower-case address.
 * @param args.assets - tokens that stand for themselves, lower-case.
 * @throws {Contract.UnreadableError} when parsed: a place that is not only observed does not answer.
 */
export function query(args: query.Args): Query.Query<Found> {
  const { places, assets } = args
  const holders = [...new Set(args.holders.map((holder) => holder.toLowerCase() as Hex))]
  const reads = Query.all([
    Query.all<readonly (readonly Held[] | Contract.UnreadableError)[]>(places.map((place) => answered(place, holders))),
    Receipt.query(args.receipts),
  ])
  return Query.map(reads, ([answers, receipts]) => {
    const found = places.flatMap((place, index) => {
      const held = answers[index]
      return held === undefined || held instanceof Contract.UnreadableError ? [] : held.map((one) => ({ ...one, place }))
    })
    const unread = places.flatMap(({ name }, index) => {
      const held = answers[index]
      return held instanceof Contract.UnreadableError ? [{ place: name, code: held.code, sentence: held.message }] : []
    })
    const open = once(found).flatMap((one) => (one.status === 'ok' && (one.amount > 0n || one.owed > 0n) ? [one] : []))
    const resolved = open.map((one) => resolvedOf(one, { receipts, assets }))
    return {
      parts: partsOf(resolved.flatMap((one) => (one.status === 'ok' ? [one] : []))),
      refusals: [...found, ...resolved].flatMap((one) =>
        one.status === 'refused'
          ? [{ holder: one.holder, token: one.token, place: one.place.name, code: one.code, sentence: one.sentence }]
          : [],
      ),
      unread,
    }
  })
}

export declare namespace query {
  type Args = {
    readonly places: readonly Holding[]
    readonly holders: readonly Hex[]
    readonly receipts: ReadonlyMap<Hex, Receipt.Kind>
    readonly assets: ReadonlySet<Hex>
  }
}

/**
 * The same, read by itself at one block, however many places, holders and levels of receipts.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<Holdings> {
  const { reader, at, ...asked } = args
  const { pinned, value } = await Query.fetch({ reader, at, query: query(asked) })
  return { pinned, ...value }
}

export declare namespace fetch {
  type Args = query.Args & { readonly reader: Reader; readonly at: At }
}

function answered(place: Holding, holders: readonly Hex[]): Query.Query<readonly Held[] | Contract.UnreadableError> {
  const { calls, parse } = place.query(holders)
  return {
    calls,
    parse: (results) => {
      try {
        return parse(results)
      } catch (error) {
        if (place.custody === 'OBSERVED' && error instanceof Contract.UnreadableError) return error
        throw error
      }
    },
  }
}

type Open = Extract<Held, { readonly status: 'ok' }> & { readonly place: Holding }
type Resolved = ({ readonly status: 'ok' } & Owned) | ({ readonly status: 'refused'; readonly place: Holding } & Omit<Refusal, 'place'>)

function resolvedOf(
  one: Open,
  known: { readonly receipts: ReadonlyMap<Hex, Receipt.Receipt>; readonly assets: ReadonlySet<Hex> },
): Resolved {
  const { holder, token, place, owed } = one
  const path = Receipt.resolve({ token, ...known })
  if (path.status === 'refused') return { ...path, holder, token, place }
  if (owed > 0n && path.through.length > 0) {
    const sentence = `A debt in ${token}, which is a receipt, is not what it stands for.`
    return { status: 'refused', holder, token, place, code: 'ASSET_UNSUPPORTED', sentence }
  }
  const amount = Receipt.convert({ amount: one.amount, through: path.through, receipts: known.receipts })
  const sentence = `A receipt of ${token} does not say what its shares are worth.`
  if (amount === null) return { status: 'refused', holder, token, place, code: 'ASSET_UNSUPPORTED', sentence }
  return { status: 'ok', holder, asset: path.asset, amount, owed, place }
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

type Owned = { readonly holder: Hex; readonly asset: Hex; readonly amount: bigint; readonly owed: bigint; readonly place: Holding }

/** By holder, asset and custody. What is locked with us cannot be taken for a debt elsewhere, so the two are not netted. */
function partsOf(found: readonly Owned[]): readonly Part[] {
  const groups = Map.groupBy(found, ({ holder, asset, place }) => `${holder}:${asset}:${place.custody}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const held = sum(group, 'amount')
    const owed = sum(group, 'owed')
    const places = [...Map.groupBy(group, ({ place }) => place.name)].map(([name, there]) => ({
      ...{ name, amount: sum(there, 'amount'), owed: sum(there, 'owed') },
    }))
    const [amount, rest] = held > owed ? [held - owed, 0n] : [0n, owed - held]
    return [{ holder: first.holder, asset: first.asset, custody: first.place.custody, amount, owed: rest, places }]
  })
}

function sum(all: readonly Owned[], what: 'amount' | 'owed'): bigint {
  return all.reduce((total, one) => total + one[what], 0n)
}
