import { describe, expect, test } from 'vitest'
import * as ChainConfig from './ChainConfig.ts'

const source = (id: string): ChainConfig.Source => ({ id, operator: `${id} ltd`, url: `http://127.0.0.1/${id}` })
const good: ChainConfig.ChainConfig = {
  chainId: 31_337_001,
  name: 'harbour',
  sources: [source('a'), source('b'), source('c')],
  k: 2,
  finality: { tag: 'finalized', maxAgeSeconds: 60 },
  timeoutMs: 800,
}

const faults = (change: Partial<ChainConfig.ChainConfig>) => {
  try {
    ChainConfig.of({ ...good, ...change })
  } catch (error) {
    return (error as ChainConfig.InvalidConfigError).faults
  }
  return []
}

describe('of', () => {
  test('worked example: two of three', () => {
    expect(ChainConfig.of(good)).toBe(good)
    expect(faults({ sources: [source('a')], k: 1 })).toEqual([])
    expect(faults({ finality: { tag: 'finalized', depth: 0, maxAgeSeconds: 1 } })).toEqual([])
  })

  test('error: k', () => {
    expect(faults({ k: 4 })).toEqual(['k is 4, but there are only 3 sources'])
    expect(faults({ k: 1 })).toEqual(['k is 1 of 3: two different answers could both reach it'])
    expect(faults({ k: 1, sources: [source('a'), source('b')] })).toEqual(['k is 1 of 2: two different answers could both reach it'])
    expect(faults({ k: 0 })).toContain('k must be a positive integer')
    expect(faults({ k: 1.5 })).toContain('k must be a positive integer')
    expect(faults({ sources: [], k: 1 })).toContain('k is 1, but there are only 0 sources')
  })

  test('error: sources that are one', () => {
    const twice = [source('a'), source('b'), { ...source('c'), operator: 'a ltd' }]
    expect(faults({ sources: twice })).toEqual(['operator a ltd runs more than one source'])
    expect(faults({ sources: twice, allowSharedOperators: true })).toEqual([])
    expect(faults({ chainId: 1, allowSharedOperators: true })).toEqual(['allowSharedOperators is for local chains'])
    expect(faults({ sources: [source('a'), source('a'), source('b')], allowSharedOperators: true })).toEqual(['source id a is used twice'])
    expect(faults({ sources: [source('a'), source('b'), { ...source('c'), url: source('a').url }] })).toEqual(['a and c have the same url'])
  })

  test('error: every other field, all named at once', () => {
    const wrong = { id: '', operator: '', url: 'ftp://127.0.0.1' }
    expect(
      faults({
        chainId: 0,
        name: ' ',
        sources: [wrong],
        k: 1,
        timeoutMs: -1,
        multicall: '0x12',
        finality: { tag: 'pending' as 'latest', maxAgeSeconds: 0, depth: -1 },
      }),
    ).toEqual([
      'chainId must be a positive integer',
      'name must not be empty',
      'finality.tag must be finalized, safe or latest',
      'finality.maxAgeSeconds must be a positive integer',
      'finality.depth must be an integer ≥ 0',
      'timeoutMs must be a positive integer',
      'multicall must be an address',
      'a source has no id',
      'source  has no operator',
      'source  has no http or https url',
      'all its sources together have 0 of 2 operators (none named), so no agreement among them can count',
    ])
  })
})

describe('diversity', () => {
  test('worked example: two operators, unless a local chain is read through one source', () => {
    const config = { name: 'c', sources: [], finality: { tag: 'finalized', maxAgeSeconds: 1 }, timeoutMs: 1 } as const
    expect(ChainConfig.diversity({ ...config, chainId: 1, k: 1 })).toEqual({ operators: 2 })
    expect(ChainConfig.diversity({ ...config, chainId: 31_337, k: 1 })).toEqual({ operators: 1 })
    expect(ChainConfig.diversity({ ...config, chainId: 31_337, k: 2 })).toEqual({ operators: 2 })
    expect(ChainConfig.diversity({ ...config, chainId: 31_337, k: 2, allowSharedOperators: true })).toEqual({ operators: 1 })
    expect(ChainConfig.diversity({ ...config, chainId: 1, k: 2, diversity: { operators: 1, clouds: 2 } })).toEqual({
      operators: 1,
      clouds: 2,
    })
  })

  test('error: what no agreement could meet is refused before the first read', () => {
    const source = (id: string, labels: object) => ({ id, operator: id, url: `https://${id}.example/`, ...labels })
    const faultsOf = (
      sources: readonly ReturnType<typeof source>[],
      diversity: { readonly operators: number; readonly clients?: number },
    ) => {
      try {
        ChainConfig.of({ chainId: 1, name: 'c', sources, k: 2, finality: { tag: 'finalized', maxAgeSeconds: 1 }, timeoutMs: 1, diversity })
        return []
      } catch (error) {
        return (error as ChainConfig.InvalidConfigError).faults
      }
    }
    const two = [source('a', { client: 'geth' }), source('b', { client: 'geth' })]
    expect(faultsOf(two, { operators: 2 })).toEqual([])
    expect(faultsOf(two, { operators: 2, clients: 2 })).toEqual([
      'all its sources together have 1 of 2 clients (geth), so no agreement among them can count',
    ])
    expect(faultsOf([...two, source('c', {})], { operators: 3, clients: 2 })).toHaveLength(1)
    expect(faultsOf([...two, source('c', { client: 'reth' })], { operators: 3, clients: 2 })).toEqual([])
    expect(faultsOf(two, { operators: 0 })).toEqual(['diversity.operators must be a positive integer'])
  })
})

describe('isLocal', () => {
  test('edge: the ids that development chains take, and those beside them', () => {
    expect([1_337, 31_337, 31_337_000, 31_337_999].every(ChainConfig.isLocal)).toBe(true)
    expect([1, 1_336, 31_338, 31_336_999, 31_338_000].some(ChainConfig.isLocal)).toBe(false)
  })
})
