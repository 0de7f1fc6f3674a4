import { describe, expect, test } from 'vitest'
import * as Document from './document.ts'

describe('of', () => {
  test('worked example: keys in order, integers as decimal strings, floats as they are', () => {
    expect(Document.of({ b: 2n, a: [1, null, 'x'], c: { z: 0.5, y: undefined } }).text).toBe('{"a":[1,null,"x"],"b":"2","c":{"z":0.5}}')
  })

  test('property: the same decision has the same hash, in whatever order it was written; another has another', () => {
    expect(Document.of({ a: 1n, b: 2n }).hash).toBe(Document.of({ b: 2n, a: 1n }).hash)
    expect(Document.of({ a: 1n }).hash).not.toBe(Document.of({ a: 2n }).hash)
  })
})
