import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Grant, Model, Pair, Score, TrackRecord } from './index.ts'
import { events, recordEvents, usd } from './testing/events.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const asOf = 400 * day
const pair: Pair.Pair = { initialPpm: 100_000, maintenancePpm: 50_000, sigmaPpm: 600_000, quantilePpm: 8_000, windowSeconds: 600 }
const tierCaps = [usd(1e5), usd(1e6), usd(5e6), usd(2e7)] as const
const terms = { pair, tierCaps, model: Model.first, modelHash: '0x00' as const }
const grantOf = (list: readonly TrackRecord.Event[], more: Partial<Grant.of.Request> = {}) => {
  const record = TrackRecord.of(list, asOf, Model.first)
  return Grant.of({ ...terms, tier: 1, record, score: Score.of(record, Model.first), bond: 0n, elsewhere: [], ...more })
}
/** A month of a good trader: 100,000 USD at risk through an adverse day, a close and 50 USD of fees a day. */
const month = Array.from({ length: 30 }, (_, i) => [
  events.close(`c${i}`, asOf - i * day),
  events.fee(`f${i}`, asOf - i * day, 50, 0),
  events.exposure(`x${i}`, asOf - i * day, 100_000, day, 1),
]).flat()

describe('of', () => {
  test('worked example: a good month at T1 earns the tier’s 10 % on three times what it proved', () => {
    const grant = grantOf(month)
    expect(grant).toMatchObject({
      tier: 1,
      score: 609,
      imDiscountPpm: 100_000,
      provenCap: usd(300_000),
      tierCap: usd(1e6),
      asOf,
      validUntil: asOf + day,
    })
    expect(grant.reasons.slice(-2)).toEqual([
      { code: 'TIER_BOUND', points: 0 },
      { code: 'PROVEN_BOUND', points: 0 },
    ])
    expect(grant.reasons.reduce((sum, reason) => sum + reason.points, 0)).toBe(grant.score)
  })

  test('worked example: at T3 the score binds: (609 − 540) · 4,000 ppm', () => {
    const grant = grantOf(month, { tier: 3 })
    expect(grant.imDiscountPpm).toBe(276_000)
    expect(grant.reasons).toContainEqual({ code: 'SCORE_BOUND', points: 0 })
  })

  test('worked example: where volatility makes the pair pay, the option bound shrinks the reach', () => {
    const wild = { ...pair, sigmaPpm: 3_000_000, windowSeconds: 7_200 }
    const grant = grantOf(month, { pair: wild })
    expect(grant.provenCap).toBeLessThan(usd(300_000))
    expect(grant.reasons.at(-1)).toEqual({ code: 'OPTION_BOUND', points: 0 })
    expect(grantOf(month, { pair: wild, bond: usd(10_000) }).provenCap).toBeGreaterThan(grant.provenCap)
    expect(grantOf(month, { pair: wild, elsewhere: [{ notional: usd(50_000), pair: wild }] }).provenCap).toBeLessThan(grant.provenCap)
    expect(grantOf(month, { pair: wild, elsewhere: [{ notional: usd(1e9), pair: wild }] })).toMatchObject({
      imDiscountPpm: 0,
      provenCap: 0n,
    })
  })

  test('worked example: the freed margin’s carry never exceeds the fees', () => {
    const cheap = month.map((event) => (event.kind === 'fee' ? { ...event, amountUsd: usd(4) } : event))
    const grant = grantOf(cheap, { bond: usd(1e6) })
    expect(grant.reasons.at(-1)?.code).toBe('PROVEN_BOUND')
    const wide = grantOf(cheap, { tier: 3, bond: usd(1e6), pair: { ...pair, initialPpm: 500_000 } })
    expect(wide.reasons.at(-1)).toEqual({ code: 'FEE_BOUND', points: 0 })
  })

  test('worked example: one record pays for all markets together', () => {
    const whole = grantOf(month)
    const rest = grantOf(month, { elsewhere: [{ notional: usd(100_000), pair }] })
    expect(rest.provenCap).toBe(whole.provenCap - usd(100_000))
    expect(grantOf(month, { elsewhere: [{ notional: usd(300_000), pair }] })).toMatchObject({ imDiscountPpm: 0, provenCap: 0n })
    const cheap = month.map((event) => (event.kind === 'fee' ? { ...event, amountUsd: usd(4) } : event))
    const dear = { tier: 3 as const, bond: usd(1e6), pair: { ...pair, initialPpm: 500_000 } }
    const alone = grantOf(cheap, dear)
    const beside = grantOf(cheap, { ...dear, elsewhere: [{ notional: usd(10_000), pair: dear.pair }] })
    expect(beside.reasons.at(-1)).toEqual({ code: 'FEE_BOUND', points: 0 })
    expect(Number(alone.provenCap - beside.provenCap) / 1e18).toBeCloseTo(10_000, 6)
  })

  test('rounding: what is spent elsewhere rounds up, the reach down', () => {
    const wild = { ...pair, sigmaPpm: 3_000_000, windowSeconds: 7_200 }
    const { fees } = TrackRecord.of(month, asOf, Model.first)
    const spendable = (fees * 990_000n) / 1_000_000n
    // the pair's worth and the carry of 10 % of an initial margin of 10 %: in 10^-18
    const taken = BigInt(Pair.valuePpm(wild)) * 10n ** 12n + 100_000n * 100_000n * 8_220n
    expect(grantOf(month, { pair: wild }).provenCap).toBe((spendable * 10n ** 18n) / taken)
    expect(grantOf(month, { pair: wild, elsewhere: [{ notional: 1n, pair: wild }] }).provenCap).toBe(
      ((spendable - 1n) * 10n ** 18n) / taken,
    )
  })

  test('worked example: a bond counts by its weight, and a dollar elsewhere takes what a dollar takes here', () => {
    const wild = { ...pair, sigmaPpm: 3_000_000, windowSeconds: 7_200 }
    const { fees } = TrackRecord.of(month, asOf, Model.first)
    const taken = BigInt(Pair.valuePpm(wild)) * 10n ** 12n + 100_000n * 100_000n * 8_220n
    const capOf = (spent: bigint, committed = 0n) => (((spent * 990_000n) / 1_000_000n - committed) * 10n ** 18n) / taken
    // Half of a bond.
    expect(Model.first.grant.bondWeightPpm).toBe(500_000)
    expect(grantOf(month, { pair: wild, bond: 7n }).provenCap).toBe(capOf(fees + 3n))
    expect(grantOf(month, { pair: wild, elsewhere: [{ notional: usd(1), pair: wild }] }).provenCap).toBe(capOf(fees, taken))
    expect(grantOf(month, { pair: wild, elsewhere: [{ notional: usd(1_000), pair: wild }] }).provenCap).toBe(capOf(fees, 1_000n * taken))
  })

  test('worked example: the reach of the carry: all that was paid for good, and nothing of a bond', () => {
    const cheap = month.map((event) => (event.kind === 'fee' ? { ...event, amountUsd: usd(4) } : event))
    const dear = { ...pair, initialPpm: 500_000 }
    const { fees } = TrackRecord.of(cheap, asOf, Model.first)
    const { imDiscountPpm, provenCap } = grantOf(cheap, { tier: 3, bond: usd(1e6), pair: dear })
    expect(provenCap).toBe((fees * 10n ** 18n) / (BigInt(imDiscountPpm) * 500_000n * 8_220n))
  })

  test('edge: nothing elsewhere is nothing, and tiers may share a cap of nothing', () => {
    expect(grantOf(month, { elsewhere: [{ notional: 0n, pair }] })).toEqual(grantOf(month))
    expect(grantOf(month, { tierCaps: [0n, 0n, 0n, 0n] }).tierCap).toBe(0n)
  })

  test('property: V·N ≤ fees + κ·bond and b·IM·N·carry ≤ fees, whatever the record', () => {
    fc.assert(
      fc.property(
        recordEvents(asOf, ['close', 'fee', 'exposure']),
        fc.nat(10_000),
        fc.constantFrom(1 as const, 2 as const, 3 as const),
        (list, bond, tier) => {
          const all = [...list, ...month]
          const record = TrackRecord.of(
            all.map((event, i) => ({ ...event, id: `${i}` })),
            asOf,
            Model.first,
          )
          const grant = Grant.of({ ...terms, tier, record, score: Score.of(record, Model.first), bond: usd(bond), elsewhere: [] })
          const spent = record.fees + usd(bond) / 2n
          expect(29n * grant.provenCap).toBeLessThanOrEqual(spent * 1_000_000n)
          expect(BigInt(grant.imDiscountPpm) * 100_000n * 8_220n * grant.provenCap).toBeLessThanOrEqual(record.fees * 10n ** 18n)
          expect(grant.imDiscountPpm).toBeLessThanOrEqual(tier * 100_000)
        },
      ),
      { numRuns },
    )
  })

  test('property: nobody unknown gets better than base, nobody gets worse than unknown', () => {
    const unknown = Grant.base({ ...terms, asOf })
    expect(unknown.reasons).toEqual([
      { code: 'BASE', points: 394 },
      { code: 'NEWCOMER', points: 0 },
    ])
    expect(unknown).toMatchObject({ tier: 0, imDiscountPpm: 0, provenCap: 0n, score: 394 })
    fc.assert(
      fc.property(recordEvents(asOf), fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const), (list, tier) => {
        const grant = grantOf(list, { tier })
        expect(grant.imDiscountPpm).toBeGreaterThanOrEqual(unknown.imDiscountPpm)
        expect(grant.tierCap).toBeGreaterThanOrEqual(unknown.tierCap)
        if (tier === 0) expect(grant.imDiscountPpm).toBe(0)
      }),
      { numRuns },
    )
  })

  test('property: worse never earns more: a liquidation, a bad debt, less exposure, a higher σ̂', () => {
    fc.assert(
      fc.property(
        recordEvents(asOf, ['close', 'fee', 'exposure']),
        fc.nat(100 * day),
        fc.constantFrom('liquidation' as const, 'badDebt' as const),
        (list, age, kind) => {
          const all = [...list, ...month].map((event, i) => ({ ...event, id: `${i}` }))
          const reach = (grant: Grant.Grant) => BigInt(grant.imDiscountPpm) * grant.provenCap
          const best = reach(grantOf(all, { tier: 3 }))
          expect(reach(grantOf([...all, events[kind]('bad', asOf - age)], { tier: 3 }))).toBeLessThanOrEqual(best)
          expect(
            reach(
              grantOf(
                all.filter((event) => event.kind !== 'exposure' || event.at % 2 === 0),
                { tier: 3 },
              ),
            ),
          ).toBeLessThanOrEqual(best)
        },
      ),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('property: splitting into k wallets never yields more than the whole', () => {
    fc.assert(
      fc.property(
        recordEvents(asOf, ['close', 'fee', 'exposure', 'selfRescue']),
        recordEvents(asOf, ['liquidation', 'badDebt', 'marginCall']),
        fc.infiniteStream(fc.nat(3)),
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.nat(5_000), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(1 as const, 2 as const, 3 as const),
        fc.constantFrom(pair, { ...pair, sigmaPpm: 3_000_000, windowSeconds: 7_200 }, { ...pair, initialPpm: 500_000 }),
        (good, bad, where, k, bonds, tier, terms) => {
          const positives = [...good, ...month].map((event, i) => ({ ...event, id: `g${i}` }))
          const negatives = bad.slice(0, 2).map((event, i) => ({ ...event, id: `b${i}` }))
          const home = positives.map(() => (where.next().value ?? 0) % k)
          const worth = (grant: Grant.Grant) => (BigInt(grant.imDiscountPpm) * grant.provenCap) / 1_000_000n
          const more = { tier, pair: terms }
          let parts = 0n
          let bond = 0n
          for (let part = 0; part < k; part++) {
            bond += usd(bonds[part] ?? 0)
            const mine = positives.filter((_, i) => home[i] === part)
            parts += worth(grantOf([...mine, ...negatives], { ...more, bond: usd(bonds[part] ?? 0) }))
          }
          expect(parts).toBeLessThanOrEqual(worth(grantOf([...positives, ...negatives], { ...more, bond })) + BigInt(k))
        },
      ),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  })

  test('dimension: money scales the reach, not the discount', () => {
    const double = month.map((event) => ({ ...event, amountUsd: event.amountUsd * 2n }))
    const once = grantOf(month)
    const twice = grantOf(double)
    expect(twice.imDiscountPpm).toBe(once.imDiscountPpm)
    expect(twice.provenCap).toBe(2n * once.provenCap)
  })

  test('error: caps that fall with the tier, negative money', () => {
    expect(() => grantOf([], { tierCaps: [2n, 1n, 3n, 4n] })).toThrow(Grant.InvalidCapsError)
    expect(() => grantOf([], { tierCaps: [-1n, 1n, 3n, 4n] })).toThrow(Grant.InvalidCapsError)
    expect(() => grantOf([], { bond: -1n })).toThrow(expect.objectContaining({ code: 'INVALID_CAPS' }))
    expect(() => grantOf([], { elsewhere: [{ notional: -1n, pair }] })).toThrow(Grant.InvalidCapsError)
  })
})
