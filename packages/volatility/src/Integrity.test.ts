import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bar, Integrity, Quantile } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bar = (minute: number, close: number, part: Partial<Bar.Bar> = {}): Bar.Bar => ({
  closeAt: 60 * minute,
  open: close,
  high: close,
  low: close,
  close,
  ...part,
})
const rules = { intervalSeconds: 60, asOf: 6_000, mostFilled: 2, mostMove: Math.log(10) }
const clean = (bars: readonly Bar.Bar[], part: Partial<Integrity.clean.Arguments> = {}) => Integrity.clean({ ...rules, bars, ...part })
const found = ({ report }: ReturnType<typeof clean>): string[] =>
  report.findings.map(({ kind, closeAt, action }) => `${kind} ${closeAt / 60} ${action}`)
const minutes = ({ runs }: ReturnType<typeof clean>): number[][] => runs.map((run) => run.map(({ closeAt }) => closeAt / 60))

describe('clean', () => {
  test('worked example: sound bars pass untouched, and nothing is said', () => {
    const bars = [bar(1, 5), bar(2, 6, { high: 9, low: 4 }), bar(3, 5)]
    const result = clean(bars)
    expect(result.runs).toEqual([bars])
    expect(result.report).toMatchObject({ given: 3, kept: 3, filled: 0, findings: [] })
    expect(Object.values(result.report.counts)).toEqual(Integrity.kinds.map(() => 0))
  })
  test.each([
    ['off grid', bar(2, 5, { closeAt: 119 }), 'off grid 1.9833333333333334 dropped'],
    ['off grid: before 1970', bar(-1, 5), 'off grid -1 dropped'],
    ['off grid: no time', bar(2, 5, { closeAt: Number.NaN }), 'off grid NaN dropped'],
    ['future', bar(101, 5), 'future 101 dropped'],
    ['a price of zero', bar(2, 5, { low: 0 }), 'price 2 dropped'],
    ['a negative price', bar(2, 5, { open: -5 }), 'price 2 dropped'],
    ['NaN', bar(2, Number.NaN), 'price 2 dropped'],
    ['∞', bar(2, 5, { high: Number.POSITIVE_INFINITY }), 'price 2 dropped'],
    ['the same again', bar(1, 5), 'duplicate 1 dropped'],
    ['another for the same time', bar(1, 5.01), 'conflict 1 dropped'],
    ['another high for the same time', bar(1, 5, { high: 6 }), 'conflict 1 dropped'],
    ['another low for the same time', bar(1, 5, { low: 4 }), 'conflict 1 dropped'],
    ['another open for the same time', bar(1, 5, { open: 4 }), 'conflict 1 dropped'],
  ])('error: %s is dropped and said', (_, wrong, said) => {
    const result = clean([bar(1, 5), wrong])
    expect(result.runs).toEqual([[bar(1, 5)]])
    expect(found(result)).toEqual([said])
    expect(result.report).toMatchObject({ given: 2, kept: 1, counts: { [said.replace(/ [\d.NaN-]+ dropped$/, '')]: 1 } })
  })
  test('edge: a bar that closes at asOf is not from the future', () => {
    expect(found(clean([bar(100, 5)]))).toEqual([])
  })
  test('worked example: unsorted bars are put in order, each that was late is named', () => {
    const result = clean([bar(1, 5), bar(4, 5), bar(2, 5), bar(3, 5)])
    expect(minutes(result)).toEqual([[1, 2, 3, 4]])
    expect(found(result)).toEqual(['unsorted 2 moved', 'unsorted 3 moved'])
  })
  test('worked example: a high or low inside the body is widened to it', () => {
    const result = clean([bar(1, 5, { open: 7, high: 6, low: 5.5 })])
    expect(result.runs).toEqual([[bar(1, 5, { open: 7, high: 7, low: 5 })]])
    expect(found(result)).toEqual(['ohlc 1 repaired'])
    expect(clean([bar(1, 5, { high: 4, low: 6 })]).runs).toEqual([[bar(1, 5, { high: 6, low: 4 })]])
  })
  test('worked example: a short gap is filled at the last close, and the bar after it keeps the whole return', () => {
    const result = clean([bar(1, 5), bar(4, 7)])
    expect(result.runs).toEqual([[bar(1, 5), bar(2, 5), bar(3, 5), bar(4, 7)]])
    expect(found(result)).toEqual(['gap 4 filled'])
    expect(result.report).toMatchObject({ given: 2, kept: 4, filled: 2 })
  })
  test('edge: one bar more missing than may be filled begins a new run', () => {
    const result = clean([bar(1, 5), bar(5, 7), bar(6, 7)])
    expect(minutes(result)).toEqual([[1], [5, 6]])
    expect(found(result)).toEqual(['gap 5 split'])
    expect(minutes(clean([bar(1, 5), bar(3, 5)], { mostFilled: 0 }))).toEqual([[1], [3]])
  })
  test('worked example: a ×100 tick and its way back', () => {
    const result = clean([bar(1, 5), bar(2, 500), bar(3, 5)])
    expect(result.runs).toEqual([[bar(1, 5), bar(2, 5), bar(3, 5)]])
    expect(found(result)).toEqual(['tick 2 dropped', 'gap 3 filled'])
    expect(found(clean([bar(1, 5), bar(2, 5, { open: 0.05, low: 0.05 })]))).toEqual(['tick 2 dropped'])
  })
  test('worked example: a tick in the high or low alone is brought back to the body', () => {
    const result = clean([bar(1, 5), bar(2, 6, { high: 500, low: 0.04 })])
    expect(result.runs).toEqual([[bar(1, 5), bar(2, 6)]])
    expect(found(result)).toEqual(['tick 2 repaired'])
    expect(found(clean([bar(1, 5), bar(6, 6, { high: 500 })]))).toEqual(['gap 6 split', 'tick 6 repaired'])
  })
  test('edge: a move of exactly the most is let pass', () => {
    const four = { mostMove: Math.log(20 / 5) }
    expect(found(clean([bar(1, 5), bar(2, 20)], four))).toEqual([])
    expect(found(clean([bar(1, 20), bar(2, 5, { open: 20, high: 20 })], four))).toEqual([])
    expect(found(clean([bar(1, 5), bar(2, 5, { high: 20 })], four))).toEqual([])
    expect(found(clean([bar(1, 20), bar(2, 20, { low: 5 })], four))).toEqual([])
  })
  test('worked example: three bars that agree are a new level, such as a token that was split; no return is taken across', () => {
    const result = clean([bar(1, 5), bar(2, 500), bar(3, 510), bar(4, 490), bar(5, 500)])
    expect(minutes(result)).toEqual([[1], [4, 5]])
    expect(found(result)).toEqual(['tick 2 dropped', 'tick 3 dropped', 'level 4 split'])
  })
  test('edge: ticks that do not agree, or not in a row, are no level', () => {
    expect(minutes(clean([bar(1, 5), bar(2, 500), bar(3, 50_000), bar(4, 500), bar(5, 5)], { mostFilled: 9 }))).toEqual([[1, 2, 3, 4, 5]])
    expect(minutes(clean([bar(1, 5), bar(2, 500), bar(3, 500), bar(4, 5), bar(5, 500), bar(6, 5)], { mostFilled: 9 }))).toEqual([
      [1, 2, 3, 4, 5, 6],
    ])
  })
  test('edge: bars that lie exactly the most apart still agree', () => {
    const result = clean([bar(1, 5), bar(2, 500), bar(3, 2_000), bar(4, 1_000)], { mostMove: Math.log(4) })
    expect(found(result)).toEqual(['tick 2 dropped', 'tick 3 dropped', 'level 4 split'])
  })
  test('edge: the first bar of 1970', () => {
    expect(minutes(clean([bar(0, 5), bar(1, 5)]))).toEqual([[0, 1]])
  })
  test('edge: a first bar that is wrong stands alone', () => {
    expect(minutes(clean([bar(1, 500), bar(2, 5), bar(3, 5), bar(4, 5), bar(5, 5)]))).toEqual([[1], [4, 5]])
  })

  describe('beside a second venue', () => {
    const reference = { basis: 0.05, bars: [bar(1, 100), bar(2, 100, { high: 104, low: 90 })] }
    test('worked example: a wick that only one venue printed is brought back, and a long is not liquidated on it', () => {
      // The last price touched 60 where the other venue never traded below 80: with 5 % of basis that is 76.10.
      const bars = [bar(1, 100), bar(2, 105, { open: 101, high: 112, low: 60 })]
      const spot = { basis: 0.05, bars: [bar(1, 100), bar(2, 106, { open: 102, high: 111, low: 80 })] }
      const result = clean(bars, { reference: spot })
      const low = 80 * Math.exp(-0.05)
      expect(result.runs).toEqual([[bars[0], { ...bars[1], low }]])
      expect(found(result)).toEqual(['wick 2 repaired'])
      const worst = (run: readonly Bar.Bar[]) => Quantile.pathLoss({ bars: run, index: 0, steps: 1 }).long
      expect(worst(bars)).toBeCloseTo(Math.log(100 / 60), 12)
      expect(worst(result.runs[0] ?? [])).toBeCloseTo(Math.log(100 / low), 12)
    })
    test('worked example: high, open and close too', () => {
      const high = 104 * Math.exp(0.05)
      const low = 90 * Math.exp(-0.05)
      expect(clean([bar(2, 100, { high: 120 })], { reference }).runs).toEqual([[bar(2, 100, { high })]])
      const apart = clean([bar(2, 80, { open: 120, high: 120 })], { reference })
      expect(apart.runs).toEqual([[bar(2, low, { open: high, high })]])
      expect(found(apart)).toEqual(['apart 2 repaired', 'wick 2 repaired'])
      expect(found(clean([bar(2, 100, { open: 120, high: 120 })], { reference }))).toEqual(['apart 2 repaired', 'wick 2 repaired'])
      expect(found(clean([bar(2, 80, { open: 100, high: 100 })], { reference }))).toEqual(['apart 2 repaired', 'wick 2 repaired'])
      expect(found(clean([bar(2, 100, { low: 80 })], { reference }))).toEqual(['wick 2 repaired'])
    })
    test('edge: at the edge of the basis nothing is touched, and where the second venue has no sound bar nothing is compared', () => {
      expect(found(clean([bar(2, 100, { high: 104 * Math.exp(0.05), low: 90 * Math.exp(-0.05) })], { reference }))).toEqual([])
      expect(found(clean([bar(3, 100, { high: 120 })], { reference }))).toEqual([])
      expect(found(clean([bar(2, 100, { high: 120 })], { reference: { basis: 0, bars: [bar(2, 100, { low: 0 })] } }))).toEqual([])
    })
    test('edge: a second venue whose high and low are the wrong way round still has a range', () => {
      expect(found(clean([bar(2, 100)], { reference: { basis: 0, bars: [bar(2, 100, { high: 90, low: 110 })] } }))).toEqual([])
    })
  })

  const price = fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 4, max: 9, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, 600, 0.02, Number.NaN) },
  )
  const raw = fc.record({
    closeAt: fc.oneof({ weight: 9, arbitrary: fc.nat(40).map((minute) => 60 * minute) }, fc.constant(61)),
    open: price,
    high: price,
    low: price,
    close: price,
  })
  const anything = fc.array(raw, { minLength: 1, maxLength: 40 })
  /** Cleaned, or null where nothing sound was left. */
  const attempt = (bars: readonly Bar.Bar[], asOf: number) => {
    try {
      return clean(bars, { asOf })
    } catch (error) {
      if (error instanceof Integrity.NothingSoundError) return null
      throw error
    }
  }
  test('property: whatever comes in, unbroken sound runs come out, and the report adds up', () => {
    fc.assert(
      fc.property(anything, (bars) => {
        const result = attempt(bars, 6_000)
        if (result === null) return
        const { runs, report } = result
        for (const run of runs) Bar.assertSeries(run, 60)
        expect(runs.every((run) => run.length > 0)).toBe(true)
        runs.forEach((run, k) => {
          if (k > 0) expect(run[0]?.closeAt).toBeGreaterThan(runs[k - 1]?.at(-1)?.closeAt ?? 0)
        })
        const dropped = report.findings.filter(({ action }) => action === 'dropped').length
        expect(report.given).toBe(bars.length)
        expect(report.kept).toBe(bars.length - dropped + report.filled)
        expect(Object.values(report.counts).reduce((sum, count) => sum + count, 0)).toBe(report.findings.length)
      }),
      { numRuns },
    )
  })
  test('property: bars that come later change none before them', () => {
    fc.assert(
      fc.property(anything, fc.nat(40), (bars, minute) => {
        const whole = attempt(bars, 6_000)
        const past = attempt(
          bars.filter(({ closeAt }) => closeAt <= 60 * minute),
          6_000,
        )
        if (whole === null || past === null) return
        // A gap is filled when the next bar has come: what the cut has not seen yet are flat bars at its end.
        const flat = past.runs.flat()
        expect(whole.runs.flat().slice(0, flat.length)).toEqual(flat)
        const more = whole.runs
          .flat()
          .slice(flat.length)
          .filter(({ closeAt }) => closeAt <= 60 * minute)
        for (const each of more)
          expect(each).toEqual({
            ...each,
            open: flat.at(-1)?.close,
            high: flat.at(-1)?.close,
            low: flat.at(-1)?.close,
            close: flat.at(-1)?.close,
          })
      }),
      { numRuns },
    )
  })
  test('property: what was cleaned is clean', () => {
    fc.assert(
      fc.property(anything, (bars) => {
        for (const run of attempt(bars, 6_000)?.runs ?? []) {
          const again = clean(run)
          expect(again.runs).toEqual([run])
          expect(again.report.findings).toEqual([])
        }
      }),
      { numRuns },
    )
  })
  test('error: nothing sound is left', () => {
    expect(() => clean([])).toThrow(
      expect.objectContaining({ name: 'Integrity.NothingSoundError', code: 'INTEGRITY_NOTHING_SOUND', given: 0 }),
    )
    expect(() => clean([bar(1, 0), bar(2, -1)])).toThrow(expect.objectContaining({ given: 2 }))
  })
  test.each([
    ['intervalSeconds', { intervalSeconds: 0 }],
    ['intervalSeconds', { intervalSeconds: 0.5 }],
    ['asOf', { asOf: Number.NaN }],
    ['mostFilled', { mostFilled: -1 }],
    ['mostFilled', { mostFilled: 0.5 }],
    ['mostMove', { mostMove: 0 }],
    ['mostMove', { mostMove: Number.NaN }],
    ['reference.basis', { reference: { bars: [], basis: -0.1 } }],
    ['reference.basis', { reference: { bars: [], basis: Number.NaN } }],
  ])('error: %s out of range', (rule, part) => {
    expect(() => clean([bar(1, 5)], part)).toThrow(
      expect.objectContaining({ name: 'Integrity.InvalidRuleError', code: 'INTEGRITY_RULE_INVALID', rule }),
    )
  })
})

