/** Test kit: small worlds for ablations. Static margin 10 %, maintenance 4 %, σ so small that the brake sees nothing unless impact is steep. */
import type { Inputs } from '@plimsoll/margin'
import type * as Admission from '../Admission.ts'
import * as Book from '../Book.ts'
import * as Brake from '../Brake.ts'

export const usd = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

const hash = `0x${'0'.repeat(64)}` as const
const none = { longPpm: 0, shortPpm: 0 }
const plenty = usd(1e9)

const grant: Inputs.Grant = {
  tier: 3,
  score: 600,
  pdPpm: 0,
  imDiscountPpm: 0,
  provenCap: plenty,
  tierCap: plenty,
  reasons: [],
  modelHash: hash,
  asOf: 0,
  validUntil: 1_000_000,
}

export const terms: Admission.Terms = {
  inputs: {
    version: 1,
    asOf: 0,
    subject: { participantId: hash, account: `0x${'0'.repeat(40)}`, venue: { chainId: 1, address: `0x${'0'.repeat(40)}` }, market: hash },
    request: { notional: null },
    view: { lots: [], missing: [] },
    market: {
      symbol: 'M',
      price: { index: usd(1), mark: usd(1), publishedAt: 0 },
      initial: { kind: 'flat', ppm: 100_000 },
      maintenance: { kind: 'flat', ppm: 40_000 },
      liquidity: { kind: 'flat', ppm: 0 },
      liquidationCostPpm: 0,
      openInterest: { long: 0n, short: 0n },
      headroom: { long: 0n, short: 0n },
      caps: { side: plenty, participant: usd(20_000_000) },
      wrongWay: none,
    },
    forecast: { source: 'test', modelHash: hash, asOf: 0, sigmaPpm: 600_000, closeOut: none, liquidation: none, throughTheCycle: none },
    damper: null,
    grant,
    brake: { status: 'ok', bookHash: hash, reflexivity: none, long: [], short: [] },
    ledger: {
      version: 0n,
      otherEncumbrance: 0n,
      certificateCredit: 0n,
      position: { side: 'flat', notional: 0n },
      venueCollateral: 0n,
      unrealisedLoss: 0n,
      fees: 0n,
      otherRequirement: 0n,
    },
    growth: { ceiling: plenty },
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
      closeOutSeconds: 86_400,
      liquidationSeconds: 300,
    },
  },
  impact: { kind: 'linear', slope: 1e-9 },
  sigmaPpm: 600_000,
  horizonSeconds: 86_400,
  refresh: 1,
}

export const trader = (account: string, collateral: number, imDiscountPpm = 0): Admission.Trader => ({
  account,
  collateral: usd(collateral),
  grant: { ...grant, imDiscountPpm },
})

export const order = (trader: number, side: Book.Side, notional: number): Admission.Order => ({ trader, side, notional: usd(notional) })

export const day = (it: {
  readonly at?: number
  readonly quantilePpm?: number
  readonly orders: readonly Admission.Order[]
}): Admission.Day => {
  const { at = 0, quantilePpm = 0, orders } = it
  const closeOut = { longPpm: quantilePpm, shortPpm: quantilePpm }
  return { at, forecast: { ...terms.inputs.forecast, asOf: at, closeOut }, orders }
}

export const world = (it: Pick<Admission.World, 'traders' | 'days'>): Admission.World => ({ terms, ...it })

/** The brake of an empty book under these terms. */
export const brake = ({ inputs, impact, sigmaPpm, horizonSeconds }: Admission.Terms): Inputs.Brake =>
  Brake.of({
    book: Book.of([]),
    market: 'M',
    bookHash: hash,
    headroom: { long: 0n, short: 0n },
    initialPpm: { long: 50_000, short: 50_000 },
    maintenancePpm: { long: 40_000, short: 40_000 },
    impact,
    sigmaPpm,
    horizonSeconds,
    ceiling: inputs.market.caps.participant,
    brakeMaxPpm: inputs.params.brakeMaxPpm,
  })
