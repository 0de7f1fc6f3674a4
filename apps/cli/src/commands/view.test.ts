import { describe, expect, test } from 'vitest'
import { rows, sums } from './view.ts'

const one = 10n ** 18n
const harbour = { chainId: 1, name: 'harbour', status: 'ok', code: null, blockAgeSeconds: 3 } as const
const holder = `0x${'aa'.repeat(20)}` as const
const usdc = { chainId: 1, holder, asset: 'USDC', decimals: 6 } as const

describe('rows', () => {
  test('worked example: what is locked, what arrives, what is only seen; each with custody, amount, value, credit, why', () => {
    const shown = rows({
      chains: [harbour],
      lots: [
        {
          ...usdc,
          ...{ lotId: '0x01', custody: 'LOCKED', amount: 5_000_000_000n, pendingOut: 2_000_500_000n, price: one, blockTime: 0 },
          ...{ value: 500n * one, credit: 475n * one, why: 'counts at 99.00 % of its price' },
        },
      ],
      arriving: [{ ...usdc, amount: 1_500_000n, value: null, why: 'not final' }],
      places: [
        {
          ...{
            ...usdc,
            chainId: 2,
            custody: 'OBSERVED',
            amount: 60_000_000n,
            owed: 0n,
            value: 60n * one,
            why: 'only observed',
            blockTime: 0,
          },
          places: [
            { name: 'wallet USDC', amount: 70_000_000n, owed: 0n },
            { name: 'Aave v3', amount: 15_000_000n, owed: 25_000_000n },
          ],
        },
        {
          ...{ ...usdc, custody: 'OBSERVED', amount: 0n, owed: 5_000_000n, value: 0n, why: 'owes more', blockTime: 0 },
          places: [{ name: 'Aave v3', amount: 0n, owed: 5_000_000n }],
        },
      ],
    })
    expect(shown).toEqual([
      ['vault on harbour', 'LOCKED', '5,000 USDC (2,000.5 on its way out)', '$500.00', '$475.00', 'counts at 99.00 % of its price'],
      ['vault on harbour', 'arriving', '1.5 USDC', 'no price', '$0.00', 'not final'],
      ['2 places on chain 2', 'OBSERVED', '60 USDC', '$60.00', '$0.00', 'only observed'],
      ['  wallet USDC', '', '70 USDC', '', '', ''],
      ['  Aave v3', '', '15 USDC, owes 25 USDC', '', '', ''],
      ['Aave v3 on harbour', 'OBSERVED', 'owes 5 USDC', '$0.00', '$0.00', 'owes more'],
    ])
  })
})

describe('sums', () => {
  const cents = (credit: bigint, encumbered: bigint, free: bigint) =>
    sums({ credit, encumbered, free }).map(([, value]) => value / (one / 100n))

  test('bug: 10.000 less 3.336 were written as 10.00, 3.33 and 6.66', () => {
    expect(cents(10n * one, (3_336n * one) / 1_000n, (6_664n * one) / 1_000n)).toEqual([1_000n, 333n, 667n])
  })

  test('edge: more is bound than there is, and nothing is free', () => {
    expect(cents(10n * one, 12n * one, 0n)).toEqual([1_000n, 1_200n, 0n])
  })
})
