import { perpVenueAbi, successionsAbi } from '@plimsoll/contracts'
import { decodeFunctionData, encodeFunctionResult, type Hex, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Contract from './Contract.ts'
import type { Pinned, Reader } from './Quorum.ts'
import * as Successor from './Successor.ts'

const venue = `0x${'0a'.repeat(20)}` as const
const successions = `0x${'0b'.repeat(20)}` as const
const feed = `0x${'0c'.repeat(20)}` as const
const [eth, btc] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] as const
const reverted = { success: false, data: '0x' } as const

/** k sources that agree: of ether somebody is named, of bitcoin nobody is. What is asked is kept. */
function sources(given: { readonly venue?: typeof reverted; readonly successions?: typeof reverted } = {}) {
  const asked: Hex[] = []
  const say = (target: Hex, data: Hex) => {
    asked.push(target)
    if (target === venue)
      return (
        given.venue ?? {
          success: true,
          data: encodeFunctionResult({ abi: perpVenueAbi, functionName: 'successions', result: successions }),
        }
      )
    if (given.successions) return given.successions
    const { functionName, args } = decodeFunctionData({ abi: successionsAbi, data })
    if (functionName === 'NOTICE_SECONDS')
      return { success: true, data: encodeFunctionResult({ abi: successionsAbi, functionName, result: 259_200n }) }
    if (functionName === 'TERM_SECONDS')
      return { success: true, data: encodeFunctionResult({ abi: successionsAbi, functionName, result: 172_800n }) }
    const named = args?.[0] === eth
    const result = { feed: named ? feed : zeroAddress, heartbeatSeconds: named ? 3_600 : 0, namedAt: named ? 1_000n : 0n }
    return { success: true, data: encodeFunctionResult({ abi: successionsAbi, functionName: 'successorOf', result }) }
  }
  const read: Reader['read'] = async ({ calls }) =>
    ({ results: calls.map(({ target, data }) => say(target, data)) }) as unknown as Awaited<ReturnType<Reader['read']>>
  return { reader: { config: { chainId: 7 }, read } as unknown as Reader, asked }
}

describe('fetch', () => {
  const pinned = {} as Pinned
  const both = [eth, btc]

  test('worked example: one is named, from three days later on, for two days; nobody is left out as zero', async () => {
    const { reader } = sources()
    expect(await Successor.fetch({ reader, pinned, venue, markets: both })).toEqual([
      { market: eth, feed, heartbeatSeconds: 3_600, dueAt: 260_200, lapsesAt: 433_000 },
    ])
    expect(await Successor.fetch({ reader, pinned, venue, markets: [btc] })).toEqual([])
  })

  test('edge: of no market nothing is asked', async () => {
    const { reader, asked } = sources()
    expect(await Successor.fetch({ reader, pinned, venue, markets: [] })).toEqual([])
    expect(asked).toEqual([])
  })

  test('edge: a venue of before successors has none', async () => {
    const { reader, asked } = sources({ venue: reverted })
    expect(await Successor.fetch({ reader, pinned, venue, markets: both })).toEqual([])
    expect(asked).toEqual([venue])
  })

  test('error: what names successors and does not answer', async () => {
    const { reader } = sources({ successions: reverted })
    await expect(Successor.fetch({ reader, pinned, venue, markets: both })).rejects.toBeInstanceOf(Contract.UnreadableError)
  })
})
