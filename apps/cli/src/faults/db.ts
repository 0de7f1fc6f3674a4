/** DB: databases that are killed, locked, cut short, slow or of another version. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Postgres } from '@plimsoll/localnet'
import { Database, Outbox } from '@plimsoll/store'
import * as Busy from './busy.ts'
import { codeOf, outcome, type Row, type Verdict, verdict } from './Row.ts'
import * as Writer from './Writer.ts'

/** A directory of its own, gone afterwards. */
async function directory<T>(work: (path: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-faults-'))
  try {
    return await work(join(path, 'database'))
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** A server of our own, gone afterwards; without one on this machine the row fails and says what to install. */
async function server(work: (server: Postgres.Postgres & { readonly status: 'running' }) => Promise<Verdict>): Promise<Verdict> {
  const running = await Postgres.start({ url: '' })
  if (running.status === 'missing') return { pass: false, seen: 'no server', evidence: running.reason }
  try {
    return await work(running)
  } finally {
    await running.stop()
  }
}

const numbers = async (database: Database.Database): Promise<readonly number[]> =>
  (await database.query<{ body: string }>('select body from outbox order by id')).map(
    ({ body }) => (JSON.parse(body) as { readonly number: number }).number,
  )

/** Every acknowledged number is there, and none twice. */
function whole(found: readonly number[], acknowledged: number): boolean {
  return new Set(found).size === found.length && found.length > acknowledged && found.every((number, index) => number === index)
}

const kills = 25

/** What `filling.ts` says. */
type Filled = Readonly<Record<'full' | 'again' | 'after', string> & Record<'acknowledged' | 'read' | 'there', number>>

function run(program: string, args: readonly string[]) {
  return new Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(program, args, { timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? (error ? -1 : 0), stdout, stderr }),
    )
  })
}

