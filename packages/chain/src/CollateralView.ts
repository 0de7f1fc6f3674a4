/** What a group of accounts has locked on every chain: one pinned block per chain, however many accounts. */
import type { Inputs } from '@plimsoll/margin'
import type * as Code from './Code.ts'
import * as ChainPart from './collateral/ChainPart.ts'
import type { Claim, Claimant } from './collateral/Claim.ts'
import * as Lot from './collateral/Lot.ts'
import * as Place from './collateral/Place.ts'
import type { Locked, Token, Vault } from './collateral/Vault.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import type * as Oracle from './Oracle.ts'
import type * as Query from './Query.ts'
import type { Pinned, Reader } from './Quorum.ts'

export type { Claim, Claimant } from './collateral/Claim.ts'
export { feedKey, id as lotId, type Refusal } from './collateral/Lot.ts'
export type { Asset, Place, Unread, Watch } from './collateral/Place.ts'
export type { Token, Vault } from './collateral/Vault.ts'

/** A deposit that is in no final block yet: it counts for nothing until it is. Native units. */
export type Arrival = {
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly token: Hex
  readonly vault: Hex
  readonly amount: bigint
  readonly decimals: number
  /** USD per whole token × 1e18; null where there is no price. */
  readonly price: bigint | null
}

/** Of one lot, whether there is one or none since nothing is known of its worth. */
export type Doubt = { readonly lotId: Hex; readonly holder: Hex; readonly chainId: number; readonly code: string }

export type Doubtful = Doubt & {
  /** At the largest amount that is claimed and the greatest price that it may have; null where no price is known to bound it. */
  readonly most: Inputs.Lot | null
}

export type CollateralView = {
  /** When it was asked for. Unix seconds. */
  readonly asOf: number
  /** Lots that hold something, of all accounts asked for. A chain that is neither missing nor has a lot of an account holds nothing of it. */
  readonly lots: readonly Inputs.Lot[]
  /** Of these lots, by venue asked for. One that is not listed may be claimed nothing of. */
  readonly claims: readonly Claim[]
  /** Chains that could not be read at all. */
  readonly missing: Inputs.View['missing']
  /** What is there and could not be priced, or may be less than it seems: of the lots only a share of a token that is short. */
  readonly doubtful: readonly Doubt[]
  /**
   * The same as the final blocks have it, whatever a source has seen leave since. One source's word is enough to lend no more; it is not
   * enough to lower what was lent. What is in doubt is not among the lots, and stands beside them at the most that it may be worth.
   */
  readonly firm: { readonly lots: readonly Inputs.Lot[]; readonly doubtful: readonly Doubtful[] }
  readonly refusals: readonly Lot.Refusal[]
  /** Deposits seen that are not final. */
  readonly arriving: readonly Arrival[]
  /** What the accounts hold where it was only looked at: none of it is in `lots`. */
  readonly places: readonly Place.Place[]
  /** What was looked at and could not be counted. It lowers nothing. */
  readonly unread: readonly Place.Unread[]
  /** What stood at an address that was asked for, on each chain read. */
  readonly codes: readonly { readonly chainId: number; readonly account: Hex; readonly code: Code.Code }[]
  /** The block each chain was read at, and who dissented. */
  readonly chains: readonly Pinned[]
  /** Between the oldest and the newest of those blocks. */
  readonly skewSeconds: number
}

/**
 * The collateral of many accounts at once.
 *
 * Source: docs/decisions/0004-reductions-at-once-increases-when-final.md.
 *
 * Amounts are those of the final block less every release, escape and escape request that any
 * source has seen since: increases count when final, reductions at once. Lots carry no credit; that is for margin to say.
 * Where a chain's evidence is `proof`, every amount is held against a Merkle proof besides, and a chain whose sources lie alike is missing.
 * Unknown is never zero: a chain that cannot be read is named in `missing`, and the caller decides.
 *
 * A deposit moved from one vault to another counts once: it leaves the first at the head and enters the second when final. The gap is
 * open only while every source of the first chain lags behind the second chain's final block, which `maxAgeSeconds` bounds, and a
 * release needs our own signature besides.
 *
 * @param args.readers - one a chain: of every vault, and of every feed that is not in `prices`.
 * @param args.accounts - whose collateral. Any case; about a thousand to an `eth_call`, all at one block.
 * @param args.venues - who may be paid from the vaults; what each may claim of each lot is read besides, at the same block.
 * @param args.watch - where else to look, chain by chain: in the same `eth_call` as the vaults where it fits.
 * @param args.codesOf - of whom it is told besides whether a contract stands there, chain by chain: in the same `eth_call`.
 * @param args.prices - prices already at hand, by `feedKey`; those feeds are not read again.
 * @param args.most - by `feedKey`, the most that a price which is out may be; one that is not there is not known.
 * @param args.blocks - by chain, final blocks to read at instead of the last one: to see what somebody else says they read there.
 * @throws {RangeError} a vault or feed is on a chain without a reader.
 */
