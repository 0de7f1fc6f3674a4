/** What a client may ask per second: points by procedure call, not by request, so that a batch pays for each of its calls. */
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

/** Whom an address is charged to: of IPv6 its /64, since whoever has one address there has all of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const parts = (text: string) => text.split(':').filter((part) => part !== '')
  const [before, after] = [parts(head), parts(tail ?? '')]
  const whole = tail === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return `${whole
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`
}
