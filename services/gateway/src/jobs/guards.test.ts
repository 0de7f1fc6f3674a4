import { CollateralView, type Oracle } from '@plimsoll/chain'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import * as Guards from './guards.ts'

const one = 10n ** 18n
const [feed, second, candidate] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`, `0x${'3'.repeat(40)}`] as const
const key = (address: `0x${string}`) => CollateralView.feedKey({ chainId: 1, address })
const configOf = (market: object) =>
  ({
    assets: [],
    markets: [{ symbol: 'ETH-PERP', feed, ...market }],
    feeds: { chainId: 1, heartbeatSeconds: 60, deviationPpm: 0 },
  }) as unknown as Config
const price = (dollars: bigint, publishedAt = 0): Oracle.Assessment => ({ status: 'ok', price: dollars * one, confidence: 0n, publishedAt })
const codeOf = (assessment: Oracle.Assessment | undefined) => (assessment?.status === 'ok' ? 'ok' : assessment?.code)

function rounds(config: Config, reads: readonly Readonly<Record<string, Oracle.Assessment>>[]) {
  const guards = Guards.open(config)
  const codes = reads.map((read, asOf) =>
    codeOf(
      guards
        .prices({ read: new Map(Object.entries(read).map(([address, it]) => [key(address as `0x${string}`), it])), sequencer: null, asOf })
        .get(key(feed)),
    ),
  )
  return { guards, codes }
}

describe('prices', () => {
  test('worked example: three rounds before a price counts, and a slip is held back from then on', () => {
    const well = { [feed]: price(3_000n) }
    const slip = { [feed]: price(3_000_000n) }
    expect(rounds(configOf({}), [well, well, well, slip, well, well, well]).codes).toEqual([
      'STARTING',
      'STARTING',
      'ok',
      'ORACLE_QUARANTINED',
      'ORACLE_QUARANTINED',
      'ORACLE_QUARANTINED',
      'ok',
    ])
  })

  test('worked example: ten deviations of an hour, where the configuration asks for them: 6.94 % at 65 % a year', () => {
    const market = configOf({ throughTheCycleSigmaPpm: 650_000 })
    const config = { ...market, feeds: { ...market.feeds, heartbeatSeconds: 3_600, jumpSigmas: 10 } }
    const at = (dollars: bigint, publishedAt = 0) => ({ [feed]: price(dollars, publishedAt) })
    const start = [at(10_000n), at(10_000n), at(10_000n)]
    expect(rounds(config, [...start, at(10_694n)]).codes.at(-1)).toBe('ok')
    expect(rounds(config, [...start, at(10_696n)]).codes.at(-1)).toBe('ORACLE_QUARANTINED')
    expect(rounds(market, [...start, at(10_696n)]).codes.at(-1)).toBe('ok')
    // Three ticks near each other confirm it, and three clean rounds end the fault.
    expect(rounds(config, [...start, ...Array.from({ length: 5 }, (_, tick) => at(20_000n, tick + 1))]).codes.at(-1)).toBe('ok')
  })

  test('edge: a second source that is configured must be there, and near', () => {
    const config = configOf({ secondFeed: second })
    const both = (other: bigint) => ({ [feed]: price(3_000n), [second]: price(other) })
    expect(rounds(config, [both(3_000n), both(3_000n), both(3_000n), both(2_900n), { [feed]: price(3_000n) }]).codes.slice(2)).toEqual([
      'ok',
      'ORACLE_OUT_OF_BAND',
      'ORACLE_UNREADABLE',
    ])
    expect(Guards.open(config).feeds).toEqual([feed, second])
  })

  test('edge: a feed on probation is held against the one that counts, and never used', () => {
    const config = configOf({ candidateFeed: candidate })
    const both = (other: bigint) => ({ [feed]: price(3_000n), [candidate]: price(other) })
    expect(rounds(config, [both(3_010n)]).guards.faults()).toEqual([`feed ${candidate}: PROBATION: it has agreed 1 times of 10`])
    const off = rounds(config, [both(1n), both(3_000n), both(3_000n)])
    expect(off.guards.faults()[0]).toContain('PROBATION_REFUSED')
    expect(off.codes[2]).toBe('ok')
  })
})

describe('chains', () => {
  test('worked example: a fault acts at once; a chain counts again after three clean rounds', () => {
    const guards = Guards.open(configOf({}))
    const step = (code: string | null, lagging = false) =>
      guards.chains({ codes: new Map([[7, code]]), lagging: new Set(lagging ? [7] : []), asOf: 1 }).get(7)
    expect([step(null), step(null), step(null)]).toEqual(['STARTING', 'STARTING', null])
    expect([step('RPC_QUORUM_LOST'), step(null), step(null), step(null)]).toEqual([
      'RPC_QUORUM_LOST',
      'RPC_QUORUM_LOST',
      'RPC_QUORUM_LOST',
      null,
    ])
    // A lag is an alarm: the chain counts on.
    expect(step(null, true)).toBe(null)
    expect(guards.shown().get(7)?.state).toBe('DEGRADED')
  })
})
