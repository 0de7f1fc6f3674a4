/**
 * Three gateways on one PostgreSQL divide the work. One is killed, one is stopped and goes on: everybody stays fresh, nothing that was
 * acknowledged is lost, nothing is done twice, and whoever was stopped writes nothing that is not its own any more.
 */
import type { Services } from '@plimsoll/api'
import { Deployment, type House, Postgres, type Service, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, type MarginClient } from '@plimsoll/sdk'
import { Leases } from '@plimsoll/store'
import pg from 'pg'
import type { PrivateKeyAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { text } from './Drill.ts'
import * as Kit from './Kit.ts'

const server = await Postgres.start()
const available = server.status === 'running'
const crowd = process.env.PLIMSOLL_DEEP ? 120 : 36
/** How long a participant may stay unread while its gateway is gone: the lease, a round of the others, a reading, and what finality takes. */
const movesWithinSeconds = 30
const shards = 12

if (!available && (process.env.PLIMSOLL_REQUIRE ?? '').includes('postgres'))
  test('PostgreSQL is required here', () => {
    throw new Error(server.status === 'missing' ? server.reason : 'it runs')
  })

type Written = { readonly gateway: string; readonly participant: `0x${string}`; readonly leases: Record<string, string> }
type Trader = { readonly account: PrivateKeyAccount; readonly participantId: string; readonly clients: readonly MarginClient[] }

/** All of it, a dozen at once. */
async function some<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (let from = 0; from < items.length; from += 12) done.push(...(await Promise.all(items.slice(from, from + 12).map(work))))
  return done
}

