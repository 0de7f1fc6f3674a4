import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Option from './Option.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const year = Option.yearSeconds
const call: Option.Option = { kind: 'call', strike: 100, forward: 100, seconds: year, volatility: 0.2, discount: 1 }
const put: Option.Option = { ...call, kind: 'put' }

const options = fc.record({
  kind: fc.constantFrom('call' as const, 'put' as const),
  strike: fc.double({ min: 0, max: 5_000, noNaN: true }),
  forward: fc.double({ min: 0, max: 5_000, noNaN: true }),
  seconds: fc.double({ min: 0, max: 5 * year, noNaN: true }),
  volatility: fc.double({ min: 0, max: 5, noNaN: true }),
  discount: fc.double({ min: 0, max: 1.5, noNaN: true }),
})

describe('price', () => {
  test('worked example: at the money, 20 % over a year', () => {
    // 100·(2·Φ(0.1) − 1), and Φ(0.1) = 0.5398278372770290
    expect(Option.price(call)).toBeCloseTo(7.965_567_455_405_8, 10)
    expect(Option.price(put)).toBeCloseTo(7.965_567_455_405_8, 10)
    expect(Option.price({ ...call, discount: 0.5 })).toBeCloseTo(3.982_783_727_702_9, 10)
  })

  test('worked example: a quarter of a year at 80 % has the deviation of a year at 40 %', () => {
    const near = { ...call, strike: 130, seconds: year / 4, volatility: 0.8 }
    expect(Option.price(near)).toBeCloseTo(Option.price({ ...near, seconds: year, volatility: 0.4 }), 12)
  })

  test('edge: no time, no volatility, no strike, no forward', () => {
    expect(Option.price({ ...call, seconds: 0, strike: 80, discount: 0.5 })).toBe(10)
    expect(Option.price({ ...put, volatility: 0, strike: 130 })).toBe(30)
    expect(Option.price({ ...put, volatility: 0, strike: 80 })).toBe(0)
    expect([Option.price({ ...call, strike: 0 }), Option.price({ ...put, strike: 0 })]).toEqual([100, 0])
    expect([Option.price({ ...call, forward: 0 }), Option.price({ ...put, forward: 0 })]).toEqual([0, 100])
    expect(Option.price({ ...call, forward: 0, strike: 0 })).toBe(0)
  })

  test('edge: at a strike and a forward of 1', () => {
    expect(Option.price({ ...call, strike: 1, forward: 1 })).toBeCloseTo(0.079_655_674_554_058, 12)
  })

  test('edge: as volatility goes to 0 and beyond all bounds', () => {
    expect(Option.price({ ...call, strike: 90, volatility: 1e-300 })).toBeCloseTo(10, 12)
    expect(Option.price({ ...call, volatility: 1e6 })).toBe(100)
    expect(Option.price({ ...put, volatility: 1e6 })).toBe(100)
    expect(Option.price({ ...call, strike: 1e9, volatility: 0.1 })).toBe(0)
  })

  test('dimension: prices × k', () => {
    expect(Option.price({ ...call, strike: 4 * 130, forward: 400 })).toBeCloseTo(4 * Option.price({ ...call, strike: 130 }), 10)
  })

  test('property: C − P = D·(F − K)', () => {
    fc.assert(
      fc.property(options, (option) => {
        const difference = Option.price({ ...option, kind: 'call' }) - Option.price({ ...option, kind: 'put' })
        const { discount, forward, strike } = option
        expect(Math.abs(difference - discount * (forward - strike))).toBeLessThanOrEqual(1e-14 * (forward + strike + 1) * (discount + 1))
      }),
      { numRuns },
    )
  })

  test('property: between what it pays at the forward and what it can pay at most; more with volatility', () => {
    fc.assert(
      fc.property(options, fc.double({ min: 0, max: 1, noNaN: true }), (option, more) => {
        const { kind, discount, forward, strike, volatility } = option
        const price = Option.price(option)
        const slack = 1e-14 * (forward + strike + 1) * (discount + 1)
        expect(price).toBeGreaterThanOrEqual(discount * Option.payoff(option, forward) - slack)
        expect(price).toBeLessThanOrEqual(discount * (kind === 'call' ? forward : strike) + slack)
        expect(Option.price({ ...option, volatility: volatility + more })).toBeGreaterThanOrEqual(price - slack)
      }),
      { numRuns },
    )
  })

  test.each(['strike', 'forward', 'seconds', 'volatility', 'discount'] as const)(
    'error: %s is negative, infinite or no number',
    (field) => {
      for (const value of [-1, Number.POSITIVE_INFINITY, Number.NaN])
        expect(() => Option.price({ ...call, [field]: value })).toThrow(
          expect.objectContaining({ name: 'Option.InvalidOptionError', field, value }),
        )
    },
  )

  test('error: a kind of neither', () => {
    expect(() => Option.price({ ...call, kind: 'straddle' as 'call' })).toThrow(Option.InvalidOptionError)
  })
})

describe('payoff', () => {
  test('worked example: in, at and out of the money', () => {
    expect([90, 100, 130].map((price) => Option.payoff(call, price))).toEqual([0, 0, 30])
    expect([90, 100, 130].map((price) => Option.payoff(put, price))).toEqual([10, 0, 0])
  })
})
