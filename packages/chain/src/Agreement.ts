/** Counting answers: when k of n sources say the same, and who says otherwise. Pure. */

export type Answer<value> = {
  readonly id: string
  /** Equal keys mean equal answers. */
  readonly key: string
  readonly value: value
}

export type Agreement<value> =
  | { readonly status: 'agreed'; readonly value: value; readonly agree: readonly string[]; readonly differ: readonly string[] }
  /** Enough answers, but no single one has k voices, or two have. */
  | { readonly status: 'disagree'; readonly differ: readonly string[] }
  /** Fewer than k answers at all. */
  | { readonly status: 'short'; readonly have: number }

/**
 * The answer that k sources give, byte for byte.
 *
 * @param args.k - how many equal answers it takes.
 *
 * @example
 * Agreement.of({ answers: [{ id: 'a', key: 'x', value: 1 }, { id: 'b', key: 'x', value: 1 }, { id: 'c', key: 'y', value: 2 }], k: 2 })
 * // => { status: 'agreed', value: 1, agree: ['a', 'b'], differ: ['c'] }
 */
export function of<value>(args: { readonly answers: readonly Answer<value>[]; readonly k: number }): Agreement<value> {
  const { answers, k } = args
  if (answers.length < k) return { status: 'short', have: answers.length }

  const groups = Map.groupBy(answers, (answer) => answer.key)
  const reached = [...groups.values()].filter((group) => group.length >= k)
  const [group] = reached
  const [first] = group ?? []
  if (!group || !first || reached.length > 1) return { status: 'disagree', differ: answers.map((answer) => answer.id) }

  const differ = answers.filter((answer) => answer.key !== first.key).map((answer) => answer.id)
  return { status: 'agreed', value: first.value, agree: group.map((answer) => answer.id), differ }
}

/**
 * The k-th highest of what the sources say: at least k of them claim to be there or beyond, so fewer than k liars cannot push it up.
 *
 * @param values - at least k.
 * @throws {RangeError} fewer than k values.
 *
 * @example
 * Agreement.kthHighest([10n, 1_000_000n, 9n], 2)
 * // => 10n
 */
export function kthHighest(values: readonly bigint[], k: number): bigint {
  const value = [...values].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))[k - 1]
  if (value === undefined) throw new RangeError(`There is no ${k}-th highest of ${values.length} values.`)
  return value
}
