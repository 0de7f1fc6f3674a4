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
})
