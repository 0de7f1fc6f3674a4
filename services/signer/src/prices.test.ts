import type { Deployment } from '@plimsoll/api'
import { CollateralView, type Quorum } from '@plimsoll/chain'
import { describe, expect, test } from 'vitest'
import * as Prices from './prices.ts'

type Hex = `0x${string}`

const now = 1_800_000_000
const [feed, second, sequencer] = ['f1', 'f2', '5e'].map((byte) => `0x${byte.repeat(20)}` as const) as [Hex, Hex, Hex]
const word = (value: bigint) => value.toString(16).padStart(64, '0')

/** One feed with a second source, behind a sequencer: what each says, read by nobody but a reader of the test's own. */
function stand() {
  const said = new Map<Hex, { readonly answer: bigint; readonly at: number }>([
    [feed, { answer: 100_000_000n, at: now }],
    [second, { answer: 100_000_000n, at: now }],
    [sequencer, { answer: 0n, at: now - 100_000 }],
  ])
  const reader = {
    config: { chainId: 3 },
    fetch: async ({ calls }: { readonly calls: readonly { readonly target: Hex; readonly data: Hex }[] }) => ({
      ...{ pinned: {}, dissent: [] },
      results: calls.map(({ target, data }) => {
        const { answer, at } = said.get(target) ?? { answer: 0n, at: 0 }
        // decimals(), or latestRoundData().
        const words = data.startsWith('0x313ce567') ? [8n] : [1n, answer, BigInt(at), BigInt(at), 1n]
        return { success: true, data: `0x${words.map(word).join('')}` as Hex }
      }),
    }),
  } as unknown as Quorum.Reader
  const deployment = {
    feeds: { chainId: 3, heartbeatSeconds: 3_600, deviationPpm: 0, sequencer },
    ...{ assets: [{ asset: 'USDC', feed, secondFeed: second }], markets: [] },
  } as unknown as Deployment.Deployment
  const prices = Prices.open({ deployment, reader })
  const look = async () => {
    const price = (await prices.look(now)).get(CollateralView.feedKey({ chainId: 3, address: feed }))
    return price?.status === 'ok' ? price.price : price?.code
  }
  return {
    look,
    say: (one: Hex, answer: bigint, at = now) => said.set(one, { answer, at }),
    trusted: async () => [await look(), await look(), await look()],
  }
}

describe('look', () => {
  test('worked example: trusted after three rounds, and a slip is held back however often it is asked for', async () => {
    const { look, say, trusted } = stand()
    expect(await trusted()).toEqual(['STARTING', 'STARTING', 10n ** 18n])
    say(feed, 100_000_000_000n)
    for (let round = 0; round < 8; round += 1) expect(await look()).toBe('ORACLE_QUARANTINED')
    say(second, 100_000_000_000n)
    expect([await look(), await look(), await look()]).toEqual(['ORACLE_QUARANTINED', 'ORACLE_QUARANTINED', 1_000n * 10n ** 18n])
  })

  test('error: a second source that is far, a sequencer that is down', async () => {
    const far = stand()
    await far.trusted()
    far.say(second, 102_000_000n)
    expect(await far.look()).toBe('ORACLE_OUT_OF_BAND')
    const down = stand()
    await down.trusted()
    down.say(sequencer, 1n)
    expect(await down.look()).toBe('SEQUENCER_DOWN')
  })
})
