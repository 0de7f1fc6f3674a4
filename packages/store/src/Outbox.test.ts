import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from './Database.ts'
import * as Outbox from './Outbox.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

for (const engine of engines)
  describe.skipIf(engine.absent)(`the outbox, ${engine.title}`, () => {
    let running: Running
    let database: Database

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open()
    })
    afterAll(async () => {
      await database.close()
      await running.stop()
    })
    const message = (note: string, participantId: `0x${string}` | null = null) => ({
      participantId,
      kind: 'limit.issued' as const,
      body: { note },
    })
    const tell = (notes: readonly string[], now = 0) =>
      database.transaction((queries) => Outbox.append(queries, { messages: notes.map((note) => message(note)), now }))
    const read = async (cursor: string | null, limit = 100, participantId?: `0x${string}`) => {
      const page = await Outbox.after(database, { cursor, limit, ...(participantId ? { participantId } : {}) })
      if (page.status !== 'ok') expect.unreachable()
      return { ...page, notes: page.messages.map(({ body }) => body['note']) }
    }

    it('gives messages in order, page by page, from any of their cursors', async () => {
      const from = await Outbox.head(database)
      await tell(['a', 'b'])
      await tell(['c', 'd', 'e'])
      const first = await read(from, 2)
      expect(first.notes).toEqual(['a', 'b'])
      const second = await read(first.cursor, 2)
      expect(second.notes).toEqual(['c', 'd'])
      const third = await read(second.cursor, 2)
      expect(third.notes).toEqual(['e'])
      expect((await read(third.cursor)).notes).toEqual([])
      expect((await read(first.messages[0]?.cursor ?? null)).notes).toEqual(['b', 'c', 'd', 'e'])
    })

    it('gives one participant its own, and moves on past the others', async () => {
      const from = await Outbox.head(database)
      const [one, two] = [Desk.hex('one', 32), Desk.hex('two', 32)]
      await database.transaction((queries) =>
        Outbox.append(queries, { messages: [message('1', one), message('2', two), message('3', one)], now: 0 }),
      )
      expect((await read(from, 100, one)).notes).toEqual(['1', '3'])
      expect((await read(from, 1, one)).notes).toEqual(['1'])
      const none = await read(from, 100, Desk.hex('three', 32))
      expect(none.notes).toEqual([])
      expect((await read(none.cursor)).notes).toEqual([])
    })

    it('tells nothing of a transaction that was undone', async () => {
      const from = await Outbox.head(database)
      const broken = new Error('undone')
      const undone = database.transaction(async (queries) => {
        await Outbox.append(queries, { messages: [message('never')], now: 0 })
        throw broken
      })
      await expect(undone).rejects.toBe(broken)
      await tell(['ever'])
      expect((await read(from)).notes).toEqual(['ever'])
    })

    it('forgets what is old, keeps no holes, and tells whoever was there to start over', async () => {
      await Outbox.prune(database, { before: 10 ** 9 })
      const from = await Outbox.head(database)
      await tell(['old'], 100)
      const between = await read(from)
      await tell(['young'], 200)
      await tell(['late but old'], 100)
      expect(await Outbox.prune(database, { before: 200 })).toBe(1)
      expect(await Outbox.after(database, { cursor: from, limit: 9 })).toMatchObject({ status: 'resync' })
      const resync = await Outbox.after(database, { cursor: from, limit: 9 })
      expect((await read(resync.cursor)).notes).toEqual([])
      expect((await read(between.cursor)).notes).toEqual(['young', 'late but old'])
      expect((await read(null)).notes).toEqual(['young', 'late but old'])
      expect(await Outbox.prune(database, { before: 200 })).toBe(0)
    })

    it('a cursor of another database, or from ahead of this one, starts over', async () => {
      const head = Buffer.from(await Outbox.head(database), 'base64url').toString()
      const [identity = '', xid] = head.split(' ')
      const cursor = (text: string) => Buffer.from(text).toString('base64url')
      const other = cursor(`${identity.replace(/^./, (first) => (first === '0' ? '1' : '0'))} ${xid} 0`)
      expect(await Outbox.after(database, { cursor: other, limit: 9 })).toMatchObject({ status: 'resync' })
      expect(await Outbox.after(database, { cursor: cursor(`${identity} ${Number(xid) + 1_000} 0`), limit: 9 })).toMatchObject({
        status: 'resync',
      })
    })

    it('error: a cursor that is none', async () => {
      for (const cursor of ['', 'x', 'AAAA', Buffer.from("x' or 1=1 1 1").toString('base64url')])
        await expect(Outbox.after(database, { cursor, limit: 9 })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
    })

    it('bug: a cursor whose number no database holds was a failure of the database', async () => {
      const [identity = '', xid = ''] = Buffer.from(await Outbox.head(database), 'base64url')
        .toString()
        .split(' ')
      const after = (id: bigint) =>
        Outbox.after(database, { cursor: Buffer.from(`${identity} ${BigInt(xid) - 1n} ${id}`).toString('base64url'), limit: 9 })
      await expect(after(2n ** 63n)).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
      expect(await after(2n ** 63n - 1n)).toMatchObject({ status: 'ok' })
    })

    if (engine.name === 'server')
      it('skips nothing that commits late: serial numbers would', async () => {
        const other = await running.open()
        const from = await Outbox.head(database)
        let release = () => {}
        const gate = new Promise<void>((resolve) => {
          release = resolve
        })
        let began = () => {}
        const begun = new Promise<void>((resolve) => {
          began = resolve
        })
        const slow = other.transaction(async (queries) => {
          await Outbox.append(queries, { messages: [message('slow')], now: 0 })
          began()
          await gate
        })
        await begun
        await tell(['quick'])
        const early = await read(from)
        expect(early.notes).toEqual([])
        release()
        await slow
        expect((await read(early.cursor)).notes).toEqual(['slow', 'quick'])
        await other.close()
      })
  })
