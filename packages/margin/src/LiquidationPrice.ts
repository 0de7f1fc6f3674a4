/** The price at which an account falls below its maintenance margin. */
import * as Account from './Account.ts'
import type * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'

export type LiquidationPrice =
  /** The account still stands at this price, and from here to its present price. USD × 1e18. */
  | { readonly status: 'price'; readonly price: bigint }
  /** It is below maintenance margin now. */
  | { readonly status: 'liquidatable' }
  | { readonly status: 'none'; readonly code: 'NO_POSITION' | 'FULLY_COLLATERALISED'; readonly message: string }

/** Fees, profits, notionals and margins are rounded against the account by less than this, in USD × 1e18. */
const slack = 12n

/**
 * The liquidation price of one market's position, the account's other positions staying where they are.
 *
 * Formula: the P at which `C ± q·(P − e) = MM(q·P)`, with C the rest of the account less its maintenance margin, q size, e entry. For flat
 *          and tiered schedules MM(N) is the greatest of the lines `r_i·N − d_i`, so P is the extreme of their roots; exact. Other schedules
 *          are bisected, and a ppm of notional is kept for the rounding of their rate.
 * Source:  docs/method/health.md, eq. (5).
 * Rounding: towards danger, up for a long and down for a short: at the price stated the account still stands.
 *
 * @param market - the position whose mark and index move together.
 *
 * @example
 * const flat = (ppm) => ({ kind: 'flat', ppm })
 * const price = { index: 100n * Fixed.one, mark: 100n * Fixed.one }
 * const terms = { initial: flat(100_000), maintenance: flat(50_000), openInterest: 0n }
 * const position = { market: 'ETH-PERP', side: 'long', size: Fixed.one, entryPrice: 100n * Fixed.one, price, ...terms }
 * LiquidationPrice.of({ collateral: 100n * Fixed.one, fees: 0n, positions: [position] }, 'ETH-PERP').status
 * // => 'none'
 */
export function of(account: Account.Account, market: string): LiquidationPrice {
  const holding = account.positions.find((position) => position.market === market)
  if (!holding || holding.size === 0n) return { status: 'none', code: 'NO_POSITION', message: `There is no open position in ${market}.` }
  if (marginOf(Account.summary(account)) < 0n) return { status: 'liquidatable' }
  const excess = excessAt(account, holding)
  // E − MM is concave in the price: what stands now and at 0 stands between.
  if (holding.side === 'long' && excess(0n) >= 0n)
    return {
      status: 'none',
      code: 'FULLY_COLLATERALISED',
      message: `The account stands at any price of ${market}: it holds all that the position can lose.`,
    }

  // Within the rounding of danger already, the answer is now.
  const now = Fixed.max(holding.price.index, holding.price.mark)
  const lines = linesOf(holding.maintenance)
  if (lines === null) return { status: 'price', price: bisected(holding, { excess, now }) }
  const price = ofLines({ ...holding, lines, rest: restOf(account, holding) - slack })
  return { status: 'price', price: holding.side === 'long' ? Fixed.min(price, now) : Fixed.max(price, now) }
}

/** Equity less maintenance margin, as `Account.summary` has it. */
function marginOf({ equity, maintenanceMargin }: Pick<Account.Summary, 'equity' | 'maintenanceMargin'>): bigint {
  return equity - maintenanceMargin
}

function excessAt(account: Account.Account, holding: Account.Holding): (price: bigint) => bigint {
  return (price) =>
    marginOf(
      Account.summary({
        ...account,
        positions: account.positions.map((position) =>
          position === holding ? { ...holding, price: { index: price, mark: price } } : position,
        ),
      }),
    )
}

/** C: what the rest of the account holds beyond its own maintenance margin. */
function restOf(account: Account.Account, holding: Account.Holding): bigint {
  return marginOf(Account.summary({ ...account, positions: account.positions.filter((position) => position !== holding) }))
}

/** One line of a schedule: `MM(N) = (ppm·N − deduction) / 1e6`. */
type Line = { readonly ppm: bigint; readonly deduction: bigint }

/** The lines a flat or tiered schedule is the greatest of; null for one that has none. */
function linesOf(curve: Curve.Curve): readonly Line[] | null {
  if (curve.kind === 'flat') return [{ ppm: BigInt(curve.ppm), deduction: 0n }]
  if (curve.kind !== 'tiers') return null
  let deduction = 0n
  let before = { ppm: 0n, upTo: 0n }
  return curve.tiers.map((tier) => {
    const ppm = BigInt(tier.ppm)
    deduction += (ppm - before.ppm) * before.upTo
    before = { ppm, upTo: tier.upTo ?? before.upTo }
    return { ppm, deduction }
  })
}

/** The root of each line, the nearest to danger; a long's line at 100 % or more has none on the way down. */
function ofLines(
  args: Pick<Account.Holding, 'side' | 'size' | 'entryPrice'> & { readonly lines: readonly Line[]; readonly rest: bigint },
): bigint {
  const { side, size, entryPrice, lines, rest } = args
  const cost = size * entryPrice * Fixed.ppm
  const cushion = (deduction: bigint) => rest * Fixed.one * Fixed.ppm + deduction * Fixed.one
  if (side === 'long')
    return lines
      .filter(({ ppm }) => ppm < Fixed.ppm)
      .map(({ ppm, deduction }) => Fixed.mulDiv(cost - cushion(deduction), 1n, size * (Fixed.ppm - ppm), 'up'))
      .reduce(Fixed.max, 0n)
  return lines.map(({ ppm, deduction }) => Fixed.mulDiv(cost + cushion(deduction), 1n, size * (Fixed.ppm + ppm), 'down')).reduce(Fixed.min)
}

/** Between the present price, where the account stands, and one where it does not, to the unit. */
function bisected({ side, size }: Account.Holding, at: { readonly excess: (price: bigint) => bigint; readonly now: bigint }): bigint {
  const stands = (price: bigint) => at.excess(price) >= slack + Fixed.mul(size, price, 'up') / Fixed.ppm
  if (!stands(at.now)) return at.now
  let safe = at.now
  let fallen = side === 'long' ? 0n : 2n * safe
  while (stands(fallen)) fallen *= 2n
  while (distance(safe, fallen) > 1n) {
    const middle = (safe + fallen) / 2n
    if (stands(middle)) safe = middle
    else fallen = middle
  }
  return safe
}

function distance(a: bigint, b: bigint): bigint {
  return Fixed.max(a, b) - Fixed.min(a, b)
}
