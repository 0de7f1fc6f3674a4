/** A process is killed at every statement of a release and of a settlement, on both engines: done once, or not at all. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Database from './Database.ts'
import type { Act, Task } from './testing/clerk.ts'
import * as Clerk from './testing/clerk.ts'
import * as Desk from './testing/Desk.ts'
import { engines } from './testing/Engines.ts'
import type { Order } from './testing/Killer.ts'

const kills = Number(process.env['PLIMSOLL_KILLS'] ?? (process.env['PLIMSOLL_DEEP'] ? 100 : 6))
const clerk = fileURLToPath(new URL('./testing/clerk.ts', import.meta.url))
const killer = pathToFileURL(fileURLToPath(new URL('./testing/Killer.ts', import.meta.url))).href
const acts: readonly Act[] = ['release', 'settle', 'order', 'conclude', 'cover']
const moments = ['before', 'during', 'after'] as const

/** As the venue shows the one that is killed over: it owes what its credit stands for. */
const owing = { name: 'victim', venue: 'a', market: 'm', credit: 5_000n * Desk.usd, unrealisedLoss: 5_000n * Desk.usd }

type Where = { readonly directory: string } | { readonly url: string }
type Process = { readonly child: ChildProcess; readonly ask: (task: Task) => Promise<string | null>; readonly gone: Promise<unknown> }

/** Starts one that will be killed as ordered, and waits until its database is open. */
async function start(where: Where, order: Order): Promise<Process> {
  const child = spawn(process.execPath, ['--import', killer, clerk, JSON.stringify(where)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PLIMSOLL_KILL: JSON.stringify(order) },
  })
  const gone = once(child, 'exit')
  const lines: Interface = createInterface({ input: child.stdout })
  const next = () => Promise.race([once(lines, 'line').then(([line]) => String(line)), gone.then(() => null)])
  expect(await next()).toBe('ready')
  return {
    child,
    gone,
    ask: (task) => {
      const answer = next()
      child.stdin.write(`${JSON.stringify(task)}\n`)
      return answer
    },
  }
}

/** What is there of one release or settlement. */
async function rowsOf(database: Database.Database, { act, number }: Task) {
  const id = Clerk.idOf(act, number)
  const releases = act === 'release' || act === 'settle'
  const rows = await database.query<{ status: string; signatures: string; covered: boolean }>(
    releases
      ? 'select status, signatures, false as covered from releases where id = $1'
      : 'select status, signatures, covered_at is not null as covered from settlements where id = $1',
    [id],
  )
  const messages = await database.query<{ kind: string }>('select kind from outbox where body like $1', [`%${id}%`])
  return { rows, kinds: messages.map(({ kind }) => kind).sort() }
}

for (const engine of engines)
  describe.skipIf(engine.absent)(`killed at a statement, ${engine.title}`, () => {
    it(`property: ${kills} kills over the steps of release and settlement lose nothing acknowledged and do nothing twice`, async () => {
      const running = await engine.start()
      const home = await mkdtemp(join(tmpdir(), 'plimsoll-kills-'))
      const where: Where = running.url === null ? { directory: join(home, 'database') } : { url: running.url }
      const clock = () => Desk.noon
      const tally = new Map<string, Record<string, number>>()
      const participantId = await (async () => {
        await using database = await Database.open({ ...where, clock })
        const id = await Desk.join(database, 'victim')
        await Desk.observe(database, owing)
        return id
      })()

      for (let kill = 0; kill < kills; kill++) {
        const act = acts[kill % acts.length] as Act
        const turn = Math.floor(kill / acts.length)
        const task: Task = { act, number: kill, participantId }
        const [armed, told] = [join(home, `armed ${kill}`), join(home, `told ${kill}`)]
        // What settles, ends or covers needs something there to end.
        const first: Act = act === 'settle' || act === 'release' ? 'release' : 'order'
        if (act !== first) {
          await using database = await Database.open({ ...where, clock })
          await Clerk.run(database, { ...task, act: first })
        }
        const moment = moments[(turn + acts.indexOf(act)) % 3] as Order['moment']
        const order: Order = { work: 'background', step: 1 + (turn % 8), moment, delay: (kill * 173) % 3_000, armed, told }
        const process = await start(where, order)
        await writeFile(armed, '')
        await writeFile(told, '')
        const acknowledged = await process.ask(task)
        // Where there were fewer steps than that, right after the answer.
        process.child.kill('SIGKILL')
        await process.gone
        const step = `${act}: ${readFileSync(told, 'utf8').trim() || 'answered'}`

        await using database = await Database.open({ ...where, clock })
        const before = await rowsOf(database, task)
        const again = await Clerk.run(database, task)
        const after = await rowsOf(database, task)
        expect(after.rows).toHaveLength(1)
        expect(new Set(after.kinds).size, step).toBe(after.kinds.length)
        if (act === first) {
          expect(again, step).toMatchObject({ replayed: before.rows.length === 1 })
          if (acknowledged !== null) expect({ ...(again as object), replayed: false }, step).toEqual(JSON.parse(acknowledged))
        }
        if (act === 'settle') expect(after.rows[0]?.status).toBe('used')
        if (act === 'conclude') expect(after.rows[0]?.status).toBe('paid')
        if (act === 'cover') expect(after.rows[0]?.covered).toBe(true)
        expect(await Audit.audit(database), step).toEqual([])
        expect(JSON.stringify(await Clerk.run(database, task).then(() => rowsOf(database, task)))).toBe(JSON.stringify(after))
        // Nothing more is claimed before the venue was read at the block in which the last payment arrived.
        if (act === 'cover') await Desk.observe(database, { ...owing, block: 9 })
        const done = act === first ? before.rows.length === 1 : JSON.stringify(before) === JSON.stringify(after)
        const outcome = acknowledged !== null ? 'acknowledged, there' : done ? 'done, not told' : 'undone, done once afterwards'
        const row = tally.get(step) ?? {}
        row[outcome] = (row[outcome] ?? 0) + 1
        tally.set(step, row)
      }
      const lines = [...tally].sort(([a], [b]) => (a < b ? -1 : 1))
      process.stdout.write(
        `\n   ${engine.name}\n${lines.map(([step, row]) => `   ${step.padEnd(44)} ${JSON.stringify(row)}`).join('\n')}\n`,
      )
      await running.stop()
      await rm(home, { recursive: true, force: true })
    }, 3_600_000)
  })
