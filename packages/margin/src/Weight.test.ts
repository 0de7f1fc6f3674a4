import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const ppm = Fixed.ppm
const up: Weight.Basis = { unit: ppm, rounding: 'up' }
const down: Weight.Basis = { unit: ppm, rounding: 'down' }
const at = (of: Partial<Weight.State>): Weight.State => ({ notional: 0n, size: 0n, openInterest: 0n, total: 0n, asOf: 0, ...of })
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const tiers: Weight.Weight = {
  kind: 'tiers',
  tiers: [
    { upTo: 100n, rate: 50_000n },
    { upTo: 300n, rate: 100_000n },
    { upTo: null, rate: 200_000n },
  ],
}
const rateOf = (weight: Weight.Weight, state: Partial<Weight.State>, basis = up) => Weight.rate(weight, at(state), basis)

describe('rate', () => {
  test('worked example: flat', () => expect(rateOf(flat(7n), { notional: 5n })).toBe(7n))

  test('worked example: tiers are marginal', () => {
    expect(rateOf(tiers, { notional: 0n })).toBe(50_000n)
    expect(rateOf(tiers, { notional: 100n })).toBe(50_000n)
    expect(rateOf(tiers, { notional: 200n })).toBe(75_000n) // (5 + 10) / 200
    expect(rateOf(tiers, { notional: 400n })).toBe(112_500n) // (5 + 20 + 20) / 400
  })

  test('edge: a first tier of nothing', () => {
    const none: Weight.Weight = {
      kind: 'tiers',
      tiers: [
        { upTo: 0n, rate: 5n },
        { upTo: null, rate: 7n },
      ],
    }
    expect([rateOf(none, { notional: 0n }), rateOf(none, { notional: 9n })]).toEqual([5n, 7n])
  })

  test('rounding: tiers', () => {
    expect(rateOf(tiers, { notional: 103n })).toBe(51_457n)
    expect(rateOf(tiers, { notional: 103n }, down)).toBe(51_456n)
  })

  test('worked example: power, a square root and a fifth root', () => {
    const root: Weight.Weight = { kind: 'power', rate: 10n, coefficient: 1_000n, scale: 4n, over: 1n, under: 2n }
    expect(rateOf(root, { notional: 36n })).toBe(3_010n) // 1,000 · √9
    expect(rateOf(root, { notional: 37n })).toBe(3_052n) // 1,000 · √9.25 = 3,041.4
    expect(rateOf(root, { notional: 37n }, down)).toBe(3_051n)
    const fifth: Weight.Weight = { kind: 'power', rate: 0n, coefficient: 3n, scale: 1n, over: 4n, under: 5n }
    expect(rateOf(fifth, { notional: 32n })).toBe(48n) // 3 · 2⁴
    expect(rateOf(fifth, { notional: 33n })).toBe(50n) // 3 · 16.40
    expect(rateOf(fifth, { notional: 33n }, down)).toBe(49n)
  })

  test('worked example: other powers, of 64 over 4', () => {
    const of = (over: bigint, under: bigint) =>
      rateOf({ kind: 'power', rate: 0n, coefficient: 3n, scale: 4n, over, under }, { notional: 64n })
    expect([of(1n, 1n), of(2n, 2n), of(3n, 2n), of(0n, 2n), of(1n, 4n)]).toEqual([48n, 48n, 192n, 3n, 6n])
    expect(of(1n, 3n)).toBe(8n) // 3 · 2.52
  })

  test('worked example: open interest, level below, linear between, whole above', () => {
    const curve: Weight.Weight = { kind: 'openInterest', rate: 200_000n, lower: 100n, upper: 300n }
    const cases: [bigint, bigint, bigint][] = [
      [0n, 100n, 200_000n],
      [50n, 51n, 204_000n],
      [100n, 100n, 600_000n],
      [299n, 0n, 996_000n],
      [200n, 100n, ppm],
      [400n, 0n, ppm],
    ]
    for (const [openInterest, notional, rate] of cases) expect(rateOf(curve, { openInterest, notional })).toBe(rate)
    expect(rateOf({ ...curve, upper: 0n }, { openInterest: 999n })).toBe(200_000n)
  })

  test('rounding: open interest', () => {
    const curve: Weight.Weight = { kind: 'openInterest', rate: 200_000n, lower: 0n, upper: 7n }
    expect(rateOf(curve, { notional: 1n })).toBe(314_286n)
    expect(rateOf(curve, { notional: 1n }, down)).toBe(314_285n)
    expect(rateOf(curve, { notional: 1n }, { unit: ppm, rounding: 'nearest' })).toBe(314_286n)
  })

  test('worked example: skew, rounded at the depth and at the product', () => {
    const curve: Weight.Weight = { kind: 'skew', minimum: 10_000n, coefficient: 2_000_000n, scale: 300n }
    expect(rateOf(curve, { size: 150n })).toBe(1_010_000n)
    expect(rateOf(curve, { size: 1n })).toBe(10_000n + 6_668n)
    expect(rateOf(curve, { size: 1n }, down)).toBe(10_000n + 6_666n)
  })

  test('worked example: premium begins where four fifths and the root pass the rate', () => {
    const curve: Weight.Weight = { kind: 'premium', of: flat(100_001n), factor: 1_000n, scale: 1n }
    // 100,001 − 20,000 = 80,001, and √size · 0.001 in ppm is 1,000 a root.
    expect(rateOf(curve, { size: 400n }, down)).toBe(100_001n)
    expect(rateOf(curve, { size: 401n }, down)).toBe(100_025n)
    expect(rateOf(curve, { size: 10_000n }, down)).toBe(180_001n)
    expect(rateOf(curve, { size: 2n }, down)).toBe(100_001n)
    expect(rateOf({ ...curve, of: flat(0n) }, { size: 2n }, down)).toBe(1_414n) // √2 · 10⁵ = 141,421 cut
    expect(rateOf({ ...curve, of: flat(0n) }, { size: 2n })).toBe(1_415n)
    expect(rateOf({ ...curve, of: flat(50n), factor: 1n }, { size: 0n }, { unit: 100n, rounding: 'nearest' })).toBe(50n)
  })

  test('rounding: 10⁵ · √size in parts of 1e9, of which a tenth is 1 more, cut', () => {
    const root = (size: bigint, scale: bigint) => rateOf({ kind: 'premium', of: flat(0n), factor: 100_000n, scale }, { size }, down)
    // 99,999² = 10 · 999,980,000 + 1.
    expect(root(99_998n, 100_000n)).toBe(99_999n)
    expect(root(1_999_960_001n, 2_000_000_000n)).toBe(99_999n) // 999,980,000.5 parts
    expect(root(1_999_959_999n, 2_000_000_000n)).toBe(99_998n) // 999,979,999.5
    // Beyond what a float tells: 20,000² wholes.
    expect(root(400_000_000n, 1n)).toBe(2_000_000_000n)
  })

  test('edge: asked again with one thing changed, a premium is another', () => {
    const curve: Weight.Weight & { kind: 'premium' } = { kind: 'premium', of: flat(0n), factor: 1_000n, scale: 1n }
    // √2 · 10⁵ = 141,421: 1,414.21 of a million.
    const first = () => rateOf(curve, { size: 2n }, down)
    const again: readonly (readonly [() => bigint, bigint])[] = [
      [() => rateOf(curve, { size: 8n }, down), 2_828n],
      [() => rateOf({ ...curve, scale: 2n }, { size: 2n }, down), 1_000n],
      [() => rateOf({ ...curve, factor: 2_000n }, { size: 2n }, down), 2_828n],
      [() => rateOf(curve, { size: 2n }, { unit: 10n * ppm, rounding: 'down' }), 14_142n],
      [() => rateOf(curve, { size: 2n }, up), 1_415n],
      [() => rateOf({ ...curve, of: flat(1_000n) }, { size: 2n }, down), 2_214n],
    ]
    for (const [other, wanted] of again) expect([first(), other(), first()]).toEqual([1_414n, wanted, 1_414n])
  })

  test('worked example: discount', () => {
    const curve: Weight.Weight = { kind: 'discount', of: flat(900_000n), factor: 100_000n, scale: 1n }
    expect(rateOf(curve, { size: 0n }, down)).toBe(900_000n)
    expect(rateOf(curve, { size: 100n }, down)).toBe(550_000n) // 1.1 / (1 + 0.1 · 10)
    expect(rateOf(curve, { size: 400n }, down)).toBe(366_666n)
    expect(rateOf(curve, { size: 400n })).toBe(366_667n)
  })

  test('worked example: a concession fades as the premium comes to bind', () => {
    const curve: Weight.Weight = { kind: 'concession', of: flat(100_000n), granted: flat(20_000n), factor: 1_000n, scale: 1n }
    const seen = [0n, 1n, 25n, 100n, 399n, 400n, 401n, 2_500n].map((size) => rateOf(curve, { size }, down))
    // Of 80,000 between them: nothing, a twentieth, a quarter, a half, 0.9987; then the lower rate once, and the premium.
    expect(seen).toEqual([20_000n, 24_000n, 40_000n, 60_000n, 99_896n, 20_000n, 100_024n, 130_000n])
    expect(rateOf({ ...curve, factor: 0n }, { size: 100n }, down)).toBe(20_000n)
  })

  test('edge: a concession of nothing still fades by one', () => {
    const curve: Weight.Weight = { kind: 'concession', of: flat(100_000n), granted: flat(100_000n), factor: 1_000n, scale: 1n }
    expect(rateOf(curve, { size: 100n }, down)).toBe(100_000n)
    expect(rateOf(curve, { size: 100n })).toBe(100_001n)
  })

  test('rounding: what has faded is cut, the rest as asked', () => {
    const curve: Weight.Weight = { kind: 'concession', of: flat(35n), granted: flat(10n), factor: 1n, scale: 1n }
    // p = 35 − 7 + 1; 6 of 7 are left of what was granted, 0.857142: 25 · 0.142858.
    expect(rateOf(curve, { size: 1n }, down)).toBe(13n)
    expect(rateOf(curve, { size: 1n })).toBe(14n)
    // 200,000 of the 1,400,000 that the premium begins below: 0.857142 of what was granted are left, and 0.142858 of seven millions.
    const large: Weight.Weight = { ...curve, of: flat(7_000_000n), granted: flat(0n), factor: 100_000n }
    expect(rateOf(large, { size: 4n }, down)).toBe(1_000_006n)
  })

  test('edge: sizes are cut to parts of 1e9, and no factor asks nothing', () => {
    const curve: Weight.Weight = { kind: 'premium', of: flat(0n), factor: 1_000_000n, scale: 10n ** 12n }
    expect(rateOf(curve, { size: 999n }, down)).toBe(rateOf(curve, { size: 0n }, down))
    expect(rateOf(curve, { size: 9_000n }, down)).not.toBe(rateOf(curve, { size: 0n }, down))
    expect(rateOf({ ...curve, of: flat(7n), factor: 0n }, { size: 10n ** 30n })).toBe(7n)
    expect(rateOf({ kind: 'discount', of: flat(1_200_000n), factor: 0n, scale: 1n }, { size: 10n ** 30n })).toBe(1_200_000n)
  })

  test('worked example: a pool shrinks a weight, or grows one, from its start on', () => {
    const shrinks: Weight.Weight = { kind: 'pool', of: flat(900_000n), start: 100n, as: 'shrinks' }
    const grows: Weight.Weight = { ...shrinks, as: 'grows' }
    expect(rateOf(shrinks, { total: 99n })).toBe(900_000n)
    expect(rateOf(shrinks, { total: 100n })).toBe(900_000n)
    expect(rateOf(shrinks, { total: 250n })).toBe(360_000n)
    expect(rateOf(shrinks, { total: 700n }, down)).toBe(128_571n)
    expect(rateOf(shrinks, { total: 700n })).toBe(128_572n)
    expect(rateOf(grows, { total: 99n })).toBe(900_000n)
    expect(rateOf(grows, { total: 250n })).toBe(2_250_000n)
    expect(rateOf({ ...shrinks, start: 0n }, { total: 5n })).toBe(900_000n)
  })

  test('worked example: a ramp, before, during and after', () => {
    const ramp: Weight.Weight = { kind: 'ramp', from: 50n, to: 90n, startAt: 100, endAt: 103 }
    const seen = [99, 100, 101, 102, 103, 104].map((asOf) => rateOf(ramp, { asOf }, down))
    expect(seen).toEqual([50n, 50n, 63n, 76n, 90n, 90n])
    expect(rateOf(ramp, { asOf: 101 })).toBe(64n)
    expect(rateOf({ ...ramp, from: 90n, to: 50n }, { asOf: 101 }, down)).toBe(76n)
    // At once.
    const step: Weight.Weight = { ...ramp, endAt: 100 }
    expect([99, 100].map((asOf) => rateOf(step, { asOf }))).toEqual([50n, 90n])
  })

  test('worked example: weights of weights', () => {
    const [a, b] = [flat(300_000n), flat(500_001n)]
    expect(rateOf({ kind: 'share', of: b, rate: 500_000n }, {})).toBe(250_001n)
    expect(rateOf({ kind: 'scaled', of: b, rate: 500_000n }, {}, down)).toBe(250_000n)
    expect(rateOf({ kind: 'clamp', of: a, lower: 400_000n, upper: 600_000n }, {})).toBe(400_000n)
    expect(rateOf({ kind: 'clamp', of: b, lower: 400_000n, upper: 450_000n }, {})).toBe(450_000n)
    expect(rateOf({ kind: 'complement', of: a }, {})).toBe(700_000n)
    expect(rateOf({ kind: 'max', of: [a, b, a] }, {})).toBe(500_001n)
    expect(rateOf({ kind: 'min', of: [b, a, b] }, {})).toBe(300_000n)
    expect(rateOf({ kind: 'mean', of: [a, b] }, {}, down)).toBe(400_000n)
    expect(rateOf({ kind: 'mean', of: [a, b] }, {})).toBe(400_001n)
  })

  test('error: a curve of nothing has no rate', () => {
    for (const kind of ['max', 'min', 'mean'] as const) expect(() => rateOf({ kind, of: [] }, {})).toThrow(Weight.EmptyCurveError)
    expect(() => rateOf({ kind: 'tiers', tiers: [] }, { notional: 1n })).toThrow(Weight.EmptyCurveError)
  })

  test('property: the curves of a document are weights, to the ppm', () => {
    fc.assert(
      fc.property(Arbitrary.curve(500_000), Arbitrary.usd, Arbitrary.usd, (curve, notional, openInterest) => {
        expect(Number(Weight.rate(Curve.weight(curve), at({ notional, openInterest }), up))).toBe(
          Curve.ppm(curve, notional, { openInterest }),
        )
      }),
      { numRuns },
    )
  })
})

