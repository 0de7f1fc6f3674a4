import type { ShownLimit } from '@plimsoll/sdk'
import { describe, expect, test } from 'vitest'
import * as print from './print.ts'

const nameOf = print.chains([{ chainId: 1, name: 'harbour' }])

/** A limit whose reasons change the notional by these. */
function limitOf(changes: readonly bigint[]): ShownLimit {
  const notional = changes.reduce((sum, change) => sum + change, 0n)
  const reasons = changes.map((change) => ({ factor: 'schedule', imPpm: 0, notional: change }) as const)
  return {
    ...{ notional, side: 'long', imPpm: 0, mmPpm: 0, requirement: 0n, leveragePpm: 0, reasons, bounds: [] },
    credit: { total: 0n, free: 0n, perChain: [], perLot: [] },
    equity: { venue: 0n, total: 0n },
    protocolDefault: { notional: 0n, imPpm: 0, mmPpm: 0, leveragePpm: 0 },
  }
}

/** The last column of the reasons and of the line below them, in cents. */
function read(text: string): { readonly rows: readonly number[]; readonly result: number } {
  const lines = text.split('\n').slice(text.split('\n').findIndex((line) => line.includes('why:')) + 2)
  const cents = lines.map((line) => Math.round(Number((line.split(/ {2,}/).at(-1) ?? '').replace(/[$,+]/g, '')) * 100))
  return { rows: cents.slice(0, -1), result: cents.at(-1) ?? Number.NaN }
}

describe('limit', () => {
  test('bug: chains were told by their numbers, where a view tells them by their names', () => {
    const perChain = [1, 2].map((chainId) => ({ chainId, credit: 5n * 10n ** 18n }))
    const shown = print.limit({ ...limitOf([]), credit: { total: 10n ** 19n, free: 10n ** 19n, perChain, perLot: [] } }, nameOf)
    expect(shown).toMatch(/^ +harbour +\$5\.00$/m)
    expect(shown).toMatch(/^ +chain 2 +\$5\.00$/m)
  })

  test('worked example: cut one by one these would read 100.00 − 33.33 − 33.33 = 33.33', () => {
    const third = 33_336_666_666_666_666_666n
    expect(read(print.limit(limitOf([100n * 10n ** 18n, -third, -third]), nameOf))).toEqual({
      rows: [10_000, -3_334, -3_334],
      result: 3_332,
    })
  })

  test('edge: below a dollar, back to nothing, and without a change they add up as well', () => {
    const sevenths = [1, -3, 2, 5, -4].map((by) => (BigInt(by) * 10n ** 18n) / 7n)
    for (const changes of [sevenths, [...sevenths, -sevenths.reduce((sum, change) => sum + change, 0n)], [0n, 0n]]) {
      const { rows, result } = read(print.limit(limitOf(changes), nameOf))
      expect(rows.reduce((sum, cents) => sum + cents, 0)).toBe(result)
    }
  })
})

describe('equity', () => {
  const cent = 10n ** 16n
  const written = (free: bigint, venue: bigint) => {
    const held = { credit: { total: free, free, perChain: [], perLot: [] }, equity: { venue, total: free + venue } }
    const lines = print.limit({ ...limitOf([]), ...held }, nameOf)
    const cell = (name: string) => new RegExp(`^ +${name} +(-?\\$[\\d,.]+)`, 'm').exec(lines)?.[1]
    return ['free credit', '\\+ at the venue, net', '= may stand behind it'].map(cell)
  }

  test('worked example: free credit and what lies at the venue are what a refusal names, to the cent', () => {
    expect(written(12_000n * 100n * cent, 500n * 100n * cent)).toEqual(['$12,000.00', '$500.00', '$12,500.00'])
    expect(written(100n * cent, -201n * cent)).toEqual(['$1.00', '-$2.01', '-$1.01'])
  })

  test('rounding: two halves of a cent are one, on the line of the venue', () => {
    expect(written(cent / 2n, cent / 2n)).toEqual(['$0.00', '$0.01', '$0.01'])
    expect(written(cent / 2n, cent / 2n - 1n)).toEqual(['$0.00', '$0.00', '$0.00'])
  })
})

describe('rate', () => {
  test('bug: 2.6986 % and 0.7195 % were written as 2.699 % and 0.720 %, above a sum of 3.418 %', () => {
    expect([26_986, 7_195, 34_181, 0].map(print.rate)).toEqual(['2.6986 %', '0.7195 %', '3.4181 %', '0.0000 %'])
  })
})

describe('needs', () => {
  test('worked example: a limit that a step of the margin ends needs less than may stand behind it, and says so', () => {
    const shown = print.limit({ ...limitOf([]), requirement: 650n * 10n ** 18n, equity: { venue: 0n, total: 664n * 10n ** 18n } }, nameOf)
    expect(shown).toMatch(/^ +the limit needs +\$650\.00$/m)
  })
})

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
