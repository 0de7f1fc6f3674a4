import { serve } from '@hono/node-server'
import { Client, type Services } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { Book, Fragility, LiquidationMap, Reading, WhatIf } from '@plimsoll/liquidation'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../app.ts'
import { codes } from '../codes.ts'
import * as Thread from './thread.ts'

const log = pino({ level: 'silent' })
const brake = Reading.brake(World.reading)
const scenario = { shockPpm: -100_000, depthPpm: 1_000_000, others: 'still' } as const
const ends: (() => Promise<unknown>)[] = []
const open = () => {
  const thread = Thread.open(log)
  ends.push(thread.close)
  return thread
}
const failed = (answer: Promise<unknown>) => answer.then(() => null).catch((error: unknown) => error)

/** A gateway's HTTP side over one reading, on a port of its own. */
async function gateway(change: Partial<Services.Services>, reading: Reading.Reading): Promise<string> {
  const { markets } = World.snapshot()
  const state = markets.get('ETH-PERP')
  if (state?.reading.status !== 'ok') throw new Error('the kit has this market')
  const services = World.services(
    change,
    World.snapshot({ markets: new Map([['ETH-PERP', { ...state, reading: { ...state.reading, reading } }]]) }),
  )
  const sessionOf = async () => null
  const app = createApp({
    proxies: Client.proxies(''),
    services,
    codes,
    sessionOf,
    origin: 'http://127.0.0.1',
    webDist: null,
    registry: new Registry(),
    log,
  })
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(`http://127.0.0.1:${port}`))
    ends.push(() => new Promise((done) => server.close(done)))
  })
}

afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0)) await end()
})

/** Longs and shorts of leverage 2 to 17 in turn. */
const crowd = (count: number): Reading.Reading => ({
  ...World.reading,
  book: Book.of(
    Array.from({ length: count }, (_, i) => ({
      account: `account ${i}`,
      equity: World.usd(Math.floor(34_000 / (2 + (i % 16)))),
      collateral: World.usd(Math.floor(34_000 / (2 + (i % 16)))),
      positions: [
        { market: World.reading.market, side: i % 2 === 0 ? 'long' : 'short', notional: World.usd(34_000), maintenancePpm: 20_000 },
      ],
    })),
  ),
})

describe('open', () => {
  test('worked example: figures are to the last digit what the pure package makes of the reading', async () => {
    const thread = open()
    expect(await thread.fragility(World.reading, brake)).toEqual(Fragility.of(World.reading, brake))
    expect(await thread.clusters(World.reading, Reading.width)).toEqual(LiquidationMap.of(World.reading, Reading.width))
    expect(await thread.stress(World.reading, scenario)).toEqual(WhatIf.simulate(World.reading, scenario))
  })

  test('edge: questions that are asked together are answered each of its own book', async () => {
    const thread = open()
    const readings = [World.reading, crowd(40), World.reading, crowd(7)]
    const answers = await Promise.all(readings.map((reading) => thread.clusters(reading, Reading.width)))
    expect(answers).toEqual(readings.map((reading) => LiquidationMap.of(reading, Reading.width)))
  })

  test('error: what the pure package throws arrives with its name, code, sentence and figures', async () => {
    const thrown = await failed(open().stress(World.reading, { ...scenario, shockPpm: 0 }))
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown).toMatchObject({ name: 'WhatIf.InvalidScenarioError', code: 'SCENARIO_OUT_OF_RANGE', figure: 'shock' })
    expect(thrown).toMatchObject({ hint: expect.stringContaining('-950000'), message: expect.stringContaining('shock') })
  })

  test('error: a thread that dies tells everybody who waits, and another one answers the next question', async () => {
    const thread = open()
    const book = 5 as never // No message that a thread survives.
    const waiting = [{ ...World.reading, book }, World.reading].map((reading) => failed(thread.clusters(reading, Reading.width)))
    for (const answer of waiting)
      expect(await answer).toMatchObject({ name: 'Thread.UnansweredError', code: 'FIGURES_UNANSWERED', how: 'ended' })
    expect(await thread.clusters(World.reading, Reading.width)).toEqual(LiquidationMap.of(World.reading, Reading.width))
  })

  test('error: after half a minute a thread is taken to hang, and another one answers the next question', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const thread = open()
    const late = failed(thread.fragility(crowd(3_000), brake))
    vi.advanceTimersByTime(30_000)
    expect(await late).toMatchObject({ name: 'Thread.UnansweredError', code: 'FIGURES_UNANSWERED', how: 'hung' })
    const next = thread.clusters(World.reading, Reading.width)
    vi.advanceTimersByTime(29_999)
    expect(await next).toEqual(LiquidationMap.of(World.reading, Reading.width))
    vi.advanceTimersByTime(30_000)
    expect(await thread.clusters(World.reading, Reading.width)).toEqual(LiquidationMap.of(World.reading, Reading.width))
  })

  test('error: once it is closed, whoever waits is told', async () => {
    const thread = open()
    const waiting = failed(thread.fragility(crowd(3_000), brake))
    await thread.close()
    expect(await waiting).toMatchObject({ name: 'Thread.UnansweredError', how: 'ended' })
  })
})

describe('a gateway whose market has 7,000 accounts', () => {
  test('edge: who asks for its health while a figure is computed is answered first', async () => {
    const thread = open()
    const began = Promise.withResolvers<void>()
    const figures: Thread.Thread = {
      ...thread,
      fragility: (reading, brake) => {
        const answer = thread.fragility(reading, brake)
        began.resolve()
        return answer
      },
    }
    const url = await gateway({ figures }, crowd(7_000))
    const order: string[] = []
    const ask = async (path: string) => {
      const response = await fetch(`${url}${path}`)
      order.push(path)
      return response
    }
    const slow = ask('/v1/market/fragility?market=ETH-PERP')
    await began.promise
    expect((await ask('/v1/health')).status).toBe(200)
    expect(await (await slow).json()).toMatchObject({ status: 'ok', source: { accounts: 7_000 } })
    expect(order).toEqual(['/v1/health', '/v1/market/fragility?market=ETH-PERP'])
  })

  test('error: a thread that died is a 503 with its code, to be asked again', async () => {
    const url = await gateway({ figures: open() }, { ...World.reading, book: 5 as never })
    const response = await fetch(`${url}/v1/market/fragility?market=ETH-PERP`)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(JSON.stringify(await response.json())).toContain('FIGURES_UNANSWERED')
  })
})
