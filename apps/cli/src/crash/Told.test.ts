import { describe, expect, test } from 'vitest'
import type * as Facts from './Facts.ts'
import * as Told from './Told.ts'

const fact = (kind: Facts.Fact['kind']): Facts.Fact => ({ kind, account: '0x0a', notional: 1n, price: 1n, block: 1n })
const still = { seconds: 90, outside: 3_000, sigmaPpm: 1, north: { price: 2_999.5, facts: [] }, south: { price: 3_000, facts: [] } }

describe('line', () => {
  test('worked example: a quiet step, and one in which both sides acted', () => {
    expect(Told.line(still)).toBe('   1:30  outside 3000.00  north 2999.50  south 3000.00')
    const busy = {
      ...still,
      north: { price: 2_900, facts: [fact('liquidated'), fact('liquidated')] },
      south: { price: 2_950, facts: [fact('inherited'), fact('reduced'), fact('covered')] },
    }
    expect(Told.line(busy)).toBe('   1:30  outside 3000.00  north 2900.00 (2 liquidated)  south 2950.00 (1 reduced, 1 inherited)')
  })
})

describe('isEventful', () => {
  test('edge: on either side', () => {
    expect(Told.isEventful(still)).toBe(false)
    expect(Told.isEventful({ ...still, south: { price: 1, facts: [fact('sold')] } })).toBe(true)
    expect(Told.isEventful({ ...still, north: { price: 1, facts: [fact('liquidated')] } })).toBe(true)
  })
})
