/** What a person types as an amount of dollars. */

const one = 10n ** 18n

/**
 * USD × 1e18 of a typed amount, or null for what is not one: at most twelve digits before the point and two after; thousands may be
 * grouped by commas.
 */
export function parse(text: string): bigint | null {
  const match = /^\$?((?:0|[1-9]\d{0,2}(?:,\d{3}){0,3}|[1-9]\d{0,11}))(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (!match) return null
  const [, whole = '0', cents = ''] = match
  return BigInt(whole.replaceAll(',', '')) * one + (BigInt(cents.padEnd(2, '0')) * one) / 100n
}

/**
 * Whole dollars, rounded down: the largest amount a slider may offer.
 */
export function whole(value: bigint): number {
  return Number(value / one)
}