const shared = process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'data', 'prices')
describe.skipIf(!existsSync(join(folder, 'perp_1h.csv.gz')))('clean, real bars (needs PLIMSOLL_SHARED or ../shared)', () => {
  const read = (file: string, from: string, to: string): Bar.Bar[] =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('ETH,') && line.slice(4) >= from && line.slice(4) < to)
      .map((line) => {
        const [, at = '', open, high, low, close] = line.split(',')
        return { closeAt: Date.parse(at) / 1000 + 3_600, open: Number(open), high: Number(high), low: Number(low), close: Number(close) }
      })
  test('vector: the perpetual wick of 19 May 2021, 13:00, which spot never printed', () => {
    const [perpetual, spot] = ['perp_1h.csv.gz', 'spot_1h.csv.gz'].map((file) => read(file, '2021-05-18', '2021-05-21'))
    const bars = perpetual ?? []
    const { runs, report } = Integrity.clean({
      bars,
      intervalSeconds: 3_600,
      asOf: Date.parse('2021-05-21') / 1000,
      mostFilled: 3,
      mostMove: Math.log(10),
      reference: { bars: spot ?? [], basis: 0.05 },
    })
    expect(runs.map((run) => run.length)).toEqual([72])
    const at = Date.parse('2021-05-19T14:00Z') / 1000
    expect(report.findings.filter(({ closeAt }) => closeAt === at).map(({ kind }) => kind)).toEqual(['wick'])
    const low = (series: readonly Bar.Bar[]) => series.find(({ closeAt }) => closeAt === at)?.low ?? Number.NaN
    expect(low(runs[0] ?? [])).toBeCloseTo(low(spot ?? []) * Math.exp(-0.05), 9)
    expect(low(bars)).toBeLessThan(low(runs[0] ?? []) * 0.8)
    expect(report.findings.every(({ kind }) => kind === 'wick')).toBe(true)
  })
})
