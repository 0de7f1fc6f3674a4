import { describe, expect, test } from 'vitest'
import * as Parse from './Parse.ts'

const refused = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    if (error instanceof Parse.UnreadableDocumentError) return error.message
    throw error
  }
  return 'read'
}
const every = <T>(read: Parse.Reader<T>, from: Parse.From, values: readonly unknown[]) =>
  values.map((value) => refused(() => read(value, from)))
const all = (message: string, values: readonly unknown[]) => values.map(() => message)

describe('amount, positive', () => {
  test('edge: 78 digits on a wire and in memory, and none beyond', () => {
    const most = '9'.repeat(78)
    expect(Parse.amount(most, 'wire')).toBe(BigInt(most))
    expect(Parse.amount(BigInt(most), 'memory')).toBe(BigInt(most))
    expect(Parse.amount('0', 'wire')).toBe(0n)
    expect(Parse.positive('1', 'wire')).toBe(1n)
    expect(refused(() => Parse.positive('0', 'wire'))).toBe('The document must be above 0.')
    expect(refused(() => Parse.amount(BigInt(most) + 1n, 'memory'))).toBe('The document must be an unsigned bigint.')
  })

  test('error: a bigint is text on a wire, and text is no bigint in memory', () => {
    const wire = [1n, 1, '1.0', '1e3', '0x1', ' 1', '1 ', '', '+1', '-1', '-0', '00', true, null, undefined, ['1'], { toString: () => '1' }]
    expect(every(Parse.amount, 'wire', wire)).toEqual(all('The document must be an unsigned decimal string.', wire))
    const memory = ['1', 1, -1n, true, null, undefined, [1n]]
    expect(every(Parse.amount, 'memory', memory)).toEqual(all('The document must be an unsigned bigint.', memory))
  })
})

describe('whole, integer, upTo', () => {
  test('edge: up to what a float64 holds', () => {
    expect(Parse.whole(2 ** 53 - 1, 'wire')).toBe(2 ** 53 - 1)
    expect(Parse.integer(-(2 ** 53) + 1, 'wire')).toBe(-(2 ** 53) + 1)
    expect(Parse.upTo(5)(5, 'wire')).toBe(5)
    expect(refused(() => Parse.upTo(5)(6, 'wire'))).toBe('The document must be at most 5.')
    expect(Parse.ppm(10_000_000, 'wire')).toBe(10_000_000)
    expect(Parse.share(1_000_000, 'wire')).toBe(1_000_000)
  })

  test('error: floats, NaN, minus zero, text', () => {
    const neither = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -0, '1', 1n, true, null, undefined, [1]]
    expect(every(Parse.integer, 'wire', neither)).toEqual(all('The document must be an integer.', neither))
    const notWhole = [...neither, -1]
    expect(every(Parse.whole, 'wire', notWhole)).toEqual(all('The document must be a whole number ≥ 0.', notWhole))
  })
})

describe('text, hash, address, oneOf', () => {
  test('edge: the longest, the shortest', () => {
    expect(Parse.text('x'.repeat(200), 'wire')).toHaveLength(200)
    expect(Parse.text(' ', 'wire')).toBe(' ')
    expect(Parse.hash(`0x${'0f'.repeat(32)}`, 'wire')).toHaveLength(66)
    expect(Parse.address(`0x${'0f'.repeat(20)}`, 'wire')).toHaveLength(42)
    expect(Parse.oneOf<'a' | 2>('a', 2)(2, 'wire')).toBe(2)
  })

  test('error: of another length, of another script, of another kind', () => {
    const texts = ['', 'x'.repeat(201), 'é', 'a\n', 'a\tb', 5, ['a'], null]
    expect(every(Parse.text, 'wire', texts)).toEqual(all('The document must be 1 to 200 characters of printable ASCII.', texts))
    const hashes = [
      '0x',
      `0x${'0f'.repeat(31)}`,
      `0x${'0F'.repeat(32)}`,
      '0f'.repeat(33),
      `0x${'0f'.repeat(32)}\n`,
      [`0x${'0f'.repeat(32)}`],
    ]
    expect(every(Parse.hash, 'wire', hashes)).toEqual(all('The document must be 32 bytes in lower-case hex.', hashes))
    const addresses = [`0x${'0f'.repeat(19)}`, `0x${'0f'.repeat(32)}`, [`0x${'0f'.repeat(20)}`]]
    expect(every(Parse.address, 'wire', addresses)).toEqual(all('The document must be a lower-case address.', addresses))
    expect(refused(() => Parse.oneOf<'a' | 2>('a', 2)('2', 'wire'))).toBe('The document must be one of a, 2.')
  })
})

