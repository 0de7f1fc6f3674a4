/** Liquidations of a loan against collateral: how much is repaid, when that makes it worse, and what leverage the loan is. USD. */
import * as Figure from './Figure.ts'

/** A loan: collateral, debt, and the share of the collateral up to which it may stand. */
export type Loan = { readonly collateral: number; readonly debt: number; readonly threshold: number }

/**
 * Health factor; a loan without debt has none to be below.
 *
 * Formula: `HF = C·LT / D`.
 * Source:  docs/method/cascade.md, eq. (13).
 *
 * @example
 * Lending.health({ collateral: 100, debt: 40, threshold: 0.8 })
 * // => 2
 */
export function health({ collateral, debt, threshold }: Loan): number {
  return debt === 0 ? Number.POSITIVE_INFINITY : (collateral * threshold) / debt
}

/**
 * The repayment that brings a loan back to a health factor.
 *
 * Formula: `R = (T·D − C·LT) / (T − (1 + b)·LT)`, seized `R·(1 + b)`.
 * Source:  docs/method/cascade.md, eq. (14).
 *
 * @param terms.bonus - b: what the liquidator is paid beyond the repayment.
 * @param terms.target - T, at least 1.
 * @returns `none` where the loan is there already; `whole` where no part of it would do: all debt, or all collateral, is taken.
 */
export function repay(loan: Loan, terms: repay.Terms): repay.Repayment {
  checked(loan)
  Figure.assert('at least 0', { bonus: terms.bonus })
  Figure.assert('above 0', { target: terms.target })
  const { collateral, debt, threshold } = loan
  const { bonus, target } = terms
  const missing = target * debt - collateral * threshold
  if (missing <= 0) return after('none', loan, 0, bonus)
  const gained = target - (1 + bonus) * threshold
  const wanted = gained > 0 ? missing / gained : Number.POSITIVE_INFINITY
  const most = Math.min(debt, collateral / (1 + bonus))
  return wanted < most ? after('part', loan, wanted, bonus) : after('whole', loan, most, bonus)
}

export declare namespace repay {
  type Terms = { readonly bonus: number; readonly target: number }
  type Repayment = {
    readonly status: 'none' | 'part' | 'whole'
    readonly repaid: number
    readonly seized: number
    readonly left: Loan
    readonly health: number
  }
  type ErrorType = Figure.InvalidFigureError
}

function after(status: repay.Repayment['status'], loan: Loan, repaid: number, bonus: number): repay.Repayment {
  const seized = repaid * (1 + bonus)
  const left = { ...loan, collateral: loan.collateral - seized, debt: loan.debt - repaid }
  return { status, repaid, seized, left, health: health(left) }
}

/**
 * The loan-to-value beyond which a liquidation raises it: the bonus takes more than the repayment gives.
 *
 * Formula: `LTV < 1 / ((1 + i)·λ)`; sold through a constant-product pool `λ = 1 + 2c/R_q`, without impact `λ = 1`.
 * Source:  docs/method/cascade.md, eq. (15).
 *
 * @param market.incentive - i: the bonus.
 * @param market.collateral - c: value of the collateral that falls with the pool. USD.
 * @param market.quote - R_q: what lies in the pool to pay with. USD; +∞ where the sale moves nothing.
 *
 * @example
 * Lending.frontier({ incentive: 0.25, collateral: 100, quote: Infinity })
 * // => { amplification: 1, loanToValue: 0.8 }
 */
export function frontier(market: frontier.Market): frontier.Frontier {
  const { incentive, collateral, quote } = market
  Figure.assert('at least 0', { incentive, collateral })
  if (quote !== Number.POSITIVE_INFINITY) Figure.assert('above 0', { quote })
  const amplification = 1 + (2 * collateral) / quote
  return { amplification, loanToValue: 1 / ((1 + incentive) * amplification) }
}

export declare namespace frontier {
  type Market = { readonly incentive: number; readonly collateral: number; readonly quote: number }
  /** `amplification`: λ. */
  type Frontier = { readonly amplification: number; readonly loanToValue: number }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * Two liquidations in place of one: the first leaves the loan just liquidatable, the second takes the close factor of the rest.
 *
 * Formula: `R₁ = (D − LT·C) / (1 − LT·(1 + b))`, `R₂ = CF·(D − R₁)`; profit `b·(R₁ + R₂)` against `b·CF·D`.
 * Source:  docs/method/cascade.md, eq. (16).
 *
 * @param terms.closeFactor - CF: the share of the debt that one liquidation may repay.
 * @throws {Figure.InvalidFigureError} `LT·(1 + b)` is not below 1: a repayment then never heals.
 */
export function evade(loan: Loan, terms: evade.Terms): evade.Plan {
  checked(loan)
  const { bonus, closeFactor } = terms
  Figure.assert('at least 0', { bonus })
  Figure.assert('a share', { closeFactor })
  const healing = 1 - loan.threshold * (1 + bonus)
  Figure.assert('above 0', { 'of 1 − LT·(1 + b)': healing })
  const first = (loan.debt - loan.threshold * loan.collateral) / healing
  const second = closeFactor * (loan.debt - first)
  const profit = bonus * (first + second)
  const once = bonus * closeFactor * loan.debt
  return { first, second, healthBetween: after('part', loan, first, bonus).health, profit, once, gain: profit / once - 1 }
}

export declare namespace evade {
  type Terms = { readonly bonus: number; readonly closeFactor: number }
  /** `once`: the profit of one liquidation up to the close factor; `gain`: how much more two earn, as a ratio. */
  type Plan = {
    readonly first: number
    readonly second: number
    readonly healthBetween: number
    readonly profit: number
    readonly once: number
    readonly gain: number
  }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * Assets by equity of a loan.
 *
 * Formula: `L = A/(A − D) = 1/(1 − LTV)`.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (17).
 *
 * @example
 * Lending.leverage(0.75)
 * // => 4
 */
export function leverage(loanToValue: number): number {
  Figure.assert('a share below 1', { loanToValue })
  return 1 / (1 - loanToValue)
}

/**
 * Exposure after borrowing against what was bought, over and over.
 *
 * Formula: `(1 − l^(r+1)) / (1 − l) = 1 + l + … + l^r`.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (18).
 *
 * @param rounds - r: 0 is the asset alone.
 *
 * @example
 * Lending.loop(0.5, 1)
 * // => 1.5
 */
export function loop(loanToValue: number, rounds: number): number {
  Figure.assert('a share', { loanToValue })
  Figure.assert('a whole number of at least 0', { rounds })
  return loanToValue === 1 ? rounds + 1 : (1 - loanToValue ** (rounds + 1)) / (1 - loanToValue)
}

function checked({ collateral, debt, threshold }: Loan): void {
  Figure.assert('at least 0', { collateral, debt })
  Figure.assert('a share', { threshold })
}
