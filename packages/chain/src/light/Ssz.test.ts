import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as Ssz from './Ssz.ts'

const chunk = (byte: number) => new Uint8Array(32).fill(byte)
const [a, b, c, d] = [chunk(1), chunk(2), chunk(3), chunk(4)]
const zero = chunk(0)
/** By another hand than the sources'. */
const pair = (left: Uint8Array, right: Uint8Array) => new Uint8Array(createHash('sha256').update(left).update(right).digest())

describe('root', () => {
  test('worked example: one chunk is its own root, two are hashed, three are filled up to four and five to eight', () => {
    expect(Ssz.root([a])).toEqual(a)
    expect(Ssz.root([a, b])).toEqual(pair(a, b))
    expect(Ssz.root([a, b, c])).toEqual(pair(pair(a, b), pair(c, zero)))
    const empty = pair(zero, zero)
    expect(Ssz.root([a, b, c, d, a])).toEqual(pair(pair(pair(a, b), pair(c, d)), pair(pair(a, zero), empty)))
    expect(Ssz.root([])).toEqual(zero)
  })
})

describe('uint', () => {
  test('worked example: 258 is 2 and 1, the lowest byte first', () => {
    expect([...Ssz.uint(258n).subarray(0, 3)]).toEqual([2, 1, 0])
    expect(Ssz.uint(2n ** 256n - 1n)).toEqual(chunk(255))
    expect(Ssz.uint(0n)).toEqual(zero)
  })
})

describe('vector', () => {
  test('worked example: 48 bytes are two chunks, the second filled up', () => {
    const second = new Uint8Array(32)
    second.set(new Uint8Array(16).fill(1))
    expect(Ssz.vector(`0x${'01'.repeat(48)}`)).toEqual(pair(a, second))
    expect(Ssz.vector(`0x${'01'.repeat(32)}`)).toEqual(a)
  })
})

describe('list', () => {
  test('worked example: as many bytes with the same beginning are told apart by how many they are', () => {
    const one = new Uint8Array(32)
    one[0] = 7
    expect(Ssz.list('0x07')).toEqual(pair(one, Ssz.uint(1n)))
    expect(Ssz.list('0x0700')).toEqual(pair(one, Ssz.uint(2n)))
    expect(Ssz.list('0x')).toEqual(pair(zero, zero))
  })
})

describe('isBranch', () => {
  const root = Ssz.root([a, b, c, d])
  test('worked example: the third of four lies at 6, beside the fourth', () => {
    expect(Ssz.isBranch({ leaf: c, branch: [d, pair(a, b)], index: 6, root })).toBe(true)
  })

  test('error: another place, another leaf, another sibling', () => {
    expect(Ssz.isBranch({ leaf: c, branch: [d, pair(a, b)], index: 7, root })).toBe(false)
    expect(Ssz.isBranch({ leaf: d, branch: [d, pair(a, b)], index: 6, root })).toBe(false)
    expect(Ssz.isBranch({ leaf: c, branch: [d, pair(b, a)], index: 6, root })).toBe(false)
  })

  test('error: a longer branch would make a leaf of what lies deeper, a shorter one of what lies higher', () => {
    expect(Ssz.isBranch({ leaf: d, branch: [c, pair(a, b)], index: 7, root })).toBe(true)
    expect(Ssz.isBranch({ leaf: d, branch: [c, pair(a, b)], index: 3, root })).toBe(false)
    expect(Ssz.isBranch({ leaf: pair(c, d), branch: [pair(a, b)], index: 7, root })).toBe(false)
    expect(Ssz.isBranch({ leaf: pair(c, d), branch: [pair(a, b)], index: 3, root })).toBe(true)
  })
})
