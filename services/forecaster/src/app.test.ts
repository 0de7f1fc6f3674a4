import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Bar, Features, SyntheticMarket } from '@plimsoll/volatility'
import { Artifact, Backend, Network, Registry } from '@plimsoll/volatility-model'
import { pino } from 'pino'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { keep, mostSymbols } from './jobs/ingest.ts'

const startAt = 1_760_000_100
const market = SyntheticMarket.generate({
  seed: 12,
  startAt,
  intervalSeconds: 300,
  bars: Features.barsNeeded + 20,
  assets: [
    { symbol: 'ETH-PERP', price: 3_000, volatility: 0.7 },
    { symbol: 'BTC-PERP', price: 60_000, volatility: 0.5 },
  ],
})
const eth = market['ETH-PERP'] ?? []
const btc = market['BTC-PERP'] ?? []
const end = eth.at(-1)?.closeAt ?? 0

let backend: Backend.Backend
let model: Artifact.Artifact
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  backend = await Backend.load()
  const directory = Registry.defaultDirectory
  model = await Artifact.load({ directory, backend, ...Registry.find(await Registry.read(directory), '0.1.0') })
})
afterEach(async () => {
  for (const stop of ends.splice(0)) await stop()
})

type Answer = { readonly status: number; readonly body: Record<string, unknown> }
type Client = {
  readonly get: (path: string) => Promise<Answer>
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>
}

