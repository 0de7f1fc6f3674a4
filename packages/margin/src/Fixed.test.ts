import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

const rounding = fc.constantFrom<Fixed.Directed>('up', 'down')
const wide = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })

describe('mulDiv', () => {
  test('worked example', () => {
    expect(Fixed.mulDiv(7n, 3n, 2n, 'down')).toBe(10n)
    expect(Fixed.mulDiv(7n, 3n, 2n, 'up')).toBe(11n)
  })

  test('rounding: up is towards +∞ and down towards −∞, for every combination of signs', () => {
    for (const [a, d] of [
      [10n, 3n],
      [-10n, -3n],
    ] as const) {
      expect(Fixed.mulDiv(a, 1n, d, 'down')).toBe(3n)
      expect(Fixed.mulDiv(a, 1n, d, 'up')).toBe(4n)
      expect(Fixed.mulDiv(-a, 1n, d, 'down')).toBe(-4n)
      expect(Fixed.mulDiv(-a, 1n, d, 'up')).toBe(-3n)
    }
  })

  test('edge: an exact quotient is not moved', () => {
    expect(Fixed.mulDiv(-6n, 1n, 3n, 'down')).toBe(-2n)
    expect(Fixed.mulDiv(6n, 1n, 3n, 'up')).toBe(2n)
  })

  test('property: the nearest integer on the asked side', () => {
    fc.assert(
      fc.property(
        wide,
        wide,
        wide.filter((d) => d !== 0n),
        (a, b, d) => {
          const down = Fixed.mulDiv(a, b, d, 'down')
          const up = Fixed.mulDiv(a, b, d, 'up')
          const size = d < 0n ? -d : d
          const exact = d < 0n ? -a * b : a * b
          expect(down * size <= exact && exact < (down + 1n) * size).toBe(true)
          expect((up - 1n) * size < exact && exact <= up * size).toBe(true)
        },
      ),
      { numRuns },
    )
  })

  test('error: division by zero', () => {
    expect(() => Fixed.mulDiv(1n, 1n, 0n, 'up')).toThrow(Fixed.DivisionByZeroError)
    expect(() => Fixed.ratio(1n, 0n, 'zero')).toThrow(Fixed.DivisionByZeroError)
  })
})

describe('ratio', () => {
  const of = (a: bigint, d: bigint) => (['up', 'down', 'zero', 'nearest'] as const).map((side) => Fixed.ratio(a, d, side))

  test('worked example: the four sides, below, at and above a half, for every combination of signs', () => {
    expect(of(7n, 2n)).toEqual([4n, 3n, 3n, 4n])
    expect(of(-7n, 2n)).toEqual([-3n, -4n, -3n, -4n])
    expect(of(7n, -2n)).toEqual([-3n, -4n, -3n, -4n])
    expect(of(-7n, -2n)).toEqual([4n, 3n, 3n, 4n])
    expect(of(10n, 3n)).toEqual([4n, 3n, 3n, 3n])
    expect(of(-10n, 3n)).toEqual([-3n, -4n, -3n, -3n])
    expect(of(11n, 3n)).toEqual([4n, 3n, 3n, 4n])
    expect(of(-11n, 3n)).toEqual([-3n, -4n, -3n, -4n])
    expect(of(-6n, 3n)).toEqual([-2n, -2n, -2n, -2n])
  })

  test('property: a divisor and its negative give negatives, where no side is favoured', () => {
    fc.assert(
      fc.property(
        wide,
        wide.filter((d) => d !== 0n),
        (a, d) => {
          for (const side of ['zero', 'nearest'] as const) expect(Fixed.ratio(a, -d, side)).toBe(-Fixed.ratio(a, d, side))
          const near = Fixed.ratio(a, d, 'nearest')
          expect(2n * Fixed.abs(a - near * d)).toBeLessThanOrEqual(Fixed.abs(d))
        },
      ),
      { numRuns },
    )
  })
})

