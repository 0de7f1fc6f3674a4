import { describe, expect, test } from 'vitest'
import * as Days from './Days.ts'

const noon = Date.parse('2026-03-10T12:00:00Z') / 1000

describe('of', () => {
  test('worked example: the day in UTC, from its first second to its last', () => {
    expect(Days.of(noon)).toBe('2026-03-10')
    expect(Days.of(noon + 43_199)).toBe('2026-03-10')
    expect(Days.of(noon + 43_200)).toBe('2026-03-11')
  })
})

describe('between', () => {
  const between = (from: string, to: string) => Days.between({ from, to, now: noon })

  test('worked example: days end at midnight, today ends now', () => {
    expect(between('2026-03-08', '2026-03-09')).toEqual({ from: noon - 86_400 - 43_200, to: noon - 43_200 })
    expect(between('2026-03-08', '2026-03-10')).toEqual({ from: noon - 86_400 - 43_200, to: noon })
  })

  test('edge: one day, turned round, tomorrow, or no day at all', () => {
    expect(between('2026-03-08', '2026-03-08')).toBeNull()
    expect(between('2026-03-09', '2026-03-08')).toBeNull()
    expect(between('2026-03-09', '2026-03-11')).toBeNull()
    expect(between('', '2026-03-09')).toBeNull()
    expect(between('2026-03-09', '')).toBeNull()
  })
})
