import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Waterfall from './Waterfall.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n
const example: Waterfall.Line[] = [
  { factor: 'schedule', imPpm: 80_000, notional: 1_000n * one },
  { factor: 'volatility', imPpm: 40_000, notional: -400n * one },
  { factor: 'reputation', imPpm: -20_000, notional: 100n * one },
  { factor: 'bounds', imPpm: 0, notional: 0n },
]
/** A base and steps that never take the running total below zero, as a limit's reasons do not. */
const lines = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.bigInt({ min: 0n, max: 10n ** 27n })), { minLength: 1, maxLength: 8 })
  .map((totals) =>
    totals.map(([im, notional], i) => ({
      factor: `${i}`,
      imPpm: im - (totals[i - 1]?.[0] ?? 0),
      notional: notional - (totals[i - 1]?.[1] ?? 0n),
    })),
  )

describe('of', () => {
  test('worked example: each bar starts where the one before ended, the last ends at the result', () => {
    const { im, notional } = Waterfall.of(example)
    expect(im.result).toBe(100_000)
    expect(notional.result).toBe(700n * one)
    expect(notional.rows.map(({ bar }) => bar)).toEqual([
      { start: 0, end: 100, direction: 'total' },
      { start: 60, end: 100, direction: 'down' },
      { start: 60, end: 70, direction: 'up' },
      { start: 70, end: 70, direction: 'none' },
    ])
    expect(im.rows.map(({ from, to }) => [from, to])).toEqual([
      [0, 80_000],
      [80_000, 120_000],
      [120_000, 100_000],
      [100_000, 100_000],
    ])
    expect(notional.bar).toEqual({ start: 0, end: 70, direction: 'total' })
  })

  test('edge: nothing at all draws nothing', () => {
    expect(Waterfall.of([{ factor: 'schedule', imPpm: 0, notional: 0n }]).notional).toMatchObject({ result: 0n, bar: { start: 0, end: 0 } })
    expect(Waterfall.of([]).im).toEqual({ rows: [], result: 0, bar: { start: 0, end: 0, direction: 'total' } })
  })

  test('property: both columns sum to their result; bars stay on the axis and join', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const { im, notional } = Waterfall.of(given)
        expect(im.result).toBe(given.reduce((sum, { imPpm }) => sum + imPpm, 0))
        expect(notional.result).toBe(given.reduce((sum, line) => sum + line.notional, 0n))
        for (const { rows, bar } of [im, notional]) {
          for (const [i, row] of rows.entries()) {
            expect(row.bar.start).toBeGreaterThanOrEqual(0)
            expect(row.bar.end).toBeLessThanOrEqual(100)
            const before = rows[i - 1]
            if (before) expect(row.from).toBe(before.to)
          }
          const last = rows.at(-1)?.bar
          expect([last?.start, last?.end]).toContain(bar.end)
        }
      }),
      { numRuns },
    )
  })
})

describe('written', () => {
  const read = (text: string) => (text === 'no change' ? 0 : Math.round(Number(text.replace('−', '-').replace(/[$,+]/g, '')) * 100))

  test('worked example: nothing is left of a limit: thousands and less add up to the cent', () => {
    const cents = [1_867_625n, -637_031n, -81_359n, 89_832n, -50_585n, -1_188_482n].map((each) => each * 10n ** 16n)
    expect(Waterfall.written(cents)).toEqual({
      rows: ['$18,676.25', '−$6,370.31', '−$813.59', '+$898.32', '−$505.85', '−$11,884.82'],
      result: '$0',
    })
  })

  test('edge: from a result of a thousand on it is whole dollars; what does not change says so', () => {
    expect(Waterfall.written([2_000n * one + one / 2n, 0n, -one])).toEqual({ rows: ['$2,000', 'no change', '−$1.00'], result: '$1,999' })
    expect(Waterfall.written([0n, 0n])).toEqual({ rows: ['$0', 'no change'], result: '$0' })
  })

  test('property: whoever adds up what is written gets what is written', () => {
    fc.assert(
      fc.property(lines, fc.bigInt({ min: 1n, max: 10n ** 9n }), (given, by) => {
        const { rows, result } = Waterfall.written(given.map(({ notional }) => notional / by))
        expect(rows.reduce((sum, text) => sum + read(text), 0)).toBe(read(result))
      }),
      { numRuns },
    )
  })
})
