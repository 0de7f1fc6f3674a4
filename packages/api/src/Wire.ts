/** What crosses the network: decimal strings for integers, strict objects, nothing coerced. */
import { z } from 'zod'

/** A value as it stands on the wire: every bigint is a decimal string. */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T

/** Unsigned amount: USD × 1e18, or native token units where the field says so. */
export const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,77})$/, 'an unsigned decimal integer without sign, point, exponent or leading zero')
  .meta({ description: 'Unsigned decimal integer. USD × 1e18 unless the field says otherwise.' })

/** Signed amount, where a field may be negative. */
export const signedAmount = z
  .string()
  .regex(/^(0|-?[1-9]\d{0,76})$/, 'a decimal integer without point, exponent or leading zero')
  .meta({ description: 'Signed decimal integer. USD × 1e18.' })

export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hex digits')
export const hash = z.string().regex(/^0x[0-9a-f]{64}$/, 'a hash: 0x and 64 lower-case hex digits')
export const signature = z.string().regex(/^0x[0-9a-fA-F]{130}$/, 'a signature: 0x and 130 hex digits')
/** What an account of any kind signs with: a contract account takes what it likes. */
export const anySignature = z.string().regex(/^0x([0-9a-fA-F]{2}){0,4096}$/, 'at most 4,096 bytes of hex')
export const ppm = z.number().int().min(0).max(4_294_967_295)

/** A loss of either side, as a share of the price. A long loses all it has at most, a short may lose more. */
export const quantile = z.object({ longPpm: ppm.max(1_000_000), shortPpm: ppm })
export const signedPpm = z.number().int().min(-4_294_967_295).max(4_294_967_295)
export const seconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A contract on a chain, CAIP-10: `eip155:<chainId>:<address>`. */
export const contractId = z
  .string()
  .regex(/^eip155:[1-9]\d{0,15}:0x[0-9a-fA-F]{40}$/, 'a CAIP-10 contract id: eip155:<chainId>:<address>')
  .meta({ description: 'CAIP-10 id of a contract: eip155:<chainId>:<address>' })

/** An account, CAIP-10; an EOA is one identity on every chain: `eip155:0:<address>`. */
export const accountId = z.string().regex(/^eip155:\d{1,16}:0x[0-9a-f]{40}$/, 'a CAIP-10 account id: eip155:<chainId>:<lower-case address>')

export const symbol = z.string().regex(/^[A-Z0-9]{1,16}-PERP$/, 'a market symbol such as ETH-PERP')
export const idempotencyKey = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, '8 to 128 letters, digits, - or _')

/**
 * A plain value with every bigint as a decimal string and every address map left as it is.
 *
 * @example
 * Wire.encode({ notional: 5n, reasons: [{ imPpm: 1, notional: -2n }] })
 * // => { notional: '5', reasons: [{ imPpm: 1, notional: '-2' }] }
 */
export function encode<const T>(value: T): Wire<T> {
  if (typeof value === 'bigint') return value.toString() as Wire<T>
  if (Array.isArray(value)) return value.map((item) => encode(item)) as Wire<T>
  if (value !== null && typeof value === 'object') {
    const out: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(value)) out[key] = encode(item)
    return out as Wire<T>
  }
  return value as Wire<T>
}
