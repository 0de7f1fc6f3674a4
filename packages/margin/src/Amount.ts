/** An amount in a sentence, as a person reads it: thousands apart. */
import * as Fixed from './Fixed.ts'

/**
 * USD in dollars and cents.
 *
 * Rounding: as the caller says: 'down' what somebody has or may, 'up' what it takes.
 *
 * @example
 * Amount.dollars(1234567891n * 10n ** 15n, 'down')
 * // => '1,234,567.89'
 */
export function dollars(value: bigint, rounding: Fixed.Directed): string {
  const { whole, part } = digitsOf(Fixed.ratio(value, Fixed.one / 100n, rounding), 2)
  return `${whole}.${part}`
}

/**
 * An amount to its last digit: where two that differ stand beside each other, they read differently.
 *
 * Rounding: none.
 *
 * @param units - of 10^-decimals each. May be negative.
 * @param decimals - from 0 to 255.
 *
 * @example
 * Amount.exactly(1234567891n, 6)
 * // => '1,234.567891'
 * Amount.exactly(12_345n * 10n ** 18n, 18)
 * // => '12,345'
 */
export function exactly(units: bigint, decimals: number): string {
  const { whole, part } = digitsOf(units, decimals)
  const told = part.replace(/0+$/, '')
  return told === '' ? whole : `${whole}.${told}`
}

/** What stands before the point, thousands apart and with its sign, and what stands behind it. */
function digitsOf(units: bigint, decimals: number): { readonly whole: string; readonly part: string } {
  const digits = Fixed.abs(units)
    .toString()
    .padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const whole = digits.slice(0, point).replace(/\B(?=(\d{3})+$)/g, ',')
  return { whole: `${units < 0n ? '-' : ''}${whole}`, part: digits.slice(point) }
}
