/** What a price is worth for a purpose: which sources count, how far they are widened, and when they are refused. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'

/** What is being decided. Each has a policy of its own: what may not raise risk may still have to be liquidated on. */
export type Action = (typeof actions)[number]
export const actions = ['raise', 'withdraw', 'liquidate', 'view'] as const

/** What is known about a price. USD per whole unit, in the units of the account it values. */
export type Quote = {
  /** By source: `mark`, `index`, `twap`, `bid`, `ask`, or whatever a venue calls it. */
  readonly sources: { readonly [source: string]: bigint }
  /** Half the width of the oracle's interval, ≥ 0. */
  readonly confidence: bigint
  /** Of the oldest source. Unix seconds. */
  readonly publishedAt: number
}

/** A price as it counts: what is owned at `low`, what is owed at `high`. */
export type Value = { readonly low: bigint; readonly high: bigint }

/**
 * How a price is read for one action. One source is the plain mark; `bid` and `ask` a spread; `mark` and `twap` the strict price.
 */
export type Rule = {
  readonly sources: readonly string[]
  /** How many confidences the price is widened by, on both sides. */
  readonly widening: bigint
  /** Older than this is stale; null asks nothing. */
  readonly maxAgeSeconds: number | null
  /** Confidence over the lowest source beyond this is too uncertain; null asks nothing. Integer ppm. */
  readonly maxConfidencePpm: number | null
  /** The highest source over the lowest beyond this is too volatile; null asks nothing. Integer ppm. */
  readonly maxDivergencePpm: number | null
}

export type Policy = Readonly<Record<Action, Rule>>

export type Outcome =
  | { readonly status: 'ok'; readonly value: Value }
  | { readonly status: 'refused'; readonly code: 'NON_POSITIVE' | 'STALE' | 'TOO_UNCERTAIN' | 'TOO_VOLATILE'; readonly message: string }

/**
 * A price for one action.
 *
 * Formula: `low = max(0, min(sources) − k·confidence)`, `high = max(sources) + k·confidence`.
 * Source:  docs/method/linear-margin.md, eq. (1).
 * Rounding: none.
 *
 * A price at or below 0 is refused for every action. A price ahead of `asOf` has no age.
 *
 * @param asOf - unix seconds.
 * @throws {MissingSourceError} the rule names a source that the quote does not have.
 * @throws {InvalidQuoteError} the confidence is negative.
 * @throws {Fixed.NotAnIntegerError} a bound of the rule is no integer of ppm.
 *
 * @example
 * const quote = { sources: { mark: 100n, twap: 90n }, confidence: 1n, publishedAt: 0 }
 * const rule = { sources: ['mark', 'twap'], widening: 2n, maxAgeSeconds: 60, maxConfidencePpm: null, maxDivergencePpm: null }
 * Valuation.of(quote, rule, 60)
 * // => { status: 'ok', value: { low: 88n, high: 102n } }
 */
export function of(quote: Quote, rule: Rule, asOf: number): Outcome {
  const prices = rule.sources.map((source) => {
    const price = Object.hasOwn(quote.sources, source) ? quote.sources[source] : undefined
    if (price === undefined) throw new MissingSourceError(source)
    return price
  })
  const first = prices[0]
  if (first === undefined) throw new MissingSourceError('any source')
  if (quote.confidence < 0n) throw new InvalidQuoteError(quote.confidence)
  const [low, high] = [prices.reduce(Fixed.min, first), prices.reduce(Fixed.max, first)]
  if (low <= 0n) return refused('NON_POSITIVE', `the price is ${low}`)

  const age = asOf - quote.publishedAt
  // The negation, so that an unknown time is old.
  if (rule.maxAgeSeconds !== null && !(age <= rule.maxAgeSeconds))
    return refused('STALE', `the price is ${age} s old, and ${rule.maxAgeSeconds} s is the most`)
  if (rule.maxConfidencePpm !== null && exceeds(quote.confidence, low, rule.maxConfidencePpm))
    return refused('TOO_UNCERTAIN', `the price is ${low} give or take ${quote.confidence}`)
  if (rule.maxDivergencePpm !== null && exceeds(high - low, low, rule.maxDivergencePpm))
    return refused('TOO_VOLATILE', `its sources lie between ${low} and ${high}`)

  const width = rule.widening * quote.confidence
  return { status: 'ok', value: { low: Fixed.max(0n, low - width), high: high + width } }
}

/** A price that is the same whoever asks. */
export function mark(price: bigint): Value {
  return { low: price, high: price }
}

function exceeds(part: bigint, whole: bigint, ppm: number): boolean {
  if (!Number.isSafeInteger(ppm)) throw new Fixed.NotAnIntegerError(ppm)
  return part * Fixed.ppm > whole * BigInt(ppm)
}

function refused(code: (Outcome & { readonly status: 'refused' })['code'], why: string): Outcome {
  return { status: 'refused', code, message: `The price may not be used: ${why}.` }
}

/** Thrown when a rule names a source that a quote does not have: unknown is never a price. */
export class MissingSourceError extends BaseError {
  override readonly name = 'Valuation.MissingSourceError'
  readonly source: string
  constructor(source: string) {
    super({
      code: 'MISSING_SOURCE',
      message: `The quote does not have ${source}, which its rule names.`,
      hint: 'Give every source that the rule reads, or a rule that reads fewer.',
    })
    this.source = source
  }
}

/** Thrown when half the width of an interval is below 0: widened by it a price would narrow, and turn over. */
export class InvalidQuoteError extends BaseError {
  override readonly name = 'Valuation.InvalidQuoteError'
  readonly confidence: bigint
  constructor(confidence: bigint) {
    super({
      code: 'INVALID_QUOTE',
      message: `A confidence is half a width, and ${confidence} is below 0.`,
      hint: 'Give the distance from the price to either end of its interval.',
    })
    this.confidence = confidence
  }
}