describe('product', () => {
  test('worked example: rate times notional, exact over tiers', () => {
    expect(Weight.product(flat(50_000n), at({ notional: 200n }), up)).toBe(10_000_000n)
    expect(Weight.product(tiers, at({ notional: 103n }), up)).toBe(5_300_000n) // and not 103 · 51,457
    expect(Weight.product({ kind: 'max', of: [tiers] }, at({ notional: 103n }), up)).toBe(103n * 51_457n)
  })
})

describe('requirement', () => {
  const basis = { ...up, requirement: 'up' as const }
  test('worked example: a share of a requirement is rounded after each, a scaled rate once', () => {
    const initial = flat(200_000n)
    const state = at({ notional: 101n })
    expect(Weight.requirement(initial, state, basis)).toBe(21n)
    expect(Weight.requirement({ kind: 'share', of: initial, rate: 500_000n }, state, basis)).toBe(11n)
    expect(Weight.requirement({ kind: 'scaled', of: initial, rate: 500_000n }, at({ notional: 100n }), basis)).toBe(10n)
    expect(Weight.requirement({ kind: 'share', of: initial, rate: 500_000n }, state, { ...basis, requirement: 'down' })).toBe(10n)
    // 99 % of 21, and not of 20.2.
    expect(Weight.requirement({ kind: 'share', of: initial, rate: 990_000n }, state, basis)).toBe(21n)
    expect(Weight.requirement({ kind: 'scaled', of: initial, rate: 990_000n }, state, basis)).toBe(20n)
  })

  test('rounding: over tiers once, from the exact sum', () => {
    expect(Weight.requirement(tiers, at({ notional: 103n }), basis)).toBe(6n) // 5.3
    expect(Weight.requirement(tiers, at({ notional: 103n }), { ...basis, requirement: 'down' })).toBe(5n)
  })

  test('property: non-decreasing in the notional, every curve that documents may hold', () => {
    fc.assert(
      fc.property(Arbitrary.curve(500_000), Arbitrary.usd, Arbitrary.usd, Arbitrary.usd, (curve, notional, more, openInterest) => {
        const weight = Curve.weight(curve)
        const less = Weight.requirement(weight, at({ notional, openInterest }), basis)
        expect(Weight.requirement(weight, at({ notional: notional + more, openInterest }), basis)).toBeGreaterThanOrEqual(less)
      }),
      { numRuns },
    )
  })
})

