import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Option } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import { type Fields, type Json, run } from './Conformance.ts'
import * as Derive from './derive.ts'

const anchors = [Derive.standardMargin, Derive.portfolioMargin, Derive.auctions]
const shared = process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../../shared')
const judge = (document: Fields) => run([document], anchors)
/** What is wrong with one case, as sentences. */
const wrong = (document: Fields) =>
  judge(document).files.flatMap((file) =>
    file.groups.flatMap((group) => group.differences.map(({ field, want, got }) => ({ field, want, got }))),
  )
const sentence = (text: string) => [{ field: '', want: null, got: expect.stringContaining(text) }]

describe('derive-srm', () => {
  const option = { strike: 1000, isCall: true, amount: -1, vol: 0 }
  const expiry = { sec: 0, forward: 1000, fwdConf: 1, volConf: 1, options: [option] }
  const market = {
    spot: 1000,
    spotConf: 1,
    perpPrice: 1100,
    perpConf: 1,
    perpPos: -2,
    perpPnl: 5,
    base: 3,
    baseFactor: 0.5,
    imScale: 0.5,
    mmPerp: 0.1,
    imPerp: 0.2,
    oc: { perp: 0.5, option: 0.5, base: 0.5, factor: 1 },
    expiries: [expiry],
  }
  const given = { cash: 7, stablePrice: 1, depeg: { threshold: 0.9, factor: 1 }, markets: { ETH: market } }
  const document = (id: string, changed: Json, out: Fields): Fields => ({
    anchor: 'derive-srm',
    groups: [{ id, cases: [{ name: 'by hand', in: changed, out }] }],
  })

  test('worked example: one account, in full and in whole dollars', () => {
    // 7 + 5 − 0.2·2200 − 0.15·1000 + 0.25·3000; 7 + 5 − 0.1·2200 − 0.075·1000 + 0.5·3000
    expect(wrong(document('srm-cases', given, { IM: 172, MM: 1217, MtM: 3012 }))).toEqual([])
    expect(wrong(document('srm-portfolio', { ...given, cash: 6.4 }, { IM_trunc_usd: 171, MM_trunc_usd: '1216' }))).toEqual([])
    expect(wrong(document('srm-portfolio', { ...given, cash: -172.6 }, { IM_trunc_usd: -7 }))).toEqual([])
    expect(wrong(document('srm-portfolio', { ...given, cash: -165.0000000001 }, { IM_trunc_usd: 0 }))).toEqual([])
    expect(wrong(document('srm-portfolio', { ...given, cash: -174.9999999999 }, { IM_trunc_usd: -10 }))).toEqual([])
  })

  test('worked example: several currencies, and none', () => {
    expect(wrong(document('srm-cases', { ...given, markets: { ETH: market, BTC: market } }, { IM: 337 }))).toEqual([])
    expect(wrong(document('srm-cases', { ...given, markets: {} }, { IM: 7, MM: 7, MtM: 7 }))).toEqual([])
  })

  test('error: a wrong figure is shown', () => {
    expect(wrong(document('srm-cases', given, { MM: 1218 }))).toEqual([{ field: 'MM', want: 1218, got: expect.closeTo(1217, 9) }])
  })

  test.each([
    ['cash', { ...given, cash: 'much' }],
    ['owing', { ...given, owing: 1 }],
    ['expiries', { ...given, markets: { ETH: { ...market, expiries: null } } }],
    ['gamma', { ...given, markets: { ETH: { ...market, gamma: 1 } } }],
    ['rate', { ...given, markets: { ETH: { ...market, expiries: [{ ...expiry, rate: 0 }] } } }],
    ['isCall', { ...given, markets: { ETH: { ...market, expiries: [{ ...expiry, options: [{ ...option, isCall: 1 }] }] } } }],
    ['oc', { ...given, markets: { ETH: { ...market, oc: 0.5 } } }],
    ['threshold', { ...given, depeg: { factor: 1 } }],
    ['spot', { ...given, markets: { ETH: { ...market, spot: 0 } } }],
  ])('error: %s cannot be read', (field, changed) => {
    expect(wrong(document('srm-cases', changed as Json, { IM: 0 }))).toEqual(sentence(field))
  })
})

