import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Book from './Book.ts'
import type { Database } from './Database.ts'
import * as Ledger from './Ledger.ts'
import * as Outbox from './Outbox.ts'
import * as Settlements from './Settlements.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

const { noon } = Desk
const vault = Desk.hex('vault', 20)
const signature = Desk.hex('signature', 65)

for (const engine of engines)
  describe.skipIf(engine.absent)(`settlements, ${engine.title}`, () => {
    let running: Running
    let database: Database
    let time = noon
    let count = 0

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open({ clock: () => time, decideSeconds: 0.2 })
    })
    afterAll(async () => {
      expect(await Audit.audit(database)).toEqual([])
      await database.close()
      await running.stop()
    })

    type Seat = { readonly name: string; readonly market: string; readonly participantId: `0x${string}` }

    /** A participant with a certificate of 60 at venue a, and one of 40 at b; of 100 in all. */
    async function seat(): Promise<Seat> {
      time = noon
      const name = `${engine.name}${++count}`
      const participantId = await Desk.join(database, name)
      for (const venue of ['a', 'b']) await Desk.observe(database, { name, venue, market: name })
      const who = { name, market: name, participantId }
      await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 60n, total: 100n })
      await Desk.issue(database, { ...who, venue: 'b', key: '2', credit: 40n, total: 100n })
      return who
    }
    const ask = (who: Seat, change: Partial<Settlements.SettlementRequest> = {}): Settlements.SettlementRequest => ({
      ...{ settlementId: Desk.hex(`claim ${who.name}`, 32), participantId: who.participantId, account: Desk.account(who.name) },
      ...{ venue: Desk.venue('a'), chainId: 1, vault, credit: 50n, deadline: noon + 60, bodyHash: Desk.hex('body', 32) },
      ...change,
    })
    const sign = async () => ({ status: 'order' as const, signatures: [signature] })
    const held = async ({ participantId }: Seat) => Book.encumbered(await Ledger.snapshot(database), participantId)
    const claimable = (who: Seat, venue = 'a') => Settlements.claimable(database, { ...ask(who), venue: Desk.venue(venue) })
    const conclude = (who: Seat, fate: Settlements.Fate, timestamp = noon) =>
      Ledger.conclude(database, {
        ...{ chainId: 1, vault, block: { number: 9n, timestamp } },
        settlements: [{ settlementId: ask(who).settlementId, fate }],
      })

    describe('order', () => {
      it('worked example: of 60 bound at a venue 50 are claimed; debited at once, on top of what is bound', async () => {
        const who = await seat()
        const cursor = (await Outbox.after(database, { cursor: null, limit: 1_000, participantId: who.participantId })).cursor
        expect(await Ledger.order(database, ask(who), sign)).toEqual({ status: 'ordered', signatures: [signature], replayed: false })
        expect(await held(who)).toBe(150n)
        expect(await claimable(who)).toEqual({ encumbrance: 60n, claimed: 50n, claimable: 10n })
        const page = await Outbox.after(database, { cursor, limit: 9, participantId: who.participantId })
        expect(page.status === 'ok' && page.messages.map(({ kind, body }) => [kind, body['credit']])).toEqual([
          ['settlement.ordered', '50'],
        ])
      })

      it('worked example: a venue’s claim stops at its own encumbrance, whatever is bound elsewhere', async () => {
        const who = await seat()
        await expect(Ledger.order(database, ask(who, { credit: 61n }), sign)).rejects.toMatchObject({
          ...{ code: 'OVER_CLAIM', encumbrance: 60n, claimed: 0n, asked: 61n },
        })
        await Ledger.order(database, ask(who), sign)
        const second = ask(who, { settlementId: Desk.hex(`second ${who.name}`, 32), credit: 11n })
        await expect(Ledger.order(database, second, sign)).rejects.toMatchObject({ code: 'OVER_CLAIM', claimed: 50n })
        expect(await Ledger.order(database, { ...second, credit: 10n }, sign)).toMatchObject({ status: 'ordered' })
        const elsewhere = ask(who, { settlementId: Desk.hex(`third ${who.name}`, 32), venue: Desk.venue('b'), credit: 40n })
        expect(await Ledger.order(database, elsewhere, sign)).toMatchObject({ status: 'ordered' })
        expect(await claimable(who, 'nowhere')).toEqual({ encumbrance: 0n, claimed: 0n, claimable: 0n })
      })

      it('edge: a loss beyond the credit there does not reach what other venues stand on', async () => {
        const who = await seat()
        await Desk.observe(database, { ...who, venue: 'a', block: 2, fees: 95n, credit: 60n })
        expect(await held(who)).toBe(95n + 40n)
        expect(await claimable(who)).toEqual({ encumbrance: 60n, claimed: 0n, claimable: 60n })
      })

      it('edge: what a certificate that was never posted binds cannot be claimed beyond what is bound', async () => {
        const who = await seat()
        await Desk.observe(database, { ...who, venue: 'a', block: 2, timestamp: noon + 301, fees: 5n, credit: 60n })
        expect(await claimable(who)).toMatchObject({ encumbrance: 5n, claimable: 5n })
      })

      it('edge: in a margin call a loss is paid all the same, and nothing is raised or released', async () => {
        const who = await seat()
        await Ledger.call(database, { participantId: who.participantId, credit: 99n })
        expect(await Ledger.order(database, ask(who), sign)).toMatchObject({ status: 'ordered' })
        const raise = { ...who, venue: 'b', key: '3', credit: 41n, total: 1_000n }
        await expect(Desk.issue(database, raise)).rejects.toMatchObject({ code: 'MARGIN_CALL' })
      })

      it('an id that was answered is answered the same; with another body or owner it is refused', async () => {
        const who = await seat()
        const first = await Ledger.order(database, ask(who), sign)
        expect(await Ledger.order(database, ask(who), () => expect.unreachable())).toEqual({ ...first, replayed: true })
        expect(await held(who)).toBe(150n)
        const other = await seat()
        for (const change of [{ bodyHash: Desk.hex('other', 32) }, { participantId: other.participantId }])
          await expect(Ledger.order(database, ask(who, change), sign)).rejects.toMatchObject({ code: 'SETTLEMENT_CONFLICT' })
      })

      it('two at once for the same money: one passes', async () => {
        const who = await seat()
        const asks = ['x', 'y'].map((id) => ask(who, { settlementId: Desk.hex(`${id} ${who.name}`, 32), credit: 60n }))
        const outcomes = await Promise.allSettled(asks.map((each) => Ledger.order(database, each, sign)))
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
        expect(await claimable(who)).toEqual({ encumbrance: 60n, claimed: 60n, claimable: 0n })
      })

      it('error: late, nothing, nobody, refused', async () => {
        const who = await seat()
        await expect(Ledger.order(database, ask(who, { deadline: noon }), sign)).rejects.toMatchObject({ code: 'SETTLEMENT_EXPIRED' })
        await expect(Ledger.order(database, ask(who, { credit: 0n }), sign)).rejects.toMatchObject({ code: 'OVER_CLAIM' })
        const nobody = ask(who, { participantId: Desk.hex('nobody', 32) })
        await expect(Ledger.order(database, nobody, sign)).rejects.toMatchObject({ code: 'UNKNOWN_PARTICIPANT' })
        expect(await Ledger.order(database, ask(who), async () => ({ status: 'refuse' }))).toEqual({ status: 'refused' })
        expect(await held(who)).toBe(100n)
      })
    })

    describe('conclude', () => {
      it('worked example: a paid one stays debited until every view has seen it leave', async () => {
        const who = await seat()
        await Ledger.order(database, ask(who, { document: '{"id":1}' }), sign)
        expect(await conclude(who, 'queued', noon + 999)).toEqual({ paid: 0, void: 0 })
        expect(await Settlements.pending(database, { chainId: 1, vault })).toContainEqual({
          ...{ settlementId: ask(who).settlementId, participantId: who.participantId, deadline: noon + 60 },
          ...{ document: '{"id":1}', signatures: [signature] },
        })
        expect(await conclude(who, 'paid')).toEqual({ paid: 1, void: 0 })
        time = noon + 119
        expect(await held(who)).toBe(150n)
        time = noon + 120
        expect(await held(who)).toBe(100n)
        expect(await conclude(who, 'vetoed')).toEqual({ paid: 0, void: 0 })
      })

      it('edge: one that never came is credited again past its deadline, and not before', async () => {
        const who = await seat()
        await Ledger.order(database, ask(who), sign)
        expect(await conclude(who, 'unknown', noon + 60)).toEqual({ paid: 0, void: 0 })
        expect(await held(who)).toBe(150n)
        expect(await conclude(who, 'unknown', noon + 61)).toEqual({ paid: 0, void: 1 })
        expect(await held(who)).toBe(100n)
        expect(await claimable(who)).toMatchObject({ claimed: 0n, claimable: 60n })
      })

      it.each(['vetoed', 'lapsed'] as const)('edge: one that was %s is credited again at once', async (fate) => {
        const who = await seat()
        await Ledger.order(database, ask(who), sign)
        expect(await conclude(who, fate)).toEqual({ paid: 0, void: 1 })
        expect(await held(who)).toBe(100n)
        expect(await Ledger.order(database, ask(who), sign)).toMatchObject({ replayed: true }) // the id is spent
        expect(await held(who)).toBe(100n)
      })
    })

    describe('cover', () => {
      it('worked example: until the money is at the venue, a loss cannot be claimed twice', async () => {
        const who = await seat()
        await Desk.observe(database, { ...who, venue: 'a', block: 2, timestamp: noon + 301, fees: 50n, credit: 60n })
        await Ledger.order(database, ask(who), sign)
        await conclude(who, 'paid')
        const again = ask(who, { settlementId: Desk.hex(`again ${who.name}`, 32), credit: 1n })
        await expect(Ledger.order(database, again, sign)).rejects.toMatchObject({ code: 'OVER_CLAIM', encumbrance: 50n, claimed: 50n })
        const read = { venue: Desk.venue('a'), block: { number: 3n }, settlementIds: [ask(who).settlementId] }
        expect(await Ledger.cover(database, { ...read, venue: Desk.venue('b') })).toBe(0)
        expect(await Ledger.cover(database, read)).toBe(1)
        expect(await Ledger.cover(database, read)).toBe(0)
        await Desk.observe(database, { ...who, venue: 'a', block: 3, timestamp: noon + 302, credit: 60n })
        expect(await claimable(who)).toEqual({ encumbrance: 0n, claimed: 0n, claimable: 0n })
      })

      it('worked example: 60 of credit, 95 lost: once 60 were brought, the other 35 are the venue’s own, until a new certificate', async () => {
        const who = await seat()
        const lost = { ...who, venue: 'a', timestamp: noon + 301, credit: 60n }
        await Desk.observe(database, { ...lost, block: 2, fees: 95n })
        await Ledger.order(database, ask(who, { credit: 60n }), sign)
        await conclude(who, 'paid')
        const mine = async () =>
          (await Settlements.uncovered(database, Desk.venue('a'))).filter(({ account }) => account === Desk.account(who.name))
        expect(await mine()).toEqual([{ settlementId: ask(who).settlementId, account: Desk.account(who.name), credit: 60n }])
        const key = Book.keyId({ account: Desk.account(who.name), venue: Desk.venue('a') })
        expect((await Settlements.claimed(database)).get(key)).toBe(60n)
        await Ledger.cover(database, { venue: Desk.venue('a'), block: { number: 3n }, settlementIds: [ask(who).settlementId] })
        expect(await mine()).toEqual([])
        expect((await Settlements.claimed(database)).has(key)).toBe(false)
        // The ledger has not read the venue since: it still shows 95, of which 60 were paid.
        expect(await claimable(who)).toMatchObject({ claimable: 0n })
        await Desk.observe(database, { ...lost, block: 3, timestamp: noon + 302, fees: 35n })
        expect(await claimable(who)).toEqual({ encumbrance: 35n, claimed: 0n, claimable: 0n })
        time = noon + 400
        await Desk.issue(database, {
          ...who,
          venue: 'a',
          key: '9',
          credit: 60n,
          total: 1_000n,
          issuedAt: noon + 400,
          expiresAt: noon + 700,
        })
        expect(await claimable(who)).toMatchObject({ claimable: 60n })
      })

      it('edge: a loss smaller than the credit is not claimed again from a read before its payment', async () => {
        const who = await seat()
        const lost = { ...who, venue: 'a', timestamp: noon + 301, credit: 60n }
        await Desk.observe(database, { ...lost, block: 2, fees: 20n })
        await Ledger.order(database, ask(who, { credit: 20n }), sign)
        await conclude(who, 'paid')
        await Ledger.cover(database, { venue: Desk.venue('a'), block: { number: 3n }, settlementIds: [ask(who).settlementId] })
        expect(await claimable(who)).toEqual({ encumbrance: 20n, claimed: 0n, claimable: 0n })
        await Desk.observe(database, { ...lost, block: 3, timestamp: noon + 302, fees: 5n })
        expect(await claimable(who)).toMatchObject({ claimable: 5n })
      })

      it('edge: covered before it was paid, it stays debited', async () => {
        const who = await seat()
        await Ledger.order(database, ask(who), sign)
        await Ledger.cover(database, { venue: Desk.venue('a'), block: { number: 3n }, settlementIds: [ask(who).settlementId] })
        expect(await held(who)).toBe(150n)
        expect(await claimable(who)).toMatchObject({ claimed: 0n })
      })
    })

    describe('vetoes', () => {
      it('worked example: a veto stands until the next certificate; what lapsed is none', async () => {
        const of = (who: Seat) => Settlements.vetoes(database, { account: Desk.account(who.name), venue: Desk.venue('a') })
        const [stopped, lapsed] = [await seat(), await seat()]
        for (const who of [stopped, lapsed]) await Ledger.order(database, ask(who), sign)
        expect(await of(stopped)).toEqual([])
        await conclude(stopped, 'vetoed')
        await conclude(lapsed, 'lapsed')
        expect(await of(stopped)).toEqual([ask(stopped).settlementId])
        expect(await of(lapsed)).toEqual([])
        time = noon + 1
        await Desk.issue(database, { ...stopped, venue: 'a', key: '9', credit: 60n, total: 1_000n })
        expect(await of(stopped)).toEqual([])
      })
    })
  })