describe('abs', () => {
  test('worked example', () => expect([-3n, 0n, 3n].map(Fixed.abs)).toEqual([3n, 0n, 3n]))
})

describe('told', () => {
  test('worked example: far from an integer a float tells', () => {
    expect(['up', 'down', 'zero', 'nearest'].map((side) => Fixed.told(7.25, side as Fixed.Rounding))).toEqual([8n, 7n, 7n, 7n])
    expect(Fixed.told(7.75, 'nearest')).toBe(8n)
  })

  test('edge: at an integer, near one, at a half, beyond its reach or no number, it does not', () => {
    for (const float of [0, 7, 7 + 2 ** -46, 7 - 2 ** -46, 2 ** 46 + 0.5, Number.NaN, Number.POSITIVE_INFINITY, -0.5])
      expect(Fixed.told(float, 'up')).toBeNull()
    expect(Fixed.told(7.5, 'nearest')).toBeNull()
    expect(Fixed.told(7.5, 'down')).toBe(7n)
    expect(Fixed.told(7 + 2 ** -44, 'up')).toBe(8n)
    expect(Fixed.told(7 - 2 ** -44, 'down')).toBe(6n)
    expect(Fixed.told(2 ** 46 - 0.5, 'down')).toBe(2n ** 46n - 1n)
    expect(Fixed.told(2 ** 46, 'nearest')).toBeNull()
  })

  test('edge: between 0 and 1 it tells, and at 0 what is nearest', () => {
    expect([Fixed.told(0.25, 'up'), Fixed.told(0.25, 'down'), Fixed.told(0, 'nearest')]).toEqual([1n, 0n, 0n])
  })

  test('edge: within 2⁻⁴⁸ of the figure and 1 it does not, at it it does', () => {
    expect(Fixed.told(2 ** -48, 'up')).toBeNull()
    // (1 + 2⁻⁴⁸) · 2⁻⁴⁸ is the margin.
    expect(Fixed.told(2 ** -48 + 2 ** -96, 'up')).toBe(1n)
    expect(Fixed.told(2 ** -47, 'up')).toBe(1n)
    // 2 − 2⁻⁴⁷ of them below 1.
    expect(Fixed.told(1 - 2 ** -47, 'down')).toBe(0n)
    expect(Fixed.told(1 - 2 ** -47 + 2 ** -53, 'down')).toBeNull()
  })

  test('property: of a quotient of floats it is the quotient of integers, rounded', () => {
    const side = fc.constantFrom<Fixed.Rounding>('up', 'down', 'zero', 'nearest')
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 24n }), side, (a, d, rounding) => {
        const found = Fixed.told(Number(a) / Number(d), rounding)
        if (found !== null) expect(found).toBe(Fixed.ratio(a, d, rounding))
      }),
      { numRuns },
    )
  })
})

