/** What the page knows of the gateway, kept fresh: polled, and refreshed at once when the gateway says that something changed. */

import type { Inputs } from '@plimsoll/margin'
import type { Key, Shock } from '@plimsoll/sdk'
import { keepPreviousData, QueryCache, QueryClient, queryOptions, type UseQueryOptions } from '@tanstack/react-query'
import { useEffect } from 'react'
import * as Fault from './Fault.ts'
import * as Gateway from './Gateway.ts'
import type { Reading } from './view/Freshness.ts'

const pollMs = 2_000

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (Fault.of(error).code === 'SIGN_IN_REQUIRED') queries.setQueryData(me.queryKey, null)
    },
  }),
  defaultOptions: { queries: { refetchInterval: pollMs, retry: false, staleTime: 500, refetchOnWindowFocus: true, networkMode: 'always' } },
})

/** What is asked once is asked again only while there is no answer. */
function untilAnswered({ state }: { readonly state: { readonly error: unknown } }): number | false {
  return state.error === null ? false : pollMs
}

export type Session = Awaited<ReturnType<typeof Gateway.client.me>> | null

/** Who is signed in; null when nobody is. */
export const me = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Session> => {
    try {
      return await Gateway.client.me()
    } catch (error) {
      if (Fault.of(error).code === 'SIGN_IN_REQUIRED') return null
      throw error
    }
  },
  staleTime: 60_000,
  refetchInterval: untilAnswered,
})

export const markets = queryOptions({ queryKey: ['markets'], queryFn: Gateway.markets })
export const forecasts = queryOptions({ queryKey: ['forecasts'], queryFn: Gateway.forecasts, refetchInterval: 10_000 })
export const health = queryOptions({ queryKey: ['health'], queryFn: Gateway.health })
export const collateral = queryOptions({ queryKey: ['mine', 'collateral'], queryFn: Gateway.collateral })
export const explanation = queryOptions({
  queryKey: ['mine', 'explanation'],
  queryFn: () => Gateway.client.explain(),
  refetchInterval: 10_000,
})

/** What moved the score between two times. What was is what it was: it is asked again only when the question changes. */
export function scoreDiff(times: { readonly from: number; readonly to: number }) {
  return queryOptions({
    queryKey: ['mine', 'score diff', times],
    queryFn: () => Gateway.client.diffScore(times),
    refetchInterval: untilAnswered,
    staleTime: 60_000,
  })
}

export function fragility(market: string) {
  return queryOptions({ queryKey: ['fragility', market], queryFn: () => Gateway.client.getFragility({ market }), refetchInterval: 5_000 })
}

export function clusters(market: string) {
  return queryOptions({ queryKey: ['clusters', market], queryFn: () => Gateway.client.getClusters({ market }), refetchInterval: 5_000 })
}

/** A what-if of a market. Asked again only when the question changes: it costs the gateway work. */
export function stress(shock: Shock) {
  return queryOptions({
    queryKey: ['stress', shock],
    queryFn: () => Gateway.client.stressMarket(shock),
    refetchInterval: untilAnswered,
    placeholderData: keepPreviousData,
  })
}

export function quote(key: Key) {
  return queryOptions({ queryKey: ['mine', 'quote', key], queryFn: () => Gateway.client.getLimit(key) })
}

export function certificate(key: Key) {
  return queryOptions({
    queryKey: ['mine', 'certificate', key],
    queryFn: () => Gateway.client.getCertificate(key),
    refetchInterval: 10_000,
  })
}

/** A document is bound by its hash: it never changes. */
export function inputs(inputsHash: string): UseQueryOptions<Inputs.Inputs> {
  return {
    queryKey: ['inputs', inputsHash],
    queryFn: () => Gateway.inputs(inputsHash),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: untilAnswered,
  }
}

/** Everything that is the signed-in participant's. */
export function refreshMine(): Promise<void> {
  return queries.invalidateQueries({ queryKey: ['mine'] })
}

/** Follows the participant's events; every one refreshes what is shown of the participant. */
export function useEvents(participantId: string | null): void {
  useEffect(() => {
    if (participantId === null) return
    const ending = new AbortController()
    const follow = async () => {
      let from: { readonly lastEventId: string } | undefined
      while (!ending.signal.aborted) {
        try {
          for await (const event of Gateway.client.watchLimit({ signal: ending.signal, ...from })) {
            from = { lastEventId: event.id }
            void refreshMine()
          }
        } catch {
          // The page polls besides; the stream is tried again.
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    }
    void follow()
    return () => ending.abort()
  }, [participantId])
}

/** When a query's data came, as a reading with its own age. */
export function readingOf(query: {
  readonly data: { readonly ageSeconds: number } | undefined
  readonly dataUpdatedAt: number
}): Reading | null {
  return query.data === undefined ? null : { ageSeconds: query.data.ageSeconds, receivedAtMs: query.dataUpdatedAt }
}
