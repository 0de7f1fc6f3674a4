/** The personal limit: from the inputs document to a notional with its reasons. The one function everybody calls. */
import * as Bound from './Bound.ts'
import * as Credit from './Credit.ts'
import * as Damper from './Damper.ts'
import * as Fixed from './Fixed.ts'
import * as Grant from './Granted.ts'
import * as Inputs from './Inputs.ts'
import * as Requirement from './Requirement.ts'

export type Factor = Requirement.Stage
export type BoundCode = Bound.Code
export type Granted = Grant.Granted

/** What one factor changed: in initial margin at the final notional, and in the limit. Both columns sum to the result. */
export type Reason = { readonly factor: Factor; readonly imPpm: number; readonly notional: bigint }

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
  /** `free` is what no other key binds. USD. */
  readonly credit: Credit.Credit & { readonly free: bigint }
  /** What may stand behind it: `total` is free credit and `venue`, what lies at the venue less what is lost, owed and needed there. USD, either may be negative. */
  readonly equity: { readonly venue: bigint; readonly total: bigint }
  /** What the static schedule alone would give on the same credit. */
  readonly protocolDefault: Terms
  readonly reasons: readonly Reason[]
  readonly bounds: readonly Bound.Bound[]
  /** The quantiles as applied: what the next limit falls from. */
  readonly damper: Inputs.Damper
  /** For a request; null when the document asks for the largest notional. */
  readonly granted: Granted | null
}

export type Terms = { readonly notional: bigint; readonly imPpm: number; readonly mmPpm: number; readonly leveragePpm: number }

/**
 * The limit of one (participant, account, venue, market).
 *
 * Formula: the largest N with `R(N) = ⌈IM(N)·N⌉ ≤ E` and N within every cap, where
 *          `E = max(0, collectable − other encumbrance) + venue collateral − losses − fees − requirement of the other markets there`,
 *          with `collectable` the credit of what a settlement could take for this venue.
 * Source:  docs/method/limit.md, eq. (7) to (9).
 * Rounding: requirements up, credit and the notional down, to the last unit.
 *
 * Worse inputs never raise it, more collateral never lowers it. What the market does (no credit, stale inputs, caps) is in `bounds`
 * and in `granted`; it is not thrown.
 *
 * @throws {Parse.UnreadableDocumentError} {Inputs.InvalidInputsError} the document is malformed, or cannot be meant.
 */
export function of(inputs: Inputs.Inputs): Limit {
  Inputs.assertValid(inputs)
  const { collectable, ...credit } = creditOf(inputs)
  const atVenue = atVenueOf(inputs)
  const equity = credit.free + atVenue
  const applied = Damper.apply(inputs.damper, inputs.forecast, inputs.asOf, inputs.params)
  const terms = Requirement.of(inputs, applied)
  const protocolDefault = byDefault(inputs, equity)

  const stops = Bound.stops(inputs, credit.total)
  const caps = [...stops, ...Bound.caps(inputs)]
  const brakeCap = Fixed.min(Bound.brakeCap(inputs, 'long'), Bound.brakeCap(inputs, 'short'))
  const limits = stagesOf(terms, equity, { brake: brakeCap, bounds: least(caps.map(({ notional }) => notional)) })
  const notional = limits.at(-1)?.notional ?? 0n

  const rates = Requirement.stages.map((stage) => Requirement.worst(terms, notional, stage))
  const imPpm = rates.at(-1) ?? 0
  const binding = caps.filter((cap) => cap.notional === notional)
  const limit = {
    notional,
    side: bindingSide(inputs, { terms, equity, notional }),
    imPpm,
    mmPpm: maintenanceOf(terms, notional),
    requirement: Requirement.value(imPpm, notional),
    leveragePpm: leverage(imPpm),
    credit,
    equity: { venue: atVenue, total: equity },
    protocolDefault,
    reasons: limits.map(({ factor, notional }, i): Reason => {
      const imChange = (rates[i] ?? 0) - (rates[i - 1] ?? 0)
      return { factor, imPpm: imChange, notional: notional - (limits[i - 1]?.notional ?? 0n) }
    }),
    bounds: [
      ...binding,
      ...noCredit(terms, equity),
      ...rateBounds(terms, notional),
      ...Bound.escrow(credit.total, collectable),
      ...Bound.remarks(inputs),
    ],
    // A forecast too old to lend on is too old to lower a quantile.
    damper: stops.some(({ code }) => code === 'STALE_FORECAST') ? (inputs.damper ?? applied) : applied,
  }
  return { ...limit, granted: Grant.of(inputs, { terms, equity, credit, collectable, caps, stops, limit: notional }) }
}

