/** Who stands behind an agreement: k sources of one operator, one client or one cloud are one voice, one bug, one outage. */

/** How many different ones must be among those who agree. */
export type Diversity = { readonly operators: number; readonly clients?: number; readonly clouds?: number }

/** Who runs a source, on which client, in which cloud. */
export type Labels = { readonly operator: string; readonly client?: string; readonly cloud?: string }

const kinds = [
  ['operators', 'operator'],
  ['clients', 'client'],
  ['clouds', 'cloud'],
] as const

/**
 * What is missing among these sources, in words; null if nothing is. A source without a label counts for none.
 *
 * @example
 * Diversity.lacking({ operators: 2 }, [{ operator: 'one' }, { operator: 'one' }])
 * // => '1 of 2 operators (one)'
 */
export function lacking(diversity: Diversity, sources: readonly Labels[]): string | null {
  for (const [plural, label] of kinds) {
    const needed = diversity[plural] ?? 0
    const found = [...new Set(sources.flatMap((source) => source[label] || []))]
    if (found.length < needed) return `${found.length} of ${needed} ${plural} (${found.join(', ') || 'none named'})`
  }
  return null
}
