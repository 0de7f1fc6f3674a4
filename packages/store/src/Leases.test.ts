import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database, Queries } from './Database.ts'
import * as Leases from './Leases.ts'
import * as Outbox from './Outbox.ts'
import { engines, type Running } from './testing/Engines.ts'

let now = 1_000
const clock = () => now
const ttlSeconds = 10

for (const engine of engines)
  describe.skipIf(engine.absent)(`leases, ${engine.title}`, () => {
    let running: Running
    let database: Database
    let count = 0
    let name = ''

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open({ clock })
    })
    afterAll(async () => {
      await database.close()
      await running.stop()
    })
    beforeEach(() => {
      now = 1_000
      name = `job ${++count}`
    })
    const take = async (holder: string) => {
      const taken = await Leases.acquire(database, { name, holder, ttlSeconds })
      if (taken.status !== 'held') expect.unreachable()
      return taken.lease
    }
    const note = (lease: Leases.Lease, what: string) =>
      Leases.fence(database, lease).transaction((queries) =>
        Outbox.append(queries, { messages: [{ participantId: null, kind: 'limit.issued', body: { name, what } }], now }),
      )
    const notes = async () => {
      const page = await Outbox.after(database, { cursor: null, limit: 1_000 })
      if (page.status !== 'ok') expect.unreachable()
      return page.messages.filter(({ body }) => body['name'] === name).map(({ body }) => body['what'])
    }

    describe('acquire', () => {
      it('worked example: one holder at a time, and the token rises with each', async () => {
        expect(await Leases.acquire(database, { name, holder: 'a', ttlSeconds })).toEqual({
          status: 'held',
          lease: { name, holder: 'a', token: 1n },
          expiresAt: 1_010,
        })
        expect(await Leases.acquire(database, { name, holder: 'b', ttlSeconds })).toEqual({
          status: 'taken',
          holder: 'a',
          expiresAt: 1_010,
        })
        now = 1_010
        expect(await Leases.acquire(database, { name, holder: 'b', ttlSeconds })).toMatchObject({ status: 'held', lease: { token: 2n } })
      })

      it('edge: a second before its end it is taken', async () => {
        await take('a')
        now = 1_009
        expect(await Leases.acquire(database, { name, holder: 'b', ttlSeconds })).toMatchObject({ status: 'taken', holder: 'a' })
      })

      it('edge: the holder that asks again gets a new token, and its former self is fenced off', async () => {
        const before = await take('a')
        const after = await take('a')
        expect(after.token).toBe(2n)
        await expect(note(before, 'former')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: 'a' })
        await note(after, 'present')
        expect(await notes()).toEqual(['present'])
      })

      it('property: of many who ask at once, one gets it', async () => {
        const asked = await Promise.all(
          Array.from({ length: 12 }, (_, i) => Leases.acquire(database, { name, holder: `h${i}`, ttlSeconds })),
        )
        expect(asked.filter(({ status }) => status === 'held')).toHaveLength(1)
      })
    })

    describe('renew', () => {
      it('worked example: puts the end off, and never back', async () => {
        const lease = await take('a')
        now = 1_005
        expect(await Leases.renew(database, { lease, ttlSeconds })).toEqual({ status: 'held', expiresAt: 1_015 })
        expect(await Leases.renew(database, { lease, ttlSeconds: 1 })).toEqual({ status: 'held', expiresAt: 1_015 })
      })

      it('edge: one that ran out is held again if nobody took it, and lost if somebody did', async () => {
        const lease = await take('a')
        now = 1_050
        expect(await Leases.renew(database, { lease, ttlSeconds })).toEqual({ status: 'held', expiresAt: 1_060 })
        now = 1_060
        const other = await take('b')
        expect(await Leases.renew(database, { lease, ttlSeconds })).toEqual({ status: 'lost' })
        expect(await Leases.renew(database, { lease: other, ttlSeconds })).toMatchObject({ status: 'held' })
      })

      it('edge: one that was given back is not held again', async () => {
        const lease = await take('a')
        await Leases.release(database, lease)
        expect(await Leases.renew(database, { lease, ttlSeconds })).toEqual({ status: 'lost' })
      })
    })

    describe('release', () => {
      it('worked example: the next need not wait, and gets a higher token', async () => {
        await Leases.release(database, await take('a'))
        expect((await take('b')).token).toBe(2n)
      })

      it('edge: it does not take the lease from a successor', async () => {
        const before = await take('a')
        now = 1_010
        const after = await take('b')
        await Leases.release(database, before)
        await note(after, 'still')
        expect(await notes()).toEqual(['still'])
      })
    })

    describe('fence', () => {
      it('worked example: a holder that was paused past its end writes nothing, and its successor does', async () => {
        const paused = await take('a')
        await note(paused, 'first')
        now = 1_010
        const successor = await take('b')
        await expect(note(paused, 'stale')).rejects.toMatchObject({ name: 'Leases.LeaseLostError', code: 'LEASE_LOST', holder: 'b' })
        await note(successor, 'second')
        expect(await notes()).toEqual(['first', 'second'])
      })

      it('edge: a lease that merely ran out writes nothing either, and is told so', async () => {
        const lease = await take('a')
        now = 1_009
        await note(lease, 'in time')
        now = 1_010
        await expect(note(lease, 'late')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: null })
        expect(await notes()).toEqual(['in time'])
      })

      it('edge: a single statement is fenced as well', async () => {
        const paused = await take('a')
        now = 1_010
        await take('b')
        const insert = Leases.fence(database, paused).query("insert into settings (name, value) values ($1, 'stale')", [name])
        await expect(insert).rejects.toMatchObject({ code: 'LEASE_LOST' })
        expect(await database.query('select value from settings where name = $1', [name])).toEqual([])
      })

      it('edge: what the work itself threw comes out, not the lease', async () => {
        const lease = await take('a')
        now = 1_010
        const broken = new Error('broken')
        await expect(Leases.fence(database, lease).transaction(() => Promise.reject(broken))).rejects.toBe(broken)
      })

      it('error: a lease that nobody was ever given', async () => {
        await expect(note({ name, holder: 'a', token: 1n }, 'never')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: null })
      })
    })

    describe('hold', () => {
      const holdAs = (holder: string) => Leases.hold(database, { name, holder, ttlSeconds, nowMs: () => now * 1_000 })
      const write = (turn: Leases.Turn, what: string) => {
        if (turn.status !== 'held') expect.unreachable()
        return turn.database.transaction((queries) =>
          Outbox.append(queries, { messages: [{ participantId: null, kind: 'limit.issued', body: { name, what } }], now }),
        )
      }
      const row = async () => {
        const [found] = await database.query<{ token: bigint; expires_at: bigint }>(
          'select token, expires_at from leases where name = $1',
          [name],
        )
        return found
      }

      it('worked example: one has the turns, and the other once it was released', async () => {
        const [a, b] = [holdAs('a'), holdAs('b')]
        expect(a.isHeld()).toBe(false)
        expect(await a.turn()).toMatchObject({ status: 'held', isNew: true })
        expect(await a.turn()).toMatchObject({ status: 'held', isNew: false })
        expect(await b.turn()).toEqual({ status: 'standby' })
        expect([a.isHeld(), b.isHeld()]).toEqual([true, false])
        await a.release()
        expect(a.isHeld()).toBe(false)
        expect(await b.turn()).toMatchObject({ status: 'held', isNew: true })
        expect(await a.turn()).toEqual({ status: 'standby' })
      })

      it('edge: renewed once a third of its time is over, and not a moment before', async () => {
        let ms = 1_000_000
        const a = Leases.hold(database, { name, holder: 'a', ttlSeconds, nowMs: () => ms })
        await a.turn()
        now = 1_003
        ms = 1_003_333
        await a.turn()
        expect(await row()).toMatchObject({ expires_at: 1_010n })
        ms = 1_003_334
        expect(await a.turn()).toMatchObject({ isNew: false })
        expect(await row()).toEqual({ token: 1n, expires_at: 1_013n })
        ms = 1_006_666
        now = 1_006
        await a.turn()
        expect(await row()).toMatchObject({ expires_at: 1_013n })
      })

      it('edge: `confirm` asks the database, whatever the process remembers: who was paused past its end has lost it', async () => {
        // A clock that stands still: nothing is ever due.
        const a = Leases.hold(database, { name, holder: 'a', ttlSeconds, nowMs: () => 0 })
        const b = holdAs('b')
        expect(await a.confirm()).toBe(false)
        await a.turn()
        expect(await a.confirm()).toBe(true)
        now = 1_010
        expect(await b.turn()).toMatchObject({ status: 'held' })
        expect(a.isHeld()).toBe(true)
        expect(await a.confirm()).toBe(false)
        expect(a.isHeld()).toBe(false)
        expect(await a.turn()).toEqual({ status: 'standby' })
      })

      it('edge: `confirm` keeps a successor waiting for a whole ttl', async () => {
        const [a, b] = [holdAs('a'), holdAs('b')]
        await a.turn()
        now = 1_002
        expect(await a.confirm()).toBe(true)
        now = 1_011
        expect(await b.turn()).toEqual({ status: 'standby' })
        now = 1_012
        expect(await b.turn()).toMatchObject({ status: 'held' })
      })

      it('edge: one that lost it writes nothing, knows it from then on, and takes it anew as new', async () => {
        const a = Leases.hold(database, { name, holder: 'a', ttlSeconds, nowMs: () => 0 })
        const turn = await a.turn()
        await write(turn, 'first')
        now = 1_010
        const b = holdAs('b')
        await write(await b.turn(), 'second')
        await expect(write(turn, 'stale')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: 'b' })
        expect(a.isHeld()).toBe(false)
        expect(await notes()).toEqual(['first', 'second'])
        await b.release()
        expect(await a.turn()).toMatchObject({ status: 'held', isNew: true })
        // Its former self takes nothing from it.
        await expect(write(turn, 'stale')).rejects.toMatchObject({ code: 'LEASE_LOST' })
        expect(a.isHeld()).toBe(true)
      })

      it('edge: released while it is asked, no answer gives it back', async () => {
        const [a, b] = [holdAs('a'), holdAs('b')]
        await a.turn()
        const asked = a.confirm()
        await a.release()
        expect([await asked, a.isHeld(), await a.confirm()]).toEqual([false, false, false])
        expect(await b.turn()).toMatchObject({ status: 'held' })
      })

      it('edge: another error of the work leaves the lease held; nothing is released that is not held', async () => {
        const a = holdAs('a')
        await a.release()
        const turn = await a.turn()
        if (turn.status !== 'held') expect.unreachable()
        await expect(turn.database.query('select no_such_column')).rejects.toThrow()
        expect(a.isHeld()).toBe(true)
        expect(await row()).toMatchObject({ token: 1n })
      })
    })

    if (engine.name === 'server') {
      it('a successor waits for a write under way, and reads it', async () => {
        const other = await running.open({ clock })
        const lease = await take('a')
        let go = () => {}
        const gate = new Promise<void>((resolve) => {
          go = resolve
        })
        // Checked under the lock, and held there before its commit.
        const checked = Promise.withResolvers<void>()
        const slow = database.transaction(async (queries) => {
          const inside = { ...database, transaction: <T>(work: (queries: Queries) => Promise<T>) => work(queries) }
          await Leases.fence(inside, lease).transaction(() =>
            Outbox.append(queries, { messages: [{ participantId: null, kind: 'limit.issued', body: { name, what: 'slow' } }], now }),
          )
          checked.resolve()
          await gate
        })
        await checked.promise
        now = 1_010
        let taken = false
        const successor = Leases.acquire(other, { name, holder: 'b', ttlSeconds }).then((answer) => {
          taken = true
          return answer
        })
        await new Promise((resolve) => setTimeout(resolve, 150))
        expect(taken).toBe(false)
        go()
        await slow
        expect(await successor).toMatchObject({ status: 'held', lease: { token: 2n } })
        expect(await notes()).toEqual(['slow'])
        await other.close()
      })

      it('a process stopped with SIGSTOP and resumed after another took over writes nothing more', { timeout: 60_000 }, async () => {
        const real = await running.open()
        const child = spawn(process.execPath, [holder, JSON.stringify({ url: running.url, name, ttlSeconds: 2 })], {
          stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        })
        const told: string[] = []
        child.on('message', (message) => told.push(String(message)))
        while (!told.includes('wrote')) await once(child, 'message')
        child.kill('SIGSTOP')
        // Stopped inside a transaction it keeps its lock, until the server ends it: then the first tries time out.
        const succeed = () =>
          Leases.acquire(real, { name, holder: 'successor', ttlSeconds: 60 }).catch(() => ({ status: 'taken' as const }))
        while ((await succeed()).status === 'taken') await new Promise((resolve) => setTimeout(resolve, 100))
        const written = (await notes()).length
        const exit = once(child, 'exit')
        child.kill('SIGCONT')
        await exit
        expect(told.at(-1)).toBe('LEASE_LOST')
        expect(written).toBeGreaterThan(0)
        expect((await notes()).length).toBe(written)
        await real.close()
      })
    }
  })

describe('shardOf', () => {
  it('worked example: the id, by the number of shards', () => {
    expect([0, 1, 7, 8, 9].map((id) => Leases.shardOf(`0x${id.toString(16).padStart(64, '0')}`, 8))).toEqual([0, 1, 7, 0, 1])
  })
  it('property: every shard is from 0 to shards − 1, and one shard takes all', () => {
    const ids = Array.from({ length: 200 }, (_, i) => `0x${(BigInt(i) ** 40n).toString(16).padStart(64, '0')}` as const)
    for (const id of ids) {
      expect(Leases.shardOf(id, 1)).toBe(0)
      expect(Leases.shardOf(id, 7)).toBeLessThan(7)
    }
  })
})

const holder = fileURLToPath(new URL('./testing/holder.ts', import.meta.url))
