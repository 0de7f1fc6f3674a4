/** A thread that runs slices of a simulation, one after another, and says what came out of each. */
import { parentPort, workerData } from 'node:worker_threads'
import { Insurance, type Stress } from '@plimsoll/liquidation'

/** What a thread is started with. */
export type Work = { readonly scenario: Stress.Scenario; readonly draws: Insurance.Draws }

if (parentPort !== null) {
  const port = parentPort
  const { scenario, draws } = workerData as Work
  port.on('message', (slice: Insurance.simulate.Slice) => port.postMessage(Insurance.simulate(scenario, draws, slice)))
}
