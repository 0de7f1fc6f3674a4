import { fork } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Database from './Database.ts'
import * as DirectoryLock from './DirectoryLock.ts'
import { together } from './Driver.ts'
import * as Embedded from './Embedded.ts'
import * as Ledger from './Ledger.ts'
import * as Migrations from './Migrations.ts'
import * as Server from './Server.ts'
import { QueryError, StorageTimeoutError, StorageUnavailableError } from './StorageErrors.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running, server } from './testing/Engines.ts'
import * as Template from './testing/Template.ts'

const home = mkdtempSync(join(tmpdir(), 'plimsoll store ')) // a path with a space in it
afterAll(() => rmSync(home, { recursive: true, force: true }))

for (const engine of engines)
  describe.skipIf(engine.absent)(`a database, ${engine.title}`, () => {
    let running: Running
    let database: Database.Database

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open()
    })
    afterAll(async () => {
      await database.close()
      await running.stop()
    })

    it('tells whole numbers of any size as bigint, in and out', async () => {
      const amount = 10n ** 77n + 1n
      const [row] = await database.query(
        'select $1::numeric(78,0) as usd, $2::int8 as at, $3::int4 as index, $4::boolean as yes, $5::text as none',
        [...[amount, 2n ** 62n, 7, true, null]],
      )
      expect(row).toEqual({ usd: amount, at: 2n ** 62n, index: 7, yes: true, none: null })
    })

    it('undoes a transaction that fails, and runs one again that lost a tie', async () => {
      await database.query('create table if not exists tries (n integer)')
      const broken = new Error('no')
      const undone = database.transaction(async (queries) => {
        await queries.query('insert into tries values (1)')
        throw broken
      })
      await expect(undone).rejects.toBe(broken)
      let attempts = 0
      await database.transaction(async (queries) => {
        await queries.query('insert into tries values (2)')
        if (++attempts < 3) await queries.query("do $$ begin raise exception 'tie' using errcode = '40P01'; end $$")
      })
      expect(attempts).toBe(3)
      expect(await database.query('select n from tries')).toEqual([{ n: 2 }])
      const hopeless = database.transaction((queries) => queries.query("do $$ begin raise exception 'tie' using errcode = '40001'; end $$"))
      await expect(hopeless).rejects.toMatchObject({ code: 'STORAGE_BUSY', cause: { state: '40001' } })
    })

    it('answers what is asked together in its order, and throws the first fault', async () => {
      const told = await database.transaction((queries) =>
        together([queries.query('select 1 as n'), queries.query('select pg_sleep(0.02)'), queries.query('select 3 as n')]),
      )
      expect([told[0], told[2]]).toEqual([[{ n: 1 }], [{ n: 3 }]])
      const [first, second] = [new Error('first'), new Error('second')]
      const late = new Promise((_, reject) => setTimeout(reject, 20, first))
      await expect(database.transaction(() => together([late, Promise.reject(second)]))).rejects.toBe(first)
      const failing = database.transaction((queries) => together([queries.query('select 1/0'), queries.query('select 1')]))
      await expect(failing).rejects.toMatchObject({ state: '22012' })
    })

    it('sends nothing of what is asked together once the transaction is undone', async () => {
      await database.query('create table if not exists leftovers (n integer)')
      const broken = new Error('no')
      const undone = database.transaction((queries) =>
        together([
          queries.query('insert into leftovers values (1)').then(() => Promise.reject(broken)),
          queries.query('select pg_sleep(0.05)').then(() => queries.query('insert into leftovers values (2)')),
        ]),
      )
      await expect(undone).rejects.toBe(broken)
      await database.query('select pg_sleep(0.1)')
      expect(await database.query('select n from leftovers')).toEqual([])
    })

    it('tells its own time, unless a test gives another', async () => {
      expect(Math.abs((await database.now()) - Date.now() / 1000)).toBeLessThan(5)
      const before = await database.transaction(async (queries) => {
        const first = await database.now(queries)
        await queries.query('select pg_sleep(1.1)')
        return (await database.now(queries)) - first
      })
      expect(before).toBeGreaterThanOrEqual(1)
    })

    it('a statement that fails undoes its transaction, also where nobody minds', async () => {
      const careless = database.transaction(async (queries) => {
        await queries.query("insert into settings values ('careless', '1')")
        await queries.query('selekt 1').catch(() => {})
        return 'fine'
      })
      await expect(careless).rejects.toThrow(QueryError)
      expect(await database.query("select value from settings where name = 'careless'")).toEqual([])
    })

    it('what `work` throws comes out as it is, whatever it looks like', async () => {
      const signer = Object.assign(new Error('the signer is down'), { code: 'ECONNREFUSED' })
      await expect(database.transaction(() => Promise.reject(signer))).rejects.toBe(signer)
    })

    it('error: a statement that is wrong, or breaks a rule of the schema', async () => {
      await expect(database.query('selekt 1')).rejects.toThrow(QueryError)
      const negative = database.query("insert into markets (chain_id, market, long_headroom) values (1, '0x01', -1)")
      await expect(negative).rejects.toMatchObject({ code: 'STORAGE_QUERY_FAILED', state: '23514' })
    })

    it('applies a migration whole or not at all, and refuses a schema it does not know', async () => {
      const driver =
        engine.name === 'server'
          ? Server.open({ url: running.url ?? '', connections: 1, timeoutSeconds: 5 })
          : await Embedded.open({ directory: null, data: await Template.blob() })
      try {
        await Migrations.apply(driver)
        const known = Migrations.known()
        const next = { index: known.length, tag: 'next', hash: 'n', statements: ['create table half (n integer)', 'create tabel broken'] }
        await expect(Migrations.apply(driver, [...known, next])).rejects.toThrow(QueryError)
        await expect(driver.query('select * from half')).rejects.toMatchObject({ state: '42P01' })
        await Migrations.apply(driver, known)
        await Migrations.apply(driver, [...known, { ...next, statements: ['create table whole (n integer)'] }])
        await expect(Migrations.apply(driver, known)).rejects.toMatchObject({ code: 'SCHEMA_NEWER', tag: 'next' })
        const [first, ...rest] = known
        if (!first) expect.unreachable()
        const other = [{ ...first, hash: 'other' }, ...rest, { ...next, index: known.length }]
        await expect(Migrations.apply(driver, other)).rejects.toMatchObject({ code: 'SCHEMA_DIVERGED', tag: first.tag })
        await driver.query("delete from migrations where tag = 'next'")
      } finally {
        await driver.close()
      }
    })

    it('a database restored from a dump tells its messages first, under a name of its own', async () => {
      const driver =
        engine.name === 'server'
          ? Server.open({ url: running.url ?? '', connections: 1, timeoutSeconds: 5 })
          : await Embedded.open({ directory: null, data: await Template.blob() })
      try {
        await Migrations.apply(driver)
        const identity = async () => (await driver.query<{ value: string }>("select value from settings where name = 'identity'"))[0]?.value
        const before = await identity()
        await Migrations.apply(driver)
        expect(await identity()).toBe(before)
        await driver.query("insert into outbox (xid, kind, body, at) values ('900000000000'::xid8, 'limit.issued', '{}', 0)")
        await Migrations.apply(driver)
        expect(await identity()).not.toBe(before)
        expect(await driver.query('select id from outbox where xid >= pg_snapshot_xmin(pg_current_snapshot())')).toEqual([])
        await driver.query('delete from outbox')
      } finally {
        await driver.close()
      }
    })
  })

