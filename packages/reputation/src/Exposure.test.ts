import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Exposure from './Exposure.ts'
import * as Model from './Model.ts'
import * as TrackRecord from './TrackRecord.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const hour = 3_600
const one = 10n ** 18n
/** 36.5 % a year is 365,000 / √365 = 19,105 ppm a day: a day on which 100 falls to 98 is adverse, one on which it falls to 99 is not. */
const sigmaPpm = 365_000

const buy = (at: number, size: number): Exposure.Change => ({ at, delta: BigInt(Math.round(size * 1e6)) * 10n ** 12n, liquidation: false })
const marksOf = (prices: readonly number[], every = day): readonly Exposure.Mark[] =>
  prices.map((price, i) => ({ at: i * every, price: BigInt(Math.round(price * 1e6)) * 10n ** 12n }))
const exposure = (change: Partial<Exposure.Exposure> = {}): Exposure.Exposure => ({
  ...{ account: 'eip155:0:0x00', market: 'M', changes: [buy(0, 1)], marks: marksOf([100, 98, 98]), losses: [], sigmaPpm },
  ...change,
})
const model = Model.first
const shown = (change: Partial<Exposure.Exposure> = {}, by: Model.Model = model) =>
  Exposure.of(exposure(change), by).map(({ at, amountUsd }) => [at / day, Number(amountUsd) / 1e18])

