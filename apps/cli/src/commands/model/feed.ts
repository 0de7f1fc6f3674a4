/** Rounds of a Chainlink feed, read backwards from the newest through viem. */
import type { Rounds } from '@plimsoll/volatility-model'
import { type Address, createPublicClient, http, isAddress, parseAbi } from 'viem'

const abi = parseAbi([
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function getRoundData(uint80 roundId) view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
])

/** A proxy's round id is its phase × 2^64 + the round of that phase's aggregator. */
const roundMask = (1n << 64n) - 1n
/** Rounds asked for at once. */
const together = 50

/**
 * Every round since a time, of the phase that answers now; an earlier phase is another aggregator and is not followed.
 *
 * @param args.from - unix seconds.
 * @param args.onProgress - share of the time span read.
 */
export async function fetchRounds(args: {
  readonly rpc: string
  readonly feed: string
  readonly from: number
  readonly onProgress: (done: number, whole: number) => void
}): Promise<{ readonly decimals: number; readonly rounds: readonly Rounds.Round[] }> {
  const { rpc, feed, from, onProgress } = args
  if (!isAddress(feed, { strict: false })) throw new FeedError(`"${feed}" is not an address`)
  const address: Address = feed
  const client = createPublicClient({ transport: http(rpc) })
  const [decimals, latest] = await Promise.all([
    client.readContract({ address, abi, functionName: 'decimals' }),
    client.readContract({ address, abi, functionName: 'latestRoundData' }),
  ]).catch((cause: unknown) => {
    throw new FeedError('it does not answer as a price feed', cause)
  })
  const [newest, answer, , updatedAt] = latest
  const rounds: Rounds.Round[] = [{ answer, updatedAt: Number(updatedAt) }]
  const whole = Number(updatedAt) - from
  for (let round = newest & roundMask; round > 1n; ) {
    const count = round - 1n < BigInt(together) ? Number(round - 1n) : together
    const ids = Array.from({ length: count }, (_, i) => newest - ((newest & roundMask) - round) - BigInt(i) - 1n)
    const found = await Promise.all(ids.map((id) => client.readContract({ address, abi, functionName: 'getRoundData', args: [id] }))).catch(
      (cause: unknown) => {
        throw new FeedError(`round ${round - 1n} cannot be read`, cause)
      },
    )
    // A round that was never answered has no time.
    for (const [, each, , at] of found) if (at > 0n) rounds.push({ answer: each, updatedAt: Number(at) })
    const oldest = rounds.at(-1)?.updatedAt ?? 0
    onProgress(Number(updatedAt) - oldest, whole)
    if (oldest < from) break
    round -= BigInt(count)
  }
  return { decimals, rounds: rounds.filter((each) => each.updatedAt >= from) }
}

/** Thrown when a feed cannot be read. */
export class FeedError extends Error {
  override readonly name = 'Feed.FeedError'
  readonly code = 'FEED_UNREADABLE'
  readonly hint = 'Give the address of a Chainlink feed on the chain of --rpc, and an endpoint that keeps its history.'
  constructor(why: string, cause?: unknown) {
    super(`The feed cannot be read: ${why}.`, cause === undefined ? {} : { cause })
  }
}
