/**
 * Cascades over a million isolated accounts, beside rounds that compare everybody's own threshold. Seed 2. Minima; the index is made once a book, and
 * its time is printed apart.
 */
import { expect, test } from 'vitest'
import { Impact, Isolated, LiquidationCurve } from './index.ts'
import { uniform } from './testing/crowd.ts'
import { type Contender, line, turns } from './testing/turns.ts'

const million = 1_000_000

function book(): Isolated.Positions {
  const next = uniform(2)
  const of = { side: new Int8Array(million), notional: new Float64Array(million), equity: new Float64Array(million) }
  for (let i = 0; i < million; i++) {
    of.side[i] = next() < 0.6 ? 1 : -1
    of.notional[i] = 20_000 * next()
    of.equity[i] = (of.notional[i] ?? 0) * (0.011 + 0.6 * next() * next())
  }
  return { ...of, maintenance: new Float64Array(million).fill(0.01) }
}

test('the cascade of 1,000,000 isolated accounts', () => {
  const positions = book()
  const index = Isolated.of(positions)
  const at = new Float64Array(million).fill(Number.POSITIVE_INFINITY)
  for (const [j, i] of index.long.accounts.entries()) at[i] = index.long.thresholds[j] as number
  const closed = new Uint8Array(million)
  for (const [name, slope] of [
    ['half of the longs', 4e-11],
    ['all of them', 4e-10],
  ] as const) {
    const impact = { kind: 'linear', slope } as const
    const mark = (accounts: Int32Array) => {
      closed.fill(0)
      for (let j = 0; j < accounts.length; j++) closed[accounts[j] as number] = 1
      return accounts.length
    }
    const fast: Contender = {
      ...{ name: 'index: least fixed point, and a flag for each', work: million, pieces: 1 },
      run: () => mark(Isolated.cascade(index, { side: 'long', impact, shock: 0.02 }).liquidated),
    }
    const bare: Contender = {
      ...{ name: 'index: least fixed point', work: million, pieces: 1 },
      run: () => Isolated.cascade(index, { side: 'long', impact, shock: 0.02 }).liquidated.length,
    }
    const slow: Contender = {
      ...{ name: `naive rounds: ${name}`, work: million, pieces: 1 },
      run: () => rounds(at, positions, slope, closed),
    }
    const lines = turns([slow, fast, bare], { rounds: 15, now: () => performance.now() })
    expect(new Set(lines.map(({ sink }) => sink)).size).toBe(1)
    const { rounds: number, liquidated } = Isolated.cascade(index, { side: 'long', impact, shock: 0.02 })
    console.log([`${liquidated.length} liquidated in ${number} rounds`, ...lines.map((own) => line(own, lines[0] ?? own))].join('\n'))
  }
})

test('as many rounds as accounts', () => {
  const long = {
    accounts: Int32Array.from({ length: million }, (_, i) => i),
    thresholds: Float64Array.from({ length: million }, (_, i) => i / 2 ** 20),
    forced: Float64Array.from({ length: million }, (_, i) => i + 1),
  }
  const index = { count: million, long, short: long }
  const steps: Contender = {
    ...{ name: 'index: a million rounds, each reaching the next', work: million, pieces: 1 },
    run: () => Isolated.cascade(index, { side: 'long', impact: { kind: 'linear', slope: 2 ** -20 }, shock: 0 }).rounds,
  }
  const made: Contender = {
    ...{ name: 'making the index', work: million, pieces: 1 },
    run: () => Isolated.of(positions).count,
  }
  const positions = book()
  const lines = turns([steps, made], { rounds: 7, now: () => performance.now() })
  expect(lines[0]?.sink).toBe(7 * million)
  for (const { name, milliseconds } of lines) console.log(`${name.padEnd(46)} ${milliseconds.toFixed(2).padStart(9)} ms`)
})

/** Everybody's threshold in every round. */
function rounds(at: Float64Array, { notional }: Isolated.Positions, slope: number, closed: Uint8Array): number {
  closed.fill(0)
  let [x, forced, liquidated] = [0.02, 0, 0]
  for (;;) {
    const bar = x + LiquidationCurve.tolerance
    let more = 0
    for (let i = 0; i < at.length; i++) {
      if (closed[i] === 1 || (at[i] as number) > bar) continue
      closed[i] = 1
      forced += Math.ceil((notional[i] as number) * 65_536) / 65_536
      more++
    }
    if (more === 0) return liquidated
    liquidated += more
    x = 0.02 + Impact.of({ kind: 'linear', slope }, forced)
  }
}
