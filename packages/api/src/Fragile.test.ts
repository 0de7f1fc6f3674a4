import { Fragility, LiquidationMap, Reading } from '@plimsoll/liquidation'
import { TRPCError } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import { createAppRouter } from './Router.ts'
import type { Services } from './Services.ts'
import type { MarketState } from './Snapshot.ts'
import * as World from './testing/World.ts'
import { encode } from './Wire.ts'

const context = { session: null, token: null, client: 'test', setSession: () => {} }
const caller = (services: Services = World.services()) => createAppRouter(services, {}).createCaller(context).market
const market = { market: 'ETH-PERP' }
const stateOf = (change: Partial<MarketState>) => {
  const state = World.snapshot().markets.get('ETH-PERP')
  if (!state) throw new Error('the kit has this market')
  return World.snapshot({ markets: new Map([['ETH-PERP', { ...state, ...change }]]) })
}
const codeOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TRPCError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return { trpc: error.code, own: error.cause && 'code' in error.cause ? error.cause.code : null }
}

describe('market.fragility', () => {
  test('worked example: the market of the method page, with where and when it was read', async () => {
    const answer = await caller().fragility(market)
    if (answer.status !== 'ok') throw new Error(answer.message)
    expect(answer.convention).toBe('two-sided')
    expect(answer.posted).toEqual({ status: 'ok', leveragePpm: 4_580_153 })
    expect(answer.down.nearest).toMatchObject({ movePpm: 105_360 })
    expect(answer.down.shocks[4]).toMatchObject({ name: '10%', endsPpm: 205_361, forced: World.usd(10_000_000).toString() })
    expect(answer.ageSeconds).toBe(0)
    expect(answer.source).toEqual({
      takenAt: World.now,
      bookHash: World.reading.bookHash,
      accounts: 3,
      blocks: [{ venue: World.venue.id, number: '7', timestamp: World.now - 3, ageSeconds: 3 }],
      price: { status: 'ok', index: World.usd(2_000).toString(), publishedAt: World.now - 5, ageSeconds: 5 },
      sigma: {
        source: 'forecast',
        annualPpm: 600_000,
        horizonSeconds: 86_400,
        model: 'champion',
        modelHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        asOf: World.now - 60,
        why: null,
      },
    })
  })

  test('worked example: the brake shown is the table that limits of the same snapshot are computed with', async () => {
    const crowded = { ...World.reading, impacts: { [World.reading.market]: { kind: 'linear', slope: 5e-8 } } } as const
    const brake = Reading.brake(crowded)
    const state = World.snapshot().markets.get('ETH-PERP')
    if (state?.reading.status !== 'ok') throw new Error('the kit has this market')
    const snapshot = stateOf({ brake, reading: { ...state.reading, reading: crowded } })
    const answer = await caller(World.services({}, snapshot)).fragility(market)
    if (answer.status !== 'ok') throw new Error(answer.message)
    expect(answer.down.brake.steps).toEqual(encode(snapshot.markets.get('ETH-PERP')?.brake.long ?? []))
    expect(answer.up.brake.steps).toEqual(encode(snapshot.markets.get('ETH-PERP')?.brake.short ?? []))
    expect(answer.down.brake.reflexivityPpm).toBe(brake.reflexivity.longPpm)
    expect(answer.source.bookHash).toBe(brake.bookHash)
    expect(answer).toMatchObject(encode(Fragility.of(crowded, brake)))
    expect(answer.down.brake.steps.length).toBeGreaterThan(1)
  })

  test('edge: no account leaves the gateway', async () => {
    const hidden = World.reading.book.accounts.map((account, i) => ({ ...account, account: `secret-${i}` }))
    const state = World.snapshot().markets.get('ETH-PERP')
    if (state?.reading.status !== 'ok') throw new Error('the kit has this market')
    const reading = { ...World.reading, book: { accounts: hidden } }
    const { fragility, clusters, stress } = caller(World.services({}, stateOf({ reading: { ...state.reading, reading } })))
    const said = JSON.stringify([await fragility(market), await clusters(market), await stress({ ...market, shockPpm: -200_000 })])
    expect(said).toContain('"forced"')
    expect(said).not.toContain('secret')
  })

  test('edge: without a forecast σ through the cycle stands in, and says so', async () => {
    const state = World.snapshot().markets.get('ETH-PERP')
    if (state?.reading.status !== 'ok') throw new Error('the kit has this market')
    const sigma = { source: 'throughTheCycle', why: 'There is no forecast of ETH-PERP yet.' } as const
    const answer = await caller(World.services({}, stateOf({ reading: { ...state.reading, sigma } }))).fragility(market)
    if (answer.status !== 'ok') throw new Error(answer.message)
    expect(answer.source.sigma).toMatchObject({ source: 'throughTheCycle', model: null, modelHash: null, asOf: null, why: sigma.why })
  })

  test('edge: computed once for five seconds of snapshots, whoever asks; then of the latest, and the age is its own', async () => {
    let [nowMs, takenAtMs] = [World.now * 1000, World.now * 1000]
    const services = World.services()
    const seen: number[] = []
    const market_ = caller({
      ...services,
      now: () => nowMs,
      snapshot: () => {
        seen.push(takenAtMs)
        return World.snapshot({ takenAtMs })
      },
    })
    const first = await market_.fragility(market)
    takenAtMs += 4_999
    nowMs = takenAtMs + 250
    const again = await market_.fragility(market)
    expect(again).toMatchObject({ ageSeconds: 5.249, source: { takenAt: World.now } })
    expect(first).toMatchObject({ ageSeconds: 0 })
    takenAtMs += 1
    nowMs = takenAtMs
    expect(await market_.fragility(market)).toMatchObject({ ageSeconds: 0, source: { takenAt: World.now + 5 } })
    expect(seen).toHaveLength(3)
  })

  test('edge: what took long is kept for twenty times as long', async () => {
    let [nowMs, takenAtMs] = [World.now * 1000, World.now * 1000]
    let step = 400
    const market_ = caller({ ...World.services(), now: () => (nowMs += step), snapshot: () => World.snapshot({ takenAtMs }) })
    await market_.fragility(market)
    step = 0
    takenAtMs += 7_999
    expect(await market_.fragility(market)).toMatchObject({ source: { takenAt: World.now } })
    takenAtMs += 1
    expect(await market_.fragility(market)).toMatchObject({ source: { takenAt: World.now + 8 } })
  })

  test('edge: who asks the same while it is computed is given the same; another question waits its turn', async () => {
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const services = World.services()
    const figures: Services['figures'] = {
      ...services.figures,
      fragility: async (reading, brake) => {
        order.push('fragility')
        await gate.promise
        order.push('fragility done')
        return services.figures.fragility(reading, brake)
      },
      clusters: async (reading, width) => {
        order.push('clusters')
        return services.figures.clusters(reading, width)
      },
    }
    const market_ = caller({ ...services, figures })
    const asked = [market_.fragility(market), market_.clusters(market), market_.fragility(market)]
    await new Promise(setImmediate)
    expect(order).toEqual(['fragility'])
    gate.resolve()
    const [one, , other] = await Promise.all(asked)
    expect(other).toEqual(one)
    expect(order).toEqual(['fragility', 'fragility done', 'clusters'])
  })

  test('edge: what could not be computed is not kept, and the next question is', async () => {
    let broken = true
    const services = World.services()
    const figures: Services['figures'] = {
      ...services.figures,
      fragility: async (reading, brake) => {
        if (broken) throw Object.assign(new Error('gone'), { name: 'Thread.UnansweredError' })
        return services.figures.fragility(reading, brake)
      },
    }
    const market_ = caller({ ...services, figures })
    const [failed, clusters] = await Promise.allSettled([market_.fragility(market), market_.clusters(market)])
    expect(failed.status).toBe('rejected')
    expect(clusters).toMatchObject({ status: 'fulfilled', value: { status: 'ok' } })
    broken = false
    expect(await market_.fragility(market)).toMatchObject({ status: 'ok' })
  })

  test('error: an unknown market, a lower-case one, a field too many', async () => {
    expect(await codeOf(caller().fragility({ market: 'XYZ-PERP' }))).toEqual({ trpc: 'NOT_FOUND', own: 'UNKNOWN_MARKET' })
    expect((await codeOf(caller().fragility({ market: 'eth-perp' }))).trpc).toBe('BAD_REQUEST')
    expect((await codeOf(caller().fragility({ ...market, account: World.account } as never))).trpc).toBe('BAD_REQUEST')
  })
})

