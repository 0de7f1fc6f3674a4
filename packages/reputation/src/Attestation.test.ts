import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Attestation } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const now = 1_000_000
const said: Attestation.Attestation = {
  origin: 'stored',
  chainId: 7,
  registry: '0xea5',
  uid: '0x01',
  schema: '0x5c',
  attester: '0xa1',
  recipient: '0xb1',
  issuedAt: now - 100,
  expiresAt: now + 50,
  revokedAt: null,
  anchoredAt: null,
}
const trust: Attestation.Trust = {
  chainId: 7,
  registry: '0xea5',
  schema: '0x5c',
  attesters: ['0xa0', '0xa1'],
  recipients: ['0xb0', '0xb1'],
  maxAgeSeconds: 200,
}

describe('assess', () => {
  test('worked example: counts until its own end, or our longest age, whichever is sooner', () => {
    expect(Attestation.assess(said, trust, now)).toEqual({ status: 'accepted', until: now + 50 })
    expect(Attestation.assess({ ...said, expiresAt: null }, trust, now)).toEqual({ status: 'accepted', until: now + 100 })
    expect(Attestation.assess({ ...said, expiresAt: now + 150 }, trust, now)).toEqual({ status: 'accepted', until: now + 100 })
    expect(Attestation.assess({ ...said, origin: 'signed' }, trust, now).status).toBe('accepted')
    expect(Attestation.assess({ ...said, origin: 'batched', anchoredAt: now - 90 }, trust, now).status).toBe('accepted')
  })

  test.each<[Attestation.Code, Partial<Attestation.Attestation>]>([
    ['WRONG_CHAIN', { chainId: 8 }],
    ['WRONG_REGISTRY', { registry: '0xea6' }],
    ['WRONG_SCHEMA', { schema: '0x5d' }],
    ['UNSIGNED', { attester: null }],
    ['UNTRUSTED_ATTESTER', { attester: '0xa2' }],
    ['WRONG_RECIPIENT', { recipient: '0xb2' }],
    ['NOT_ANCHORED', { origin: 'batched' }],
    ['INVALID_TIMES', { issuedAt: 0 }],
    ['INVALID_TIMES', { issuedAt: 1.5 }],
    ['INVALID_TIMES', { expiresAt: now - 100 }],
    ['INVALID_TIMES', { expiresAt: Number.NaN }],
    ['FROM_THE_FUTURE', { issuedAt: now + 61, expiresAt: null }],
    ['FROM_THE_FUTURE', { origin: 'batched', anchoredAt: now + 61 }],
    ['REVOKED', { revokedAt: now + 5 }],
    ['REVOKED', { revokedAt: 0 }],
    ['EXPIRED', { expiresAt: now }],
    ['TOO_OLD', { issuedAt: now - 200, expiresAt: null }],
  ])('edge: %s', (code, change) => {
    expect(Attestation.assess({ ...said, ...change }, trust, now)).toEqual({ status: 'refused', code })
  })

  test('edge: to the second', () => {
    expect(Attestation.assess({ ...said, expiresAt: now + 1 }, trust, now).status).toBe('accepted')
    expect(Attestation.assess({ ...said, expiresAt: null, issuedAt: now - 199 }, trust, now).status).toBe('accepted')
    expect(Attestation.assess({ ...said, expiresAt: null, issuedAt: now + 60 }, trust, now).status).toBe('accepted')
    expect(Attestation.assess({ ...said, origin: 'batched', anchoredAt: now + 60 }, trust, now).status).toBe('accepted')
  })

  test('property: what was refused for its end, its age or a revocation never counts again; what counts does so until `until`', () => {
    const times = fc.record({
      issuedAt: fc.integer({ min: now - 300, max: now + 100 }),
      expiresAt: fc.option(fc.integer({ min: now - 300, max: now + 300 })),
      revokedAt: fc.option(fc.nat(now)),
    })
    fc.assert(
      fc.property(times, fc.nat(400), (change, later) => {
        const one = { ...said, ...change }
        const [before, after] = [Attestation.assess(one, trust, now), Attestation.assess(one, trust, now + later)]
        if (before.status === 'accepted') expect(after.status === 'accepted').toBe(now + later < before.until)
        else if (before.code !== 'FROM_THE_FUTURE') expect(after.status).toBe('refused')
        if (change.revokedAt !== null) expect(before.status).toBe('refused')
      }),
      { numRuns },
    )
  })
})
