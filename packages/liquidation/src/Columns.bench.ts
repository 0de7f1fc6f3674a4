/**
 * One look at a million accounts of four positions, beside the loop one would write first and beside reading memory: 256 MiB with eight
 * accumulators, in turns with it. Seed 1. Minima; not a claim about another machine, only the ratios travel.
 */
import { expect, test } from 'vitest'
import { Cascade, Columns, LiquidationCurve } from './index.ts'
import { crowd, fails, plain, uniform } from './testing/crowd.ts'

const million = 1_000_000
const ratios = new Float64Array(64).fill(1)
let sink = 0

/** Eight sums, so that additions do not wait for one another. */
function read(values: Float64Array): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i += 8) {
    a += values[i] ?? 0
    b += values[i + 1] ?? 0
    c += values[i + 2] ?? 0
    d += values[i + 3] ?? 0
    e += values[i + 4] ?? 0
    f += values[i + 5] ?? 0
    g += values[i + 6] ?? 0
    h += values[i + 7] ?? 0
  }
  return a + b + c + d + e + f + g + h
}

test('a full re-margin of 1,000,000 accounts × 4 positions', () => {
  const columns = crowd(million, 1)
  const objects = plain(columns)
  const found = new Int32Array(million)
  const memory = new Float64Array((256 * 2 ** 20) / 8).fill(1)
  for (let k = 0; k < 64; k++) ratios[k] = 0.97
  expect(Columns.failing(columns, ratios, found)).toBe(objects.filter((account) => fails(account, ratios)).length)
  const least = minima(25, {
    read: () => {
      sink += read(memory)
    },
    columns: () => {
      sink += Columns.failing(columns, ratios, found)
    },
    objects: () => {
      for (const account of objects) if (fails(account, ratios)) sink++
    },
  })
  const bytes = million * (8 + 4 * (8 + 2))
  const speed = (bytes / least.columns / 1e6) * 1e3
  const memorySpeed = ((256 * 2 ** 20) / least.read / 1e6) * 1e3
  console.log(
    `re-margin: columns ${least.columns.toFixed(2)} ms, objects ${least.objects.toFixed(1)} ms (${(least.objects / least.columns).toFixed(1)}×); ${(speed / 1e3).toFixed(2)} GB/s, ${((100 * speed) / memorySpeed).toFixed(0)} % of a read loop’s ${(memorySpeed / 1e3).toFixed(2)} GB/s`,
  )
  expect(sink).toBeGreaterThan(0)
})

test('the cascade of 1,000,000 isolated accounts, from its index and with it', () => {
  const next = uniform(2)
  const [at, notional] = [new Float64Array(million), new Float64Array(million)]
  for (let i = 0; i < million; i++) {
    at[i] = 0.01 + 0.8 * next() * next()
    notional[i] = 10_000 * next()
  }
  // About n = 1.2: everybody goes.
  const impact = { kind: 'linear', slope: 2e-10 } as const
  const curve = LiquidationCurve.fromArrays('long', at, notional)
  const least = minima(9, {
    walls: () => {
      const order = Array.from({ length: million }, (_, i) => i).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0))
      sink += order.length
    },
    index: () => {
      sink += LiquidationCurve.fromArrays('long', at, notional).thresholds.length
    },
    run: () => {
      sink += Cascade.run({ curve, impact, shock: 0.02 }).x
    },
    walk: () => {
      sink += Cascade.reach({ curve, impact, shock: 0.02 }, 0, 0, Number.POSITIVE_INFINITY)
    },
  })
  const { rounds, forced } = Cascade.run({ curve, impact, shock: 0.02 })
  console.log(
    `isolated cascade: run ${least.run.toFixed(2)} ms (${rounds} rounds, ${((100 * forced) / (curve.notional.at(-1) ?? 1)).toFixed(0)} % forced), walk ${least.walk.toFixed(2)} ms; index ${least.index.toFixed(1)} ms, a plain sort of the keys alone ${least.walls.toFixed(0)} ms`,
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
