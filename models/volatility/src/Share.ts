import type { Recipe } from './Recipe.ts'

/**
 * How much of the network's correction counts in a fit: days move together, so the rows of one day are one piece of evidence, and a short history is left
 * to the regression.
 *
 * Formula: `s = D/(D + D₀)`.
 * Source: docs/method/volatility.md, eq. (23).
 *
 * @param args.rows - what the fit learns from.
 * @returns from 0 to below 1.
 */
export function of(args: { readonly rows: readonly { readonly hour: number }[]; readonly recipe: Pick<Recipe, 'priorDays'> }): number {
  const days = new Set(args.rows.map(({ hour }) => Math.floor(hour / 24))).size
  return days / (days + args.recipe.priorDays)
}
