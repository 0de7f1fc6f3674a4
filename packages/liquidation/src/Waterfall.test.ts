import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Waterfall } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const money = fc.bigInt({ min: 0n, max: 10n ** 6n })

describe('pay', () => {
  test('worked example: 12 against 1, 2, 3 and 4', () => {
    const reserves = { fees: 1n, junior: 2n, insurance: 3n, senior: 4n }
    expect(Waterfall.pay(reserves, 12n)).toEqual({ paid: reserves, left: { fees: 0n, junior: 0n, insurance: 0n, senior: 0n }, unpaid: 2n })
    expect(Waterfall.pay(reserves, 4n).paid).toEqual({ fees: 1n, junior: 2n, insurance: 1n, senior: 0n })
    expect(Waterfall.pay(reserves, 0n).left).toEqual(reserves)
  })

  test('property: what is paid and what is not is the loss; a layer pays only when those before it are empty', () => {
    fc.assert(
      fc.property(money, money, money, money, money, (fees, junior, insurance, senior, loss) => {
        const { paid, left, unpaid } = Waterfall.pay({ fees, junior, insurance, senior }, loss)
        expect(Waterfall.layers.reduce((sum, layer) => sum + paid[layer], 0n) + unpaid).toBe(loss)
        for (const [i, layer] of Waterfall.layers.entries())
          if (paid[layer] > 0n) for (const before of Waterfall.layers.slice(0, i)) expect(left[before]).toBe(0n)
        if (unpaid > 0n) expect(Object.values(left)).toEqual([0n, 0n, 0n, 0n])
      }),
      { numRuns },
    )
  })
})