describe('the embedded directory', () => {
  it('keeps what was written, and is one process’s at a time', async () => {
    const directory = join(home, 'kept')
    const first = await Database.open({ directory, clock: () => Desk.noon })
    const participantId = await Desk.join(first, 'somebody')
    await expect(Database.open({ directory })).rejects.toMatchObject({ code: 'DATABASE_LOCKED', pid: process.pid, directory })
    const child = fork(new URL('./testing/opener.ts', import.meta.url), [directory], { stdio: 'pipe' })
    const answer = await new Promise((resolve) => child.once('message', resolve))
    expect(answer).toEqual({ code: 'DATABASE_LOCKED', pid: process.pid })
    await first.close()
    const second = await Database.open({ directory })
    expect(await Desk.join(second, 'somebody')).toBe(participantId)
    await second.close()
    expect(existsSync(join(directory, 'database.lock'))).toBe(false)
  })

  it('starts over where a process died while it made the database, and throws nothing away', async () => {
    const directory = join(home, 'unfinished')
    mkdirSync(join(directory, 'data'), { recursive: true })
    writeFileSync(join(directory, 'data', 'PG_VERSION'), '9\n')
    await (await Embedded.open({ directory })).close()
    expect(readdirSync(directory).filter((name) => name.startsWith('data.unfinished-'))).toHaveLength(1)
    const again = await Embedded.open({ directory })
    expect(await again.query('select 1 as one')).toEqual([{ one: 1 }])
    await again.close()
    expect(readdirSync(directory).filter((name) => name.startsWith('data.unfinished-'))).toHaveLength(1)
  })

  it('error: a directory that holds something else', async () => {
    const directory = join(home, 'damaged')
    mkdirSync(join(directory, 'data'), { recursive: true })
    writeFileSync(join(directory, 'started'), '')
    writeFileSync(join(directory, 'data', 'PG_VERSION'), '9\n')
    await expect(Database.open({ directory })).rejects.toMatchObject({ code: 'DATABASE_DAMAGED', directory })
    // The lock went with the failure.
    await (await DirectoryLock.acquire(directory)).release()
  })

  it('error: a log cut short opened as an empty ledger, without a word', async () => {
    const directory = join(home, 'cut')
    const first = await Database.open({ directory, clock: () => Desk.noon })
    await Desk.join(first, 'somebody')
    await first.close()
    const logs = join(directory, 'data', 'pg_wal')
    const last = readdirSync(logs)
      .filter((name) => /^[0-9A-F]{24}$/.test(name))
      .sort()
      .at(-1)
    const segment = join(logs, last ?? '')
    const { size } = statSync(segment)
    const whole = readFileSync(segment)
    truncateSync(segment, size - 1)
    await expect(Database.open({ directory })).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' })
    writeFileSync(segment, whole)
    await (await Database.open({ directory })).close()
  })
})

