/** Everybody at once, and nobody in the middle. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Book from './Book.ts'
import * as Certificates from './Certificates.ts'
import * as Database from './Database.ts'
import * as Ledger from './Ledger.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'
import * as Participants from './Participants.ts'
import * as Desk from './testing/Desk.ts'
import { embedded, type Running, server } from './testing/Engines.ts'

const { noon } = Desk
const clock = () => noon

/** How calls that may be refused came out: their answers, and the codes of the others. */
async function settle<T>(
  calls: readonly Promise<T>[],
): Promise<{ readonly done: readonly T[]; readonly codes: Readonly<Record<string, number>> }> {
  const done: T[] = []
  const codes: Record<string, number> = {}
  for (const outcome of await Promise.allSettled(calls)) {
    if (outcome.status === 'fulfilled') done.push(outcome.value)
    else codes[String((outcome.reason as { code?: string }).code)] = (codes[String((outcome.reason as { code?: string }).code)] ?? 0) + 1
  }
  return { done, codes }
}

/** Two gateways: on the server, two pools on one database; embedded, one process is all there is. */
for (const engine of [embedded, server])
  describe.skipIf(engine.absent)(`races, ${engine.title}`, () => {
    let running: Running
    let gateways: readonly [Database.Database, Database.Database]

    beforeAll(async () => {
      running = await engine.start()
      const first = await running.open({ clock, timeoutSeconds: 30 })
      gateways = [first, engine.name === 'server' ? await running.open({ clock, timeoutSeconds: 30 }) : first]
    })
    afterAll(async () => {
      expect(await Audit.audit(gateways[0])).toEqual([])
      for (const gateway of new Set(gateways)) await gateway.close()
      await running.stop()
    })
    const gateway = (index: number) => gateways[index % 2 === 0 ? 0 : 1]

    it('200 issues for one participant over four venues: Σ enc ≤ credit, sequences unique and told in order', async () => {
      const name = 'racer'
      const participantId = await Desk.join(gateways[0], name)
      const venues = ['a', 'b', 'c', 'd']
      for (const venue of venues) await Desk.observe(gateways[0], { name, venue, market: name })
      const from = await Outbox.head(gateways[0])
      const calls = Array.from({ length: 200 }, (_, index) =>
        Desk.issue(gateway(index), {
          ...{ participantId, name, venue: venues[(index * 7) % 4] ?? 'a', market: name, key: `${index}` },
          ...{ credit: BigInt(100 + ((index * 37) % 300)), total: 1_000n },
        }),
      )
      const { done, codes } = await settle(calls)
      expect(Object.keys(codes)).toEqual(['CREDIT_ENCUMBERED'])
      expect(done.length).toBeGreaterThan(4)
      const encumbered = Book.encumbered(await Ledger.snapshot(gateways[0]), participantId)
      expect(encumbered).toBeLessThanOrEqual(1_000n)
      expect(encumbered).toBeGreaterThan(600n)

      const sequences = done.map((issued) =>
        issued.status === 'issued' ? `${issued.signed.certificate.venue} ${issued.signed.certificate.sequence}` : '',
      )
      expect(new Set(sequences).size).toBe(done.length)
      const page = await Outbox.after(gateways[1], { cursor: from, limit: 1_000, participantId })
      if (page.status !== 'ok') expect.unreachable()
      const told = page.messages.filter(({ kind }) => kind === 'limit.issued').map(({ body }) => `${body['venue']} ${body['sequence']}`)
      expect([...told].sort()).toEqual([...sequences].sort())
      for (const venue of venues) {
        const own = told.filter((text) => text.startsWith(Desk.venue(venue).address)).map((text) => Number(text.split(' ')[1]))
        expect(own).toEqual(own.map((_, index) => index + 1))
      }
    })

    it('100 participants for one cap: open interest + headroom ≤ cap, and all of it is given out', async () => {
      const market = 'contended'
      const names = Array.from({ length: 100 }, (_, index) => `c${index}`)
      const participants = await Promise.all(names.map((name, index) => Desk.join(gateway(index), name)))
      const base = Desk.observation({ name: 'c0', venue: 'a', market })
      const [one] = base.accounts
      if (!one) expect.unreachable()
      await Ledger.observe(gateways[0], { ...base, accounts: names.map((name) => ({ ...one, account: Desk.account(name) })) })
      const calls = participants.map((participantId, index) =>
        Desk.issue(gateway(index), {
          ...{
            participantId,
            name: names[index] ?? '',
            venue: 'a',
            market,
            key: 'k',
            credit: 10n,
            maxNotional: 50n,
            total: 10n,
            sideCap: 1_020n,
          },
        }),
      )
      const { done, codes } = await settle(calls)
      expect(done).toHaveLength(20)
      expect(codes).toEqual({ MARKET_CAP_EXCEEDED: 80 })
      const side = (await Ledger.snapshot(gateways[1])).markets.get(Book.marketId(Desk.chainId, Desk.market(market)))
      expect(side).toMatchObject({ openInterest: { long: 0n, short: 0n }, headroom: { long: 1_000n, short: 1_000n } })
    })

    it('one key asked 20 times at once: one certificate, 20 times the same bytes', async () => {
      const name = 'eager'
      const participantId = await Desk.join(gateways[0], name)
      await Desk.observe(gateways[0], { name, venue: 'a', market: name })
      const ask = { participantId, name, venue: 'a', market: name, key: 'k', credit: 1n, total: 1n }
      const issued = await Promise.all(Array.from({ length: 20 }, (_, index) => Desk.issue(gateway(index), ask)))
      const texts = issued.map((answer) => (answer.status === 'issued' ? Certificates.toText(answer.signed) : ''))
      expect(new Set(texts).size).toBe(1)
      expect(issued.filter((answer) => answer.status === 'issued' && !answer.replayed)).toHaveLength(1)
    })

    it('issuing, observing many, calling, releasing, linking and looking, all at once: nobody waits in a circle', async () => {
      const names = Array.from({ length: 8 }, (_, index) => `mixed${index}`)
      const participants = await Promise.all(names.map((name, index) => Desk.join(gateway(index), name)))
      const everybody = (block: number, order: readonly string[]) => {
        const base = Desk.observation({ name: 'mixed0', venue: 'a', market: 'x', block })
        const [one] = base.accounts
        const [position] = one?.positions ?? []
        if (!one || !position) expect.unreachable()
        const positions = ['x', 'y', 'z'].map((market) => ({
          ...position,
          market: Desk.market(market),
          side: 'long' as const,
          notional: BigInt(block),
          requirement: 1n,
        }))
        const turned = block % 2 === 0 ? positions : positions.toReversed()
        return { ...base, accounts: order.map((name) => ({ ...one, account: Desk.account(name), positions: turned })) }
      }
      await Ledger.observe(gateways[0], everybody(1, names))
      const calls: Promise<unknown>[] = []
      for (let round = 0; round < 12; round++) {
        const [index, market] = [round % 8, ['x', 'y', 'z'][round % 3] ?? 'x']
        const participantId = participants[index] ?? '0x'
        calls.push(Ledger.observe(gateway(round), everybody(2 + round, round % 2 === 0 ? names : names.toReversed())))
        calls.push(
          Desk.issue(gateway(round + 1), {
            participantId,
            name: names[index] ?? '',
            venue: 'a',
            market,
            key: `${round}`,
            credit: 9n,
            total: 999n,
          }),
        )
        calls.push(Ledger.call(gateway(round), { participantId, credit: 999n }))
        calls.push(Participants.link(gateway(round), { participantId, account: Desk.accountId(`more${round}`) }))
        calls.push(Ledger.snapshot(gateway(round + 1)))
      }
      const { codes, done } = await settle(calls)
      expect(codes).toEqual({})
      expect(done).toHaveLength(60)
    })

    if (engine.name === 'server')
      it('a transaction has no name while it waits for its participant, so messages keep the order of commits', async () => {
        const participantId = await Desk.join(gateways[0], 'waited')
        let waiting: Promise<unknown> = Promise.resolve()
        await gateways[0].transaction(async (queries) => {
          await Locks.participant(queries, participantId)
          waiting = gateways[1].transaction((other) => Locks.participant(other, participantId))
          const others = `select backend_xid::text as name from pg_stat_activity
            where wait_event_type = 'Lock' and state = 'active'`
          for (;;) {
            const rows = await gateways[1].query<{ name: string | null }>(others)
            if (rows.length === 0) continue
            expect(rows).toEqual([{ name: null }])
            break
          }
        })
        await waiting
      })
  })

