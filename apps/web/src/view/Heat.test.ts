import type { ClusterSide } from '@plimsoll/sdk'
import { describe, expect, test } from 'vitest'
import * as Heat from './Heat.ts'

const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const side = (direction: ClusterSide['direction'], rows: readonly (readonly [fromPpm: number, dollars: number])[]): ClusterSide => {
  let sum = 0n
  return {
    direction,
    clusters: rows.map(([fromPpm, dollars]) => {
      sum += usd(dollars)
      return { fromPpm, toPpm: fromPpm + 10_000, fromSigmasPpm: fromPpm * 20, accounts: 1, forced: usd(dollars), cumulative: sum }
    }),
    standing: { accounts: 0, notional: 0n },
    concentrationPpm: null,
  }
}

describe('of', () => {
  test('worked example: a fall left of the price, a rise right of it, the largest at full height', () => {
    const { bars, reach } = Heat.of(side('down', [[50_000, 100]]), side('up', [[30_000, 25]]))
    expect(reach).toBe(0.1)
    const [down, up] = bars
    expect(down).toMatchObject({ direction: 'down', height: 1, sigmas: 1 })
    expect(down?.right).toBeCloseTo(0.5 + Math.expm1(-0.05) / 0.2, 12)
    expect(down?.left).toBeLessThan(down?.right ?? 0)
    expect(up).toMatchObject({ direction: 'up', height: 0.25 })
    expect(up?.left).toBeGreaterThan(0.5)
  })

  test('edge: the axis shows nine tenths of either side and says what lies beyond', () => {
    const near: readonly (readonly [number, number])[] = [[100_000, 95]]
    const { reach, beyond, bars } = Heat.of(side('down', [...near, [900_000, 5]]), side('up', []))
    expect(reach).toBe(0.2)
    expect(beyond).toEqual({ down: usd(5), up: 0n })
    expect(bars).toHaveLength(1)
    expect(Heat.of(side('down', [...near, [900_000, 50]]), side('up', [])).reach).toBe(0.75)
  })

  test('edge: nothing fails: an empty axis, not a broken one', () => {
    expect(Heat.of(side('down', []), side('up', []))).toEqual({ reach: 0.1, bars: [], beyond: { down: 0n, up: 0n } })
  })
})

describe('place', () => {
  test('edge: the price in the middle, what is beyond at the end', () => {
    expect([Heat.place(0, 0.1), Heat.place(-0.2, 0.1), Heat.place(0.05, 0.1)]).toEqual([0.5, 0, 0.75])
  })
})
