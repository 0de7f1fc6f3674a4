/** What happened is told on a real JetStream stream: in order, once, whoever died in between; and nothing waits for it. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type House, Nats } from '@plimsoll/localnet'
import { Database, Outbox } from '@plimsoll/store'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as Bus from '../src/jobs/bus.ts'
import * as Kit from './Kit.ts'

const server = await Nats.start()
const available = server.status === 'running'
const url = available ? server.url : 'nats://127.0.0.1:1'
const log = pino({ level: 'silent' })
const person = `0x${'a1'.repeat(32)}` as const

afterAll(async () => {
  if (available) await server.stop()
})

async function clear(listener: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(listener)
  for await (const name of manager.streams.names()) await manager.streams.delete(name)
}

describe.skipIf(!available)('a bus (needs NATS: nats-server)', () => {
  let database: Database.Database
  let listener: NatsConnection
  const open = (other: Database.Database = database) => Bus.open({ url, database: other, log })
  let said = 0

  /** So many messages, each in a transaction of its own. */
  async function say(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const message = { participantId: i % 2 === 0 ? person : null, kind: 'encumbrance.changed', body: { said: said++ } } as const
      await database.transaction((queries) => Outbox.append(queries, { messages: [message], now: 1_700_000_000 + said }))
    }
  }

  /** Everything on the stream, from its beginning. */
  async function heard(): Promise<readonly { readonly subject: string; readonly told: Bus.Told }[]> {
    const { state } = await (await jetstreamManager(listener)).streams.info(Bus.stream)
    const messages: { subject: string; told: Bus.Told }[] = []
    if (state.messages === 0) return messages
    const consumer = await jetstream(listener).consumers.get(Bus.stream)
    for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 }))
      messages.push({ subject: message.subject, told: message.json<Bus.Told>() })
    return messages
  }
  const numbers = async () => (await heard()).map(({ told }) => told.body['said'])
  const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

  beforeAll(async () => {
    listener = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  })
  afterAll(async () => {
    await listener?.close()
    await database?.close()
  })
  beforeEach(async () => {
    await database?.close()
    database = await Database.open({ memory: true })
    said = 0
    await clear(listener)
  })

  test('worked example: each message under its kind and whom it concerns, with the cursor that limits.watch gives', async () => {
    await say(2)
    const bus = open()
    expect(await bus.round()).toBe(2)
    const page = await Outbox.after(database, { cursor: null, limit: 10 })
    if (page.status !== 'ok') throw new Error('nothing was forgotten')
    expect(await heard()).toEqual([
      {
        subject: `plimsoll.events.encumbrance.changed.${person}`,
        told: { id: page.messages[0]?.cursor, participantId: person, kind: 'encumbrance.changed', at: 1_700_000_001, body: { said: 0 } },
      },
      {
        subject: 'plimsoll.events.encumbrance.changed.all',
        told: { id: page.messages[1]?.cursor, participantId: null, kind: 'encumbrance.changed', at: 1_700_000_002, body: { said: 1 } },
      },
    ])
    expect(await bus.round()).toBe(0)
    await bus.stop()
  })

  test('edge: more than a page, and a gateway that died goes on where it was', async () => {
    await say(130)
    const first = open()
    expect(await first.round()).toBe(130)
    await first.stop()
    await say(1)
    const second = open()
    expect(await second.round()).toBe(1)
    expect(await numbers()).toEqual(upTo(131))
    await second.stop()
  })

  test('edge: one that ends leaves what is beyond a page to the next', async () => {
    await say(130)
    const bus = open()
    await bus.stop()
    expect(await bus.round()).toBe(100)
    await bus.stop()
    const next = open()
    expect(await next.round()).toBe(30)
    expect(await numbers()).toEqual(upTo(130))
    await next.stop()
  })

  test('edge: two gateways at once publish each message once, in order', async () => {
    const buses = [open(), open()]
    let published = 0
    for (let i = 0; i < 5; i++) {
      await say(20)
      const counts = await Promise.all(buses.map((bus) => bus.round()))
      published += counts.reduce((sum, count) => sum + count, 0)
      expect(buses.flatMap((bus) => bus.faults())).toEqual([])
    }
    // Whoever was overtaken has looked where the other one is, and not gone on yet.
    for (const bus of buses) published += await bus.round()
    expect(published).toBe(100)
    expect(await numbers()).toEqual(upTo(100))
    await Promise.all(buses.map((bus) => bus.stop()))
  })

  test('edge: a server killed while it is told: the fault is named, the rest waits, and no message is lost or told twice', async () => {
    if (!available) throw new Error('there is a server')
    const bus = open()
    bus.start()
    await say(20)
    const crashed = server.crash()
    await say(20)
    await crashed
    await say(20)
    const faults = await Kit.until(
      async () => bus.faults(),
      (all) => all.length > 0,
    )
    expect(faults).toEqual([expect.stringMatching(/^bus: BUS_UNREACHABLE: /)])
    await server.restart()
    await Kit.until(
      async () => bus.faults(),
      (all) => all.length === 0,
    )
    await Kit.until(numbers, (all) => all.length >= 60)
    expect(await numbers()).toEqual(upTo(60))
    await bus.stop()
  })

  test('edge: who was away for longer than messages are kept is told to start over', async () => {
    await say(3)
    const bus = open()
    await bus.round()
    await bus.stop()
    await say(2)
    await Outbox.prune(database, { before: 1_700_000_100 })
    await say(1)
    const late = open()
    await late.round()
    await say(1)
    await late.round()
    expect((await heard()).map(({ subject, told }) => [subject, told.kind, told.body])).toEqual([
      ...upTo(3).map((i) => [expect.any(String), 'encumbrance.changed', { said: i }]),
      ['plimsoll.events.resync.all', 'resync', {}],
      [`plimsoll.events.encumbrance.changed.${person}`, 'encumbrance.changed', { said: 6 }],
    ])
    await late.stop()
  })

  test('error: what somebody else published on the stream stops it, with what to do', async () => {
    const bus = open()
    await say(1)
    await bus.round()
    await jetstream(listener).publish('plimsoll.events.limit.issued.mine', '{}')
    await say(1)
    await bus.round()
    await bus.round()
    expect(bus.faults()).toEqual([expect.stringMatching(/^bus: BUS_FOREIGN: /)])
    await bus.stop()
  })
})