describe('list, object, variant, nullable', () => {
  const list = Parse.list(Parse.whole, 1, 2)
  const object = Parse.object<{ a: number; b: { c: number } }>({ a: Parse.whole, b: Parse.object({ c: Parse.whole }) })
  const variant = Parse.variant<{ kind: 'x'; n: number } | { kind: 'y' }>('kind', { x: { n: Parse.whole }, y: {} })

  test('worked example', () => {
    expect(list([1, 2], 'wire')).toEqual([1, 2])
    expect(object({ b: { c: 1 }, a: 2 }, 'wire')).toEqual({ a: 2, b: { c: 1 } })
    expect(variant({ kind: 'x', n: 1 }, 'wire')).toEqual({ kind: 'x', n: 1 })
    expect(Parse.nullable(Parse.whole)(null, 'wire')).toBe(null)
  })

  test('error: length, holes, paths, strangers', () => {
    expect(refused(() => list([], 'wire'))).toBe('The document must hold 1 to 2 items.')
    expect(refused(() => list([1, 2, 3], 'wire'))).toBe('The document must hold 1 to 2 items.')
    expect(refused(() => list(new Array(2), 'memory'))).toBe('[0] must be a whole number ≥ 0.')
    expect(refused(() => list({ length: 1, 0: 1 }, 'wire'))).toBe('The document must be a list.')
    expect(refused(() => Parse.list(list, 1, 1)([[1, 'x']], 'wire'))).toBe('[0][1] must be a whole number ≥ 0.')
    expect(refused(() => object({ a: 1, b: { c: 'x' } }, 'wire'))).toBe('b.c must be a whole number ≥ 0.')
    expect(refused(() => object({ a: 1, b: {} }, 'wire'))).toBe('b.c must be a whole number ≥ 0.')
    expect(refused(() => object({ a: 1, b: { c: 1 }, toString: 1 }, 'wire'))).toBe('toString is not a field of this document.')
    expect(refused(() => object(JSON.parse('{"a":1,"b":{"c":1},"__proto__":{}}'), 'wire'))).toBe(
      '__proto__ is not a field of this document.',
    )
    for (const value of [null, [], 'x', 5]) expect(refused(() => object(value, 'wire'))).toBe('The document must be an object.')
    expect(refused(() => variant({ kind: 'toString' }, 'wire'))).toBe('kind must be one of x, y.')
    expect(refused(() => variant({ kind: 'y', n: 1 }, 'wire'))).toBe('n is not a field of this document.')
    expect(refused(() => Parse.nullable(Parse.whole)(undefined, 'wire'))).not.toBe('read')
  })

  test('error: what is no refusal passes through', () => {
    const broken = Parse.object<{ a: number }>({
      a: () => {
        throw new RangeError('a fault of ours')
      },
    })
    expect(() => broken({ a: 1 }, 'wire')).toThrow(RangeError)
  })
})

describe('canonical', () => {
  test('worked example: keys by UTF-16 code units, text as JSON escapes it', () => {
    expect(Parse.canonical({ b: [true, null, -1], a: 10n, '€': 'é\n"', '\u{1F600}': {}, ﬀ: [] })).toBe(
      '{"a":"10","b":[true,null,-1],"€":"é\\n\\"","😀":{},"ﬀ":[]}',
    )
  })

  test('error: what JSON has no one text for', () => {
    expect(refused(() => Parse.canonical({ a: [1, 0.5] }))).toBe('a[1] must be an integer.')
    expect(refused(() => Parse.canonical({ a: Number.NaN }))).toBe('a must be an integer.')
    expect(refused(() => Parse.canonical({ a: undefined }))).toBe('a must be an object.')
    expect(refused(() => Parse.canonical({ a: () => 1 }))).toBe('a must be an object.')
    expect(refused(() => Parse.canonical('\ud800'))).toBe('The document must be well-formed Unicode.')
  })
})
