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
    ])
  })
})

describe('isLocal', () => {
  test('edge: the ids that development chains take, and those beside them', () => {
    expect([1_337, 31_337, 31_337_000, 31_337_999].every(ChainConfig.isLocal)).toBe(true)
    expect([1, 1_336, 31_338, 31_336_999, 31_338_000].some(ChainConfig.isLocal)).toBe(false)
  })
})
