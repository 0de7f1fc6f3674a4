import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bar } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bar = (closeAt: number, part: Partial<Bar.Bar> = {}): Bar.Bar => ({ closeAt, open: 10, high: 12, low: 9, close: 11, ...part })
const run = (from: number, length: number): Bar.Bar[] => Array.from({ length }, (_, i) => bar(300 * (from + i)))

describe('assertSeries', () => {
  test('worked example', () => {
    expect(() => Bar.assertSeries(run(1, 3), 300)).not.toThrow()
    expect(() => Bar.assertSeries([], 300)).not.toThrow()
  })
  test('edge: a flat bar, and a high or low that only touches the body, are sound', () => {
    expect(() => Bar.assertSeries([bar(300, { open: 1, high: 1, low: 1, close: 1 })], 300)).not.toThrow()
    expect(() => Bar.assertSeries([bar(300, { high: 11, low: 10 })], 300)).not.toThrow()
  })
  test('edge: nothing was traded', () => {
    expect(() => Bar.assertSeries([bar(300, { volume: 0 }), bar(600)], 300)).not.toThrow()
  })
  test('edge: the first bar of 1970', () => {
    expect(() => Bar.assertSeries([bar(0)], 300)).not.toThrow()
  })
  test.each([
    ['off the grid', [bar(301)], 0],
    ['before 1970', [bar(-300)], 0],
    ['not a whole second', [bar(300.5)], 0],
    ['zero price', [bar(300, { low: 0 })], 0],
    ['negative price', [bar(300, { open: -1, low: -1 })], 0],
    ['NaN', [bar(300, { close: Number.NaN })], 0],
    ['infinite', [bar(300, { high: Number.POSITIVE_INFINITY })], 0],
    ['low above the open', [bar(300, { low: 10.5 })], 0],
    ['low above the close', [bar(300, { close: 8.5 })], 0],
    ['high below the close', [bar(300, { high: 10.5 })], 0],
    ['high below the open', [bar(300, { open: 12.5 })], 0],
    ['a volume below zero', [bar(300, { volume: -1 })], 0],
    ['a volume without end', [bar(300, { volume: Number.POSITIVE_INFINITY })], 0],
    ['a volume that is no number', [bar(300, { volume: Number.NaN })], 0],
    ['repeated', [bar(300), bar(300)], 1],
    ['unsorted', [bar(600), bar(300)], 1],
    ['a hole', [bar(300), bar(600), bar(1200)], 2],
  ])('error: %s', (_, bars, index) => {
    expect(() => Bar.assertSeries(bars, 300)).toThrow(
      expect.objectContaining({ name: 'Bar.InvalidSeriesError', code: 'BARS_INVALID', index }),
    )
  })
  test.each([0, -300, 0.5, Number.NaN])('error: an interval of %s', (interval) => {
    expect(() => Bar.assertSeries([], interval)).toThrow(Bar.InvalidSeriesError)
  })
})

describe('extend', () => {
  const held = run(1, 4)
  test('worked example: follows on, keeps the newest', () => {
    expect(Bar.extend({ bars: held, more: run(5, 2), intervalSeconds: 300, keep: 5 }).map(({ closeAt }) => closeAt / 300)).toEqual([
      2, 3, 4, 5, 6,
    ])
    expect(held).toHaveLength(4)
  })
  test('edge: the same bar with another volume contradicts the one held', () => {
    const bars = [bar(300, { volume: 5 })]
    expect(Bar.extend({ bars, more: bars, intervalSeconds: 300, keep: 5 })).toEqual(bars)
    expect(() => Bar.extend({ bars, more: [bar(300, { volume: 6 })], intervalSeconds: 300, keep: 5 })).toThrow(Bar.InvalidSeriesError)
    expect(() => Bar.extend({ bars, more: [bar(300)], intervalSeconds: 300, keep: 5 })).toThrow(Bar.InvalidSeriesError)
  })
  test('edge: the first push may be longer than what is kept', () => {
    expect(Bar.extend({ bars: [], more: run(1, 9), intervalSeconds: 300, keep: 2 }).map(({ closeAt }) => closeAt / 300)).toEqual([8, 9])
  })
  test('property: pushing in any overlapping parts gives the whole', () => {
    const whole = run(1, 40)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 12 }), (cuts) => {
        let bars: readonly Bar.Bar[] = whole.slice(0, 5)
        for (const [back, ahead] of cuts) {
          const from = Math.max(0, bars.length - back)
          bars = Bar.extend({ bars, more: whole.slice(from, bars.length + ahead), intervalSeconds: 300, keep: 100 })
        }
        expect(bars).toEqual(whole.slice(0, bars.length))
      }),
      { numRuns },
    )
  })
  test('error: a hole between', () => {
    expect(() => Bar.extend({ bars: held, more: run(6, 1), intervalSeconds: 300, keep: 9 })).toThrow(
      expect.objectContaining({ name: 'Bar.GapError', code: 'BARS_GAP', expectedCloseAt: 1500, closeAt: 1800 }),
    )
  })
  test.each(['open', 'high', 'low', 'close'] as const)('error: another %s for a bar already held', (field) => {
    const other = bar(1200, { [field]: field === 'high' ? 13 : field === 'low' ? 8 : 10.5 })
    expect(() => Bar.extend({ bars: held, more: [other], intervalSeconds: 300, keep: 9 })).toThrow(/contradicts/)
  })
})
