import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Evidence, Tier } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const now = 50
const piece = (change: Partial<Evidence.Evidence> = {}): Evidence.Evidence => ({
  scope: 'margin',
  nullifier: '0x1',
  claim: 'uniqueHuman',
  verifiedAt: 10,
  until: 100,
  revokedAt: null,
  burnedAt: null,
  ...change,
})
const anyPiece = fc.record({
  scope: fc.constantFrom('a', 'b'),
  nullifier: fc.constantFrom('1', '2'),
  claim: fc.constantFrom<Evidence.Claim>('uniqueHuman', 'legalRecourse'),
  verifiedAt: fc.nat(60),
  until: fc.nat(120),
  revokedAt: fc.option(fc.nat(90), { freq: 4 }),
  burnedAt: fc.option(fc.nat(90), { freq: 4 }),
})

describe('of', () => {
  test('worked example: two proofs of being human are one; the one that lasts longest counts', () => {
    const effect = Evidence.of([piece(), piece({ scope: 'other', until: 200 }), piece({ nullifier: '0x2', claim: 'legalRecourse' })], now)
    expect(effect).toMatchObject({ uniqueHuman: true, legalRecourse: true, until: 100 })
    expect(effect.lines.map(({ scope, nullifier, status }) => [scope, nullifier, status])).toEqual([
      ['margin', '0x1', 'COUNTED_ALREADY'],
      ['margin', '0x2', 'COUNTS'],
      ['other', '0x1', 'COUNTS'],
    ])
  })

  test.each<[Evidence.Status, Partial<Evidence.Evidence>]>([
    ['BURNED', { burnedAt: 1, revokedAt: 1, until: 1 }],
    ['REVOKED', { revokedAt: 49, until: 1 }],
    ['NOT_YET', { verifiedAt: 51 }],
    ['EXPIRED', { until: 50 }],
    ['COUNTS', { verifiedAt: 50, until: 51 }],
  ])('edge: %s', (status, change) => {
    const effect = Evidence.of([piece(change)], now)
    expect(effect.lines.map((line) => line.status)).toEqual([status])
    expect(effect).toMatchObject({ uniqueHuman: status === 'COUNTS', legalRecourse: false, until: status === 'COUNTS' ? 51 : null })
  })

  test('edge: verified again, it lasts longer; burned once, it stays burned', () => {
    expect(Evidence.of([piece({ until: 40 }), piece({ verifiedAt: 20 })], now).uniqueHuman).toBe(true)
    expect(Evidence.of([piece({ burnedAt: 15 }), piece({ verifiedAt: 20 })], now).lines[0]?.status).toBe('BURNED')
    expect(Evidence.of([piece({ revokedAt: 15 }), piece({ verifiedAt: 20 })], now).uniqueHuman).toBe(true)
    expect(Evidence.of([piece({ revokedAt: 15 }), piece()], now).uniqueHuman).toBe(false)
    expect(Evidence.of([piece({ burnedAt: 30 }), piece({ burnedAt: 15 })], now).lines[0]?.burnedAt).toBe(15)
    expect(Evidence.of([piece({ until: 60 }), piece({ until: 90 })], now).until).toBe(60)
  })

  test('edge: of two that last equally long the first by name counts; two claims of one proof at one second: being human', () => {
    const statuses = (pieces: readonly Evidence.Evidence[]) => Evidence.of(pieces, now).lines.map(({ status }) => status)
    expect(statuses([piece({ scope: 'b' }), piece({ scope: 'a' })])).toEqual(['COUNTS', 'COUNTED_ALREADY'])
    for (const both of [
      [piece(), piece({ claim: 'legalRecourse' })],
      [piece({ claim: 'legalRecourse' }), piece()],
    ])
      expect(Evidence.of(both, now)).toMatchObject({ uniqueHuman: true, legalRecourse: false, lines: [{ claim: 'uniqueHuman' }] })
  })

  test('property: a set, in any order and any number of copies', () => {
    fc.assert(
      fc.property(fc.array(anyPiece, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (pieces, keys) => {
        const shuffled = [...pieces, ...pieces.filter((_, i) => i % 2 === 0)]
          .map((each) => ({ each, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each)
        expect(Evidence.of(shuffled, now)).toEqual(Evidence.of(pieces, now))
      }),
      { numRuns },
    )
  })
})

describe('explain', () => {
  test('worked example: raises the tier once, and says from where', () => {
    const two = [piece(), piece({ nullifier: '0x2', until: 90 })]
    expect(Evidence.explain(two, { provenAccounts: 1, events: 0 }, now)).toMatchObject({ without: 0, tier: 2 })
    expect(Evidence.explain([piece({ claim: 'legalRecourse' })], { provenAccounts: 2, events: 9 }, now)).toMatchObject({
      without: 1,
      tier: 3,
    })
    expect(Evidence.explain(two, { provenAccounts: 0, events: 9 }, now)).toMatchObject({ without: 0, tier: 0 })
  })

  test('property: evidence never lowers a tier, and no number of pieces of one claim raises it twice', () => {
    fc.assert(
      fc.property(fc.array(anyPiece, { maxLength: 8 }), fc.nat(2), fc.nat(2), (pieces, provenAccounts, events) => {
        const humans = pieces.map((each) => ({ ...each, claim: 'uniqueHuman' as const }))
        const { without, tier } = Evidence.explain(humans, { provenAccounts, events }, now)
        expect(without).toBe(Tier.of({ provenAccounts, events, uniqueHuman: false, legalRecourse: false }))
        expect(tier).toBeGreaterThanOrEqual(without)
        expect(tier).toBeLessThanOrEqual(2)
      }),
      { numRuns },
    )
  })
})