describe('arrivedAt', () => {
  const cover = (amount: bigint, blockNumber = 7n) => ({ amount, blockNumber })
  const key = (fees: bigint, number: bigint): Parameters<typeof Settlements.arrivedAt>[0]['key'] => ({
    fees,
    positions: new Map([
      [
        '0x01',
        {
          ...{ side: 'flat', notional: 0n, requirement: 0n, maxNotional: 0n, certificateRequirement: 0n, lastSequence: 0n },
          ...{ headroom: { long: 0n, short: 0n }, block: { number, timestamp: 0 } },
        },
      ],
    ]),
  })
  const at = (covers: readonly ReturnType<typeof cover>[], owed: Parameters<typeof Settlements.arrivedAt>[0]['key'] = key(900n, 9n)) =>
    Settlements.arrivedAt({ covers, credit: 1_000n, key: owed })

  it('edge: a cent in its name is not a settlement', () => {
    expect([at([]), at([cover(1n)]), at([cover(1n)], null)]).toEqual([null, null, null])
  })

  it('edge: nine tenths are, together, at the block of the last of them', () => {
    expect([at([cover(899n)]), at([cover(900n)]), at([cover(400n, 8n), cover(500n, 7n)])]).toEqual([null, 7n, 8n])
  })

  it('rounding: up, for nobody but who brings it', () => {
    const brought = (amount: bigint) => Settlements.arrivedAt({ covers: [cover(amount)], credit: 1_001n, key: key(900n, 9n) })
    expect([brought(900n), brought(901n)]).toEqual([null, 7n])
  })

  it('edge: less is where nothing is owed any more, as read since', () => {
    expect([at([cover(1n)], key(0n, 7n)), at([cover(1n)], key(0n, 6n)), at([], key(0n, 9n))]).toEqual([7n, null, null])
  })
})