describe('derive-pmrm2', () => {
  const parameters = {
    SkewShock: {
      LINEAR_SCALE_CAP: 0.5,
      LINEAR_CBASE: 0,
      ABS_SCALE_CAP: 0,
      ABS_CBASE: 0,
      MIN_K_STAR: 1,
      MIN_WIDTH_SCALE: 0,
      VOL_PARAM_STATIC: 0,
      VOL_PARAM_SCALE: 0,
    },
    VolShock: { VOLRANGEUP: 0, MIN_VOL_EVAL_SHOCKED: 0, VOLRANGEDOWN: 0, SHORTTERMPOWER: 0, LONGTERMPOWER: 0, DTE_FLOOR: 0 },
    Margin: {
      MM_LOSS_FACTOR: 0.5,
      IM_LOSS_FACTOR: 1,
      SHORT_RATE_MULTSCALE: 0,
      LONG_RATE_MULTSCALE: 0,
      SHORT_RATE_ADDSCALE: 0,
      LONG_RATE_ADDSCALE: 0,
      BASE_STATIC_DISCOUNT: 1,
      BASE_STATIC_DISCOUNT_NEG: 1,
    },
    BasisContingency: { SCENARIO_SPOT_UP: 1.25, SCENARIO_SPOT_DOWN: 0.75, BASIS_CONT_ADD_FACTOR: 0.5, BASIS_CONT_MULT_FACTOR: 0 },
    OtherContingency: {
      PEG_LOSS_THRESHOLD: 0,
      PEG_LOSS_FACTOR: 0,
      CONF_THRESHOLD: 0.5,
      CONF_MARGIN: 1,
      MM_PERP_PERCENT: 0.01,
      IM_PERP_PERCENT: 0.02,
      MM_OPTION_PERCENT: 0,
      IM_OPTION_PERCENT: 0,
    },
  }
  const scenarios = [
    [1.5, 'Up', 1],
    [1, 'None', 1],
    [0.5, 'Down', 1],
    [4, 'Up', 0.25],
    [1, 'ABS', 1],
    [1, 'LINEAR', 2],
  ]
  const given = {
    cash: 1000,
    stablePrice: 1,
    spotPrice: 100,
    spotConfidence: 1,
    numPerps: 4,
    perpPrice: 100,
    perpConfidence: 1,
    perpPnl: 20,
    perpFunding: -5,
    collaterals: [['USDC', 50, 1, 1, false, 0.1, 0.2]],
    feeds: [[0, 100, 1, 0, 1, 1]],
    options: [
      [0, 0, true, -8, 0],
      [0, 90, false, 1, 0.5],
    ],
  }
  const document = (changed: Json, out: Fields, more: Fields = {}): Fields => ({
    anchor: 'derive-pmrm2',
    scenarioSets: [scenarios],
    paramSets: [parameters],
    cases: [{ name: 'by hand', scenarioSet: 0, paramSet: 0, in: changed, out }],
    ...more,
  })

  test('worked example: an account that settles now does not move any more, its perps do', () => {
    const out = {
      // 1000 + 15 + 50 − 800 = 265; worst −200; 3 % and 1 % of 400; 0.3 and 0.1 of 50
      IM: 265 - 200 - 12 - 15,
      MM: 265 - 100 - 4 - 5,
      portfolioMtM: 265,
      optionMtM: -800,
      collateralMtM: 50,
      forwardContingency: 0,
      worstRegular: -200,
      worstTail: 0,
      worstSkew: 0,
      worstScenario: 2,
      scenarioPnL: [200, 0, -200, 300, 0, 0],
    }
    expect(wrong(document(given, out))).toEqual([])
  })

  test('worked example: an hour before, options move and net; without perps their profit is gone', () => {
    const hour = {
      ...given,
      numPerps: 0,
      feeds: [[3600, 100, 1, 0, 1, 1]],
      options: [[3600, 0, true, -8, 0]],
    }
    const out = { portfolioMtM: 250, forwardContingency: -100, worstRegular: -400, worstTail: -600, worstSkew: 0, IM: 250 - 600 - 15 }
    expect(wrong(document(hour, out))).toEqual([])
  })

  test('edge: nothing at all', () => {
    const nothing = { ...given, cash: 0, numPerps: 0, collaterals: [], feeds: [], options: [] }
    expect(wrong(document(nothing, { IM: 0, MM: 0, portfolioMtM: 0, worstScenario: 6, scenarioPnL: [0, 0, 0, 0, 0, 0] }))).toEqual([])
  })

  test('worked example: a linear skew that moves spot is reported with the cap of the absolute one, and margined with its own', () => {
    const month = { ...given, numPerps: 0, feeds: [[2592000, 100, 1, 0, 1, 1]], options: [[2592000, 150, true, -1, 0.8]] }
    const sets = (spot: number): Fields => ({ scenarioSets: [[[spot, 'LINEAR', 1]]] })
    const found = (spot: number) =>
      Derive.portfolioMargin.groups['']?.answer(
        { name: '', in: month, out: {}, beside: { scenarioSet: 0, paramSet: 0 } },
        document(month, {}, sets(spot)),
      )
    // A cap of 0.5 over a width of 1: the volatility times 1 + 0.5·ln(1.5); the absolute cap is 0 and changes nothing.
    const price = (volatility: number) =>
      Option.price({ kind: 'call', strike: 150, forward: 100, seconds: 2592000, volatility, discount: 1 })
    const loss = price(0.8) - price(0.8 * (1 + 0.5 * Math.log(1.5)))
    expect(found(1.2)).toMatchObject({ worstSkew: 0, scenarioPnL: [expect.closeTo(loss, 12)] })
    const still = found(1)
    expect(still).toMatchObject({ worstSkew: (still as { scenarioPnL: number[] }).scenarioPnL[0] })
  })

  test.each([
    ['scenarioSets', given, { scenarioSets: [] }],
    ['scenarioSets', given, { scenarioSets: undefined }],
    ['paramSets', given, { paramSets: [] }],
    ['volShock', given, { scenarioSets: [[[1, 'Sideways', 1]]] }],
    ['dampening', given, { scenarioSets: [[[1, 'Up', null]]] }],
    ['scenarios', given, { scenarioSets: [[[1, 'Up']]] }],
    ['CONF_MARGIN', given, { paramSets: [{ ...parameters, OtherContingency: { ...parameters.OtherContingency, CONF_MARGIN: 'x' } }] }],
    ['Greeks', given, { paramSets: [{ ...parameters, Greeks: {} }] }],
    ['vega', { ...given, vega: 1 }, {}],
    ['numPerps', { ...given, numPerps: true }, {}],
    ['feeds', { ...given, feeds: [...given.feeds, ...given.feeds] }, {}],
    ['options', { ...given, feeds: [] }, {}],
    ['options', { ...given, options: [[0, 1]] }, {}],
    ['isRiskCancelling', { ...given, collaterals: [['USDC', 50, 1, 1, 'no', 0, 0]] }, {}],
    ['collateral', { ...given, collaterals: [['USDC', -50, 1, 1, false, 0, 0]] }, {}],
    ['stablePrice', { ...given, stablePrice: 0 }, {}],
  ])('error: %s cannot be read', (field, changed, more) => {
    expect(wrong(document(changed as Json, { IM: 0 }, more as Fields))).toEqual(sentence(field))
  })

  test('error: something stands beside the case that nobody reads', () => {
    const { cases, ...file } = document(given, { IM: 38 })
    const [only] = cases as Fields[]
    expect(wrong({ ...file, cases: [{ ...only, calendar: 1 }] })).toEqual(sentence('calendar'))
  })
})

