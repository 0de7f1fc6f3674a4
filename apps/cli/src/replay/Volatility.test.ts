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

  test('property: every kind is one forecast a step; what is fitted on crashes too stands above calm', () => {
    for (const kind of Volatility.kinds) {
      const sigma = Volatility.of(kind, path, models, null)
      expect(sigma).toHaveLength(steps)
      const mean = sigma.reduce((sum, s) => sum + s / steps, 0)
      expect(mean / calm, kind).toBeGreaterThan(0.5)
      expect(mean / calm, kind).toBeLessThan(kind === 'har' || kind === 'champion' ? 5 : 1.7)
    }
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