/** The application on a real socket. */
async function start(part: Partial<createApp.Options> = {}): Promise<Client> {
  const { app, stop } = createApp({
    model,
    backend,
    now: () => end + 7,
    marketData: 'live',
    horizons: { closeOutSeconds: 3_600, liquidationSeconds: 300 },
    log: pino({ level: 'silent' }),
    ...part,
  })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await new Promise<void>((resolve) => server.once('listening', () => resolve()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ends.push(() => {
    stop()
    return new Promise((resolve) => server.close(resolve))
  })
  const answer = async (response: Response): Promise<Answer> => ({
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  })
  return {
    get: async (path) => answer(await fetch(`${url}${path}`)),
    post: async (body, headers = { 'content-type': 'application/json' }) =>
      answer(await fetch(`${url}/bars`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })),
  }
}
const push = (symbol: string, bars: readonly Bar.Bar[], part: Record<string, unknown> = {}): Record<string, unknown> => ({
  symbol,
  intervalSeconds: 300,
  bars,
  ...part,
})

describe('POST /bars, GET /forecasts', () => {
  test('worked example: a market replayed in parts is forecast', async () => {
    const { get, post } = await start()
    expect(await get('/forecasts')).toEqual({
      status: 200,
      body: { backend: backend.name, closeOutSeconds: 3_600, liquidationSeconds: 300, forecasts: [], missing: [] },
    })
    for (let from = 0; from < eth.length; from += 400) expect((await post(push('ETH-PERP', eth.slice(from, from + 400)))).status).toBe(200)
    expect(await post(push('BTC-PERP', btc))).toEqual({
      status: 200,
      body: { symbol: 'BTC-PERP', taken: btc.length, held: btc.length, needed: 2_017, asOf: end },
    })
    const { body } = await get('/forecasts')
    const rate = { longPpm: expect.any(Number), shortPpm: expect.any(Number) }
    expect(body['missing']).toEqual([])
    expect(body['forecasts']).toEqual(
      ['ETH-PERP', 'BTC-PERP'].map((symbol) => ({
        symbol,
        source: 'champion',
        modelHash: model.modelHash,
        modelVersion: model.version,
        asOf: end,
        issuedAt: end + 7,
        sigmaPpm: expect.any(Number),
        closeOut: rate,
        liquidation: rate,
        throughTheCycle: rate,
        outlooks: [],
        asset: 'known',
        fallback: null,
      })),
    )
    const one = await get('/forecasts/ETH-PERP')
    expect(one.body).toMatchObject((body['forecasts'] as Record<string, unknown>[])[0] ?? {})
  })

  test('pushing again changes nothing; the next bar makes a new edition', async () => {
    const { get, post } = await start()
    await post(push('ETH-PERP', eth.slice(0, -1)))
    const before = await get('/forecasts/ETH-PERP')
    expect((await post(push('ETH-PERP', eth.slice(-50, -1)))).body).toMatchObject({ taken: 0, held: eth.length - 1 })
    expect(await get('/forecasts/ETH-PERP')).toEqual(before)
    expect((await post(push('ETH-PERP', eth.slice(-3)))).body).toMatchObject({ taken: 1, held: eth.length })
    expect((await get('/forecasts/ETH-PERP')).body).toMatchObject({ asOf: end })
  })

  test('too few bars: a typed error that says what is needed, never a number', async () => {
    const { get, post } = await start()
    await post(push('ETH-PERP', eth.slice(1 - Features.barsNeeded)))
    const missing = {
      symbol: 'ETH-PERP',
      code: 'FORECAST_INSUFFICIENT_HISTORY',
      message: expect.stringContaining('2017'),
      hint: expect.any(String),
    }
    expect(await get('/forecasts/ETH-PERP')).toEqual({ status: 409, body: missing })
    expect((await get('/forecasts')).body).toMatchObject({ forecasts: [], missing: [missing] })
    expect(await get('/forecasts/XRP-PERP')).toMatchObject({ status: 404, body: { code: 'SYMBOL_UNKNOWN' } })
  })

  test('replace begins a series anew, and a refused replacement leaves the old one', async () => {
    const { get, post } = await start()
    await post(push('ETH-PERP', eth))
    expect(await post(push('ETH-PERP', [...btc].reverse(), { mode: 'replace' }))).toMatchObject({
      status: 422,
      body: { code: 'BARS_INVALID' },
    })
    expect((await get('/forecasts/ETH-PERP')).status).toBe(200)
    expect((await post(push('ETH-PERP', btc.slice(0, 10), { mode: 'replace' }))).body).toMatchObject({ taken: 10, held: 10 })
    expect((await get('/forecasts/ETH-PERP')).status).toBe(409)
  })

  test('a broken network: the baseline answers, floored at the last good, and says so', async () => {
    const network = Network.build(backend, model.parameters.network)
    const sound = Network.weights(network)
    Network.setWeights(
      network,
      sound.map((part, i) => (i === sound.length - 1 ? part.fill(0.7) : part)),
    )
    const { get, post } = await start({ model: { ...model, network } })
    await post(push('ETH-PERP', eth.slice(0, -1)))
    const good = (await get('/forecasts/ETH-PERP')).body
    expect(good).toMatchObject({ source: 'champion', fallback: null })
    Network.setWeights(
      network,
      sound.map((part) => part.fill(Number.NaN)),
    )
    await post(push('ETH-PERP', eth.slice(-1)))
    const floored = (await get('/forecasts/ETH-PERP')).body
    expect(floored).toMatchObject({ source: 'baseline', asOf: end, fallback: { code: 'NETWORK_UNBELIEVABLE' } })
    for (const figure of ['sigmaPpm', 'closeOut', 'liquidation']) expect(floored[figure]).toEqual(good[figure])
    const fresh = await start({ model: { ...model, network } })
    await fresh.post(push('ETH-PERP', eth))
    expect((await fresh.get('/forecasts/ETH-PERP')).body['sigmaPpm']).toBeLessThan(good['sigmaPpm'] as number)
  })

  test('keeps ten weeks of bars', async () => {
    const { post } = await start({ marketData: 'replay' })
    const flat = (from: number, length: number): Bar.Bar[] =>
      Array.from({ length }, (_, i) => ({ closeAt: 300 * (from + i), open: 1, high: 1, low: 1, close: 1 }))
    for (let from = 1; from <= keep; from += 4_000) await post(push('ETH-PERP', flat(from, 4_000)))
    expect((await post(push('ETH-PERP', flat(24_001, 1)))).body).toMatchObject({ held: keep, asOf: 300 * 24_001 })
  })
})

describe('a suite', () => {
  const month = SyntheticMarket.generate({
    seed: 12,
    startAt,
    intervalSeconds: 300,
    bars: 64 * 288,
    assets: [
      { symbol: 'ETH-PERP', price: 3_000, volatility: 0.7 },
      { symbol: 'PEPE-PERP', price: 1, volatility: 0.9 },
    ],
  })
  const last = month['ETH-PERP']?.at(-1)?.closeAt ?? 0
  const suite = async (): Promise<Registry.Model> => {
    const directory = Registry.defaultDirectory
    return Registry.load({ directory, backend, ...Registry.find(await Registry.read(directory), '0.4.0') })
  }

  test('publishes every level of every horizon, the rung of its ladder, and who is unknown to it', async () => {
    const { get, post } = await start({ model: await suite(), marketData: 'replay' })
    for (const [symbol, bars] of Object.entries(month))
      for (let from = bars.length - 30 * 288; from < bars.length; from += 4_000) await post(push(symbol, bars.slice(from, from + 4_000)))
    const { body } = await get('/forecasts')
    expect(body['missing']).toEqual([])
    const forecasts = body['forecasts'] as readonly Record<string, unknown>[]
    expect(forecasts).toMatchObject([
      { symbol: 'ETH-PERP', source: 'champion', asset: 'known', asOf: last, modelVersion: '0.4.0', fallback: null },
      { symbol: 'PEPE-PERP', source: 'champion', asset: 'unknown' },
    ])
    for (const { outlooks } of forecasts)
      expect(outlooks).toMatchObject(
        [3_600, 14_400, 86_400].map((horizonSeconds) => ({
          horizonSeconds,
          source: 'champion',
          variance: expect.any(Number),
          sigma: expect.any(Number),
          bands: [950_000, 990_000, 995_000].map((levelPpm) => ({
            levelPpm,
            longPath: { quantile: expect.any(Number), shortfall: expect.any(Number) },
            shortEnd: { quantile: expect.any(Number), shortfall: expect.any(Number) },
          })),
        })),
      )
  })

  test('five days of history: the moving average answers and says why; a day less nothing', async () => {
    const { get, post } = await start({ model: await suite(), marketData: 'replay' })
    const bars = month['ETH-PERP'] ?? []
    await post(push('ETH-PERP', bars.slice(0, 287)))
    expect(await get('/forecasts/ETH-PERP')).toMatchObject({ status: 409, body: { code: 'FORECAST_INSUFFICIENT_HISTORY' } })
    await post(push('ETH-PERP', bars.slice(287, 5 * 288)))
    expect((await get('/forecasts/ETH-PERP')).body).toMatchObject({ source: 'ewma', fallback: { code: 'HISTORY_SHORT' } })
  })

  test('GET /drift: signals against training, losses against the moving average, age', async () => {
    const { get, post } = await start({ model: await suite(), marketData: 'replay', now: () => last + 10_000 })
    for (const [symbol, bars] of Object.entries(month))
      for (let from = 0; from < bars.length; from += 4_500) await post(push(symbol, bars.slice(from, from + 4_500)))
    const { body } = await get('/drift')
    const monitors = body['monitors'] as readonly Record<string, unknown>[]
    expect(monitors.map((each) => each['horizonSeconds'])).toEqual([3_600, 14_400, 86_400])
    for (const each of monitors)
      expect(each).toMatchObject({
        days: 30,
        ratio: expect.any(Number),
        hits: { sample: expect.any(Number) },
        alerts: expect.arrayContaining([expect.stringMatching(/^no bars for [23] h$/)]),
      })
  })
})

describe('bad input gets a typed error', () => {
  const [first] = eth
  const bar = first ?? { closeAt: 300, open: 1, high: 1, low: 1, close: 1 }
  test.each<[string, unknown, number, string]>([
    ['not JSON', '{', 400, 'BODY_INVALID'],
    ['null', null, 400, 'BODY_INVALID'],
    ['no symbol', { intervalSeconds: 300, bars: [bar] }, 400, 'BODY_INVALID'],
    ['a symbol that is a path', push('../x', [bar]), 400, 'BODY_INVALID'],
    ['a prototype for a symbol', push('__proto__', [bar]), 400, 'BODY_INVALID'],
    ['no bars', push('A', []), 400, 'BODY_INVALID'],
    ['an unknown key', push('A', [bar], { note: 1 }), 400, 'BODY_INVALID'],
    ['an unknown key in a bar', push('A', [{ ...bar, trades: 1 } as Bar.Bar]), 400, 'BODY_INVALID'],
    ['a volume below zero', push('A', [{ ...bar, volume: -1 }]), 400, 'BODY_INVALID'],
    ['a price as text', push('A', [{ ...bar, close: '1' } as unknown as Bar.Bar]), 400, 'BODY_INVALID'],
    ['a price that is true', push('A', [{ ...bar, close: true } as unknown as Bar.Bar]), 400, 'BODY_INVALID'],
    ['a price of zero', push('A', [{ ...bar, low: 0 }]), 400, 'BODY_INVALID'],
    ['a price without end', JSON.stringify(push('A', [{ ...bar, high: 12345.5 }])).replace('12345.5', '1e999'), 400, 'BODY_INVALID'],
    ['half a second', push('A', [{ ...bar, closeAt: 300.5 }]), 400, 'BODY_INVALID'],
    ['too many bars', push('A', new Array<Bar.Bar>(5_001).fill(bar)), 400, 'BODY_INVALID'],
    ['another interval', push('A', [bar], { intervalSeconds: 3_600 }), 422, 'INTERVAL_UNSUPPORTED'],
    ['low above high', push('A', [{ ...bar, low: bar.high * 2 }]), 422, 'BARS_INVALID'],
    ['a hole', push('A', [eth[0] ?? bar, eth[2] ?? bar]), 422, 'BARS_INVALID'],
    ['unsorted', push('A', [eth[1] ?? bar, eth[0] ?? bar]), 422, 'BARS_INVALID'],
    ['a contradiction', push('ETH-PERP', [{ ...(eth[5] ?? bar), high: 1e9 }]), 422, 'BARS_INVALID'],
    ['a gap', push('ETH-PERP', eth.slice(12)), 409, 'BARS_GAP'],
    ['the future', push('A', [{ ...bar, closeAt: end + 300 }]), 422, 'BARS_FUTURE'],
  ])('%s', async (_, body, status, code) => {
    const { get, post } = await start()
    await post(push('ETH-PERP', eth.slice(0, 10)))
    const answer = await post(body)
    expect(answer).toEqual({ status, body: { code, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/\.$/) } })
    expect((await get('/health')).body['symbols']).toEqual([{ symbol: 'ETH-PERP', bars: 10, asOf: eth[9]?.closeAt }])
  })

  test('a body beyond the cap', async () => {
    const { post } = await start()
    const large = JSON.stringify(push('A', [bar])).padEnd(1_048_577)
    expect(await post(large)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
    expect((await post(JSON.stringify(push('A', [bar])).padEnd(1_048_576))).status).toBe(200)
  })
  test('what a page of another origin can send unasked', async () => {
    const { post } = await start()
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }])
      expect(await post(push('A', [bar]), headers)).toMatchObject({ status: 415, body: { code: 'BODY_NOT_JSON' } })
  })
  test('a symbol too many', async () => {
    const { post } = await start()
    for (let i = 0; i < mostSymbols; i++) expect((await post(push(`S${i}`, [bar]))).status).toBe(200)
    expect(await post(push('LAST', [bar]))).toMatchObject({ status: 409, body: { code: 'SYMBOLS_FULL' } })
    expect((await post(push('S0', [eth[1] ?? bar]))).status).toBe(200)
  })
  test('an unknown path', async () => {
    const { get } = await start()
    expect(await get('/')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })
})

