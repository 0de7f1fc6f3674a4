import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import { valuation } from './profiles/plimsoll/Plimsoll.ts'
import * as Valuation from './Valuation.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const quote = (of: Partial<Valuation.Quote>): Valuation.Quote => ({
  sources: { mark: 100n, twap: 90n },
  confidence: 0n,
  publishedAt: 1_000,
  ...of,
})
const rule = (of: Partial<Valuation.Rule>): Valuation.Rule => ({
  sources: ['mark'],
  widening: 0n,
  maxAgeSeconds: null,
  maxConfidencePpm: null,
  maxDivergencePpm: null,
  ...of,
})
const codeOf = (outcome: Valuation.Outcome) => (outcome.status === 'refused' ? outcome.code : outcome.status)

describe('of', () => {
  test('worked example: plain, strict, and widened by confidence', () => {
    const of = (given: Partial<Valuation.Rule>, confidence = 0n) => Valuation.of(quote({ confidence }), rule(given), 1_000)
    expect(of({})).toEqual({ status: 'ok', value: { low: 100n, high: 100n } })
    expect(of({ sources: ['mark', 'twap'] })).toEqual({ status: 'ok', value: { low: 90n, high: 100n } })
    expect(of({ sources: ['twap', 'mark'], widening: 2n }, 7n)).toEqual({ status: 'ok', value: { low: 76n, high: 114n } })
  })

  test('edge: a wide price is worth nothing, never less', () => {
    expect(Valuation.of(quote({ confidence: 60n }), rule({ widening: 2n }), 1_000)).toEqual({
      status: 'ok',
      value: { low: 0n, high: 220n },
    })
  })

  test('edge: at the bound it still counts, one beyond it is refused', () => {
    const stale = rule({ maxAgeSeconds: 60 })
    expect([1_060, 1_061, 0].map((asOf) => codeOf(Valuation.of(quote({}), stale, asOf)))).toEqual(['ok', 'STALE', 'ok'])
    const certain = rule({ maxConfidencePpm: 20_000 })
    expect([2n, 3n].map((confidence) => codeOf(Valuation.of(quote({ confidence }), certain, 0)))).toEqual(['ok', 'TOO_UNCERTAIN'])
    const steady = rule({ sources: ['mark', 'twap'], maxDivergencePpm: 111_111 })
    const of = (twap: bigint) => codeOf(Valuation.of(quote({ sources: { mark: 100n, twap } }), steady, 0))
    expect([of(91n), of(90n), of(90_001n)]).toEqual(['ok', 'TOO_VOLATILE', 'TOO_VOLATILE'])
  })

  test('edge: a price at or below 0 is refused whatever the rule', () => {
    for (const mark of [0n, -1n]) expect(codeOf(Valuation.of(quote({ sources: { mark } }), rule({}), 0))).toBe('NON_POSITIVE')
    expect(codeOf(Valuation.of(quote({ sources: { mark: 5n, twap: 0n } }), rule({ sources: ['mark', 'twap'] }), 0))).toBe('NON_POSITIVE')
  })

  test('error: a source that the quote does not have, and a rule that names none', () => {
    expect(() => Valuation.of(quote({}), rule({ sources: ['index'] }), 0)).toThrow(Valuation.MissingSourceError)
    expect(() => Valuation.of(quote({}), rule({ sources: ['mark', 'index'] }), 0)).toThrow(expect.objectContaining({ source: 'index' }))
    expect(() => Valuation.of(quote({}), rule({ sources: [] }), 0)).toThrow(Valuation.MissingSourceError)
  })

  test('edge: an unknown time is old', () => {
    const stale = rule({ maxAgeSeconds: 60 })
    expect(codeOf(Valuation.of(quote({ publishedAt: Number.NaN }), stale, 1_000))).toBe('STALE')
    expect(codeOf(Valuation.of(quote({}), stale, Number.NaN))).toBe('STALE')
  })

  test('error: a confidence below 0, a bound that is no integer, a source that is only a word', () => {
    expect(() => Valuation.of(quote({ confidence: -1n }), rule({}), 0)).toThrow(Valuation.InvalidQuoteError)
    expect(() => Valuation.of(quote({}), rule({ maxConfidencePpm: 0.5 }), 0)).toThrow(Fixed.NotAnIntegerError)
    expect(() => Valuation.of(quote({}), rule({ sources: ['constructor'] }), 0)).toThrow(Valuation.MissingSourceError)
  })

  test('edge: an uncertain price carries no new risk, and may still be liquidated on', () => {
    const wide = quote({ sources: { mark: 1_000n, index: 1_000n }, confidence: 21n })
    const of = (action: Valuation.Action) => codeOf(Valuation.of(wide, valuation[action], 1_000))
    expect(Valuation.actions.map(of)).toEqual(['TOO_UNCERTAIN', 'TOO_UNCERTAIN', 'ok', 'ok'])
  })

  test('property: the low price is never above a source nor the high one below it, and widening only widens', () => {
    const price = fc.bigInt({ min: 1n, max: 10n ** 24n })
    fc.assert(
      fc.property(price, price, fc.bigInt({ min: 0n, max: 10n ** 20n }), (mark, twap, confidence) => {
        const given = quote({ sources: { mark, twap }, confidence })
        const of = (widening: bigint) => Valuation.of(given, rule({ sources: ['mark', 'twap'], widening }), 0)
        const [narrow, wide] = [of(1n), of(2n)]
        if (narrow.status !== 'ok' || wide.status !== 'ok') throw new Error('refused')
        expect(narrow.value.low <= mark && narrow.value.low <= twap && narrow.value.high >= mark && narrow.value.high >= twap).toBe(true)
        expect(wide.value.low <= narrow.value.low && wide.value.high >= narrow.value.high).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('mark', () => {
  test('worked example: the same whoever asks', () => expect(Valuation.mark(5n)).toEqual({ low: 5n, high: 5n }))
})
