/** The gateway behind this page: the SDK for what it covers, the router's other answers beside it. One origin, one session. */
import type { AppRouter } from '@plimsoll/api'
import { Inputs } from '@plimsoll/margin'
import { createMarginClient, http } from '@plimsoll/sdk'
import { createTRPCClient, httpBatchLink } from '@trpc/client'

const transport = http(window.location.origin)

export const client = createMarginClient({ transport })

/** Who signed in on this page, like the client; else whoever the session cookie is of, which another tab may have changed meanwhile. */
const headers = (): Record<string, string> =>
  transport.session.token === null ? {} : { authorization: `Bearer ${transport.session.token}` }
const rpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${transport.url}/trpc`, headers, maxItems: 20 })] })

export type Markets = Awaited<ReturnType<typeof markets>>
export type Market = Markets['markets'][number]

/** Markets and venues: prices, open interest, how fragile each book is. Needs no session. */
export async function markets() {
  const wire = await rpc.markets.list.query()
  return {
    ...wire,
    markets: wire.markets.map((market) => ({
      ...market,
      price: { ...market.price, index: market.price.index === null ? null : BigInt(market.price.index) },
      openInterest: { long: BigInt(market.openInterest.long), short: BigInt(market.openInterest.short) },
    })),
  }
}

export type Forecasts = Awaited<ReturnType<typeof forecasts>>

/** The volatility forecasts limits are computed from. Needs no session. */
export function forecasts() {
  return rpc.forecasts.latest.query()
}

export function health() {
  return rpc.health.query()
}

export type Collateral = Awaited<ReturnType<typeof collateral>>
export type Lot = Collateral['lots'][number]
export type Chain = Collateral['chains'][number]

/** Every lot with its price, haircuts and block, and what is only seen elsewhere. */
export async function collateral() {
  const wire = await rpc.collateral.view.query()
  return {
    ...wire,
    lots: wire.lots.map((lot) => ({
      ...lot,
      amount: BigInt(lot.amount),
      pendingOut: BigInt(lot.pendingOut),
      credit: BigInt(lot.credit),
      price: { ...lot.price, value: BigInt(lot.price.value), confidence: BigInt(lot.price.confidence) },
    })),
    places: wire.places.map((place) => ({
      ...place,
      ...{ amount: BigInt(place.amount), owed: BigInt(place.owed), value: place.value === null ? null : BigInt(place.value) },
      places: place.places.map(({ name, amount, owed }) => ({ name, amount: BigInt(amount), owed: BigInt(owed) })),
    })),
    arriving: wire.arriving.map((one) => ({ ...one, amount: BigInt(one.amount), value: one.value === null ? null : BigInt(one.value) })),
    credit: BigInt(wire.credit),
    encumbered: BigInt(wire.encumbered),
    free: BigInt(wire.free),
  }
}

/** The inputs document a certificate binds. */
export async function inputs(inputsHash: string): Promise<Inputs.Inputs> {
  const { document } = await rpc.limits.inputs.query({ inputsHash })
  return Inputs.parse(document)
}

export async function signOut(): Promise<void> {
  await rpc.auth.signOut.mutate()
  transport.session.token = null
}
