/** Where else to look for what participants hold, as the deployment names it, and what was found there by participant. */
import type { Snapshot } from '@plimsoll/api'
import { type CollateralView, Holdings, type Oracle } from '@plimsoll/chain'
import type { Config } from '../config.ts'

type Hex = `0x${string}`

/** Every place that the deployment names, chain by chain; our venues there besides, where their collateral is one of the tokens. */
export function watch(config: Config, feedOf: (address: Hex) => Oracle.Feed & { chainId: number }): readonly CollateralView.Watch[] {
  return config.observed.map(({ chainId, tokens, receipts, reserves, comets, cTokens }) => {
    const decimalsOf = new Map(tokens.map(({ token, decimals }) => [token, decimals]))
    return {
      chainId,
      places: [
        ...tokens.map(({ asset, token }) => Holdings.Erc20.of({ name: `wallet ${asset}`, token })),
        ...receipts.map(({ name, token }) => Holdings.Erc20.of({ name, token })),
        ...reserves.map((reserve) => Holdings.AaveReserve.of(reserve)),
        ...comets.map((comet) => Holdings.Comet.of({ ...comet, chainId })),
        ...cTokens.map((cToken) => Holdings.CToken.of({ ...cToken, chainId })),
        ...config.venues.flatMap(({ chainId: at, address, name, collateral }) => {
          const decimals = decimalsOf.get(collateral)
          if (at !== chainId || decimals === undefined || decimals > 18) return []
          return [Holdings.PerpVenue.of({ name: `venue ${name}`, chainId, venue: address, token: collateral, decimals })]
        }),
      ],
      receipts: new Map([
        ...receipts.map(({ token, kind }) => [token, kind] as const),
        ...reserves.map(({ aToken }) => [aToken, 'balance'] as const),
        ...comets.map(({ comet }) => [comet, 'balance'] as const),
        ...cTokens.map(({ cToken }) => [cToken, 'rate'] as const),
      ]),
      assets: tokens.flatMap(({ asset, token, decimals }) => {
        const feed = config.assets.find((it) => it.asset === asset)?.feed
        return feed === undefined ? [] : [{ address: token, asset, decimals, feed: feedOf(feed) }]
      }),
    }
  })
}

/** What of it is one participant's. */
export function of(
  view: Pick<CollateralView.CollateralView, 'places' | 'arriving' | 'unread'>,
  isOwn: (held: { readonly holder: Hex; readonly chainId: number }) => boolean,
): Snapshot.Elsewhere {
  return {
    places: view.places.filter(isOwn),
    arriving: view.arriving.filter(isOwn),
    unread: view.unread.filter(({ holder, chainId }) => holder === null || isOwn({ holder, chainId })),
  }
}
