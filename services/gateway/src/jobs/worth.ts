/** What was done about a margin call, valued by what anybody can read again: the document's terms, and index prices at final blocks. */
import type { Conduct } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import { Curve, Fixed, Holding } from '@plimsoll/margin'
import type { Exposure } from '@plimsoll/reputation'
import type { Config } from '../config.ts'

type Hex = `0x${string}`

/** A mark says nothing of what comes so long after it. */
const freshSeconds = 86_400

/**
 * Tokens at the index price of their asset's market, at the last mark before, and a dollar each where their asset has no market; of a trade
 * the least margin that the market's schedule asks for its notional. Null for a token that the document does not list, and where there is no
 * mark of the day.
 *
 * Source: docs/method/reputation.md, eq. (22).
 * Rounding: as asked. USD.
 *
 * @param args.marksOf - of a market's feed, in any order.
 */
export function of(args: of.Args): Conduct.calls.Args['worthOf'] {
  const { config, marksOf } = args
  const marketOf = new Map(config.assets.map(({ asset, market }) => [asset, market]))
  const tokens = new Map(
    [...config.vaults, ...config.observed].flatMap(({ chainId, tokens }) => tokens.map((it) => [`${chainId}:${it.token}`, it] as const)),
  )
  const markets = new Map(config.markets.map((it) => [Market.id(it.symbol), it]))
  const priceOf = (asset: string, at: number): bigint | null => {
    const symbol = marketOf.get(asset)
    if (symbol === null) return Fixed.one
    const feed = symbol === undefined ? undefined : markets.get(Market.id(symbol))?.feed
    const before = feed === undefined ? [] : marksOf(feed).filter((mark) => mark.at <= at && at - mark.at <= freshSeconds)
    return before.reduce<Exposure.Mark | null>((last, mark) => (last === null || mark.at > last.at ? mark : last), null)?.price ?? null
  }
  return ({ chainId, token, market, amountUsd, at }, rounding) => {
    if (token === null) {
      const terms = market === null ? undefined : markets.get(market)
      if (terms === undefined || amountUsd === null) return null
      return Fixed.ofPpm(amountUsd, Curve.ppm(terms.initial, 0n, { openInterest: 0n }), rounding)
    }
    const known = tokens.get(`${chainId}:${token.address}`)
    const price = known === undefined ? null : priceOf(known.asset, at)
    return known === undefined || price === null
      ? null
      : Holding.value({ amount: token.amount, decimals: known.decimals, price }, Holding.uncut, rounding)
  }
}

export declare namespace of {
  type Args = {
    readonly config: Pick<Config, 'assets' | 'vaults' | 'observed' | 'markets'>
    readonly marksOf: (feed: Hex) => readonly Exposure.Mark[]
  }
}
