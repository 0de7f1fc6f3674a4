import { describe, expect, test } from 'vitest'
import type * as Bound from './Bound.ts'
import * as Inputs from './Inputs.ts'
import * as Limit from './Limit.ts'
import * as Worked from './testing/worked.ts'

const one = 10n ** 18n
const usd = (amount: number) => BigInt(amount) * one
const codes = (limit: Limit.Limit) => limit.bounds.map(({ code }) => code)

/** The worked example with one room of it changed. */
function vary<K extends keyof Inputs.Inputs>(key: K, change: Partial<Inputs.Inputs[K] & object>): Inputs.Inputs {
  return { ...Worked.inputs, [key]: { ...(Worked.inputs[key] as object), ...change } }
}
const ask = (inputs: Inputs.Inputs, notional: bigint | null): Inputs.Inputs => ({ ...inputs, request: { notional } })

describe('of', () => {
  test('worked example', () => {
    const limit = Limit.of(Worked.inputs)
    expect(limit).toMatchObject(Worked.expected)
    expect(limit.credit).toMatchObject({ total: usd(13_040), free: usd(12_000) })
    expect(limit.bounds).toEqual([
      {
        code: 'GROWTH',
        notional: usd(120_000),
        message: 'The venue accepts at most 120,000.00 USD now; its growth bucket refills with time.',
      },
    ])
    expect(limit.damper).toEqual({
      at: Worked.inputs.asOf,
      closeOut: { longPpm: 70_000, shortPpm: 70_000 },
      liquidation: { longPpm: 40_000, shortPpm: 40_000 },
      throughTheCycle: { longPpm: 40_000, shortPpm: 40_000 },
    })
  })

  test('worked example: free credit and what lies at the venue are what may stand behind it, and what a refusal names', () => {
    // 12,000 free; at the venue 700 less a loss of 90, fees of 6 and 104 for the other markets there: 500.
    const there = { venueCollateral: usd(700), unrealisedLoss: usd(90), fees: usd(6), otherRequirement: usd(104) }
    const limit = Limit.of({ ...ask(vary('ledger', there), usd(200_000)), growth: { ceiling: usd(1_000_000) } })
    expect(limit.credit.free).toBe(usd(12_000))
    expect(limit.equity).toEqual({ venue: usd(500), total: usd(12_500) })
    expect(limit.granted).toMatchObject({ code: 'CREDIT_INSUFFICIENT', message: expect.stringContaining(', and 12,500.00 USD can stand') })
  })

  test('edge: with more lost and owed at the venue than lies there, it takes from the credit', () => {
    expect(Limit.of(vary('ledger', { unrealisedLoss: usd(12_001) })).equity).toEqual({ venue: usd(-12_001), total: usd(-1) })
    expect(Limit.of(Worked.inputs).equity).toEqual({ venue: 0n, total: usd(12_000) })
  })

  test('worked example: maintenance margin is that of the worse side', () => {
    const forecast = { ...Worked.inputs.forecast, throughTheCycle: { longPpm: 40_000, shortPpm: 41_000 } }
    expect(Limit.of({ ...Worked.inputs, forecast }).mmPpm).toBe(51_000)
  })

  test('rounding: leverage down', () => {
    // 1 / 0.08, and 1 / 0.010 001 = 99.990 000 999 9…
    const leverage = (ppm: number) => Limit.of(vary('market', { initial: { kind: 'flat', ppm }, maintenance: { kind: 'flat', ppm: 1 } }))
    expect(leverage(80_000).protocolDefault.leveragePpm).toBe(12_500_000)
    expect(leverage(10_001).protocolDefault.leveragePpm).toBe(99_990_000)
  })

  test('worked example: the same without its growth bucket stands on credit alone', () => {
    expect(Limit.of(vary('growth', { ceiling: usd(1_000_000) }))).toMatchObject({ notional: usd(125_000), imPpm: 96_000, bounds: [] })
  })

  describe('bounds: every cap that binds is named', () => {
    const { market, ledger, grant } = Worked.inputs
    const stale = Worked.inputs.asOf - 10_000
    test.each<[string, Inputs.Inputs, Partial<Bound.Bound>]>([
      ['tier', vary('grant', { tierCap: usd(90_000) }), { code: 'TIER_CAP', notional: usd(90_000) }],
      ['growth', vary('growth', { ceiling: usd(90_000) }), { code: 'GROWTH', notional: usd(90_000) }],
      [
        'participant',
        vary('market', { caps: { ...market.caps, participant: usd(90_000) } }),
        { code: 'PARTICIPANT_CAP', notional: usd(90_000) },
      ],
      [
        'market, one side',
        vary('market', { openInterest: { long: 0n, short: usd(4_410_000) } }),
        { code: 'MARKET_CAP', notional: usd(90_000) },
      ],
      [
        'market, headroom',
        vary('market', { headroom: { long: usd(2_910_000), short: 0n } }),
        { code: 'MARKET_CAP', notional: usd(90_000) },
      ],
      ['market, over-full', vary('market', { headroom: { long: usd(9_000_000), short: 0n } }), { code: 'MARKET_CAP', notional: 0n }],
      ['brake', vary('brake', { short: [{ upToNotional: usd(90_000), ppm: 0 }] }), { code: 'BRAKE', notional: usd(90_000) }],
      ['brake without a step', vary('brake', { long: [] }), { code: 'BRAKE', notional: 0n }],
      ['stale market price', vary('market', { price: { ...market.price, publishedAt: stale } }), { code: 'STALE_PRICE', notional: 0n }],
      ['stale forecast', vary('forecast', { asOf: stale }), { code: 'STALE_FORECAST', notional: 0n }],
      ['margin call', vary('ledger', { certificateCredit: usd(12_001) }), { code: 'MARGIN_CALL', notional: 0n }],
      ['nothing free', vary('ledger', { otherEncumbrance: usd(13_040) }), { code: 'NO_CREDIT', notional: 0n }],
    ])('%s', (_, inputs, bound) => {
      const limit = Limit.of(inputs)
      expect(limit.notional).toBe(bound.notional)
      expect(limit.bounds).toContainEqual(expect.objectContaining(bound))
      expect(ledger.certificateCredit + grant.tierCap).toBe(usd(1_000_000))
    })

    test("edge: the protocol's default stays within the room of either side", () => {
      const room = (change: Partial<Inputs.Market['headroom']>) =>
        Limit.of(vary('market', { headroom: { long: 0n, short: 0n, ...change } })).protocolDefault.notional
      expect([room({}), room({ long: usd(2_910_000) }), room({ short: usd(2_910_000) })]).toEqual([usd(200_000), usd(90_000), usd(90_000)])
    })

    test('edge: what one unit needs is what tells credit from none', () => {
      const unknown = { ...grant, imDiscountPpm: 0 }
      const with1 = (initial: Inputs.Curve) =>
        Limit.of({ ...vary('market', { initial }), grant: unknown, ledger: { ...ledger, otherEncumbrance: usd(13_040) - 1n } })
      expect(with1({ kind: 'flat', ppm: 600_000 })).toMatchObject({ notional: 1n, bounds: [] })
      const steep = [
        { upTo: 1n, ppm: 600_000 },
        { upTo: null, ppm: 9_000_000 },
      ]
      expect(with1({ kind: 'tiers', tiers: steep })).toMatchObject({ notional: 1n, bounds: [] })

      // The market is full to where its ramp begins: one unit takes it from 199.9999 % to 200.0001 %, so that it needs 3 units.
      const { short } = market.openInterest
      const ramp = vary('market', {
        initial: { kind: 'openInterest', ppm: 999_999, lower: short, upper: short + 1n },
        wrongWay: { longPpm: 0, shortPpm: 1_000_001 },
      })
      const two = { ...ramp, grant: unknown, ledger: { ...ledger, otherEncumbrance: usd(13_040) - 2n } }
      expect(codes(Limit.of(two))).toContain('NO_CREDIT')
    })

    test('edge: one unit of equity is some credit', () => {
      const limit = Limit.of(vary('ledger', { otherEncumbrance: usd(13_040) - 1n }))
      // 1 000 000 / 80 000 ppm
      expect(limit).toMatchObject({ notional: 12n, requirement: 1n, bounds: [] })
    })

    test('edge: what is exactly as old as allowed, or bound to the last unit, still counts', () => {
      const { params, asOf } = Worked.inputs
      for (const inputs of [
        vary('market', { price: { ...market.price, publishedAt: asOf - params.maxPriceAgeSeconds } }),
        vary('forecast', { asOf: asOf - params.maxForecastAgeSeconds }),
        vary('ledger', { certificateCredit: usd(12_000) }),
        vary('grant', { validUntil: asOf }),
      ])
        expect(Limit.of(inputs)).toMatchObject({ notional: usd(120_000), bounds: [{ code: 'GROWTH' }] })
    })

    test('edge: an unreadable book raises nothing, and lets everything be unwound', () => {
      const unread = { ...vary('brake', { status: 'unavailable' }), growth: { ceiling: usd(1_000_000) } }
      expect(Limit.of(unread)).toMatchObject({ notional: 0n })
      expect(codes(Limit.of(unread))).toContain('BRAKE_UNAVAILABLE')
      expect(Limit.of({ ...unread, request: { notional: usd(1) } }).granted).toMatchObject({ status: 'refused', code: 'BRAKE_UNAVAILABLE' })
      const open = { ...unread, ledger: { ...unread.ledger, position: { side: 'long' as const, notional: usd(50_000) } } }
      expect(Limit.of({ ...open, request: { notional: usd(50_000) } }).granted).toMatchObject({ status: 'granted' })
    })

    test('a chain that could not be read is named, and lowers', () => {
      const { lots } = Worked.inputs.view
      const limit = Limit.of({
        ...Worked.inputs,
        view: { lots: lots.slice(0, 1), missing: [{ chainId: 31_337_002, code: 'RPC_QUORUM_LOST' }] },
      })
      expect(limit.bounds).toContainEqual({
        code: 'PARTIAL_VIEW',
        notional: null,
        message: 'Chain 31337002 could not be read (RPC_QUORUM_LOST): what lies there counts nothing.',
      })
      expect(limit.credit.total).toBe(usd(10_000))
      expect(limit.notional).toBeLessThan(usd(120_000))
    })

    test('bug: a grain in doubt, which anybody may lock for anybody, left its holder without any limit', () => {
      const { view } = Worked.inputs
      const [lot] = view.lots
      const limit = Limit.of({ ...Worked.inputs, view: { ...view, missing: [{ chainId: lot?.chainId ?? 0, code: 'ORACLE_STALE' }] } })
      expect(limit.notional).toBe(Limit.of(Worked.inputs).notional)
      expect(limit.bounds).toContainEqual({
        code: 'PARTIAL_VIEW',
        notional: null,
        message: `Something on chain ${lot?.chainId} is in doubt (ORACLE_STALE): it counts nothing.`,
      })
    })

    test('a stale view, a stale collateral price and an expired grant are named', () => {
      const { lots } = Worked.inputs.view
      const old = (lot: Inputs.Lot): Inputs.Lot => ({
        ...lot,
        block: { ...lot.block, timestamp: stale },
        price: { ...lot.price, publishedAt: stale },
      })
      const limit = Limit.of({ ...vary('grant', { validUntil: Worked.inputs.asOf - 1 }), view: { lots: lots.map(old), missing: [] } })
      expect(limit.bounds.filter(({ notional }) => notional === null).map(({ code, message }) => `${code} ${message}`)).toEqual([
        'STALE_VIEW Chain 31337001 was read more than 120 s ago: what lies there counts nothing.',
        'STALE_VIEW Chain 31337002 was read more than 120 s ago: what lies there counts nothing.',
        'STALE_PRICE USDC was priced more than 60 s ago: it counts nothing.',
        'STALE_PRICE WETH was priced more than 60 s ago: it counts nothing.',
        'GRANT_EXPIRED The grant ran out 1 s ago: base terms apply.',
      ])
      expect(limit).toMatchObject({ notional: 0n, credit: { total: 0n }, granted: { status: 'refused' } })
    })

    test('edge: of two sides alike in margin, the bound of the long is named', () => {
      // At 120 000 both have 9.5 %: the short by 2 % of wrong-way, the long because of its liquidation.
      const inputs = vary('market', { wrongWay: { longPpm: 0, shortPpm: 20_000 } })
      const forecast = { ...inputs.forecast, liquidation: { longPpm: 95_000, shortPpm: 0 } }
      expect(Limit.of({ ...inputs, forecast })).toMatchObject({ imPpm: 95_000, notional: usd(120_000) })
      expect(codes(Limit.of({ ...inputs, forecast }))).toEqual(['GROWTH', 'IM_LIQUIDATION'])
    })

    test('what moves the rate last is named', () => {
      const calm = vary('market', { wrongWay: { longPpm: 0, shortPpm: 0 } })
      const code = (inputs: Inputs.Inputs) => codes(Limit.of(inputs)).find((code) => code.startsWith('IM_'))
      expect(code(calm)).toBe(undefined)
      expect(code({ ...calm, params: { ...calm.params, floorPpm: 200_000 } })).toBe('IM_FLOOR')
      expect(code({ ...calm, forecast: { ...calm.forecast, liquidation: { longPpm: 200_000, shortPpm: 0 } } })).toBe('IM_LIQUIDATION')
      expect(code({ ...calm, forecast: { ...calm.forecast, throughTheCycle: { longPpm: 65_000, shortPpm: 0 } } })).toBe('IM_MAINTENANCE')
      expect(
        code({
          ...calm,
          forecast: { ...calm.forecast, closeOut: { longPpm: 1_000_000, shortPpm: 0 } },
          grant: { ...calm.grant, imDiscountPpm: 0 },
          brake: { ...calm.brake, long: [{ upToNotional: usd(10_000_000), ppm: 0 }], short: [{ upToNotional: usd(10_000_000), ppm: 0 }] },
        }),
      ).toBe('IM_CAP')
    })
  })

  test("the brake's own cap is in the brake's line, whichever side it holds", () => {
    for (const side of ['long', 'short'] as const) {
      const { reasons } = Limit.of(vary('brake', { [side]: [{ upToNotional: usd(90_000), ppm: 0 }] }))
      expect(reasons.find(({ factor }) => factor === 'brake')?.notional).toBe(usd(90_000 - 150_000))
      expect(reasons.at(-1)?.notional).toBe(0n)
    }
  })

  describe('side: the one that binds', () => {
    const even = vary('market', { wrongWay: { longPpm: 0, shortPpm: 0 } })
    test('long where both are alike', () => expect(Limit.of(even).side).toBe('long'))
    test('edge: a side with room for one unit more does not bind', () => {
      const next = usd(120_000) + 1n
      expect(Limit.of(vary('brake', { short: [{ upToNotional: next, ppm: 0 }] })).side).toBe('long')
      const { caps } = Worked.inputs.market
      expect(
        Limit.of(vary('market', { openInterest: { long: 0n, short: 0n }, headroom: { long: 0n, short: caps.side - next } })).side,
      ).toBe('long')
    })
    test('edge: a side whose equity is just enough for one unit more does not bind', () => {
      // A long of 100 000 and one unit needs 9.5 %: 9 500 and one unit.
      const inputs = vary('brake', { short: [{ upToNotional: usd(100_000), ppm: 0 }] })
      const having = (equity: bigint) => ({ ...inputs, ledger: { ...inputs.ledger, otherEncumbrance: usd(13_040) - equity } })
      expect(Limit.of(having(usd(9_500) + 1n))).toMatchObject({ notional: usd(100_000), side: 'short' })
      expect(Limit.of(having(usd(9_500)))).toMatchObject({ notional: usd(100_000), side: 'long' })
    })
    test('the one with the higher margin', () =>
      expect(Limit.of(vary('market', { wrongWay: { longPpm: 0, shortPpm: 1 } })).side).toBe('short'))
    test('the one whose own cap is reached, whatever its margin', () => {
      const dear = { ...vary('market', { wrongWay: { longPpm: 0, shortPpm: 1 } }), growth: { ceiling: usd(1_000_000) } }
      expect(Limit.of({ ...dear, brake: { ...dear.brake, long: [{ upToNotional: usd(90_000), ppm: 0 }] } }).side).toBe('long')
      expect(Limit.of(vary('brake', { short: [{ upToNotional: usd(90_000), ppm: 0 }] })).side).toBe('short')
      expect(Limit.of(vary('market', { openInterest: { long: 0n, short: usd(4_410_000) } })).side).toBe('short')
    })
  })

  describe('granted', () => {
    const held = (notional: bigint, ledger: Partial<Inputs.Ledger>) =>
      ask(vary('ledger', { position: { side: 'long', notional: usd(100_000) }, ...ledger }), notional)

    test('null when nothing is asked', () => expect(Limit.of(ask(Worked.inputs, null)).granted).toBe(null))

    test('worked example: collateral at the venue is used first; losses, fees and other markets are carried', () => {
      const inputs = vary('ledger', { venueCollateral: usd(3_000), unrealisedLoss: usd(400), fees: usd(20), otherRequirement: usd(500) })
      expect(Limit.of(inputs).granted).toMatchObject({ status: 'granted', credit: usd(8_000 - 3_000 + 400 + 20 + 500) })
      expect(Limit.of(vary('ledger', { venueCollateral: usd(50_000) })).granted).toMatchObject({ status: 'granted', credit: 0n })
    })

    test('never below the last certificate: it supports what is open', () => {
      expect(Limit.of(vary('ledger', { certificateCredit: usd(9_000) })).granted).toMatchObject({ status: 'granted', credit: usd(9_000) })
    })

    test('edge: the limit itself is granted, one unit more is not', () => {
      expect(Limit.of(ask(Worked.inputs, usd(120_000))).granted).toMatchObject({ status: 'granted', imPpm: 95_000, credit: usd(11_400) })
      expect(Limit.of(ask(Worked.inputs, usd(120_000) + 1n)).granted).toMatchObject({ status: 'refused', code: 'GROWTH' })
    })

    test('a second use of the same credit is refused, and says so', () => {
      expect(Limit.of(vary('ledger', { otherEncumbrance: usd(8_000) })).granted).toEqual({
        status: 'refused',
        code: 'CREDIT_ENCUMBERED',
        message: 'Other certificates and positions bind 8,000.00 of 13,040.00 USD of credit.',
        hint: 'Ask for at most 63,000.00 USD, or close elsewhere and wait until that is final.',
      })
    })

    test('too little credit, bound or not', () => {
      expect(Limit.of(ask({ ...Worked.inputs, growth: { ceiling: usd(10 ** 6) } }, usd(900_000))).granted).toMatchObject({
        code: 'CREDIT_INSUFFICIENT',
        hint: 'Ask for at most 125,000.00 USD, or lock more collateral.',
      })
      // What it needs is told a cent more rather than less, and what there is a cent less.
      const odd = { ...Worked.inputs, growth: { ceiling: usd(10 ** 6) } }
      const there = { ...odd, ledger: { ...odd.ledger, venueCollateral: usd(1) - 1n } }
      expect(Limit.of(ask(there, usd(900_000) + 1n)).granted).toMatchObject({
        message: 'A notional of 900,000.00 USD needs 105,000.31 USD of margin, and 12,000.99 USD can stand behind it.',
      })
      const partial = {
        ...Worked.inputs,
        view: { lots: [], missing: [{ chainId: 1, code: 'RPC_QUORUM_LOST' }] },
        ledger: { ...Worked.inputs.ledger, otherEncumbrance: 0n },
      }
      expect(Limit.of(partial).granted).toMatchObject({
        code: 'CREDIT_INSUFFICIENT',
        hint: 'Cut or close what is open, which is always possible, or ask again when every chain can be read.',
      })
      const uncounted = { chainId: 1, code: 'HOLDER_UNTIED', holder: `0x${'0b'.repeat(20)}` as const }
      const hint = (missing: Inputs.View['missing']) => Limit.of({ ...partial, view: { lots: [], missing } }).granted
      expect(hint([uncounted])).toMatchObject({
        code: 'CREDIT_INSUFFICIENT',
        hint: 'Cut or close what is open, which is always possible, or link again what signers do not count.',
      })
      expect(hint([uncounted, { chainId: 1, code: 'RPC_QUORUM_LOST' }])).toMatchObject({ hint: expect.stringContaining('every chain') })
    })

    test('edge: a limit of one unit is still a limit', () => {
      expect(Limit.of({ ...Worked.inputs, growth: { ceiling: 1n } }).granted).toMatchObject({ hint: 'Ask for at most 0.00 USD.' })
    })

    test('edge: what would just fit if nothing else were bound, and what would not', () => {
      const lost = (amount: number) => vary('ledger', { otherEncumbrance: 1n, unrealisedLoss: usd(amount) })
      expect(Limit.of(lost(5_040)).granted).toMatchObject({ code: 'CREDIT_ENCUMBERED' })
      expect(Limit.of(lost(5_041)).granted).toMatchObject({ code: 'CREDIT_INSUFFICIENT' })
    })

    test('edge: what credit would just carry is refused by its cap, not by credit', () => {
      expect(Limit.of(ask(Worked.inputs, usd(125_000))).granted).toMatchObject({ code: 'GROWTH' })
      expect(Limit.of(ask(Worked.inputs, usd(125_000) + 1n)).granted).toMatchObject({ code: 'CREDIT_ENCUMBERED' })
    })

    test('the tightest cap is the one named', () => {
      const tie = { ...vary('grant', { tierCap: usd(50_000) }), growth: { ceiling: usd(50_000) } }
      expect(Limit.of(tie).granted).toMatchObject({ code: 'TIER_CAP' })
      const inputs = { ...vary('grant', { tierCap: usd(60_000) }), growth: { ceiling: usd(50_000) } }
      expect(Limit.of(inputs).granted).toMatchObject({ status: 'refused', code: 'GROWTH', hint: 'Ask for at most 50,000.00 USD.' })
    })

    test('a stop is named before anything else', () => {
      expect(Limit.of({ ...vary('forecast', { asOf: 0 }), growth: { ceiling: 0n } }).granted).toMatchObject({ code: 'STALE_FORECAST' })
      expect(Limit.of(vary('ledger', { otherEncumbrance: usd(14_000) })).granted).toMatchObject({ code: 'MARGIN_CALL' })
    })

    test('a cut is never refused; where credit is short or stale it keeps the last credit', () => {
      expect(Limit.of(held(usd(80_000), { otherEncumbrance: usd(14_000), certificateCredit: usd(5) })).granted).toEqual({
        status: 'granted',
        maxNotional: usd(80_000),
        credit: usd(5),
        imPpm: 80_000,
      })
      const stale = { ...held(usd(80_000), { certificateCredit: usd(5) }), forecast: { ...Worked.inputs.forecast, asOf: 0 } }
      expect(Limit.of(stale).granted).toMatchObject({ status: 'granted', credit: usd(5) })
      expect(Limit.of(held(0n, { otherEncumbrance: usd(14_000) })).granted).toMatchObject({
        status: 'granted',
        maxNotional: 0n,
        credit: 0n,
      })
    })

    test('a cut may bind more of what is free, so that a loss can be backed', () => {
      expect(Limit.of(held(usd(100_000), { unrealisedLoss: usd(4_000) })).granted).toMatchObject({ credit: usd(12_000) })
      expect(Limit.of(held(usd(100_000), { certificateCredit: usd(5), unrealisedLoss: usd(1_000) })).granted).toMatchObject({
        status: 'granted',
        credit: usd(9_000),
      })
      expect(Limit.of(held(usd(100_000), { certificateCredit: usd(5), unrealisedLoss: usd(4_001) })).granted).toMatchObject({
        credit: usd(5),
      })
    })
  })

  test('a stale forecast moves no quantile', () => {
    const damper = {
      at: 0,
      closeOut: { longPpm: 1, shortPpm: 1 },
      liquidation: { longPpm: 1, shortPpm: 1 },
      throughTheCycle: { longPpm: 1, shortPpm: 1 },
    }
    expect(Limit.of({ ...vary('forecast', { asOf: 0 }), damper }).damper).toBe(damper)
    expect(Limit.of({ ...Worked.inputs, damper }).damper).not.toEqual(damper)
  })

  test('error: a malformed document gives no limit', () => {
    expect(() => Limit.of(vary('ledger', { fees: -1n }))).toThrow('ledger.fees must be an unsigned bigint.')
    expect(() => Limit.of(vary('market', { initial: { kind: 'flat', ppm: 0 } }))).toThrow(Inputs.InvalidInputsError)
  })
})

