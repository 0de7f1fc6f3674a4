/** Whether a layer 2 takes transactions: an uptime feed of Chainlink's shape. Prices on a chain that stood still are prices of before. */

import * as Aggregator from './Aggregator.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'

export type Status =
  | { readonly status: 'up' }
  | { readonly status: 'refused'; readonly code: 'SEQUENCER_DOWN' | 'SEQUENCER_GRACE' | 'SEQUENCER_UNREADABLE'; readonly sentence: string }

/** How long after an outage prices of the chain are not used. */
export const graceSeconds = 3_600

/**
 * What the feed's answer means.
 *
 * @param args.answer - 0 is up. Anything else is not.
 * @param args.startedAt - since when. Unix seconds; 0 means that the feed does not know.
 *
 * @example
 * Sequencer.assess({ answer: 0n, startedAt: 1_000n, asOf: 2_000 })
 * // => { status: 'refused', code: 'SEQUENCER_GRACE', sentence: 'The sequencer came back 1000 s ago; its prices are used after 3600 s.' }
 */
export function assess(args: assess.Args): Status {
  const { answer, startedAt, asOf } = args
  if (startedAt === 0n) return refuse('SEQUENCER_UNREADABLE', 'The uptime feed has no answer of its own yet.')
  if (answer !== 0n) return refuse('SEQUENCER_DOWN', 'The sequencer is down.')
  const up = BigInt(asOf) - startedAt
  if (up < BigInt(graceSeconds))
    return refuse('SEQUENCER_GRACE', `The sequencer came back ${up} s ago; its prices are used after ${graceSeconds} s.`)
  return { status: 'up' }
}

export declare namespace assess {
  type Args = { readonly answer: bigint; readonly startedAt: bigint; readonly asOf: number }
}

/** The read of one uptime feed, assessed once it is there. */
export function query(args: { readonly feed: Hex; readonly asOf: number }): Query.Query<Status> {
  const { feed, asOf } = args
  const read = Query.call({ abi: Aggregator.abi, target: feed, functionName: 'latestRoundData', args: [] })
  return Query.map(read, (outcome) => {
    if (outcome.status !== 'ok') return refuse('SEQUENCER_UNREADABLE', `The uptime feed at ${feed} did not answer.`)
    const [, answer, startedAt] = outcome.value
    return assess({ answer, startedAt, asOf })
  })
}

function refuse(code: (Status & { readonly status: 'refused' })['code'], sentence: string): Status {
  return { status: 'refused', code, sentence }
}
