/** Some of a token at a price, and what it is worth. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import type { Lot } from './Inputs.ts'

export type Holding = {
  /** Native units. Signed: what goes out is below 0. */
  readonly amount: bigint
  /** Digits of a whole token. */
  readonly decimals: number
  /** USD per whole token. */
  readonly price: bigint
}

/** Shares that are taken off one after another. Integer ppm, each of 0 to 1,000,000. */
export type Haircuts = Lot['haircuts']

/** Nothing is taken off: what it is worth to its holder, which is not what is lent on it. */
export const uncut: Haircuts = { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 }

/** What `kept` is of. */
export const whole = Fixed.ppm ** 4n

/**
 * What a holding is worth.
 *
 * Formula: `amount · price · Π(1 − h) / 10^decimals`.
 * Source:  docs/method/limit.md, eq. (1).
 * Rounding: once, as the caller says: 'down' what somebody owns, 'up' what is owed, taken out or claimed.
 *
 * @returns USD.
 * @throws {DecimalsError} decimals are no integer of 0 to 77.
 * @throws {HaircutError} a haircut is no integer of 0 to 1,000,000 ppm.
 *
 * @example
 * Holding.value({ amount: 2_500_001n, decimals: 6, price: Fixed.one }, { ...Holding.uncut, assetPpm: 200_000 }, 'down')
 * // => 2000000800000000000n
 * Holding.value({ amount: 1n, decimals: 18, price: 1n }, Holding.uncut, 'up')
 * // => 1n
 */
export function value({ amount, decimals, price }: Holding, haircuts: Haircuts, rounding: Fixed.Directed): bigint {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 77) throw new DecimalsError(decimals)
  return Fixed.ratio(amount * price * kept(haircuts), 10n ** BigInt(decimals) * whole, rounding)
}

/**
 * What haircuts leave, in parts of `whole`.
 *
 * Formula: `Π(1 − h)`.
 * Source:  docs/method/limit.md, eq. (1).
 * Rounding: none.
 *
 * @throws {HaircutError} a haircut is no integer of 0 to 1,000,000 ppm.
 *
 * @example
 * Holding.kept({ assetPpm: 500_000, bridgePpm: 200_000, venuePpm: 0, agePpm: 0 }) * 10n
 * // => 4000000000000000000000000n
 */
export function kept(haircuts: Haircuts): bigint {
  const { assetPpm, bridgePpm, venuePpm, agePpm } = haircuts
  return [assetPpm, bridgePpm, venuePpm, agePpm].reduce((all, haircut) => {
    if (!Number.isInteger(haircut) || haircut < 0 || haircut > 1_000_000) throw new HaircutError(haircut)
    return all * BigInt(1_000_000 - haircut)
  }, 1n)
}

/** Thrown when the decimals of a token are none. */
export class DecimalsError extends BaseError {
  override readonly name = 'Holding.DecimalsError'
  readonly decimals: number
  constructor(decimals: number) {
    super({ code: 'BAD_TOKEN_DECIMALS', message: `${decimals} is no number of a token’s decimals.`, hint: 'Give an integer of 0 to 77.' })
    this.decimals = decimals
  }
}

/** Thrown when a haircut takes off less than nothing or more than all. */
export class HaircutError extends BaseError {
  override readonly name = 'Holding.HaircutError'
  readonly haircut: number
  constructor(haircut: number) {
    super({ code: 'BAD_HAIRCUT', message: `${haircut} ppm is no haircut.`, hint: 'Give an integer of 0 to 1,000,000 ppm.' })
    this.haircut = haircut
  }
}