export async function fetch(args: fetch.Args): Promise<CollateralView> {
  const { readers, vaults, asOf } = args
  const accounts = [...new Set(args.accounts.map((account) => parseAddress(account, 'account')))]
  const codesOf = (args.codesOf ?? []).map((account) => parseAddress(account, 'account'))
  const feeds = feedsToRead(args)
  const chainIds = new Set([vaults, feeds, args.watch ?? []].flatMap((all) => all.map(({ chainId }) => chainId)))
  const parts = await Promise.all(
    [...chainIds].map((chainId) =>
      ChainPart.fetch({
        reader: readerOf(readers, chainId),
        vaults: vaults.filter((vault) => vault.chainId === chainId),
        feeds: feeds.filter((feed) => feed.chainId === chainId),
        venues: (args.venues ?? []).filter(({ escrows }) => escrows.some((escrow) => escrow.chainId === chainId)),
        watch: args.watch?.find((watch) => watch.chainId === chainId) ?? null,
        accounts,
        codesOf,
        asOf,
        block: args.blocks?.get(chainId),
      }),
    ),
  )

  const prices = new Map([...(args.prices ?? []), ...parts.flatMap((part) => [...part.prices])])
  const failures = new Map(parts.flatMap((part) => (part.failure ? [[part.chainId, part.failure] as const] : [])))
  const most = args.most ?? new Map<string, bigint>()
  const pricedOf = (all: readonly Locked[]) => all.map((locked) => Lot.of({ locked, prices, failures, most }))
  const priced = pricedOf(parts.flatMap((part) => part.locked))
  const firm = pricedOf(parts.flatMap((part) => part.firm))
  const times = parts.flatMap((part) => (part.pinned ? [part.pinned.block.timestamp] : []))
  const found = parts.flatMap(({ chainId, pinned, found }) => {
    const watch = args.watch?.find((one) => one.chainId === chainId)
    return watch && pinned ? [Place.of({ found, watch, pinned, prices })] : []
  })
  return {
    asOf,
    lots: lotsOf(priced),
    claims: parts.flatMap((part) => part.claims),
    missing: vaultFailures(vaults, failures),
    doubtful: doubtfulOf(priced),
    firm: { lots: lotsOf(firm.filter(({ refusal }) => refusal === null)), doubtful: doubtsOf(firm) },
    refusals: [...failures.values(), ...distinct(priced.flatMap(({ refusal }) => (refusal ? [refusal] : [])))],
    arriving: parts.flatMap((part) => part.arriving.map((arrival) => arrivalOf(arrival, prices))),
    places: found.flatMap(({ places }) => places),
    unread: found.flatMap(({ unread }) => unread),
    codes: parts.flatMap(({ chainId, codes }) =>
      codes.flatMap((code, at) => codesOf.slice(at, at + 1).map((account) => ({ chainId, account, code }))),
    ),
    chains: parts.flatMap((part) => (part.pinned ? [part.pinned] : [])),
    skewSeconds: times.length === 0 ? 0 : Math.max(...times) - Math.min(...times),
  }
}

export declare namespace fetch {
  type Args = {
    readonly readers: readonly Reader[]
    readonly vaults: readonly Vault[]
    readonly venues?: readonly Claimant[]
    readonly watch?: readonly Place.Watch[]
    readonly accounts: readonly Hex[]
    readonly codesOf?: readonly Hex[]
    readonly asOf: number
    readonly prices?: ReadonlyMap<string, Oracle.Assessment>
    readonly most?: ReadonlyMap<string, bigint>
    readonly blocks?: ReadonlyMap<number, Query.Block>
  }
}

/**
 * One participant's view, as the inputs document has it. What is in doubt is missing; where there is a lot of it, since a share of a token that is
 * short could be paid, it counts nothing.
 *
 * @param args.accounts - all of the participant's, among those fetched.
 */
export function of(args: { readonly view: CollateralView; readonly accounts: readonly Hex[] }): Inputs.View {
  const { view } = args
  const own = new Set(args.accounts.map((account) => account.toLowerCase()))
  const doubtful = view.doubtful.filter(({ holder }) => own.has(holder))
  const doubted = new Set(doubtful.map(({ lotId }) => lotId))
  return {
    lots: view.lots.flatMap((lot) => {
      if (!own.has(lot.holder)) return []
      return [doubted.has(lot.lotId) ? { ...lot, haircuts: { ...lot.haircuts, venuePpm: 1_000_000 } } : lot]
    }),
    missing: distinct([...view.missing, ...doubtful.map(({ chainId, code }) => ({ chainId, code }))]),
  }
}

/**
 * One participant's collateral as the final blocks have it, to lower credit by: what is certain, what is in doubt at the most that it may be
 * worth, and what is missing because nothing is known of it.
 *
 * @param args.accounts - all of the participant's, among those fetched.
 */
