/** Inputs documents for property tests: every one is valid, and every branch of a limit is near. */
import fc from 'fast-check'
import * as Inputs from '../Inputs.ts'
import * as Worked from './worked.ts'

const one = 10n ** 18n

/** USD from nothing to ten million, with the odd units that find rounding faults. */
export const usd = fc.oneof(
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1_000_000 }).map((whole) => BigInt(whole) * one) },
  { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 7n * one }) },
)
const positiveUsd = usd.map((value) => value + 1n)
/** Usually out of the way, sometimes binding. */
const cap = fc.oneof({ weight: 5, arbitrary: fc.bigInt({ min: 10n ** 6n * one, max: 10n ** 8n * one }) }, { weight: 1, arbitrary: usd })
const upTo = (max: bigint) => fc.bigInt({ min: 0n, max: max * one })
/** Usually nothing, sometimes up to `max` USD. */
const seldom = (max: bigint) => fc.oneof({ weight: 2, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: upTo(max) })
const ppm = (max: number) => fc.integer({ min: 0, max })
const age = (max: number) =>
  fc.oneof({ weight: 25, arbitrary: fc.integer({ min: -5, max }) }, { weight: 1, arbitrary: fc.integer({ min: max, max: 3 * max }) })
const hex = (bytes: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)).map((digits) => `0x${digits}` as const)

/** Steps that rise; the last is open. */
function steps<T>(values: fc.Arbitrary<readonly T[]>): fc.Arbitrary<{ upTo: bigint | null; value: T }[]> {
  return values.chain((list) =>
    fc
      .uniqueArray(positiveUsd, { minLength: list.length - 1, maxLength: list.length - 1 })
      .map((bounds) => bounds.sort((a, b) => (a < b ? -1 : 1)))
      .map((bounds) => list.map((value, i) => ({ upTo: bounds[i] ?? null, value }))),
  )
}
const sorted = (max: number, length: number) =>
  fc.array(ppm(max), { minLength: 1, maxLength: length }).map((list) => list.sort((a, b) => a - b))

/** Curves whose rate stays near `max`; at least 1 ppm, so that they may stand alone. */
export function curve(max: number): fc.Arbitrary<Inputs.Curve> {
  return fc.oneof(
    ppm(max - 1).map((ppm) => ({ kind: 'flat' as const, ppm: ppm + 1 })),
    steps(sorted(max - 1, 4)).map((list) => ({ kind: 'tiers' as const, tiers: list.map(({ upTo, value }) => ({ upTo, ppm: value + 1 })) })),
    fc.record({ ppm: ppm(max >> 1), coefficientPpm: ppm(max >> 1), unit: fc.constantFrom(10n ** 6n * one, 10n ** 8n * one) }).map((it) => ({
      kind: 'sqrt' as const,
      ...it,
      ppm: it.ppm + 1,
    })),
    fc.record({ ppm: ppm(max - 1), lower: usd, width: positiveUsd }).map(({ ppm, lower, width }) => ({
      kind: 'openInterest' as const,
      ppm: ppm + 1,
      lower,
      upper: lower + width,
    })),
  )
}

const quantile = (max: number) => fc.record({ longPpm: ppm(max), shortPpm: ppm(max) })
const quantiles = { closeOut: quantile(400_000), liquidation: quantile(200_000), throughTheCycle: quantile(200_000) }

function lot(asOf: number): fc.Arbitrary<Inputs.Lot> {
  return fc
    .record({
      chainId: fc.integer({ min: 1, max: 3 }),
      asset: fc.constantFrom('USDC', 'WETH', 'WBTC'),
      custody: fc.constantFrom<Inputs.Custody>('LOCKED', 'LOCKED', 'LIENED', 'OBSERVED'),
      decimals: fc.constantFrom(0, 6, 18),
      whole: fc.integer({ min: 0, max: 50 }),
      dust: fc.integer({ min: 0, max: 999_999 }),
      pending: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: ppm(1_200_000) }),
      price: fc.record({
        value: fc.bigInt({ min: 0n, max: 5_000n * one }),
        confidence: seldom(20n),
        publishedAt: age(60).map((age) => asOf - age),
      }),
      haircuts: fc.record({ assetPpm: ppm(400_000), bridgePpm: ppm(100_000), venuePpm: ppm(100_000), agePpm: ppm(100_000) }),
      timestamp: age(120).map((age) => asOf - age),
    })
    .map(({ whole, dust, pending, timestamp, ...rest }) => {
      const amount = BigInt(whole) * 10n ** BigInt(rest.decimals) + BigInt(rest.decimals > 0 ? dust : 0)
      return {
        ...rest,
        lotId: '0x',
        holder: Worked.inputs.subject.account,
        token: Worked.inputs.subject.account,
        venue: 'vault',
        amount,
        pendingOut: (amount * BigInt(pending)) / 1_000_000n,
        block: { number: 1n, hash: Worked.inputs.subject.market, timestamp },
      }
    })
}

const brakeSteps = fc
  .tuple(fc.uniqueArray(fc.oneof(cap, usd), { minLength: 1, maxLength: 6 }), fc.array(ppm(500_000), { minLength: 6, maxLength: 6 }))
  .map(([bounds, rates]) => {
    const rising = rates.sort((a, b) => a - b)
    return bounds.sort((a, b) => (a < b ? -1 : 1)).map((upToNotional, i) => ({ upToNotional, ppm: rising[i] ?? 0 }))
  })

