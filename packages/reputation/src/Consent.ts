/** That two accounts are one person's, by the word of both. CAIP-10 ids; who checked the signatures says so. */
export type Consent = { readonly one: string; readonly other: string }

/**
 * The accounts that chains of consent lead to.
 *
 * An account that joined by the word of one who has left since is still reached through him: he said so once, and was believed.
 *
 * @param from - CAIP-10 ids; each is reached.
 *
 * @example
 * [...Consent.reach(['a'], [{ one: 'c', other: 'b' }, { one: 'b', other: 'a' }, { one: 'd', other: 'e' }])]
 * // => ['a', 'b', 'c']
 */
export function reach(from: readonly string[], consents: readonly Consent[]): ReadonlySet<string> {
  const beside = new Map<string, string[]>()
  const add = (at: string, other: string) => beside.set(at, [...(beside.get(at) ?? []), other])
  for (const { one, other } of consents) {
    add(one, other)
    add(other, one)
  }
  const reached = new Set(from)
  // a set hands out what is added to it on the way
  for (const account of reached) for (const other of beside.get(account) ?? []) reached.add(other)
  return reached
}
