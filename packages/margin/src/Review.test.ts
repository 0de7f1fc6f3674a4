import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Inputs } from './Inputs.ts'
import * as Limit from './Limit.ts'
import * as Review from './Review.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import { expected, inputs } from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const { asOf } = inputs
const { maxNotional, credit, imPpm } = expected.granted
const terms: Review.Terms = { maxNotional, credit, imPpm, issuedAt: asOf, expiresAt: asOf + 300 }
const codeOf = (verdict: Review.Verdict) => (verdict.status === 'refused' ? verdict.code : null)

describe('derive', () => {
  const code = (args: Partial<Review.derive.Args>) => codeOf(Review.derive({ inputs, terms, now: asOf, ...args }))

  test('worked example: 100,000 on 8,000 at 8 %, as the document gives', () => {
    expect(Review.derive({ inputs, terms, now: asOf })).toEqual({ status: 'sound' })
  })

  test.each<[string, Partial<Review.Terms>]>([
    ['one unit more', { maxNotional: maxNotional + 1n }],
    ['one unit less', { maxNotional: maxNotional - 1n }],
    ['one unit of credit more', { credit: credit + 1n }],
    ['one unit of credit less', { credit: credit - 1n }],
    ['one ppm less', { imPpm: imPpm - 1 }],
    ['one ppm more', { imPpm: imPpm + 1 }],
    ['issued at another time', { issuedAt: asOf + 1 }],
  ])('edge: %s is not derived', (_, changed) => {
    expect(code({ terms: { ...terms, ...changed } })).toBe('NOT_DERIVED')
  })

  test('edge: a document that asks for nothing, or gives nothing', () => {
    expect(code({ inputs: { ...inputs, request: { notional: null } } })).toBe('NOT_DERIVED')
    const asked = usd(120_001)
    expect(code({ inputs: { ...inputs, request: { notional: asked } }, terms: { ...terms, maxNotional: asked } })).toBe('NOT_DERIVED')
  })

  test('edge: the clocks', () => {
    expect([asOf - 15, asOf + 15].map((now) => code({ now }))).toEqual([null, null])
    expect([asOf - 16, asOf + 16].map((now) => code({ now }))).toEqual(['CLOCKS_APART', 'CLOCKS_APART'])
  })

  test('edge: the life', () => {
    const of = (expiresAt: number, now = asOf) => code({ terms: { ...terms, expiresAt }, now })
    expect([of(asOf + 300), of(asOf + 1)]).toEqual([null, null])
    expect([of(asOf + 301), of(asOf), of(asOf - 1)]).toEqual(['LIFE_TOO_LONG', 'LIFE_TOO_LONG', 'LIFE_TOO_LONG'])
    expect([of(asOf + 5, asOf + 4), of(asOf + 5, asOf + 5)]).toEqual([null, 'OVER'])
  })
})

