import { Inputs, Limit } from '@plimsoll/margin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as WhatIf from './WhatIf.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 10)
const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const hash = (digit: string): Inputs.Hex => `0x${digit.repeat(64)}`
const address = (digit: string): Inputs.Hex => `0x${digit.repeat(40)}`
const now = 1_800_000_000
const steps = [
  { upToNotional: usd(400_000), ppm: 0 },
  { upToNotional: usd(2_000_000), ppm: 100_000 },
]

/** 50,000 USD of collateral at face value, a discount of 5 % on the first 200,000, a brake beyond 400,000. */
const inputs: Inputs.Inputs = {
  version: 1,
  asOf: now,
  subject: { participantId: hash('1'), account: address('a'), venue: { chainId: 3, address: address('c') }, market: hash('2') },
  request: { notional: usd(1_000) },
  view: {
    lots: [
      {
        lotId: hash('3'),
        chainId: 1,
        holder: address('a'),
        asset: 'USDC',
        token: address('e'),
        venue: address('f'),
        custody: 'LOCKED',
        amount: 50_000_000_000n,
        pendingOut: 0n,
        decimals: 6,
        block: { number: 9n, hash: hash('4'), timestamp: now - 2 },
        price: { value: usd(1), confidence: 0n, publishedAt: now - 5 },
        haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
      },
    ],
    missing: [],
  },
  market: {
    symbol: 'ETH-PERP',
    price: { index: usd(3_000), mark: usd(3_000), publishedAt: now - 5 },
    initial: { kind: 'flat', ppm: 50_000 },
    maintenance: { kind: 'flat', ppm: 20_000 },
    liquidity: { kind: 'flat', ppm: 2_000 },
    liquidationCostPpm: 5_000,
    openInterest: { long: 0n, short: 0n },
    headroom: { long: 0n, short: 0n },
    caps: { side: usd(20_000_000), participant: usd(5_000_000) },
    wrongWay: { longPpm: 0, shortPpm: 0 },
  },
  forecast: {
    source: 'champion',
    modelHash: hash('5'),
    asOf: now - 60,
    sigmaPpm: 600_000,
    closeOut: { longPpm: 98_000, shortPpm: 98_000 },
    liquidation: { longPpm: 20_000, shortPpm: 20_000 },
    throughTheCycle: { longPpm: 15_000, shortPpm: 15_000 },
  },
  damper: null,
  grant: {
    tier: 1,
    score: 640,
    pdPpm: 60_000,
    imDiscountPpm: 50_000,
    provenCap: usd(200_000),
    tierCap: usd(5_000_000),
    reasons: [],
    modelHash: hash('6'),
    asOf: now,
    validUntil: now + 3_600,
  },
  brake: { status: 'ok', bookHash: hash('7'), reflexivity: { longPpm: 0, shortPpm: 0 }, long: steps, short: steps },
  ledger: {
    version: 1n,
    otherEncumbrance: 0n,
    certificateCredit: 0n,
    position: { side: 'flat', notional: 0n },
    venueCollateral: 0n,
    unrealisedLoss: 0n,
    fees: 0n,
    otherRequirement: 0n,
  },
  growth: { ceiling: usd(5_000_000) },
  params: {
    betaPpm: 250_000,
    brakeMaxPpm: 500_000,
    floorPpm: 10_000,
    longCapPpm: 1_000_000,
    quantileFallPpmPerDay: 100_000,
    throughTheCycleMovePpmPerDay: 20_000,
    tierDiscountPpm: [0, 100_000, 200_000, 300_000],
    concentration: [{ upTo: null, weightPpm: 1_000_000 }],
    maxViewAgeSeconds: 120,
    maxPriceAgeSeconds: 120,
    maxForecastAgeSeconds: 7_200,
    ttlSeconds: 300,
    closeOutSeconds: 3_600,
    liquidationSeconds: 300,
  },
}
const none = WhatIf.none(inputs)
const limitIf = (change: Partial<WhatIf.Change>) => Limit.of(WhatIf.apply(inputs, { ...none, ...change }))

describe('apply', () => {
  test('worked example: no change gives the limit of the document itself', () => {
    const { granted, ...bound } = Limit.of(inputs)
    const { granted: asked, ...same } = limitIf({})
    expect(same).toEqual(bound)
    expect(granted?.status).toBe('granted')
    expect(asked).toBeNull()
  })

  test('worked example: half the collateral; half again the volatility; a discount that needs a higher tier', () => {
    expect(WhatIf.apply(inputs, { ...none, collateralPpm: -500_000 }).view.lots[0]?.amount).toBe(25_000_000_000n)
    expect(WhatIf.apply(inputs, { ...none, volatilityPpm: 500_000 }).forecast).toMatchObject({
      sigmaPpm: 900_000,
      closeOut: { longPpm: 147_000, shortPpm: 147_000 },
    })
    expect(WhatIf.apply(inputs, { ...none, discountPpm: 150_000 }).grant).toMatchObject({ imDiscountPpm: 150_000, tier: 2 })
    expect(WhatIf.apply(inputs, { ...none, discountPpm: 10_000 }).grant.tier).toBe(1)
    expect(WhatIf.greatestDiscount(inputs.params)).toBe(300_000)
  })

  test('rounding: amounts down, quantiles up, a long never loses more than everything', () => {
    expect(WhatIf.apply(inputs, { ...none, collateralPpm: -333_333 }).view.lots[0]?.amount).toBe(33_333_350_000n)
    expect(WhatIf.apply(inputs, { ...none, volatilityPpm: 1 }).forecast.closeOut.longPpm).toBe(98_001)
    expect(WhatIf.apply(inputs, { ...none, volatilityPpm: 20_000_000 }).forecast.closeOut).toEqual({
      longPpm: 1_000_000,
      shortPpm: 2_058_000,
    })
  })

  test('edge: what is changed is still a document that may be meant', () => {
    const changed = WhatIf.apply(inputs, { collateralPpm: 2_000_000, volatilityPpm: 2_000_000, discountPpm: 300_000 })
    expect(Inputs.parse(Inputs.canonical(changed))).toEqual(changed)
  })

  test('property: more collateral never lowers the limit, more volatility never raises it, more discount never lowers it', () => {
    const change = fc.record({
      collateralPpm: fc.integer({ min: -900_000, max: 2_000_000 }),
      volatilityPpm: fc.integer({ min: -500_000, max: 2_000_000 }),
      discountPpm: fc.integer({ min: 0, max: 300_000 }),
    })
    fc.assert(
      fc.property(change, fc.integer({ min: 0, max: 500_000 }), (at, step) => {
        const { notional } = limitIf(at)
        expect(limitIf({ ...at, collateralPpm: at.collateralPpm + step }).notional).toBeGreaterThanOrEqual(notional)
        expect(limitIf({ ...at, volatilityPpm: at.volatilityPpm + step }).notional).toBeLessThanOrEqual(notional)
        expect(limitIf({ ...at, discountPpm: Math.min(300_000, at.discountPpm + step) }).notional).toBeGreaterThanOrEqual(notional)
      }),
      { numRuns },
    )
  })
})