const params = fc
  .record({
    betaPpm: ppm(500_000),
    brakeMaxPpm: fc.constant(500_000),
    floorPpm: ppm(50_000),
    longCapPpm: fc.constantFrom(1_000_000, 900_000),
    quantileFallPpmPerDay: ppm(1_000_000),
    throughTheCycleMovePpmPerDay: ppm(100_000),
    discounts: fc.tuple(ppm(300_000), ppm(300_000), ppm(999_999)),
    concentration: steps(sorted(1_000_000, 4).map((list) => list.reverse())),
  })
  .map(
    ({ discounts, concentration, ...rest }): Inputs.Params => ({
      ...Worked.inputs.params,
      ...rest,
      tierDiscountPpm: [0, ...discounts],
      concentration: concentration.map(({ upTo, value }) => ({ upTo, weightPpm: value })),
    }),
  )

const { asOf } = Worked.inputs

/** Valid inputs documents. */
export const inputs: fc.Arbitrary<Inputs.Inputs> = fc
  .record({
    version: fc.constant(1 as const),
    asOf: fc.constant(asOf),
    subject: fc.record({
      participantId: hex(32),
      account: hex(20),
      venue: fc.record({ chainId: fc.integer({ min: 1, max: 10 ** 9 }), address: hex(20) }),
      market: hex(32),
    }),
    request: fc.record({ notional: fc.oneof(fc.constant(null), upTo(500_000n), upTo(20_000n), upTo(10n)) }),
    lots: fc.array(lot(asOf), { maxLength: 6, size: 'max' }),
    missing: fc.uniqueArray(fc.integer({ min: 4, max: 6 }), { maxLength: 1 }),
    market: fc.record({
      symbol: fc.constant('ETH-PERP'),
      price: fc.record({ index: positiveUsd, mark: positiveUsd, publishedAt: age(60).map((age) => asOf - age) }),
      initial: curve(300_000),
      maintenance: curve(150_000),
      liquidity: curve(50_000),
      liquidationCostPpm: ppm(30_000),
      openInterest: fc.record({ long: usd, short: usd }),
      headroom: fc.record({ long: seldom(10n ** 6n), short: seldom(10n ** 6n) }),
      caps: fc.record({ side: cap.map((value) => value + 10n ** 7n * one), participant: cap }),
      wrongWay: quantile(50_000),
    }),
    forecast: fc.record({
      source: fc.constantFrom('champion', 'baseline'),
      modelHash: hex(32),
      asOf: age(900).map((age) => asOf - age),
      sigmaPpm: ppm(5_000_000),
      ...quantiles,
    }),
    damper: fc.option(fc.record({ at: fc.integer({ min: asOf - 200_000, max: asOf + 100 }), ...quantiles })),
    grant: fc.record({
      tier: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      score: fc.integer({ min: -100, max: 1_000 }),
      pdPpm: ppm(1_000_000),
      imDiscountPpm: ppm(400_000),
      provenCap: usd,
      tierCap: cap,
      reasons: fc.array(fc.record({ code: fc.constantFrom('REPAID', 'LIQUIDATED'), points: fc.integer({ min: -50, max: 50 }) }), {
        maxLength: 3,
      }),
      modelHash: hex(32),
      asOf: fc.constant(asOf),
      validUntil: fc.integer({ min: asOf - 10, max: asOf + 100 }),
    }),
    brake: fc.record({
      status: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'unavailable' as const),
      bookHash: hex(32),
      reflexivity: quantile(1_000_000),
      long: brakeSteps,
      short: brakeSteps,
    }),
    ledger: fc
      .record({
        version: fc.bigInt({ min: 0n, max: 1_000n }),
        otherEncumbrance: seldom(100_000n),
        certificateCredit: seldom(2_000n),
        side: fc.constantFrom('long' as const, 'short' as const, 'flat' as const),
        notional: seldom(5_000n),
        venueCollateral: seldom(100_000n),
        unrealisedLoss: seldom(10_000n),
        fees: seldom(100n),
        otherRequirement: seldom(10_000n),
      })
      .map(({ side, notional, ...rest }) => ({ ...rest, position: { side, notional: side === 'flat' ? 0n : notional } })),
    growth: fc.record({ ceiling: cap }),
    params,
  })
  .map(
    ({ lots, missing, ...rest }): Inputs.Inputs => ({
      ...rest,
      view: {
        lots: lots.map((lot, i) => ({ ...lot, lotId: `0x${(i + 1).toString(16).padStart(64, '0')}` })),
        missing: missing.map((chainId) => ({ chainId, code: 'RPC_QUORUM_LOST' })),
      },
    }),
  )
  .filter(valid)

/** The rare market whose maintenance margin leaves no room below the cap is refused at load, and not what properties are about. */
function valid(value: Inputs.Inputs): boolean {
  try {
    Inputs.assertValid(value)
    return true
  } catch (error) {
    if (error instanceof Inputs.InvalidInputsError && error.path === 'market.maintenance') return false
    throw error
  }
}
