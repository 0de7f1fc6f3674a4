/** What a certificate may say for the notional that was asked for. */
import * as Amount from './Amount.ts'
import * as Bound from './Bound.ts'
import * as Fixed from './Fixed.ts'
import type { Inputs } from './Inputs.ts'
import * as Requirement from './Requirement.ts'

export type Granted =
  | { readonly status: 'granted'; readonly maxNotional: bigint; readonly credit: bigint; readonly imPpm: number }
  | {
      readonly status: 'refused'
      readonly code: Bound.Code | 'CREDIT_ENCUMBERED' | 'CREDIT_INSUFFICIENT'
      readonly message: string
      readonly hint: string
    }

/**
 * The certificate for the notional asked, or why there is none; null when none was asked for.
 *
 * Formula: `credit = max(last credit, IM(N)·N + other requirement + losses + fees − venue collateral)`, with the venue's admission rule
 *          `Σ imPpm·N ≤ credit + collateral − losses − fees` holding to the last unit.
 * Source:  docs/method/limit.md, eq. (10).
 * Rounding: up.
 *
 * Up to the open position it is a cut, and a cut is never refused: where credit is short or stale its certificate keeps the last credit.
 */
export function of(inputs: Inputs, state: of.State): Granted | null {
  const { ledger, request } = inputs
  const asked = request.notional
  if (asked === null) return null
  const imPpm = Requirement.worst(state.terms, asked, 'bounds')
  const requirement = Requirement.value(imPpm, asked)
  const needed = requirement + ledger.otherRequirement + ledger.unrealisedLoss + ledger.fees - ledger.venueCollateral
  const credit = Fixed.max(needed, ledger.certificateCredit)
  const granted = (credit: bigint): Granted => ({ status: 'granted', maxNotional: asked, credit, imPpm })

  const backed = state.stops.length === 0 && credit <= state.credit.free
  if (asked <= ledger.position.notional) return granted(backed ? credit : ledger.certificateCredit)
  return asked <= state.limit ? granted(credit) : refusal(inputs, state, { asked, requirement })
}

export declare namespace of {
  type State = {
    readonly terms: Requirement.Requirement
    /** E. USD, may be negative. */
    readonly equity: bigint
    readonly credit: { readonly total: bigint; readonly free: bigint }
    /** What of the credit the venue could be paid from. USD. */
    readonly collectable: bigint
    readonly stops: readonly Bound.Cap[]
    /** Every cap, the stops included. */
    readonly caps: readonly Bound.Cap[]
    /** The limit's notional. */
    readonly limit: bigint
  }
}

/** What stops everything first; then credit, if it is short; then the tightest cap. */
function refusal(
  inputs: Inputs,
  { stops, caps, equity, credit, collectable, limit }: of.State,
  { asked, requirement }: { readonly asked: bigint; readonly requirement: bigint },
): Granted {
  const atMost = limit > 0n ? `Ask for at most ${Amount.dollars(limit, 'down')} USD` : 'Cut or close what is open, which is always possible'
  const [stop] = stops
  if (stop) return { status: 'refused', code: stop.code, message: stop.message, hint: `${atMost}, and ask again when it is mended.` }

  const { otherEncumbrance } = inputs.ledger
  if (requirement > equity) {
    const elsewhere = Fixed.max(0n, credit.total - otherEncumbrance) - credit.free
    if (elsewhere > 0n && requirement <= equity + elsewhere)
      return {
        status: 'refused',
        code: 'ESCROW_CAP',
        message: `The venue may claim ${Amount.dollars(collectable, 'down')} of ${Amount.dollars(credit.total, 'down')} USD of credit, and no more than that stands behind it there.`,
        hint: `${atMost}, or enable the venue's escrow at the vault with a higher cap.`,
      }
    if (requirement <= equity + credit.total - credit.free)
      return {
        status: 'refused',
        code: 'CREDIT_ENCUMBERED',
        message: `Other certificates and positions bind ${Amount.dollars(otherEncumbrance, 'up')} of ${Amount.dollars(credit.total, 'down')} USD of credit.`,
        hint: `${atMost}, or close elsewhere and wait until that is final.`,
      }
    return {
      status: 'refused',
      code: 'CREDIT_INSUFFICIENT',
      message: `A notional of ${Amount.dollars(asked, 'down')} USD needs ${Amount.dollars(requirement, 'up')} USD of margin, and ${Amount.dollars(Fixed.max(0n, equity), 'down')} USD can stand behind it.`,
      hint: `${atMost}, or ${remedy(inputs.view.missing)}.`,
    }
  }
  const tightest = caps.reduce((a, b) => (b.notional < a.notional ? b : a))
  return { status: 'refused', code: tightest.code, message: tightest.message, hint: `${atMost}.` }
}

function remedy(missing: Inputs['view']['missing']): string {
  if (missing.length === 0) return 'lock more collateral'
  return Bound.isUncounted(missing) ? 'link again what signers do not count' : 'ask again when every chain can be read'
}
