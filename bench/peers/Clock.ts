/** What an assessment costs: CPU time of this process, and time on the wall. */
import { performance } from 'node:perf_hooks'
import type { Contender } from './Contender.ts'

/** Microseconds an account. */
export type Cost = { readonly cpu: number; readonly wall: number }

/** Accounts of a contender, and the last answer to each of them, so that no answer goes unused. */
export type Book = { readonly contender: Contender; readonly accounts: readonly unknown[]; readonly kept: unknown[] }

/** Assesses every account again and again for about so long. */
export function slice({ contender, accounts, kept }: Book, milliseconds: number): Cost {
  const before = process.cpuUsage()
  const started = performance.now()
  const until = started + milliseconds
  let assessed = 0
  do {
    for (let index = 0; index < accounts.length; index++) kept[index] = contender.assess(accounts[index])
    assessed += accounts.length
  } while (performance.now() < until)
  const wall = (performance.now() - started) * 1000
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / assessed, wall: wall / assessed }
}

/** The cheapest of each. */
export function least(costs: readonly Cost[]): Cost {
  return { cpu: Math.min(...costs.map((cost) => cost.cpu)), wall: Math.min(...costs.map((cost) => cost.wall)) }
}

/** Microseconds of CPU that a fixed loop of bigint products and divisions takes, the best of five: the machine's speed at this moment. */
export function calibrate(): number {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 5; turn++) {
    const before = process.cpuUsage()
    let state = 0x9e3779b97f4a7c15n
    for (let step = 0; step < 100_000; step++) state = (state * 6364136223846793005n + 1442695040888963407n) % 18446744073709551557n
    if (state === 0n) throw new RangeError('the loop ran into 0')
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, user + system)
  }
  return best
}