describe('a book that is not read', () => {
  test('edge: all three say why, and no figure stands in for what is not known', async () => {
    const unread = stateOf({ reading: { status: 'unread', code: 'BOOK_UNREAD', message: 'The book of north could not be read.' } })
    const { fragility, clusters, stress } = caller(World.services({}, unread))
    const expected = {
      status: 'unread',
      market: 'ETH-PERP',
      ageSeconds: 0,
      code: 'BOOK_UNREAD',
      message: 'The book of north could not be read.',
    }
    expect(await fragility(market)).toEqual(expected)
    expect(await clusters(market)).toEqual(expected)
    expect(await stress({ ...market, shockPpm: -100_000 })).toEqual(expected)
  })

  test('edge: once it is not read any more, nothing that was computed before is shown', async () => {
    let snapshot = World.snapshot()
    const services = { ...World.services(), snapshot: () => snapshot }
    const { fragility } = caller(services)
    expect((await fragility(market)).status).toBe('ok')
    snapshot = stateOf({ reading: { status: 'unread', code: 'BOOK_UNREAD', message: 'gone' } })
    expect((await fragility(market)).status).toBe('unread')
  })
})

describe('market.clusters', () => {
  test('worked example: both sides, as the pure package has them', async () => {
    const answer = await caller().clusters(market)
    expect(answer).toMatchObject(encode(LiquidationMap.of(World.reading, Reading.width)))
    if (answer.status !== 'ok') throw new Error(answer.message)
    expect(answer.down.clusters.map(({ forced }) => forced)).toEqual([World.usd(10_000_000), World.usd(5_000_000)].map(String))
  })
})