for (const engine of [embedded, server])
  describe.skipIf(engine.absent)(`kill −9, ${engine.title}`, () => {
    let running: Running
    let home = ''
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'plimsoll-kill-'))
      running = await engine.start()
    })
    afterAll(async () => {
      await running.stop()
      rmSync(home, { recursive: true, force: true })
    })

    it('what was acknowledged is there byte for byte; what was under way is there once, or not at all', async () => {
      const at = running.url === null ? { directory: home } : { url: running.url }
      const acknowledged = new Map<string, string>()
      // The second process finds the first one's lock, and its rows.
      for (const wanted of [7, 21]) {
        const child = fork(new URL('./testing/issuer.ts', import.meta.url), [JSON.stringify({ ...at, name: 'victim' })])
        await new Promise<void>((resolve, reject) => {
          child.on('message', ({ key, text }: { key: string; text: string }) => {
            expect(text).toBe(acknowledged.get(key) ?? text)
            acknowledged.set(key, text)
            if (acknowledged.size === wanted) child.kill('SIGKILL')
          })
          child.once('exit', (code, signal) =>
            signal === 'SIGKILL' ? resolve() : reject(new Error(`the issuer ended by itself: ${code}`)),
          )
        })
      }
      const database = await Database.open({ ...at, clock })
      const participantId = await Desk.join(database, 'victim')
      const ask = (key: string) =>
        Desk.issue(database, { participantId, name: 'victim', venue: 'a', market: 'm', key, credit: 1n, total: 1n })
      for (const [key, text] of acknowledged) {
        const issued = await ask(key)
        expect(issued).toMatchObject({ status: 'issued', replayed: true })
        expect(issued.status === 'issued' && Certificates.toText(issued.signed)).toBe(text)
      }
      const next = await ask(`${acknowledged.size}`)
      const again = await ask(`${acknowledged.size}`)
      expect(again).toEqual({ ...next, replayed: true })
      const rows = await database.query<{ sequence: bigint }>('select sequence from certificates order by sequence')
      const [{ keys } = { keys: 0n }] = await database.query<{ keys: bigint }>('select count(*) as keys from idempotency')
      expect(rows.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: Number(keys) }, (_, index) => index + 1))
      expect(Number(keys)).toBe(acknowledged.size + 1)
      expect(await Audit.audit(database)).toEqual([])
      await database.close()
    })
  })
