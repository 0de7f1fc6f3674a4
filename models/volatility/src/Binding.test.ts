import { describe, expect, test } from 'vitest'
import { Backend, Binding, Comparison, type Gate, Recipe, type Suite, Walk } from './index.ts'
import * as Small from './testing/Small.ts'

const day = 86_400
const panel = Small.panel(150)
const walk = await Walk.of({
  panel,
  horizonHours: 24,
  from: Small.startAt + 114 * day,
  to: Small.startAt + 150 * day,
  backend: await Backend.load('wasm'),
  seed: 3,
  recipe: Small.small,
})
const comparison = Comparison.of({ walk, seed: 3 })
const card: Suite.Card = {
  schema: 2,
  name: 'volatility',
  version: '1.2.3',
  seed: 3,
  backend: 'wasm',
  tfjs: '4.22.0',
  recipe: Recipe.recipe,
  members: [{ horizonSeconds: day, data: panel.manifest, rows: 1, from: 0, to: 0, comparison, probe: { rows: [], variances: [] } }],
}
const cases = walk.realised.flatMap(({ symbol, origin, outcome }, i): Gate.Case[] => {
  const said = walk.forecasts[i]
  if (outcome === null || said === undefined) return []
  const { variance, longPath, shortPath } = outcome
  return [{ symbol, origin, variance, longPath, shortPath, challenger: said, champion: said }]
})
const bind =
  (part: Partial<Binding.assert.Arguments> = {}) =>
  (): void =>
    Binding.assert({ card, cases, horizonSeconds: day, dataSha256: panel.manifest.sha256, ...part })

describe('assert', () => {
  test('worked example: the table that the walk on the card wrote, in whatever order', () => {
    expect(bind()).not.toThrow()
    expect(bind({ cases: [...cases].reverse() })).not.toThrow()
  })
  test('edge: origins outside the period of the card do not count', () => {
    const [first] = cases
    if (first === undefined) throw new Error('no cases')
    expect(
      bind({ cases: [...cases, { ...first, origin: comparison.from - day }, { ...first, origin: comparison.to + day }] }),
    ).not.toThrow()
  })
  test('error: one forecast of one asset changed by a millionth', () => {
    const changed = cases.map((each, i) =>
      i === 40 ? { ...each, challenger: { ...each.challenger, variance: each.challenger.variance * 1.000_001 } } : each,
    )
    expect(bind({ cases: changed })).toThrow(new RegExp(`1\\.2\\.3 said: on ${cases[40]?.symbol} its QLIKE`))
  })
  test('error: an origin less, other bars, another horizon', () => {
    const unbound = (message: RegExp) =>
      expect.objectContaining({ name: 'Binding.UnboundError', code: 'BINDING_UNBOUND', message: expect.stringMatching(message) })
    expect(bind({ cases: cases.slice(1) })).toThrow(unbound(/origins in that period/))
    expect(bind({ dataSha256: 'f'.repeat(64) })).toThrow(unbound(/made from the bars/))
    expect(bind({ horizonSeconds: 3_600 })).toThrow(unbound(/no walk of 3600 s/))
  })
})
