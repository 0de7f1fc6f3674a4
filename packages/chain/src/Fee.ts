/** What a transaction offers for its place in a block, and what its replacement has to offer. Wei per gas. */

export type Fee = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }

/** What blocks ask for now. */
export type Going = { readonly base: bigint; readonly priority: bigint }

/** What a replacement offers above what it replaces, of a thousand: nodes ask for a tenth at least. */
const RISE = 125n

/**
 * The first offer: the base fee may double before it is too low.
 *
 * Formula: `maxFee = min(2·base + priority, most)`, and no priority above it.
 *
 * @param most - what is never gone beyond.
 *
 * @example
 * Fee.first({ base: 10n, priority: 3n }, 100n)
 * // => { maxFeePerGas: 23n, maxPriorityFeePerGas: 3n }
 */
export function first({ base, priority }: Going, most: bigint): Fee {
  const maxFeePerGas = least(2n * base + priority, most)
  return { maxFeePerGas, maxPriorityFeePerGas: least(priority, maxFeePerGas) }
}

/**
 * The offer of a replacement, an eighth above the last or what blocks ask for now, whichever is more; null where that lies beyond `most`, so that
 * nodes would not take it.
 *
 * Rounding: up.
 *
 * @example
 * Fee.next({ maxFeePerGas: 23n, maxPriorityFeePerGas: 3n }, { base: 10n, priority: 3n }, 100n)
 * // => { maxFeePerGas: 26n, maxPriorityFeePerGas: 4n }
 * Fee.next({ maxFeePerGas: 95n, maxPriorityFeePerGas: 3n }, { base: 40n, priority: 3n }, 100n)
 * // => null
 */
export function next(last: Fee, going: Going, most: bigint): Fee | null {
  const wanted = first(going, most)
  const maxFeePerGas = greatest(risen(last.maxFeePerGas), wanted.maxFeePerGas)
  const maxPriorityFeePerGas = greatest(risen(last.maxPriorityFeePerGas), wanted.maxPriorityFeePerGas)
  if (maxFeePerGas > most) return null
  return { maxFeePerGas, maxPriorityFeePerGas: least(maxPriorityFeePerGas, maxFeePerGas) }
}

/**
 * How much gas a transaction may use: half more than it used when it was tried, since the state it runs on is a later one.
 *
 * Rounding: up.
 *
 * @example
 * Fee.gas(100_001n)
 * // => 150002n
 */
export function gas(tried: bigint): bigint {
  return (tried * 3n + 1n) / 2n
}

function risen(fee: bigint): bigint {
  return (fee * (1_000n + RISE) + 999n) / 1_000n
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
