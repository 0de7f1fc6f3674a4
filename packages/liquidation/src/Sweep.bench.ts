/**
 * A cascade with impact over a million cross-margin accounts, beside the same rounds over everybody: as objects, the way one writes it first, and as
 * columns read near the speed of memory. The accounts liquidated and the flows are the same. Seed 5. Each round is timed by itself; least times of
 * rounds, added up, and ratios.
 */
import { expect, test } from 'vitest'
import { Columns, Radius, Rings, Sweep, Venue } from './index.ts'
import { crowd, fails, type Plain, plain } from './testing/crowd.ts'
import { type Contender, line, turns } from './testing/turns.ts'

const million = 1_000_000
const columns = crowd(million, 5)
const objects = plain(columns)
const ones = new Float64Array(64).fill(1)
/** Around the prices before anything happens: one for all cascades. */
const standing = Rings.pack(Rings.of(columns, Radius.around(ones), { reach: 0.25 }))

type Look = (ratios: Float64Array, closed: Uint8Array) => readonly number[]

const byObjects: Look = (ratios, closed) => {
  const failed: number[] = []
  for (let i = 0; i < million; i++) if (closed[i] === 0 && fails(objects[i] as Plain, ratios)) failed.push(i)
  return failed
}

const found = new Int32Array(million)
const byColumns: Look = (ratios, closed) => {
  const number = Columns.failing(columns, ratios, found)
  const failed: number[] = []
  for (let j = 0; j < number; j++) if (closed[found[j] ?? 0] === 0) failed.push(found[j] ?? 0)
  return failed
}

/** Rounds that look at everybody; a piece is a round. */
function naive(prices: Venue.Prices, look: Look) {
  let [closed, flows] = [new Uint8Array(million), new Float64Array(64)]
  const round = (piece: number) => {
    if (piece === 0) [closed, flows] = [new Uint8Array(million), new Float64Array(64)]
    const failed = look(Float64Array.from(Venue.moves(prices, [...flows]), Math.exp), closed)
    for (const i of failed) {
      closed[i] = 1
      Columns.sell(columns, i, flows)
    }
    return failed.length
  }
  return { round, outcome: () => ({ closed, flows: [...flows] }) }
}

/** A piece is a round; what making the rings costs is in the first. */
function sweep(rings: () => Rings.Rings, scenario: Sweep.run.Scenario): (piece: number) => number {
  let rounds = Sweep.trace(standing, scenario)
  return (piece) => {
    if (piece === 0) rounds = Sweep.trace(rings(), scenario)
    const { value } = rounds.next()
    return typeof value === 'number' ? value : 0
  }
}

test.each([
  { name: 'mild', shock: 0.08, slope: 5e-11 },
  { name: 'medium', shock: 0.08, slope: 2e-10 },
  { name: 'deep', shock: 0.15, slope: 1e-10 },
  { name: 'strong', shock: 0.08, slope: 6e-10 },
])('$name: a fall of $shock at an impact of $slope', ({ name, shock, slope }) => {
  const markets = Object.fromEntries(columns.names.map((market) => [market, Venue.plain({ kind: 'linear', slope })]))
  const shocks = Object.fromEntries(columns.names.map((market) => [market, -shock]))
  const prices = Venue.of(markets, shocks)
  const scenario = { markets, shocks, roundCap: 10_000 }
  const shocked = ones.map(() => Math.exp(-shock))
  const cold = () => Rings.of(columns, Radius.around(shocked), { reach: 0.1 })
  const swept = Sweep.run(standing, scenario)
  const [first, second] = [naive(prices, byObjects), naive(prices, byColumns)]
  const pieces = swept.rounds + 1
  const contenders: readonly Contender[] = [
    { name: 'naive rounds: objects', work: million, pieces, run: first.round },
    { name: 'naive rounds: columns', work: million, pieces, run: second.round },
    { name: 'sweep, rings at hand', work: million, pieces, run: sweep(() => standing, scenario) },
    { name: 'sweep, rings made first', work: million, pieces, run: sweep(cold, scenario) },
  ]
  const lines = turns(contenders, { rounds: 12, now: () => performance.now() })
  expect(new Set(lines.map(({ sink }) => sink))).toEqual(new Set([12 * swept.liquidated]))
  const { closed, flows } = swept
  expect(first.outcome()).toEqual({ closed, flows })
  expect(second.outcome()).toEqual({ closed, flows })
  expect(Sweep.run(cold(), scenario)).toMatchObject({ closed, flows, rounds: swept.rounds })
  const looks = (swept.looked / million).toFixed(2)
  console.log(
    [
      `${name}: ${swept.liquidated} liquidated in ${swept.rounds} rounds, ${looks} questions an account`,
      ...lines.map(
        (own) =>
          `${line(own, lines[0] ?? own)} of objects ${((lines[1]?.milliseconds ?? 0) / own.milliseconds).toFixed(2).padStart(8)} × of columns`,
      ),
    ].join('\n'),
  )
})
