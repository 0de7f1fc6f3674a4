import { describe, expect, test } from 'vitest'
import * as Model from './Model.ts'
import { free, full, scenario, still } from './testing/portfolio.ts'

const of = (span: Partial<Model.Span>) => Model.of({ ...free, span: { ...still, ...span } }).grid

describe('doubtful', () => {
  test('worked example: below the threshold, and at it', () => {
    const doubt = { threshold: 0.5, rate: 2 }
    expect([0, 0.25, 0.5, 1].map((confidence) => Model.doubtful(confidence, doubt))).toEqual([2, 1.5, 0, 0])
  })

  test('edge: an unknown confidence is not a certain one', () => {
    expect(Model.doubtful(Number.NaN, { threshold: 0.5, rate: 2 })).toBeNaN()
  })
})

describe('of', () => {
  test('worked example: columns by what happens to volatility, the price now among them', () => {
    const grid = of({ scenarios: [scenario(1.2, 'up'), scenario(1.2), scenario(1.1, 'linear', 0.5), scenario(1)] })
    expect(grid).toMatchObject({ scenarios: 4, now: 3, up: 3, down: 3, reach: 1.2 })
    expect(Array.from(grid.relative)).toEqual([1.2, 1.2, 1, 1])
    expect(Array.from(grid.logs)).toEqual([Math.log(1.2), Math.log(1.2), 0, 0])
    expect(Array.from(grid.order)).toEqual([0, 1, 3, 2])
    expect(Array.from(grid.starts)).toEqual([0, 1, 3, 3, 4, 4])
    expect(Array.from(grid.dampening)).toEqual([1, 1, 0.5, 1])
    expect(Array.from(grid.moves, (move) => Number(move.toFixed(12)))).toEqual([0.2, 0.2, 0.05, 0])
    expect(Array.from(grid.adverse)).toEqual([0, 0, 1, 0])
  })

  test('worked example: moves of the basis become columns where no scenario is theirs', () => {
    const basis = { up: 1.1, down: 0.9, flat: 1, perYear: 0 }
    const grid = of({ scenarios: [scenario(1.1), scenario(0.9, 'up')], basis })
    expect(grid).toMatchObject({ scenarios: 2, now: 2, up: 0, down: 3 })
    expect(Array.from(grid.relative)).toEqual([1.1, 0.9, 1, 0.9])
  })

  test('edge: how far floats may grow', () => {
    expect(of({ scenarios: [scenario(0.5, 'up', 0.5)] }).reach).toBe(1)
    expect(of({ scenarios: [scenario(3), scenario(2, 'up', 5)] }).reach).toBe(15)
  })

  test('edge: no scenarios at all', () => {
    expect(Model.of({ ...free, span: null }).grid).toMatchObject({ scenarios: 0, now: 0, up: 0, down: 0 })
  })

  const path = (terms: Model.Terms) => {
    try {
      Model.of(terms)
    } catch (error) {
      if (error instanceof Model.InvalidTermsError) return error.path
      throw error
    }
    return 'accepted'
  }
  const set = (terms: object, [first = '', ...rest]: readonly string[], value: number): object => ({
    ...terms,
    [first]: rest.length === 0 ? value : set((terms as Record<string, object>)[first] ?? {}, rest, value),
  })

  test.each([
    'linear.initial',
    'linear.maintenance',
    'naked.initial',
    'naked.maintenance',
    'doubt.linear.rate',
    'doubt.options.rate',
    'doubt.collateral.rate',
    'span.factor.initial',
    'span.factor.maintenance',
    'span.averagingSeconds',
    'span.shift.leastSeconds',
    'span.held.base',
    'span.owed.base',
    'span.basis.up',
    'span.basis.down',
    'span.basis.flat',
    'span.basis.perYear',
  ])('error: %s below 0 or no number; 0 is fine', (name) => {
    const at = (value: number) => path(set(full, name.split('.'), value) as Model.Terms)
    expect([at(-1), at(Number.NaN), at(Number.POSITIVE_INFINITY), at(0)]).toEqual([name, name, name, 'accepted'])
  })

  test('error: a scenario with a negative spot or dampening, or a volatility that there is not', () => {
    const at = (each: object) => path({ ...free, span: { ...still, scenarios: [scenario(1), { ...scenario(1), ...each }] } })
    expect([at({ spot: -1 }), at({ dampening: -1 }), at({ spot: 0, dampening: 0 })]).toEqual([
      'span.scenarios.1.spot',
      'span.scenarios.1.dampening',
      'accepted',
    ])
    expect(at({ volatility: 'sideways' })).toBe('span.scenarios.volatility')
  })

  test('edge: what may be negative', () => {
    expect(path(set(full, ['span', 'tilt', 'linear', 'perRootYear'], -10) as Model.Terms)).toBe('accepted')
  })

  test('error: a term that is not given', () => {
    expect(path({ ...free, naked: { ...free.naked, initial: undefined } } as unknown as Model.Terms)).toBe('naked.initial')
  })
})
