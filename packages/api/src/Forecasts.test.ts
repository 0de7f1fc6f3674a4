import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Forecasts } from './index.ts'

const modelHash = `0x${'ab'.repeat(32)}` as const
const quantiles = {
  closeOut: { longPpm: 50_000, shortPpm: 60_000 },
  liquidation: { longPpm: 20_000, shortPpm: 30_000 },
  throughTheCycle: { longPpm: 10_000, shortPpm: 10_000 },
}
const forecast = { source: 'champion', modelHash, asOf: 1_000, sigmaPpm: 700_000, ...quantiles }
const state = { status: 'ok', forecast } as const
const symbols = ['ETH-PERP', 'BTC-PERP', 'SOL-PERP']

/** What a forecaster that answers so is read as, over a real connection. */
async function read(body: string): Promise<Forecasts.Forecasts> {
  const paths: (string | undefined)[] = []
  const server = createServer((request, response) => {
    paths.push(request.url)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const found = await Forecasts.fetch({ url: `http://127.0.0.1:${port}`, symbols, ask: fetch })
    expect(paths).toEqual(['/forecasts'])
    return found
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('fetch', () => {
  test('worked example: one that is there, one that says why not, one that says nothing, and one that nobody asked for', async () => {
    const others = [{ symbol: 'BTC-PERP', code: 'WARMING', message: 'Thirty more bars are needed.' }]
    const body = {
      backend: 'wasm',
      forecasts: [
        { symbol: 'ETH-PERP', ...forecast },
        { symbol: 'XRP-PERP', ...forecast },
      ],
      missing: others,
    }
    const found = await read(JSON.stringify(body))
    expect(found).toMatchObject({ backend: 'wasm', fault: null })
    expect([...found.bySymbol]).toEqual([
      ['ETH-PERP', state],
      ['BTC-PERP', { status: 'missing', code: 'WARMING', message: 'Thirty more bars are needed.' }],
      ['SOL-PERP', { status: 'missing', code: 'FORECAST_MISSING', message: 'There is no forecast of SOL-PERP yet.' }],
    ])
  })

  test('edge: the last of two of one symbol', async () => {
    const two = [1, 2].map((sigmaPpm) => ({ symbol: 'ETH-PERP', ...forecast, source: 'x', sigmaPpm }))
    const { bySymbol } = await read(JSON.stringify({ backend: 'wasm', forecasts: two }))
    expect(bySymbol.get('ETH-PERP')).toMatchObject({ forecast: { sigmaPpm: 2 } })
  })

  test('edge: no forecaster is no fault, and no forecast', async () => {
    const found = await Forecasts.fetch({ url: null, symbols: ['ETH-PERP'], ask: () => expect.unreachable() })
    expect(found).toMatchObject({ backend: 'none', fault: null })
    expect(found.bySymbol.get('ETH-PERP')).toMatchObject({ status: 'missing', code: 'FORECASTER_NONE' })
  })

  test('error: what is no forecast is none, and a fault: no JSON, a volatility of 0, a hash that is none, no name', async () => {
    const wrong = (part: object) => JSON.stringify({ backend: 'wasm', forecasts: [{ symbol: 'ETH-PERP', ...forecast, ...part }] })
    for (const [body, code] of [
      ['<html>', 'FORECASTER_UNREACHABLE'],
      [wrong({ sigmaPpm: 0 }), 'FORECAST_UNREADABLE'],
      [wrong({ modelHash: '0x12' }), 'FORECAST_UNREADABLE'],
      [wrong({ source: '' }), 'FORECAST_UNREADABLE'],
    ] as const) {
      const found = await read(body)
      expect(found.fault).toContain(code)
      for (const symbol of symbols) expect(found.bySymbol.get(symbol)).toMatchObject({ status: 'missing', code })
    }
  })

  test('error: nobody listens', async () => {
    const { fault } = await Forecasts.fetch({ url: 'http://127.0.0.1:1', symbols, ask: fetch })
    expect(fault).toBe('forecaster: FORECASTER_UNREACHABLE: The forecaster did not answer.')
  })
})

describe('young', () => {
  test('edge: of its greatest age it counts, a second older it does not, nor so far from the future', () => {
    expect(Forecasts.young(state, { asOf: 1_060, mostSeconds: 60 })).toEqual(state)
    expect(Forecasts.young(state, { asOf: 1_061, mostSeconds: 60 })).toMatchObject({ status: 'missing', code: 'FORECAST_STALE' })
    expect(Forecasts.young(state, { asOf: 940, mostSeconds: 60 })).toEqual(state)
    expect(Forecasts.young(state, { asOf: 939, mostSeconds: 60 })).toMatchObject({ status: 'missing', code: 'FORECAST_STALE' })
    const missing = { status: 'missing', code: 'WARMING', message: 'Not yet.' } as const
    expect(Forecasts.young(missing, { asOf: 1_000, mostSeconds: 60 })).toEqual(missing)
  })
})

describe('sigma', () => {
  const throughTheCyclePpm = 650_000
  const at = (asOf: number) => ({ asOf, mostSeconds: 60, throughTheCyclePpm })
  const calm = { status: 'ok', forecast: { ...forecast, sigmaPpm: 300_000 } } as const

  test('worked example: a young forecast as it is, also below what is usual', () => {
    expect(Forecasts.sigma(calm, at(1_060))).toEqual({
      ppm: 300_000,
      from: { source: 'forecast', model: 'champion', modelHash, asOf: 1_000 },
    })
  })

  test('edge: an old one never lowers what is usual, and raises it', () => {
    expect(Forecasts.sigma(calm, at(1_061))).toMatchObject({ ppm: 650_000, from: { source: 'throughTheCycle' } })
    expect(Forecasts.sigma(state, at(1_061))).toMatchObject({ ppm: 700_000, from: { source: 'throughTheCycle' } })
  })

  test('edge: unknown is never 0', () => {
    const from = { source: 'throughTheCycle', why: 'Not yet.' }
    expect(Forecasts.sigma({ status: 'missing', code: 'WARMING', message: 'Not yet.' }, at(1_000))).toEqual({ ppm: 650_000, from })
  })
})
