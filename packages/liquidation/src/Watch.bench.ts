/**
 * Ticks over a million cross-margin accounts in 64 markets, beside looking at everybody at each. One factor and a part of each market's own.
 * Seed 3. Percentiles of single ticks on a shared machine; `accounts` is how many were looked at on average.
 */
import { expect, test } from 'vitest'
import { Columns, Watch } from './index.ts'
import { crowd, normal, uniform } from './testing/crowd.ts'

const million = 1_000_000

test.each([
  { regime: 'calm', basisPoints: 4, ticks: 20_000 },
  { regime: 'lively', basisPoints: 10, ticks: 5_000 },
  { regime: 'storm', basisPoints: 30, ticks: 2_000 },
])('$regime: $basisPoints basis points a tick', ({ regime, basisPoints, ticks }) => {
  const columns = crowd(million, 3)
  const gauss = normal(uniform(4))
  const ratios = new Float64Array(64).fill(1)
  const watch = Watch.of(columns, ratios, { reach: 0.08, budget: 400, slice: 2_048 })
  const found = new Int32Array(million)
  const gone = new Uint8Array(million)
  let least = Number.POSITIVE_INFINITY
  const took = new Float64Array(ticks)
  let liquidated = 0
  for (let tick = 0; tick < ticks; tick++) {
    const factor = gauss()
    for (let k = 0; k < 64; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp((basisPoints / 1e4) * (0.8 * factor + 0.6 * gauss()))
    const started = performance.now()
    const failed = Watch.tick(watch, ratios)
    took[tick] = performance.now() - started
    liquidated += failed.length
    for (const i of failed) gone[i] = 1
    if (tick % 500 === 499) {
      const scanning = performance.now()
      const number = Columns.failing(columns, ratios, found)
      least = Math.min(least, performance.now() - scanning)
      // Nobody who fails now still stands.
      for (let j = 0; j < number; j++) expect(gone[found[j] ?? 0]).toBe(1)
    }
  }
  took.sort()
  const { looked } = watch
  const at = (share: number) => took[Math.floor(share * (ticks - 1))] ?? 0
  console.log(
    `${regime}: p50 ${(1e3 * at(0.5)).toFixed(1)} µs, p99 ${at(0.99).toFixed(2)} ms, worst ${at(1).toFixed(1)} ms, mean ${(took.reduce((a, b) => a + b, 0) / ticks).toFixed(3)} ms; everybody ${least.toFixed(2)} ms; ${(looked.accounts / ticks).toFixed(0)} accounts looked at, ${(looked.anchored / ticks).toFixed(0)} anchored a tick, ${looked.stalls} stalls, ${liquidated} liquidated`,
  )
  expect(looked.ticks).toBe(ticks)
})
