/** What a client may ask per second: points by procedure call, not by request, so that a batch pays for each of its calls. */
import { Fault } from '@plimsoll/api'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Points a client has in each window of ten seconds. A quote costs 1, an issue 10. */
const points = Number(process.env.RATE_POINTS ?? 5_000)

/** Charges a client, and refuses once its points are spent. */
export function meter(): (client: string, cost: number) => Promise<void> {
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
