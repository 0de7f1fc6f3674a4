import fc from 'fast-check'
import { encodeAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Oracle from './Oracle.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const feed: Oracle.Feed = { address: `0x${'fe'.repeat(20)}`, decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 5_000 }
const round: Oracle.Round = { roundId: 7n, answer: 3_000_00000000n, updatedAt: 100_000n, answeredInRound: 7n }
const good = { feed, round, decimals: 8, asOf: 100_000 }
const one = 10n ** 18n

const code = (args: Partial<Oracle.assess.Args>) => {
  const assessment = Oracle.assess({ ...good, ...args })
  return assessment.status === 'ok' ? 'ok' : assessment.code
}

describe('query', () => {
  const words = (...values: readonly bigint[]) =>
    encodeAbiParameters(
      values.map(() => ({ type: 'int256' }) as const),
      values,
    )
  const answered = { success: true, data: words(7n, 3_000_00000000n, 99_000n, 100_000n, 7n) }
  const decimals = { success: true, data: words(8n) }
  const of = (...results: Parameters<ReturnType<typeof Oracle.query>['parse']>[0]) => {
    const found = Oracle.query({ feed, asOf: 100_000 }).parse(results)
    return found.status === 'ok' ? found.price : found.code
  }
  test('worked example: the answer of a round, and not when it began', () => {
    expect(Oracle.query({ feed, asOf: 100_000 }).parse([answered, decimals])).toEqual(Oracle.assess(good))
  })

  test('error: a feed of which either does not answer, or not so, is unreadable, and no price', () => {
    const reverted = { success: false, data: '0x' } as const
    const empty = { success: true, data: '0x' } as const
    expect(of(answered, decimals)).toBe(3_000n * one)
    for (const bad of [reverted, empty]) {
      expect(of(bad, decimals)).toBe('ORACLE_UNREADABLE')
      expect(of(answered, bad)).toBe('ORACLE_UNREADABLE')
      expect(of(bad, bad)).toBe('ORACLE_UNREADABLE')
    }
  })
})

describe('assess', () => {
  test('worked example: 3,000 USD at 8 decimals, uncertain by 0.5 %', () => {
    expect(Oracle.assess(good)).toEqual({ status: 'ok', price: 3_000n * one, confidence: 15n * one, publishedAt: 100_000 })
  })

  test('edge: the heartbeat itself is fresh, a second more is stale', () => {
    expect(code({ asOf: 103_600 })).toBe('ok')
    expect(code({ asOf: 103_601 })).toBe('ORACLE_STALE')
    expect(Oracle.assess({ ...good, asOf: 103_601 })).toMatchObject({ sentence: expect.stringContaining('is 3601 s old') })
  })

  test('edge: fifteen seconds ahead are two clocks, sixteen are the future', () => {
    expect(code({ asOf: 99_985 })).toBe('ok')
    expect(code({ asOf: 99_984 })).toBe('ORACLE_FUTURE')
  })

  test('edge: zero, negative and one', () => {
    expect(code({ round: { ...round, answer: 0n } })).toBe('ORACLE_NON_POSITIVE')
    expect(code({ round: { ...round, answer: -1n } })).toBe('ORACLE_NON_POSITIVE')
    expect(code({ round: { ...round, answer: 1n } })).toBe('ok')
  })

  test('edge: a round without an answer of its own', () => {
    expect(code({ round: { ...round, answeredInRound: 6n } })).toBe('ORACLE_ROUND_INCOMPLETE')
    expect(code({ round: { ...round, updatedAt: 0n } })).toBe('ORACLE_ROUND_INCOMPLETE')
  })

  test('edge: decimals that changed, or that cannot be exact', () => {
    expect(code({ decimals: 18 })).toBe('ORACLE_DECIMALS_CHANGED')
    expect(code({ decimals: 19, feed: { ...feed, decimals: 19 } })).toBe('ORACLE_DECIMALS_CHANGED')
    expect(code({ decimals: 18, feed: { ...feed, decimals: 18 } })).toBe('ok')
  })

  test('edge: a second source at the band, and beyond it', () => {
    expect(code({ second: { price: 3_030n * one, bandPpm: 10_000 } })).toBe('ok')
    expect(code({ second: { price: 3_030n * one + 1n, bandPpm: 10_000 } })).toBe('ORACLE_OUT_OF_BAND')
    // 2.85 % low, as one oracle was on 10 March 2026.
    expect(code({ second: { price: 3_088n * one, bandPpm: 10_000 } })).toBe('ORACLE_OUT_OF_BAND')
  })

  test('rounding: the confidence goes up', () => {
    const assessment = Oracle.assess({ ...good, decimals: 18, feed: { ...feed, decimals: 18 }, round: { ...round, answer: 1n } })
    expect(assessment).toMatchObject({ price: 1n, confidence: 1n })
  })

  test('dimension: another number of decimals, the same price', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), fc.integer({ min: 0, max: 18 }), (whole, decimals) => {
        const assessment = Oracle.assess({
          ...good,
          decimals,
          feed: { ...feed, decimals },
          round: { ...round, answer: whole * 10n ** BigInt(decimals) },
        })
        expect(assessment).toMatchObject({ status: 'ok', price: whole * one })
      }),
      { numRuns },
    )
  })

  test('property: a refusal never carries a price', () => {
    const rounds = fc.record({
      roundId: fc.bigInt(0n, 9n),
      answer: fc.bigInt(-9n, 9n),
      updatedAt: fc.bigInt(0n, 200_000n),
      answeredInRound: fc.bigInt(0n, 9n),
    })
    fc.assert(
      fc.property(rounds, (any) => {
        const assessment = Oracle.assess({ ...good, round: any })
        if (assessment.status === 'ok') expect(assessment.price > 0n && any.updatedAt > 0n).toBe(true)
        else expect(Object.keys(assessment).sort()).toEqual(['code', 'sentence', 'status'])
      }),
      { numRuns },
    )
  })
})

