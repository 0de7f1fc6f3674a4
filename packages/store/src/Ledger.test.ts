import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Book from './Book.ts'
import * as Certificates from './Certificates.ts'
import type { Database } from './Database.ts'
import * as Events from './Events.ts'
import * as Ledger from './Ledger.ts'
import * as Outbox from './Outbox.ts'
import * as Participants from './Participants.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

const { noon, usd } = Desk

for (const engine of engines)
  describe.skipIf(engine.absent)(`the ledger, ${engine.title}`, () => {
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

    /** A participant of its own, flat at venues a and b in a market of its own. */
    async function seat(): Promise<{ name: string; market: string; participantId: `0x${string}` }> {
      time = noon
      const name = `${engine.name}${++count}`
      const participantId = await Desk.join(database, name)
      for (const venue of ['a', 'b']) await Desk.observe(database, { name, venue, market: name })
      return { name, market: name, participantId }
    }
    const held = async (participantId: `0x${string}`) => Book.encumbered(await Ledger.snapshot(database), participantId)
    const interest = async (market: string) =>
      (await Ledger.snapshot(database)).markets.get(Book.marketId(Desk.chainId, Desk.market(market)))
    const row = async (sql: string) => Number((await database.query<{ n: bigint }>(`select count(*) as n from ${sql}`))[0]?.n)

    describe('issue', () => {
      it('worked example: 1,000 of credit stands behind 600 here and 400 there, and no more', async () => {
        const who = await seat()
        const total = 1_000n * usd
        expect(await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 600n * usd, total })).toMatchObject({
          status: 'issued',
          replayed: false,
        })
        await expect(Desk.issue(database, { ...who, venue: 'b', key: '2', credit: 600n * usd, total })).rejects.toMatchObject({
          ...{ code: 'CREDIT_ENCUMBERED', credit: total, encumbered: 600n * usd, asked: 600n * usd },
        })
        expect(await held(who.participantId)).toBe(600n * usd)
        expect(await Desk.issue(database, { ...who, venue: 'b', key: '3', credit: 400n * usd, total })).toMatchObject({ status: 'issued' })
        expect(await held(who.participantId)).toBe(total)
      })

      it('edge: exactly the credit passes, one unit more does not', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', total: 1_000n }
        await expect(Desk.issue(database, { ...ask, key: '1', credit: 1_001n })).rejects.toMatchObject({ code: 'CREDIT_ENCUMBERED' })
        expect(await Desk.issue(database, { ...ask, key: '2', credit: 1_000n })).toMatchObject({ status: 'issued' })
      })

      it('edge: exactly the cap passes, one unit more does not, on either side', async () => {
        const who = await seat()
        const other = await seat()
        await Desk.observe(database, { name: other.name, venue: 'a', market: who.name, side: 'short', notional: 40n, block: 2 })
        const ask = { ...who, venue: 'a', total: 1_000n, credit: 1n, sideCap: 100n }
        await expect(Desk.issue(database, { ...ask, key: '1', maxNotional: 61n })).rejects.toMatchObject({
          ...{ code: 'MARKET_CAP_EXCEEDED', side: 'short', cap: 100n, reserved: 101n },
        })
        await expect(Desk.issue(database, { ...ask, key: '2', maxNotional: 101n })).rejects.toMatchObject({
          code: 'MARKET_CAP_EXCEEDED',
          side: 'long',
        })
        expect(await Desk.issue(database, { ...ask, key: '3', maxNotional: 60n })).toMatchObject({ status: 'issued' })
        expect(await interest(who.market)).toMatchObject({ openInterest: { long: 0n, short: 40n }, headroom: { long: 60n, short: 60n } })
        // Beside a long position the long side is the fuller one.
        await Desk.observe(database, { name: other.name, venue: 'a', market: other.name, side: 'long', notional: 40n, block: 2 })
        await Desk.observe(database, { name: who.name, venue: 'a', market: other.name })
        const beside = { ...ask, market: other.name }
        await expect(Desk.issue(database, { ...beside, key: '4', maxNotional: 61n })).rejects.toMatchObject({
          side: 'long',
          reserved: 101n,
        })
        expect(await Desk.issue(database, { ...beside, key: '5', maxNotional: 60n })).toMatchObject({ status: 'issued' })
      })

      it('edge: figures of 78 digits stay whole', async () => {
        const who = await seat()
        const total = 2n ** 256n - 1n
        const issued = await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: total - 1n, maxNotional: 2n ** 128n - 1n, total })
        expect(issued).toMatchObject({ status: 'issued' })
        expect(await held(who.participantId)).toBe(total - 1n)
      })

      it('certificates of one key count by their maximum: 50 renewals need no more than the first', async () => {
        const who = await seat()
        const total = 100n * usd
        for (let renewal = 0; renewal < 50; renewal++)
          expect(await Desk.issue(database, { ...who, venue: 'a', key: `${renewal}`, credit: total, total })).toMatchObject({
            status: 'issued',
          })
        expect(await held(who.participantId)).toBe(total)
        const sequences = await database.query<{ sequence: bigint }>(
          'select sequence from certificates where participant_id = $1 order by sequence',
          [who.participantId],
        )
        expect(sequences.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => BigInt(index + 1)))
      })

      it('two markets at one venue share one credit, and each counts against the other', async () => {
        const who = await seat()
        await Desk.observe(database, { ...who, venue: 'a', market: `${who.name}'`, requirement: 0n })
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 100n, maxNotional: 333n, imPpm: 100_001, total: 100n })
        let seen: Book.State | undefined
        await Desk.issue(database, {
          ...{ ...who, market: `${who.name}'`, venue: 'a', key: '2', credit: 100n, total: 100n },
          turn: (made, state) => {
            seen = state
            return made
          },
        })
        // ⌈333 · 0.100001⌉ = ⌈33.300333⌉
        expect(seen?.ledger).toMatchObject({ certificateCredit: 100n, otherRequirement: 34n, otherEncumbrance: 0n })
        expect(await held(who.participantId)).toBe(100n)
      })

      it('a key that was answered is answered the same, byte for byte, whatever has changed since', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', key: 'same', credit: 10n * usd, total: 10n * usd }
        const first = await Desk.issue(database, ask)
        await Ledger.call(database, { participantId: who.participantId, credit: 0n })
        time = noon + 10_000
        const again = await Desk.issue(database, { ...ask, credit: 99n * usd, turn: () => expect.unreachable() })
        if (first.status !== 'issued' || again.status !== 'issued') expect.unreachable()
        expect(again.replayed).toBe(true)
        expect(Certificates.toText(again.signed)).toBe(Certificates.toText(first.signed))
        expect(again.signed).toEqual(first.signed)
        expect(await Certificates.latest(database, { ...Desk.request(ask), market: Desk.market(who.market) })).toEqual(first.signed)
        await expect(Desk.issue(database, { ...ask, body: 'another' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
      })

      it('one key of two participants is two keys', async () => {
        const [one, two] = [await seat(), await seat()]
        for (const who of [one, two])
          expect(await Desk.issue(database, { ...who, venue: 'a', key: 'shared', credit: 1n, total: 1n })).toMatchObject({
            replayed: false,
          })
      })

      it('a refusal, and an error, bind nothing and leave the key free', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', key: 'k', credit: 5n, total: 5n }
        const before = await Ledger.snapshot(database)
        expect(await Desk.issue(database, { ...ask, turn: () => ({ status: 'refuse' }) })).toEqual({ status: 'refused' })
        const broken = new Error('the signer fell over')
        await expect(Desk.issue(database, { ...ask, turn: () => Promise.reject(broken) })).rejects.toBe(broken)
        await expect(Desk.issue(database, { ...ask, credit: 6n })).rejects.toMatchObject({ code: 'CREDIT_ENCUMBERED' })
        expect((await Ledger.snapshot(database)).version).toBe(before.version)
        expect(await row(`certificates where participant_id = '${who.participantId}'`)).toBe(0)
        expect(await Desk.issue(database, ask)).toMatchObject({ status: 'issued', signed: { certificate: { sequence: 1n } } })
      })

      it('stores the document under its hash, and tells the outbox in the same transaction', async () => {
        const who = await seat()
        const from = await Outbox.head(database)
        const issued = await Desk.issue(database, { ...who, venue: 'a', key: 'k', credit: 5n, total: 5n })
        if (issued.status !== 'issued') expect.unreachable()
        const { inputsHash, sequence } = issued.signed.certificate
        expect(await Certificates.document(database, inputsHash)).toBe('{"key":"k","version":"2"}')
        expect(await Certificates.document(database, Desk.hex('none', 32))).toBeNull()
        const page = await Outbox.after(database, { cursor: from, limit: 10 })
        expect(page).toMatchObject({
          messages: [{ kind: 'limit.issued', participantId: who.participantId, body: { credit: '5', sequence: `${sequence}` } }],
        })
      })

      it('gives the documents behind what a book took, those issued last first; what it never took is behind nothing', async () => {
        const who = await seat()
        const key = { account: Desk.account(who.name), venue: Desk.venue('a') }
        const issue = (market: string, sequence: string, issuedAt: number) =>
          Desk.issue(database, { ...who, market, venue: 'a', key: `${market} ${sequence}`, credit: 5n, total: 5n, issuedAt })
        const took = (market: string, block: number, acceptedSequence: bigint) =>
          Desk.observe(database, { ...who, market, venue: 'a', block, acceptedSequence })
        const behind = async () => (await Certificates.behind(database, key)).map((text) => (JSON.parse(text) as { key: string }).key)
        await Desk.observe(database, { ...who, venue: 'a', market: 'second', block: 2 })
        await issue(who.market, 'one', noon - 9)
        await issue('second', 'one', noon - 8)
        expect(await behind()).toEqual([])
        await took(who.market, 3, 1n)
        expect(await behind()).toEqual([`${who.market} one`])
        await took('second', 4, 1n)
        expect(await behind()).toEqual(['second one', `${who.market} one`])
        await issue(who.market, 'two', noon - 7)
        expect(await behind()).toEqual(['second one', `${who.market} one`])
        await took(who.market, 5, 2n)
        expect(await behind()).toEqual([`${who.market} two`, 'second one'])
        expect(await Certificates.behind(database, { ...key, venue: Desk.venue('b') })).toEqual([])
      })

      it('shows `decide` what a snapshot shows', async () => {
        const [who, other] = [await seat(), await seat()]
        await Desk.observe(database, {
          ...who,
          venue: 'a',
          block: 2,
          notional: 70n,
          requirement: 7n,
          unrealisedLoss: 3n,
          fees: 1n,
          venueCollateral: 2n,
        })
        await Desk.observe(database, { ...other, venue: 'b', market: who.market, block: 2, side: 'short', notional: 11n })
        const damper = {
          at: noon,
          closeOut: { longPpm: 1, shortPpm: 2 },
          liquidation: { longPpm: 3, shortPpm: 4 },
          throughTheCycle: { longPpm: 5, shortPpm: 6 },
        }
        await Desk.issue(database, {
          ...who,
          venue: 'b',
          key: '1',
          credit: 20n,
          maxNotional: 100n,
          total: 99n,
          turn: (made) => ({ ...made, damper }),
        })
        await Desk.issue(database, {
          ...other,
          venue: 'b',
          market: who.market,
          key: '1',
          credit: 1n,
          maxNotional: 31n,
          total: 99n,
          turn: (made) => ({ ...made, damper }),
        })
        const subject = {
          participantId: who.participantId,
          account: Desk.account(who.name),
          venue: Desk.venue('a'),
          market: Desk.market(who.market),
        }
        const quoted = Book.state(await Ledger.snapshot(database), subject)
        let seen: Book.State | undefined
        await Desk.issue(database, {
          ...{ ...who, venue: 'a', key: '2', credit: 40n, maxNotional: 90n, total: 99n },
          turn: (made, state) => {
            seen = state
            return made
          },
        })
        expect(seen).toEqual(quoted)
        expect(seen).toEqual({
          ledger: {
            ...{ version: 4n, otherEncumbrance: 20n, certificateCredit: 0n, position: { side: 'long', notional: 70n } },
            ...{ venueCollateral: 2n, unrealisedLoss: 3n, fees: 1n, otherRequirement: 0n },
          },
          openInterest: { long: 0n, short: 11n },
          headroom: { long: 100n + 31n, short: 100n + 20n },
          ownHeadroom: { long: 0n, short: 0n },
          damper,
          marginCall: false,
          sequence: 1n,
          position: { block: { number: 2n, timestamp: noon + 2 } },
          beside: [{ market: Desk.market(who.market), notional: 100n }],
        })
        // What the position holds of its own notional is interest; only what may come on top is headroom, on the other side all of it.
        expect(await interest(who.market)).toMatchObject({ openInterest: { long: 70n, short: 11n }, headroom: { long: 151n, short: 210n } })
      })

      it('leaves out of the market what is this key’s own', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 1n, maxNotional: 100n, total: 9n })
        await Desk.issue(database, { ...who, venue: 'b', key: '2', credit: 1n, maxNotional: 7n, total: 9n })
        await Desk.observe(database, { ...who, venue: 'a', block: 2, side: 'short', notional: 30n, requirement: 1n })
        const state = (venue: string) =>
          Ledger.snapshot(database).then((book) =>
            Book.state(book, {
              participantId: who.participantId,
              account: Desk.account(who.name),
              venue: Desk.venue(venue),
              market: Desk.market(who.market),
            }),
          )
        const [a, b] = [await state('a'), await state('b')]
        expect(a).toMatchObject({
          openInterest: { long: 0n, short: 0n },
          headroom: { long: 7n, short: 7n },
          ownHeadroom: { long: 100n, short: 70n },
        })
        expect(b).toMatchObject({
          openInterest: { long: 0n, short: 30n },
          headroom: { long: 100n, short: 70n },
          ownHeadroom: { long: 7n, short: 7n },
        })
        expect([a.beside, b.beside]).toEqual([
          [{ market: Desk.market(who.market), notional: 7n }],
          [{ market: Desk.market(who.market), notional: 100n }],
        ])
      })

      it('bug: what was signed a moment ago for another key was not said to whoever gives a discount for this one', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 1n, maxNotional: 100n, total: 9n })
        let seen: Book.State | undefined
        await Desk.issue(database, {
          ...{ ...who, venue: 'b', key: '2', credit: 1n, maxNotional: 7n, total: 9n },
          turn: (made, state) => {
            seen = state
            return made
          },
        })
        expect(seen?.beside).toEqual([{ market: Desk.market(who.market), notional: 100n }])
      })

      it('error: whoever, whatever and wherever is not known', async () => {
        const [who, other] = [await seat(), await seat()]
        const ask = { ...who, venue: 'a', key: 'k', credit: 5n, total: 5n }
        await expect(Desk.issue(database, { ...ask, participantId: Desk.hex('nobody', 32) })).rejects.toMatchObject({
          code: 'UNKNOWN_PARTICIPANT',
        })
        await expect(Desk.issue(database, { ...ask, name: other.name })).rejects.toMatchObject({ code: 'ACCOUNT_NOT_LINKED' })
        await expect(Desk.issue(database, { ...ask, venue: 'c' })).rejects.toMatchObject({ code: 'POSITION_UNREAD' })
        await expect(Desk.issue(database, { ...ask, market: 'unread' })).rejects.toMatchObject({ code: 'POSITION_UNREAD' })
      })

      it('error: a certificate that is not the one asked for', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', key: 'k', credit: 5n, total: 5n }
        const cases: [string, (made: Ledger.Decision & { status: 'issue' }) => object][] = [
          ['participantId', () => ({ participantId: Desk.hex('other', 32) })],
          ['account', () => ({ account: Desk.account('other') })],
          ['venue', () => ({ venue: Desk.venue('b').address })],
          ['market', () => ({ market: Desk.market('other') })],
          ['sequence', () => ({ sequence: 2n })],
          ['issuedAt', () => ({ issuedAt: BigInt(noon + 61), expiresAt: BigInt(noon + 99) })],
          ['issuedAt', () => ({ issuedAt: BigInt(noon + 50), expiresAt: BigInt(noon + 50) })],
          ['expiresAt', () => ({ issuedAt: BigInt(noon - 10), expiresAt: BigInt(noon) })],
          ['amounts', () => ({ credit: -1n })],
          ['inputsHash', () => ({ inputsHash: Desk.hex('other', 32) })],
        ]
        for (const [fault, change] of cases) {
          const turn = (made: Ledger.Decision & { status: 'issue' }) => ({
            ...made,
            signed: { ...made.signed, certificate: { ...made.signed.certificate, ...change(made) } },
          })
          await expect(Desk.issue(database, { ...ask, turn }), fault).rejects.toMatchObject({ code: 'DECISION_MISMATCH', faults: [fault] })
        }
        const unsigned = (made: Ledger.Decision & { status: 'issue' }) => ({ ...made, signed: { ...made.signed, signatures: [] } })
        await expect(Desk.issue(database, { ...ask, turn: unsigned })).rejects.toMatchObject({ faults: ['signatures'] })
        const elsewhere = (made: Ledger.Decision & { status: 'issue' }) => ({ ...made, signed: { ...made.signed, chainId: 1 } })
        await expect(Desk.issue(database, { ...ask, turn: elsewhere })).rejects.toMatchObject({ faults: ['venue'] })
      })

      it('error: a decision that takes too long, or asks the database', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', key: 'k', credit: 5n, total: 5n }
        await expect(Desk.issue(database, { ...ask, turn: () => new Promise(() => {}) })).rejects.toMatchObject({
          code: 'DECISION_TIMED_OUT',
        })
        const nosy = async (made: Ledger.Decision) => {
          await database.query('select 1')
          return made
        }
        await expect(Desk.issue(database, { ...ask, turn: nosy })).rejects.toMatchObject({ code: 'NESTED_QUERY' })
        const deep = (made: Ledger.Decision) => database.transaction(async () => made)
        await expect(Desk.issue(database, { ...ask, turn: deep })).rejects.toMatchObject({ code: 'NESTED_QUERY' })
        expect(await Desk.issue(database, ask)).toMatchObject({ status: 'issued', replayed: false })
      })
    })

    describe('observe', () => {
      it('worked example: expiry alone frees nothing; a final block past it does, where the position was read', async () => {
        const who = await seat()
        const total = 100n
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: total, total, expiresAt: noon + 300 })
        time = noon + 400
        const second = { ...who, venue: 'b', key: '2', credit: total, total, issuedAt: time, expiresAt: time + 300 }
        await expect(Desk.issue(database, second)).rejects.toMatchObject({ code: 'CREDIT_ENCUMBERED' })
        // A block whose time is exactly the expiry still admits the certificate.
        expect(await Desk.observe(database, { ...who, venue: 'a', block: 10, timestamp: noon + 300 })).toMatchObject({ died: 0 })
        // Another market of the account, read past the expiry, says nothing of this one.
        expect(await Desk.observe(database, { ...who, venue: 'a', market: 'elsewhere', block: 11, timestamp: noon + 301 })).toMatchObject({
          died: 0,
        })
        await expect(Desk.issue(database, second)).rejects.toMatchObject({ code: 'CREDIT_ENCUMBERED' })
        expect(await Desk.observe(database, { ...who, venue: 'a', block: 11, timestamp: noon + 301 })).toMatchObject({ died: 1 })
        expect(await Desk.issue(database, second)).toMatchObject({ status: 'issued' })
        expect(await interest(who.market)).toMatchObject({ headroom: { long: 1_000n, short: 1_000n } })
      })

      it('worked example: an open position holds its credit past expiry, a cut frees a part, a close all', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 100n, total: 100n })
        const late = { ...who, venue: 'a', timestamp: noon + 301, credit: 100n }
        await Desk.observe(database, { ...late, block: 20, notional: 900n, requirement: 90n, unrealisedLoss: 4n, fees: 1n })
        expect(await held(who.participantId)).toBe(95n)
        time = noon + 400
        const second = { ...who, venue: 'b', key: '2', credit: 100n, total: 100n, issuedAt: time, expiresAt: time + 300 }
        await expect(Desk.issue(database, second)).rejects.toMatchObject({ code: 'CREDIT_ENCUMBERED', encumbered: 95n })
        await Desk.observe(database, { ...late, block: 21, notional: 300n, requirement: 30n })
        expect(await held(who.participantId)).toBe(30n)
        await Desk.observe(database, { ...late, block: 22 })
        expect(await held(who.participantId)).toBe(0n)
        expect(await Desk.issue(database, second)).toMatchObject({ status: 'issued' })
      })

      it('a higher sequence, final on chain, ends the ones below it', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', total: 100n }
        await Desk.issue(database, { ...ask, key: '1', credit: 100n })
        await Desk.issue(database, { ...ask, key: '2', credit: 40n })
        expect(await held(who.participantId)).toBe(100n)
        expect(await Desk.observe(database, { ...who, venue: 'a', block: 2, acceptedSequence: 1n, credit: 100n })).toMatchObject({
          died: 0,
        })
        expect(await Desk.observe(database, { ...who, venue: 'a', block: 3, acceptedSequence: 2n, credit: 40n })).toMatchObject({ died: 1 })
        expect(await held(who.participantId)).toBe(40n)
      })

      it('sequences go on from the greatest the chain has accepted, even one not issued here', async () => {
        const who = await seat()
        await Desk.observe(database, { ...who, venue: 'a', block: 2, acceptedSequence: 7n })
        const issued = await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 1n, total: 1n })
        expect(issued).toMatchObject({ signed: { certificate: { sequence: 8n } } })
        await Desk.observe(database, { ...who, venue: 'b', block: 2, acceptedSequence: 7n })
        await Desk.observe(database, { ...who, venue: 'b', block: 3, acceptedSequence: 0n })
        const after = await Desk.issue(database, { ...who, venue: 'b', key: '2', credit: 1n, total: 2n })
        expect(after).toMatchObject({ signed: { certificate: { sequence: 8n } } })
      })

      it.each([
        // requirement, loss, fees, venue collateral, credit of the book, credit of a live certificate → bound
        [100n, 0n, 0n, 0n, 0n, 0n, 100n],
        [100n, 5n, 2n, 0n, 100n, 0n, 107n],
        [100n, 0n, 0n, 60n, 40n, 0n, 40n],
        [100n, 30n, 0n, 60n, 40n, 0n, 70n],
        [100n, 0n, 0n, 100n, 100n, 0n, 100n],
        [100n, 0n, 0n, 250n, 0n, 0n, 0n],
        [30n, 0n, 0n, 0n, 100n, 0n, 30n],
        [30n, 0n, 0n, 0n, 0n, 80n, 80n],
        // A live certificate for 500 at 10 %: it may grow to 50 on what the book holds from before.
        [0n, 0n, 0n, 0n, 100n, 20n, 50n],
        [0n, 3n, 4n, 20n, 100n, 20n, 57n],
        [0n, 0n, 0n, 0n, 10n, 20n, 20n],
      ])(
        'encumbrance: requirement %d, loss %d, fees %d, collateral %d, book %d, certificate %d: binds %d',
        async (requirement, unrealisedLoss, fees, venueCollateral, credit, certificate, bound) => {
          const who = await seat()
          if (certificate > 0n)
            await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: certificate, maxNotional: 500n, total: certificate })
          const notional = requirement * 10n
          await Desk.observe(database, {
            ...who,
            venue: 'a',
            block: 2,
            notional,
            requirement,
            unrealisedLoss,
            fees,
            venueCollateral,
            credit,
          })
          expect(await held(who.participantId)).toBe(bound)
        },
      )

      it('is idempotent, and an older block changes nothing', async () => {
        const who = await seat()
        const read = { ...who, venue: 'a', block: 5, notional: 10n, requirement: 1n }
        expect(await Desk.observe(database, read)).toEqual({ applied: 1, stale: 0, died: 0 })
        const once = await Ledger.snapshot(database)
        expect(await Desk.observe(database, read)).toEqual({ applied: 1, stale: 0, died: 0 })
        expect(await Desk.observe(database, { ...read, block: 4, notional: 99n, requirement: 9n })).toEqual({
          applied: 0,
          stale: 1,
          died: 0,
        })
        const twice = await Ledger.snapshot(database)
        expect(twice).toEqual(once)
        await Desk.observe(database, { ...read, block: 6 })
        expect((await Ledger.snapshot(database)).version).toBe(once.version + 1n)
      })

      it('accounts of nobody count as open interest, many at once', async () => {
        const name = `${engine.name} crowd`
        const base = Desk.observation({ name, venue: 'a', market: name, side: 'short', notional: 3n, requirement: 1n })
        const [one] = base.accounts
        if (!one) expect.unreachable()
        const accounts = Array.from({ length: 150 }, (_, index) => ({ ...one, account: Desk.account(`${index}/${engine.name}`) }))
        expect(await Ledger.observe(database, { ...base, accounts })).toEqual({ applied: 150, stale: 0, died: 0 })
        expect(await interest(name)).toMatchObject({ openInterest: { long: 0n, short: 450n } })
      })

      it('tells the outbox when what is bound has changed, and only then', async () => {
        const who = await seat()
        const from = await Outbox.head(database)
        await Desk.observe(database, { ...who, venue: 'a', block: 2 })
        await Desk.observe(database, { ...who, venue: 'a', block: 3, notional: 10n, requirement: 1n })
        const page = await Outbox.after(database, { cursor: from, limit: 10, participantId: who.participantId })
        expect(page).toMatchObject({ messages: [{ kind: 'encumbrance.changed', body: { encumbrance: '1', block: '3' } }] })
      })

      it('error: a final block that is another one, or goes back in time', async () => {
        const base = { ...Desk.observation({ name: 'x', venue: 'z', market: 'z' }), chainId: 77, accounts: [] }
        const at = (number: bigint, hash: `0x${string}`, timestamp: number) =>
          Ledger.observe(database, { ...base, block: { number, hash, timestamp } })
        await at(10n, '0xaa', noon)
        await expect(at(10n, '0xbb', noon)).rejects.toMatchObject({ code: 'FINALITY_VIOLATED', chainId: 77 })
        await expect(at(11n, '0xcc', noon - 1)).rejects.toMatchObject({ code: 'FINALITY_VIOLATED' })
        await at(11n, '0xcc', noon)
        await at(10n, '0xbb', noon)
        expect(await row('chains where chain_id = 77 and number = 11')).toBe(1)
      })

      it('error: a read that cannot be', async () => {
        const base = Desk.observation({ name: 'x', venue: 'a', market: 'm', notional: 5n, requirement: 1n })
        const [one] = base.accounts
        const [position] = one?.positions ?? []
        if (!one || !position) expect.unreachable()
        const cases: Partial<typeof base>[] = [
          { accounts: [one, one] },
          { accounts: [{ ...one, fees: -1n }] },
          { accounts: [{ ...one, account: '0xABCD' }] },
          { venue: '0xABCD' },
          { accounts: [{ ...one, positions: [position, position] }] },
          { accounts: [{ ...one, positions: [{ ...position, side: 'flat' }] }] },
          { accounts: [{ ...one, positions: [{ ...position, notional: 0n }] }] },
          { accounts: [{ ...one, positions: [{ ...position, requirement: -1n }] }] },
        ]
        for (const change of cases)
          await expect(Ledger.observe(database, { ...base, ...change })).rejects.toMatchObject({ code: 'INVALID_OBSERVATION' })
      })
    })

    describe('meet', () => {
      it('worked example: brings in whom the ledger never read, with positions read before as nobody’s', async () => {
        const who = await seat()
        const read = { ...who, venue: 'c', block: 5, notional: 10n, requirement: 4n }
        expect(await Ledger.meet(database, Desk.observation(read))).toEqual({ applied: 1, stale: 0, died: 0 })
        expect(await held(who.participantId)).toBe(4n)
        const name = `${engine.name} stranger`
        await Desk.observe(database, { ...read, name })
        const participantId = await Desk.join(database, name)
        expect(await held(participantId)).toBe(0n)
        expect(await Ledger.meet(database, Desk.observation({ ...read, name, block: 4 }))).toMatchObject({ stale: 1 })
        expect(await Ledger.meet(database, Desk.observation({ ...read, name, block: 5 }))).toMatchObject({ applied: 1 })
        expect(await held(participantId)).toBe(4n)
      })

      it('edge: a gateway without the lease wrote over what its holder had read since, at a later block', async () => {
        const who = await seat()
        const read = { ...who, venue: 'c', block: 5, notional: 10n, requirement: 4n }
        await Desk.observe(database, read)
        const before = await Ledger.snapshot(database)
        for (const block of [4, 5, 6])
          expect(await Ledger.meet(database, Desk.observation({ ...read, block, requirement: 1n }))).toEqual({
            applied: 0,
            stale: 1,
            died: 0,
          })
        expect(await Ledger.snapshot(database)).toEqual(before)
        expect(await held(who.participantId)).toBe(4n)
      })

      it('edge: of two at once one brings the account in', async () => {
        const who = await seat()
        const both = [1, 2].map((block) => Ledger.meet(database, Desk.observation({ ...who, venue: 'c', block })))
        const seen = await Promise.all(both)
        expect(seen.map(({ applied }) => applied).toSorted()).toEqual([0, 1])
      })

      it('error: a read that cannot be', async () => {
        const base = Desk.observation({ name: 'x', venue: 'a', market: 'm' })
        await expect(Ledger.meet(database, { ...base, venue: '0xABCD' })).rejects.toMatchObject({ code: 'INVALID_OBSERVATION' })
      })
    })

    describe('call', () => {
      it('worked example: credit below what is bound stops every raise, lets cuts and renewals pass, and ends', async () => {
        const who = await seat()
        const ask = { ...who, venue: 'a', maxNotional: 50n, total: 100n }
        await Desk.issue(database, { ...ask, key: '1', credit: 60n })
        const from = await Outbox.head(database)
        time = noon + 5
        expect(await Ledger.call(database, { participantId: who.participantId, credit: 60n })).toEqual({
          status: 'covered',
          encumbered: 60n,
        })
        const called = { status: 'called', encumbered: 60n, shortfall: 1n, since: noon + 5 }
        expect(await Ledger.call(database, { participantId: who.participantId, credit: 59n })).toEqual(called)
        time = noon + 9
        expect(await Ledger.call(database, { participantId: who.participantId, credit: 59n })).toEqual(called)
        // More credit, more headroom, another venue: raises, even if the credit were there again.
        for (const raise of [{ credit: 61n }, { credit: 60n, maxNotional: 51n }, { credit: 1n, venue: 'b' }])
          await expect(Desk.issue(database, { ...ask, key: 'raise', ...raise })).rejects.toMatchObject({ code: 'MARGIN_CALL' })
        expect(await Desk.issue(database, { ...ask, key: 'renewal', credit: 60n, total: 59n })).toMatchObject({ status: 'issued' })
        expect(await Desk.issue(database, { ...ask, key: 'cut', credit: 10n, maxNotional: 0n, total: 59n })).toMatchObject({
          status: 'issued',
        })
        expect(await Ledger.call(database, { participantId: who.participantId, credit: 80n })).toEqual({
          status: 'covered',
          encumbered: 60n,
        })
        expect(await Desk.issue(database, { ...ask, key: 'raise', credit: 61n })).toMatchObject({ status: 'issued' })
        const page = await Outbox.after(database, { cursor: from, limit: 10, participantId: who.participantId })
        expect(page).toMatchObject({
          messages: [{ kind: 'margin.called' }, { kind: 'limit.issued' }, { kind: 'limit.issued' }, { kind: 'margin.cleared' }, {}],
        })
      })

      it('worked example: a call is written to the record of every account that was there, and stays', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', maxNotional: 50n, credit: 60n, total: 100n })
        const call = (credit: bigint) => Ledger.call(database, { participantId: who.participantId, credit })
        for (const credit of [59n, 59n, 80n, 50n]) await call(credit)
        const rows = (await Events.since(database, { chainId: Ledger.ledgerChainId, at: 0 })).filter(
          ({ blockHash }) => blockHash === who.participantId,
        )
        const members = (await Participants.accounts(database, who.participantId)).length
        expect(rows.filter(({ account }) => account === rows[0]?.account).map(({ kind, body }) => [kind, body['amountUsd']])).toEqual([
          ['margin.called', '1'],
          ['margin.cleared', '0'],
          ['margin.called', '10'],
        ])
        expect(rows).toHaveLength(3 * members)
        expect(new Set(rows.map(({ logIndex }) => logIndex)).size).toBe(rows.length)
      })

      it('a raise is refused where credit has fallen already, called or not', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 60n, total: 60n })
        const raise = { ...who, venue: 'a', key: '2', credit: 60n, maxNotional: 601n }
        await expect(Desk.issue(database, { ...raise, total: 59n })).rejects.toMatchObject({
          code: 'MARGIN_CALL',
          credit: 59n,
          encumbered: 60n,
        })
        expect(await Desk.issue(database, { ...raise, total: 60n })).toMatchObject({ status: 'issued' })
      })

      it('error: nobody', async () => {
        await expect(Ledger.call(database, { participantId: Desk.hex('nobody', 32), credit: 0n })).rejects.toMatchObject({
          code: 'UNKNOWN_PARTICIPANT',
        })
      })
    })

    describe('release', () => {
      const vault = Desk.hex('vault', 20)
      const body = Desk.hex('body', 32)
      const ask = (who: { name: string; participantId: `0x${string}` }, change = {}) => ({
        ...{
          participantId: who.participantId,
          releaseId: Desk.hex(`release ${who.name}`, 32),
          chainId: 1,
          vault,
          credit: 40n,
          deadline: noon + 60,
          bodyHash: body,
        },
        ...change,
      })
      const grant = (creditTotal: bigint) => async () => ({
        status: 'release' as const,
        creditTotal,
        signatures: [Desk.hex('signature', 65)],
      })

      it('worked example: debited when signed, credited again only by a final block past the deadline that shows it unused', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 60n, total: 100n })
        await expect(Ledger.release(database, ask(who, { credit: 41n }), grant(100n))).rejects.toMatchObject({
          code: 'CREDIT_ENCUMBERED',
          encumbered: 60n,
          asked: 41n,
        })
        expect(await Ledger.release(database, ask(who), grant(100n))).toMatchObject({ status: 'released', replayed: false })
        expect(await held(who.participantId)).toBe(100n)
        await expect(Desk.issue(database, { ...who, venue: 'a', key: '2', credit: 61n, total: 100n })).rejects.toMatchObject({
          code: 'CREDIT_ENCUMBERED',
          encumbered: 100n,
        })
        const settle = (timestamp: number, used: boolean) =>
          Ledger.settle(database, {
            chainId: 1,
            vault,
            block: { number: 9n, timestamp },
            releases: [{ releaseId: ask(who).releaseId, used }],
          })
        expect(await settle(noon + 60, false)).toEqual({ used: 0, expired: 0 })
        expect(await held(who.participantId)).toBe(100n)
        expect(await settle(noon + 61, false)).toEqual({ used: 0, expired: 1 })
        expect(await held(who.participantId)).toBe(60n)
        expect(await settle(noon + 99, true)).toEqual({ used: 0, expired: 0 })
      })

      it('a used one stays debited until every view has seen it leave', async () => {
        const who = await seat()
        await Ledger.release(database, ask(who), grant(40n))
        const read = {
          chainId: 1,
          vault,
          block: { number: 9n, timestamp: noon },
          releases: [{ releaseId: ask(who).releaseId, used: true }],
        }
        expect(await Ledger.settle(database, read)).toEqual({ used: 1, expired: 0 })
        time = noon + 119
        expect(await held(who.participantId)).toBe(40n)
        time = noon + 120
        expect(await held(who.participantId)).toBe(0n)
      })

      it('an id that was answered is answered the same; with another body it is refused', async () => {
        const who = await seat()
        const first = await Ledger.release(database, ask(who), grant(40n))
        expect(await Ledger.release(database, ask(who), () => expect.unreachable())).toEqual({ ...first, replayed: true })
        await expect(Ledger.release(database, ask(who, { bodyHash: Desk.hex('other', 32) }), grant(99n))).rejects.toMatchObject({
          code: 'RELEASE_CONFLICT',
        })
        const other = await seat()
        const stolen = { ...ask(who), participantId: other.participantId }
        await expect(Ledger.release(database, stolen, grant(99n))).rejects.toMatchObject({ code: 'RELEASE_CONFLICT' })
      })

      it('error: late, called, refused', async () => {
        const who = await seat()
        await expect(Ledger.release(database, ask(who, { deadline: noon }), grant(99n))).rejects.toMatchObject({ code: 'RELEASE_EXPIRED' })
        expect(await Ledger.release(database, ask(who), async () => ({ status: 'refuse' }))).toEqual({ status: 'refused' })
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 60n, total: 60n })
        await Ledger.call(database, { participantId: who.participantId, credit: 59n })
        await expect(Ledger.release(database, ask(who), grant(1_000n))).rejects.toMatchObject({ code: 'MARGIN_CALL' })
      })
    })

    describe('snapshot', () => {
      it('holds everybody at one version, and the live certificates', async () => {
        const [one, two] = [await seat(), await seat()]
        const before = await Ledger.snapshot(database)
        await Desk.issue(database, { ...one, venue: 'a', key: '1', credit: 5n, total: 9n })
        await Desk.issue(database, { ...two, venue: 'a', key: '1', credit: 6n, total: 9n })
        const book = await Ledger.snapshot(database)
        expect(book.version).toBe(before.version + 4n)
        expect([Book.encumbered(book, one.participantId), Book.encumbered(book, two.participantId)]).toEqual([5n, 6n])
        expect(book.certificates.filter(({ participantId }) => participantId === two.participantId)).toEqual([
          {
            ...{ participantId: two.participantId, account: Desk.account(two.name), chainId: Desk.chainId, venue: Desk.venue('a').address },
            ...{ market: Desk.market(two.market), sequence: 1n, maxNotional: 60n, credit: 6n, expiresAt: noon + 300 },
          },
        ])
        expect(() => Book.encumbered(book, Desk.hex('nobody', 32))).toThrow(Book.UnknownParticipantError)
      })
    })

    describe('audit', () => {
      it('finds a sum that is not the sum of its rows', async () => {
        const who = await seat()
        await Desk.issue(database, { ...who, venue: 'a', key: '1', credit: 5n, total: 9n })
        const id = Desk.market(who.market)
        await database.query('update markets set long_headroom = long_headroom + 1 where market = $1', [id])
        expect(await Audit.audit(database)).toEqual([{ invariant: 'headroom', subject: id, kept: 101n, found: 100n }])
        await database.query('update markets set long_headroom = long_headroom - 1 where market = $1', [id])
        await database.query('update keys set certificate_credit = 4 where account = $1', [Desk.account(who.name)])
        expect(await Audit.audit(database)).toMatchObject([
          { invariant: 'credit', kept: 4n, found: 5n },
          { kept: 4n, found: 0n },
        ])
        await database.query('update keys set certificate_credit = case when venue = $2 then 5 else 0 end where account = $1', [
          ...[Desk.account(who.name), Desk.venue('a').address],
        ])
        expect(await Audit.audit(database)).toEqual([])
      })
    })
  })
