/** What the market's fragility is asked with and answered by. Every figure that may be missing says why. */
import { z } from 'zod'
import { amount, contractId, hash, ppm, seconds, signedPpm, symbol } from './Wire.ts'

const movePpm = ppm.describe('Adverse log move of the price, ppm.')
const large = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const absent = z.strictObject({ status: z.literal('none'), code: z.string(), reason: z.string() })
const measured = <T extends z.ZodRawShape>(shape: T) =>
  z.discriminatedUnion('status', [z.strictObject({ status: z.literal('ok'), ...shape }), absent])

const unread = z.strictObject({
  status: z.literal('unread'),
  market: symbol,
  ageSeconds: z.number().min(0),
  code: z.string(),
  message: z.string().describe('Why the book is not known. Nothing of it is shown, and nothing is taken for 0.'),
})

/** What the figures were taken from, and how old that is. */
const source = z.strictObject({
  takenAt: seconds,
  bookHash: hash.describe('The book the brake of a limit binds: the same hash is in the inputs document of a certificate.'),
  accounts: large.describe('With a position in this market.'),
  blocks: z.array(z.strictObject({ venue: contractId, number: amount, timestamp: seconds, ageSeconds: z.number().min(0) })),
  price: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('ok'), index: amount, publishedAt: seconds, ageSeconds: z.number().min(0) }),
    z.strictObject({ status: z.literal('refused'), code: z.string(), message: z.string() }),
  ]),
  sigma: z.strictObject({
    source: z.enum(['forecast', 'throughTheCycle']).describe('throughTheCycle stands in where there is no forecast.'),
    annualPpm: ppm,
    horizonSeconds: seconds,
    model: z.string().nullable(),
    modelHash: hash.nullable(),
    asOf: seconds.nullable(),
    why: z.string().nullable().describe('Why there is no forecast; null where there is one.'),
  }),
})

const known = { status: z.literal('ok'), market: symbol, ageSeconds: z.number().min(0), source }

const brake = z
  .strictObject({
    status: z.enum(['off', 'on', 'shut']),
    reflexivityPpm: ppm.describe('Secant n over 1, 2, 3 σ through the cycle, headroom of live certificates included.'),
    ppm: ppm.nullable().describe('What the next dollar of a raise adds to initial margin; null where there is none.'),
    steps: z.array(z.strictObject({ upToNotional: amount, ppm })).describe('The table that limits read.'),
  })
  .describe('The very table that limits are computed with.')

const shock = z.strictObject({
  name: z.string().describe('1σ, 2σ, 3σ of the forecast, or 5%, 10%, 20%.'),
  shockPpm: movePpm,
  endsPpm: movePpm.describe('x*: where the price ends, log ppm.'),
  extraPpm: movePpm.describe('LRI = x* − s, log ppm.'),
  amplificationPpm: ppm.describe('A = x*/s.'),
  secantPpm: ppm.describe('n(s) = 1 − s/x*.'),
  forced: amount.describe('Q(x*), USD at the price now.'),
  badDebt: amount,
  rounds: large,
  settled: z.boolean(),
  monotone: z.boolean(),
})

const side = z.strictObject({
  direction: z.enum(['down', 'up']).describe('down: what longs fear; up: what shorts do.'),
  openInterest: amount,
  headroom: amount.describe('What live certificates may still add: the brake counts it.'),
  nearest: measured({ movePpm, sigmasPpm: large }).describe('D1: the smallest move that liquidates anybody.'),
  insolvency: measured({ movePpm }).describe(
    'D2: the smallest shock whose losses their accounts cannot pay, no insurance or backstop counted.',
  ),
  slope: measured({ firstPpm: large, threeSigmaPpm: large }).describe('κ: log move in ppm by a million USD.'),
  local: measured({ nPpm: large, atPpm: movePpm, density: amount }).describe('n local at its steepest; ρ in USD by 1 %.'),
  secantPpm: ppm.describe('n secant: the greatest over 1, 2, 3 σ̂.'),
  brake,
  shocks: z.array(shock),
  critical: measured({ timesPpm: large, leveragePpm: large }).describe('Lc: the largest leverage at which n stays below 1.'),
  wrongWay: measured({ leveragePpm: large }).describe('W = −d ln E/ds of the accounts that lose.'),
  coverage: z
    .strictObject({
      executable: measured({ notional: amount }),
      byLargest: measured({ timesPpm: large }),
      byForced: measured({ timesPpm: large }),
    })
    .describe('V2: what clears within what a liquidator is paid.'),
})

export const marketInput = z.strictObject({ market: symbol })

export const fragilityOutput = z.discriminatedUnion('status', [
  z.strictObject({
    ...known,
    convention: z.enum(['two-sided', 'open-interest']).describe('How notional is counted in a leverage.'),
    posted: measured({ leveragePpm: large }).describe('L1: notional by posted collateral.'),
    equity: measured({ leveragePpm: large }).describe('L2: notional by equity.'),
    divergence: absent.describe('V1: the venue beside its index.'),
    down: side,
    up: side,
  }),
  unread,
])

const clusters = z.strictObject({
  direction: z.enum(['down', 'up']),
  clusters: z.array(
    z.strictObject({
      fromPpm: movePpm,
      toPpm: movePpm,
      fromSigmasPpm: large,
      accounts: large,
      forced: amount,
      cumulative: amount,
    }),
  ),
  standing: z.strictObject({ accounts: large, notional: amount }).describe('What no move up to e⁻³ of the price liquidates.'),
  concentrationPpm: ppm.nullable().describe('HHI over the clusters; null where nothing fails.'),
})

export const clustersOutput = z.discriminatedUnion('status', [
  z.strictObject({
    ...known,
    widthPpm: ppm,
    sigmaPpm: ppm.describe('σ̂ over the horizon, log ppm.'),
    down: clusters,
    up: clusters,
  }),
  unread,
])

export const stressInput = z.strictObject({
  market: symbol,
  shockPpm: signedPpm.describe('Return of the price, from −950,000 to 3,000,000; not 0.'),
  depthPpm: ppm.default(1_000_000).describe('What is left of today’s depth, from 10,000 to 10,000,000.'),
  others: z.enum(['still', 'alike']).default('still').describe('Whether the other markets stand still or move alike.'),
})

export const stressOutput = z.discriminatedUnion('status', [
  z.strictObject({
    ...known,
    shockPpm: signedPpm,
    depthPpm: ppm,
    others: z.enum(['still', 'alike']),
    endsPpm: z.number().int().describe('Return of the price in the end.'),
    extraPpm: z.number().int().describe('What of it the forced flow added.'),
    path: z.array(z.strictObject({ movePpm: z.number().int(), liquidated: large })),
    liquidated: large,
    insolvent: large,
    forced: amount,
    badDebt: amount,
    deleveraged: amount,
    unpaid: amount,
    openInterest: amount,
    forcedPpm: large,
    rounds: large,
    roundCap: large,
    settled: z.boolean().describe('false: stopped at the round cap, a lower bound.'),
    monotone: z.boolean(),
    order: z.string(),
  }),
  unread,
])
