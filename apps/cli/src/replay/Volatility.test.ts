import type { Path } from '@plimsoll/liquidation'
import { Random } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import * as Trial from './Trial.ts'
import * as Volatility from './Volatility.ts'

/** By the second, of a market that moves 50 % a year. */
const calm = 0.5 / Math.sqrt(365 * 86_400)

describe('of', () => {
  const models = Volatility.fit(Trial.training())
  const path = Trial.pathOf({ kind: 'scenario', name: 'calm' }, 3)
  const steps = path.log.length - 1 - path.start

  test('property: every kind is one forecast a step, and in calm all of them are within a fifth of what comes', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    for (const kind of Volatility.kinds) {
      const squares = seeds.map((seed) => {
        const sigma = Volatility.of(kind, Trial.pathOf({ kind: 'scenario', name: 'calm' }, seed), models, null)
        expect(sigma).toHaveLength(steps)
        return sigma.reduce((sum, s) => sum + (s * s) / steps, 0)
      })
      const ratio = Math.sqrt(squares.reduce((sum, square) => sum + square / seeds.length, 0)) / calm
      expect(ratio, kind).toBeGreaterThan(0.8)
      expect(ratio, kind).toBeLessThan(1.2)
    }
  })

  test('property: one jump is forgotten by what is fitted within the minute, and not by the EWMA', () => {
    const log = path.log.map((price, t) => price - (t > path.start + 600 ? 0.08 : 0))
    const after = (kind: Volatility.Kind) =>
      (Volatility.of(kind, { ...path, log }, models, null)[660] ?? 0) / (Volatility.of(kind, path, models, null)[660] ?? 1)
    expect(after('ewma')).toBeGreaterThan(5)
    for (const kind of ['har', 'champion'] as const) expect(after(kind), kind).toBeLessThan(2)
  })

  test('property: none but the oracle knows what is yet to come', () => {
    const log = path.log.slice()
    const cut = path.start + 900
    const random = Random.of(1, 'other')
    for (let t = cut + 1; t < log.length; t++) log[t] = (log[t - 1] ?? 0) + 0.001 * random.normal()
    const other: Path.Path = { ...path, log }
    for (const kind of Volatility.kinds) {
      const [a, b] = [Volatility.of(kind, path, models, null), Volatility.of(kind, other, models, null)]
      if (kind === 'oracle') expect(a.slice(0, 900)).not.toEqual(b.slice(0, 900))
      else expect(a.slice(0, 900)).toEqual(b.slice(0, 900))
      expect(a.slice(960)).not.toEqual(b.slice(960))
    }
  })

  test('worked example: a table of the champion’s holds for its own kind and nobody else', () => {
    const table = new Float64Array(Math.ceil(steps / 6)).fill(0.36)
    expect(new Set(Volatility.of('champion', path, models, table))).toEqual(new Set([Math.sqrt(0.36 / 60 / 60)]))
    expect(Volatility.of('har', path, models, table)).toEqual(Volatility.of('har', path, models, null))
  })
})
