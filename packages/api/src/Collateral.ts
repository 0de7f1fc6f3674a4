/** What is read, shown to the person it concerns: lots and why they count, markets, forecasts, chains. */
import { Bound, Credit, Holding, type Inputs } from '@plimsoll/margin'
import type { z } from 'zod'
import * as Gather from './Gather.ts'
import type * as Schema from './Schema.ts'
import type { Services, Session } from './Services.ts'
import type { ChainStatus, Elsewhere, Snapshot } from './Snapshot.ts'
import { encode } from './Wire.ts'

/** Every place where a participant holds something, what it counts for and why. */
export function view(services: Services, session: Session): z.infer<typeof Schema.collateralOutput> {
  const snapshot = services.snapshot()
  const asOf = Math.floor(snapshot.takenAtMs / 1000)
  const uncounted = services.signer.uncounted(session.participantId)
  const { lots } = Gather.viewOf(snapshot, session.participantId, uncounted)
  const credit = Credit.of(lots, snapshot.params, asOf)
  const counted = new Map(credit.perLot.map((lot) => [lot.lotId, lot]))
  const whyNot = (lot: Inputs.Lot) => {
    const one = uncounted.find((it) => Gather.isOf(it, lot))
    return one ? `counts nothing: ${Bound.uncounted(one)}` : `counts nothing: it is not among the ${Gather.maxLots} largest`
  }
  const rest = (snapshot.views.get(session.participantId)?.lots ?? []).filter(({ lotId }) => !counted.has(lotId))
  const encumbered = snapshot.ledger.encumbered(session.participantId)
  const free = credit.total > encumbered ? credit.total - encumbered : 0n
  return {
    ...encode({
      asOf,
      lots: [...lots, ...rest].map((lot) => ({
        ...lot,
        value: worthOf({ ...lot, price: lot.price.value }),
        credit: counted.get(lot.lotId)?.credit ?? 0n,
        why: counted.get(lot.lotId)?.why ?? whyNot(lot),
      })),
      credit: credit.total,
      encumbered,
      free,
      ...elsewhere(snapshot, session),
    }),
    chains: snapshot.chains.map((chain) => chainOf(chain, services.now())),
    ageSeconds: Math.max(0, services.now() - snapshot.takenAtMs) / 1000,
    marginCall: services.ledger.marginCall(session.participantId),
  }
}

const nothing: Elsewhere = { places: [], arriving: [], unread: [] }

/** What is only seen: all of it with the credit it has, which is none, and why. */
function elsewhere(snapshot: Snapshot, session: Session) {
  const { places, arriving, unread } = snapshot.elsewhere.get(session.participantId) ?? nothing
  return {
    places: places.map(({ price, ...place }) => ({
      ...place,
      custody: 'OBSERVED' as const,
      value: price === null ? null : worthOf({ ...place, price }),
      credit: '0' as const,
      why: place.amount === 0n ? 'counts nothing: no more is held than is owed' : Credit.observed,
    })),
    arriving: arriving.map(({ price, ...arrival }) => ({
      ...arrival,
      value: price === null ? null : worthOf({ ...arrival, price }),
      credit: '0' as const,
      why: 'counts nothing yet: its block is not final, and could still be replaced',
    })),
    unread,
  }
}

/** USD, rounded down. What it is worth to its holder, which is not what is lent on it. */
function worthOf(held: Holding.Holding): bigint {
  return Holding.value(held, Holding.uncut, 'down')
}

export function chainOf(chain: ChainStatus, nowMs: number): z.infer<typeof Schema.chain> {
  const { chainId, name, status, code, blockNumber, blockTime, sources } = chain
  const blockAgeSeconds = blockTime === null ? null : Math.max(0, nowMs / 1000 - blockTime)
  return {
    chainId,
    name,
    status,
    code,
    blockNumber: blockNumber === null ? null : blockNumber.toString(),
    blockAgeSeconds,
    sources: sources.map((source) => ({ ...source })),
  }
}

export function markets(snapshot: Snapshot): z.infer<typeof Schema.marketsOutput> {
  return {
    paramsHash: snapshot.paramsHash,
    venues: [...snapshot.venues.values()].map(({ id, name, limitBook }) => ({ id, name, limitBook })),
    markets: [...snapshot.markets.values()].map(({ terms, price, openInterest, brake, leverageRatioPpm, closing }) => ({
      symbol: terms.symbol,
      market: terms.id,
      price:
        price.status === 'ok'
          ? { status: price.status, index: price.index.toString(), publishedAt: price.publishedAt, code: null }
          : { status: price.status, index: null, publishedAt: null, code: price.code },
      openInterest: encode(openInterest),
      brake: { status: brake.status, ...brake.reflexivity, leverageRatioPpm },
      closing: [...closing],
    })),
  }
}

export function forecasts(snapshot: Snapshot): z.infer<typeof Schema.forecastsOutput> {
  const all = [...snapshot.markets.values()]
  return {
    backend: snapshot.forecastBackend,
    forecasts: all.flatMap(({ terms, forecast }) => (forecast.status === 'ok' ? [{ symbol: terms.symbol, ...forecast.forecast }] : [])),
    missing: all.flatMap(({ terms, forecast }) =>
      forecast.status === 'ok' ? [] : [{ symbol: terms.symbol, code: forecast.code, message: forecast.message }],
    ),
  }
}
