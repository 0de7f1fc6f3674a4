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
