/** Two gateways on one PostgreSQL: whoever is faster, nothing is lent twice. */
import { type House, Postgres } from '@plimsoll/localnet'
import { createMarginClient, http } from '@plimsoll/sdk'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const server = await Postgres.start()
const available = server.status === 'running'
const racers = process.env.PLIMSOLL_DEEP ? 100 : 25

if (!available && (process.env.PLIMSOLL_REQUIRE ?? '').includes('postgres'))
  test('PostgreSQL is required here', () => {
    throw new Error(server.status === 'missing' ? server.reason : 'it runs')
  })

describe.skipIf(!available)('PostgreSQL (needs DATABASE_URL or a server binary)', () => {
  let house: House.House
  let urls: string[]
  let sql: pg.Pool
  const DATABASE_URL = server.status === 'running' ? server.url : ''

  beforeAll(async () => {
    house = await Kit.house({ gateway: { env: { DATABASE_URL, RATE_POINTS: '100000' } }, world: { marketCaps: { 'BTC-PERP': 300_000 } } })
    const second = await house.openGateway({ name: 'second', env: { DATABASE_URL, RATE_POINTS: '100000' } })
    urls = [house.gateway.url, second.url]
    sql = new pg.Pool({ connectionString: DATABASE_URL, max: 2 })
  }, 180_000)
  afterAll(async () => {
    await sql?.end()
    await house?.stop()
    if (server.status === 'running') await server.stop()
  })

  test('200 issues of one participant over two venues: Σ enc ≤ credit, every sequence once', async () => {
    const [trader] = await Kit.traders({ house, names: ['racer'], dollars: 10_000 })
    if (!trader) throw new Error('one trader was asked for')
    const clients = await Promise.all(
      urls.map(async (url) => {
        const client = createMarginClient({ transport: http(url) })
        await client.signIn({ account: trader.account })
        return client
      }),
    )
    const venues = [Kit.venueId(house, 'north'), Kit.venueId(house, 'south')]
    const { limit } = await trader.client.getLimit({ account: trader.account.address, venue: venues[0] ?? '', market: 'ETH-PERP' })
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const client = clients[i % 2]
        const venue = venues[(i >> 1) % 2]
        if (!client || venue === undefined) throw new Error('two of each')
        const notional = (limit.notional * BigInt(20 + (i % 7) * 10)) / 100n
        return client.issueLimit({
          account: trader.account.address,
          venue,
          market: 'ETH-PERP',
          notional,
          idempotencyKey: `race-${i}-of-200`,
        })
      }),
    )
    const issued = answers.flatMap((answer) => (answer.status === 'issued' ? [answer.signed] : []))
    expect(issued.length).toBeGreaterThan(0)
    expect(answers.length - issued.length).toBeGreaterThan(0)
    const places = issued.map(({ certificate }) => `${certificate.venue}|${certificate.sequence}`)
    expect(new Set(places).size).toBe(places.length)
    const greatest = new Map<string, bigint>()
    for (const { certificate } of issued)
      greatest.set(
        certificate.venue,
        [greatest.get(certificate.venue) ?? 0n, certificate.credit].reduce((a, b) => (a > b ? a : b)),
      )
    const {
      rows: [row],
    } = await sql.query<{ bound: string }>('select sum(encumbrance)::text as bound from keys where participant_id = $1', [
      trader.participantId,
    ])
    expect(BigInt(row?.bound ?? '0')).toBe([...greatest.values()].reduce((a, b) => a + b, 0n))
    expect(BigInt(row?.bound ?? '0')).toBeLessThanOrEqual(limit.credit.total)
  }, 120_000)

  test('a warm quote asks neither the database nor a chain', async () => {
    const [trader] = await Kit.traders({ house, names: ['quoter'], dollars: 5_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
    await trader.client.getLimit(key)
    const [seconds, pauseMs] = [3, 1_200]
    const asked = async () => {
      const { rows } = await sql.query<{ n: string }>(
        'select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()',
      )
      const rpc = Object.values(house.world.sources).flatMap((pair) => pair.map((source) => source.requests()))
      return { sql: Number(rows[0]?.n ?? 0), rpc: rpc.reduce((a, b) => a + b, 0) }
    }
    const during = async (work: () => Promise<number>) => {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const before = await asked()
      const quotes = await work()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const after = await asked()
      return { quotes, sql: after.sql - before.sql, rpc: after.rpc - before.rpc }
    }
    const start = Date.now()
    const busy = await during(async () => {
      let quotes = 0
      // Three seconds, and longer where other work takes the machine: as many quotes as show what one of them asks.
      while (Date.now() < start + pauseMs + seconds * 1_000 || quotes <= 400) {
        await Promise.all(Array.from({ length: 20 }, () => trader.client.getLimit(key)))
        quotes += 20
      }
      return quotes
    })
    const lasted = Date.now() - start - 2 * pauseMs
    const idle = await during(async () => {
      await new Promise((resolve) => setTimeout(resolve, lasted))
      return 0
    })
    // What goes on in the background varies by a round or two, and more where other work takes the machine while it idles; one statement or
    // one read in twenty quotes would be more than is allowed for that.
    const background = (idle: number) => idle * 2 + 60 + busy.quotes / 20
    expect(busy.sql).toBeLessThan(background(idle.sql))
    expect(busy.rpc).toBeLessThan(background(idle.rpc))
  }, 180_000)

  test(`${racers} participants for one market cap: open interest and headroom stay within it`, async () => {
    const everyone = await Kit.traders({ house, names: Array.from({ length: racers }, (_, i) => `crowd ${i}`), dollars: 2_000 })
    const venue = Kit.venueId(house, 'north')
    const answers = await Promise.all(
      everyone.map(async ({ account, client }, i) => {
        const second = createMarginClient({ transport: http(urls[1] ?? '') })
        if (i % 2 === 1) await second.signIn({ account })
        const asked = { account: account.address, venue, market: 'BTC-PERP', notional: Kit.usd(30_000) }
        // What could not be read in one second is no answer about the cap: such a refusal binds nothing, and is asked again.
        for (let tries = 0; ; tries++) {
          const answer = await (i % 2 === 0 ? client : second).issueLimit(asked)
          if (answer.status === 'issued' || answer.code.startsWith('MARKET_CAP') || tries === 20) return answer
          await new Promise((resolve) => setTimeout(resolve, 1_000))
        }
      }),
    )
    const taken = answers.filter(({ status }) => status === 'issued').length
    expect(taken).toBe(10)
    const {
      rows: [row],
    } = await sql.query<{ long: string; short: string }>(
      'select sum(long_interest + long_headroom)::text as long, sum(short_interest + short_headroom)::text as short from markets where market = $1',
      [house.world.manifest.markets.find(({ symbol }) => symbol === 'BTC-PERP')?.id],
    )
    expect(BigInt(row?.long ?? '0')).toBe(Kit.usd(300_000))
    expect(BigInt(row?.short ?? '0')).toBe(Kit.usd(300_000))
  }, 180_000)
})
