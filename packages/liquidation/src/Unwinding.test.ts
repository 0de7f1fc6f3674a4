import { describe, expect, test } from 'vitest'
import * as Figure from './Figure.ts'
import * as Unwinding from './Unwinding.ts'

const rule = { quiet: 10, near: 0.002, slice: 500 }

describe('of', () => {
  test('worked example', () => {
    expect(Unwinding.of({ holding: 800, flow: 0, divergence: 0 }, rule)).toEqual({ status: 'sell', notional: 500 })
    expect(Unwinding.of({ holding: -300, flow: 0, divergence: 0 }, rule)).toEqual({ status: 'sell', notional: 300 })
  })

  test('edge: as much flow and divergence as is allowed, and more', () => {
    expect(Unwinding.of({ holding: 1, flow: 10, divergence: -0.002 }, rule).status).toBe('sell')
    expect(Unwinding.of({ holding: 1, flow: 10.1, divergence: 0 }, rule)).toEqual({ status: 'wait', reason: 'FLOW' })
    expect(Unwinding.of({ holding: 1, flow: 0, divergence: -0.0021 }, rule)).toEqual({ status: 'wait', reason: 'DIVERGENCE' })
    expect(Unwinding.of({ holding: 1, flow: 0, divergence: 0.0021 }, rule)).toEqual({ status: 'wait', reason: 'DIVERGENCE' })
    expect(Unwinding.of({ holding: 0, flow: 99, divergence: 1 }, rule)).toEqual({ status: 'wait', reason: 'FLAT' })
  })

  test('error: a flow below nothing, a divergence that nobody knows', () => {
    expect(() => Unwinding.of({ holding: 1, flow: 0, divergence: Number.NaN }, rule)).toThrow(Figure.InvalidFigureError)
    expect(() => Unwinding.of({ holding: 1, flow: -1, divergence: 0 }, rule)).toThrow(Figure.InvalidFigureError)
  })
})
