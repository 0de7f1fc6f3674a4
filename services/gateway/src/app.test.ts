import { Client, type Services } from '@plimsoll/api'
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
  const proxies = Client.proxies('10.0.0.0/8,2001:db8::7')
  const rest = { webDist: null, registry: new Registry(), log: pino({ level: 'silent' }) }
  const app = createApp({ services, codes, sessionOf, proxies, origin, ...rest })
  return async (path: string, remoteAddress: string, forwarded?: string) => {
    const headers = { authorization: 'Bearer of-nobody', ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) }
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

  test('bug: behind a proxy everybody shared one allowance, and whoever asked most had it', async () => {
    const ask = appOf({ points: 1, sessionOf: async () => null })
    const at = async (peer: string, forwarded?: string) => (await ask('/trpc/collateral.view', peer, forwarded))[0]
    expect(await at('10.0.0.1', '203.0.113.9')).toBe(401)
    expect(await at('10.0.0.1', '203.0.113.9')).toBe(429)
    expect(await at('10.0.0.1', '203.0.113.10')).toBe(401)
    // What the client wrote himself stands left of what the proxy saw.
    expect(await at('2001:db8::7', '198.51.100.1, 203.0.113.9, 10.0.0.2')).toBe(429)
    // Whoever comes by himself is whom he comes from, whatever he says.
    expect(await at('203.0.113.11', '203.0.113.12')).toBe(401)
    expect(await at('203.0.113.11', '203.0.113.13')).toBe(429)
    expect(await at('203.0.113.12')).toBe(401)
    // Of IPv6 a subscriber is one.
    expect(await at('10.0.0.1', '2001:db8:1:2::1')).toBe(401)
    expect(await at('10.0.0.1', '2001:db8:1:2::2')).toBe(429)
    // What is no address is nobody's: it is the proxy that asks.
    expect(await at('10.0.0.1', '203.0.113.14, unknown')).toBe(401)
    expect(await at('10.0.0.1', '203.0.113.15, nobody')).toBe(429)
  })
})
