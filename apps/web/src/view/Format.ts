/** Figures as a person reads them. Every rounding is an argument: the caller knows which direction is towards danger. */

export type Rounding = 'down' | 'up'

const one = 10n ** 18n
const minus = '−'

/**
 * USD × 1e18 as dollars: whole dollars from $1,000 on, cents below.
 *
 * Rounding: 'down' towards −∞, 'up' towards +∞. What is not zero is never shown as $0.00.
 */
export function usd(value: bigint, rounding: Rounding): string {
  if (value === 0n) return '$0'
  const cents = value > -1000n * one && value < 1000n * one
  if (cents && value > -one / 100n && value < one / 100n) return value < 0n ? `${minus}<$0.01` : '<$0.01'
  return dollars(value, cents ? 2 : 0, rounding)
}

/** The same with cents always, for prices. */
export function price(value: bigint, rounding: Rounding): string {
  return dollars(value, 2, rounding)
}

function dollars(value: bigint, digits: number, rounding: Rounding): string {
  const text = decimal(value, 18, digits, rounding)
  return text.startsWith(minus) ? `${minus}$${text.slice(1)}` : `$${text}`
}

/**
 * An integer of `decimals` places, shown with `digits` of them, grouped by thousands.
 */
export function decimal(value: bigint, decimals: number, digits: number, rounding: Rounding): string {
  const places = Math.min(digits, decimals)
  const rounded = divide(value, 10n ** BigInt(decimals - places), rounding)
  const size = rounded < 0n ? -rounded : rounded
  const text = size.toString().padStart(places + 1, '0')
  const whole = group(places === 0 ? text : text.slice(0, -places))
  return `${rounded < 0n ? minus : ''}${whole}${places === 0 ? '' : `.${text.slice(-places)}`}`
}

function divide(value: bigint, unit: bigint, rounding: Rounding): bigint {
  const quotient = value / unit
  if (quotient * unit === value) return quotient
  if (rounding === 'down') return value < 0n ? quotient - 1n : quotient
  return value < 0n ? quotient : quotient + 1n
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/**
 * Token units as whole tokens, at most six places, rounded down, without trailing zeros.
 */
export function amount(units: bigint, decimals: number): string {
  if (units > 0n && units < 10n ** BigInt(Math.max(0, decimals - 6))) return '<0.000001'
  return trimmed(decimal(units, decimals, 6, 'down'))
}

/**
 * Token units that are owed, as whole tokens: the same, rounded up.
 */
export function debt(units: bigint, decimals: number): string {
  return trimmed(decimal(units, decimals, 6, 'up'))
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/**
 * ppm as a percentage. Four digits show every ppm, so that what is shown adds up.
 */
export function percent(ppm: number, digits: number, rounding: Rounding): string {
  return `${decimal(BigInt(ppm), 4, digits, rounding)} %`
}

/** The same with its sign always shown. Zero has none. */
export function signedPercent(ppm: number, digits: number, rounding: Rounding): string {
  return ppm > 0 ? `+${percent(ppm, digits, rounding)}` : percent(ppm, digits, rounding)
}

/**
 * A leverage in ppm as a multiple, rounded down.
 */
export function leverage(ppm: number): string {
  return `${decimal(BigInt(ppm), 6, 2, 'down')}×`
}

/**
 * How long ago, in words. Rounded up: a figure never looks younger than it is.
 */
export function age(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds))
  if (total < 60) return `${total} s`
  if (total < 3600) return parts([Math.floor(total / 60), 'min'], [total % 60, 's'])
  if (total < 86_400) return parts([Math.floor(total / 3600), 'h'], [Math.floor((total % 3600) / 60), 'min'])
  return parts([Math.floor(total / 86_400), 'd'], [Math.floor((total % 86_400) / 3600), 'h'])
}

function parts(...all: readonly (readonly [number, string])[]): string {
  return all
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/**
 * Time left, as a clock, rounded down.
 */
export function countdown(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60]
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, '0')}:${String(rest).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

/** The first and last digits of an address or a hash. */
export function short(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`
}

/** Points with their sign. */
export function points(value: number): string {
  if (value === 0) return '0'
  return value > 0 ? `+${value}` : `−${-value}`
}