export function firmOf({ view, accounts }: Parameters<typeof of>[0]): Inputs.View & { readonly doubts: readonly Inputs.Lot[] } {
  const { lots, doubtful } = view.firm
  const own = new Set(accounts.map((account) => account.toLowerCase()))
  const certain = of({ view: { ...view, lots, doubtful: doubtful.filter(({ most }) => most === null) }, accounts })
  return { ...certain, doubts: doubtful.flatMap(({ holder, most }) => (most !== null && own.has(holder) ? [most] : [])) }
}

type Held = Pick<CollateralView, 'lots' | 'doubtful' | 'firm' | 'arriving' | 'places' | 'unread'>

/**
 * What of a view belongs to given accounts, and what concerns everybody: the view is gone through once, however many are asked for after.
 *
 * @returns by accounts, lower-case, each once: the same in the same order as the whole view filtered by them.
 */
export function sorted(view: CollateralView): (accounts: readonly Hex[]) => CollateralView {
  const of = { lots: heldIn(view.lots), doubtful: heldIn(view.doubtful), arriving: heldIn(view.arriving) }
  const [places, unread] = [heldIn(view.places), heldIn(view.unread)]
  const firm = { lots: heldIn(view.firm.lots), doubtful: heldIn(view.firm.doubtful) }
  return (accounts) => {
    const held: Held = {
      lots: of.lots(accounts),
      doubtful: of.doubtful(accounts),
      firm: { lots: firm.lots(accounts), doubtful: firm.doubtful(accounts) },
      arriving: of.arriving(accounts),
      places: places(accounts),
      unread: unread([null, ...accounts]),
    }
    return { ...view, ...held }
  }
}

function heldIn<one extends { readonly holder: Hex | null }>(all: readonly one[]): (holders: readonly one['holder'][]) => readonly one[] {
  const by = Map.groupBy(
    all.map((one, at) => ({ one, at })),
    ({ one }) => one.holder,
  )
  return (holders) =>
    holders
      .flatMap((holder) => by.get(holder) ?? [])
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one)
}

/** Of some claims, those of one venue, as the inputs document has them. */
export function claimsAt(claims: readonly Claim[], venue: { readonly chainId: number; readonly address: Hex }): readonly Inputs.Claim[] {
  return claims.flatMap(({ lotId, venue: at, amount }) =>
    at.chainId === venue.chainId && at.address.toLowerCase() === venue.address.toLowerCase() ? [{ lotId, amount }] : [],
  )
}

function lotsOf(priced: readonly Lot.Priced[]): readonly Inputs.Lot[] {
  return priced.flatMap(({ lot }) => (lot ? [lot] : []))
}

function doubtfulOf(priced: readonly Lot.Priced[]): CollateralView['doubtful'] {
  return priced.flatMap(({ lotId, refusal, holder }) => (refusal ? [{ lotId, holder, chainId: refusal.chainId, code: refusal.code }] : []))
}

function doubtsOf(priced: readonly Lot.Priced[]): readonly Doubtful[] {
  return priced.flatMap(({ lotId, refusal, holder, most }) =>
    refusal ? [{ lotId, holder, chainId: refusal.chainId, code: refusal.code, most }] : [],
  )
}

function arrivalOf({ vault, token, holder, amount }: ChainPart.Arrival, prices: ReadonlyMap<string, Oracle.Assessment>): Arrival {
  const { chainId, address } = vault
  const assessed = prices.get(Lot.feedKey(token.feed))
  const price = assessed?.status === 'ok' ? assessed.price : null
  return { price, chainId, holder, asset: token.asset, token: token.address, vault: address, amount, decimals: token.decimals }
}

function feedsToRead({ vaults, prices, watch = [] }: fetch.Args): readonly Token['feed'][] {
  const looked = watch.flatMap(({ assets }) => assets.map(({ feed }) => feed))
  const feeds = [...vaults.flatMap((vault) => vault.tokens.map((token) => token.feed)), ...looked]
  const wanted = new Map(feeds.map((feed) => [Lot.feedKey(feed), feed]))
  return [...wanted].flatMap(([key, feed]) => (prices?.has(key) ? [] : [feed]))
}

function readerOf(readers: readonly Reader[], chainId: number): Reader {
  const reader = readers.find(({ config }) => config.chainId === chainId)
  if (!reader) throw new RangeError(`There is no reader of chain ${chainId}.`)
  return reader
}

function vaultFailures(vaults: readonly Vault[], failures: ReadonlyMap<number, Lot.Refusal>): Inputs.View['missing'] {
  const chainIds = [...new Set(vaults.map((vault) => vault.chainId))]
  return chainIds.flatMap((chainId) => {
    const failure = failures.get(chainId)
    return failure ? [{ chainId, code: failure.code }] : []
  })
}

function distinct<value>(values: readonly value[]): readonly value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}
