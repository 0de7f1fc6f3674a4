/** The same limit from changed inputs: what a trade-off would do, computed here by the function that computes the real one. */
import { Fixed, type Inputs } from '@plimsoll/margin'

/** Signed changes in ppm of what is there now; the discount is the one to assume. */
export type Change = { readonly collateralPpm: number; readonly volatilityPpm: number; readonly discountPpm: number }

/**
 * The inputs as they would be.
 *
 * Every lot's amount is scaled, rounded down; every forecast quantile and σ is scaled, rounded up, never above 100 % for a long's loss.
 * The discount brings the lowest tier that allows it, so that the tier's bound does not hide it. Nothing else changes, and the
 * largest notional is asked for.
 */
export function apply(inputs: Inputs.Inputs, change: Change): Inputs.Inputs {
  const { view, forecast, grant, params } = inputs
  const scaled = (rate: number) => Number(Fixed.mulDiv(BigInt(rate), Fixed.ppm + BigInt(change.volatilityPpm), Fixed.ppm, 'up'))
  const quantile = ({ longPpm, shortPpm }: Inputs.Quantile): Inputs.Quantile => ({
    longPpm: Math.min(1_000_000, scaled(longPpm)),
    shortPpm: scaled(shortPpm),
  })
  const lots = view.lots.map((lot) => ({
    ...lot,
    amount: Fixed.mulDiv(lot.amount, Fixed.ppm + BigInt(change.collateralPpm), Fixed.ppm, 'down'),
  }))
  return {
    ...inputs,
    request: { notional: null },
    view: { ...view, lots },
    forecast: {
      ...forecast,
      sigmaPpm: scaled(forecast.sigmaPpm),
      closeOut: quantile(forecast.closeOut),
      liquidation: quantile(forecast.liquidation),
      throughTheCycle: quantile(forecast.throughTheCycle),
    },
    grant: { ...grant, imDiscountPpm: change.discountPpm, tier: tierFor(change.discountPpm, grant.tier, params) },
  }
}

/** No change: the document as it was bound. */
export function none(inputs: Inputs.Inputs): Change {
  return { collateralPpm: 0, volatilityPpm: 0, discountPpm: inputs.grant.imDiscountPpm }
}

/** The greatest discount any tier allows. */
export function greatestDiscount({ tierDiscountPpm }: Inputs.Params): number {
  return Math.max(...tierDiscountPpm)
}

function tierFor(discountPpm: number, least: Inputs.Grant['tier'], { tierDiscountPpm }: Inputs.Params): Inputs.Grant['tier'] {
  const tiers = [0, 1, 2, 3] as const
  return tiers.find((tier) => tier >= least && tierDiscountPpm[tier] >= discountPpm) ?? 3
}
