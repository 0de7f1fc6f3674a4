/** What collateral counts for, after every haircut. */
import * as Fixed from './Fixed.ts'
import type { Hex, Lot, Params } from './Inputs.ts'

export type LotCredit = { readonly lotId: Hex; readonly chainId: number; readonly credit: bigint; readonly why: string }

export type Credit = {
  readonly total: bigint
  readonly perChain: readonly { readonly chainId: number; readonly credit: bigint }[]
  readonly perLot: readonly LotCredit[]
}

/**
 * Credit of a participant's lots.
 *
 * Formula: `⌊max(0, price − 2·confidence) · (amount − pendingOut) · Π(1 − haircut)⌋`, then per asset the marginal weights of
 *          `params.concentration` on the running total.
 * Source:  docs/method/limit.md, eq. (1).
 * Rounding: down, once per lot and once per concentration step.
 *
 * Only LOCKED and LIENED lots count. A lot whose block or price is too old counts nothing for new risk, and says so.
 * Never falls when an amount grows; the order of the lots changes nothing but which lot carries the concentration.
 *
 * @param asOf - unix seconds.
 * @returns USD.
 */
export function of(lots: readonly Lot[], params: Params, asOf: number): Credit {
  const sorted = [...lots].sort((a, b) => (a.lotId < b.lotId ? -1 : a.lotId > b.lotId ? 1 : 0))
  const byAsset = new Map<string, bigint>()
  const perChain = new Map<number, bigint>()
  const perLot: LotCredit[] = []
  let total = 0n
  for (const lot of sorted) {
    const { value, why } = worth(lot, params, asOf)
    const before = byAsset.get(lot.asset) ?? 0n
    const credit = concentrated(before + value, params) - concentrated(before, params)
    byAsset.set(lot.asset, before + value)
    perChain.set(lot.chainId, (perChain.get(lot.chainId) ?? 0n) + credit)
    perLot.push({
      lotId: lot.lotId,
      chainId: lot.chainId,
      credit,
      why:
        value > 0n && credit < value ? `${why}; the asset's concentration takes ${Fixed.format(value - credit, { decimals: 2 })} USD` : why,
    })
    total += credit
  }
  const chains = [...perChain].sort(([a], [b]) => a - b)
  return { total, perChain: chains.map(([chainId, credit]) => ({ chainId, credit })), perLot }
}

function worth(lot: Lot, params: Params, asOf: number): { readonly value: bigint; readonly why: string } {
  if (lot.custody === 'OBSERVED') return { value: 0n, why: 'only observed: nothing keeps it there' }
  if (asOf - lot.block.timestamp > params.maxViewAgeSeconds)
    return { value: 0n, why: `read ${asOf - lot.block.timestamp} s ago, older than ${params.maxViewAgeSeconds} s` }
  if (asOf - lot.price.publishedAt > params.maxPriceAgeSeconds)
    return { value: 0n, why: `priced ${asOf - lot.price.publishedAt} s ago, older than ${params.maxPriceAgeSeconds} s` }
  const amount = lot.amount > lot.pendingOut ? lot.amount - lot.pendingOut : 0n
  if (amount === 0n) return { value: 0n, why: lot.pendingOut > 0n ? 'on its way out' : 'nothing is there' }
  const price = lot.price.value - 2n * lot.price.confidence
  if (price <= 0n) return { value: 0n, why: 'the price is too uncertain' }

  const { assetPpm, bridgePpm, venuePpm, agePpm } = lot.haircuts
  let kept = 1n
  for (const haircut of [assetPpm, bridgePpm, venuePpm, agePpm]) kept *= haircut >= 1_000_000 ? 0n : Fixed.ppm - BigInt(haircut)
  if (kept === 0n) return { value: 0n, why: 'a haircut takes all of it' }
  const value = Fixed.mulDiv(price * amount, kept, 10n ** BigInt(lot.decimals) * Fixed.ppm ** 4n, 'down')
  const keptPpm = kept / Fixed.ppm ** 3n
  return { value, why: `counted at ${Number(keptPpm) / 10_000} % of its price` }
}

/** ∫ of the marginal weights from 0 to `value`: concave, non-decreasing. */
function concentrated(value: bigint, params: Params): bigint {
  let weighted = 0n
  let from = 0n
  for (const { upTo, weightPpm } of params.concentration) {
    const to = upTo === null || upTo > value ? value : upTo
    if (to > from) weighted += (to - from) * BigInt(weightPpm)
    from = upTo ?? value
    if (from >= value) break
  }
  return Fixed.mulDiv(weighted, 1n, Fixed.ppm, 'down')
}
