import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Absorption, Figure } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const terms = { share: 0.5, risk: 2, aversion: 1, unwindSeconds: 4, fee: 0.25 }
const flow = { amount: 8, inventory: 0, room: 100, divergence: 0, slope: 0.125, sigma: 0 }

describe('discount', () => {
  test('worked example: 2·⅛·√4 + 1·(1/64)·4·8/2 + ¼', () => {
    expect(Absorption.discount(terms, { sigma: 0.125, inventory: 8 })).toBe(1)
  })
  test('dimension: money times k and aversion by k leave it as it is', () => {
    const scaled = Absorption.discount({ ...terms, aversion: 1 / 1024 }, { sigma: 0.125, inventory: 8 * 1024 })
    expect(scaled).toBe(Absorption.discount(terms, { sigma: 0.125, inventory: 8 }))
  })
})

describe('of', () => {
  test('worked example: at most its share, where half of the slippage pays the fee', () => {
    expect(Absorption.of({ ...terms, risk: 0, aversion: 0 }, flow)).toBe(4)
  })
  test('worked example: as much as pays for itself', () => {
    // D + κ(8 − a)/2 = ¼ + a/64·4/2·… at s = ⅛, k = 0: spare ½ − ¼, weight 1/16 + 1/32.
    expect(Absorption.of({ ...terms, share: 1, risk: 0 }, { ...flow, sigma: 0.125 })).toBeCloseTo(0.25 / (3 / 32), 12)
  })
  test('edge: nothing where the market is cheaper, where there is no flow, and where capital is used up', () => {
    expect(Absorption.of(terms, { ...flow, sigma: 0.5 })).toBe(0)
    expect(Absorption.of(terms, { ...flow, amount: 0 })).toBe(0)
    expect(Absorption.of(terms, { ...flow, room: 0 })).toBe(0)
    expect(Absorption.of({ ...terms, risk: 0, aversion: 0, fee: 0.5 }, flow)).toBe(0)
  })
  test('edge: capital that is left bounds it; without slippage to come, a price already low enough is taken in full', () => {
    expect(Absorption.of({ ...terms, risk: 0, aversion: 0 }, { ...flow, room: 3 })).toBe(3)
    expect(Absorption.of({ ...terms, risk: 0, aversion: 0 }, { ...flow, slope: 0, divergence: 0.5 })).toBe(4)
  })
  test('property: never more than its share or its capital, more the further the price stands off, less the more it holds', () => {
    const some = fc.record({
      amount: fc.double({ min: 0, max: 1e7, noNaN: true }),
      inventory: fc.double({ min: 0, max: 1e8, noNaN: true }),
      room: fc.double({ min: 0, max: 1e7, noNaN: true }),
      divergence: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
      slope: fc.double({ min: 1e-12, max: 1e-8, noNaN: true }),
      sigma: fc.double({ min: 0, max: 1e-3, noNaN: true }),
    })
    const real = { share: 0.8, risk: 0.25, aversion: 1e-8, unwindSeconds: 600, fee: 2e-4 }
    fc.assert(
      fc.property(some, (flow) => {
        const taken = Absorption.of(real, flow)
        expect(taken).toBeGreaterThanOrEqual(0)
        expect(taken).toBeLessThanOrEqual(Math.min(0.8 * flow.amount, flow.room))
        expect(Absorption.of(real, { ...flow, divergence: flow.divergence + 0.01 })).toBeGreaterThanOrEqual(taken)
        expect(Absorption.of(real, { ...flow, inventory: flow.inventory + 1e6 })).toBeLessThanOrEqual(taken)
      }),
      { numRuns },
    )
  })
})

describe('release', () => {
  const rules = { quietSeconds: 60, divergence: 0.001, amount: 5 }
  test('worked example: so much a step, and the rest at last', () => {
    expect(Absorption.release(rules, { inventory: 8, quietSeconds: 60, divergence: -0.001 })).toBe(5)
    expect(Absorption.release(rules, { inventory: 3, quietSeconds: 60, divergence: 0 })).toBe(3)
  })
  test('edge: not while flow goes on, and not into a price that stands off', () => {
    expect(Absorption.release(rules, { inventory: 8, quietSeconds: 59, divergence: 0 })).toBe(0)
    expect(Absorption.release(rules, { inventory: 8, quietSeconds: 60, divergence: -0.0011 })).toBe(0)
  })
})

describe('assert', () => {
  test('error: a share above 1, a figure below 0', () => {
    expect(() => Absorption.assert({ ...terms, share: 1.1 })).toThrow(Figure.InvalidFigureError)
    expect(() => Absorption.assert({ ...terms, risk: -1 })).toThrow(Figure.InvalidFigureError)
    expect(Absorption.assert(terms)).toBeUndefined()
  })
})