describe('root', () => {
  test('worked example', () => {
    expect([0n, 1n, 31n, 32n, 33n].map((value) => Fixed.root(value, 5n, 'down'))).toEqual([0n, 1n, 1n, 2n, 2n])
    expect([0n, 1n, 31n, 32n, 33n].map((value) => Fixed.root(value, 5n, 'up'))).toEqual([0n, 1n, 2n, 2n, 3n])
    expect([Fixed.root(9n, 1n, 'up'), Fixed.root(10n, 2n, 'up')]).toEqual([9n, 4n])
    expect([Fixed.root(2n, 3n, 'down'), Fixed.root(2n, 3n, 'up')]).toEqual([1n, 2n])
  })

  test('property: the nearest integer on the asked side', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 90n }), fc.bigInt({ min: 1n, max: 7n }), rounding, (value, degree, side) => {
        const root = Fixed.root(value, degree, side)
        if (side === 'down') expect(root ** degree <= value && value < (root + 1n) ** degree).toBe(true)
        else expect(value <= root ** degree && (root === 0n || (root - 1n) ** degree < value)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('error: negative, or no degree', () => {
    expect(() => Fixed.root(-1n, 3n, 'down')).toThrow(Fixed.NegativeRootError)
    expect(() => Fixed.root(8n, 0n, 'down')).toThrow(Fixed.NegativeRootError)
  })
})

describe('mul, div', () => {
  test('worked example', () => {
    expect(Fixed.mul(15n * 10n ** 17n, 2n * Fixed.one, 'down')).toBe(3n * Fixed.one)
    expect(Fixed.div(3n * Fixed.one, 2n * Fixed.one, 'down')).toBe(15n * 10n ** 17n)
  })

  test('rounding: one unit apart where the result is not exact', () => {
    expect(Fixed.div(Fixed.one, 3n * Fixed.one, 'up') - Fixed.div(Fixed.one, 3n * Fixed.one, 'down')).toBe(1n)
    expect(Fixed.mul(1n, 1n, 'up')).toBe(1n)
    expect(Fixed.mul(1n, 1n, 'down')).toBe(0n)
  })
})

describe('ofPpm', () => {
  test('worked example', () => {
    expect(Fixed.ofPpm(200n * Fixed.one, 25_000, 'up')).toBe(5n * Fixed.one)
    expect(Fixed.ofPpm(Fixed.one, -1, 'up')).toBe(-(10n ** 12n))
  })

  test('rounding', () => {
    expect(Fixed.ofPpm(1_001n, 100_000, 'up')).toBe(101n)
    expect(Fixed.ofPpm(1_001n, 100_000, 'down')).toBe(100n)
  })

  test('error: not an integer', () => {
    for (const rate of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => Fixed.ofPpm(1n, rate, 'up')).toThrow(Fixed.NotAnIntegerError)
  })
})

describe('parse', () => {
  test('worked example', () => {
    expect(Fixed.parse('12.5')).toBe(12_500_000_000_000_000_000n)
    expect(Fixed.parse('-0.000000000000000001')).toBe(-1n)
    expect(Fixed.parse('0')).toBe(0n)
    expect(Fixed.parse('1.50')).toBe(15n * 10n ** 17n)
  })

  test('edge: the longest whole part', () => {
    expect(Fixed.parse('9'.repeat(59))).toBe(BigInt('9'.repeat(59)) * Fixed.one)
  })

  test('property: reads back what format writes', () => {
    fc.assert(
      fc.property(wide, (value) => {
        expect(Fixed.parse(Fixed.format(value, { decimals: 18 }))).toBe(value)
      }),
      { numRuns },
    )
  })

  test.each([
    ['19 decimals', '0.0000000000000000001'],
    ['hex', '0x10'],
    ['empty', ''],
    ['blank', ' '],
    ['leading blank', ' 1'],
    ['trailing newline', '1\n'],
    ['exponent', '1e3'],
    ['plus', '+1'],
    ['minus zero', '-0'],
    ['leading zero', '01'],
    ['no whole part', '.5'],
    ['no fraction', '1.'],
    ['separators', '1,000'],
    ['underscore', '1_000'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['60 digits', '1'.repeat(60)],
    ['80 digits', '1'.repeat(80)],
    ['another script', '١'],
    ['true', true],
    ['a number', 1.5],
    ['null', null],
    ['undefined', undefined],
    ['a bigint', 1n],
  ])('error: %s', (_, value) => {
    expect(() => Fixed.parse(value as string)).toThrow(Fixed.ParseError)
  })
})

describe('format', () => {
  test('worked example', () => {
    expect(Fixed.format(1_234_567_890_000_000_000_000n, { decimals: 2 })).toBe('1234.56')
    expect(Fixed.format(5n * 10n ** 16n, { decimals: 2 })).toBe('0.05')
  })

  test('rounding: cut towards 0, and nothing left has no sign', () => {
    expect(Fixed.format(1_999n * 10n ** 15n, { decimals: 2 })).toBe('1.99')
    expect(Fixed.format(-1_999n * 10n ** 15n, { decimals: 2 })).toBe('-1.99')
    expect(Fixed.format(-1_999n * 10n ** 15n, { decimals: 0 })).toBe('-1')
    expect(Fixed.format(-1n, { decimals: 2 })).toBe('0.00')
  })

  test('error: decimals out of range', () => {
    for (const decimals of [-1, 19, 1.5, Number.NaN]) expect(() => Fixed.format(1n, { decimals })).toThrow(Fixed.DecimalsError)
  })
})

describe('sqrt', () => {
  test('worked example', () => {
    expect(Fixed.sqrt(2n * Fixed.one * Fixed.one, 'down')).toBe(1_414_213_562_373_095_048n)
  })

  test('edge: 0 to 4, perfect squares, and a value no float holds', () => {
    expect([0n, 1n, 2n, 3n, 4n].map((value) => Fixed.sqrt(value, 'down'))).toEqual([0n, 1n, 1n, 1n, 2n])
    expect([0n, 1n, 2n, 3n, 4n].map((value) => Fixed.sqrt(value, 'up'))).toEqual([0n, 1n, 2n, 2n, 2n])
    expect(Fixed.sqrt(10n ** 400n, 'up')).toBe(10n ** 200n)
  })

  test('edge: about the squares below and above 2^52, where a float is not asked any more', () => {
    for (const root of [2n ** 26n - 1n, 2n ** 26n, 2n ** 26n + 1n, 94_906_265n, 94_906_266n])
      for (const off of [-1n, 0n, 1n]) {
        const value = root * root + off
        expect(Fixed.sqrt(value, 'down')).toBe(off < 0n ? root - 1n : root)
        expect(Fixed.sqrt(value, 'up')).toBe(off > 0n ? root + 1n : root)
      }
  })

  test('property: the nearest integer on the asked side', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 53n }), fc.bigInt({ min: 0n, max: 10n ** 90n })), rounding, (value, side) => {
        const root = Fixed.sqrt(value, side)
        if (side === 'down') expect(root * root <= value && value < (root + 1n) * (root + 1n)).toBe(true)
        else expect(value <= root * root && (root === 0n || (root - 1n) * (root - 1n) < value)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('error: negative', () => {
    expect(() => Fixed.sqrt(-1n, 'down')).toThrow(Fixed.NegativeRootError)
  })
})

describe('toPpm', () => {
  test('worked example: the integer itself, of either sign', () => {
    expect([Fixed.toPpm(0), Fixed.toPpm(-250_000), Fixed.toPpm(Number.MAX_SAFE_INTEGER)]).toEqual([0n, -250_000n, 9_007_199_254_740_991n])
  })

  test('error: not an integer', () => {
    for (const rate of [0.5, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53])
      expect(() => Fixed.toPpm(rate)).toThrow(expect.objectContaining({ name: 'Fixed.NotAnIntegerError', value: rate }))
  })
})

describe('apportion', () => {
  test('worked example: rounded one by one these would show 10 − 3 − 3 = 3', () => {
    expect(Fixed.apportion([105n, -28n, -28n], 10n)).toEqual([100n, -30n, -30n])
  })

  test('property: whole units that add up to the total rounded down, each less than a unit from its change', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), { minLength: 1, maxLength: 8 }),
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        (changes, unit) => {
          const shown = Fixed.apportion(changes, unit)
          const total = changes.reduce((sum, change) => sum + change, 0n)
          const sum = shown.reduce((all, change) => all + change, 0n)
          expect(sum <= total && total - sum < unit).toBe(true)
          for (const [i, change] of changes.entries()) {
            const difference = (shown[i] ?? 0n) - change
            expect((shown[i] ?? 1n) % unit).toBe(0n)
            expect(difference < unit && difference > -unit).toBe(true)
          }
        },
      ),
      { numRuns },
    )
  })
})
