import { describe, expect, test } from 'vitest'
import * as Funding from './Funding.ts'

describe('owed', () => {
  test('worked example: a long pays when the index rose, a short is paid', () => {
    expect(Funding.owed({ index: 15n, from: 10n, size: 3n })).toBe(-15n)
    expect(Funding.owed({ index: 15n, from: 10n, size: -3n })).toBe(15n)
    expect(Funding.owed({ index: 10n, from: 15n, size: 3n })).toBe(15n)
  })
})

describe('clamp', () => {
  test('worked example', () => expect(Funding.clamp({ factor: 6_000n, initial: 150n, maintenance: 120n, unit: 1_000n })).toBe(180n))
  test('rounding: down', () => expect(Funding.clamp({ factor: 1_500n, initial: 13n, maintenance: 10n, unit: 1_000n })).toBe(4n))
})