describe('market time', () => {
  test("live: a bar may close a feed's clock skew after ours, no more; replay: bars are the time", async () => {
    const [first] = eth
    if (first === undefined) throw new Error('no bars')
    const at = async (seconds: number, marketData: 'live' | 'replay'): Promise<number> => {
      const { post } = await start({ now: () => first.closeAt - seconds, marketData })
      return (await post(push('A', [first]))).status
    }
    expect(await at(10, 'live')).toBe(200)
    expect(await at(11, 'live')).toBe(422)
    expect(await at(1e9, 'replay')).toBe(200)
  })
})

describe('GET /health', () => {
  test('shows backend, model and symbols', async () => {
    const { get } = await start()
    expect(await get('/health')).toEqual({
      status: 200,
      body: {
        service: 'forecaster',
        status: 'ok',
        backend: backend.name,
        passedOver: backend.passedOver,
        model: { version: model.version, modelHash: model.modelHash, network: 'loaded', fault: null },
        marketData: 'live',
        now: end + 7,
        symbols: [],
      },
    })
  })
  test('a refused network is degraded', async () => {
    const fault = { code: 'ARTIFACT_CORRUPT', message: 'weights.bin is refused.' }
    const { get } = await start({ model: { ...model, network: null, fault } })
    expect((await get('/health')).body).toMatchObject({ status: 'degraded', model: { network: 'refused', fault } })
  })
})

describe('createApp', () => {
  test('error: a horizon the model is not calibrated for stops the start', async () => {
    await expect(start({ horizons: { closeOutSeconds: 86_401, liquidationSeconds: 300 } })).rejects.toThrow(
      expect.objectContaining({ code: 'FORECAST_HORIZON' }),
    )
  })
})