export declare namespace of {
  type ErrorType = Inputs.assertValid.ErrorType
}

type Held = Limit['credit'] & { /** What of it the venue could be paid from. USD. */ readonly collectable: bigint }

/** The other keys are taken to be paid first, from what this venue could be paid from. */
function creditOf({ view, claims, params, asOf, ledger }: Inputs.Inputs): Held {
  const credit = Credit.of(view.lots, params, asOf)
  const collectable = claims === undefined ? credit.total : Credit.of(Credit.claimed(view.lots, claims), params, asOf).total
  return { ...credit, collectable, free: Fixed.max(0n, collectable - ledger.otherEncumbrance) }
}

/** What E has beside free credit: collateral at the venue, less losses, fees and what the other markets there require. May be negative. */
function atVenueOf({ ledger }: Inputs.Inputs): bigint {
  return ledger.venueCollateral - ledger.unrealisedLoss - ledger.fees - ledger.otherRequirement
}

function byDefault(inputs: Inputs.Inputs, equity: bigint): Terms {
  const terms = Requirement.byDefault(inputs)
  const cap = least([inputs.market.caps.participant, Bound.sideCap(inputs, 'long'), Bound.sideCap(inputs, 'short')])
  const notional = Requirement.capacity((n) => Requirement.worst(terms, n, 'bounds'), equity, cap)
  const imPpm = Requirement.worst(terms, notional, 'bounds')
  return { notional, imPpm, mmPpm: maintenanceOf(terms, notional), leveragePpm: leverage(imPpm) }
}

/** The limit with the factors switched on one after another; the brake's own cap belongs to the brake, all others to the bounds. */
function stagesOf(terms: Requirement.Requirement, equity: bigint, caps: { readonly brake: bigint; readonly bounds: bigint }) {
  let cap = Bound.greatest
  return Requirement.stages.map((factor) => {
    if (factor === 'brake' || factor === 'bounds') cap = Fixed.min(cap, caps[factor])
    return { factor, notional: Requirement.capacity((n) => Requirement.worst(terms, n, factor), equity, cap) }
  })
}

/** The side that alone would not carry one unit more; where both or neither would, the one with the higher margin. */
function bindingSide(
  inputs: Inputs.Inputs,
  at: { readonly terms: Requirement.Requirement; readonly equity: bigint; readonly notional: bigint },
): Inputs.Side {
  const next = at.notional + 1n
  const rate = (side: Inputs.Side, notional: bigint) => Requirement.initial(at.terms[side], notional, 'bounds')
  const fits = (side: Inputs.Side) =>
    next <= Bound.sideCap(inputs, side) && next <= Bound.brakeCap(inputs, side) && Requirement.value(rate(side, next), next) <= at.equity
  const long = fits('long')
  if (long !== fits('short')) return long ? 'short' : 'long'
  return rate('short', at.notional) > rate('long', at.notional) ? 'short' : 'long'
}

function noCredit(terms: Requirement.Requirement, equity: bigint): readonly Bound.Bound[] {
  if (equity >= Requirement.value(Requirement.worst(terms, 1n, 'bounds'), 1n)) return []
  return [{ code: 'NO_CREDIT', notional: 0n, message: 'Nothing is free to stand behind new risk: all of it is bound, or counts nothing.' }]
}

function rateBounds(terms: Requirement.Requirement, notional: bigint): readonly Bound.Bound[] {
  const [long, short] = [Requirement.initial(terms.long, notional, 'bounds'), Requirement.initial(terms.short, notional, 'bounds')]
  const code = Requirement.bindingBound(short > long ? terms.short : terms.long, notional)
  return code === null ? [] : [{ code, notional: null, message: Bound.rateMessages[code] }]
}

function maintenanceOf(terms: Requirement.Requirement, notional: bigint): number {
  return Math.max(Requirement.maintenance(terms.long, notional), Requirement.maintenance(terms.short, notional))
}

function leverage(imPpm: number): number {
  return Math.floor(1e12 / imPpm)
}

function least(values: readonly bigint[]): bigint {
  return values.reduce(Fixed.min)
}
