import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Model from './Model.ts'
import * as Option from './Option.ts'
import * as Repricing from './Repricing.ts'
import * as Scenario from './Scenario.ts'
import { free, full, model, scenario } from './testing/portfolio.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 500)
const of = Model.of(full)
const figure = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const quotes = fc.record({
  forward: fc.oneof(fc.constant(0), figure(1, 5_000)),
  seconds: fc.oneof(fc.constant(0), figure(0, 3_600), figure(3_600, 60_000_000)),
  rate: figure(0, 0.5),
})
const legs = fc.record({
  kind: fc.constantFrom('call' as const, 'put' as const),
  strike: fc.oneof(fc.constant(0), figure(1, 5_000)),
  volatility: fc.oneof(fc.constant(0), figure(0.01, 3)),
  amount: figure(-10, 10),
})

describe('of', () => {
  test('worked example: half of an averaged forward still moves', () => {
    const averaged = model([scenario(1.5), scenario(0.5)], {}, { averagingSeconds: 1_800 })
    const at = (seconds: number) => Repricing.of({ forward: 100, seconds, rate: 0 }, averaged)
    expect(Array.from(at(900).relative)).toEqual([1.25, 0.75, 1])
    expect(Array.from(at(900).logs)).toEqual([Math.log(1.25), Math.log(0.75), 0])
    expect([at(900).moving, at(1_800).moving, at(0).moving]).toEqual([0.5, 1, 0])
    expect(at(1_800).relative).toBe(averaged.grid.relative)
  })

  test('edge: without scenarios there is the price now, and nothing is shocked', () => {
    const plain = Repricing.of({ forward: 100, seconds: 60, rate: 0.1 }, Model.of({ ...free, span: null }))
    expect(plain).toMatchObject({ moving: 1, up: 1, down: 1, held: 1, owed: 1 })
    expect(plain.relative).toHaveLength(1)
  })
})

describe('add', () => {
  test('worked example: a put that settles now, twice', () => {
    const columns = new Float64Array(3)
    const repricing = Repricing.of({ forward: 100, seconds: 0, rate: 0 }, model([scenario(1.5), scenario(0.5)]))
    for (const amount of [2, -1]) Repricing.add(columns, { kind: 'put', strike: 90, volatility: 0.5, amount }, repricing)
    expect(Array.from(columns)).toEqual([0, 40, 0])
  })

  test('worked example: a strike and a forward of 1, a year from now', () => {
    // (2·Φ(0.1) − 1), and Φ(0.1) = 0.5398278372770290
    const columns = new Float64Array(1)
    const year = Repricing.of({ forward: 1, seconds: Option.yearSeconds, rate: 0 }, model([]))
    Repricing.add(columns, { kind: 'call', strike: 1, volatility: 0.2, amount: 1 }, year)
    expect(columns[0]).toBeCloseTo(0.079_655_674_554_058, 12)
  })

  test('property: every column is what Option.price says of it', () => {
    const { grid, terms } = of
    const scenarios = terms.span?.scenarios ?? []
    fc.assert(
      fc.property(quotes, legs, (quote, leg) => {
        const { forward, seconds, rate } = quote
        const { kind, strike, amount, volatility } = leg
        const columns = new Float64Array(grid.relative.length)
        Repricing.add(columns, leg, Repricing.of(quote, of))
        const years = Scenario.years(seconds)
        const { up, down } = Scenario.shifted(full.span?.shift ?? fail(), seconds)
        const moving = Math.min(1, seconds / 1_800)
        const tilt = full.span?.tilt ?? fail()
        for (const [c, found] of columns.entries()) {
          const { spot, volatility: change } = scenarios[c] ?? { spot: grid.relative[c] ?? fail(), volatility: 'none' as const }
          const isTilt = change === 'linear' || change === 'absolute'
          const factor = { up, none: 1, down, linear: 1, absolute: 1 }[change]
          const tilted = isTilt ? Scenario.tilted(tilt, { kind: change, years, moneyness: Math.log(strike / forward) }) : 1
          const shocked = Number.isFinite(tilted) ? volatility * factor * tilted : volatility
          const price = Option.price({
            kind,
            strike,
            forward: isTilt ? forward : forward * (moving * spot + 1 - moving),
            seconds,
            volatility: change === 'up' ? Math.max(0.4, shocked) : shocked,
            discount: Math.exp(-rate * years),
          })
          expect(Math.abs(found - amount * price)).toBeLessThanOrEqual(1e-13 * Math.abs(amount) * (3 * forward + strike) + 1e-300)
        }
      }),
      { numRuns },
    )
  })
})

function fail(): never {
  throw new Error('The full terms have scenarios.')
}