describe('derive-auction', () => {
  const given = { t: 100, mtm: 100, mm: -60, bufferPct: 0.25, reservedCash: 0, percentWanted: 1 }
  const document = (changed: Json, out: Fields): Fields => ({ anchor: 'derive-auction', cases: [{ name: 'by hand', in: changed, out }] })

  test('worked example: as much as there is, as much as is wanted, nothing', () => {
    expect(wrong(document(given, { discount: 0.8, bufferMargin: -100, maxProportion: 100 / 180, bid: 8000 / 180 }))).toEqual([])
    expect(wrong(document({ ...given, percentWanted: 0.25, reservedCash: 20 }, { bid: 16, maxProportion: 100 / 184 }))).toEqual([])
    expect(wrong(document({ ...given, mm: 60 }, { bufferMargin: 50, maxProportion: 0, bid: 0 }))).toEqual([])
  })

  test.each([
    ['t', { ...given, t: null }],
    ['elapsedSeconds', { ...given, t: -1 }],
    ['fee', { ...given, fee: 1 }],
  ])('error: %s cannot be read', (field, changed) => {
    expect(wrong(document(changed as Json, { bid: 0 }))).toEqual(sentence(field))
  })
})

describe.skipIf(!existsSync(shared))('outside vectors (needs PLIMSOLL_SHARED or ../shared)', () => {
  test.each(['derive-srm', 'derive-pmrm2', 'derive-auction'])('vector: %s', (name) => {
    const document = JSON.parse(readFileSync(join(shared, 'vectors', `${name}.json`), 'utf8'))
    const { passed, failed } = judge(document)
    expect(wrong(document)).toEqual([])
    expect(failed).toBe(0)
    expect(passed).toBeGreaterThan(5)
  })
})