describe('check', () => {
  const bad = (weight: Weight.Weight) => expect(() => Weight.check(weight)).toThrow(Weight.InvalidWeightError)
  const good = (weight: Weight.Weight) => expect(() => Weight.check(weight)).not.toThrow()
  const steps = (...of: readonly (readonly [bigint | null, bigint])[]): Weight.Weight => ({
    kind: 'tiers',
    tiers: of.map(([upTo, rate]) => ({ upTo, rate })),
  })

  test('edge: tiers rise, and the last one alone is open', () => {
    for (const tiers of [steps([null, 0n]), steps([1n, 5n], [2n, 5n], [null, 6n])]) good(tiers)
    for (const tiers of [
      steps(),
      steps([1n, 5n]),
      steps([null, 5n], [null, 6n]),
      steps([1n, 5n], [null, 4n]),
      steps([2n, 5n], [2n, 6n], [null, 7n]),
      steps([0n, 1n], [null, 1n]),
      steps([null, -1n]),
    ])
      bad(tiers)
  })

  test('edge: each kind at its bounds', () => {
    good(flat(0n))
    bad(flat(-1n))
    const power = { kind: 'power' as const, rate: 0n, coefficient: 0n, scale: 1n, over: 0n, under: 1n }
    good(power)
    for (const off of [{ rate: -1n }, { coefficient: -1n }, { over: -1n }, { scale: 0n }, { under: 0n }]) bad({ ...power, ...off })
    const interest = { kind: 'openInterest' as const, rate: 0n, lower: 5n, upper: 6n }
    good(interest)
    good({ ...interest, upper: 0n })
    for (const off of [{ rate: -1n }, { upper: 5n }]) bad({ ...interest, ...off })
    const skew = { kind: 'skew' as const, minimum: 0n, coefficient: 0n, scale: 1n }
    good(skew)
    for (const off of [{ minimum: -1n }, { coefficient: -1n }, { scale: 0n }]) bad({ ...skew, ...off })
    for (const kind of ['premium', 'discount'] as const) {
      const rooted = { kind, of: flat(1n), factor: 0n, scale: 1n }
      good(rooted)
      for (const off of [{ factor: -1n }, { scale: 0n }, { of: flat(-1n) }]) bad({ ...rooted, ...off })
    }
    const concession = { kind: 'concession' as const, of: flat(1n), granted: flat(1n), factor: 1n, scale: 1n }
    good(concession)
    bad({ ...concession, granted: flat(-1n) })
    const ramp = { kind: 'ramp' as const, from: 0n, to: 0n, startAt: 5, endAt: 5 }
    good(ramp)
    for (const off of [{ from: -1n }, { to: -1n }, { endAt: 4 }, { startAt: Number.NaN }, { endAt: 5.5 }]) bad({ ...ramp, ...off })
    good({ kind: 'clamp', of: flat(1n), lower: 2n, upper: 2n })
    bad({ kind: 'clamp', of: flat(1n), lower: 3n, upper: 2n })
    bad({ kind: 'clamp', of: flat(-1n), lower: 2n, upper: 2n })
    for (const kind of ['share', 'scaled'] as const) {
      good({ kind, of: flat(1n), rate: 0n })
      bad({ kind, of: flat(1n), rate: -1n })
      bad({ kind, of: flat(-1n), rate: 0n })
    }
    good({ kind: 'pool', of: flat(1n), start: 0n, as: 'grows' })
    bad({ kind: 'pool', of: flat(1n), start: -1n, as: 'grows' })
    good({ kind: 'complement', of: flat(1n) })
    bad({ kind: 'complement', of: flat(-1n) })
    for (const kind of ['max', 'min', 'mean'] as const) {
      good({ kind, of: [flat(1n)] })
      bad({ kind, of: [] })
      bad({ kind, of: [flat(1n), flat(-1n)] })
    }
  })

  test('error: tiers that end below the notional say nothing about the rest, and a time that is none is no time', () => {
    expect(() => rateOf(steps([100n, 5n]), { notional: 101n })).toThrow(Weight.InvalidWeightError)
    expect(() => Weight.product(steps([500n, 5n], [100n, 5n]), at({ notional: 700n }), up)).toThrow(Weight.InvalidWeightError)
    expect(() => rateOf({ kind: 'ramp', from: 1n, to: 9n, startAt: 0, endAt: 10 }, { asOf: 0.5 })).toThrow(Fixed.NotAnIntegerError)
    expect(() => rateOf({ kind: 'ramp', from: 1n, to: 9n, startAt: 0, endAt: 10 }, { asOf: Number.NaN })).toThrow(Fixed.NotAnIntegerError)
  })
})
