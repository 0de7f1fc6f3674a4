import { describe, expect, test } from 'vitest'
import { Share } from './index.ts'

describe('of', () => {
  const rows = (...hours: readonly number[]) => hours.map((hour) => ({ hour }))
  test('worked example: three days against a prior of one, however many rows a day', () => {
    expect(Share.of({ rows: rows(0, 1, 23, 24, 48, 71), recipe: { priorDays: 1 } })).toBe(0.75)
    expect(Share.of({ rows: rows(0, 23, 24), recipe: { priorDays: 2 } })).toBe(0.5)
  })
  test('edge: nothing learnt, nothing counts', () => {
    expect(Share.of({ rows: [], recipe: { priorDays: 730 } })).toBe(0)
  })
})
