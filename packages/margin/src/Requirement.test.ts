import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Damper from './Damper.ts'
import type { Inputs } from './Inputs.ts'
import * as Requirement from './Requirement.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Worked from './testing/worked.ts'

const runs = (usual: number) => Number(process.env['PLIMSOLL_RUNS'] ?? usual)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const of = (inputs: Inputs) => Requirement.of(inputs, Damper.apply(inputs.damper, inputs.forecast, inputs.asOf, inputs.params))
const worked = of(Worked.inputs)
const { long, short } = worked

describe('initial', () => {
  const column = (notional: bigint) => Requirement.stages.map((stage) => Requirement.initial(long, notional, stage))

  test('worked example: the stages at 120 000 and at 100 000', () => {
    expect(column(usd(120_000))).toEqual([60_000, 80_000, 100_000, 75_000, 95_000, 95_000])
    expect(column(usd(100_000))).toEqual([60_000, 80_000, 80_000, 60_000, 80_000, 80_000])
  })

  test('edge: the brake begins one unit beyond its step, and the last step reaches on', () => {
    expect(Requirement.initial(long, usd(100_000) + 1n, 'brake')).toBe(100_000)
    expect(Requirement.initial(long, usd(900_000), 'brake')).toBe(100_000)
  })

  test('edge: above what is proven the discount thins out', () => {
    const above = (notional: number) => Requirement.initial({ ...long, brake: [] }, usd(notional), 'reputation')
    expect([above(120_000), above(240_000), above(1_200_000)]).toEqual([60_000, 70_000, 78_000])
    expect(Requirement.initial({ ...long, provenCap: 0n }, 0n, 'reputation')).toBe(80_000)
  })

  test('edge: one ppm of discount, and none, to the last ppm of a high rate', () => {
    const dear = { ...long, initial: { kind: 'flat' as const, ppm: 10_000_000 }, brake: [] }
    const at = (change: Partial<Requirement.Terms>) => Requirement.initial({ ...dear, ...change }, usd(120_000), 'reputation')
    expect(at({})).toBe(7_500_000)
    expect(at({ discountPpm: 1 })).toBe(9_999_990)
    expect(at({ discountPpm: 0 })).toBe(10_000_000)
    expect(at({ provenCap: 0n })).toBe(10_000_000)
  })

  test('rounding: up after each product', () => {
    const terms = {
      ...long,
      initial: { kind: 'flat' as const, ppm: 3 },
      liquidity: { kind: 'flat' as const, ppm: 0 },
      closeOutPpm: 0,
      discountPpm: 500_000,
    }
    expect(Requirement.initial({ ...terms, brake: [{ upToNotional: 1n, ppm: 1 }] }, 1n, 'brake')).toBe(4)
    // 1 · 1.000 001, whose rest is the least there is.
    expect(Requirement.initial({ ...terms, initial: { kind: 'flat', ppm: 1 }, brake: [{ upToNotional: 1n, ppm: 1 }] }, 1n, 'brake')).toBe(2)
    expect(Requirement.initial({ ...terms, brake: [] }, 1n, 'reputation')).toBe(2)
    // 1 − 0.5 · 120 000 / 120 000.000…1 keeps one ppm more.
    expect(Requirement.initial({ ...long, discountPpm: 500_000, brake: [] }, usd(120_000) + 1n, 'reputation')).toBe(40_001)
  })

  test('bounds: each takes its turn', () => {
    const terms = { ...long, wrongWayPpm: 0, discountPpm: 0, brake: [] }
    const im = (change: Partial<Requirement.Terms>) => Requirement.initial({ ...terms, ...change }, 1n, 'bounds')
    expect(im({})).toBe(80_000)
    expect(im({ floorPpm: 90_000 })).toBe(90_000)
    expect(im({ liquidationPpm: 90_000 })).toBe(90_000)
    expect(im({ maintenanceQuantilePpm: 80_000 })).toBe(100_000)
    expect(im({ closeOutPpm: 2_000_000 })).toBe(1_000_000)
    expect(im({ closeOutPpm: 2_000_000, capPpm: short.capPpm })).toBe(2_010_000)
  })

  test('property: non-decreasing in notional at every stage and on both sides, above 0, and exact in a float64', () => {
    fc.assert(
      fc.property(
        Arbitrary.inputs,
        Arbitrary.usd,
        Arbitrary.usd,
        fc.constantFrom(...Requirement.stages),
        (inputs, notional, more, stage) => {
          for (const terms of Object.values(of(inputs))) {
            const rate = Requirement.initial(terms, notional, stage)
            expect(Number.isSafeInteger(rate) && rate > 0 && rate < 2 ** 32).toBe(true)
            expect(Requirement.initial(terms, notional + more, stage)).toBeGreaterThanOrEqual(rate)
          }
        },
      ),
      { numRuns: runs(500) },
    )
  })

  test('property: at least (1 + β) times maintenance margin, also when a forecast is as bad as it can be', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, Arbitrary.usd, fc.boolean(), (inputs, notional, worst) => {
        const all = { longPpm: 1_000_000, shortPpm: 10_000_000 }
        const forecast = worst ? { ...inputs.forecast, closeOut: all, throughTheCycle: all } : inputs.forecast
        for (const terms of Object.values(of({ ...inputs, forecast, damper: null }))) {
          const mm = Requirement.maintenance(terms, notional)
          const im = Requirement.initial(terms, notional, 'bounds')
          expect(mm).toBeGreaterThan(0)
          expect(im * 1_000_000).toBeGreaterThanOrEqual(mm * (1_000_000 + inputs.params.betaPpm))
          expect(im).toBeLessThanOrEqual(terms.capPpm)
        }
      }),
      { numRuns: runs(500) },
    )
  })
})

