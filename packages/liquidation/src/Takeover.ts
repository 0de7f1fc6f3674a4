/** Whom a backstop takes over, so that the market need not: who is too far gone, within what its capital may carry. */
import { Fixed } from '@plimsoll/margin'

/** Below this share of the maintenance margin a venue lets its backstop inherit. ppm. */
export const thresholdPpm = 666_667

/**
 * Whether an account is too far gone to be sold into the market.
 *
 * Formula: `E·10⁶ < MM·s`.
 * Source:  docs/method/backstop.md, eq. (12).
 *
 * @param margin - as its warrant has it. USD.
 *
 * @example
 * Takeover.isDue({ equity: 66n, maintenance: 100n })
 * // => true
 */
export function isDue({ equity, maintenance }: isDue.Margin): boolean {
  return equity * 1_000_000n < maintenance * BigInt(thresholdPpm)
}

export declare namespace isDue {
  type Margin = { readonly equity: bigint; readonly maintenance: bigint }
}

/** A position that may be inherited. Base units × 1e18, positive for a long; USD × 1e18. */
export type Candidate = {
  readonly account: string
  readonly market: string
  readonly size: bigint
  /** At which it would change hands. */
  readonly price: bigint
  /** What its account would be left owing beyond its credit, which the layers pay at once; 0 if nothing, or not yet. */
  readonly deficit: bigint
}

/** What a backstop carries, and may. USD × 1e18. */
export type Room = {
  readonly capacity: bigint
  readonly notional: bigint
  /** Greatest inventory by the capital behind it. ppm. */
  readonly inventoryPpm: number
  /** What it holds by market, with its sign. Base units × 1e18. */
  readonly inventory: Readonly<Record<string, bigint>>
}

/**
 * Who of the candidates is taken over, one after another; who does not fit is passed over, and a smaller one after it may.
 *
 * Formula: `N + ΔN ≤ K − ⌈κ·D⌉` where inventory grows, `ΔN = ⌈|i + q|·P⌉ − ⌊|i|·P⌋`; what makes it smaller is always taken.
 * Source:  docs/method/backstop.md, eq. (13) and (14).
 * Rounding: against the backstop, so that what is asked of it together it does not refuse.
 *
 * @param candidates - in the order in which they go.
 *
 * @example
 * const one = 10n ** 18n
 * const room = { capacity: 100n, notional: 40n, inventoryPpm: 1_000_000, inventory: { ETH: 40n * one } }
 * const of = (account: string, size: bigint) => ({ account, market: 'ETH', size: size * one, price: 1n, deficit: 0n })
 * Takeover.select([of('a', 70n), of('b', 60n), of('c', 1n), of('d', -5n)], room).map(({ account }) => account)
 * // => ['b', 'd']
 */
export function select<T extends Candidate>(candidates: readonly T[], room: Room): readonly T[] {
  const inventory = new Map(Object.entries(room.inventory))
  let free = room.capacity - room.notional
  return candidates.filter(({ market, size, price, deficit }) => {
    const held = inventory.get(market) ?? 0n
    const added = Fixed.mul(Fixed.abs(held + size), price, 'up') - Fixed.mul(Fixed.abs(held), price, 'down')
    const cost = added + Fixed.ofPpm(deficit, room.inventoryPpm, 'up')
    if (Fixed.abs(held + size) > Fixed.abs(held) && cost > free) return false
    free -= cost
    inventory.set(market, held + size)
    return true
  })
}

/**
 * What the layers would pay at once for an account whose position is taken over: all that it lacks, once that was its last.
 *
 * Formula: `D = max(0, −E)` of a single position, else 0.
 * Source:  docs/method/backstop.md, eq. (15).
 *
 * @param account.equity - E, its credit in it. USD.
 *
 * @example
 * Takeover.deficit({ equity: -5n, positions: ['ETH'] })
 * // => 5n
 */
export function deficit({ equity, positions }: deficit.Account): bigint {
  return positions.length === 1 ? Fixed.max(0n, -equity) : 0n
}

export declare namespace deficit {
  type Account = { readonly equity: bigint; readonly positions: readonly unknown[] }
}

/**
 * What an account without positions owes beyond its credit: what layers are asked for. 0 while it has a position.
 *
 * Formula: `⌊max(0, L − K)⌋`, in whole units of the token.
 * Source:  docs/method/backstop.md, eq. (16).
 *
 * @param account.unsettledLoss - L ≥ 0. USD.
 * @param account.credit - K ≥ 0. USD.
 * @param scale - of the token to USD.
 *
 * @example
 * Takeover.owed({ unsettledLoss: 105n, credit: 80n, positions: [] }, 10n)
 * // => 20n
 */
export function owed(account: owed.Account, scale: bigint): bigint {
  if (account.positions.length > 0) return 0n
  const beyond = Fixed.max(0n, account.unsettledLoss - account.credit)
  return beyond - (beyond % scale)
}

export declare namespace owed {
  type Account = { readonly unsettledLoss: bigint; readonly credit: bigint; readonly positions: readonly unknown[] }
}