describe.skipIf(!available)('PostgreSQL (needs DATABASE_URL or a server binary)', () => {
  let house: House.House
  let gateways: readonly Service.Service[]
  let sql: pg.Pool
  let traders: readonly Trader[]
  const names = ['first', 'second', 'third']
  const given = new URL(server.status === 'running' ? server.url : 'postgres://nobody')
  /** Each gateway signs in to the database under a name of its own, so that a row tells who wrote it. */
  const envOf = (name: string) => {
    const url = new URL(given)
    url.username = name
    return { DATABASE_URL: url.href, RATE_POINTS: '1000000' }
  }
  const workOf = async (gateway: Service.Service) => {
    const response = await fetch(`${gateway.url}/status`)
    const { work } = (await response.json()) as { readonly work: Services.Work }
    return work
  }
  const holders = new Map<string, string>()
  let going = false
  /** Ages of the oldest reading of anybody, as a second goes by. Seconds. */
  const ages: number[] = []
  const acknowledged = new Map<string, { readonly trader: Trader; readonly signed: string }>()
  const asked = (trader: Trader) => ({ account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' })

  const signedIn = async (account: PrivateKeyAccount): Promise<Trader> => {
    const clients = gateways.map((gateway) => createMarginClient({ transport: http(gateway.url) }))
    const sessions = await Promise.all(clients.map((client) => client.signIn({ account })))
    return { account, clients, participantId: sessions[0]?.participantId ?? '' }
  }

  beforeAll(async () => {
    sql = new pg.Pool({ connectionString: given.href, max: 2 })
    // Its server is ended while it stands idle.
    sql.on('error', () => {})
    for (const name of names) await sql.query(`create role ${name} superuser login`)
    house = await Kit.house({ gateway: { name: 'first', env: envOf('first') } })
    gateways = [house.gateway, ...(await Promise.all(names.slice(1).map((name) => house.openGateway({ name, env: envOf(name) }))))]
    // Every reading that is recorded over another notes who wrote it, and whose the leases are in that transaction.
    await sql.query(`create table written (gateway text, participant text, leases json, at timestamptz default clock_timestamp());
      create function note() returns trigger language plpgsql as $$ begin
        insert into written (gateway, participant, leases)
          select session_user, new.participant_id, json_object_agg(name, holder) from leases where starts_with(name, 'gateway/participants/');
        return null; end $$;
      create trigger note after update on keys for each row when (old.block_number is distinct from new.block_number) execute function note()`)
    const accounts = Array.from({ length: crowd }, (_, i) => Wallet.of(`one of a crowd ${i}`))
    for (const account of accounts)
      await Deployment.lock({
        ...{ chain: house.world.chains.lagoon, manifest: house.world.manifest, account, asset: 'WETH', amount: 10n ** 18n },
      })
    await house.world.finalise()
    // A first sign-in waits for a reading, and one reading serves all who wait.
    traders = await some(accounts, signedIn)
  }, 600_000)
  afterAll(async () => {
    going = false
    await house?.stop()
    await sql?.end()
    if (server.status === 'running') await server.stop()
  })

  test('each has its part: every shard and every job has one holder, and no gateway more than its share', async () => {
    const works = await Kit.until(
      () => Promise.all(gateways.map(workOf)),
      (all) => all.every(({ shards: held }) => held.length === shards / 3),
      60,
    )
    expect(works.flatMap((work) => work.shards).toSorted((a, b) => a - b)).toEqual(Array.from({ length: shards }, (_, n) => n))
    expect(works.flatMap(({ jobs }) => jobs).toSorted()).toEqual(['evidence', 'history', 'losses', 'upkeep'])
    expect(works.map((work) => work.gateways)).toEqual([3, 3, 3])
    const { work } = (await (await fetch(`${gateways[0]?.url}/v1/health`)).json()) as { readonly work: Services.Work }
    expect(work).toEqual(works[0])
    for (const [i, { holder }] of works.entries()) holders.set(names[i] ?? '', holder)
    // Everybody is in the ledger.
    const counted = () => sql.query<{ n: number }>('select count(*)::int as n from keys')
    await Kit.until(counted, ({ rows }) => rows[0]?.n === crowd * house.world.manifest.venues.length, 120)
  }, 200_000)

  test('one is killed and one stopped while all issue: nobody grows stale, and nothing acknowledged is lost', async () => {
    going = true
    const sampling = (async () => {
      while (going) {
        const { rows } = await sql.query<{ age: number }>(
          'select extract(epoch from clock_timestamp())::float - min(read_at)::float as age from keys where participant_id = any($1)',
          [traders.map(({ participantId }) => participantId)],
        )
        ages.push(rows[0]?.age ?? Number.POSITIVE_INFINITY)
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    })()
    const issue = async (trader: Trader, at: number, idempotencyKey: string): Promise<string> => {
      const answer = await trader.clients[at]
        ?.issueLimit({ ...asked(trader), notional: Kit.usd(15_000), idempotencyKey })
        .catch((error: unknown) => ({ status: 'failed' as const, code: error instanceof Error ? error.message : String(error) }))
      if (answer?.status !== 'issued') return answer?.code ?? 'nobody asked'
      acknowledged.set(idempotencyKey, { trader, signed: text(answer.signed) })
      return 'issued'
    }
    // One round over everybody, at every gateway in turn; then rounds go on while gateways go.
    await some([...traders.entries()], ([i, trader]) =>
      Kit.until(
        () => issue(trader, i % 3, `round-0-trader-${i}`),
        (said) => said === 'issued',
        90,
      ),
    )
    const issuing = (async () => {
      for (let n = 1; going; n++)
        for (const [i, trader] of traders.entries()) if (going && i % 8 === n % 8) await issue(trader, 2, `round-${n}-trader-${i}`)
    })()

    const [first, second, third] = gateways
    if (!first || !second || !third) throw new Error('there are three')
    first.kill('SIGKILL')
    await first.exited
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    second.kill('SIGSTOP')
    const alone = await Kit.until(
      () => workOf(third),
      ({ shards: held }) => held.length === shards,
      movesWithinSeconds,
    )
    expect(alone.jobs).toHaveLength(4)
    expect(alone.gateways).toBe(1)
    // Everybody's collateral is worth a fifth, while one gateway is gone and one stands still.
    const start = Number(house.prices.get('ETH-PERP') ?? '3000')
    await house.world.price('ETH-PERP', (start * 0.21).toFixed(2))
    const called = () => sql.query<{ participant_id: string }>("select participant_id from outbox where kind = 'margin.called'")
    await Kit.until(called, ({ rows }) => rows.length >= crowd, 60)

    const goesOn = () => {
      second.kill('SIGCONT')
      return Kit.until(
        () => workOf(second),
        (work) => work.shards.length === shards / 2,
        60,
      )
    }
    let back = await goesOn()
    // Where it was stopped between two rounds, or its reads had timed out meanwhile, it tried to write nothing: stopped again, at another moment.
    for (let again = 1; again <= 4 && back.fenced === 0; again++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 + again * 370))
      second.kill('SIGSTOP')
      await Kit.until(
        () => workOf(third),
        ({ shards: held }) => held.length === shards,
        60,
      )
      back = await goesOn()
    }
    expect(back.fenced).toBeGreaterThan(0)
    expect(back.gateways).toBe(2)
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    going = false
    await Promise.all([sampling, issuing])
    const oldest = Math.max(...ages)
    process.stdout.write(
      `\n   ${crowd} participants, ${acknowledged.size} certificates acknowledged; the oldest reading of anybody was ${oldest.toFixed(1)} s, ` +
        `${back.fenced} writes of the stopped one refused\n`,
    )
    expect(oldest).toBeLessThan(movesWithinSeconds)

    // Effects, counted: one margin call each, and each key its one certificate.
    const { rows: calls } = await called()
    expect(calls).toHaveLength(crowd)
    expect(new Set(calls.map(({ participant_id }) => participant_id)).size).toBe(crowd)
    const counted = await sql.query<{ certificates: string; keys: string; messages: string; places: string }>(
      `select (select count(*) from certificates) as certificates, (select count(*) from idempotency) as keys,
         (select count(*) from outbox where kind = 'limit.issued') as messages,
         (select count(distinct (account, chain_id, venue, market, sequence)) from certificates) as places`,
    )
    const [row] = counted.rows
    expect(row).toEqual({ certificates: row?.keys, keys: row?.keys, messages: row?.keys, places: row?.keys })
    expect(Number(row?.keys)).toBeGreaterThanOrEqual(acknowledged.size)
    await some([...acknowledged], async ([idempotencyKey, { trader, signed }]) => {
      const answer = await trader.clients[1]?.issueLimit({ ...asked(trader), notional: Kit.usd(15_000), idempotencyKey })
      expect(answer?.status === 'issued' ? text(answer.signed) : answer).toBe(signed)
    })
  }, 480_000)

  test('every reading was written by the one that held its lease in that very transaction', async () => {
    const { rows } = await sql.query<Written>('select gateway, participant, leases from written')
    expect(rows.length).toBeGreaterThan(crowd)
    const strangers = rows.filter(({ gateway, participant, leases }) => {
      const name = `gateway/participants/${Leases.shardOf(participant, shards)}-of-${shards}`
      return leases[name] !== holders.get(gateway)
    })
    expect(strangers).toEqual([])
    // Not one for all: each wrote for its own.
    expect(new Set(rows.map(({ gateway }) => gateway))).toEqual(new Set(names))
  })

  test('every participant is served by every gateway that is there', async () => {
    for (const [i, trader] of traders.entries()) {
      const told = await trader.clients[1 + (i % 2)]?.getCollateral()
      expect(told?.ageSeconds).toBeLessThan(10)
      expect(told?.lots.length).toBeGreaterThan(0)
      expect(told?.marginCall).toBe(true)
    }
  }, 120_000)
})
