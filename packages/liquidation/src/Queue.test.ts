import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure } from './index.ts'
import * as Queue from './Queue.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const someKeys = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NEGATIVE_INFINITY)), { maxLength: 60 })
const inOrder = (found: readonly number[]) => [...found].sort((a, b) => a - b)
const scan = (keys: readonly number[], bar: number) => [...keys.keys()].filter((entry) => (keys[entry] as number) >= bar)

describe('of', () => {
  test('worked example: entries beyond a bar, the bar itself among them', () => {
    const queue = Queue.of([0.5, 0.25, 0.75])
    expect(inOrder(Queue.above(queue, 0.5))).toEqual([0, 2])
    expect(Queue.above(queue, 0.8)).toEqual([])
  })
  test('edge: nobody', () => {
    expect(Queue.above(Queue.of([]), Number.NEGATIVE_INFINITY)).toEqual([])
  })
  test('error: a key that is no number', () => {
    expect(() => Queue.of([1, Number.NaN])).toThrow(Figure.InvalidFigureError)
  })
})

describe('place', () => {
  test('worked example: up, down and out', () => {
    const queue = Queue.of([1, 2, 3])
    Queue.place(queue, 0, 9)
    Queue.place(queue, 2, Number.NEGATIVE_INFINITY)
    expect(inOrder(Queue.above(queue, 2))).toEqual([0, 1])
    expect([...queue.keys]).toEqual([9, 2, Number.NEGATIVE_INFINITY])
  })
  test('property: each of thirty-one in turn, to the front, to the end and between', () => {
    const keys = Array.from({ length: 31 }, (_, entry) => (entry * 7) % 31)
    for (const to of [40, -1, 15.5])
      for (const entry of keys.keys()) {
        const queue = Queue.of(keys)
        Queue.place(queue, entry, to)
        const changed = keys.with(entry, to)
        for (const bar of [-1, ...keys, 15.5, 40]) expect(inOrder(Queue.above(queue, bar))).toEqual(scan(changed, bar))
      }
  })
  test('property: after any changes it answers as a scan of the keys does', () => {
    const changes = fc.array(fc.tuple(fc.nat(59), fc.integer({ min: -6, max: 6 })), { maxLength: 80 })
    fc.assert(
      fc.property(someKeys, changes, (given, changes) => {
        const keys = [...given]
        const queue = Queue.of(keys)
        for (const [entry, key] of changes) {
          if (entry >= keys.length) continue
          keys[entry] = key
          Queue.place(queue, entry, key)
          expect(inOrder(Queue.above(queue, key))).toEqual(scan(keys, key))
        }
        for (let bar = -6; bar <= 6; bar++) expect(inOrder(Queue.above(queue, bar))).toEqual(scan(keys, bar))
      }),
      { numRuns },
    )
  })
})
