import { Doubt } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import type * as Oracle from './Oracle.ts'
import * as PriceGuard from './PriceGuard.ts'

const one = 10n ** 18n
const price = (dollars: bigint, publishedAt = 0): Oracle.Assessment => ({
  status: 'ok',
  price: dollars * one,
  confidence: one,
  publishedAt,
})
const refused = (code: Oracle.Code): Oracle.Assessment => ({ status: 'refused', code, sentence: 'It is.' })
const round = (change: Partial<PriceGuard.Round> = {}): PriceGuard.Round => ({
  price: price(1_000n),
  second: null,
  sequencer: null,
  ...change,
})
const run = (rounds: readonly PriceGuard.Round[], from = PriceGuard.boot(0), at = 1) =>
  rounds.reduce((guard, it, index) => PriceGuard.next({ guard, round: it, asOf: at + index }), from)
const ok = run([round(), round(), round()])
const may = (guard: PriceGuard.PriceGuard, action: PriceGuard.permit.Args['action'], asOf = 10_000) => {
  const permission = PriceGuard.permit({ guard, action, asOf })
  return permission.status === 'ok' ? 'ok' : permission.code
}
const actions = (guard: PriceGuard.PriceGuard, asOf?: number) =>
  (['raise', 'withdraw', 'liquidate', 'view'] as const).map((action) => may(guard, action, asOf))

