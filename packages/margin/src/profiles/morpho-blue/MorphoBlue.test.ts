import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as LiquidationBonus from '../../LiquidationBonus.ts'
import * as Shares from '../../Shares.ts'
import { account, both, flat, half, of } from '../../testing/lines.ts'
import * as Valuation from '../../Valuation.ts'
import * as MorphoBlue from './MorphoBlue.ts'

const { profile, virtual, priceUnit, incentive } = MorphoBlue
const { balance, position } = of(profile)
const wad = 1_000_000_000_000_000_000n
const assess = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []) =>
  Account.assess(account(balances, positions), profile)

describe('profile', () => {
  test('worked example: one ether of 2,000 carries 80 % of it, and 1,500 are owed', () => {
    // Native units of the loan, six decimals, for each native unit of the collateral, eighteen: 2,000 · 10^6 / 10^18, in parts of 10^36.
    const ether = balance({
      amount: wad,
      unit: priceUnit,
      price: Valuation.mark(2_000_000_000_000_000_000_000_000_000n),
      owned: both(flat(800_000_000_000_000_000n)),
    })
    expect(Account.value(ether, profile)).toBe(2_000_000_000n)
    expect(assess([ether, balance({ asset: 'USDC', amount: -1_500_000_000n })])).toMatchObject({
      equity: 1_600_000_000n,
      maintenanceMargin: 1_500_000_000n,
      health: { status: 'healthy', ratio: 1_066_666_666_666_666_666n },
    })
  })

  test('worked example: a gain would count in full', () => {
    expect(assess([], [position({ size: 1n, price: Valuation.mark(3n), cost: 1n })])).toMatchObject({ initialEquity: 2n, equity: 2n })
  })

  test('rounding: what is owned goes down, what is owed up', () => {
    const tenths = { unit: 10n, price: Valuation.mark(15n) }
    expect(assess([balance({ ...tenths, amount: 1n })]).equity).toBe(1n) // 1.5
    expect(Account.value(balance({ ...tenths, amount: -1n }), profile)).toBe(2n)
    expect(assess([balance({ amount: 15n, owned: both(flat(wad / 10n)) })]).equity).toBe(1n) // 15 · 10 %
    expect(assess([balance({ amount: -15n, owed: both(flat(wad / 10n)) })]).maintenanceMargin).toBe(2n)
  })

  test('rounding: weights of what is owned go down, those of what is owed up', () => {
    expect(assess([balance({ amount: wad, owned: both(half(wad / 2n)) })]).equity).toBe(wad / 2n)
    expect(assess([balance({ amount: -wad, owed: both(half(wad / 2n)) })]).maintenanceMargin).toBe(wad / 2n + 1n)
  })

  test('rounding: an exposure goes up, its profit down, its requirement up by itself', () => {
    const tenths = { unit: 10n, price: Valuation.mark(15n) }
    expect(assess([], [position({ ...tenths, size: 1n })])).toMatchObject({ equity: 1n, initialMargin: 2n })
    expect(assess([], [position({ ...tenths, size: -1n })])).toMatchObject({ equity: -2n, initialMargin: 2n })
    const small = position({ size: 1n, margin: both(flat(1n)) })
    expect(assess([], [small, small]).initialMargin).toBe(2n) // next to nothing each
  })
})

describe('virtual', () => {
  test('worked example: in an empty pool one unit is a million shares, and a million shares are one unit', () => {
    const empty = { assets: 0n, shares: 0n, virtual }
    expect(Shares.of(1n, empty, 'down')).toBe(1_000_000n)
    expect(Shares.assets(2_000_000n, empty, 'down')).toBe(2n)
    expect(Shares.assets(1_000_001n, empty, 'up')).toBe(2n)
  })

  test('worked example: a pool of 3 and 3,000,000', () => {
    expect(Shares.of(4n, { assets: 3n, shares: 3_000_000n, virtual }, 'down')).toBe(4_000_000n)
  })
})

describe('incentive', () => {
  const of = (threshold: bigint) =>
    LiquidationBonus.of(
      { kind: 'threshold', threshold, cursor: incentive.cursor, most: incentive.maximum },
      { health: 0n, loanToValue: 0n, elapsedSeconds: 0n },
      { unit: profile.rateUnit, rounding: 'down' },
    )

  test('worked example: 1 / (1 − 0.3 · 0.2), and at most 15 %', () => {
    expect(of(800_000_000_000_000_000n)).toBe(1_063_829_787_234_042_553n) // 1 / 0.94
    expect(of(0n)).toBe(1_150_000_000_000_000_000n) // 1 / 0.7 is more
    expect(of(wad)).toBe(wad)
  })

  test('edge: the cursor to the last digit', () => {
    // 1 / (1 − 0.3 · 0.4) = 1 / 0.88 = 1.13636…; a unit less of it, or of the cursor, moves the last digit.
    expect(of(600_000_000_000_000_000n)).toBe(1_136_363_636_363_636_363n)
    // 0.3 · (0.4 and 3 units) is 0.12 and 0.9 of a unit, cut.
    expect(of(599_999_999_999_999_997n)).toBe(1_136_363_636_363_636_363n)
  })
})
