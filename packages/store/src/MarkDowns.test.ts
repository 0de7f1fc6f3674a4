import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from './Database.ts'
import * as MarkDowns from './MarkDowns.ts'
import * as Outbox from './Outbox.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

for (const engine of engines)
  describe.skipIf(engine.absent)(`mark-downs, ${engine.title}`, () => {
    let running: Running
    let database: Database
    let participantId: `0x${string}`
    const venue = Desk.venue('a')
    const account = Desk.account('ann')
    const { noon, usd } = Desk

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open({ clock: () => noon })
      participantId = await Desk.join(database, 'ann')
    })
    afterAll(async () => {
      await database.close()
      await running.stop()
    })
    const order = (credit: bigint, accepted = 0n, signed: bigint[] = []) =>
      MarkDowns.order(database, { participantId, account, venue, credit, accepted, issuedAt: noon }, async ({ sequence }) => {
        signed.push(sequence)
        return { document: `{"sequence":"${sequence}"}`, signatures: ['0xab'] }
      })
    const conclude = (sequence: bigint, timestamp: number) =>
      MarkDowns.conclude(database, { venue, block: { timestamp }, ttlSeconds: 300, accepted: [{ account, sequence }] })
    const told = async () => {
      const page = await Outbox.after(database, { cursor: null, limit: 100 })
      if (page.status !== 'ok') expect.unreachable()
      return page.messages
        .filter(({ kind }) => kind.startsWith('markdown.'))
        .map(({ kind, body }) => `${kind} ${body['sequence']} ${body['status'] ?? ''}`)
    }

    it('worked example: one at a time, each above what the book has, and void when its time is over', async () => {
      const signed: bigint[] = []
      expect(await order(100n * usd, 4n, signed)).toEqual({ status: 'ordered', sequence: 5n })
      expect(await order(90n * usd, 4n, signed)).toEqual({ status: 'pending', sequence: 5n })
      expect(signed).toEqual([5n])
      expect(await MarkDowns.pending(database, venue)).toEqual([
        { participantId, account, sequence: 5n, credit: 100n * usd, issuedAt: noon, document: '{"sequence":"5"}', signatures: ['0xab'] },
      ])
      expect(await conclude(4n, noon + 300)).toBe(0)
      expect(await conclude(4n, noon + 301)).toBe(1)
      expect(await order(80n * usd, 4n, signed)).toEqual({ status: 'ordered', sequence: 6n })
      expect(await conclude(6n, noon)).toBe(1)
      expect(await conclude(6n, noon)).toBe(0)
      expect(await order(70n * usd, 9n, signed)).toEqual({ status: 'ordered', sequence: 10n })
      expect(await conclude(10n, noon + 301)).toBe(1)
      expect(await told()).toEqual([
        'markdown.ordered 5 ',
        'markdown.ended 5 void',
        'markdown.ordered 6 ',
        'markdown.ended 6 accepted',
        'markdown.ordered 10 ',
        'markdown.ended 10 accepted',
      ])
    })

    it('edge: what was not signed was not ordered', async () => {
      const broken = new Error('no key')
      const failing = MarkDowns.order(database, { participantId, account, venue, credit: 1n, accepted: 20n, issuedAt: noon }, () =>
        Promise.reject(broken),
      )
      await expect(failing).rejects.toBe(broken)
      expect(await MarkDowns.pending(database, venue)).toEqual([])
    })

    it('edge: another venue and another account end nothing here', async () => {
      await order(60n * usd, 30n)
      const read = { block: { timestamp: noon + 1_000 }, ttlSeconds: 300 }
      expect(await MarkDowns.conclude(database, { ...read, venue: Desk.venue('b'), accepted: [{ account, sequence: 99n }] })).toBe(0)
      expect(await MarkDowns.conclude(database, { ...read, venue, accepted: [{ account: Desk.account('bob'), sequence: 99n }] })).toBe(0)
      expect(await MarkDowns.pending(database, venue)).toHaveLength(1)
    })
  })