describe('what a venue may claim', () => {
  const [usdc, weth] = Worked.inputs.view.lots
  if (!usdc || !weth) throw new Error('the worked example has two lots')
  const wide = { ...Worked.inputs, growth: { ceiling: usd(1_000_000) } }
  /** The worked example, in which `dollars` of USDC and nothing else may be claimed. */
  const claiming = (dollars: number, asked: bigint | null = null): Inputs.Inputs => ({
    ...ask(wide, asked),
    version: 2,
    claims: [{ lotId: usdc.lotId, amount: BigInt(dollars) * 10n ** 6n }],
  })

  test('worked example: 5,840 may be claimed, 1,040 is bound elsewhere: 4,800 stand behind it, at 8 %', () => {
    const limit = Limit.of(claiming(5_840))
    expect(limit).toMatchObject({ notional: usd(60_000), imPpm: 80_000, credit: { total: usd(13_040), free: usd(4_800) } })
    expect(limit.bounds).toEqual([
      {
        code: 'ESCROW_CAP',
        notional: null,
        message: 'The venue may claim 5,840.00 of 13,040.00 USD of credit: its escrow is not enabled at the vault, or its cap is lower.',
      },
    ])
  })

  test('rounding: what may be claimed, and what there is, are told down', () => {
    // A third of a cent more of either: 5,840 and 13,040 as before.
    const price = { ...usdc.price, value: usdc.price.value + 10n ** 12n / 3n }
    const { claims, ...rest } = claiming(5_840)
    const dearer = { ...rest, claims, view: { ...rest.view, lots: [{ ...usdc, price }, weth] } } as Inputs.Inputs
    expect(Limit.of(dearer).bounds[0]?.message).toContain('may claim 5,840.00 of 13,040.00 USD')
  })

  test('edge: where all of it may be claimed, nothing is said and nothing changes', () => {
    const claims = [usdc, weth].map(({ lotId, amount }) => ({ lotId, amount }))
    expect(Limit.of({ ...wide, version: 2, claims })).toEqual(Limit.of(wide))
  })

  test('edge: nothing may be claimed: nothing is lent', () => {
    expect(codes(Limit.of({ ...wide, version: 2, claims: [] }))).toEqual(['NO_CREDIT', 'ESCROW_CAP'])
  })

  test('edge: a request beyond it is refused by its name, one beyond everything as before', () => {
    expect(Limit.of(claiming(5_840, usd(60_000))).granted).toMatchObject({ status: 'granted', credit: usd(4_800) })
    expect(Limit.of(claiming(5_840, usd(60_001))).granted).toMatchObject({ status: 'refused', code: 'ESCROW_CAP' })
    expect(Limit.of(claiming(5_840, usd(130_000))).granted).toMatchObject({ status: 'refused', code: 'CREDIT_ENCUMBERED' })
    expect(Limit.of(claiming(5_840, usd(900_000))).granted).toMatchObject({ status: 'refused', code: 'CREDIT_INSUFFICIENT' })
  })

  test('a document from before claims replays as it was, and one that mixes the versions is refused', () => {
    expect(Inputs.parse(Inputs.canonical(claiming(7)))).toEqual(claiming(7))
    expect(() => Limit.of({ ...wide, version: 2 })).toThrow(Inputs.InvalidInputsError)
    expect(() => Limit.of({ ...claiming(7), version: 1 })).toThrow(Inputs.InvalidInputsError)
    const twice = claiming(7).claims ?? []
    expect(() => Limit.of({ ...claiming(7), claims: [...twice, ...twice] })).toThrow(Inputs.InvalidInputsError)
  })
})
