/** A thread that runs trials, one after another, and says what came out of each. */
import { parentPort, workerData } from 'node:worker_threads'
import * as Trial from './Trial.ts'

export type Task = { readonly cell: number; readonly seed: number }
export type Done = Task & { readonly cards: Float64Array }

if (parentPort !== null) {
  const port = parentPort
  const work = workerData as Trial.Work
  port.on('message', (task: Task) => port.postMessage({ ...task, cards: Trial.cards(work, task.cell, task.seed) } satisfies Done))
}
