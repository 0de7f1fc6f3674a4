/** What the ledger refuses to bind, with the figures. */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import { usd } from './Usd.ts'

type Hex = Inputs.Hex

/** Thrown when credit is bound already: Σ enc + releases would exceed it (I1). */
export class CreditEncumberedError extends BaseError {
  override readonly name = 'Ledger.CreditEncumberedError'
  override readonly code = 'CREDIT_ENCUMBERED'
  readonly participantId: Hex
  /** All of it, what is bound of it, and what was asked beside. USD. */
  readonly credit: bigint
  readonly encumbered: bigint
  readonly asked: bigint

  constructor(options: { readonly participantId: Hex; readonly credit: bigint; readonly encumbered: bigint; readonly asked: bigint }) {
    const { credit, encumbered, asked } = options
    super(`Of a credit of ${usd(credit, 'down')}, ${usd(encumbered, 'up')} is bound already; ${usd(asked, 'up')} more does not fit.`, {
      hint: 'Ask for less, close positions elsewhere, add collateral, or wait until certificates elsewhere have expired in a final block.',
    })
    this.participantId = options.participantId
    this.credit = credit
    this.encumbered = encumbered
    this.asked = asked
  }
}

/** Thrown when a participant in a margin call asks for more risk. */
export class MarginCallError extends BaseError {
  override readonly name = 'Ledger.MarginCallError'
  override readonly code = 'MARGIN_CALL'
  readonly participantId: Hex
  readonly credit: bigint
  readonly encumbered: bigint

  constructor(options: { readonly participantId: Hex; readonly credit: bigint; readonly encumbered: bigint }) {
    const { credit, encumbered } = options
    super(`A margin call is open: ${usd(encumbered, 'up')} is bound, against a credit of ${usd(credit, 'down')}.`, {
      hint: 'Add collateral or reduce positions. Until then no limit is raised; cuts and renewals pass.',
    })
    this.participantId = options.participantId
    this.credit = credit
    this.encumbered = encumbered
  }
}

/** Thrown when a side of a market is full: open interest plus live headroom would exceed its cap (I11). */
export class MarketCapExceededError extends BaseError {
  override readonly name = 'Ledger.MarketCapExceededError'
  override readonly code = 'MARKET_CAP_EXCEEDED'
  readonly market: Hex
  readonly side: 'long' | 'short'
  readonly cap: bigint
  /** What open interest and headroom would have been. USD. */
  readonly reserved: bigint

  constructor(options: { readonly market: Hex; readonly side: 'long' | 'short'; readonly cap: bigint; readonly reserved: bigint }) {
    const { market, side, cap, reserved } = options
    super(`The ${side} side of market ${market} would carry ${usd(reserved, 'up')}, above its cap of ${usd(cap, 'down')}.`, {
      hint: 'Ask for less, or wait until others close or their certificates have expired in a final block.',
    })
    this.market = market
    this.side = side
    this.cap = cap
    this.reserved = reserved
  }
}
