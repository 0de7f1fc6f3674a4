/** The policies that are compared, and their parameters as shipped. */
import { Outlook, type Replay } from '@plimsoll/liquidation'
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
  readonly trigger: number
  readonly release: number
  /** Of the open interest of one side, a step. */
  readonly capacity: number
  readonly impactBudget: number
  /** Of the temporary impact, what a plan counts. */
  readonly felt: number
  readonly windowPpm: number
  readonly divergence: number
  /** Of the open interest of one side. */
  readonly capital: number
  readonly leverage: number
  readonly share: number
  readonly risk: number
  readonly aversion: number
}

export const parameters: Parameters = {
  horizonSeconds: 3_600,
  trigger: Outlook.terms.trigger,
  release: Outlook.terms.release,
  capacity: 0.001,
  impactBudget: 0.02,
  felt: 0.25,
  windowPpm: Outlook.terms.window.mostPpm,
  divergence: 1,
  capital: 0.1,
  leverage: 3,
  share: 0.95,
  risk: 0,
  aversion: 1e-9,
}

/**
 * A policy on a book of so much open interest.
 *
 * @param openInterest - of the longs. USD.
 */
export function policy(name: Name, openInterest: number, parameters: Parameters): Replay.Policy {
  const { horizonSeconds, trigger, release, capacity, impactBudget, felt, windowPpm, divergence } = parameters
  const { capital, leverage, share, risk, aversion } = parameters
  const isPredictive = name === 'predictive' || name === 'predictive+backstop'
  const isBacked = name === 'threshold+backstop' || name === 'predictive+backstop'
  return {
    close: name === 'partial' ? partial : full,
    preemption: isPredictive
      ? {
          ...{ horizonSeconds, divergence, felt, calibrator: [], every: 6 },
          capacity: capacity * openInterest,
          plan: {
            ...{ trigger, release, impactBudget, policy: full },
            feePpm: Math.round(market.mandateFee * 1e6),
            cooldownSeconds: 600,
            window: { seconds: 3_600, mostPpm: windowPpm },
            schedule: { slices: 6, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
          },
        }
      : null,
    backstop: isBacked
      ? {
          ...{ leverage, junior: 0.5, capital: capital * openInterest },
          terms: { share, risk, aversion, unwindSeconds: 600, fee: 0.0001 },
          release: { quietSeconds: 120, divergence: 0.0005, amount: 0.000125 * openInterest },
        }
      : null,
  }
}
