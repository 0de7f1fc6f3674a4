/** How much of an account a liquidation closes. */
import * as Closing from './Closing.ts'
import * as Figure from './Figure.ts'

export type Policy =
  /** All of it, at once. */
  | { readonly kind: 'full' }
  /** As much as brings equity back to `target` times maintenance margin; after `slices` of them, all of it. */
  | { readonly kind: 'target'; readonly target: number; readonly slices: number }
  /** A fixed share of what is open; after `slices` of them, all of it. */
  | { readonly kind: 'share'; readonly share: number; readonly slices: number }

/** @throws {Figure.InvalidFigureError} a target below 1, a share that is none, no slices. */
export function assert(policy: Policy): void {
  if (policy.kind === 'full') return
  Figure.assert('a whole number of at least 0', { 'slices − 1': policy.slices - 1 })
  if (policy.kind === 'target') Figure.assert('at least 0', { 'target − 1': policy.target - 1 })
  else {
    Figure.assert('a share', { share: policy.share })
    Figure.assert('above 0', { share: policy.share })
  }
}

/**
 * The share of its positions that an account is closed by, in (0, 1].
 *
 * Formula: for a target `f = (t·MM − E) / (t·MM − c·N)`, the cost c being the fee.
 * Source:  docs/method/cascade.md, eq. (17).
 *
 * @param account.done - slices that have been closed before.
 * @param account.cost - fee by notional closed.
 */
export function share(policy: Policy, account: share.Account): number {
  const { equity, notional, maintenance, cost, done } = account
  if (policy.kind === 'full' || done >= policy.slices || notional <= 0) return 1
  if (policy.kind === 'share') return policy.share
  const target = (policy.target * maintenance) / notional
  if (!(target > 0)) return 1
  const { share } = Closing.of({ equity, notional, target, cost })
  // An account exactly at its maintenance margin, and a target of just that, would be closed by nothing for ever.
  return share === 0 ? 1 : share
}

export declare namespace share {
  type Account = {
    readonly equity: number
    readonly notional: number
    readonly maintenance: number
    readonly cost: number
    readonly done: number
  }
}