describe('compare', () => {
  const code = (own: Partial<Inputs>, changed: Partial<Review.Terms> = {}, accepted = 0n) =>
    codeOf(Review.compare({ own: { ...inputs, ...own }, terms: { ...terms, ...changed }, accepted }))
  const price = (value: number) => ({
    ...inputs.view,
    lots: inputs.view.lots.map((lot) => (lot.asset === 'WETH' ? { ...lot, price: { ...lot.price, value: usd(value) } } : lot)),
  })

  test('worked example: at another price of WETH, 100,000 at 8 % on 8,000 fits while 8,000 USD are free', () => {
    // 10,000 − 1,040 of USDC are free without any WETH.
    expect(code({ view: price(10) })).toBe(null)
    const { lots } = inputs.view
    expect(code({ view: { lots: lots.filter(({ asset }) => asset === 'WETH'), missing: [] } })).toBe('MORE_GENEROUS')
  })

  test('edge: initial margin may be above the own one, not below', () => {
    expect([imPpm, imPpm + 1, imPpm - 1].map((rate) => code({}, { imPpm: rate }))).toEqual([null, null, 'MORE_GENEROUS'])
  })

  test('bug: signers said amounts in units of 10^-18, and gateways told them on', () => {
    const said = (given: Partial<Review.Terms>) => Review.compare({ own: inputs, terms: { ...terms, ...given }, accepted: 0n })
    expect(said({ credit: usd(12_000) + 1n })).toMatchObject({
      message: 'It says 12,000.000000000000000001 USD of credit, and 12,000 USD is free here.',
    })
    expect(said({ maxNotional: usd(9_000_000) })).toMatchObject({
      message: expect.stringMatching(/^It says 9,000,000 USD, and \d{3},\d{3}(\.\d+)? USD is the most here: CREDIT_INSUFFICIENT\.$/),
    })
    expect(Review.derive({ inputs, terms: { ...terms, credit: credit + 1n }, now: inputs.asOf })).toMatchObject({
      message: expect.stringMatching(
        /^It says 100,000 USD on [\d,]+\.0{17}1 USD at \d+ ppm, and its inputs give 100,000 USD on [\d,]+ USD at \d+ ppm\.$/,
      ),
    })
  })

  test('edge: credit up to what is free here, or was accepted on chain', () => {
    const free = usd(12_000)
    expect([code({}, { credit: free }), code({}, { credit: free + 1n })]).toEqual([null, 'MORE_GENEROUS'])
    expect([code({}, { credit: free + 1n }, free + 1n), code({}, { credit: free + 2n }, free + 1n)]).toEqual([null, 'MORE_GENEROUS'])
  })

  test('edge: the own document need not ask for the same', () => {
    expect(code({ request: { notional: null } })).toBe(null)
    expect(code({ request: { notional: usd(1) } }, { maxNotional: usd(120_001) })).toBe('MORE_GENEROUS')
  })

  test('edge: a cut of what is open passes without any credit', () => {
    const ledger: Inputs['ledger'] = { ...inputs.ledger, position: { side: 'long', notional: maxNotional }, certificateCredit: credit }
    const nothing = { lots: [], missing: [] }
    expect(code({ ledger, view: nothing }, {}, credit)).toBe(null)
    expect(code({ ledger, view: nothing }, {}, credit - 1n)).toBe('MORE_GENEROUS')
    expect(code({ ledger: { ...ledger, position: { side: 'long', notional: maxNotional - 1n } }, view: nothing }, {}, credit)).toBe(
      'MORE_GENEROUS',
    )
  })

  test('property: what a document grants is sound on itself, unless its last credit is beyond what is free', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, (document) => {
        const limit = Limit.of(document)
        const { granted } = limit
        if (granted?.status !== 'granted') return
        const given = { ...granted, issuedAt: document.asOf, expiresAt: document.asOf + document.params.ttlSeconds }
        if (document.params.ttlSeconds > 0) expect(codeOf(Review.derive({ inputs: document, terms: given, now: document.asOf }))).toBe(null)
        const verdict = Review.compare({ own: document, terms: given, accepted: 0n })
        expect(codeOf(verdict)).toBe(granted.credit <= limit.credit.free ? null : 'MORE_GENEROUS')
      }),
      { numRuns },
    )
  })
})

describe('forecast', () => {
  const given = inputs.forecast
  const at = (closeOut: Inputs['forecast']['closeOut'], tolerancePpm = 10_000) =>
    Review.forecast({ given, own: { ...given, closeOut }, tolerancePpm })

  test('worked example: 7 % given; an own 7.05 % is within 1 %, an own 8 % counts 7.92 %', () => {
    expect(at({ longPpm: 70_500, shortPpm: 80_000 }).closeOut).toEqual({ longPpm: 70_000, shortPpm: 79_200 })
  })

  test('edge: a better own forecast changes nothing, each quantile is held against its own', () => {
    expect(at({ longPpm: 1, shortPpm: 1 })).toEqual(given)
    const own = { ...given, liquidation: { longPpm: 50_000, shortPpm: 1 }, throughTheCycle: { longPpm: 1, shortPpm: 60_000 } }
    expect(Review.forecast({ given, own, tolerancePpm: 0 })).toEqual({
      ...given,
      liquidation: { longPpm: 50_000, shortPpm: 40_000 },
      throughTheCycle: { longPpm: 40_000, shortPpm: 60_000 },
    })
  })

  test('rounding: down', () => {
    expect(at({ longPpm: 80_001, shortPpm: 80_000 }).closeOut.longPpm).toBe(79_200)
  })
})
