/**
 * Derive's standard margin (SRM): each written option alone, or an expiry's greatest loss, whichever is less.
 *
 * Source:  Derive, standard margin, docs.derive.xyz; docs/method/portfolio-margin.md, eq. (5) to (10).
 * Rounding: the contract truncates products to 18 decimals; this is float64 and rounds nothing, within 1e-6 of it.
 */
import type * as Isolated from '../../Isolated.ts'
import * as Model from '../../Model.ts'
import type * as Option from '../../Option.ts'
import type * as Portfolio from '../../Portfolio.ts'

/** Of spot, but for the put's rate of its own value. */
export const options: Isolated.Terms = {
  atTheMoney: 0.15,
  least: 0.1,
  maintenance: { call: 0.075, put: 0.075, putOfValue: 0.075 },
  putOffset: 1.05,
  unpaired: { initial: 1.2, maintenance: 1.1 },
}

/** What the venue sets per market. A threshold is on confidence; `factor` is the rate below it. */
export type Parameters = {
  readonly perp: Model.Margins
  readonly oracle: { readonly perp: number; readonly option: number; readonly base: number; readonly factor: number }
  readonly depeg: { readonly threshold: number; readonly factor: number }
}

/** A market's rules as a model. */
export function model({ perp, oracle, depeg }: Parameters): Model.Model {
  const below = (threshold: number) => ({ threshold, rate: oracle.factor })
  return Model.of({
    span: null,
    isolated: options,
    linear: { price: 'mark', ...perp },
    naked: { initial: 0, maintenance: 0 },
    doubt: { linear: below(oracle.perp), options: { ...below(oracle.option), units: 'written' }, collateral: below(oracle.base) },
    depeg: { threshold: depeg.threshold, ofLoss: 0, ofNotional: depeg.factor },
    collateral: 'usd',
  })
}

/** What an account holds in one market. */
export type Holdings = Parameters & {
  readonly spot: { readonly price: number; readonly confidence: number }
  /** Its profit counts only while it is open. */
  readonly position: { readonly amount: number; readonly price: number; readonly profit: number; readonly confidence: number }
  /** What part of the base asset's value counts: maintenance, and of that part what counts towards initial margin. */
  readonly base: { readonly amount: number; readonly factor: number; readonly initialScale: number }
  readonly expiries: readonly {
    readonly seconds: number
    readonly forward: number
    readonly confidence: { readonly forward: number; readonly volatility: number }
    readonly options: readonly {
      readonly kind: Option.Kind
      readonly strike: number
      readonly amount: number
      readonly volatility: number
    }[]
  }[]
}

/** Holdings as a market of an account: nothing is discounted, and an expiry that has passed counts as just now. */
export function market(holdings: Holdings): Portfolio.Market {
  const { spot, position, base, expiries } = holdings
  return {
    model: model(holdings),
    spot: spot.price,
    perps: position.amount === 0 ? [] : [{ ...position, confidence: Math.min(spot.confidence, position.confidence) }],
    collaterals: [
      {
        amount: base.amount,
        price: spot.price,
        confidence: spot.confidence,
        moves: true,
        haircut: { initial: 1 - base.factor * base.initialScale, maintenance: 1 - base.factor },
      },
    ],
    expiries: expiries.map(({ seconds, forward, confidence, options }) => ({
      seconds: Math.max(0, seconds),
      forward,
      rate: 0,
      confidence: Math.min(spot.confidence, confidence.forward, confidence.volatility),
      futures: [],
      options,
    })),
  }
}