describe('market.stress', () => {
  test('worked example: −10 % reaches the first long, and half the depth both', async () => {
    const answer = await caller().stress({ ...market, shockPpm: -100_000 })
    expect(answer).toMatchObject({
      status: 'ok',
      liquidated: 1,
      forced: World.usd(10_000_000).toString(),
      depthPpm: 1_000_000,
      others: 'still',
    })
    expect(await caller().stress({ ...market, shockPpm: -100_000, depthPpm: 500_000 })).toMatchObject({ liquidated: 2 })
  })

  test.each([0, -950_001, 3_000_001])('error: %d ppm is out of range, with what may be asked', async (shockPpm) => {
    expect(await codeOf(caller().stress({ ...market, shockPpm }))).toEqual({ trpc: 'BAD_REQUEST', own: 'SCENARIO_OUT_OF_RANGE' })
  })

  test.each([
    { shockPpm: '-100000' },
    { shockPpm: -0.5 },
    { shockPpm: true },
    { shockPpm: -100_000, others: 'both' },
    {},
    { shockPpm: -1, depthPpm: '1' },
  ])('error: %o is no scenario: nothing is coerced', async (scenario) => {
    expect((await codeOf(caller().stress({ ...market, ...scenario } as never))).trpc).toBe('BAD_REQUEST')
  })

  test('error: what-ifs together get two seconds of each ten, whoever asks; one that is known costs nothing', async () => {
    let nowMs = World.now * 1000
    const state = World.snapshot().markets.get('ETH-PERP')
    if (state?.reading.status !== 'ok') throw new Error('the kit has this market')
    // A book whose every what-if takes two seconds.
    const slow = {
      ...World.reading,
      get impacts() {
        nowMs += 2_000
        return World.reading.impacts
      },
    }
    const snapshot = stateOf({ reading: { ...state.reading, reading: slow } })
    const { stress } = caller({ ...World.services({}, snapshot), now: () => nowMs })
    await stress({ ...market, shockPpm: -100_000 })
    const refused = await stress({ ...market, shockPpm: -110_000 }).catch((reason: unknown) => reason)
    if (!(refused instanceof TRPCError)) throw new Error('the second one is refused')
    expect(refused.cause).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 8 })
    expect(await stress({ ...market, shockPpm: -100_000 })).toMatchObject({ status: 'ok', liquidated: 1 })
    nowMs = (World.now + 10) * 1000
    expect(await stress({ ...market, shockPpm: -110_000 })).toMatchObject({ status: 'ok', shockPpm: -110_000 })
  })

  test('edge: each question is charged what it costs', async () => {
    const charged: number[] = []
    const { fragility, clusters, stress } = caller(World.services({ charge: async (_, cost) => void charged.push(cost) }))
    await clusters(market)
    await fragility(market)
    await stress({ ...market, shockPpm: -100_000 })
    expect(charged).toEqual([5, 20, 100])
  })
})
