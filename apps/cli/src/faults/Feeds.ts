/** Price feeds of a local chain, to be set as a row needs them, and the guard that reads them through 2 of 3 sources. */
import { Oracle, PriceGuard, Query, Sequencer } from '@plimsoll/chain'
import { priceFeedAbi } from '@plimsoll/contracts'
import { priceFeedBytecode } from '@plimsoll/contracts/bytecode'
import { Deployment } from '@plimsoll/localnet'
import type { Valuation } from '@plimsoll/margin'
import * as Stand from './Stand.ts'

type Hex = `0x${string}`
export type Feeds = {
  readonly now: number
  /** Says a price, in dollars and parts of 1e8, dated so many seconds from now. */
  readonly set: (feed: Hex, answer: bigint, shift?: number) => Promise<void>
  readonly first: Hex
  readonly second: Hex
  readonly uptime: Hex
  /** Reads the feeds through 2 of 3 sources and takes one round. */
  readonly round: (guard: PriceGuard.PriceGuard, options?: Options) => Promise<PriceGuard.PriceGuard>
}
export type Options = {
  readonly second?: boolean
  readonly sequencer?: boolean
  readonly asOf?: number
  readonly deviationPpm?: number
  readonly decimals?: number
}

/** Parts of 1e8. */
export const dollars = (amount: number) => BigInt(Math.round(amount * 1e8))

/** Three feeds: a price, its second source, the uptime of a sequencer. The price starts at 3,000. */
export function feeds<T>(work: (feeds: Feeds) => Promise<T>): Promise<T> {
  return Stand.house(async ({ strait, feed, reader, now }) => {
    const create = async (answer: bigint): Promise<Hex> => {
      const hash = await strait
        .wallet(Deployment.owner)
        .deployContract({ abi: priceFeedAbi, bytecode: priceFeedBytecode, args: ['a feed', answer, Deployment.owner.address] })
      const { contractAddress } = await strait.publicClient.waitForTransactionReceipt({ hash })
      if (!contractAddress) throw new Error('A feed was deployed.')
      return contractAddress.toLowerCase() as Hex
    }
    const first = feed('WETH').address
    const [second, uptime] = [await create(dollars(3_000)), await create(0n)]
    const at = now()
    const set: Feeds['set'] = async (address, answer, shift = 0) => {
      await Deployment.write(strait, Deployment.owner, {
        address,
        abi: priceFeedAbi,
        functionName: 'setAt',
        args: [answer, BigInt(at + shift)],
      })
    }
    await set(first, dollars(3_000))
    const open = reader('strait')
    const round: Feeds['round'] = async (guard, options = {}) => {
      const { asOf = at, deviationPpm = 1_000, decimals = 8 } = options
      const query = (address: Hex) => Oracle.query({ feed: { address, decimals, heartbeatSeconds: 3_600, deviationPpm }, asOf })
      const reads = Query.all([query(first), query(second), Sequencer.query({ feed: uptime, asOf })])
      const { value } = await Query.fetch({ reader: open, at: 'head', query: reads })
      const [price, other, sequencer] = value
      return PriceGuard.next({
        guard,
        asOf,
        round: { price, second: options.second ? other : null, sequencer: options.sequencer ? sequencer : null },
      })
    }
    return work({ now: at, set, first, second, uptime, round })
  })
}

/** A guard that has seen three clean rounds. */
export async function clean({ round, now }: Feeds, options: Options = {}): Promise<PriceGuard.PriceGuard> {
  let guard = PriceGuard.boot(now - 10_000)
  for (let count = 0; count < 3; count += 1) guard = await round(guard, options)
  return guard
}

/** `ok`, or why not. */
export const may = (guard: PriceGuard.PriceGuard, action: Valuation.Action, asOf: number): string => {
  const permission = PriceGuard.permit({ guard, action, asOf })
  return permission.status === 'ok' ? 'ok' : permission.code
}
