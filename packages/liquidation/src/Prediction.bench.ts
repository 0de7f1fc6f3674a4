/**
 * Prediction and ranking after a tick over a million cross-margin accounts in 64 markets, beside asking everybody at each: who breaches within an
 * hour with at least 5 %, and who is liquidated now; at a trigger of 1, who is liquidated alone. Spreads of 0.4 to 1 % an hour, or four times that.
 * Seeds 3, 4 and 6. The same walk is replayed, and a tick's time is its least; all times as they came are printed beside it.
 */
import { expect, test } from 'vitest'
import { Calibrator, Columns, Forecast, Vigil } from './index.ts'
import { crowd, normal, uniform } from './testing/crowd.ts'

const million = 1_000_000
const columns = crowd(million, 3)
const replays = 3

function optionsOf(times: number, trigger: number): Vigil.Options {
  const draw = uniform(6)
  const market = () => ({ variance: (times * (0.004 + 0.006 * draw())) ** 2, loading: 0.8, jumps: Forecast.still })
  const markets = Object.fromEntries(columns.names.map((name) => [name, market()]))
  const forecast = Forecast.of({ horizonSeconds: 3_600, intervalSeconds: 60, markets, calibrator: Calibrator.none })
  return { forecast, trigger, reach: 0.02 }
}

test.each([
  { regime: 'calm', basisPoints: 4, ticks: 500, times: 1, trigger: 0.05 },
  { regime: 'lively', basisPoints: 10, ticks: 300, times: 1, trigger: 0.05 },
  { regime: 'storm', basisPoints: 30, ticks: 150, times: 1, trigger: 0.05 },
  { regime: 'storm foretold', basisPoints: 30, ticks: 150, times: 4, trigger: 0.05 },
  { regime: 'calm, liquidated alone', basisPoints: 4, ticks: 500, times: 1, trigger: 1 },
  { regime: 'storm, liquidated alone', basisPoints: 30, ticks: 150, times: 1, trigger: 1 },
])('$regime: $basisPoints basis points a tick, $times times the spread', ({ regime, basisPoints, ticks, times, trigger }) => {
  const options = optionsOf(times, trigger)
  const failing = new Int32Array(million)
  const least = new Float64Array(ticks).fill(Number.POSITIVE_INFINITY)
  const all = new Float64Array(ticks * replays)
  let everybody = Number.POSITIVE_INFINITY
  let cost: Vigil.Cost = { ticks: 0, asked: 0, reads: 0 }
  let told = 0
  for (let replay = 0; replay < replays; replay++) {
    const gauss = normal(uniform(4))
    const ratios = new Float64Array(64).fill(1)
    const vigil = Vigil.of(columns, ratios, options)
    for (let tick = 0; tick < ticks; tick++) {
      const factor = gauss()
      for (let k = 0; k < 64; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp((basisPoints / 1e4) * (0.8 * factor + 0.6 * gauss()))
      const started = performance.now()
      const ranking = Vigil.tick(vigil, ratios)
      const took = performance.now() - started
      least[tick] = Math.min(least[tick] ?? 0, took)
      all[replay * ticks + tick] = took
      told = ranking.accounts.length
      if (tick % 50 === 49) {
        const scanning = performance.now()
        const whole = Vigil.scan(columns, ratios, options)
        everybody = Math.min(everybody, performance.now() - scanning)
        expect(ranking).toEqual(whole)
        const number = Columns.failing(columns, ratios, failing)
        expect(ranking.accounts.filter((_, i) => ranking.deviations[i] === 0)).toEqual(failing.slice(0, number))
      }
    }
    cost = vigil.cost
  }
  for (const list of [least, all]) list.sort()
  const at = (list: Float64Array, share: number) => list[Math.floor(share * (list.length - 1))] ?? 0
  console.log(
    [
      `${regime}: ${told} of a million at ${100 * trigger} % or more; asking everybody ${everybody.toFixed(1)} ms a tick`,
      `  least of ${replays}     p50 ${at(least, 0.5).toFixed(2)} ms, p99 ${at(least, 0.99).toFixed(1)} ms, worst ${at(least, 1).toFixed(1)} ms (p50: ${(everybody / at(least, 0.5)).toFixed(0)} × everybody)`,
      `  as they came   p50 ${at(all, 0.5).toFixed(2)} ms, p99 ${at(all, 0.99).toFixed(1)} ms, worst ${at(all, 1).toFixed(1)} ms`,
      `  asked a tick ${(cost.asked / cost.ticks).toFixed(0)}, everybody read ${cost.reads} times in ${cost.ticks} ticks`,
    ].join('\n'),
  )
  expect(cost.ticks).toBe(ticks)
})
