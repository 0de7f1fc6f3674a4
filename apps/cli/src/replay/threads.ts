/** All trials on several threads: which thread runs which seed changes nothing about the result. */
import { Worker } from 'node:worker_threads'
import * as Trial from './Trial.ts'
import type { Done, Task } from './worker.ts'

/**
 * The scorecards of every seed of every cell: [cell][seed − first].
 *
 * @param told - how many trials are done, of how many.
 */
export async function run(
  work: Trial.Work,
  { seeds, threads }: run.Size,
  told: (done: number, all: number) => void,
): Promise<Float64Array[][]> {
  const tasks: Task[] = seeds.flatMap((seed) => work.cells.map((_, cell) => ({ cell, seed })))
  const first = seeds[0] ?? 0
  const results: Float64Array[][] = work.cells.map(() => [])
  let done = 0
  const keep = ({ cell, seed, cards }: Done) => {
    const of = results[cell]
    if (of !== undefined) of[seed - first] = cards
    told(++done, tasks.length)
  }
  if (threads <= 1) {
    for (const task of tasks) {
      keep({ ...task, cards: Trial.cards(work, task.cell, task.seed) })
      // Lets the bar be drawn.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return results
  }
  let next = 0
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work })
      const give = () => {
        const task = tasks[next++]
        if (task === undefined) void worker.terminate().then(() => resolve())
        else worker.postMessage(task)
      }
      worker.on('message', (result: Done) => {
        keep(result)
        give()
      })
      worker.on('error', reject)
      give()
    })
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, one))
  return results
}

export declare namespace run {
  /** Consecutive seeds. */
  type Size = { readonly seeds: readonly number[]; readonly threads: number }
}