export const rows: readonly Row[] = [
  {
    id: 'DB-1',
    fault: `kill −9 in the middle of writing, ${kills} times (embedded)`,
    expected: 'it opens again each time; whatever was acknowledged is there, nothing twice',
    inject: (seed) =>
      directory(async (path) => {
        const acknowledged: number[] = []
        for (let round = 0; round < kills; round += 1) {
          const writer = Writer.start({ directory: path })
          const refused = await writer.until(5 + seed.draw(40))
          if (refused !== null) return { pass: false, seen: refused, evidence: `round ${round}` }
          await writer.kill()
          acknowledged.push(writer.acknowledged())
        }
        await using database = await Database.open({ directory: path })
        const found = await numbers(database)
        const last = acknowledged.at(-1) ?? 0
        return verdict({
          seen: `${last + 1} acknowledged, ${found.length} there`,
          evidence: `killed after ${acknowledged.join(', ')}`,
          holds: { 'all there, once': whole(found, last) },
        })
      }),
  },
  {
    id: 'DB-2',
    fault: 'a second process opens the same embedded database',
    expected: 'DATABASE_LOCKED, and the first goes on; once it is dead the next gets in',
    inject: () =>
      directory(async (path) => {
        const first = Writer.start({ directory: path })
        await first.until(5)
        const second = Writer.start({ directory: path })
        const refused = await second.until(1)
        const before = first.acknowledged()
        await first.until(5)
        const after = first.acknowledged()
        await first.kill()
        await second.kill()
        const third = await Database.open({ directory: path })
        const found = await numbers(third)
        await third.close()
        return verdict({
          seen: `${refused}; the first went on from ${before} to ${after}`,
          evidence: `${found.length} rows for the one that opened it afterwards`,
          holds: { refused: refused === 'DATABASE_LOCKED', 'goes on': after > before, opened: whole(found, after) },
        })
      }),
  },
  {
    id: 'DB-3',
    fault: 'the last segment of the log cut in half (embedded)',
    expected: 'it opens with what was committed before, or DATABASE_DAMAGED says so; never silence over rows',
    inject: () =>
      directory(async (path) => {
        const writer = Writer.start({ directory: path })
        await writer.until(200)
        await writer.kill()
        const logs = join((await find(path, 'pg_wal')) ?? path)
        const segments = (await readdir(logs)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort()
        const last = join(logs, segments.at(-1) ?? '')
        const { size } = await stat(last)
        await truncate(last, Math.floor(size / 2))
        const opened = await outcome(Database.open({ directory: path }).then((database) => database.close()))
        if (opened !== 'answered')
          return verdict({
            seen: opened,
            evidence: `${segments.length} segments, the last cut from ${size} bytes`,
            holds: { 'said so': opened === 'DATABASE_DAMAGED' },
          })
        await using database = await Database.open({ directory: path })
        const found = await numbers(database)
        return verdict({
          seen: `it opened with ${found.length} of ${writer.acknowledged() + 1}`,
          evidence: `the last of ${segments.length} segments cut from ${size} bytes`,
          holds: { 'nothing lost in silence': whole(found, writer.acknowledged()) },
        })
      }),
  },
  {
    id: 'DB-4',
    fault: 'PostgreSQL stopped at once in the middle of a batch',
    expected: 'what was acknowledged is there; what was under way is a retryable error',
    inject: () =>
      server(async (running) => {
        await using database = await Database.open({ url: running.url, connections: 4 })
        const acknowledged = new Set<number>()
        const codes = new Set<string>()
        let next = 0
        let stop = false
        const work = async () => {
          while (!stop) {
            const number = next++
            const message = { participantId: null, kind: 'encumbrance.changed' as const, body: { number } }
            await database
              .transaction((queries) => Outbox.append(queries, { messages: [message], now: 1 }))
              .then(
                () => acknowledged.add(number),
                (error: unknown) => codes.add(codeOf(error)),
              )
          }
        }
        const workers = [work(), work(), work(), work()]
        await until(() => acknowledged.size > 200)
        await running.crash()
        const before = acknowledged.size
        await until(() => acknowledged.size > before + 200)
        stop = true
        await Promise.all(workers)
        const found = new Set(await numbers(database))
        const lost = [...acknowledged].filter((number) => !found.has(number)).length
        return verdict({
          seen: `${acknowledged.size} acknowledged, ${lost} lost; under way: ${[...codes].join(' ') || 'none'}`,
          evidence: `${before} before the stop, the rest after it came back`,
          holds: { 'none lost': lost === 0, retryable: [...codes].every((code) => code === 'STORAGE_UNAVAILABLE') },
        })
      }),
  },
  {
    id: 'DB-5',
    fault: 'the disk is full (embedded, on a file system of its own)',
    expected: 'STORAGE_FULL, time and again; reads go on; with room again it goes on, and whatever was acknowledged is there',
    inject: () =>
      directory(async (path) => {
        const disk = join(path, '..', 'disk')
        await mkdir(disk)
        const filling = fileURLToPath(new URL('./filling.ts', import.meta.url))
        // A file system that only this process and its children see, as whoever may make a user namespace can mount one.
        const mounted = 'mount -t tmpfs -o size=160m tmpfs "$1" || exit 77; exec "$2" "$3" "$1"'
        const { code, stdout, stderr } = await run('unshare', ['-rm', 'sh', '-c', mounted, 'sh', disk, process.execPath, filling])
        if (code === 'ENOENT' || stderr.startsWith('unshare:') || code === 77)
          return {
            elsewhere: `Filling a disk needs a file system of its own, and none can be mounted here (${stderr.trim().slice(0, 80) || 'no unshare'}); the codes 53100, 53200 and ENOSPC are told as STORAGE_FULL by the tests of the store.`,
          }
        if (code !== 0) return { pass: false, seen: `exit ${code}`, evidence: stderr.slice(-300) }
        const { full, acknowledged, read, again, after, there } = JSON.parse(stdout) as Filled
        return verdict({
          seen: `${full} after ${acknowledged}, ${read} read while full; again ${again}; with room ${after}`,
          evidence: `${there} there at the end, on a disk of 160 MiB`,
          holds: {
            full: full === 'STORAGE_FULL' && again === 'STORAGE_FULL',
            read: acknowledged > 0 && read === acknowledged,
            after: after === 'answered' && there === acknowledged + 1,
          },
        })
      }),
  },
  {
    id: 'DB-6',
    fault: 'a statement of 30 s; a pool whose only connection is taken; a gateway whose participants somebody else has locked',
    expected:
      'STORAGE_TIMEOUT within its second, twice; then it answers again; of the gateway HTTP 503 with Retry-After, and nothing issued',
    inject: () =>
      server(async (running) => {
        await using database = await Database.open({ url: running.url, connections: 1, timeoutSeconds: 1 })
        const from = performance.now()
        const slow = await outcome(database.query('select pg_sleep(30)', []))
        const slowMs = performance.now() - from
        const taken = database.transaction(async (queries) => {
          await queries.query('select 1', [])
          await new Promise((resolve) => setTimeout(resolve, 2_000))
        })
        const waiting = await outcome(database.query('select 1', []))
        await taken.catch(() => {})
        const after = await outcome(database.query('select 1', []))
        const served = await Busy.locked(running.url)
        return verdict({
          seen: `${slow} after ${slowMs.toFixed(0)} ms; ${waiting}; then ${after}; a gateway: HTTP ${served.status} ${served.code} after ${served.ms.toFixed(0)} ms, Retry-After ${served.retryAfter}; then ${served.after}`,
          evidence: 'one connection, one second; the gateway has its own five for each statement',
          holds: {
            slow: slow === 'STORAGE_TIMEOUT' && slowMs < 3_000,
            waiting: waiting === 'STORAGE_TIMEOUT',
            after: after === 'answered',
            '503': served.status === 503 && served.code === 'STORAGE_TIMEOUT' && Number(served.retryAfter) >= 1 && served.ms < 15_000,
            'and again': served.after === 'issued',
          },
        })
      }),
  },
  {
    id: 'DB-7',
    fault: 'killed half-way through bringing the schema up to date, at three tables; a schema of a later version',
    expected: 'nothing of it is left, and the next start does it whole; a later schema is refused',
    inject: () =>
      server(async (running) => {
        const left: string[] = []
        const tables = ['certificates', 'positions', 'settings']
        for (const table of tables) left.push(await halfway({ url: running.url, table }))
        const opened = await Database.open({ url: running.url })
        const rows = (await numbers(opened)).length
        await opened.query('insert into migrations (index, tag, hash) values ($1, $2, $3)', [9_999, 'of later', 'x'])
        const [{ count } = { count: 0n }] = await opened.query<{ count: bigint }>('select count(*) as count from migrations')
        await opened.query('update migrations set index = $1 where index = 9999', [Number(count) - 1])
        await opened.close()
        const newer = await outcome(Database.open({ url: running.url }))
        return verdict({
          seen: `${left.join('; ')}; it opens; a later schema: ${newer}`,
          evidence: `held at ${tables.join(', ')} by an open transaction with a table of that name; ${rows} rows after the kills`,
          holds: { nothing: left.every((one) => one.endsWith(': nothing left')), newer: newer === 'SCHEMA_NEWER' },
        })
      }),
  },
  {
    id: 'DB-8',
    fault: 'a storm of deadlocks: twelve transactions lock two rows in opposite orders; the same request eight times to a gateway in one',
    expected:
      'ties are broken and run again, a few times; each is done once or told as an error, nothing half; one certificate, whoever asks again',
    inject: () =>
      server(async (running) => {
        await using database = await Database.open({ url: running.url, connections: 10, timeoutSeconds: 20 })
        await database.query("insert into settings (name, value) values ('a', '0'), ('b', '0')", [])
        const add = (first: string, second: string) =>
          database.transaction(async (queries) => {
            for (const name of [first, second]) {
              await queries.query('update settings set value = (value::int + 1)::text where name = $1', [name])
              await new Promise((resolve) => setTimeout(resolve, 5))
            }
          })
        const from = performance.now()
        const outcomes = await Promise.all(
          Array.from({ length: 12 }, (_, index) => outcome(index % 2 === 0 ? add('a', 'b') : add('b', 'a'))),
        )
        const done = outcomes.filter((one) => one === 'answered').length
        const values = await database.query<{ value: string }>("select value from settings where name in ('a', 'b')", [])
        const [{ deadlocks } = { deadlocks: 0n }] = await database.query<{ deadlocks: bigint }>(
          'select deadlocks from pg_stat_database where datname = current_database()',
          [],
        )
        const served = await Busy.repeated(running.url)
        return verdict({
          seen: `${done} of 12 done, both rows at ${values.map(({ value }) => value).join(' and ')}; of a gateway ${served.certificates} certificate; others: ${served.codes.join(' ') || 'none'}`,
          evidence: `${deadlocks} deadlocks counted by the server, ${(performance.now() - from).toFixed(0)} ms; others: ${[...new Set(outcomes.filter((one) => one !== 'answered'))].join(' ') || 'none'}`,
          holds: {
            'each once': values.every(({ value }) => Number(value) === done),
            some: done > 0,
            'one certificate': served.certificates === 1 && served.last,
          },
        })
      }),
  },
  {
    id: 'DB-9',
    fault: 'the clock of the process is an hour ahead of the database’s',
    expected: 'the database’s own clock decides what has expired',
    inject: () =>
      server(async (running) => {
        await using database = await Database.open({ url: running.url })
        const real = Date.now
        const before = await database.now()
        Date.now = () => real() + 3_600_000
        const [during, said] = await Promise.all([database.now(), Promise.resolve(Math.floor(Date.now() / 1000))]).finally(() => {
          Date.now = real
        })
        return verdict({
          seen: `the database moved ${during - before} s, the process ${said - before} s`,
          evidence: `${before} → ${during}`,
          holds: { own: during - before < 60 && said - before >= 3_600 },
        })
      }),
  },
]

/**
 * A start that is killed while it waits for a table: another transaction has made one of that name, and not said yet whether it stays.
 *
 * @returns the table, and what was left of the schema.
 */
async function halfway({ url, table }: { readonly url: string; readonly table: string }): Promise<string> {
  await using watcher = await Database.open({ url, connections: 1 })
  await using admin = await Database.open({ url, connections: 1, timeoutSeconds: 30 })
  for (const statement of ['drop schema public cascade', 'create schema public']) await admin.query(statement)
  const isWaiting = async () => {
    const [row] = await watcher.query<{ count: bigint }>(
      "select count(*) as count from pg_stat_activity where wait_event_type = 'Lock' and query ilike $1",
      [`%create table "${table}"%`],
    )
    return Number(row?.count) > 0
  }
  const undone = new Error('never meant to stay')
  await admin
    .transaction(async (queries) => {
      await queries.query(`create table "${table}" (only_in_between integer)`)
      const writer = Writer.start({ url })
      const end = Date.now() + 30_000
      while (!(await isWaiting())) {
        if (Date.now() > end) throw new Error(`No start came to ${table}.`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await writer.kill()
      throw undone
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error
    })
  // The server ends what the dead process had asked for by itself, a moment later.
  const end = Date.now() + 10_000
  for (;;) {
    const tables = await admin.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    )
    if (tables.length === 0) return `${table}: nothing left`
    if (Date.now() > end) return `${table}: ${tables.map(({ name }) => name).join(' ')} left`
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A directory of this name below a path. */
async function find(path: string, name: string): Promise<string | null> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  const found = entries.find((entry) => entry.isDirectory() && entry.name === name)
  return found ? join(found.parentPath, found.name) : null
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not come to pass within 30 s.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
