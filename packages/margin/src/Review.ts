/** What a signer holds a certificate against before it signs: the document it binds, and the limit the signer finds by itself. */
import * as Amount from './Amount.ts'
import * as Fixed from './Fixed.ts'
import type { Inputs } from './Inputs.ts'
import * as Limit from './Limit.ts'

/** What of a certificate a limit decides. USD and ppm; times in unix seconds. */
export type Terms = {
  readonly maxNotional: bigint
  readonly credit: bigint
  readonly imPpm: number
  readonly issuedAt: number
  readonly expiresAt: number
}

export type Code = 'NOT_DERIVED' | 'CLOCKS_APART' | 'LIFE_TOO_LONG' | 'OVER' | 'MORE_GENEROUS'

export type Verdict = { readonly status: 'sound' } | { readonly status: 'refused'; readonly code: Code; readonly message: string }

const sound: Verdict = { status: 'sound' }
const refuse = (code: Code, message: string): Verdict => ({ status: 'refused', code, message })

/** How far two clocks may stand apart. Seconds. */
export const clockToleranceSeconds = 15

/**
 * Whether the certificate is what its document gives, for a time that this clock agrees with.
 *
 * Formula: `(maxNotional, credit, imPpm) = granted(document)`, `issuedAt = asOf`, `|now − asOf| ≤ 15 s`, `0 < expiresAt − asOf ≤ ttl`.
 * Source:  docs/method/limit.md, eq. (11).
 *
 * It says nothing of whether the document is true: that is for `compare`.
 *
 * @param args.now - the signer's own clock. Unix seconds.
 * @throws {Parse.UnreadableDocumentError} {Inputs.InvalidInputsError} the document is malformed, or cannot be meant.
 */
export function derive(args: derive.Args): Verdict {
  const { inputs, terms, now } = args
  const { asOf, params } = inputs
  if (terms.issuedAt !== asOf) return refuse('NOT_DERIVED', `It says ${terms.issuedAt}, and its inputs are of ${asOf}.`)
  if (Math.abs(now - asOf) > clockToleranceSeconds) return refuse('CLOCKS_APART', `It is of ${asOf}, and it is ${now} here.`)
  const life = terms.expiresAt - terms.issuedAt
  if (life > params.ttlSeconds || life <= 0)
    return refuse('LIFE_TOO_LONG', `It would live ${life} s, and ${params.ttlSeconds} s is the most.`)
  if (terms.expiresAt <= now) return refuse('OVER', `It ended at ${terms.expiresAt}, and it is ${now} here.`)

  const { granted } = Limit.of(inputs)
  if (granted === null) return refuse('NOT_DERIVED', 'Its inputs ask for no notional.')
  if (granted.status === 'refused') return refuse('NOT_DERIVED', `Its inputs give none: ${granted.code}.`)
  const { maxNotional, credit, imPpm } = granted
  if (terms.maxNotional !== maxNotional || terms.credit !== credit || terms.imPpm !== imPpm)
    return refuse('NOT_DERIVED', `It says ${tell(terms)}, and its inputs give ${tell(granted)}.`)
  return sound
}

export declare namespace derive {
  type Args = { readonly inputs: Inputs; readonly terms: Terms; readonly now: number }
}

/**
 * Whether the certificate is no more generous than the limit on the signer's own inputs.
 *
 * Formula: own inputs grant `maxNotional` at a rate ≤ `imPpm`, and `credit ≤ max(free credit of the own inputs, credit accepted on chain)`.
 * Source:  docs/method/limit.md, eq. (12).
 * Rounding: none; integers are compared with tolerance 0.
 *
 * @param args.own - the document with every fact the signer can read replaced by what it read.
 * @param args.accepted - the account's credit at the venue as the book there has it. USD.
 * @throws {Parse.UnreadableDocumentError} {Inputs.InvalidInputsError} the own document cannot be meant.
 */
export function compare(args: compare.Args): Verdict {
  const { own, terms, accepted } = args
  const limit = Limit.of({ ...own, request: { notional: terms.maxNotional } })
  const { granted } = limit
  if (granted === null || granted.status === 'refused')
    return refuse('MORE_GENEROUS', `It says ${usd(terms.maxNotional)}, and ${usd(limit.notional)} is the most here: ${granted?.code}.`)
  if (terms.imPpm < granted.imPpm)
    return refuse('MORE_GENEROUS', `It says ${terms.imPpm} ppm of initial margin, and it is ${granted.imPpm} ppm here.`)
  const most = Fixed.max(limit.credit.free, accepted)
  if (terms.credit > most) return refuse('MORE_GENEROUS', `It says ${usd(terms.credit)} of credit, and ${usd(most)} is free here.`)
  return sound
}

export declare namespace compare {
  type Args = { readonly own: Inputs; readonly terms: Terms; readonly accepted: bigint }
}

/**
 * The quantiles a signer computes with, where a forecast of its own stands beside the one it was given.
 *
 * Formula: `q = max(given, ⌊own · (1 − ε)⌋)`, for each quantile and side.
 * Source:  docs/method/limit.md, eq. (13).
 * Rounding: down, within the tolerance: two machines may round a float apart.
 *
 * @param args.tolerancePpm - ε: how much lower than the signer's own a float may be. ppm.
 */
export function forecast(args: forecast.Args): Inputs['forecast'] {
  const { given, own, tolerancePpm } = args
  const least = (value: number) => Number(Fixed.ofPpm(BigInt(value), 1_000_000 - tolerancePpm, 'down'))
  const worse = (name: 'closeOut' | 'liquidation' | 'throughTheCycle') => ({
    longPpm: Math.max(given[name].longPpm, least(own[name].longPpm)),
    shortPpm: Math.max(given[name].shortPpm, least(own[name].shortPpm)),
  })
  return {
    ...given,
    closeOut: worse('closeOut'),
    liquidation: worse('liquidation'),
    throughTheCycle: worse('throughTheCycle'),
  }
}

export declare namespace forecast {
  type Args = {
    readonly given: Inputs['forecast']
    readonly own: Pick<Inputs['forecast'], 'closeOut' | 'liquidation' | 'throughTheCycle'>
    readonly tolerancePpm: number
  }
}

function tell({ maxNotional, credit, imPpm }: Pick<Terms, 'maxNotional' | 'credit' | 'imPpm'>): string {
  return `${usd(maxNotional)} on ${usd(credit)} at ${imPpm} ppm`
}

const usd = (value: bigint) => `${Amount.exactly(value, 18)} USD`
