import { Quote } from '@plimsoll/liquidation'
import { describe, expect, test } from 'vitest'
import * as Decide from './decide.ts'
import type { Look } from './look.ts'

const one = 10n ** 18n
const market = `0x${'aa'.repeat(32)}` as const

/** Ether at 3,000 with 4 % of initial margin: ten of it on offer, 5 % below the mark. Only what `decide` reads of it. */
function seen(given: {
  readonly held?: bigint
  readonly size?: bigint
  readonly discountPpm?: number
  readonly flow?: bigint
  readonly fresh?: boolean
  /** What the account has, less losses, and what its other markets need. */
  readonly equity?: bigint
  readonly others?: bigint
  readonly personalPpm?: number
  readonly reflexivityPpm?: number
}): Look {
  const { held = 0n, size = 10n * one, discountPpm = 50_000, flow = 0n, fresh = true } = given
  const { equity = 1_000_000n * one, others = 0n, personalPpm = 40_000, reflexivityPpm = 0 } = given
  const notional = (held < 0n ? -held : held) * 3_000n
  return {
    block: 7n,
    timestamp: 1_700_000_000,
    markets: [{ market, price: 3_000n * one, fresh, imPpm: 40_000, mmPpm: 15_000 }],
    account: {
      raiseEquity: equity,
      im: others + (notional * BigInt(personalPpm) + 999_999n) / 1_000_000n,
      positions: held === 0n ? [] : [{ market, size: held, notional, imPpm: personalPpm }],
    },
    offers: [{ market, inventory: size, size, mark: 3_000n * one, discountPpm }],
    reflexivityPpm,
    flow: new Map([[market, flow]]),
  } as unknown as Look
}

/** No risk is priced: 1 % of fee is all that is asked for. */
const policy: Decide.Policy = {
  ...{ LIMIT_USD: 15_000, LEAST_USD: 100, DEPTH_USD: 1_000, CONFIDENCE_PPM: 0, AVERSION: 0, FEE_PPM: 10_000 },
  ...{ HORIZON_SECONDS: 3_600, NEAR_PPM: 2_000, SLICE_USD: 6_000 },
}
const calm: Decide.Terms = { market, sigma: 0.8, divergence: 0 }

