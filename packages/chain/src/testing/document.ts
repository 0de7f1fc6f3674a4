/** Test kit: a document that gives 100,000 USD at 8 % on 8,000 USD. */
import type { Inputs } from '@plimsoll/margin'

const hash = (digit: string) => `0x${digit.repeat(64)}` as const
const address = (digit: string) => `0x${digit.repeat(40)}` as const
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
/** Long ago, and no figure here ages: whoever uses it says when it is. */
const asOf = 1_790_000_000
const far = 4_000_000_000

export const inputs: Inputs.Inputs = {
  version: 1,
  asOf,
  subject: { participantId: hash('1'), account: address('a'), venue: { chainId: 31_337_003, address: address('c') }, market: hash('e') },
  request: { notional: usd(100_000) },
  view: {
    lots: [
      {
        lotId: hash('2'),
        chainId: 31_337_001,
        holder: address('a'),
        asset: 'USDC',
        token: address('d'),
        venue: address('b'),
        custody: 'LOCKED',
        amount: 10_000_000_000n,
        pendingOut: 0n,
        decimals: 6,
        block: { number: 100n, hash: hash('b'), timestamp: asOf },
        price: { value: usd(1), confidence: 0n, publishedAt: asOf },
        haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
      },
    ],
    missing: [],
  },
  market: {
    symbol: 'ETH-PERP',
    price: { index: usd(2_000), mark: usd(2_000), publishedAt: asOf },
    initial: { kind: 'flat', ppm: 60_000 },
    maintenance: { kind: 'flat', ppm: 30_000 },
    liquidity: { kind: 'flat', ppm: 10_000 },
    liquidationCostPpm: 10_000,
    openInterest: { long: 0n, short: 0n },
    headroom: { long: 0n, short: 0n },
    caps: { side: usd(5_000_000), participant: usd(1_000_000) },
    wrongWay: { longPpm: 0, shortPpm: 0 },
  },
  forecast: {
    source: 'champion',
    modelHash: hash('f'),
    asOf,
    sigmaPpm: 600_000,
    closeOut: { longPpm: 70_000, shortPpm: 70_000 },
    liquidation: { longPpm: 40_000, shortPpm: 40_000 },
    throughTheCycle: { longPpm: 40_000, shortPpm: 40_000 },
  },
  damper: null,
  grant: {
    ...{ tier: 0, score: 0, pdPpm: 100_000, imDiscountPpm: 0, provenCap: 0n, tierCap: usd(1_000_000), reasons: [] },
    ...{ modelHash: hash('f'), asOf, validUntil: far },
  },
  brake: {
    status: 'ok',
    bookHash: hash('9'),
    reflexivity: { longPpm: 0, shortPpm: 0 },
    long: [{ upToNotional: usd(1_000_000), ppm: 0 }],
    short: [{ upToNotional: usd(1_000_000), ppm: 0 }],
  },
  ledger: {
    ...{ version: 1n, otherEncumbrance: 0n, certificateCredit: 0n, position: { side: 'flat', notional: 0n } },
    ...{ venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n, otherRequirement: 0n },
  },
  growth: { ceiling: usd(500_000) },
  params: {
    betaPpm: 250_000,
    brakeMaxPpm: 500_000,
    floorPpm: 10_000,
    longCapPpm: 1_000_000,
    quantileFallPpmPerDay: 100_000,
    throughTheCycleMovePpmPerDay: 20_000,
    tierDiscountPpm: [0, 100_000, 200_000, 300_000],
    concentration: [{ upTo: null, weightPpm: 1_000_000 }],
    maxViewAgeSeconds: far,
    maxPriceAgeSeconds: far,
    maxForecastAgeSeconds: far,
    ttlSeconds: 300,
    closeOutSeconds: 3_600,
    liquidationSeconds: 120,
  },
}
