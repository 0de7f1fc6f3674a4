import { describe, expect, test } from 'vitest'
import * as Header from './Header.ts'
import { MalformedHexError } from './Hex.ts'
import { RequestError } from './JsonRpc.ts'
import * as Log from './Log.ts'

const word = (byte: string) => `0x${byte.repeat(32)}`
const raw = (blockNumber: string, logIndex: string) => ({
  address: `0x${'AA'.repeat(20)}`,
  topics: [word('01')],
  data: '0x',
  blockNumber,
  blockHash: word('bb'),
  transactionHash: word('cc'),
  logIndex,
})

describe('parseAll', () => {
  test('worked example: chain order, whatever the order sent', () => {
    const logs = Log.parseAll([raw('0x2', '0x0'), raw('0x1', '0x9'), raw('0x1', '0x1')])
    expect(logs.map((log) => [log.blockNumber, log.logIndex])).toEqual([
      [1n, 1],
      [1n, 9],
      [2n, 0],
    ])
    expect(logs[0]?.address).toBe(`0x${'aa'.repeat(20)}`)
    expect(Log.parseAll([])).toEqual([])
    expect(Log.parseAll([{ ...raw('0x1', '0x0'), topics: Array.from({ length: 4 }, () => word('01')) }])[0]?.topics).toHaveLength(4)
  })

  test.each([
    ['null', null],
    ['an object', {}],
    ['a log that is none', ['0x1']],
    ['null for a log', [null]],
    ['a removed log', [{ ...raw('0x1', '0x0'), removed: true }]],
    ['no topics', [{ ...raw('0x1', '0x0'), topics: null }]],
    ['too many topics', [{ ...raw('0x1', '0x0'), topics: Array.from({ length: 5 }, () => word('01')) }]],
    ['one log twice', [raw('0x1', '0x0'), raw('0x1', '0x0')]],
  ])('error: %s', (_, value) => {
    expect(() => Log.parseAll(value)).toThrow(RequestError)
  })

  test('error: a pending log has no block, and is not block zero', () => {
    expect(() => Log.parseAll([{ ...raw('0x1', '0x0'), blockNumber: null }])).toThrow(MalformedHexError)
  })
})

describe('union', () => {
  test('worked example: each log once', () => {
    const [first, second] = Log.parseAll([raw('0x1', '0x0'), raw('0x2', '0x0')])
    if (!first || !second) throw new Error('two logs were parsed')
    expect(Log.union([[second], [first, second], []])).toEqual([first, second])
  })
})

describe('Header.parse', () => {
  const block = { number: '0x5', hash: word('aa'), parentHash: word('bb'), timestamp: '0x64', extra: 'ignored' }

  test('worked example', () => {
    expect(Header.parse(block)).toEqual({ number: 5n, hash: word('aa'), parentHash: word('bb'), timestamp: 100 })
  })

  test('error: no block is not an empty one', () => {
    expect(() => Header.parse(null)).toThrow(expect.objectContaining({ code: 'RPC_BLOCK_UNKNOWN' }))
    expect(() => Header.parse('0x5')).toThrow(expect.objectContaining({ code: 'RPC_MALFORMED' }))
    expect(() => Header.parse([])).toThrow(expect.objectContaining({ code: 'RPC_MALFORMED' }))
    expect(() => Header.parse({ ...block, hash: null })).toThrow(MalformedHexError)
  })
})