describe('maintenance', () => {
  test('worked example: the greater of schedule and quantile with cost, the same for everybody', () => {
    expect(Requirement.maintenance(long, usd(1))).toBe(50_000)
    expect(Requirement.maintenance({ ...long, maintenanceQuantilePpm: 29_999 }, usd(1))).toBe(30_000)
    expect(Requirement.maintenance({ ...long, maintenanceQuantilePpm: 990_000 }, usd(1))).toBe(800_000)
    expect(Requirement.maintenance({ ...short, maintenanceQuantilePpm: 990_000 }, usd(1))).toBe(990_000)
    const other = of({
      ...Worked.inputs,
      grant: { ...Worked.inputs.grant, imDiscountPpm: 0 },
      brake: { ...Worked.inputs.brake, status: 'unavailable' },
    })
    expect(Requirement.maintenance(other.long, usd(1))).toBe(50_000)
  })
})

describe('byDefault', () => {
  test('worked example: the schedule, its buffer above maintenance, its floor', () => {
    const rate = (inputs: Inputs) => Requirement.worst(Requirement.byDefault(inputs), usd(1), 'bounds')
    const { market, params } = Worked.inputs
    expect(rate(Worked.inputs)).toBe(60_000)
    expect(rate({ ...Worked.inputs, market: { ...market, maintenance: { kind: 'flat', ppm: 60_000 } } })).toBe(75_000)
    expect(rate({ ...Worked.inputs, params: { ...params, floorPpm: 70_000 } })).toBe(70_000)
  })

  test('worked example: no forecast, no grant, no brake', () => {
    expect(Requirement.byDefault(Worked.inputs).long).toMatchObject({
      liquidity: { kind: 'flat', ppm: 0 },
      closeOutPpm: 0,
      liquidationPpm: 0,
      maintenanceQuantilePpm: 0,
      brake: [],
      discountPpm: 0,
      provenCap: 0n,
      wrongWayPpm: 0,
    })
  })

  test('worked example: each side has its own open interest and its own cap', () => {
    const market = { ...Worked.inputs.market, openInterest: { long: usd(1), short: usd(2) } }
    expect(Requirement.byDefault({ ...Worked.inputs, market })).toMatchObject({
      long: { side: 'long', state: { openInterest: usd(1) }, capPpm: 1_000_000, maintenanceCapPpm: 800_000 },
      short: { side: 'short', state: { openInterest: usd(2) }, capPpm: Number.POSITIVE_INFINITY },
    })
  })

  test('property: never above base terms', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, Arbitrary.usd, (inputs, notional) => {
        const base = of({ ...inputs, grant: { ...inputs.grant, imDiscountPpm: 0 } })
        const fixed = Requirement.byDefault(inputs)
        expect(Requirement.worst(fixed, notional, 'bounds')).toBeLessThanOrEqual(Requirement.worst(base, notional, 'bounds'))
      }),
      { numRuns: runs(500) },
    )
  })
})

describe('discount', () => {
  const { grant, asOf, brake } = Worked.inputs
  test('worked example', () => {
    expect(Requirement.discount(Worked.inputs)).toBe(250_000)
  })
  test('bounded by the tier, nothing for the unknown', () => {
    expect(Requirement.discount({ ...Worked.inputs, grant: { ...grant, imDiscountPpm: 900_000 } })).toBe(300_000)
    expect(Requirement.discount({ ...Worked.inputs, grant: { ...grant, tier: 1 } })).toBe(100_000)
    expect(Requirement.discount({ ...Worked.inputs, grant: { ...grant, tier: 0 } })).toBe(0)
  })
  test('edge: it ends after its last second, and with the book', () => {
    expect(Requirement.discount({ ...Worked.inputs, grant: { ...grant, validUntil: asOf } })).toBe(250_000)
    expect(Requirement.discount({ ...Worked.inputs, grant: { ...grant, validUntil: asOf - 1 } })).toBe(0)
    expect(Requirement.discount({ ...Worked.inputs, brake: { ...brake, status: 'unavailable' } })).toBe(0)
  })
})

