import { describe, expect, test } from 'vitest'
import { Rounds } from './index.ts'

const round = (updatedAt: number, price: number): Rounds.Round => ({ updatedAt, answer: BigInt(price) * 10n ** 8n })
const of = (rounds: readonly Rounds.Round[]) => Rounds.of({ rounds, decimals: 8, intervalSeconds: 100 })

describe('of', () => {
  test('worked example: an interval opens at the last answer and closes at its own', () => {
    // 100–200 sees 12 and 9; 200–300 sees nothing; 300–400 is not over.
    expect(of([round(90, 10), round(150, 12), round(200, 9), round(350, 20)])).toEqual([
      { closeAt: 100, open: 10, high: 12, low: 9, close: 9, volume: 0 },
      { closeAt: 200, open: 9, high: 9, low: 9, close: 9, volume: 0 },
    ])
  })
  test('edge: unsorted and repeated rounds change nothing', () => {
    const rounds = [round(90, 10), round(150, 12), round(200, 9), round(350, 20)]
    expect(of([...rounds].reverse())).toEqual(of(rounds))
    expect(of([...rounds, round(150, 12)])).toEqual(of(rounds))
  })
  test('error: no price, no time, no interval', () => {
    expect(() => of([round(90, 10), round(150, 0), round(350, 1)])).toThrow(Rounds.InvalidRoundError)
    expect(() => of([round(90, -1), round(350, 1)])).toThrow(Rounds.InvalidRoundError)
    expect(() => of([round(0, 1), round(350, 1)])).toThrow(Rounds.InvalidRoundError)
    expect(() => of([])).toThrow(Rounds.TooFewRoundsError)
    expect(() => of([round(90, 1), round(199, 1)])).toThrow(/1 rounds|2 rounds/)
  })
})