describe('decide', () => {
  test('worked example: bids for what the limit leaves, at the mark less the discount it needs', () => {
    expect(Decide.decide(seen({}), calm, policy).act).toMatchObject({ kind: 'bid', market, size: 5n * one, limitPrice: 2_970n * one })
  })

  test('dimension: σ is annual, confidence in ppm and aversion by a million millions: an hour at 80 % is 0.85 %', () => {
    const averse = { ...policy, CONFIDENCE_PPM: 1_500_000, AVERSION: 10 ** 10 }
    const spread = 0.8 * Math.sqrt(3_600 / 31_536_000)
    // For 15,000 at the end of it.
    const needed = 1.5 * spread + (0.01 * spread ** 2 * 15_000) / 2 + 0.01
    const off = BigInt(Math.ceil(needed * 1e6)) * 3_000n * 10n ** 12n
    expect(Decide.decide(seen({}), calm, averse).act).toMatchObject({ size: 5n * one, limitPrice: 3_000n * one - off })
    const quoted = Decide.decide(seen({ held: one, reflexivityPpm: 650_000 }), calm, averse).quote
    const risk = { sigma: 0.8 / Math.sqrt(31_536_000), horizon: 3_600 }
    expect(quoted).toEqual(
      Quote.of(
        { ...risk, price: 3_000, holding: 3_000, aversion: 0.01, decay: 500, depth: 1_000, limit: 15_000 },
        { reflexivity: 0.65, low: 0.5, high: 0.8, most: 4 },
      ),
    )
  })

  test('rounding: of a lot and of a holding to a thousand-millionth, down', () => {
    // 10,000 at 3,000.
    const third = 3_333_333_333n * 10n ** 9n
    expect(Decide.decide(seen({}), calm, { ...policy, LIMIT_USD: 10_000 }).act?.size).toBe(third)
    const slice = { ...policy, SLICE_USD: 10_000 }
    expect(Decide.decide(seen({ held: 4n * one, size: 0n }), calm, slice).act?.size).toBe(third)
  })

  test('worked example: for a short it pays more than the mark, never less', () => {
    expect(Decide.decide(seen({ size: -2n * one }), calm, policy).act).toMatchObject({
      kind: 'bid',
      size: 2n * one,
      limitPrice: 3_030n * one,
    })
  })

  test('bug: a lot was taken at a venue’s price far above the index, by its discount from that price alone', () => {
    // A third of the venue's price is none by the index: 2,000 instead of 3,000.
    const dear = { ...calm, divergence: Math.log(1.5) }
    expect(Decide.decide(seen({}), dear, policy)).toMatchObject({ act: null, why: "INDEX: the venue's price is 0.333333 dearer" })
    // 2 % of it: of 5 % three are left, and 1 % is needed. A part in a million is rounded up.
    const near = { ...calm, divergence: -Math.log(0.98) }
    expect(Decide.decide(seen({}), near, policy).act).toMatchObject({ kind: 'bid', size: 5n * one, limitPrice: 2_909_997n * 10n ** 15n })
    expect(Decide.decide(seen({ discountPpm: 29_999 }), near, policy)).toMatchObject({ act: null, why: 'DISCOUNT: 0.030000 is needed' })
    // What is cheap by the index is worth no more; for a short it is the other way round.
    expect(Decide.decide(seen({}), { ...calm, divergence: Math.log(0.5) }, policy).act).toMatchObject({ limitPrice: 2_970n * one })
    const short = seen({ size: -2n * one })
    expect(Decide.decide(short, { ...calm, divergence: Math.log(0.5) }, policy).why).toContain('INDEX')
    expect(Decide.decide(short, { ...calm, divergence: -Math.log(1.02) }, policy).act).toMatchObject({
      limitPrice: 3_090_003n * 10n ** 15n,
    })
    expect(Decide.decide(short, dear, policy).act).toMatchObject({ limitPrice: 3_030n * one })
  })

  test('edge: a discount of exactly what is needed is enough, a part in a million less is not', () => {
    expect(Decide.decide(seen({ discountPpm: 10_000 }), calm, policy).why).toBe('BID')
    // Nothing off, at a price that is the index: what is wanting is a discount.
    expect(Decide.decide(seen({ discountPpm: 0 }), calm, policy)).toMatchObject({ act: null, why: 'DISCOUNT: 0.010000 is needed' })
    expect(Decide.decide(seen({ discountPpm: 9_999 }), calm, policy)).toMatchObject({ act: null, why: 'DISCOUNT: 0.010000 is needed' })
  })

  test('edge: who holds the limit passes; who holds the other side may take as much more', () => {
    expect(Decide.decide(seen({ held: 5n * one }), calm, policy)).toMatchObject({ act: null, why: 'LIMIT: 0.010000 is needed' })
    expect(Decide.decide(seen({ held: -5n * one }), calm, policy).act).toMatchObject({ size: 10n * one })
  })

  test('worked example: bids for what its collateral admits, where that is less than the limit', () => {
    // 300 carry 7,500 at 4 %: 2.5 ether. With 60 that other markets need, 6,000: two.
    expect(Decide.decide(seen({ equity: 300n * one }), calm, policy).act).toMatchObject({ size: 25n * 10n ** 17n })
    expect(Decide.decide(seen({ equity: 300n * one, others: 60n * one }), calm, policy).act).toMatchObject({ size: 2n * one })
    // Held already, one of them at 4 %: 1.5 more. At a personal 8 %, 3,750 in all: 0.25 more.
    const holding = { equity: 300n * one, held: one }
    expect(Decide.decide(seen(holding), calm, policy).act).toMatchObject({ size: 15n * 10n ** 17n })
    expect(Decide.decide(seen({ ...holding, personalPpm: 80_000 }), calm, policy).act).toMatchObject({ size: 25n * 10n ** 16n })
    // A short of one closes, and 2.5 are opened.
    expect(Decide.decide(seen({ ...holding, held: -one }), calm, policy).act).toMatchObject({ size: 35n * 10n ** 17n })
  })

  test('edge: who has nothing left to carry more with passes, and may still close what is opposite', () => {
    expect(Decide.decide(seen({ equity: 120n * one, held: one }), calm, policy)).toMatchObject({
      act: null,
      why: 'MARGIN: 0.010000 is needed',
    })
    expect(Decide.decide(seen({ equity: -one }), calm, policy)).toMatchObject({ act: null, why: 'MARGIN: 0.010000 is needed' })
    expect(Decide.decide(seen({ equity: one, others: one }), calm, policy)).toMatchObject({ act: null, why: 'MARGIN: 0.010000 is needed' })
    expect(Decide.decide(seen({ equity: -one, held: -one }), calm, policy).act).toMatchObject({ kind: 'bid', size: one })
    // 600 carry just the limit.
    const just = Decide.decide(seen({ equity: 600n * one, held: 5n * one }), calm, policy)
    expect(just).toMatchObject({ act: null, why: 'LIMIT: 0.010000 is needed' })
  })

  test('edge: with no limit left, as after a loss, it takes only what closes the opposite, and sells by its rule', () => {
    const lost = { ...policy, LIMIT_USD: 0 }
    expect(Decide.decide(seen({}), calm, lost)).toMatchObject({ act: null, why: 'LIMIT: 0.010000 is needed' })
    expect(Decide.decide(seen({ held: 4n * one }), calm, lost)).toMatchObject({ act: null, why: 'LIMIT: 0.010000 is needed' })
    expect(Decide.decide(seen({ held: -3n * one }), calm, lost).act).toMatchObject({ kind: 'bid', size: 3n * one })
    expect(Decide.decide(seen({ held: 4n * one, size: 0n }), calm, lost).act).toMatchObject({ kind: 'reduce', size: 2n * one })
  })

  test('edge: a bid that takes little waits, but for the rest of a lot', () => {
    // Room for 99.99 and for 100.01 of the limit: 4.96667 ether at 3,000 are 14,900.01.
    expect(Decide.decide(seen({ held: 4_966_670_000_000_000_000n }), calm, policy)).toMatchObject({
      act: null,
      why: expect.stringContaining('SMALL: 99.99'),
    })
    expect(Decide.decide(seen({ held: 4_966_660_000_000_000_000n }), calm, policy).why).toBe('BID')
    expect(Decide.decide(seen({ size: one / 100n }), calm, policy).act).toMatchObject({ size: one / 100n })
  })

  test('rounding: the price it takes asks for no less than the discount it needs', () => {
    // 1.00005 % is needed of 3,000: 10,001 ppm are 30.003.
    const dear = { ...policy, FEE_PPM: 10_000.5 }
    expect(Decide.decide(seen({}), calm, dear).act?.limitPrice).toBe(2_969_997n * 10n ** 15n)
  })

  test('rounding: the rest of a lot is all of it, whatever a float makes of it', () => {
    for (const size of [one / 3n, 1_234_567_890_123_456_789n, 7n])
      for (const side of [1n, -1n]) expect(Decide.decide(seen({ size: side * size }), calm, policy).act?.size).toBe(size)
  })

  test('rounding: the last slice is all that is held, whatever a float makes of it', () => {
    for (const held of [one / 3n, 1_234_567_890_123_456_789n, 7n])
      for (const side of [1n, -1n]) expect(Decide.decide(seen({ held: side * held, size: 0n }), calm, policy).act?.size).toBe(held)
  })

  test('edge: a stale price, an index that is not there, and a market that is not: nothing, and no quote', () => {
    const nothing = { act: null, quote: null, why: 'PRICE_STALE' }
    expect(Decide.decide(seen({ fresh: false }), calm, policy)).toEqual(nothing)
    expect(Decide.decide(seen({}), { ...calm, divergence: null }, policy)).toEqual(nothing)
    expect(Decide.decide(seen({}), { ...calm, market: `0x${'bb'.repeat(32)}` }, policy)).toEqual(nothing)
  })

  test('worked example: sells a slice once nothing is on offer, nothing was forced, and the venue is near the index', () => {
    const quiet = seen({ held: 4n * one, size: 0n })
    expect(Decide.decide(quiet, calm, policy).act).toMatchObject({ kind: 'reduce', size: 2n * one, limitPrice: 2_985n * one })
    expect(Decide.decide(seen({ held: -one, size: 0n }), calm, policy).act).toMatchObject({ size: one, limitPrice: 3_015n * one })
    expect(Decide.decide(seen({ held: 4n * one, size: 0n, flow: 1n * one }), calm, policy)).toMatchObject({ act: null, why: 'FLOW' })
    expect(Decide.decide(quiet, { ...calm, divergence: 0.002 }, policy).why).toBe('REDUCE')
    expect(Decide.decide(quiet, { ...calm, divergence: -0.002_000_001 }, policy)).toMatchObject({ act: null, why: 'DIVERGENCE' })
    expect(Decide.decide({ ...quiet, flow: new Map() }, calm, policy).why).toBe('REDUCE')
  })
})
