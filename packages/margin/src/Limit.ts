/** The personal limit: from the inputs document to a notional with its reasons. The one function everybody calls. */
import * as Credit from './Credit.ts'
import * as Curve from './Curve.ts'
import * as Damper from './Damper.ts'
import * as Fixed from './Fixed.ts'
import type * as Inputs from './Inputs.ts'
import * as Requirement from './Requirement.ts'

export type Factor = Requirement.Stage

/** What one factor changed: in initial margin at the final notional, and in the limit. Both columns sum to the result. */
export type Reason = { readonly factor: Factor; readonly imPpm: number; readonly notional: bigint }

/** A cap that binds, or an input that stops a raise. */
export type Bound = { readonly code: BoundCode; readonly notional: bigint | null; readonly message: string }

export type BoundCode =
  | 'NO_CREDIT'
  | 'TIER_CAP'
  | 'GROWTH'
  | 'PARTICIPANT_CAP'
  | 'MARKET_CAP'
  | 'BRAKE'
  | 'BRAKE_UNAVAILABLE'
  | 'PARTIAL_VIEW'
  | 'STALE_FORECAST'
  | 'STALE_PRICE'
  | 'MARGIN_CALL'

/** What a certificate may say for the notional asked. */
export type Granted =
  | { readonly status: 'granted'; readonly maxNotional: bigint; readonly credit: bigint; readonly imPpm: number }
  | { readonly status: 'refused'; readonly code: string; readonly message: string; readonly hint: string }

export type Limit = {
  /** Largest total position notional, the worse of the two sides. USD. */
  readonly notional: bigint
  /** The side that binds. */
  readonly side: Inputs.Side
  /** Initial and maintenance margin at `notional`, the worse of the two sides. */
  readonly imPpm: number
  readonly mmPpm: number
  /** ⌈IM·N⌉ at `notional`. USD. */
  readonly requirement: bigint
  /** 1 / IM, × 1e6, rounded down. */
  readonly leveragePpm: number
  readonly credit: Credit.Credit & { readonly free: bigint }
  /** What the static schedule alone would give on the same credit. */
  readonly protocolDefault: { readonly notional: bigint; readonly imPpm: number; readonly mmPpm: number; readonly leveragePpm: number }
  readonly reasons: readonly Reason[]
  readonly bounds: readonly Bound[]
  /** The quantiles as applied: what the next limit falls from. */
  readonly damper: Inputs.Damper
  /** For a request; null when the document asks for the largest notional. */
  readonly granted: Granted | null
}

/** No notional is greater than what a certificate can say. */
const greatest = (1n << 128n) - 1n

/**
 * The limit of one (participant, account, venue, market).
 *
 * Formula: the largest N with `R(N) = ⌈IM(N)·N⌉ ≤ E` and N within every cap, where
 *          `E = credit − other encumbrance + venue collateral − losses − fees − Σ R of other markets there`; exact bisection.
 * Source:  docs/method/limit.md, eq. (7) to (9).
 * Rounding: requirements up, credit and the notional down.
 *
 * Worse inputs never raise it; more collateral never lowers it. What the market does (no credit, stale inputs, caps) is in
 * `bounds`, not thrown.
 */
export function of(inputs: Inputs.Inputs): Limit {
  const { asOf, params, ledger, forecast, view } = inputs
  const credit = Credit.of(view.lots, params, asOf)
  const free = atLeastZero(credit.total - ledger.otherEncumbrance)
  const equity = free + ledger.venueCollateral - ledger.unrealisedLoss - ledger.fees - ledger.otherRequirement
  const damper = Damper.apply(inputs.damper, forecast, asOf, params)
  const discountPpm = Requirement.discountOf(inputs)

  const rate = (stage: Requirement.Stage) => (notional: bigint) => {
    const long = Requirement.initial({ inputs, damper, side: 'long', notional, stage, discountPpm })
    const short = Requirement.initial({ inputs, damper, side: 'short', notional, stage, discountPpm })
    return long > short ? long : short
  }
  const uncapped = Requirement.stages.map((stage) => largest(rate(stage), equity))
  const byEquity = uncapped.at(-1) ?? 0n
  const protocolDefault = defaultOf(inputs, equity)
  const caps = capsOf(inputs, protocolDefault.notional, credit.total)
  const cap = caps.reduce((least, { notional }) => (notional !== null && notional < least ? notional : least), greatest)
  const notional = byEquity < cap ? byEquity : cap

  const im = Number(rate('bounds')(notional))
  const long = Requirement.maintenance(inputs, damper, 'long', notional)
  const short = Requirement.maintenance(inputs, damper, 'short', notional)
  const limits = Requirement.stages.map((stage, i) => ({
    factor: stage,
    imPpm: Number(rate(stage)(notional)),
    notional: stage === 'bounds' ? notional : (uncapped[i] ?? 0n),
  }))
  const reasons = limits.map(({ factor, imPpm, notional }, i): Reason => {
    const before = limits[i - 1]
    return { factor, imPpm: imPpm - (before?.imPpm ?? 0), notional: notional - (before?.notional ?? 0n) }
  })
  const bounds: Bound[] = caps.filter((bound) => bound.notional === null || (bound.notional <= notional && bound.notional < greatest))
  if (equity <= 0n)
    bounds.push({
      code: 'NO_CREDIT',
      notional: 0n,
      message: 'Nothing is free to stand behind new risk: everything is bound, or counts nothing.',
    })

  const result = {
    notional,
    side: bindingSide({ inputs, damper, discountPpm, equity, notional }),
    imPpm: im,
    mmPpm: Number(long > short ? long : short),
    requirement: Fixed.mulDiv(notional, BigInt(im), Fixed.ppm, 'up'),
    leveragePpm: leverageOf(im),
    credit: { ...credit, free },
    protocolDefault,
    reasons,
    bounds,
    damper,
  }
  return {
    ...result,
    granted:
      inputs.request.notional === null
        ? null
        : grant({ inputs, asked: inputs.request.notional, limit: result, equity, rate: rate('bounds') }),
  }
}

