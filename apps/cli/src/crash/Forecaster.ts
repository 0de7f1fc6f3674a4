/** A forecast of volatility over HTTP, in the words in which the forecaster publishes its own: of what a venue's feed has shown so far. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Hash } from '@plimsoll/contracts'
import { Ewma, RealisedVariance } from '@plimsoll/volatility'

export type Forecaster = AsyncDisposable & {
  readonly url: string
  /** A return of the feed's log price over one step, and when. */
  readonly see: (step: number, asOf: number) => void
  /** What is published: σ̂, annualised. ppm. */
  readonly sigmaPpm: () => number
}

/** Of a minute, as in `plimsoll replay`. */
const decay = 0.94
const yearSeconds = 365 * 86_400
/** Nothing calmer is believed: 2 % a year. */
const least = RealisedVariance.ofVolatility({ volatility: 0.02, horizonSeconds: 60 }) / 60

/**
 * Starts one on a free port of 127.0.0.1.
 *
 * Source: docs/method/replay.md, `ewma`.
 *
 * @param args.history - log prices known before, oldest first, a step apart.
 */
export async function start(args: start.Args): Promise<Forecaster> {
  const { symbol, stepSeconds, history } = args
  const lambda = decay ** (stepSeconds / 60)
  const returns = history.slice(1).map((value, t) => value - (history[t] ?? value))
  let variance = Ewma.of({ returns, lambda, initial: (returns[0] ?? 0) ** 2 })
  let asOf = args.asOf
  const sigmaPpm = () => Math.ceil(Math.sqrt(Math.max(least, variance / stepSeconds) * yearSeconds) * 1e6)
  const source = 'ewma of the feed, decay 0.94 by the minute'
  const server = createServer((_, response) => {
    const forecasts = [{ symbol, source, modelHash: Hash.ofText(source), asOf, sigmaPpm: sigmaPpm() }]
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ forecasts }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    see: (step, at) => {
      variance = Ewma.of({ returns: [step], lambda, initial: variance })
      asOf = at
    },
    sigmaPpm,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export declare namespace start {
  type Args = { readonly symbol: string; readonly stepSeconds: number; readonly history: readonly number[]; readonly asOf: number }
}
