/** A process is killed at every step of a promotion: the registry is the one before or the one after, and the promotion is done once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Artifact, Registry } from './index.ts'
import type { Order } from './testing/promoter.ts'

const kills = Number(process.env['PLIMSOLL_KILLS'] ?? (process.env['PLIMSOLL_DEEP'] ? 100 : 6))
const promoter = fileURLToPath(new URL('./testing/promoter.ts', import.meta.url))
const moments = ['before', 'during', 'after'] as const
/** Calls to the file system of one promotion, and one more: killed right after the answer. */
const steps = 14
const entry = (version: string): Registry.Entry => ({
  version,
  modelHash: `0x${version.replaceAll('.', '').padEnd(64, 'a')}` as Artifact.Hash,
})
const [former, champion] = [entry('0.1.0'), entry('0.2.0')]
const before: Registry.Registry = { schema: 1, champion: former, challengers: [champion] }
const after: Registry.Registry = { schema: 1, champion, challengers: [], former: [former] }

test(`property: ${kills} kills over the steps of a promotion: the old registry or the new one, never half, and promoted once`, async () => {
  const tally = new Map<string, Record<string, number>>()
  for (let kill = 0; kill < kills; kill++) {
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll promotion '))
    await Registry.enter({ directory, entry: former })
    await Registry.enter({ directory, entry: champion })
    const promotion = { directory, version: champion.version, against: former }
    // Every step comes in turn, and comes again at another moment.
    const moment = moments[kill % 3] as Order['moment']
    const order: Order = { ...promotion, step: 1 + ((kill * 5) % steps), moment, delay: (kill * 173) % 1_000 }
    const child = spawn(process.execPath, [promoter, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [answer, told] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    expect(child.signalCode, told).toBe('SIGKILL')
    const step = `${String(order.step).padStart(2)} ${told.trim() || 'answered'}`

    const there = await Registry.read(directory)
    const done = there.champion?.version === champion.version
    expect(there, step).toEqual(done ? after : before)
    if (answer !== '') expect(done, step).toBe(true)
    const again = Registry.promote(promotion)
    // The lock of the one that is gone is taken over either way.
    if (done) await expect(again, step).rejects.toThrow(Registry.ChangedError)
    else expect(await again, step).toEqual(after)
    expect(await Registry.read(directory), step).toEqual(after)
    expect(await readdir(directory), step).not.toContain('registry.lock')
    await rm(directory, { recursive: true })

    const outcome = answer !== '' ? 'acknowledged, there' : done ? 'done, not told' : 'undone, done once afterwards'
    const row = tally.get(step) ?? {}
    row[outcome] = (row[outcome] ?? 0) + 1
    tally.set(step, row)
  }
  const lines = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([step, row]) => `   ${step.padEnd(24)} ${JSON.stringify(row)}`)
  process.stdout.write(`\n   promotion, ${kills} kills\n${lines.join('\n')}\n`)
}, 3_600_000)