/** The largest N with ⌈rate(N)·N⌉ ≤ equity. `rate` is non-decreasing, so the bracket shrinks from both ends. */
function largest(rate: (notional: bigint) => bigint, equity: bigint): bigint {
  if (equity <= 0n) return 0n
  const covered = (notional: bigint) => Fixed.mulDiv(notional, rate(notional), Fixed.ppm, 'up') <= equity
  const at = (ppm: bigint) => {
    const notional = ppm === 0n ? greatest : (equity * Fixed.ppm) / ppm
    return notional < greatest ? notional : greatest
  }
  let high = at(rate(0n))
  if (covered(high)) return high
  let low = at(rate(high))
  if (!covered(low)) low = 0n
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (covered(middle)) low = middle
    else high = middle
  }
  return low
}

function defaultOf(inputs: Inputs.Inputs, equity: bigint): Limit['protocolDefault'] {
  const { market, params } = inputs
  const maintenance = (notional: bigint) => worse((side) => Curve.ppm(market.maintenance, notional, market.openInterest[side]))
  const rate = (notional: bigint) =>
    worse((side) => {
      const schedule = Curve.ppm(market.initial, notional, market.openInterest[side])
      const least = Fixed.mulDiv(maintenance(notional), Fixed.ppm + BigInt(params.betaPpm), Fixed.ppm, 'up')
      return [schedule, least, BigInt(params.floorPpm)].reduce((a, b) => (a > b ? a : b))
    })
  const caps = [market.caps.participant, sideCap(inputs, 'long'), sideCap(inputs, 'short')]
  const notional = caps.reduce((a, b) => (a < b ? a : b), largest(rate, equity))
  const imPpm = Number(rate(notional))
  return { notional, imPpm, mmPpm: Number(maintenance(notional)), leveragePpm: leverageOf(imPpm) }
}

/** Every cap on the notional, whether it binds or not; `notional: null` is a remark that caps nothing. */
function capsOf(inputs: Inputs.Inputs, protocolDefault: bigint, creditTotal: bigint): Bound[] {
  const { asOf, params, grant, growth, market, brake, forecast, ledger, view } = inputs
  const caps: Bound[] = [
    { code: 'TIER_CAP', notional: grant.tierCap, message: `Tier ${grant.tier} carries at most this much.` },
    { code: 'GROWTH', notional: growth.ceiling, message: "The venue's growth bucket takes at most this much now." },
    { code: 'PARTICIPANT_CAP', notional: market.caps.participant, message: 'One participant carries at most this much in this market.' },
  ]
  for (const side of ['long', 'short'] as const) {
    caps.push({
      code: 'MARKET_CAP',
      notional: sideCap(inputs, side),
      message: `Open interest and live headroom leave this much on the ${side} side.`,
    })
    if (brake.status === 'ok') {
      caps.push({
        code: 'BRAKE',
        notional: brake[side].at(-1)?.upToNotional ?? 0n,
        message: `More would make forced ${side === 'long' ? 'selling' : 'buying'} feed on itself: the brake allows no raise of the ${side} side beyond this.`,
      })
    }
  }
  if (brake.status === 'unavailable') {
    caps.push({
      code: 'BRAKE_UNAVAILABLE',
      notional: protocolDefault,
      message: "The venue's book could not be read: no raise above static terms, and no discount.",
    })
  }
  if (asOf - forecast.asOf > params.maxForecastAgeSeconds)
    caps.push({
      code: 'STALE_FORECAST',
      notional: 0n,
      message: `The forecast is ${asOf - forecast.asOf} s old, older than ${params.maxForecastAgeSeconds} s.`,
    })
  if (asOf - market.price.publishedAt > params.maxPriceAgeSeconds)
    caps.push({
      code: 'STALE_PRICE',
      notional: 0n,
      message: `The price is ${asOf - market.price.publishedAt} s old, older than ${params.maxPriceAgeSeconds} s.`,
    })
  if (creditTotal < ledger.otherEncumbrance + ledger.certificateCredit) {
    caps.push({
      code: 'MARGIN_CALL',
      notional: 0n,
      message: 'Credit has fallen below what is bound: no raise until it is back, or the bound is less.',
    })
  }
  for (const { chainId, code } of view.missing)
    caps.push({
      code: 'PARTIAL_VIEW',
      notional: null,
      message: `Chain ${chainId} could not be read (${code}): what lies there counts nothing.`,
    })
  return caps
}

