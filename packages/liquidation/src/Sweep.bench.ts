/**
 * A cascade with impact over a million cross-margin accounts, beside the same rounds over everybody: as objects, the way one writes it first, and as
 * columns. The accounts liquidated are the same. Seed 5. Minima and ratios.
 */
import { expect, test } from 'vitest'
import { Columns, Sweep, Venue } from './index.ts'
import { crowd, fails, type Plain, plain } from './testing/crowd.ts'

const million = 1_000_000
const columns = crowd(million, 5)
const objects = plain(columns)

/** Every round looks at everybody that is left. */
function rounds(shock: number, slope: number, look: (ratios: Float64Array, closed: Uint8Array) => readonly number[]): Uint8Array {
  const closed = new Uint8Array(million)
  const flows = new Float64Array(64)
  for (;;) {
    const ratios = flows.map((flow) => Math.exp(-shock + (flow < 0 ? -1 : 1) * slope * Math.abs(flow)))
    const failed = look(ratios, closed)
    if (failed.length === 0) return closed
    for (const i of failed) {
      closed[i] = 1
      for (let at = i; at < 4 * million; at += million)
        flows[columns.market[at] ?? 0] = (flows[columns.market[at] ?? 0] ?? 0) - (columns.exposure[at] ?? 0)
    }
  }
}

const byObjects = (shock: number, slope: number) =>
  rounds(shock, slope, (ratios, closed) => {
    const failed: number[] = []
    for (let i = 0; i < million; i++) if (closed[i] === 0 && fails(objects[i] as Plain, ratios)) failed.push(i)
    return failed
  })

const found = new Int32Array(million)
const byColumns = (shock: number, slope: number) =>
  rounds(shock, slope, (ratios, closed) => {
    const number = Columns.failing(columns, ratios, found)
    const failed: number[] = []
    for (let j = 0; j < number; j++) if (closed[found[j] ?? 0] === 0) failed.push(found[j] ?? 0)
    return failed
  })

test.each([
  { name: 'mild', shock: 0.08, slope: 5e-11 },
  { name: 'medium', shock: 0.08, slope: 2e-10 },
  { name: 'strong', shock: 0.08, slope: 6e-10 },
  { name: 'deep', shock: 0.15, slope: 1e-10 },
])('$name: a fall of $shock at an impact of $slope', ({ name, shock, slope }) => {
  const markets = Object.fromEntries(columns.names.map((market) => [market, Venue.plain({ kind: 'linear', slope })]))
  const shocks = Object.fromEntries(columns.names.map((market) => [market, -shock]))
  const sweep = () => Sweep.run(columns, { markets, shocks, roundCap: 10_000 })
  const { closed, rounds: number, liquidated, looked } = sweep()
  expect(closed).toEqual(byObjects(shock, slope))
  let sink = 0
  const least = minima(10, {
    sweep: () => {
      sink += sweep().liquidated
    },
    columns: () => {
      sink += byColumns(shock, slope).length
    },
    objects: () => {
      sink += byObjects(shock, slope).length
    },
  })
  console.log(
    `${name}: ${liquidated} liquidated in ${number} rounds, ${(looked / million).toFixed(2)} looks an account; ${least.sweep.toFixed(1)} ms, everybody as objects ${least.objects.toFixed(0)} ms (${(least.objects / least.sweep).toFixed(1)}×), as columns ${least.columns.toFixed(0)} ms (${(least.columns / least.sweep).toFixed(1)}×)`,
  )
  expect(sink).toBeGreaterThan(0)
})

/** The least time of each in milliseconds, taken in turns so that whatever disturbs the machine disturbs all. */
function minima<K extends string>(turns: number, all: Readonly<Record<K, () => unknown>>): Readonly<Record<K, number>> {
  const names = Object.keys(all) as K[]
  const least = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<K, number>
  for (let turn = 0; turn < turns; turn++)
    for (const name of names) {
      const started = performance.now()
      all[name]()
      least[name] = Math.min(least[name], performance.now() - started)
    }
  return least
}
