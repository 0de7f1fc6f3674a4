/** What collateral counts for, after every haircut. */
import * as Fixed from './Fixed.ts'
import * as Holding from './Holding.ts'
import type { Claim, Hex, Lot, Params } from './Inputs.ts'

export type Credit = {
  /** USD. */
  readonly total: bigint
  readonly perChain: readonly { readonly chainId: number; readonly credit: bigint }[]
  /** Sorted by chain, then lot. `why` says in words how a lot counts, or why it does not. */
  readonly perLot: readonly LotCredit[]
}

export type LotCredit = { readonly lotId: Hex; readonly chainId: number; readonly credit: bigint; readonly why: string }

/** One lot's worth before concentration. */
type Worth = { readonly lot: Lot; readonly value: bigint; readonly why: string }

/**
 * Credit of a participant's lots.
 *
 * Formula: `value = ⌊max(0, price − 2·confidence) · max(0, amount − pendingOut) · Π(1 − haircut)⌋` per lot; per asset
 *          `credit = ⌊∫ weight⌋` from 0 to Σ value, shared among its lots in proportion to their value.
 * Source:  docs/method/limit.md, eq. (1).
 * Rounding: down, once per lot and once per asset.
 *
 * Only LOCKED and LIENED lots count. A lot whose block or price is too old for new risk counts nothing, and says so; a time ahead of
 * `asOf` has no age. Credit never falls when an amount grows: a value rises with its amount, and no weight is negative. The order of
 * the lots changes nothing.
 *
 * @param lots - each lot once.
 * @param asOf - unix seconds.
 *
 * @example
 * Credit.of([], { concentration: [{ upTo: null, weightPpm: 1_000_000 }], maxViewAgeSeconds: 60, maxPriceAgeSeconds: 60 }, 0)
 * // => { total: 0n, perChain: [], perLot: [] }
 */
export function of(lots: readonly Lot[], params: of.Params, asOf: number): Credit {
  const worths = lots.map((lot) => worthOf(lot, params, asOf)).sort(byLot)
  const values = new Map<string, bigint>()
  for (const { lot, value } of worths) values.set(lot.asset, (values.get(lot.asset) ?? 0n) + value)
  const credits = new Map([...values].map(([asset, value]) => [asset, concentrated(value, params.concentration)]))

  const seen = new Map<string, bigint>()
  const perChain = new Map<number, bigint>()
  const perLot = worths.map(({ lot, value, why }): LotCredit => {
    const before = seen.get(lot.asset) ?? 0n
    seen.set(lot.asset, before + value)
    const all = { value: values.get(lot.asset) ?? 0n, credit: credits.get(lot.asset) ?? 0n }
    const credit = part(before + value, all) - part(before, all)
    perChain.set(lot.chainId, (perChain.get(lot.chainId) ?? 0n) + credit)
    const concentration =
      all.credit < all.value && value > 0n ? `; concentration in ${lot.asset} leaves ${percent(credit, value)} of that` : ''
    return { lotId: lot.lotId, chainId: lot.chainId, credit, why: why + concentration }
  })
  return {
    total: [...credits.values()].reduce((sum, credit) => sum + credit, 0n),
    perChain: [...perChain].map(([chainId, credit]) => ({ chainId, credit })),
    perLot,
  }
}

export declare namespace of {
  type Params = Pick<AllParams, 'concentration' | 'maxViewAgeSeconds' | 'maxPriceAgeSeconds'>
}
type AllParams = Params

/**
 * The lots as one venue may claim them: of each no more is left than a settlement for that venue could still take.
 *
 * Formula: `amount − pendingOut ≤ claim`, by a smaller `amount`; a lot without a claim is left with nothing.
 * Source:  docs/method/limit.md, eq. (14).
 * Rounding: none.
 *
 * @param claims - in native units, each lot at most once.
 *
 * @example
 * Credit.claimed([], [])
 * // => []
 */
export function claimed(lots: readonly Lot[], claims: readonly Claim[]): readonly Lot[] {
  const amounts = new Map(claims.map(({ lotId, amount }) => [lotId, amount]))
  return lots.map((lot) => ({ ...lot, amount: Fixed.min(lot.amount, lot.pendingOut + (amounts.get(lot.lotId) ?? 0n)) }))
}

/**
 * What a lot is worth as collateral, however old it is and whoever keeps it, before concentration.
 *
 * Formula: `⌊max(0, price − 2·confidence) · max(0, amount − pendingOut) · Π(1 − haircut)⌋`.
 * Source:  docs/method/limit.md, eq. (1).
 * Rounding: down.
 *
 * @returns USD.
 */
export function value(lot: Pick<Lot, 'amount' | 'pendingOut' | 'decimals' | 'price' | 'haircuts'>): bigint {
  const price = Fixed.max(0n, lot.price.value - 2n * lot.price.confidence)
  const amount = Fixed.max(0n, lot.amount - lot.pendingOut)
  return Holding.value({ amount, decimals: lot.decimals, price }, lot.haircuts, 'down')
}

/** Why what is only seen has no credit, in words. */
export const observed = 'counts nothing: only observed, nothing keeps it there; locked in a vault it would count'

function worthOf(lot: Lot, params: of.Params, asOf: number): Worth {
  const nothing = (why: string): Worth => ({ lot, value: 0n, why })
  if (lot.custody === 'OBSERVED') return nothing(observed)
  const viewAge = asOf - lot.block.timestamp
  if (viewAge > params.maxViewAgeSeconds)
    return nothing(`counts nothing: read ${viewAge} s ago, and ${params.maxViewAgeSeconds} s is the most`)
  const priceAge = asOf - lot.price.publishedAt
  if (priceAge > params.maxPriceAgeSeconds)
    return nothing(`counts nothing: priced ${priceAge} s ago, and ${params.maxPriceAgeSeconds} s is the most`)
  const amount = lot.amount - lot.pendingOut
  if (amount <= 0n) return nothing(lot.pendingOut > 0n ? 'counts nothing: all of it is on its way out' : 'counts nothing: it is empty')
  const price = lot.price.value - 2n * lot.price.confidence
  if (price <= 0n) return nothing('counts nothing: its price is too uncertain')

  const kept = Holding.kept(lot.haircuts)
  if (kept === 0n) return nothing('counts nothing: a haircut takes all of it')
  const leaving = lot.pendingOut > 0n ? ', less what is on its way out' : ''
  return { lot, value: value(lot), why: `counts at ${percent(kept, Holding.whole)} of its price${leaving}` }
}

/** `⌊∫ weight⌋` from 0 to `value`: concave, non-decreasing, at most `value`. */
function concentrated(value: bigint, steps: Params['concentration']): bigint {
  let weighted = 0n
  let from = 0n
  for (const { upTo, weightPpm } of steps) {
    const to = upTo === null || upTo > value ? value : upTo
    weighted += (to - from) * BigInt(weightPpm)
    from = to
    if (from === value) break
  }
  return weighted / Fixed.ppm
}

/** The share of an asset's credit that falls to its first lots worth `value`; differences of it sum to the whole exactly. */
function part(value: bigint, all: { readonly value: bigint; readonly credit: bigint }): bigint {
  return all.value === 0n ? 0n : (value * all.credit) / all.value
}

function byLot(a: Worth, b: Worth): number {
  if (a.lot.chainId !== b.lot.chainId) return a.lot.chainId - b.lot.chainId
  return a.lot.lotId < b.lot.lotId ? -1 : 1
}

function percent(part: bigint, of: bigint): string {
  return `${Fixed.format((part * 100n * Fixed.one) / of, { decimals: 2 })} %`
}
