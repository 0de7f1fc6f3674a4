/** What a client may ask per second: points by procedure call, not by request, so that a batch pays for each of its calls. */
import { isIPv6 } from 'node:net'
import { Fault } from '@plimsoll/api'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Charges a client, and refuses once its points in a window of ten seconds are spent. */
export function meter(points: number): (client: string, cost: number) => Promise<void> {
  const limiter = new RateLimiterMemory({ points, duration: 10 })
  return async (client, cost) => {
    try {
      await limiter.consume(client, cost)
    } catch (error) {
      if (error instanceof RateLimiterRes) throw new Fault.RateLimitedError({ retryAfterSeconds: Math.ceil(error.msBeforeNext / 1000) })
      throw error
    }
  }
}

/**
 * Whom an address is charged as: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has all of.
 *
 * @example
 * clientOf('2001:db8::5:6:7:8')
 * // => '2001:db8:0:0::/64'
 */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [before = '', after] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  // the dotted end of an address takes two groups
  const last = groups(after ?? '')
  const missing = after === undefined ? 0 : 8 - groups(before).length - last.length - (last.at(-1)?.includes('.') ? 1 : 0)
  const whole = [...groups(before), ...Array.from({ length: missing }, () => '0'), ...last]
  const prefix = whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${prefix.join(':')}::/64`
}
