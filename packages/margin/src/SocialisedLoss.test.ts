import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as SocialisedLoss from './SocialisedLoss.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const amount = fc.bigInt({ min: 0n, max: 10n ** 12n })

describe('toFunding', () => {
  const market = { loss: 100n, long: 7n, short: 2n, unit: 1n, scale: 10n }

  test('worked example', () => {
    expect(SocialisedLoss.toFunding(market, 'up')).toEqual({ status: 'shared', change: 120n })
    expect(SocialisedLoss.toFunding({ ...market, loss: 90n, unit: 2n }, 'up')).toEqual({ status: 'shared', change: 200n })
  })

  test('edge: nobody is there', () => {
    expect(SocialisedLoss.toFunding({ ...market, long: 0n, short: 0n }, 'up')).toEqual({ status: 'unshared', loss: 100n })
    expect(SocialisedLoss.toFunding({ ...market, long: 0n }, 'up')).toEqual({ status: 'shared', change: 500n })
  })

  test('rounding: as asked, before the scale', () => {
    expect(SocialisedLoss.toFunding(market, 'down')).toEqual({ status: 'shared', change: 110n })
  })

  test('property: rounded up, the loss is paid', () => {
    fc.assert(
      fc.property(amount, amount, amount, (loss, long, short) => {
        const outcome = SocialisedLoss.toFunding({ loss, long, short: short + 1n, unit: 1_000n, scale: 1n }, 'up')
        expect(outcome.status === 'shared' && outcome.change * (long + short + 1n) >= loss * 1_000n).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('toIndex', () => {
  const pool = { loss: 10n, deposits: 300n, index: 1_000n }

  test('worked example', () => {
    expect(SocialisedLoss.toIndex(pool, 'up')).toEqual({ status: 'shared', change: 34n })
    expect(SocialisedLoss.toIndex({ ...pool, loss: 30n }, 'up')).toEqual({ status: 'shared', change: 100n })
  })

  test('edge: nobody is there', () => {
    expect(SocialisedLoss.toIndex({ ...pool, deposits: 0n }, 'up')).toEqual({ status: 'unshared', loss: 10n })
  })

  test('rounding: as asked', () => {
    expect(SocialisedLoss.toIndex(pool, 'down')).toEqual({ status: 'shared', change: 33n })
  })
})
