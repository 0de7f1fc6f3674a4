/** Whether forced sales that go round between markets grow or die. */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Spectrum from './Spectrum.ts'
import type * as Threshold from './Threshold.ts'
import * as Venue from './Venue.ts'

/**
 * n of several markets: the spectral radius of what one market's fall forces onto every other.
 *
 * Formula: `N_jk = (I_j(Q_j(x + b·e_k)) − I_j(Q_j(x))) / b`, with what spills over; n is the greatest |eigenvalue|.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (10).
 *
 * Who fails is counted in full at the moves before and after; what is sold in a market is what they hold there, whichever side.
 *
 * @param state.shock - the move along the direction at which it is taken, log.
 * @param state.width - b > 0, log.
 * @throws {Figure.InvalidFigureError} {Venue.UnknownMarketError}
 */
export function radius(book: Book.Book, state: radius.State): number {
  const { markets, direction, shock, width } = state
  Figure.assert('above 0', { width })
  const { names, markets: list, reach } = Venue.of(markets, {})
  const numbers = new Map(names.map((name, k) => [name, k]))
  const pressure = (moves: readonly number[]) => {
    const flows = names.map(() => 0)
    const byMarket = Object.fromEntries(names.map((name, k) => [name, moves[k] ?? 0]))
    for (const account of book.accounts) {
      if (!failed(account, byMarket)) continue
      for (const { market, notional } of account.positions) {
        const k = numbers.get(market)
        if (k === undefined) throw new Venue.UnknownMarketError(market)
        flows[k] = (flows[k] ?? 0) + Book.usd(notional)
      }
    }
    return list.map(({ impact }, k) => Impact.of(impact, flows[k] ?? 0))
  }
  const base = names.map((name) => (direction[name] ?? 0) * shock)
  const before = pressure(base)
  // One column a market that falls by the width.
  const columns = names.map((name, k) => {
    const sign = (direction[name] ?? 1) < 0 ? -1 : 1
    const after = pressure(base.map((move, j) => (j === k ? move + sign * width : move)))
    const own = after.map((move, j) => (move - (before[j] ?? 0)) / width)
    return reach.map((row) => row.reduce((sum, share, from) => sum + share * (own[from] ?? 0), 0))
  })
  return Spectrum.radius(names.map((_, j) => columns.map((column) => column[j] ?? 0)))
}

export declare namespace radius {
  type State = {
    readonly markets: Venue.Markets
    readonly direction: Threshold.Direction
    readonly shock: number
    readonly width: number
  }
  type ErrorType = Figure.InvalidFigureError | Venue.UnknownMarketError
}

/** Whether an account is below its maintenance margin at adverse moves by market. */
function failed(account: Book.Account, moves: Readonly<Record<string, number>>): boolean {
  const y = (market: string) => Math.exp(-(moves[market] ?? 0))
  let health = Book.usd(account.equity)
  let scale = 0
  for (const { market, side, notional, maintenancePpm } of account.positions) {
    const amount = Book.usd(notional)
    health += (side === 'long' ? amount : -amount) * (y(market) - 1) - ((amount * maintenancePpm) / 1_000_000) * y(market)
    scale += amount
  }
  for (const { market, value } of account.holdings ?? []) health += Book.usd(value) * (y(market) - 1)
  return scale > 0 && health <= LiquidationCurve.tolerance * scale
}
