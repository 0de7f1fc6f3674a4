import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, WrongWay } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('liquidationPrice', () => {
  test('worked example: as coins, 390 / 3.9; as cash, (390 − 195) / 1.95', () => {
    const long = { coins: 2, cash: 0, size: 2, entry: 195, maintenance: 0.05 }
    expect(WrongWay.liquidationPrice(long)).toBeCloseTo(100, 12)
    expect(WrongWay.liquidationPrice({ ...long, coins: 0, cash: 195 })).toBeCloseTo(195 / 1.9, 12)
  })

  test('edge: paid in full with cash, no price does it', () => {
    expect(WrongWay.liquidationPrice({ coins: 0, cash: 100, size: 1, entry: 100, maintenance: 0.05 })).toBeNull()
  })

  test('property: there equity is maintenance margin; coins fail at a higher price than as much cash', () => {
    const figure = fc.double({ min: 0.1, max: 100, noNaN: true })
    fc.assert(
      fc.property(figure, figure, figure, fc.double({ min: 0, max: 0.2, noNaN: true }), (coins, size, entry, maintenance) => {
        const price = WrongWay.liquidationPrice({ coins, cash: 0, size, entry, maintenance }) ?? Number.NaN
        expect((coins * price + size * (price - entry)) / (maintenance * size * price + entry)).toBeCloseTo(
          (maintenance * size * price) / (maintenance * size * price + entry),
          9,
        )
        const cash = WrongWay.liquidationPrice({ coins: 0, cash: coins * entry, size, entry, maintenance })
        if (price < entry) expect(price).toBeGreaterThan(cash ?? 0)
      }),
      { numRuns },
    )
  })

  test('error: no position, a rate of 1', () => {
    const long = { coins: 1, cash: 0, size: 1, entry: 1, maintenance: 0 }
    for (const bad of [{ size: 0 }, { entry: 0 }, { maintenance: 1 }, { cash: -1 }])
      expect(() => WrongWay.liquidationPrice({ ...long, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})

describe('leverage', () => {
  test('worked example: a hedge whose collateral falls twice as fast', () => {
    const exposure = {
      positions: [
        { value: 300, beta: 1 },
        { value: -100, beta: 1 },
      ],
      collateral: [{ value: 50, beta: 2 }],
      equity: 100,
    }
    expect(WrongWay.leverage(exposure)).toEqual({ leverage: 3, multiplier: 1.5 })
    expect(WrongWay.leverage({ ...exposure, positions: [] })).toEqual({ leverage: 1, multiplier: null })
  })

  test('error: nothing to lose', () => {
    expect(() => WrongWay.leverage({ positions: [], collateral: [], equity: 0 })).toThrow(Figure.InvalidFigureError)
  })
})
