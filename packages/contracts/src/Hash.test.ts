import { describe, expect, test } from 'vitest'
import * as Hash from './Hash.ts'

describe('open', () => {
  test('property: pieces hash as the text they make, wherever it is cut', () => {
    const text = `${'{"a":"é€"}'.repeat(40)}`
    for (const size of [1, 7, 135, 136, 137, 1_000]) {
      const hash = Hash.open()
      for (let from = 0; from < text.length; from += size) hash.add(text.slice(from, from + size))
      expect(hash.close()).toBe(Hash.ofText(text))
    }
  })

  test('edge: of no piece, it is that of nothing', () => {
    expect(Hash.open().close()).toBe(Hash.ofText(''))
  })

  test('error: nothing is added after it', () => {
    const hash = Hash.open()
    hash.close()
    expect(() => hash.add('x')).toThrow()
  })
})
