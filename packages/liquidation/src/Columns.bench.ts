/**
 * One look at a million accounts of four positions, beside the loop one would write first and beside reading memory: 256 MiB with eight accumulators,
 * in turns with it and in pieces of a few milliseconds. Seeds 1 to 8. Minima; not a claim about another machine, only the ratios travel.
 */
import { expect, test } from 'vitest'
import { Columns } from './index.ts'
import { crowd, fails, plain } from './testing/crowd.ts'
import { type Contender, line, memory, turns } from './testing/turns.ts'

const million = 1_000_000
const pieces = 8
const ratios = new Float64Array(64).fill(0.97)

test('a full re-margin of 1,000,000 accounts × 4 positions', () => {
  const parts = Array.from({ length: pieces }, (_, i) => crowd(million / pieces, i + 1))
  const objects = parts.map(plain)
  const found = new Int32Array(million / pieces)
  const bytes = parts.reduce((sum, { cash, market, weight }) => sum + cash.byteLength + market.byteLength + weight.byteLength, 0)
  const columns: Contender = {
    ...{ name: 'columns', work: bytes, pieces },
    run: (piece) => Columns.failing(parts[piece] as Columns.Columns, ratios, found),
  }
  const naive: Contender = {
    ...{ name: 'naive: objects, equity and maintenance', work: bytes, pieces },
    run: (piece) => {
      let failed = 0
      for (const account of objects[piece] ?? []) if (fails(account, ratios)) failed++
      return failed
    },
  }
  const [read, fast, slow] = turns([memory(), columns, naive], { rounds: 40, now: () => performance.now() })
  if (read === undefined || fast === undefined || slow === undefined) throw new Error('Three contenders, three lines.')
  expect(fast.sink).toBe(slow.sink)
  console.log(
    [
      `${read.name.padEnd(46)} ${read.milliseconds.toFixed(2).padStart(9)} ms ${(read.rate / 1e9).toFixed(2)} GB/s`,
      line(slow, slow),
      `${line(fast, slow)}, ${(fast.rate / 1e9).toFixed(2)} GB/s, ${((100 * fast.rate) / read.rate).toFixed(0)} % of the read loop`,
    ].join('\n'),
  )
})