describe('a gateway whose bus is nowhere', () => {
  test('says so, and has all the same to tell', async () => {
    const database = await Database.open({ memory: true })
    const bus = Bus.open({ url: 'nats://127.0.0.1:9', database, log })
    expect(await bus.round()).toBe(0)
    expect(bus.faults()).toEqual([expect.stringMatching(/^bus: BUS_UNREACHABLE: /)])
    await bus.stop()
    await database.close()
  })
})

describe.skipIf(!available)('a gateway with a bus (needs NATS: nats-server)', () => {
  let house: House.House
  let listener: NatsConnection
  beforeAll(async () => {
    listener = await connect({ servers: url })
    await clear(listener)
    house = await Kit.house({ gateway: { env: { BUS: url } } })
  }, 120_000)
  afterAll(async () => {
    await listener?.close()
    await house?.stop()
  })

  test('tells of a certificate once it is bound', async () => {
    const [trader] = await Kit.traders({ house, names: ['heard'], dollars: 5_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
    const signed = Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(100) }))
    const manager = await jetstreamManager(listener)
    const subject = Bus.subjectOf({ kind: 'limit.issued', participantId: trader.participantId })
    const message = await Kit.until(
      () => manager.streams.getMessage(Bus.stream, { last_by_subj: subject }),
      (found) => found !== null,
    )
    expect(message?.json<Bus.Told>()).toMatchObject({ kind: 'limit.issued', participantId: trader.participantId })
    expect(JSON.stringify(message?.json())).toContain(`${signed.certificate.sequence}`)
  })
})
