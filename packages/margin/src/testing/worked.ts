/** One limit in numbers that a person can redo by hand; the method page shows the same. */
import type { Inputs } from '../Inputs.ts'

const hash = (digit: string) => `0x${digit.repeat(64)}` as const
const address = (digit: string) => `0x${digit.repeat(40)}` as const
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const asOf = 1_790_000_000
const lot = {
  holder: address('a'),
  venue: 'vault',
  custody: 'LOCKED',
  pendingOut: 0n,
  block: { number: 100n, hash: hash('b'), timestamp: asOf - 10 },
} as const

/**
 * Credit: 10 000 USDC at 1 USD count 10 000. 2 WETH at (2010 − 2·5) USD, less 20 % and 5 %, count 2 · 2000 · 0.8 · 0.95 = 3040.
 * Of 13 040, other keys bind 1040: E = 12 000.
 */
export const inputs: Inputs = {
  version: 1,
  asOf,
  subject: { participantId: hash('1'), account: address('a'), venue: { chainId: 31_337_003, address: address('c') }, market: hash('e') },
  request: { notional: usd(100_000) },
  view: {
    lots: [
      {
        ...lot,
        lotId: hash('2'),
        chainId: 31_337_001,
        asset: 'USDC',
        token: address('d'),
        amount: 10_000_000_000n,
        decimals: 6,
        price: { value: usd(1), confidence: 0n, publishedAt: asOf - 10 },
        haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
      },
      {
        ...lot,
        lotId: hash('3'),
        chainId: 31_337_002,
        asset: 'WETH',
        token: address('e'),
        amount: 2_000_000_000_000_000_000n,
        decimals: 18,
        price: { value: usd(2_010), confidence: usd(5), publishedAt: asOf - 10 },
        haircuts: { assetPpm: 200_000, bridgePpm: 50_000, venuePpm: 0, agePpm: 0 },
      },
    ],
    missing: [],
  },
  market: {
    symbol: 'ETH-PERP',
    price: { index: usd(2_010), mark: usd(2_012), publishedAt: asOf - 10 },
    initial: { kind: 'flat', ppm: 60_000 },
    maintenance: { kind: 'flat', ppm: 30_000 },
    liquidity: { kind: 'flat', ppm: 10_000 },
    liquidationCostPpm: 10_000,
    openInterest: { long: usd(2_000_000), short: usd(2_000_000) },
    headroom: { long: usd(500_000), short: usd(500_000) },
    caps: { side: usd(5_000_000), participant: usd(1_000_000) },
    wrongWay: { longPpm: 20_000, shortPpm: 0 },
  },
  forecast: {
    source: 'champion',
    modelHash: hash('f'),
    asOf: asOf - 20,
    sigmaPpm: 600_000,
    closeOut: { longPpm: 70_000, shortPpm: 70_000 },
    liquidation: { longPpm: 40_000, shortPpm: 40_000 },
    throughTheCycle: { longPpm: 40_000, shortPpm: 40_000 },
  },
  damper: null,
  grant: {
    tier: 3,
    score: 700,
    pdPpm: 40_000,
    imDiscountPpm: 250_000,
    provenCap: usd(120_000),
    tierCap: usd(1_000_000),
    reasons: [{ code: 'REPAID', points: 80 }],
    modelHash: hash('f'),
    asOf: asOf - 60,
    validUntil: asOf + 3_600,
  },
  brake: {
    status: 'ok',
    bookHash: hash('9'),
    reflexivity: { longPpm: 300_000, shortPpm: 300_000 },
    long: [
      { upToNotional: usd(100_000), ppm: 0 },
      { upToNotional: usd(200_000), ppm: 250_000 },
    ],
    short: [
      { upToNotional: usd(100_000), ppm: 0 },
      { upToNotional: usd(200_000), ppm: 250_000 },
    ],
  },
  ledger: {
    version: 7n,
    otherEncumbrance: usd(1_040),
    certificateCredit: 0n,
    position: { side: 'flat', notional: 0n },
    venueCollateral: 0n,
    unrealisedLoss: 0n,
    fees: 0n,
    otherRequirement: 0n,
  },
  growth: { ceiling: usd(120_000) },
  params: {
    betaPpm: 250_000,
    brakeMaxPpm: 500_000,
    floorPpm: 10_000,
    longCapPpm: 1_000_000,
    quantileFallPpmPerDay: 100_000,
    throughTheCycleMovePpmPerDay: 20_000,
    tierDiscountPpm: [0, 100_000, 200_000, 300_000],
    concentration: [
      { upTo: usd(1_000_000), weightPpm: 1_000_000 },
      { upTo: null, weightPpm: 500_000 },
    ],
    maxViewAgeSeconds: 120,
    maxPriceAgeSeconds: 60,
    maxForecastAgeSeconds: 900,
    ttlSeconds: 300,
    closeOutSeconds: 3_600,
    liquidationSeconds: 120,
  },
}

/**
 * schedule   6 %                                      12 000 / 0.06                    = 200 000
 * volatility max(6 %, 7 % + 1 %) = 8 %                12 000 / 0.08                    = 150 000
 * brake      8 % · 1.25 = 10 % above 100 000          12 000 / 0.10                    = 120 000
 * reputation 10 % · (1 − 0.25 · 120 000 / N)          0.1·N − 3 000 = 12 000           = 150 000
 * wrong-way  + 2 % for longs                          0.12·N − 3 000 = 12 000          = 125 000
 * bounds     (1 + 25 %)·5 % = 6.25 % does not bind    the growth bucket                = 120 000
 *
 * At 120 000 initial margin is 6 + 2 + 2 − 2.5 + 2 + 0 = 9.5 % long, 7.5 % short; maintenance margin max(3 %, 4 % + 1 %) = 5 %.
 * For 100 000 no brake applies: 8 % · 0.75 + 2 % = 8 %, so the certificate binds 8 000.
 */
export const expected = {
  notional: usd(120_000),
  side: 'long',
  imPpm: 95_000,
  mmPpm: 50_000,
  requirement: usd(11_400),
  leveragePpm: 10_526_315,
  protocolDefault: { notional: usd(200_000), imPpm: 60_000, mmPpm: 30_000, leveragePpm: 16_666_666 },
  reasons: [
    { factor: 'schedule', imPpm: 60_000, notional: usd(200_000) },
    { factor: 'volatility', imPpm: 20_000, notional: usd(-50_000) },
    { factor: 'brake', imPpm: 20_000, notional: usd(-30_000) },
    { factor: 'reputation', imPpm: -25_000, notional: usd(30_000) },
    { factor: 'wrongWay', imPpm: 20_000, notional: usd(-25_000) },
    { factor: 'bounds', imPpm: 0, notional: usd(-5_000) },
  ],
  granted: { status: 'granted', maxNotional: usd(100_000), credit: usd(8_000), imPpm: 80_000 },
} as const
