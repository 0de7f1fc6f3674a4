/**
 * How long the gateway's event loop stands still while figures of a large book are computed: where requests are answered, and on their own thread.
 *
 * Ten questions one after another, each of a book that was just read; the least of the rounds, interleaved, beside rounds in which nothing is
 * computed, whose stalls are the machine's own. Then what the way to the thread and back costs a book of three accounts. It does not say how long a question takes while the machine has other work.
 *
 * Run: node services/gateway/bench/figures.ts [accounts]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Services } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { Book, Reading } from '@plimsoll/liquidation'
import { pino } from 'pino'
import * as Thread from '../src/figures/thread.ts'

const accounts = Number(process.argv[2] ?? 7_000)
const questions = 10
const rounds = 3

/** Longs and shorts of leverage 2 to 17 in turn. */
const read = (): Reading.Reading => ({
  ...World.reading,
  book: Book.of(
    Array.from({ length: accounts }, (_, i) => {
      const equity = World.usd(Math.floor(34_000 / (2 + (i % 16))))
      const position = { market: World.reading.market, notional: World.usd(34_000), maintenancePpm: 20_000 }
      return { account: `account ${i}`, equity, collateral: equity, positions: [{ ...position, side: i % 2 === 0 ? 'long' : 'short' }] }
    }),
  ),
})

/** The longest that nothing else could run, and a question's own time. Milliseconds. */
async function measure(figures: Services.Services['figures']): Promise<{ readonly stall: number; readonly each: number }> {
  const readings = Array.from({ length: questions }, read)
  const brake = Reading.brake(World.reading)
  await setTimeout(200)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const began = performance.now()
  for (const reading of readings) {
    await figures.fragility(reading, brake)
    // So that what follows a question is not counted as one stall with it.
    await setTimeout(5)
  }
  const each = (performance.now() - began) / questions - 5
  delay.disable()
  return { stall: delay.max / 1e6, each }
}

async function trip(figures: Services.Services['figures']): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 200; i++) {
    const began = performance.now()
    await figures.clusters(World.reading, Reading.width)
    times.push(performance.now() - began)
  }
  return Math.min(...times)
}

const thread = Thread.open(pino({ level: 'silent' }))
const answer = await World.figures.fragility(World.reading, Reading.brake(World.reading))
const idle: Services.Services['figures'] = { ...World.figures, fragility: () => setTimeout(300, answer) }
const ways = { inline: World.figures, thread, idle } as const
const stall = { inline: Number.POSITIVE_INFINITY, thread: Number.POSITIVE_INFINITY, idle: Number.POSITIVE_INFINITY }
const each = { ...stall }
const small = { ...stall }
for (let round = 0; round < rounds; round++)
  for (const name of ['inline', 'thread', 'idle'] as const) {
    const measured = await measure(ways[name])
    stall[name] = Math.min(stall[name], measured.stall)
    each[name] = Math.min(each[name], measured.each)
    small[name] = Math.min(small[name], await trip(ways[name]))
  }
await thread.close()
const told = ({ inline, thread }: typeof stall) => ({ inline: Number(inline.toFixed(2)), thread: Number(thread.toFixed(2)) })
const longestStallMs = { ...told(stall), idle: Number(stall.idle.toFixed(2)) }
process.stdout.write(`${JSON.stringify({ accounts, longestStallMs, questionMs: told(each), smallestTripMs: told(small) })}\n`)