describe('next', () => {
  test('worked example: after a start nothing but a look is allowed, until three clean rounds', () => {
    expect(actions(PriceGuard.boot(0))).toEqual(['STARTING', 'STARTING', 'STARTING', 'STARTING'])
    expect(actions(run([round(), round()]))).toEqual(['STARTING', 'STARTING', 'STARTING', 'ok'])
    expect(actions(ok)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  test('edge: a refused price freezes every use, and the last one does not stand in for it', () => {
    const faulty = run([round({ price: refused('ORACLE_STALE') })], ok)
    expect(actions(faulty)).toEqual(['ORACLE_STALE', 'ORACLE_STALE', 'ORACLE_STALE', 'ORACLE_STALE'])
    expect(actions(run([round(), round()], faulty))).toEqual(['ORACLE_STALE', 'ORACLE_STALE', 'ORACLE_STALE', 'ok'])
  })

  test('edge: after a fault raising comes back before liquidating does', () => {
    const back = run([round({ price: refused('ORACLE_STALE') }), round(), round(), round()], ok, 2_000)
    expect(actions(back, 2_004)).toEqual(['ok', 'ok', 'ORACLE_GRACE', 'ok'])
    expect(actions(back, 2_003 + 600)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  test('edge: a decimals slip is held back; the third of its kind in a row counts, then three clean rounds', () => {
    const slip = (publishedAt: number) => round({ price: price(1_000_000n, publishedAt) })
    const held = run([slip(1)], ok)
    expect(actions(held)).toEqual(['ORACLE_QUARANTINED', 'ORACLE_QUARANTINED', 'ORACLE_QUARANTINED', 'ORACLE_QUARANTINED'])
    expect(held.watch?.accepted).toBe(1_000n * one)
    expect(run([slip(1), slip(2)], ok).watch?.accepted).toBe(1_000n * one)
    const third = [slip(1), slip(2), slip(3)]
    expect(run(third, ok).watch?.accepted).toBe(1_000_000n * one)
    expect(may(run(third, ok), 'raise')).toBe('ORACLE_QUARANTINED')
    expect(may(run([...third, slip(3), slip(3)], ok), 'raise')).toBe('ok')
  })

  test('bug: a slip that stays is one tick however often it is read: it is never lent or liquidated on', () => {
    const slip = round({ price: price(1_000_000n, 5) })
    const stuck = run(
      Array.from({ length: 100 }, () => slip),
      ok,
    )
    expect(actions(stuck)).toEqual(['ORACLE_QUARANTINED', 'ORACLE_QUARANTINED', 'ORACLE_QUARANTINED', 'ORACLE_QUARANTINED'])
    expect(stuck.watch?.held?.count).toBe(1)
    expect(may(run([round(), round(), round()], stuck), 'raise')).toBe('ok')
  })

  test('edge: sources that part, and a price too uncertain, are a fault: it ends after three clean rounds, and a grace', () => {
    const uncertain = { ...price(1_000n), confidence: 11n * one }
    for (const [fault, code] of [
      [round({ second: price(900n) }), 'ORACLE_OUT_OF_BAND'],
      [round({ price: uncertain }), 'ORACLE_UNCERTAIN'],
    ] as const) {
      const faulty = run([fault], ok, 2_000)
      expect(faulty).toMatchObject({ circuit: { state: 'DEGRADED', code, clean: 0 }, refusal: { code } })
      expect(actions(faulty)).toEqual([code, code, code, 'ok'])
      expect(actions(run([round(), round()], faulty, 2_001))).toEqual([code, code, code, 'ok'])
      expect(actions(run([round(), round(), round()], faulty, 2_001), 2_004)).toEqual(['ok', 'ok', 'ORACLE_GRACE', 'ok'])
    }
  })

  test('edge: of two sources the less certain one says how certain both are, and the older one how old', () => {
    const wide = { ...price(1_000n, 7), confidence: 5n * one }
    expect(run([round({ price: wide, second: price(1_000n, 9) })], ok).quote).toMatchObject({ confidence: 5n * one, publishedAt: 7 })
    expect(run([round({ price: price(1_000n, 9), second: wide })], ok).quote).toMatchObject({ confidence: 5n * one, publishedAt: 7 })
  })

  test('edge: a second source confirms a jump at once, and disputes what is off by more than its band', () => {
    expect(run([round({ price: price(9_000n), second: price(9_000n) })], ok).watch?.accepted).toBe(9_000n * one)
    expect(may(run([round({ second: price(990n) })], ok), 'raise')).toBe('ORACLE_OUT_OF_BAND')
    expect(may(run([round({ second: price(991n) })], ok), 'raise')).toBe('ok')
    expect(may(run([round({ second: price(990n) })], ok), 'liquidate')).toBe('ORACLE_OUT_OF_BAND')
    expect(may(run([round({ second: refused('ORACLE_STALE') })], ok), 'raise')).toBe('ORACLE_STALE')
  })

  test('edge: too uncertain is one percent and more than that', () => {
    const unsure = (confidence: bigint) => round({ price: { status: 'ok', price: 1_000n * one, confidence, publishedAt: 0 } })
    expect(may(run([unsure(10n * one)], ok), 'raise')).toBe('ok')
    expect(may(run([unsure(10n * one + 1n)], ok), 'raise')).toBe('ORACLE_UNCERTAIN')
    expect(may(run([unsure(10n * one + 1n)], ok), 'view')).toBe('ok')
  })

  test('edge: a sequencer that is down or just back freezes a price that looks well', () => {
    const down = { status: 'refused', code: 'SEQUENCER_DOWN', sentence: 'It is.' } as const
    expect(may(run([round({ sequencer: down })], ok), 'raise')).toBe('SEQUENCER_DOWN')
    expect(may(run([round({ sequencer: { status: 'up' } })], ok), 'raise')).toBe('ok')
  })
})

describe('next, of what is claimed', () => {
  const claimed = (guard: PriceGuard.PriceGuard) => (guard.claimed === null ? null : [guard.claimed.price / one, guard.claimed.at])

  test('worked example: the last price that could be lent on, and whatever higher one is told of while none can', () => {
    expect(claimed(run([round({ price: price(1_010n, 7) })], ok))).toEqual([1_010n, 7])
    const out = run([round({ price: refused('ORACLE_STALE') })], ok)
    expect(claimed(out)).toEqual([1_000n, 0])
    expect(claimed(run([round({ price: price(900n, 8) })], out))).toEqual([1_000n, 0])
    expect(claimed(run([round({ price: price(1_100n, 8) })], out))).toEqual([1_100n, 0])
    // Trusted again, it is the price that was, however high another was meanwhile.
    const back = [round({ price: price(900n, 8) }), round({ price: price(900n, 8) }), round({ price: price(900n, 9) })]
    expect(claimed(run(back, out))).toEqual([900n, 9])
    expect(claimed(run([round({ price: price(1_100n, 8) }), ...back.slice(0, 2)], out))).toEqual([900n, 8])
  })

  test('edge: a tick that is held back may be the truth, and so may a second source', () => {
    expect(claimed(run([round({ price: price(9_000n, 5) })], ok))).toEqual([9_000n, 0])
    expect(claimed(run([round({ price: price(9_000n, 5) }), round({ price: refused('ORACLE_STALE') })], ok))).toEqual([9_000n, 0])
    expect(claimed(run([round({ second: price(1_200n) })], ok))).toEqual([1_200n, 0])
    expect(claimed(run([round({ price: refused('ORACLE_STALE'), second: price(1_200n) })], ok))).toEqual([1_200n, 0])
    // Of two that agree the higher, as old as the older.
    expect(claimed(run([round({ price: price(1_000n, 9), second: price(1_001n, 4) })], ok))).toEqual([1_001n, 4])
  })

  test('edge: nothing is known before the first that could be lent on', () => {
    expect([PriceGuard.boot(0), run([round()]), run([round(), round()])].map(claimed)).toEqual([null, null, null])
    expect(claimed(ok)).toEqual([1_000n, 0])
  })
})

describe('permit', () => {
  test('worked example: two sources, widened by two confidences', () => {
    const guard = run([round({ second: price(995n) })], ok)
    expect(PriceGuard.permit({ guard, action: 'raise', asOf: 10_000 })).toEqual({
      status: 'ok',
      value: { low: 993n * one, high: 1_002n * one },
    })
    expect(PriceGuard.permit({ guard, action: 'view', asOf: 10_000 })).toEqual({
      status: 'ok',
      value: { low: 995n * one, high: 1_000n * one },
    })
  })
})

describe('keep', () => {
  const resume = (guard: PriceGuard.PriceGuard, asOf = 1_000, mostSeconds = 60) =>
    PriceGuard.resume({ kept: { state: PriceGuard.keep(guard), at: 990 }, asOf, mostSeconds })

  test('worked example: circuit, accepted price and held ticks go on; the price itself is read again', () => {
    const held = run([round({ price: price(10_000n, 3) })], ok)
    const back = resume(held)
    expect(back).toMatchObject({ circuit: held.circuit, watch: held.watch, quote: null, refusal: { code: 'STARTING' } })
    expect(held.watch?.held).toEqual({ price: 10_000n * one, count: 1, publishedAt: 3 })
    expect(may(back, 'liquidate')).toBe('STARTING')
    expect(may(run([round()], resume(ok), 1_000), 'liquidate')).toBe('ok')
  })

  test('edge: before the first price, and after it without a held tick', () => {
    expect(resume(PriceGuard.boot(7))).toEqual({ ...PriceGuard.boot(1_000), circuit: PriceGuard.boot(7).circuit })
    expect(resume(ok).watch).toEqual(ok.watch)
  })

  test('edge: what bounds a price that is out goes on, and is not known of what was kept before there was such a thing', () => {
    const out = run([round({ price: refused('ORACLE_STALE'), second: price(1_200n) })], ok)
    expect(resume(out).claimed).toEqual({ price: 1_200n * one, at: 0 })
    const { claimed: _, ...before } = JSON.parse(PriceGuard.keep(ok))
    const kept = { state: JSON.stringify(before), at: 990 }
    expect(PriceGuard.resume({ kept, asOf: 1_000, mostSeconds: 60 })).toMatchObject({ watch: ok.watch, claimed: null })
  })

  test('edge: what nobody watched for longer, or ever, starts as on the first day', () => {
    expect(resume(ok, 1_050).circuit).toEqual(ok.circuit)
    expect(resume(ok, 1_051)).toEqual({ ...PriceGuard.boot(1_051), claimed: { price: 1_000n * one, at: 0 } })
    expect(resume(ok, Number.NaN).circuit.state).toBe('FROZEN')
    expect(PriceGuard.resume({ kept: null, asOf: 5, mostSeconds: 60 })).toEqual(PriceGuard.boot(5))
  })
})

describe('policyOf', () => {
  test('worked example: of a year that it is silent for, three sigmas are three sigmas', () => {
    const feeds = { heartbeatSeconds: 365 * 86_400, jumpSigmas: 3 }
    expect(PriceGuard.policyOf({ feeds, sigmaPpm: 1_000_000 })).toEqual({ ...PriceGuard.policy, jumpPpm: 3_000_000 })
  })

  test('vector: unless it says so a tick may go to five times as much, which is what a price that is out may come to within a day', () => {
    expect(PriceGuard.policy).toEqual({ jumpPpm: 4_000_000, bandPpm: 10_000, maxConfidencePpm: 10_000 })
    expect(Doubt.price({ price: 1_000_000n, at: 0 }, 0)).toBe(BigInt(1_000_000 + PriceGuard.policy.jumpPpm))
  })

  test('worked example: the least of what is asked for; nothing asked for is the policy itself', () => {
    const of = (feeds: object, sigmaPpm: number | null = 650_000) =>
      PriceGuard.policyOf({ feeds: { heartbeatSeconds: 3_600, ...feeds }, sigmaPpm })
    expect(of({})).toEqual(PriceGuard.policy)
    expect(of({ jumpSigmas: 10 })).toEqual({ ...PriceGuard.policy, jumpPpm: 69_449 })
    expect(of({ jumpSigmas: 10, jumpPpm: 50_000 }).jumpPpm).toBe(50_000)
    expect(of({ jumpSigmas: 10, jumpPpm: 80_000 }, null).jumpPpm).toBe(80_000)
    expect(of({ bandPpm: 5_000 })).toEqual({ ...PriceGuard.policy, bandPpm: 5_000 })
  })
})

describe('policy', () => {
  test('edge: rounds and grace may be a deployment’s own', () => {
    const policy = { ...PriceGuard.policy, circuit: { cleanRounds: 1, graceSeconds: 5 } }
    const guard = PriceGuard.next({ guard: PriceGuard.boot(0), round: round(), asOf: 10, policy })
    expect(guard.circuit).toMatchObject({ state: 'OK', graceUntil: 15 })
  })
})
