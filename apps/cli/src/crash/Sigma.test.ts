import { describe, expect, test } from 'vitest'
import * as Sigma from './Sigma.ts'

const year = 365 * 86_400

describe('of', () => {
  test('worked example: steps of 1 % a minute are 1 % by the root of a minute, and one without a move takes 6 % of its variance', () => {
    const sigma = Sigma.of({ stepSeconds: 60, history: [0, 0.01, 0.02], asOf: 5 })
    expect(sigma.ppm()).toBe(Math.ceil(0.01 * Math.sqrt(year / 60) * 1e6))
    expect(sigma.asOf()).toBe(5)
    sigma.see(0, 65)
    expect(sigma.ppm() / 1e6).toBeCloseTo(0.01 * Math.sqrt((0.94 * year) / 60), 5)
    expect(sigma.asOf()).toBe(65)
  })
  test('dimension: two half steps forget as much as one whole', () => {
    const whole = Sigma.of({ stepSeconds: 60, history: [0, 0.02], asOf: 0 })
    const half = Sigma.of({ stepSeconds: 30, history: [0, 0.02 / Math.SQRT2], asOf: 0 })
    whole.see(0, 60)
    half.see(0, 30)
    half.see(0, 60)
    expect(half.ppm() / whole.ppm()).toBeCloseTo(1, 5)
  })
  test('edge: a price that stands still is not believed to', () => {
    const sigma = Sigma.of({ stepSeconds: 60, history: [0, 0], asOf: 0 })
    expect(sigma.ppm() / 1e6).toBeCloseTo(0.02, 5)
  })
})