describe('value', () => {
  test('rounding: up', () => {
    expect(Requirement.value(50_000, 20n)).toBe(1n)
    expect(Requirement.value(50_000, 21n)).toBe(2n)
    expect(Requirement.value(50_000, 0n)).toBe(0n)
  })
})

describe('capacity', () => {
  test('worked example', () => {
    expect(Requirement.capacity(() => 50_000, usd(5), usd(1_000))).toBe(usd(100))
    expect(Requirement.capacity(() => 50_000, usd(5), usd(99))).toBe(usd(99))
  })

  test('edge: nothing, less than nothing, a cap of nothing, a rate that jumps', () => {
    expect(Requirement.capacity(() => 50_000, 0n, usd(1))).toBe(0n)
    expect(Requirement.capacity(() => 50_000, -1n, usd(1))).toBe(0n)
    expect(Requirement.capacity(() => 50_000, 1n, 0n)).toBe(0n)
    expect(Requirement.capacity((n) => (n <= 7n ? 1 : 1_000_000_000), 1n, usd(1))).toBe(7n)
    expect(Requirement.capacity((n) => (n <= 1n ? 1 : 1_000_000_000), 1n, usd(1))).toBe(1n)
  })

  test('edge: the rate of nothing is never asked for', () => {
    const above = (n: bigint) => (n < 1n ? 0 : n <= 7n ? 1 : 1_000_000_000)
    const found = [0n, 1n, 2n].map((equity) => Requirement.capacity(above, equity, usd(1)))
    expect(found).toEqual([0n, 7n, 7n])
    expect(Requirement.capacity(above, 1n, 0n)).toBe(0n)
    expect(Requirement.capacity((n) => (n < 1n ? 0 : 1_000_000 * Number(n)), 1n, usd(1))).toBe(1n)
  })

  test('property: what a plain count finds', () => {
    const rates = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(rates, fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 60n }), (list, equity, cap) => {
        const rising = list.sort((a, b) => a - b)
        const rate = (n: bigint) => rising[Math.min(Number(n), rising.length - 1)] ?? 1
        let counted = 0n
        for (let n = 1n; n <= cap; n++) if (Requirement.value(rate(n), n) <= equity) counted = n
        expect(Requirement.capacity(rate, equity, cap)).toBe(counted)
      }),
      { numRuns: runs(2000) },
    )
  })

  test('property: the largest, on real curves and large figures', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, Arbitrary.usd, (inputs, equity) => {
        const terms = of(inputs)
        const rate = (n: bigint) => Requirement.worst(terms, n, 'bounds')
        const most = Requirement.capacity(rate, equity, 1n << 128n)
        expect(Requirement.value(rate(most), most) <= equity).toBe(true)
        expect(Requirement.value(rate(most + 1n), most + 1n) > equity).toBe(true)
      }),
      { numRuns: runs(500) },
    )
  })

  test('few questions: a bracket that shrinks from both ends', () => {
    const questions = (rate: (n: bigint) => number, equity: bigint) => {
      const asked: bigint[] = []
      const noting = (n: bigint) => {
        asked.push(n)
        return rate(n)
      }
      Requirement.capacity(noting, equity, 1n << 128n)
      return asked
    }
    const terms = of(Worked.inputs)
    expect(questions((n) => Requirement.worst(terms, n, 'bounds'), usd(12_000)).length).toBeLessThan(60)
    // A level rate is known from the first unit and the last; a staircase by halves, from both ends.
    expect(questions(() => 50_000, usd(12_000)).length).toBe(2)
    expect(questions((n) => 1 + Number(n / 1_000n), 1_000n).length).toBeLessThanOrEqual(41)
    // A rate that affords 11 up to 3 and nothing beyond: 10 are left, 5 is too much, 3 are left, 2 is not, and 3 is the most.
    expect(questions((n) => (n <= 3n ? 90_909 : 10 ** 9), 1n)).toEqual([1n, 11n, 1n, 5n, 4n, 1n, 2n, 3n])
    // 10 affords 9: both ends meet there.
    expect(questions((n) => (n < 10n ? 100_000 : 111_111), 1n)).toEqual([1n, 10n, 10n])
  })
})
