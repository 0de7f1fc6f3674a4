/** A simulation on several threads: which thread runs which slice changes nothing about the result. */
import { Worker } from 'node:worker_threads'
import { Insurance } from '@plimsoll/liquidation'
import type { Work } from './worker.ts'

/** How many paths a thread runs before it says so. */
const slice = 50

/**
 * All paths of a simulation.
 *
 * @param told - called after each slice with how many paths are done.
 */
export async function simulate(
  work: Work,
  paths: number,
  threads: number,
  told: (done: number) => void,
): Promise<readonly Insurance.Sample[]> {
  const slices = Array.from({ length: Math.ceil(paths / slice) }, (_, i) => ({ from: i * slice, to: Math.min(paths, (i + 1) * slice) }))
  if (threads <= 1) {
    return slices.map((each) => {
      const sample = Insurance.simulate(work.scenario, work.draws, each)
      told(each.to)
      return sample
    })
  }
  const samples: Insurance.Sample[] = []
  let next = 0
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work })
      const give = () => {
        const each = slices[next++]
        if (each === undefined) void worker.terminate().then(() => resolve())
        else worker.postMessage(each)
      }
      worker.on('message', (sample: Insurance.Sample) => {
        samples.push(sample)
        told(samples.reduce((sum, { losses }) => sum + losses.length, 0))
        give()
      })
      worker.on('error', reject)
      give()
    })
  await Promise.all(Array.from({ length: Math.min(threads, slices.length) }, one))
  return samples
}