function sideCap(inputs: Inputs.Inputs, side: Inputs.Side): bigint {
  const { caps, openInterest, headroom } = inputs.market
  return atLeastZero(caps.side - openInterest[side] - headroom[side])
}

function bindingSide(args: {
  readonly inputs: Inputs.Inputs
  readonly damper: Inputs.Damper
  readonly discountPpm: number
  readonly equity: bigint
  readonly notional: bigint
}): Inputs.Side {
  const { inputs, damper, discountPpm, notional } = args
  if (sideCap(inputs, 'short') === notional && sideCap(inputs, 'long') > notional) return 'short'
  if (sideCap(inputs, 'long') === notional && sideCap(inputs, 'short') > notional) return 'long'
  const long = Requirement.initial({ inputs, damper, side: 'long', notional, stage: 'bounds', discountPpm })
  const short = Requirement.initial({ inputs, damper, side: 'short', notional, stage: 'bounds', discountPpm })
  return short > long ? 'short' : 'long'
}

/**
 * The certificate for `asked`: the smallest credit with which the venue's admission rule passes, and never below the last one.
 * A cut is never refused.
 */
function grant(args: {
  readonly inputs: Inputs.Inputs
  readonly asked: bigint
  readonly limit: Pick<Limit, 'notional' | 'credit' | 'bounds'>
  readonly equity: bigint
  readonly rate: (notional: bigint) => bigint
}): Granted {
  const { inputs, asked, limit, equity, rate } = args
  const { ledger } = inputs
  const imPpm = Number(rate(asked))
  if (asked <= ledger.position.notional) return { status: 'granted', maxNotional: asked, credit: ledger.certificateCredit, imPpm }

  const requirement = Fixed.mulDiv(asked, BigInt(imPpm), Fixed.ppm, 'up')
  if (asked > limit.notional) {
    const bound = limit.bounds.find(({ notional }) => notional !== null && asked > notional)
    if (requirement <= equity && bound)
      return { status: 'refused', code: bound.code, message: bound.message, hint: `Ask for at most ${dollars(limit.notional)} USD.` }
    const bindsElsewhere = ledger.otherEncumbrance > 0n && requirement <= equity + ledger.otherEncumbrance
    return bindsElsewhere
      ? {
          status: 'refused',
          code: 'CREDIT_ENCUMBERED',
          message: `${dollars(ledger.otherEncumbrance)} USD of credit are bound by other certificates or positions; ${dollars(limit.credit.free)} USD are free.`,
          hint: `Ask for at most ${dollars(limit.notional)} USD, or let a certificate elsewhere end first.`,
        }
      : {
          status: 'refused',
          code: 'CREDIT_INSUFFICIENT',
          message: `${dollars(asked)} USD need ${dollars(requirement)} USD of margin; ${dollars(atLeastZero(equity))} USD are there.`,
          hint: `Ask for at most ${dollars(limit.notional)} USD, or lock more collateral.`,
        }
  }
  const needed = atLeastZero(requirement + ledger.otherRequirement + ledger.unrealisedLoss + ledger.fees - ledger.venueCollateral)
  return { status: 'granted', maxNotional: asked, credit: needed > ledger.certificateCredit ? needed : ledger.certificateCredit, imPpm }
}

function worse(of: (side: Inputs.Side) => bigint): bigint {
  const long = of('long')
  const short = of('short')
  return long > short ? long : short
}

function leverageOf(imPpm: number): number {
  return imPpm === 0 ? 0 : Math.floor(1e12 / imPpm)
}

function atLeastZero(value: bigint): bigint {
  return value > 0n ? value : 0n
}

function dollars(value: bigint): string {
  return Fixed.format(value, { decimals: 2 })
}
