import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from './Database.ts'
import * as Evidence from './Evidence.ts'
import * as Outbox from './Outbox.ts'
import * as Participants from './Participants.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

const { noon } = Desk
const rounds = process.env['PLIMSOLL_DEEP'] ? 100 : 20

for (const engine of engines)
  describe.skipIf(engine.absent)(`evidence, ${engine.title}`, () => {
    let running: Running
    let databases: readonly [Database, Database]
    let database: Database
    let time = noon
    let count = 0

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open({ clock: () => time })
      databases = [database, engine.name === 'server' ? await running.open({ clock: () => time }) : database]
    })
    afterAll(async () => {
      for (const one of new Set(databases)) await one.close()
      await running.stop()
    })
    const name = () => {
      time = noon
      return `${engine.name} evidence ${++count}`.slice(-12)
    }
    const piece = (change: Partial<Evidence.Piece> = {}): Evidence.Piece => ({
      ...{
        scope: 'margin',
        nullifier: `n${engine.name}${count}`,
        claim: 'uniqueHuman',
        kind: 'semaphore',
        source: { root: '7' },
        until: noon + 100,
      },
      ...change,
    })

    describe('record', () => {
      it('worked example: one piece, told once, and the participant changed', async () => {
        const participantId = await Desk.join(database, name())
        const from = await Outbox.head(database)
        expect(await Evidence.record(database, { participantId, piece: piece() })).toEqual({ status: 'recorded' })
        expect(await Evidence.of(database, participantId)).toEqual([
          { ...piece(), participantId, createdAt: noon, verifiedAt: noon, revokedAt: null, burnedAt: null },
        ])
        expect(await Outbox.after(database, { cursor: from, limit: 9 })).toMatchObject({
          messages: [{ kind: 'evidence.changed', participantId, body: { status: 'recorded', claim: 'uniqueHuman', scope: 'margin' } }],
        })
      })

      it('edge: brought again by the same one it counts anew, and what burned it stays', async () => {
        const participantId = await Desk.join(database, name())
        await Evidence.record(database, { participantId, piece: piece() })
        expect(await Evidence.revoke(database, { participantId, ...piece() })).toBe(true)
        time = noon + 10
        expect(await Evidence.record(database, { participantId, piece: piece({ until: noon + 200 }) })).toEqual({ status: 'renewed' })
        expect(await Evidence.of(database, participantId)).toMatchObject([
          { createdAt: noon, verifiedAt: noon + 10, until: noon + 200, revokedAt: null },
        ])
        expect(await Evidence.burn(database, participantId)).toBe(true)
        expect(await Evidence.burn(database, participantId)).toBe(false)
        await Evidence.record(database, { participantId, piece: piece() })
        expect(await Evidence.of(database, participantId)).toMatchObject([{ burnedAt: noon + 10 }])
      })

      it('error: another’s nullifier, also one that is revoked, burned or over; another scope is another person', async () => {
        const [first, second] = [await Desk.join(database, name()), await Desk.join(database, name())]
        const mine = piece()
        await Evidence.record(database, { participantId: first, piece: mine })
        await Evidence.revoke(database, { participantId: first, ...mine })
        await Evidence.burn(database, first)
        time = noon + 1_000
        await expect(Evidence.record(database, { participantId: second, piece: mine })).rejects.toMatchObject({ code: 'NULLIFIER_TAKEN' })
        expect(await Evidence.record(database, { participantId: second, piece: { ...mine, scope: 'other' } })).toEqual({
          status: 'recorded',
        })
        await expect(Evidence.record(database, { participantId: Desk.hex('nobody', 32), piece: piece() })).rejects.toMatchObject({
          code: 'UNKNOWN_PARTICIPANT',
        })
      })

      it(`${rounds} times two participants at two gateways with one nullifier: one has it, each time`, async () => {
        for (let round = 0; round < rounds; round++) {
          const ids = [await Desk.join(databases[0], name()), await Desk.join(databases[1], name())] as const
          const one = piece({ nullifier: `race ${engine.name} ${round}` })
          const outcomes = await Promise.allSettled(
            ids.map((participantId, i) => Evidence.record(databases[i === 0 ? 0 : 1], { participantId, piece: one })),
          )
          expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
          for (const outcome of outcomes)
            if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'NULLIFIER_TAKEN' })
          const held = await Promise.all(ids.map((id) => Evidence.of(database, id)))
          expect(held.flat()).toHaveLength(1)
        }
      })
    })

    describe('standing', () => {
      it('is what may still be taken back', async () => {
        const participantId = await Desk.join(database, name())
        const [live, over, taken] = ['live', 'over', 'taken'].map((it) => piece({ nullifier: `${it} ${engine.name}`, scope: 'standing' }))
        if (!live || !over || !taken) expect.unreachable()
        for (const each of [live, { ...over, until: noon + 5 }, taken]) await Evidence.record(database, { participantId, piece: each })
        await Evidence.revoke(database, { participantId, ...taken })
        time = noon + 5
        const standing = (await Evidence.standing(database)).filter(({ scope }) => scope === 'standing')
        expect(standing.map(({ nullifier }) => nullifier)).toEqual([live.nullifier])
      })
    })

    it('a participant of one account takes its evidence along when it becomes part of another', async () => {
      const [one, two] = [name(), name()]
      const [first, second] = [await Desk.join(database, one), await Desk.join(database, two)]
      await Evidence.record(database, { participantId: second, piece: piece() })
      await Participants.link(database, { participantId: first, account: Desk.accountId(two) })
      expect(await Evidence.of(database, first)).toHaveLength(1)
      expect(await Evidence.all(database, [second, first])).toEqual(await Evidence.of(database, first))
      expect(await Evidence.of(database, second)).toEqual([])
      const [left] = await Participants.history(database, second)
      const [, joined] = await Participants.history(database, first)
      expect(left).toMatchObject({ account: Desk.accountId(two), unlinkedAt: noon })
      expect(joined).toMatchObject({ account: Desk.accountId(two), unlinkedAt: null })
      expect(joined?.order).toBeGreaterThan(left?.order ?? 0)
    })
  })