describe('of', () => {
  test('worked example: one unit through a fall of 2 % counts from the day after', () => {
    expect(Exposure.of(exposure({ marks: marksOf([100, 98, 99]) }), model)).toEqual([
      {
        id: `exposure:M:${2 * day}`,
        account: 'eip155:0:0x00',
        at: 2 * day,
        kind: 'exposure',
        amountUsd: 98n * one,
        heldSeconds: day,
        adverseDays: 1,
      },
    ])
  })

  test('worked example: a short is tested by a rise, not by a fall', () => {
    const changes = [buy(0, -2)]
    expect(shown({ changes, marks: marksOf([100, 98, 98]) })).toEqual([])
    expect(shown({ changes, marks: marksOf([100, 102, 103]) })).toEqual([[2, 204]])
    expect(shown({ marks: marksOf([100, 102, 103]) })).toEqual([])
  })

  test('edge: a day is adverse from exactly σ on, scaled up where it was longer, and never below one day', () => {
    // 365,000 ppm · √(1 / 365) = 19,104.97… ppm
    expect(shown({ marks: marksOf([1_000_000, 980_896, 980_896]) })).toEqual([])
    expect(shown({ marks: marksOf([1_000_000, 980_895, 980_895]) })).toEqual([[2, 980_895]])
    const late = (price: number): readonly Exposure.Mark[] => [
      { at: 0, price: 100n * one },
      { at: 2 * day - 60, price: BigInt(price * 10) * (one / 10n) },
      { at: 2 * day, price: 90n * one },
      { at: 2 * day + 60, price: 90n * one },
    ]
    // √2 · 1.91 % = 2.70 %
    expect(shown({ marks: late(97.5), sigmaPpm }).map(([at]) => at)).toEqual([2 + 60 / day])
    expect(shown({ marks: late(97), sigmaPpm }).map(([at]) => at)).toEqual([2, 2 + 60 / day])
    const short: readonly Exposure.Mark[] = [
      { at: day - 60, price: 100n * one },
      { at: day, price: 99n * one },
      { at: day + 60, price: 99n * one },
    ]
    expect(shown({ marks: short })).toEqual([])
    // Any fall is adverse to a σ of 0, standing still is not.
    expect(shown({ marks: marksOf([100, 99.999999, 99]), sigmaPpm: 0 })).toHaveLength(1)
    expect(shown({ marks: marksOf([100, 100, 100]), sigmaPpm: 0 })).toEqual([])
  })

  test('edge: exactly σ is adverse, a trifle less is not', () => {
    // Over 365/225 of a day √(Δ/365 d) is 1/15: a σ of 15 % moves 1 %.
    const tie = (price: bigint): readonly Exposure.Mark[] => [
      { at: 0, price: 100n * one },
      { at: (365 * day) / 225, price },
      { at: 2 * day, price },
    ]
    expect(shown({ marks: tie(99n * one), sigmaPpm: 150_000 })).toEqual([[2, 99]])
    expect(shown({ marks: tie(99n * one + 1n), sigmaPpm: 150_000 })).toEqual([])
    // A rise is the short's tie.
    expect(shown({ marks: tie(101n * one), sigmaPpm: 150_000, changes: [buy(0, -1)] })).toEqual([[2, 101]])
  })

  test('edge: what grows after the adverse day counts for what was there', () => {
    const changes = [buy(0, 1), buy(day + hour, 9)]
    expect(shown({ changes, marks: marksOf([100, 98, 98, 98]) })).toEqual([
      [2, 98],
      [3, 98],
    ])
    // Another adverse day tests the rest.
    expect(shown({ changes, marks: marksOf([100, 98, 98, 96, 96]) })).toEqual([
      [2, 98],
      [3, 96],
      [4, 960],
    ])
  })

  test('edge: the least of an interval, and of a day, not the last', () => {
    const dip = [buy(0, 4), buy(hour, -3), buy(2 * hour, 3)]
    expect(shown({ changes: dip })).toEqual([[2, 98]])
    const later = [buy(0, 4), buy(day + hour, -3), buy(day + 2 * hour, 3)]
    expect(shown({ changes: later, marks: marksOf([100, 98, 98, 98]) })).toEqual([
      [2, 98],
      [3, 392],
    ])
  })

  test('edge: a position ends when it is flat, turns, or is liquidated in part', () => {
    const marks = marksOf([100, 98, 98, 98])
    for (const delta of [-1, -3]) {
      const after = delta === -1 ? [buy(day + hour, delta), buy(day + 2 * hour, 1)] : [buy(day + hour, delta), buy(day + 2 * hour, 3)]
      expect(shown({ changes: [buy(0, 1), ...after], marks })).toEqual([])
    }
    const part = { at: day + hour, delta: -one / 2n, liquidation: true }
    expect(shown({ changes: [buy(0, 1), part], marks })).toEqual([])
    expect(shown({ changes: [buy(0, 1), { ...part, liquidation: false }], marks })).toEqual([
      [2, 49],
      [3, 49],
    ])
    // In the middle of the adverse day as well.
    expect(shown({ changes: [buy(0, 1), buy(hour, -1), buy(2 * hour, 1)], marks })).toEqual([])
  })

  test('edge: what is bought in one second adds up', () => {
    expect(shown({ changes: [buy(0, 3), buy(0, 1)] })).toEqual([[2, 4 * 98]])
    expect(shown({ changes: [buy(0, 1), buy(0, 3), buy(0, -2)] })).toEqual([[2, 2 * 98]])
  })

  test('edge: one second is one change: closed and opened again within it is held', () => {
    const changes = [buy(0, 1), buy(day + 5, -1), buy(day + 5, 1)]
    expect(shown({ changes })).toEqual([[2, 98]])
    expect(shown({ changes: [buy(0, 1), { ...buy(day + 5, -1), liquidation: true }, buy(day + 5, 1)] })).toEqual([])
  })

  test('edge: offsetting positions are none', () => {
    expect(shown({ changes: [buy(0, 3), buy(0, -3)] })).toEqual([])
    expect(shown({ changes: [buy(0, 3), buy(1, -2)], marks: marksOf([100, 98, 98, 98]) })).toEqual([
      [2, 98],
      [3, 98],
    ])
  })

  test('edge: what is opened at the second of a mark is before it, a second later after it', () => {
    expect(shown({ changes: [buy(0, 1)] })).toEqual([[2, 98]])
    expect(shown({ changes: [buy(1, 1)] })).toEqual([])
  })

  test('edge: nothing counts between marks more than a day apart, nor is a day adverse that was not the next', () => {
    const marks = (last: number): readonly Exposure.Mark[] => [...marksOf([100, 98]), { at: last, price: 98n * one }]
    expect(shown({ marks: marks(2 * day) })).toEqual([[2, 98]])
    expect(shown({ marks: marks(2 * day + 1) })).toEqual([])
    const skipped = [0, 2 * day, 2 * day + hour].map((at, i) => ({ at, price: (i === 0 ? 100n : 50n) * one }))
    expect(shown({ marks: skipped })).toEqual([])
  })

  test('edge: an unsettled loss counts nothing, and tests nothing', () => {
    const marks = marksOf([100, 98, 98, 98, 98])
    const owed = { at: 2 * day, amountUsd: 5n }
    expect(shown({ marks, losses: [owed] })).toEqual([])
    expect(shown({ marks, losses: [owed, { at: 3 * day, amountUsd: -4n }] })).toEqual([])
    expect(shown({ marks, losses: [owed, { at: 3 * day, amountUsd: -5n }] }).map(([at]) => at)).toEqual([3, 4])
    expect(
      shown({
        marks,
        losses: [
          { at: day, amountUsd: 5n },
          { at: day + 1, amountUsd: -5n },
        ],
      }),
    ).toEqual([])
  })

  test('edge: two adverse days where the model asks for two: the second greatest', () => {
    const two: Model.Model = { ...model, record: { ...model.record, adverseDays: 2 } }
    const changes = [buy(0, 1), buy(day + hour, 4)]
    const marks = marksOf([100, 98, 98, 96, 96])
    expect(shown({ changes, marks }, two)).toEqual([[4, 96]])
    expect(Exposure.of(exposure({ changes, marks }), two)[0]).toMatchObject({ adverseDays: 2 })
  })

  test('rounding: down, at the lower of the two prices', () => {
    const changes = [{ at: 0, delta: 3n, liquidation: false }]
    const marks = [100n, 98n, 99n].map((price, i) => ({ at: i * day, price: (price * one) / 200n }))
    // 3 · 0.49 = 1.47
    expect(Exposure.of(exposure({ changes, marks }), model).map(({ amountUsd }) => amountUsd)).toEqual([1n])
    expect(shown({ marks: marksOf([100, 98, 97]) })).toEqual([[2, 97]])
  })

  test('error: a price that is none, or two for one second; the same twice is one', () => {
    expect(() => Exposure.of(exposure({ marks: [{ at: 5, price: 0n }] }), model)).toThrow(Exposure.InvalidMarkError)
    const twice = (price: bigint) => () =>
      Exposure.of(
        exposure({
          marks: [
            { at: 5, price: one },
            { at: 5, price },
          ],
        }),
        model,
      )
    expect(twice(2n * one)).toThrow('two prices')
    expect(twice(one)).not.toThrow()
    expect(() => Exposure.of(exposure({ marks: [{ at: 7, price: -1n }] }), model)).toThrow(expect.objectContaining({ at: 7 }))
  })

  const arbitrary = fc.record({
    changes: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 6 * day }),
        delta: fc.bigInt({ min: -(5n * one), max: 5n * one }),
        liquidation: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    marks: fc
      .array(fc.integer({ min: 80, max: 120 }), { minLength: 2, maxLength: 28 })
      .map((prices) => prices.map((price, i) => ({ at: i * 6 * hour, price: BigInt(price) * one }))),
  })

  test('property: the order of changes and marks changes nothing', () => {
    fc.assert(
      fc.property(arbitrary, ({ changes, marks }) => {
        const plain = Exposure.of(exposure({ changes, marks }), model)
        expect(Exposure.of(exposure({ changes: [...changes].reverse(), marks: [...marks].reverse() }), model)).toEqual(plain)
        for (const sample of plain) if (sample.kind === 'exposure') expect(sample.heldSeconds).toBeLessThanOrEqual(day)
      }),
      { numRuns },
    )
  })

  test('property: a position held in k wallets of one side never proves more than the whole', () => {
    const parts = fc.tuple(
      fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 5 * day }),
          delta: fc.bigInt({ min: 1n, max: 5n * one }),
          until: fc.integer({ min: 1, max: 6 * day }),
          wallet: fc.nat(3),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      arbitrary,
    )
    const proven = (changes: readonly Exposure.Change[], marks: readonly Exposure.Mark[]) =>
      TrackRecord.of(Exposure.of(exposure({ changes, marks }), model), 7 * day, model).proven
    fc.assert(
      fc.property(parts, ([trades, { marks }]) => {
        const of = (wallet: number | null) =>
          trades
            .filter((trade) => wallet === null || trade.wallet === wallet)
            .flatMap(({ at, delta, until }) => [
              { at, delta, liquidation: false },
              { at: at + until, delta: -delta, liquidation: false },
            ])
        const split = [0, 1, 2, 3].reduce((sum, wallet) => sum + proven(of(wallet), marks), 0n)
        // Each part rounds down by less than one unit a sample; the whole may lose one of its own.
        expect(split).toBeLessThanOrEqual(proven(of(null), marks) + BigInt(marks.length))
      }),
      { numRuns },
    )
  })
})
