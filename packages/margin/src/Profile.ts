/** How one protocol counts: its units and its roundings, by name. A profile is data; the engine is one. */
import type * as Fixed from './Fixed.ts'

export type Profile = {
  readonly name: string
  /** What rates and weights are counted in: 1e6 for ppm, 1e4, 1e18. */
  readonly rateUnit: bigint
  /** Requirements are rounded on each line, or summed exactly and rounded once. */
  readonly rounded: 'line' | 'total'
  /** What is owed lowers the collateral, or raises the requirement. */
  readonly debts: 'collateral' | 'requirement'
  /** What unrealised gains count for, netted over the account: towards initial margin, towards maintenance margin. */
  readonly gains: {
    readonly initial: 'all' | 'none'
    readonly maintenance: 'all' | 'none'
    /** The most that one position's gain counts for towards initial margin. In money; no bound where it is not given. */
    readonly most?: bigint
  }
  /** Profit less requirement goes into the balance of the position's currency before that is weighed; where it is not given, it stands beside. */
  readonly settle?: 'balance'
  readonly rounding: Roundings
}

export type Roundings = {
  /** The value of what is owned, and its weighted value. */
  readonly asset: Fixed.Rounding
  /** The value of what is owed, as a positive figure, and its weighted value. */
  readonly debt: Fixed.Rounding
  /** The notional of a position, as a positive figure. */
  readonly notional: Fixed.Rounding
  /** Unrealised profit, signed. */
  readonly profit: Fixed.Rounding
  /** Weights of what is owned. */
  readonly assetWeight: Fixed.Rounding
  /** Weights of what is owed, and rates of positions. */
  readonly rate: Fixed.Rounding
  readonly requirement: Fixed.Rounding
}
