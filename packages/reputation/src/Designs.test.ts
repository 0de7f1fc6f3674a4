import { describe, expect, test } from 'vitest'
import { Designs, Reliquidations, Vaults } from './index.ts'

const day = 86_400

/** Every figure of docs/method/reputation.md was made with these: another design is another table there. */
describe('loans', () => {
  test('vector: as the page was written', () => {
    const { design, ...plan } = Designs.loans
    expect(plan).toEqual({ blockSeconds: day, refit: 'each block', calibration: null, partSize: 100 })
    const { inputs, ...rest } = design
    expect(inputs.map(({ code, direction, counts }) => [code, direction, counts?.edges.length, counts?.held, counts?.prior])).toEqual([
      ['GOOD_CLOSES', 'good', 16, null, 1],
      ['BAD_DEBT', 'bad', 6, null, 1],
      ['SIZE_TO_PROVEN', 'bad', undefined, undefined, undefined],
    ])
    expect(inputs[0]?.counts?.edges).toMatchInlineSnapshot(`
      [
        0,
        250000,
        500000,
        750000,
        900000,
        1400000,
        1800000,
        2700000,
        3600000,
        4500000,
        5400000,
        7200000,
        10800000,
        14400000,
        21600000,
        28800000,
      ]
    `)
    expect(inputs[1]?.counts?.edges).toEqual([0, 1, 500_000, 1_000_001, 2_000_001, 4_000_001])
    expect(rest).toEqual({
      bins: { most: 8, least: 5, shrink: 2 },
      logit: { ridge: 5 },
      halfLifeSeconds: 2_592_000,
      newcomerHalfLifeSeconds: 604_800,
      poolStrength: 0.5,
      thin: { good: 'GOOD_CLOSES', bad: 'BAD_DEBT', level: 0.8 },
    })
  })
})

describe('reliquidations', () => {
  test('vector: as the page was written', () => {
    const { design, ...plan } = Designs.reliquidations
    expect(plan).toEqual({
      ...{ blockSeconds: 7 * day, refit: 'never', partSize: 1_000 },
      calibration: { halfLifeSeconds: 31_536_000, ridge: 20 },
    })
    const { inputs, ...rest } = design
    expect(inputs).toBe(Reliquidations.inputs)
    expect(inputs.map(({ code, counts }) => [code, counts?.edges.length, counts?.edges.at(-1), counts?.held, counts?.prior])).toEqual([
      ['RECENT_LIQUIDATIONS', inputs[0]?.counts?.edges.length, 112_863_207, 0.02, 1],
      ['LIQUIDATION_DAYS', inputs[0]?.counts?.edges.length, 112_863_207, 0.05, 0],
    ])
    expect(rest).toEqual({
      bins: { most: 16, least: 40, shrink: 10 },
      logit: { ridge: 50 },
      halfLifeSeconds: 315_360_000,
      newcomerHalfLifeSeconds: 2_592_000,
      poolStrength: 0.5,
      thin: null,
    })
  })
})

describe('vaults', () => {
  test('vector: as the page was written, for whatever is asked', () => {
    const { design, ...plan } = Designs.vaults(Vaults.state)
    expect(plan).toEqual({ blockSeconds: 604_800, refit: 'each block', calibration: null, partSize: 500 })
    const { inputs, ...rest } = design
    expect(inputs).toBe(Vaults.state)
    expect(rest).toEqual({
      bins: { most: 12, least: 30, shrink: 5 },
      logit: { ridge: 1 },
      halfLifeSeconds: 315_360_000,
      newcomerHalfLifeSeconds: 2_592_000,
      poolStrength: 0.5,
      thin: null,
    })
  })
})
