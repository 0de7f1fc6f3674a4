/** The policies that are compared, and their parameters as shipped. */
import { Outlook, type Plan, type Replay } from '@plimsoll/liquidation'
import type * as Volatility from './Volatility.ts'

export const names = ['threshold', 'partial', 'predictive', 'threshold+backstop', 'predictive+backstop'] as const
export type Name = (typeof names)[number]

/** One combination. Policies that plan nothing have the first. */
export type Arm = { readonly policy: Name; readonly volatility: Volatility.Kind }

/** Whether an arm's figures depend on its forecast: a backstop reads it too, but asks for little by it. */
export function isForecast({ policy }: Arm): boolean {
  return policy === 'predictive' || policy === 'predictive+backstop'
}

/** All of them, threshold first, for the others are measured by it. */
export const arms: readonly Arm[] = [
  { policy: 'threshold', volatility: 'ewma' },
  { policy: 'partial', volatility: 'ewma' },
  { policy: 'threshold+backstop', volatility: 'ewma' },
  ...(['predictive', 'predictive+backstop'] as const).flatMap((policy) =>
    (['ewma', 'har', 'champion', 'oracle'] as const).map((volatility) => ({ policy, volatility })),
  ),
]

/** Impact of a market where 400 million USD are open, in the range of a large venue's own book in a storm; chosen, not fitted. */
export const market: Replay.Market = {
  permanent: 2.5e-10,
  temporary: 1e-9,
  halfLifeSeconds: 60,
  rounds: 1,
  fee: 0.005,
  mandateFee: 0.0005,
  insurance: 0,
}

const full = { kind: 'full' } as const
const partial = { kind: 'target', target: 1.5, slices: 4 } as const

/** What tuning changes; everything else is the market's. */
export type Parameters = {
  readonly horizonSeconds: number
  readonly plan: Plan.Terms
  /** Of the temporary impact, what a plan counts. */
  readonly felt: number
  /** Of the open interest of one side; what is sold of it at once too. */
  readonly capital: number
  readonly slice: number
  readonly leverage: number
  readonly share: number
  readonly risk: number
  readonly aversion: number
}

export const parameters: Parameters = {
  horizonSeconds: 3_600,
  plan: { ...Outlook.terms, feePpm: Math.round(market.mandateFee * 1e6) },
  felt: 0.25,
  capital: 0.1,
  slice: 5e-5,
  leverage: 3,
  share: 0.95,
  risk: 0.015,
  aversion: 1e-9,
}

/**
 * A policy on a book of so much open interest.
 *
 * @param openInterest - of the longs. USD.
 */
export function policy(name: Name, openInterest: number, parameters: Parameters): Replay.Policy {
  const { horizonSeconds, plan, felt, capital, slice, leverage, share, risk, aversion } = parameters
  const isPredictive = name === 'predictive' || name === 'predictive+backstop'
  const isBacked = name === 'threshold+backstop' || name === 'predictive+backstop'
  return {
    close: name === 'partial' ? partial : full,
    preemption: isPredictive
      ? {
          ...{ horizonSeconds, plan, felt, calibrator: [], every: 6 },
          capacity: Outlook.slippagePpm / 1e6 / (market.permanent + felt * market.temporary),
        }
      : null,
    backstop: isBacked
      ? {
          ...{ leverage, share, junior: 0.5, capital: capital * openInterest },
          appetite: { confidence: risk, aversion, fee: 0.0001 },
          unwindSeconds: 600,
          release: { seconds: 120, quiet: 0, near: 0.0005, slice: slice * openInterest },
        }
      : null,
  }
}
