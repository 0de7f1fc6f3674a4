import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from './Database.ts'
import * as Leases from './Leases.ts'
import * as Shares from './Shares.ts'
import { engines, type Running } from './testing/Engines.ts'

let now = 1_000
const clock = () => now
const ttlSeconds = 10
const groups = [
  ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'],
  ['history', 'losses'],
]
const everything = groups.flat()

for (const engine of engines)
  describe.skipIf(engine.absent)(`shares, ${engine.title}`, () => {
    let running: Running
    let database: Database
    let count = 0
    let area = ''

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
      area = `area ${++count}`
    })

    /** Somebody who takes a share again and again. */
    const one = (holder: string) => {
      let share: Shares.Share = { leases: [], pieces: [], seats: 0 }
      return {
        share: () => share,
        take: async () => {
          share = await Shares.take(database, { area, holder, held: share.leases, groups, ttlSeconds })
          return share
        },
      }
    }
    const settle = async (everybody: readonly ReturnType<typeof one>[]) => {
      for (const _ of [1, 2]) for (const it of everybody) await it.take()
    }
    const pieces = (everybody: readonly ReturnType<typeof one>[]) => everybody.flatMap((it) => it.share().pieces)
    const note = (share: Shares.Share, value: string) =>
      Shares.fence(database, share.leases).query(
        'insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
        [area, value],
      )
    const noted = async () => (await database.query<{ value: string }>('select value from settings where name = $1', [area]))[0]?.value

    describe('take', () => {
      it('worked example: one alone holds everything', async () => {
        const a = one('a')
        expect(await a.take()).toMatchObject({ pieces: everything, seats: 1 })
        expect(a.share().leases).toHaveLength(everything.length + 1)
      })

      it('worked example: with a second, each has half of each group, and every piece has one holder', async () => {
        const both = [one('a'), one('b')]
        await settle(both)
        expect(both.map((it) => it.share())).toMatchObject([
          { pieces: ['p0', 'p1', 'p2', 'history'], seats: 2 },
          { pieces: ['p3', 'p4', 'p5', 'losses'], seats: 2 },
        ])
      })

      it('edge: what does not divide evenly goes to the first, and nobody holds more than its part', async () => {
        const four = ['a', 'b', 'c', 'd'].map(one)
        await settle(four)
        expect(pieces(four).toSorted()).toEqual(everything.toSorted())
        for (const it of four) expect(it.share().pieces.filter((piece) => piece.startsWith('p')).length).toBeLessThanOrEqual(2)
      })

      it('edge: of one that died everything has another holder when its leases have run out, and not a second before', async () => {
        const [a, b] = [one('a'), one('b')]
        await settle([a, b])
        now = 1_009
        expect((await b.take()).pieces).toHaveLength(4)
        now = 1_010
        expect(await b.take()).toMatchObject({ seats: 1 })
        expect(b.share().pieces.toSorted()).toEqual(everything.toSorted())
      })

      it('edge: one that was stopped finds its share gone, and gets an even part again', async () => {
        const [a, b] = [one('a'), one('b')]
        await settle([a, b])
        now = 1_010
        await b.take()
        expect(await a.take()).toMatchObject({ pieces: [], seats: 2 })
        await settle([b, a])
        expect(a.share().pieces).toHaveLength(4)
        expect(pieces([a, b]).toSorted()).toEqual(everything.toSorted())
      })

      it('edge: more processes than pieces: the last have no seat and no part, until one leaves', async () => {
        const many = Array.from({ length: everything.length + 1 }, (_, i) => one(`h${i}`))
        await settle(many)
        const last = many.at(-1)
        expect(last?.share()).toMatchObject({ pieces: [], leases: [] })
        await Shares.give(database, many[0]?.share().leases ?? [])
        await last?.take()
        expect(last?.share().leases.map(({ name }) => name)).toContain(`${area}/seat/0`)
      })

      it('property: of many who ask at once, every piece has at most one holder', async () => {
        const many = Array.from({ length: 5 }, (_, i) => one(`h${i}`))
        for (const _ of [1, 2, 3]) {
          await Promise.all(many.map((it) => it.take()))
          const held = await database.query<{ holder: string; name: string }>(
            'select name, holder from leases where starts_with(name, $1) and expires_at > $2',
            [`${area}/`, now],
          )
          for (const [i, it] of many.entries())
            for (const { name } of it.share().leases) expect(held.find((row) => row.name === name)?.holder).toBe(`h${i}`)
        }
        await settle(many)
        expect(pieces(many).toSorted()).toEqual(everything.toSorted())
      })
    })

    describe('give', () => {
      it('worked example: the next need not wait', async () => {
        const [a, b] = [one('a'), one('b')]
        await settle([a, b])
        await Shares.give(database, a.share().leases)
        expect((await b.take()).pieces.toSorted()).toEqual(everything.toSorted())
      })
    })

    describe('fence', () => {
      it('worked example: a holder writes, and one that lost a single piece of its share writes nothing', async () => {
        const a = one('a')
        await a.take()
        await note(a.share(), 'held')
        const [lost] = a.share().leases.slice(-1)
        if (!lost) expect.unreachable()
        await Leases.release(database, lost)
        await Leases.acquire(database, { name: lost.name, holder: 'b', ttlSeconds })
        await expect(note(a.share(), 'stale')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: 'b', lease: lost })
        expect(await noted()).toBe('held')
      })

      it('edge: a share that ran out writes nothing, a second before it does', async () => {
        const a = one('a')
        await a.take()
        now = 1_009
        await note(a.share(), 'in time')
        now = 1_010
        await expect(note(a.share(), 'late')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: null })
        expect(await noted()).toBe('in time')
      })

      it('error: a lease that nobody was ever given', async () => {
        const leases = [{ name: `${area}/never`, holder: 'a', token: 1n }]
        await expect(note({ leases, pieces: [], seats: 1 }, 'never')).rejects.toMatchObject({ code: 'LEASE_LOST', holder: null })
      })
    })
  })