describe('DirectoryLock', () => {
  const owner = (directory: string) => JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8')) as Record<string, unknown>
  const disown = (directory: string, change: Record<string, unknown>) =>
    writeFileSync(join(directory, 'owner.json'), JSON.stringify({ ...owner(directory), ...change }))

  it('is taken over at once from a dead process, and from another process of the same number', async () => {
    const directory = join(home, 'dead')
    await DirectoryLock.acquire(directory)
    await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' })
    disown(directory, { pid: 2 ** 22 + 1 })
    await DirectoryLock.acquire(directory)
    expect(owner(directory)['pid']).toBe(process.pid)
    if (existsSync('/proc/self/stat')) {
      disown(directory, { started: 'another boot:1' })
      await DirectoryLock.acquire(directory)
    }
    await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' })
  })

  it('is not taken from another machine, nor from whoever has just come and not said who', async () => {
    const directory = join(home, 'elsewhere')
    await DirectoryLock.acquire(directory)
    disown(directory, { host: `not ${hostname()}`, pid: 2 ** 22 + 1 })
    await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' })
    writeFileSync(join(directory, 'owner.json'), '{')
    utimesSync(join(directory, 'database.lock'), new Date(), new Date())
    await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ code: 'DATABASE_LOCKED', pid: null })
    utimesSync(join(directory, 'database.lock'), new Date(0), new Date(0))
    await DirectoryLock.acquire(directory)
  })

  it('goes to one of many who come at once', async () => {
    const directory = join(home, 'crowd')
    await DirectoryLock.acquire(directory)
    disown(directory, { pid: 2 ** 22 + 1 })
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => DirectoryLock.acquire(directory)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe.skipIf(server.absent)('a server (needs DATABASE_URL or a PostgreSQL server binary)', () => {
  let running: Running
  beforeAll(async () => {
    running = await server.start()
  })
  afterAll(() => running.stop())

  it('is migrated once by many who start at once', async () => {
    const open = await Promise.all(Array.from({ length: 4 }, () => running.open({ connections: 1 })))
    const [row] = (await open[0]?.query<{ n: bigint }>('select count(*) as n from migrations')) ?? []
    expect(Number(row?.n)).toBe(Migrations.known().length)
    await Promise.all(open.map((database) => database.close()))
  })

  it('error: too slow, cut off, not there', async () => {
    const database = await Database.open({ url: running.url ?? '', timeoutSeconds: 0.2 })
    await expect(database.query('select pg_sleep(2)')).rejects.toThrow(StorageTimeoutError)
    const cut = database.transaction(async (queries) => {
      await queries.query('select pg_terminate_backend(pg_backend_pid())')
    })
    await expect(cut).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await database.query('select 1 as back')).toEqual([{ back: 1 }])
    await database.close()
    await expect(database.query('select 1')).rejects.toThrow(StorageUnavailableError)
    await expect(Database.open({ url: 'postgres://nobody@127.0.0.1:1/nowhere', timeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
    const wrong = new URL(running.url ?? '')
    wrong.pathname = '/missing'
    await expect(Database.open({ url: wrong.href })).rejects.toMatchObject({ code: 'STORAGE_REFUSED' })
  })

  it('error: every connection is taken', async () => {
    const database = await Database.open({ url: running.url ?? '', connections: 1, timeoutSeconds: 0.3 })
    const holding = database.transaction(async (queries) => {
      for (let count = 0; count < 4; count++) await queries.query('select pg_sleep(0.15)')
    })
    await expect(database.query('select 1')).rejects.toThrow(StorageTimeoutError)
    await holding
    expect(await database.query('select 1 as free')).toEqual([{ free: 1 }])
    await database.close()
  })

  it('error: a row that somebody holds for too long', async () => {
    const [holder, waiter] = [await running.open(), await Database.open({ url: running.url ?? '', timeoutSeconds: 0.2 })]
    const participantId = await Desk.join(holder, 'held')
    const lock = 'select id from participants where id = $1 for no key update'
    await holder.transaction(async (queries) => {
      await queries.query(lock, [participantId])
      const waiting = Ledger.call(waiter, { participantId, credit: 0n })
      await expect(waiting).rejects.toMatchObject({ code: 'STORAGE_TIMEOUT' })
    })
    await Promise.all([holder.close(), waiter.close()])
  })
})
