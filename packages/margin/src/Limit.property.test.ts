import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Inputs from './Inputs.ts'
import * as Limit from './Limit.ts'
import * as Requirement from './Requirement.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Worse from './testing/worse.ts'

/** How often a property is tried; the deep suite sets `PLIMSOLL_RUNS`. */
const runs = (usual: number) => Number(process.env['PLIMSOLL_RUNS'] ?? usual)
const codes = (limit: Limit.Limit) => limit.bounds.map(({ code }) => code)

/** E, written out again. */
function equityOf({ ledger }: Inputs.Inputs, total: bigint): bigint {
  const free = total > ledger.otherEncumbrance ? total - ledger.otherEncumbrance : 0n
  return free + ledger.venueCollateral - ledger.unrealisedLoss - ledger.fees - ledger.otherRequirement
}

describe('of', () => {
  describe('property', () => {
    const check = (holds: (inputs: Inputs.Inputs) => void) => {
      fc.assert(
        fc.property(Arbitrary.inputs, (inputs) => {
          holds(inputs)
        }),
        { numRuns: runs(500) },
      )
    }

    test('the limit is covered and within every cap, and one unit more is not', () => {
      check((inputs) => {
        const limit = Limit.of(inputs)
        const { notional, imPpm } = limit
        const equity = equityOf(inputs, limit.credit.total)
        if (notional > 0n) expect(BigInt(imPpm) * notional <= equity * 1_000_000n).toBe(true)
        const terms = Requirement.of(inputs, limit.damper)
        const dear = Requirement.value(Requirement.worst(terms, notional + 1n, 'bounds'), notional + 1n) > equity
        const capped = limit.bounds.some((bound) => bound.notional === notional)
        if (inputs.asOf - inputs.forecast.asOf <= inputs.params.maxForecastAgeSeconds) expect(dear || capped).toBe(true)
        for (const cap of [inputs.grant.tierCap, inputs.growth.ceiling, inputs.market.caps.participant]) expect(notional <= cap).toBe(true)
      })
    })

    test('IM ≥ (1 + β)·MM > 0, and a long never above its cap', () => {
      check((inputs) => {
        const { imPpm, mmPpm } = Limit.of(inputs)
        expect(mmPpm).toBeGreaterThan(0)
        expect(imPpm * 1_000_000).toBeGreaterThanOrEqual(mmPpm * (1_000_000 + inputs.params.betaPpm))
      })
    })

    test('both columns of the reasons sum to the result', () => {
      check((inputs) => {
        const { reasons, imPpm, notional } = Limit.of(inputs)
        expect(reasons.map(({ factor }) => factor)).toEqual(['schedule', 'volatility', 'brake', 'reputation', 'wrongWay', 'bounds'])
        expect(reasons.reduce((sum, reason) => sum + reason.imPpm, 0)).toBe(imPpm)
        expect(reasons.reduce((sum, reason) => sum + reason.notional, 0n)).toBe(notional)
      })
    })

    test('what is granted passes the admission rule of the venue with the smallest credit; what is not was too much', () => {
      check((inputs) => {
        const { granted, notional, credit } = Limit.of(inputs)
        const { ledger, request } = inputs
        if (request.notional === null) return expect(granted).toBe(null)
        const cut = request.notional <= ledger.position.notional
        if (granted?.status !== 'granted') return expect(!cut && request.notional > notional).toBe(true)

        expect(granted.maxNotional).toBe(request.notional)
        expect(granted.credit >= ledger.certificateCredit).toBe(true)
        const passes = (credit: bigint) =>
          Requirement.value(granted.imPpm, granted.maxNotional) + ledger.otherRequirement <=
          credit + ledger.venueCollateral - ledger.unrealisedLoss - ledger.fees
        if (!cut) expect(passes(granted.credit) && request.notional <= notional).toBe(true)
        if (granted.credit > ledger.certificateCredit) expect(granted.credit <= credit.free && !passes(granted.credit - 1n)).toBe(true)
      })
    })

    test.each(Worse.ways)('worse inputs never raise a limit: $name', ({ worsen }) => {
      fc.assert(
        fc.property(Arbitrary.inputs, fc.nat({ max: 999_999 }), fc.nat(), (inputs, much, which) => {
          const worse = worsen(inputs, much, which)
          expect(Limit.of(worse).notional <= Limit.of(inputs).notional).toBe(true)
        }),
        { numRuns: runs(100) },
      )
    })

    test('another lot never lowers a limit', () => {
      check((inputs) => {
        const [lot, ...others] = inputs.view.lots
        if (lot) expect(Limit.of({ ...inputs, view: { ...inputs.view, lots: others } }).notional <= Limit.of(inputs).notional).toBe(true)
      })
    })

    test('the order of the lots changes nothing', () => {
      check((inputs) => {
        expect(Limit.of({ ...inputs, view: { ...inputs.view, lots: inputs.view.lots.toReversed() } })).toEqual(Limit.of(inputs))
      })
    })

    test('an unreadable book gives nothing: never more than one that was read', () => {
      check((inputs) => {
        expect(Limit.of({ ...inputs, brake: { ...inputs.brake, status: 'unavailable' } }).notional).toBe(0n)
      })
    })

    test('nobody unknown gets better than base, and nobody gets worse than unknown', () => {
      check((inputs) => {
        const unknown = { ...inputs, grant: { ...inputs.grant, tier: 0 as const } }
        const base = { ...unknown, grant: { ...unknown.grant, imDiscountPpm: 0, provenCap: 0n } }
        expect(Limit.of(unknown).notional).toBe(Limit.of(base).notional)
        expect(Limit.of(inputs).notional >= Limit.of(base).notional).toBe(true)
      })
    })

    test('replay: the canonical text gives the same limit', () => {
      check((inputs) => expect(Limit.of(Inputs.parse(Inputs.canonical(inputs)))).toEqual(Limit.of(inputs)))
    })

    test('dimension: all money × k is the limit × k, up to the units that are rounded down', () => {
      fc.assert(
        fc.property(Arbitrary.inputs, fc.bigInt({ min: 2n, max: 1_000n }), (inputs, k) => {
          const scaled = Limit.of(Worse.scale(inputs, k))
          const exact = Limit.of(inputs)
          // Each lot and each asset rounds down by less than a unit: credit of k-fold prices may be k of these units more.
          const units = BigInt(2 * inputs.view.lots.length)
          const lifted = Limit.of({ ...inputs, ledger: { ...inputs.ledger, venueCollateral: inputs.ledger.venueCollateral + units } })
          expect(scaled.protocolDefault.notional >= k * exact.protocolDefault.notional).toBe(true)
          expect(scaled.notional <= k * (lifted.notional + 1n) || codes(exact).includes('MARGIN_CALL')).toBe(true)
          expect(scaled.notional >= k * exact.notional).toBe(true)
        }),
        { numRuns: runs(200) },
      )
    })
  })
})
