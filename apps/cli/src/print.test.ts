import { describe, expect, test } from 'vitest'
import * as print from './print.ts'

describe('usd', () => {
  test('worked example: dollars and cents, grouped by thousands', () => {
    expect(print.usd(1_234_567_890_000_000_000_000n)).toBe('$1,234.56')
    expect(print.usd(-1_234_560_000_000_000_000_000n)).toBe('-$1,234.56')
  })

  test('bug: less than a cent below nothing was shown as nothing; down is down on either side of it', () => {
    expect(print.usd(9_999_999_999_999_999n)).toBe('$0.00')
    expect(print.usd(-1n)).toBe('-$0.01')
    expect(print.usd(-10_000_000_000_000_001n)).toBe('-$0.02')
    expect(print.usd(-10_000_000_000_000_000n)).toBe('-$0.01')
  })
})
