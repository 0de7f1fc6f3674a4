import type { Services } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { codes } from './codes.ts'
import { meter } from './meter.ts'

/** The application with an allowance, over the api's test kit, as if each request came from a socket of this address. */
function appOf({ points, sessionOf }: { readonly points: number; readonly sessionOf: Parameters<typeof createApp>[0]['sessionOf'] }) {
  const services: Services.Services = { ...World.services(), charge: meter(points) }
  const origin = 'http://127.0.0.1'
  const app = createApp({ services, codes, sessionOf, origin, webDist: null, registry: new Registry(), log: pino({ level: 'silent' }) })
  return async (path: string, remoteAddress: string) => {
    const headers = { authorization: 'Bearer of-nobody' }
    const answer = await app.request(path, { headers }, { incoming: { socket: { remoteAddress } } })
    const body = (await answer.json()) as { readonly error?: { readonly data: { readonly plimsoll: { readonly code: string } } } }
    return [answer.status, body.error?.data.plimsoll.code]
  }
}

describe('createApp', () => {
  test('bug: a token that nobody was given was looked up before its address was charged, and whatever that had spent', async () => {
    let lookedUp = 0
    const ask = appOf({
      points: 4,
      sessionOf: async (_, charge) => {
        await charge()
        lookedUp += 1
        return null
      },
    })
    const from = '203.0.113.9'
    // One for the question whose it is, one for the call.
    for (const _ of [1, 2]) expect(await ask('/trpc/collateral.view', from)).toEqual([401, 'SIGN_IN_REQUIRED'])
    expect(await ask('/trpc/collateral.view', from)).toEqual([429, 'RATE_LIMITED'])
    expect((await ask('/v1/collateral', from))[0]).toBe(429)
    expect(lookedUp).toBe(2)
    expect(await ask('/trpc/collateral.view', '203.0.113.10')).toEqual([401, 'SIGN_IN_REQUIRED'])
  })

  test('bug: a database that was busy while it was asked whose token it is was called a failure of the gateway', async () => {
    const busy = Object.assign(new Error('It did not answer.'), {
      name: 'Storage.StorageTimeoutError',
      code: 'STORAGE_TIMEOUT',
      hint: 'Ask again.',
    })
    const ask = appOf({ points: 100, sessionOf: () => Promise.reject(busy) })
    expect(await ask('/trpc/collateral.view', '203.0.113.9')).toEqual([503, 'STORAGE_TIMEOUT'])
    expect((await ask('/v1/collateral', '203.0.113.9'))[0]).toBe(503)
  })
})
