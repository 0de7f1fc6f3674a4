/**
 * Derive's portfolio margin (PMRM 2): the worst of a grid of scenarios per underlying, less contingencies.
 *
 * Source:  Derive, portfolio margin, docs.derive.xyz; docs/method/portfolio-margin.md.
 * Rounding: the contract truncates products to 18 decimals; this is float64 and rounds nothing, within 1e-8 of it.
 */
import * as Model from '../../Model.ts'
import type * as Option from '../../Option.ts'
import type * as Portfolio from '../../Portfolio.ts'
import type * as Scenario from '../../Scenario.ts'

/** The venue's parameters, in its own words and units: fractions, and days. */
export type Parameters = {
  readonly skew: {
    readonly linear: { readonly scaleCap: number; readonly cBase: number }
    readonly absolute: { readonly scaleCap: number; readonly cBase: number }
    readonly minKStar: number
    readonly minWidthScale: number
    readonly volParamStatic: number
    readonly volParamScale: number
  }
  readonly volatility: {
    readonly rangeUp: number
    readonly rangeDown: number
    readonly minUp: number
    readonly shortTermPower: number
    readonly longTermPower: number
    readonly dteFloorDays: number
  }
  readonly margin: {
    readonly lossFactor: Model.Margins
    readonly long: { readonly staticDiscount: number; readonly rateMultiple: number; readonly rateAddend: number }
    readonly short: { readonly staticDiscount: number; readonly rateMultiple: number; readonly rateAddend: number }
  }
  readonly basis: { readonly up: number; readonly down: number; readonly addFactor: number; readonly multFactor: number }
  readonly peg: { readonly threshold: number; readonly lossFactor: number }
  readonly confidence: { readonly threshold: number; readonly margin: number }
  /** Of spot. Initial comes on top of maintenance. */
  readonly perp: Model.Margins
  readonly option: Model.Margins
}

/** A settlement price is the average of the last half hour. */
const averagingSeconds = 1_800
const daySeconds = 86_400

/** The venue's rules as a model: scenarios and parameters are the venue's, whatever they are at the time. */
export function model(scenarios: readonly Scenario.Scenario[], parameters: Parameters): Model.Model {
  const { skew, volatility, margin, basis, peg, confidence, perp, option } = parameters
  const doubt = { threshold: confidence.threshold, rate: confidence.margin }
  return Model.of({
    span: {
      scenarios,
      shift: {
        up: volatility.rangeUp,
        down: volatility.rangeDown,
        least: volatility.minUp,
        leastSeconds: volatility.dteFloorDays * daySeconds,
        nearPower: volatility.shortTermPower,
        farPower: volatility.longTermPower,
      },
      tilt: {
        linear: { flat: skew.linear.scaleCap, perRootYear: skew.linear.cBase },
        absolute: { flat: skew.absolute.scaleCap, perRootYear: skew.absolute.cBase },
        leastWidth: skew.minKStar,
        width: skew.minWidthScale,
        flat: skew.volParamStatic,
        perRootYear: skew.volParamScale,
      },
      held: { base: margin.long.staticDiscount, multiple: margin.long.rateMultiple, addend: margin.long.rateAddend },
      owed: { base: margin.short.staticDiscount, multiple: margin.short.rateMultiple, addend: margin.short.rateAddend },
      averagingSeconds,
      factor: margin.lossFactor,
      basis: { up: basis.up, down: basis.down, flat: basis.addFactor, perYear: basis.multFactor },
    },
    isolated: null,
    linear: { price: 'spot', ...onTop(perp) },
    naked: onTop(option),
    doubt: { linear: doubt, options: { ...doubt, units: 'all' }, collateral: doubt },
    depeg: { threshold: peg.threshold, ofLoss: peg.lossFactor, ofNotional: 0 },
    collateral: 'stable',
  })
}

/** An account as the venue's manager sees it: one underlying, one perp. */
export type Holdings = {
  readonly cash: number
  readonly stablePrice: number
  readonly spot: { readonly price: number; readonly confidence: number }
  /** Without an amount it is not there: neither its profit nor its confidence counts. */
  readonly perp: { readonly amount: number; readonly price: number; readonly profit: number; readonly confidence: number }
  readonly collaterals: readonly Portfolio.Collateral[]
  readonly expiries: readonly {
    readonly seconds: number
    readonly forward: number
    readonly rate: number
    readonly confidence: { readonly forward: number; readonly rate: number; readonly volatility: number }
    readonly options: readonly {
      readonly kind: Option.Kind
      readonly strike: number
      readonly amount: number
      readonly volatility: number
    }[]
  }[]
}

/**
 * Holdings as an account: confidences are the least of what the venue looks at, collateral's haircuts on initial margin come on top of
 * those on maintenance margin, a negative rate counts as 0, and an expiry that has passed as just now.
 */
export function account(holdings: Holdings, model: Model.Model): Portfolio.Account {
  const { cash, stablePrice, spot, perp, collaterals, expiries } = holdings
  const perps = perp.amount === 0 ? [] : [{ ...perp, confidence: Math.min(spot.confidence, perp.confidence) }]
  const least = perps[0]?.confidence ?? spot.confidence
  return {
    cash,
    stablePrice,
    markets: [
      {
        model,
        spot: spot.price,
        perps,
        collaterals: collaterals.map((each) => ({
          ...each,
          confidence: Math.min(each.confidence, spot.confidence),
          haircut: onTop(each.haircut),
        })),
        expiries: expiries.map(({ seconds, forward, rate, confidence, options }) => ({
          seconds: Math.max(0, seconds),
          forward,
          rate: Math.max(0, rate),
          confidence: Math.min(least, confidence.forward, confidence.rate, confidence.volatility),
          futures: [],
          options,
        })),
      },
    ],
  }
}

/** What a scenario is for. */
export type Family = 'regular' | 'tail' | 'skew'

/**
 * The family of each scenario, which the venue keeps as three lists.
 *
 * Skew is where volatility tilts. Of the others, regular are the evenly spaced moves of spot around 1: from the one nearest to 1 outwards
 * as long as no gap is more than one and a half times the first; tails lie beyond the gap, whatever their dampening.
 */
export function families(scenarios: readonly Scenario.Scenario[]): readonly Family[] {
  const skewed = ({ volatility }: Scenario.Scenario) => volatility === 'linear' || volatility === 'absolute'
  const moves = [...new Set(scenarios.filter((each) => !skewed(each)).map(({ spot }) => spot))]
  const nearest = Math.min(...moves.map((move) => Math.abs(move - 1)))
  const centre = moves.find((move) => Math.abs(move - 1) === nearest) ?? 1
  const reach = (side: readonly number[]) => {
    const away = side.map((move) => Math.abs(move - centre)).sort((a, b) => a - b)
    const step = away[0] ?? 0
    let last = 0
    for (const each of away) {
      if (each - last > 1.5 * step) break
      last = each
    }
    return last
  }
  const above = reach(moves.filter((move) => move > centre))
  const below = reach(moves.filter((move) => move < centre))
  return scenarios.map((each) => {
    if (skewed(each)) return 'skew'
    return each.spot <= centre + above && each.spot >= centre - below ? 'regular' : 'tail'
  })
}

function onTop({ initial, maintenance }: Model.Margins): Model.Margins {
  return { initial: initial + maintenance, maintenance }
}