describe('quarantine', () => {
  const watch: Oracle.Watch = { accepted: 3_000n, held: null }
  const run = (prices: readonly bigint[], second?: bigint) =>
    prices.reduce<{ readonly seen: readonly string[]; readonly watch: Oracle.Watch }>(
      (state, price, publishedAt) => {
        const given = { watch: state.watch, price, publishedAt, jumpPpm: 500_000 }
        const tick = Oracle.quarantine({ ...given, ...(second === undefined ? {} : { second }) })
        return { seen: [...state.seen, tick.status], watch: tick.watch }
      },
      { seen: [], watch },
    )

  test('worked example: the third tick in a row confirms a jump', () => {
    expect(run([3_100n, 9_000n, 9_100n, 9_050n, 9_000n])).toEqual({
      seen: ['accepted', 'quarantined', 'quarantined', 'accepted', 'accepted'],
      watch: { accepted: 9_000n, held: null },
    })
  })

  test('edge: a thousandfold slip that goes away is never accepted', () => {
    expect(run([3_000_000n, 3_000n, 3_000_000n, 3_000n]).seen).toEqual(['quarantined', 'accepted', 'quarantined', 'accepted'])
    expect(run([3n, 3_000n, 3n]).watch.accepted).toBe(3_000n)
  })

  test('bug: one tick that was read three times confirmed itself, and a slip was lent on after a few seconds', () => {
    const held = { price: 9_000n, count: 2, publishedAt: 50 }
    const read = (publishedAt: number) =>
      Oracle.quarantine({ watch: { accepted: 3_000n, held }, price: 9_100n, publishedAt, jumpPpm: 500_000 })
    for (const again of [49, 50]) expect(read(again)).toEqual({ status: 'quarantined', watch: { accepted: 3_000n, held } })
    expect(read(51)).toEqual({ status: 'accepted', watch: { accepted: 9_100n, held: null } })
  })

  test('edge: held ticks that do not agree confirm nothing', () => {
    expect(run([9_000n, 90n, 9_000n, 90n, 9_000n, 90n]).watch.accepted).toBe(3_000n)
  })

  test('edge: a second source confirms at once, and one that says otherwise does not', () => {
    expect(run([9_000n], 9_100n).seen).toEqual(['accepted'])
    expect(run([9_000n], 3_000n).seen).toEqual(['quarantined'])
  })

  test('edge: the jump itself passes, more does not', () => {
    expect(run([4_500n]).seen).toEqual(['accepted'])
    expect(run([4_501n]).seen).toEqual(['quarantined'])
    expect(run([2_000n]).seen).toEqual(['accepted'])
    expect(run([1_999n]).seen).toEqual(['quarantined'])
  })
})
