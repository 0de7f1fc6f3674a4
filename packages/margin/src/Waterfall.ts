/** Who pays a loss: the account, its fee, the insurance fund, the backstop, then the winners. Every unit is paid once, by somebody named. */
import * as Fixed from './Fixed.ts'

/** A pot that pays before the next one does. In money. */
export type Layer = {
  readonly name: string
  readonly kind: 'equity' | 'fee' | 'insurance' | 'backstop'
  /** It pays for one market, or for one tranche of accounts; null for all. */
  readonly market: string | null
  readonly tranche: string | null
  readonly available: bigint
}

export type Loss = { readonly amount: bigint; readonly market: string; readonly tranche: string }

/** Somebody on the other side of the market: a gain to be reduced. In money. */
export type Winner = {
  readonly id: string
  /** Unrealised, > 0: it pays no more than that. */
  readonly profit: bigint
  readonly notional: bigint
  readonly equity: bigint
}

/** `rank`: the one whose profit times leverage is greatest first. `proRata`: all by their profit. `none`: nobody. */
export type Deleveraging = { readonly kind: 'rank' | 'proRata' | 'none'; readonly winners: readonly Winner[] }

export type Payment = { readonly payer: string; readonly kind: Layer['kind'] | 'deleveraging'; readonly amount: bigint }

export type Outcome = {
  /** Those who paid, in the order in which they did; `Σ amount + uncovered = loss`. */
  readonly payments: readonly Payment[]
  readonly uncovered: bigint
  /** The layers with what they have left. */
  readonly layers: readonly Layer[]
}

/**
 * A loss paid layer by layer, in the order in which they are given, and at last by winners.
 *
 * Formula: `paid_i = min(available_i, loss − Σ before)` over layers that cover the market and the tranche.
 * Source:  docs/method/liquidation.md, eq. (12) to (14).
 * Rounding: shares of winners down, and the units that are left go to the largest remainders, so that every unit is paid.
 *
 * @param loss.amount - ≥ 0. Money.
 *
 * @example
 * const layer = { market: null, tranche: null }
 * const layers = [
 *   { ...layer, name: 'fund', kind: 'insurance', available: 30n },
 *   { ...layer, name: 'junior', kind: 'backstop', available: 20n },
 * ]
 * const winners = [{ id: 'a', profit: 40n, notional: 100n, equity: 50n }, { id: 'b', profit: 30n, notional: 900n, equity: 50n }]
 * Waterfall.pay({ amount: 100n, market: 'ETH', tranche: 'main' }, layers, { kind: 'rank', winners }).payments.map(({ amount }) => amount)
 * // => [30n, 20n, 30n, 20n]
 */
export function pay(loss: Loss, layers: readonly Layer[], deleveraging: Deleveraging): Outcome {
  let left = Fixed.max(0n, loss.amount)
  const payments: Payment[] = []
  const after = layers.map((layer) => {
    const amount = covers(layer, loss) ? Fixed.min(Fixed.max(0n, layer.available), left) : 0n
    if (amount === 0n) return layer
    left -= amount
    payments.push({ payer: layer.name, kind: layer.kind, amount })
    return { ...layer, available: layer.available - amount }
  })
  for (const { id, amount } of reduce(left, deleveraging)) {
    left -= amount
    payments.push({ payer: id, kind: 'deleveraging', amount })
  }
  return { payments, uncovered: left, layers: after }
}

/**
 * The order in which winners are reduced: by profit times leverage, the greatest first.
 *
 * Formula: `profit · notional / equity`, compared without dividing; no equity comes before any.
 * Source:  docs/method/liquidation.md, eq. (13).
 *
 * Equal ranks go by the larger profit, then by id, so that the order of the list plays no part.
 *
 * @example
 * const winners = [{ id: 'a', profit: 40n, notional: 100n, equity: 50n }, { id: 'b', profit: 30n, notional: 900n, equity: 50n }]
 * Waterfall.queue(winners).map(({ id }) => id)
 * // => ['b', 'a']
 */
export function queue(winners: readonly Winner[]): readonly Winner[] {
  return [...winners].sort((a, b) => byRisk(a, b) || compare(b.profit, a.profit) || byId(a, b))
}

type Share = { readonly id: string; readonly amount: bigint }

function reduce(loss: bigint, { kind, winners }: Deleveraging): readonly Share[] {
  if (loss === 0n || kind === 'none') return []
  const gaining = winners.filter(({ profit }) => profit > 0n)
  const shares = kind === 'rank' ? byRank(loss, gaining) : proRata(loss, gaining)
  return shares.filter(({ amount }) => amount > 0n)
}

function byRank(loss: bigint, winners: readonly Winner[]): readonly Share[] {
  let left = loss
  return queue(winners).map(({ id, profit }) => {
    const amount = Fixed.min(profit, left)
    left -= amount
    return { id, amount }
  })
}

/** By profit, cut; what is left over goes a unit each to the largest remainders, equal ones by id. */
function proRata(loss: bigint, winners: readonly Winner[]): readonly Share[] {
  const total = winners.reduce((sum, { profit }) => sum + profit, 0n)
  if (total <= loss) return winners.map(({ id, profit }) => ({ id, amount: profit })).sort(byId)
  const parts = winners.map(({ id, profit }) => ({ id, amount: (loss * profit) / total, rest: (loss * profit) % total }))
  let over = loss - parts.reduce((sum, { amount }) => sum + amount, 0n)
  return parts
    .sort((a, b) => compare(b.rest, a.rest) || byId(a, b))
    .map(({ id, amount }) => {
      if (over === 0n) return { id, amount }
      over -= 1n
      return { id, amount: amount + 1n }
    })
    .sort(byId)
}

function covers({ market, tranche }: Layer, loss: Loss): boolean {
  return (market === null || market === loss.market) && (tranche === null || tranche === loss.tranche)
}

/** Both ranks over the product of the equities; with none left a rank is above all that have some. */
function byRisk(a: Winner, b: Winner): number {
  const [isGone, isOther] = [a.equity <= 0n, b.equity <= 0n]
  if (isGone !== isOther) return isGone ? -1 : 1
  const rank = (of: Winner, equity: bigint) => of.profit * of.notional * (isGone ? 1n : equity)
  return compare(rank(b, a.equity), rank(a, b.equity))
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
