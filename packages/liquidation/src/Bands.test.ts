import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bands, Figure, type Impact } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const market = { amplification: 10, base: 100, price: 100 }
const impact: Impact.Impact = { kind: 'linear', slope: 1e-4 }

describe('sales', () => {
  test('worked example: 3 coins in bands 1 and 2 are sold at 72.9, or half at 81 and half at 72.9', () => {
    const loan = { coins: 3, first: 1, last: 2 }
    expect(Bands.sales(market, [loan], 'block')).toEqual([{ drop: expect.closeTo(0.271, 12), usd: expect.closeTo(218.7, 9) }])
    expect(Bands.sales(market, [loan], 'spread')).toEqual([
      { drop: expect.closeTo(0.19, 12), usd: expect.closeTo(121.5, 9) },
      { drop: expect.closeTo(0.271, 12), usd: expect.closeTo(109.35, 9) },
    ])
  })

  test('edge: a band above the price is sold at once', () => {
    expect(Bands.sales(market, [{ coins: 1, first: -3, last: -3 }], 'block')[0]?.drop).toBe(0)
  })

  test('error: bands the wrong way round, an A of 1, no price', () => {
    expect(() => Bands.sales(market, [{ coins: 1, first: 2, last: 1 }], 'block')).toThrow(Figure.InvalidFigureError)
    expect(() => Bands.sales({ ...market, amplification: 1 }, [], 'block')).toThrow(Figure.InvalidFigureError)
    expect(() => Bands.sales({ ...market, price: 0 }, [], 'block')).toThrow(Figure.InvalidFigureError)
  })
})

describe('peak', () => {
  test('worked example: 200 sold between 20 and 30 % are 2 % of impact over ln(0.8/0.7)', () => {
    const sales = [
      { drop: 0.2, usd: 50 },
      { drop: 0.29, usd: 150 },
      { drop: 0.5, usd: 60 },
    ]
    expect(Bands.peak(sales, impact, 0.1)).toEqual({
      n: expect.closeTo(0.02 / Math.log(8 / 7), 12),
      drop: expect.closeTo(0.2, 12),
      usd: 200,
    })
    expect(Bands.peak([], impact, 0.1)).toEqual({ n: 0, drop: 0, usd: 0 })
    expect(Bands.peak([{ drop: 0.95, usd: 1 }], impact, 0.1).n).toBe(0)
  })

  test('property: scales with a linear impact, and more sales never make it less', () => {
    const sale = fc.record({ drop: fc.double({ min: 0, max: 0.8, noNaN: true }), usd: fc.double({ min: 0, max: 1e4, noNaN: true }) })
    fc.assert(
      fc.property(fc.array(sale), sale, (sales, more) => {
        const { n } = Bands.peak(sales, impact, 0.01)
        expect(Bands.peak(sales, { kind: 'linear', slope: 3e-4 }, 0.01).n).toBeCloseTo(3 * n, 9)
        expect(Bands.peak([...sales, more], impact, 0.01).n).toBeGreaterThanOrEqual(n)
      }),
      { numRuns },
    )
  })

  test('error: a step of 0 or of all', () => {
    for (const step of [0, 1]) expect(() => Bands.peak([], impact, step)).toThrow(Figure.InvalidFigureError)
  })
})
