import * as Decay from './Decay.ts'
import type { Sample } from './Sample.ts'
import type * as Scorecard from './Scorecard.ts'

/** What happened to a collateralised vault: amounts in units of collateral and of debt, signed. */
export type Change = {
  readonly vault: string
  readonly at: number
  readonly collateral: number
  readonly debt: number
  readonly liquidation: boolean
}

const day = 86_400
const halfLife = 60 * day

/** The vault as it stands. */
export const state: readonly Scorecard.Input[] = [{ code: 'BUFFER', direction: 'good', counts: null }]

/** What its past says besides. */
export const record: readonly Scorecard.Input[] = [
  { code: 'PAST_LIQUIDATIONS', direction: 'bad', counts: null },
  { code: 'SELF_RESCUES', direction: 'good', counts: null },
  { code: 'USUAL_BUFFER', direction: 'good', counts: null },
]

/** A rescue is collateral added or debt repaid while the buffer was below this. ppm. */
const rescueBelow = 300_000

/**
 * Every vault with debt, at regular times: its buffer, what its past says, and whether it was liquidated within the window.
 *
 * Formula: `buffer = C·P / (ratio·D) − 1`, P the last known price. Past liquidations and self-rescues decayed with 60 d; the usual
 * buffer is the mean over its earlier samples.
 * Source: docs/method/reputation.md, eq. (17).
 *
 * @param plan.ratio - liquidation ratio, such as 1.3.
 * @param plan.prices - ascending by time.
 */
export function samples(changes: readonly Change[], plan: samples.Plan): readonly Sample[] {
  const { ratio, windowSeconds, stepSeconds, prices } = plan
  const vaults = Map.groupBy(
    [...changes].sort((a, b) => a.at - b.at),
    (change) => change.vault,
  )
  const first = Math.min(...changes.map(({ at }) => at))
  const last = Math.max(...changes.map(({ at }) => at))
  const priceAt = (at: number) => prices.findLast((price) => price.at <= at)?.price ?? null
  const byTime: { readonly at: number; readonly price: number }[] = []
  for (let at = (Math.floor(first / stepSeconds) + 1) * stepSeconds; at + windowSeconds <= last; at += stepSeconds) {
    const price = priceAt(at)
    if (price !== null) byTime.push({ at, price })
  }
  const found: Sample[] = []
  for (const [vault, all] of vaults) {
    const rescues: number[] = []
    const buffers: number[] = []
    let seen = 0
    let collateral = 0
    let debt = 0
    const bufferAt = (price: number) => Math.round(((collateral * price) / (ratio * debt) - 1) * 1_000_000)
    for (const { at, price } of byTime) {
      for (; (all[seen]?.at ?? Infinity) <= at; seen++) {
        const change = all[seen]
        if (!change) break
        const helps = !change.liquidation && (change.collateral > 0 || change.debt < 0)
        if (helps && debt > 1 && bufferAt(priceAt(change.at) ?? price) < rescueBelow) rescues.push(change.at)
        collateral += change.collateral
        debt += change.debt
      }
      if (debt < 1 || collateral <= 0) continue
      const buffer = Math.min(5_000_000, Math.max(0, bufferAt(price)))
      const weigh = (times: readonly number[], rounding: Decay.Rounding) =>
        times.reduce((sum, time) => sum + Decay.weightPpm(at - time, halfLife, rounding), 0)
      const liquidations = all.filter((change) => change.liquidation)
      found.push({
        subject: vault,
        at,
        settledAt: at + windowSeconds,
        bad: liquidations.some((change) => change.at > at && change.at <= at + windowSeconds),
        newcomer: false,
        features: {
          BUFFER: buffer,
          PAST_LIQUIDATIONS: weigh(
            liquidations.filter((change) => change.at <= at).map((change) => change.at),
            'up',
          ),
          SELF_RESCUES: weigh(rescues, 'down'),
          USUAL_BUFFER: Math.round([...buffers, buffer].reduce((sum, b) => sum + b, 0) / (buffers.length + 1)),
        },
      })
      buffers.push(buffer)
    }
  }
  return found.sort((a, b) => a.at - b.at)
}

export declare namespace samples {
  type Plan = {
    readonly ratio: number
    readonly windowSeconds: number
    readonly stepSeconds: number
    readonly prices: readonly { readonly at: number; readonly price: number }[]
  }
}
