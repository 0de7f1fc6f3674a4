import { describe, expect, test } from 'vitest'
import { Vaults } from './index.ts'

const day = 86_400
const change = (at: number, collateral: number, debt: number, liquidation = false): Vaults.Change => ({
  vault: 'v',
  at: at * day,
  collateral,
  debt,
  liquidation,
})
const plan = {
  ratio: 1.5,
  windowSeconds: 10 * day,
  stepSeconds: 10 * day,
  prices: [
    { at: 0, price: 30 },
    { at: 15 * day, price: 18 },
  ],
}

describe('samples', () => {
  test('worked example: 10 at 30 against a debt of 100 at 150 %: a buffer of 100 %, then 20 %, a rescue, a liquidation', () => {
    const found = Vaults.samples([change(1, 10, 100), change(22, 5, 0), change(35, -15, -100, true), change(50, 1, 0)], plan)
    expect(found.map(({ at, bad, features }) => [at / day, bad, features['BUFFER']])).toEqual([
      [10, false, 1_000_000],
      [20, false, 200_000],
      [30, true, 800_000],
    ])
    expect(found[1]?.features).toMatchObject({ SELF_RESCUES: 0, PAST_LIQUIDATIONS: 0, USUAL_BUFFER: 600_000 })
    expect(found[2]?.features['SELF_RESCUES']).toBeGreaterThan(900_000)
    expect(found[2]?.features['SELF_RESCUES']).toBeLessThan(1_000_000)
  })

  test('worked example: collateral added far from trouble is no rescue', () => {
    const found = Vaults.samples([change(1, 10, 100), change(5, 5, 0), change(50, 1, 0)], plan)
    expect(found[0]?.features['SELF_RESCUES']).toBe(0)
  })

  test('worked example: a past liquidation fades from one', () => {
    const found = Vaults.samples([change(1, 10, 100), change(2, -5, -50, true), change(50, 1, 0)], plan)
    expect(found[0]?.features['PAST_LIQUIDATIONS']).toBeGreaterThan(900_000)
    expect(found[0]?.bad).toBe(false)
  })

  test('edge: without debt, or before any price, there is no sample', () => {
    expect(Vaults.samples([change(1, 10, 0), change(50, 1, 0)], plan)).toEqual([])
    expect(Vaults.samples([change(1, 10, 100), change(50, 1, 0)], { ...plan, prices: [] })).toEqual([])
  })

  test('edge: a vault under water has no buffer, and a huge one counts as five times', () => {
    const bufferOf = (collateral: number) => Vaults.samples([change(1, collateral, 100), change(50, 1, 0)], plan)[0]?.features['BUFFER']
    expect([bufferOf(1), bufferOf(1_000)]).toEqual([0, 5_000_000])
  })

  // 60 days a step and a window; at 30 and 150 % a buffer of 20·C/D − 1
  const long = { ratio: 1.5, windowSeconds: 60 * day, stepSeconds: 60 * day, prices: [{ at: 0, price: 30 }] }
  const at = (seconds: number, collateral: number, debt: number, liquidation = false) => ({
    ...change(0, collateral, debt, liquidation),
    at: seconds,
  })
  const end = at(240 * day, 0, 0)

  test('worked example: a liquidation at the very second is past, and halves in 60 days', () => {
    const found = Vaults.samples([at(0, 100, 1_000), at(60 * day, -10, -100, true), end], long)
    expect(found.map((sample) => [sample.at / day, sample.settledAt / day, sample.bad, sample.features['PAST_LIQUIDATIONS']])).toEqual([
      [60, 120, false, 1_000_000],
      [120, 180, false, 500_000],
      [180, 240, false, 250_000],
    ])
    expect(found.map(({ features }) => features['BUFFER'])).toEqual([1_000_000, 1_000_000, 1_000_000])
    expect(found.every(({ subject, newcomer }) => subject === 'v' && !newcomer)).toBe(true)
  })

  test('edge: a window has its last second, and not the next', () => {
    const badOf = (seconds: number) => Vaults.samples([at(0, 100, 1_000), at(seconds, -10, -100, true), end], long).map(({ bad }) => bad)
    expect(badOf(60 * day + 1)).toEqual([true, false, false])
    expect(badOf(120 * day)).toEqual([true, false, false])
    expect(badOf(120 * day + 1)).toEqual([false, true, false])
    // only a liquidation is bad
    expect(Vaults.samples([at(0, 100, 1_000), at(61 * day, -10, -100), end], long).map(({ bad }) => bad)).toEqual([false, false, false])
  })

  test('edge: samples are taken at multiples of the step, after the first change, and a window before the last of all vaults', () => {
    const timesOf = (changes: readonly Vaults.Change[]) => Vaults.samples(changes, long).map((sample) => [sample.subject, sample.at / day])
    expect(timesOf([end, at(30 * day, 100, 1_000)])).toEqual([
      ['v', 60],
      ['v', 120],
      ['v', 180],
    ])
    expect(timesOf([at(60 * day, 100, 1_000), end])).toEqual([
      ['v', 120],
      ['v', 180],
    ])
    expect(timesOf([at(0, 100, 1_000), at(240 * day - 1, 0, 0)])).toEqual([
      ['v', 60],
      ['v', 120],
    ])
    const other = { ...at(0, 100, 1_000), vault: 'w' }
    expect(timesOf([at(0, 100, 1_000), other, at(180 * day, 0, 0)])).toEqual([
      ['v', 60],
      ['w', 60],
      ['v', 120],
      ['w', 120],
    ])
  })

  test('rounding: what is bad up, what is good down', () => {
    // 2^(−(60 d − 1 s)/60 d) is 500,000.067 ppm
    const liquidated = Vaults.samples([at(0, 100, 1_000), at(60 * day + 1, -10, -100, true), end], long)
    expect(liquidated[1]?.features['PAST_LIQUIDATIONS']).toBe(500_001)
    const rescued = Vaults.samples([at(0, 60, 1_000), at(60 * day + 1, 1, 0), end], long)
    expect(rescued[1]?.features['SELF_RESCUES']).toBe(500_000)
  })

  test('edge: a rescue is collateral or a repayment, below a buffer of 30 %, of a debt above 1, and no liquidation', () => {
    const rescuesOf = (collateral: number, debt: number, second: Vaults.Change) =>
      Vaults.samples([at(0, collateral, debt), second, end], long)[0]?.features['SELF_RESCUES']
    const now = 60 * day
    expect(rescuesOf(64.999, 1_000, at(now, 1, 0))).toBe(1_000_000)
    expect(rescuesOf(64.999, 1_000, at(now, 0, -1))).toBe(1_000_000)
    expect(rescuesOf(65, 1_000, at(now, 1, 0))).toBe(0)
    expect(rescuesOf(64.999, 1_000, at(now, 0, 0))).toBe(0)
    expect(rescuesOf(64.999, 1_000, at(now, -1, 1))).toBe(0)
    expect(rescuesOf(64.999, 1_000, at(now, -10, -100, true))).toBe(0)
    expect(rescuesOf(0.06, 1, at(now, 1, 0))).toBe(0)
    expect(rescuesOf(0.12, 2, at(now, 1, 0))).toBe(1_000_000)
  })

  test('worked example: a rescue is judged at the price of its day, or at the first known', () => {
    const rescuesOf = (prices: Vaults.samples.Plan['prices']) =>
      Vaults.samples([at(0, 100, 1_000), at(40 * day, 1, 0), end], { ...long, prices })[0]?.features['SELF_RESCUES']
    // at 15 there is no buffer, at 30 one of 100 %
    expect(
      rescuesOf([
        { at: 0, price: 30 },
        { at: 50 * day, price: 15 },
      ]),
    ).toBe(0)
    expect(
      rescuesOf([
        { at: 0, price: 15 },
        { at: 50 * day, price: 30 },
      ]),
    ).toBeGreaterThan(0)
    expect(rescuesOf([{ at: 50 * day, price: 15 }])).toBeGreaterThan(0)
    expect(rescuesOf([{ at: 50 * day, price: 30 }])).toBe(0)
  })

  test('edge: a price counts from its second, a debt from 1, and collateral from more than none', () => {
    const bufferOf = (collateral: number, debt: number) =>
      Vaults.samples([at(0, collateral, debt), end], { ...long, prices: [...long.prices, { at: 60 * day, price: 45 }] })[0]?.features[
        'BUFFER'
      ]
    expect(bufferOf(100, 1_000)).toBe(2_000_000)
    expect(bufferOf(0.1, 1)).toBe(2_000_000)
    expect(bufferOf(0.1, 0.999)).toBeUndefined()
    expect(bufferOf(0, 1_000)).toBeUndefined()
    expect(bufferOf(0.5, 1_000)).toBe(0)
  })

  test('worked example: the usual buffer is the mean so far: 100 %, 20 %, 20 %', () => {
    const found = Vaults.samples([at(0, 100, 1_000), at(100 * day, -40, 0), end], long)
    expect(found.map(({ features }) => features['USUAL_BUFFER'])).toEqual([1_000_000, 600_000, 466_667])
  })
})

describe('state and record', () => {
  test('worked example: bins are cut from the samples, and which way each points', () => {
    const said = [...Vaults.state, ...Vaults.record].map(({ code, direction, counts }) => [code, direction, counts])
    expect(said).toEqual([
      ['BUFFER', 'good', null],
      ['PAST_LIQUIDATIONS', 'bad', null],
      ['SELF_RESCUES', 'good', null],
      ['USUAL_BUFFER', 'good', null],
    ])
  })
})
