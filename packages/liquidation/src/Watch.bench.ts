/**
 * Ticks over a million cross-margin accounts in 64 markets, beside asking everybody at each. One factor and a part of each market's own. Seeds 3 and 4.
 * The same walk is watched several times over, and a tick's time is its least: what is left are percentiles over ticks, not over whatever else the
 * machine did. The percentiles of all times as they came are printed beside them.
 */
import { expect, test } from 'vitest'
import { Columns, Watch } from './index.ts'
import { crowd, normal, uniform } from './testing/crowd.ts'

const million = 1_000_000
const columns = crowd(million, 3)
const replays = 5

test.each([
  { regime: 'calm', basisPoints: 4, ticks: 10_000 },
  { regime: 'lively', basisPoints: 10, ticks: 3_000 },
  { regime: 'storm', basisPoints: 30, ticks: 1_000 },
])('$regime: $basisPoints basis points a tick', ({ regime, basisPoints, ticks }) => {
  const least = new Float64Array(ticks).fill(Number.POSITIVE_INFINITY)
  const all = new Float64Array(ticks * replays)
  const work = new Float64Array(ticks)
  const found = new Int32Array(million)
  let everybody = Number.POSITIVE_INFINITY
  let cost: Watch.Cost | null = null
  let liquidated = 0
  for (let replay = 0; replay < replays; replay++) {
    const gauss = normal(uniform(4))
    const ratios = new Float64Array(64).fill(1)
    const watch = Watch.of(columns, ratios, { reach: 0.08, budget: 1_000, slice: 8_192 })
    const gone = new Uint8Array(million)
    for (let tick = 0; tick < ticks; tick++) {
      const factor = gauss()
      for (let k = 0; k < 64; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp((basisPoints / 1e4) * (0.8 * factor + 0.6 * gauss()))
      const before = watch.cost.asked + watch.cost.anchored
      const started = performance.now()
      const failed = Watch.tick(watch, ratios)
      const took = performance.now() - started
      least[tick] = Math.min(least[tick] ?? 0, took)
      all[replay * ticks + tick] = took
      work[tick] = watch.cost.asked + watch.cost.anchored - before
      for (const i of failed) gone[i] = 1
      if (tick % 250 === 249) {
        const scanning = performance.now()
        const number = Columns.failing(columns, ratios, found)
        everybody = Math.min(everybody, performance.now() - scanning)
        // Nobody who fails now still stands.
        for (let j = 0; j < number; j++) expect(gone[found[j] ?? 0]).toBe(1)
      }
    }
    liquidated = gone.reduce((sum, each) => sum + each, 0)
    cost = watch.cost
  }
  for (const list of [least, all, work]) list.sort()
  const at = (list: Float64Array, share: number) => list[Math.floor(share * (list.length - 1))] ?? 0
  const mean = least.reduce((sum, each) => sum + each, 0) / ticks
  console.log(
    [
      `${regime}: ${liquidated} liquidated in ${ticks} ticks; asking everybody ${everybody.toFixed(2)} ms a tick`,
      `  least of ${replays}     p50 ${(1e3 * at(least, 0.5)).toFixed(1)} µs, p99 ${at(least, 0.99).toFixed(3)} ms, worst ${at(least, 1).toFixed(2)} ms, mean ${mean.toFixed(3)} ms (${(everybody / mean).toFixed(0)} × everybody)`,
      `  as they came   p50 ${(1e3 * at(all, 0.5)).toFixed(1)} µs, p99 ${at(all, 0.99).toFixed(3)} ms, worst ${at(all, 1).toFixed(2)} ms`,
      `  accounts asked and anchored a tick: p50 ${at(work, 0.5)}, p99 ${at(work, 0.99)}, most ${at(work, 1)}; the near ones at once ${cost?.rushes} times, everybody ${cost?.reads}`,
    ].join('\n'),
  )
  expect(cost?.ticks).toBe(ticks)
})
