/** Who pays what an account could not, in which order. USD × 1e18. */
import { Fixed } from '@plimsoll/margin'

/** What stands ready to pay. */
export type Reserves = {
  /** Liquidation fees that have come in and gone nowhere yet. */
  readonly fees: bigint
  readonly junior: bigint
  readonly insurance: bigint
  readonly senior: bigint
}

/** The same order everywhere: fees, backstop junior, insurance fund, backstop senior; what is left goes to auto-deleveraging. */
export const layers = ['fees', 'junior', 'insurance', 'senior'] as const

export type Payment = {
  readonly paid: Reserves
  readonly left: Reserves
  /** What no layer was there for. */
  readonly unpaid: bigint
}

/**
 * Pays a loss out of the layers, each up to what it has.
 *
 * Formula: `payᵢ = min(layerᵢ, loss − Σ_{j<i} payⱼ)`.
 * Source:  docs/method/cascade.md, eq. (11).
 *
 * @param loss - ≥ 0. USD.
 *
 * @example
 * Waterfall.pay({ fees: 1n, junior: 2n, insurance: 0n, senior: 9n }, 5n)
 * // => { paid: { fees: 1n, junior: 2n, insurance: 0n, senior: 2n }, left: { fees: 0n, junior: 0n, insurance: 0n, senior: 7n }, unpaid: 0n }
 */
export function pay(reserves: Reserves, loss: bigint): Payment {
  const paid = { ...reserves }
  const left = { ...reserves }
  let unpaid = loss
  for (const layer of layers) {
    paid[layer] = Fixed.min(left[layer], unpaid)
    left[layer] -= paid[layer]
    unpaid -= paid[layer]
  }
  return { paid, left, unpaid }
}
