/**
 * `limits.quote` on a warm gateway beside the barest query of the same server with the same session check (`auth.me`).
 *
 * Interleaved rounds, the best of each, and their ratio; then how often the gateway asked its database or a chain meanwhile.
 * It says how much a quote costs over the server itself. It does not say what a network, or another machine, would do.
 *
 * Run: pnpm bench:quote [seconds per round]
 */
import autocannon from 'autocannon'
import * as Kit from '../spec/Kit.ts'

const seconds = Number(process.argv[2] ?? 4)
const rounds = 4
process.env.RATE_POINTS = '100000000'

const house = await Kit.house({ gateway: { env: { RATE_POINTS: '100000000' } } })
try {
  const [trader] = await Kit.traders({ house, names: ['bench'], dollars: 10_000 })
  if (!trader) throw new Error('one trader was asked for')
  const { token } = trader.client.transport.session
  const key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  await Kit.until(
    () => trader.client.getLimit(key),
    ({ limit }) => limit.notional > 0n,
  )
  const headers = { authorization: `Bearer ${token}` }
  const paths = {
    bare: '/trpc/auth.me',
    quote: `/trpc/limits.quote?input=${encodeURIComponent(JSON.stringify(key))}`,
  }
  const best = { bare: 0, quote: 0 }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['bare', 'quote'] as const) {
      const result = await autocannon({ url: house.gateway.url + paths[name], headers, connections: 16, duration: seconds })
      if (result.non2xx > 0 || result.errors > 0) throw new Error(`${name}: ${result.non2xx} refused, ${result.errors} failed`)
      best[name] = Math.max(best[name], result.requests.average)
      process.stderr.write(`round ${round + 1} ${name}: ${result.requests.average.toFixed(0)}/s, p99 ${result.latency.p99} ms\n`)
    }
  }
  const ratio = best.quote / best.bare
  process.stdout.write(`${JSON.stringify({ bestPerSecond: best, quoteOverBare: Number(ratio.toFixed(3)) })}\n`)
} finally {
  await house.stop()
}
