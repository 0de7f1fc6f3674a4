import { describe, expect, test } from 'vitest'
import * as Encumbrance from './Encumbrance.ts'

const key = (change: Partial<Encumbrance.Key>): Encumbrance.Key => ({
  key: 'a',
  certificateCredits: [],
  requirement: 0n,
  unrealisedLoss: 0n,
  fees: 0n,
  ...change,
})
const total = (...keys: Encumbrance.Key[]) => Encumbrance.of(keys).total

describe('of', () => {
  test('worked example', () => {
    const certified = key({ key: 'a', certificateCredits: [500n, 700n, 600n], requirement: 400n, unrealisedLoss: 100n, fees: 50n })
    const underwater = key({ key: 'b', certificateCredits: [500n], requirement: 400n, unrealisedLoss: 100n, fees: 50n })
    expect(Encumbrance.of([certified, underwater])).toEqual({
      total: 1_250n,
      perKey: [
        { key: 'a', encumbrance: 700n },
        { key: 'b', encumbrance: 550n },
      ],
    })
  })

  test('edge: nothing outstanding binds nothing', () => {
    expect(total()).toBe(0n)
    expect(total(key({}))).toBe(0n)
  })

  test('certificates of one key count by their greatest, so that fifty renewals bind no more than one', () => {
    expect(total(key({ certificateCredits: Array.from({ length: 50 }, () => 700n) }))).toBe(700n)
    expect(total(key({ certificateCredits: [700n] }), key({ certificateCredits: [700n] }))).toBe(1_400n)
  })

  test('property: each term counts in full once it is the greater', () => {
    expect(total(key({ requirement: 5n, certificateCredits: [5n] }))).toBe(5n)
    expect(total(key({ requirement: 5n, fees: 1n, certificateCredits: [5n] }))).toBe(6n)
    expect(total(key({ requirement: 5n, unrealisedLoss: 2n, certificateCredits: [5n] }))).toBe(7n)
  })
})
