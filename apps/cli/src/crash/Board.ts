/** Where a liquidator reads forecasts, in the words in which the forecaster publishes its own. It asks once a round, so that rounds are counted here. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Hash } from '@plimsoll/contracts'
import type * as Sigma from './Sigma.ts'

export type Board = AsyncDisposable & {
  readonly url: string
  /** How often it was asked: the round before the last one is over. */
  readonly asked: () => number
}

/**
 * Starts one on a free port of 127.0.0.1.
 *
 * @param args.sigma - what is published; null where nothing is, and so nothing is done ahead.
 */
export async function start(args: { readonly symbol: string; readonly sigma: Sigma.Sigma | null }): Promise<Board> {
  const { symbol, sigma } = args
  const source = 'ewma of the feed, decay 0.94 by the minute'
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    const own = sigma && {
      ...{ symbol, source, modelHash: Hash.ofText(source), asOf: sigma.asOf(), sigmaPpm: sigma.ppm() },
      ...{ closeOut: quantile(sigma.ppm(), 3_600), liquidation: quantile(sigma.ppm(), 300), throughTheCycle: quantile(sigma.ppm(), 3_600) },
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ backend: 'ewma', forecasts: own === null ? [] : [own] }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a normal return over so long exceeds one time in a hundred, on either side. Rounding: up. */
function quantile(sigmaPpm: number, seconds: number): { readonly longPpm: number; readonly shortPpm: number } {
  const ppm = Math.min(1_000_000, Math.ceil(2.3263478740408408 * sigmaPpm * Math.sqrt(seconds / (365 * 86_400))))
  return { longPpm: ppm, shortPpm: ppm }
}
