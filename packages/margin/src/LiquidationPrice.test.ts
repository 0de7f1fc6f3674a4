import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as LiquidationPrice from './LiquidationPrice.ts'
import * as PricePath from './PricePath.ts'
import type * as Profile from './Profile.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n
const usd = (amount: number) => (BigInt(Math.round(amount * 1_000_000)) * one) / 1_000_000n
const flat = (ppm: number) => ({ kind: 'flat' as const, rate: BigInt(ppm) })
const at = (price: bigint) => ({ low: price, high: price })
const long: Account.Position = {
  market: 'ETH',
  size: 10n * one,
  unit: one,
  price: at(usd(100)),
  cost: 10n * one * usd(100),
  quote: 0n,
  margin: { initial: flat(1_000_000), maintenance: flat(50_000) },
  openInterest: 0n,
  charge: 0n,
}
const short: Account.Position = { ...long, size: -long.size, cost: -long.cost }
const whole = { initial: flat(1_000_000), maintenance: flat(1_000_000) }
const cash: Account.Balance = { asset: 'CASH', amount: 0n, unit: one, price: at(one), owned: whole, owed: whole, total: 0n }
const ether: Account.Balance = { ...cash, asset: 'ETH', price: at(usd(100)), owned: { initial: flat(700_000), maintenance: flat(800_000) } }
const account = (collateral: number, ...positions: Account.Position[]): Account.Account => ({
  balances: [{ ...cash, amount: usd(collateral) }],
  positions,
  fees: 0n,
  asOf: 0,
})
const ofEth: PricePath.PricePath = { kind: 'price', names: ['ETH'] }
const priceOf = (it: Account.Account) => LiquidationPrice.of(it, plimsoll, ofEth)
const tiers = (upTo: number, below: number, above: number) => ({
  kind: 'tiers' as const,
  tiers: [
    { upTo: usd(upTo), rate: BigInt(below) },
    { upTo: null, rate: BigInt(above) },
  ],
})
const held = (position: Account.Position, maintenance: Account.Terms['maintenance']) => ({
  ...position,
  margin: { ...position.margin, maintenance },
})

function excess(it: Account.Account, profile: Profile.Profile): bigint {
  const { equity, maintenanceMargin } = Account.assess(it, profile)
  return equity - maintenanceMargin
}

describe('of', () => {
  test('worked example: isolated', () => {
    // 145 + 10·(P − 100) = 0.05·10·P at P = 90
    expect(priceOf(account(145, long))).toEqual({
      status: 'standing',
      down: { status: 'price', price: usd(90) },
      up: { status: 'none', code: 'NO_LOSS', message: 'When prices rise, the account is not nearer to liquidation at the far end.' },
    })
    // 155 + 10·(100 − P) = 0.05·10·P at P = 110
    expect(priceOf(account(155, short))).toMatchObject({
      down: { status: 'none', code: 'NO_LOSS' },
      up: { status: 'price', price: usd(110) },
    })
  })

  test('worked example: through a tier, on the way down and on the way up', () => {
    const maintenance = tiers(500, 50_000, 100_000)
    // Above 500 the requirement is 0.1·N − 25: 165 + 10·(P − 100) = P − 25 at P = 90
    expect(priceOf(account(165, held(long, maintenance)))).toMatchObject({ down: { price: usd(90) } })
    // Below 500 it is 0.05·N: 620 + 10·(P − 100) = P/2 at P = 40
    expect(priceOf(account(620, held(long, maintenance)))).toMatchObject({ down: { price: usd(40) } })
    // 685 + 10·(50 − P) = P − 25 at P = 110
    const cheap = { ...held(short, maintenance), cost: -10n * one * usd(50), price: at(usd(50)) }
    expect(priceOf(account(685, cheap))).toMatchObject({ up: { price: usd(110) } })
  })

  test('worked example: cross margin, funding and fees', () => {
    const other = { ...short, market: 'BTC', price: at(usd(95)) } // gains 50, needs 47.5
    const it = account(150, { ...long, quote: -usd(4) }, other)
    // 150 − 4 − 3 + 50 − 47.5 + 10·(P − 100) = 0.5·P at P = 854.5 / 9.5
    expect(priceOf({ ...it, fees: usd(3) })).toMatchObject({ down: { price: (usd(8_545) + 94n) / 95n } })
  })

  test('worked example: the collateral itself falls with the price', () => {
    const it = { ...account(0, long), balances: [{ ...ether, amount: 2n * one }] }
    // 0.8·2·P + 10·(P − 100) = 0.5·P at P = 1000 / 11.1
    const down = { status: 'price', price: (usd(10_000) + 110n) / 111n }
    expect(priceOf(it)).toMatchObject({ down })
    // Where only the position moves: 160 + 10·(P − 100) = 0.5·P at P = 840 / 9.5
    const perp = { ...it, positions: [{ ...long, market: 'ETH-PERP' }] }
    expect(LiquidationPrice.of(perp, plimsoll, { kind: 'price', names: ['ETH-PERP'] })).toMatchObject({
      down: { price: (usd(8_400) + 94n) / 95n },
    })
    expect(LiquidationPrice.of(perp, plimsoll, { kind: 'price', names: ['ETH-PERP', 'ETH'] })).toMatchObject({ down })
  })

  test('worked example: a loan has a price on both of its sides', () => {
    // 10 ETH at 80 % against 600 CASH: 8·P = 600 at P = 75; the debt's price may rise to 800 / 600.
    const it: Account.Account = {
      balances: [
        { ...ether, amount: 10n * one },
        { ...cash, amount: -usd(600) },
      ],
      positions: [],
      fees: 0n,
      asOf: 0,
    }
    expect(priceOf(it)).toMatchObject({ down: { price: usd(75) }, up: { code: 'NO_LOSS' } })
    expect(LiquidationPrice.of(it, plimsoll, { kind: 'price', names: ['CASH'] })).toMatchObject({ up: { price: (800n * one) / 600n } })
  })

  test('worked example: a hedged book falls on both sides', () => {
    // Long 10 in tiers, short 10 flat at 5 %: what is left is 20 − MM, and MM is 10 % of N: P = 20, and it rises with the price.
    const both = account(
      20,
      { ...long, price: at(usd(10)), cost: 10n * one * usd(10) },
      { ...short, price: at(usd(10)), cost: -10n * one * usd(10) },
    )
    expect(priceOf(both)).toMatchObject({ down: { code: 'NO_LOSS' }, up: { price: usd(20) } })
    // Short 30 at 100 besides 20 ETH of collateral at 80 % and 10 long: down 1000·… it has both.
    const butterfly = {
      ...account(140, { ...long, size: 20n * one, cost: 20n * one * usd(100) }),
      balances: [{ ...cash, amount: usd(240) }],
    }
    const straddle = { ...butterfly, positions: [...butterfly.positions, held({ ...short, charge: 0n }, tiers(1_200, 10_000, 2_000_000))] }
    // Down: 240 + 10·(P − 100) = 1·P + 0.1·P at P = 760 / 8.9. Up, above 1200: 240 + 10·(P − 100) = P + 12 + 2·(10·P − 1200) at P = 1628 / 11.
    expect(priceOf(straddle)).toMatchObject({ down: { price: (usd(7_600) + 88n) / 89n }, up: { price: usd(1_628) / 11n } })
  })

  test('edge: several crossings on one side, and the nearest is told', () => {
    // The requirement is 12·P up to P = 50 and grows by 0.1·P from there: 150 + 10·(P − 10) = 12·P at P = 25, though far above it stands.
    const odd = held({ ...long, price: at(usd(10)), cost: 10n * one * usd(10) }, tiers(500, 1_200_000, 10_000))
    expect(priceOf(account(150, odd))).toMatchObject({ up: { status: 'price', price: usd(25) } })
    expect(excess(PricePath.move(account(150, odd), ofEth, usd(1_000)), plimsoll) > 0n).toBe(true)
  })

  test('edge: two dips on the same side, and the one that comes first', () => {
    // MM over N: 100 % to 200, 150 % to 300, nothing to 600, 200 % to 1000, nothing above.
    const rates = [1_000_000n, 1_500_000n, 0n, 2_000_000n, 0n]
    const bounds = [200, 300, 600, 1_000, null]
    const dips = {
      kind: 'tiers' as const,
      tiers: bounds.map((upTo, i) => ({ upTo: upTo === null ? null : usd(upTo), rate: rates[i] ?? 0n })),
    }
    const from = (price: number) => ({ ...held(long, dips), price: at(usd(price)), cost: 10n * one * usd(10) })
    // Up from N = 100: 30 to 200, then half a unit less for each: 0 at 260. It stands again at 340, and falls again at 880.
    expect(priceOf(account(130, from(10)))).toMatchObject({ up: { price: usd(26) } })
    // Down from N = 1500 with 140: 390, less 1 for each down to 1000: 0 at 1110. It stands at 600, and falls again below 310.
    expect(priceOf(account(140, from(150)))).toMatchObject({ down: { price: usd(111) } })
    const up = LiquidationPrice.of(account(130, from(10)), plimsoll, { kind: 'stress', weightsPpm: { ETH: 1_000_000 } })
    expect(up).toMatchObject({ up: { status: 'stress', ppm: { numerator: 1_600_000n, denominator: 1n } } })
  })

  test('edge: at maintenance margin now the answer is now, for a stress too, and where something is kept', () => {
    const stress = { kind: 'stress' as const, weightsPpm: { ETH: 1_000_000 } }
    const zero = { status: 'stress', ppm: { numerator: 0n, denominator: 1n } }
    expect(LiquidationPrice.of(account(50, long), plimsoll, stress)).toMatchObject({ down: zero, up: { code: 'NO_LOSS' } })
    expect(LiquidationPrice.of(account(50, short), plimsoll, stress)).toMatchObject({ up: zero, down: { code: 'NO_LOSS' } })
    const power = { kind: 'power' as const, rate: 50_000n, coefficient: 0n, scale: one, over: 1n, under: 2n }
    // 10 · 100 / 10⁶ are kept: 0.001.
    const kept = account(50, held(long, power))
    const at100 = { status: 'price', price: usd(100) }
    expect(priceOf(kept)).toMatchObject({ down: at100, up: at100 })
    expect(priceOf({ ...kept, fees: -usd(0.001) + 1n })).toMatchObject({ down: at100, up: at100 })
    expect(priceOf({ ...kept, fees: -usd(0.001) })).toMatchObject({ down: at100, up: { code: 'NO_LOSS' } })
    expect(priceOf({ ...kept, fees: -usd(0.001) - 10n })).toMatchObject({ down: { price: usd(100) - 1n } })
  })

  test('edge: a unit of the rate is kept for each rounding of it', () => {
    const power = { kind: 'power' as const, rate: 50_000n, coefficient: 0n, scale: one, over: 1n, under: 2n }
    const downOf = (maintenance: Account.Terms['maintenance']) => {
      const found = priceOf(account(145, held(long, maintenance)))
      return found.status === 'standing' && found.down.status === 'price' ? found.down.price : 0n
    }
    // 9.5·P − k·10·P / 10⁶ = 855, rounded up against a kept sum that is rounded up
    const exact = (k: bigint) => (usd(855) * 1_000_000n) / (9_500_000n - k * 10n) + 1n
    expect(downOf(power)).toBe(exact(1n))
    expect(downOf({ kind: 'max', of: [power, flat(50_000)] })).toBe(exact(2n))
    expect(downOf({ kind: 'max', of: [power, power] })).toBe(exact(3n))
    expect(downOf({ kind: 'max', of: [flat(50_000), flat(1)] })).toBe(usd(90))
    expect(downOf({ kind: 'concession', of: power, granted: power, factor: 0n, scale: one })).toBe(exact(3n))
  })

  test('edge: what does not matter brings nothing nearer, and orders are held', () => {
    expect(priceOf({ ...account(1), balances: [{ ...ether, amount: 1n }] }).status).toBe('standing')
    expect(priceOf({ ...account(1), balances: [{ ...ether, amount: 0n }] })).toMatchObject({ code: 'NOT_HELD' })
    const idle = { ...account(1), balances: [{ ...ether, amount: one, owned: { initial: flat(0), maintenance: flat(0) } }] }
    expect(priceOf(idle)).toMatchObject({ down: { code: 'NO_LOSS' }, up: { code: 'NO_LOSS' } })
    const resting = { ...long, size: 0n, cost: 0n, orders: { bids: 10n * one, asks: 0n } }
    // What may be bought takes 5 % of 10 · P of 60.
    expect(priceOf(account(60, resting))).toMatchObject({ down: { code: 'NO_LOSS' }, up: { price: usd(120) } })
    const asset = { ...ether, amount: 0n, orders: { bids: one, asks: 0n } }
    expect(priceOf({ ...account(200), balances: [...account(200).balances, asset] }).status).toBe('standing')
  })

  test('worked example: along a stress, each by its weight', () => {
    // 10 ETH long at 100, 20 SOL long at 50 with weight 1.5: 300 + 1000·s + 1500·s = 0.05·(2000 + 2500·s) at s = −200 / 2375
    const sol = { ...long, market: 'SOL', size: 20n * one, price: at(usd(50)), cost: 20n * one * usd(50) }
    const path = { kind: 'stress' as const, weightsPpm: { ETH: 1_000_000, SOL: 1_500_000 } }
    const found = LiquidationPrice.of(account(300, long, sol), plimsoll, path)
    if (found.status !== 'standing' || found.down.status !== 'stress') throw new Error(JSON.stringify(found, (_, it) => String(it)))
    const { numerator, denominator } = found.down.ppm
    // To a part of 1e18 of the stress, and to what prices are rounded by.
    expect(Number(numerator) / Number(denominator)).toBeCloseTo(-200_000_000 / 2_375, 6)
    expect(found.up).toMatchObject({ status: 'none', code: 'NO_LOSS' })
  })

  test('worked example: a rate that grows with the price is bisected, and a ppm of N is kept', () => {
    const power = { kind: 'power' as const, rate: 0n, coefficient: 50_000n, scale: usd(900), over: 1n, under: 2n }
    // 145 + 10·(90 − 100) = 5 % · √(900/900) · 900
    const found = priceOf(account(145, held(long, power)))
    const price = found.status === 'standing' && found.down.status === 'price' ? found.down.price : 0n
    expect(price >= usd(90) && price < usd(90) + usd(90) / 100_000n).toBe(true)
    // A long whose rate grows without end falls when the price rises far enough: 0.05·√(P/90)·10·P = 145 + 10·(P − 100).
    const up = found.status === 'standing' && found.up.status === 'price' ? Number(found.up.price / one) : 0
    expect(Math.abs(0.5 * Math.sqrt(up / 90) * up - (145 + 10 * (up - 100))) / up).toBeLessThan(0.01)
  })

  test('worked example: open interest is a count, and falls with the price', () => {
    // 4 of open interest besides 10 of ours: 14·P; from 5 % at 700 to 100 % at 1400. At P = 80: 1120, 5 % + 95 %·420/700 = 62 %.
    const crowd = { kind: 'openInterest' as const, rate: 50_000n, lower: usd(700), upper: usd(1_400) }
    const found = priceOf(account(696, { ...held(long, crowd), openInterest: usd(400), size: 10n * one }))
    // 696 + 10·(80 − 100) = 496 = 62 % · 800 is met, on the way to a price where it is left again: at 100 the rate is 100 %.
    expect(found).toEqual({ status: 'liquidatable' })
    const low = { ...held(long, crowd), openInterest: usd(280), price: at(usd(70)) } // 4 · 70
    const rising = priceOf(account(796 - 500, { ...low, size: -10n * one, cost: -10n * one * usd(100) }))
    // A short: 296 + 10·(100 − P) = 62 % · 800 = 496 at P = 80.
    const price = rising.status === 'standing' && rising.up.status === 'price' ? rising.up.price : 0n
    expect(price <= usd(80) && price > usd(80) - usd(80) / 100_000n).toBe(true)
  })

  test('edge: gains that do not count towards maintenance margin', () => {
    const strict = { ...plimsoll, gains: { initial: 'none' as const, maintenance: 'none' as const } }
    // From 50, bought at 20: 300 of gain do not count. 145 = 0.5·P is above 50; so only the way down past 20: 145 + 10·(P − 20) = P/2.
    const gained = { ...long, cost: 10n * one * usd(20), price: at(usd(50)) }
    expect(LiquidationPrice.of(account(145, gained), strict, ofEth)).toMatchObject({
      down: { price: ((usd(550) + 94n) * 10n) / 95n / 10n },
      up: { price: usd(290) },
    })
  })

  test('none: and why', () => {
    expect(priceOf(account(1))).toEqual({
      status: 'none',
      code: 'NOT_HELD',
      message: 'The account holds nothing whose price moves: there is no liquidation price.',
    })
    expect(priceOf(account(1, { ...long, size: 0n })).status).toBe('none')
    expect(LiquidationPrice.of(account(145, long), plimsoll, { kind: 'stress', weightsPpm: { ETH: 0, SOL: 1 } }).status).toBe('none')
    expect(priceOf(account(1_000, long))).toMatchObject({
      down: {
        status: 'none',
        code: 'FULLY_COLLATERALISED',
        message: 'The account stands however far prices fall: it holds all that can be lost.',
      },
    })
    expect(priceOf({ ...account(1_000, long), fees: 1n })).toMatchObject({ down: { status: 'price', price: 1n } })
  })

  test('edge: exactly at maintenance margin it still stands, a unit below it does not', () => {
    expect(priceOf(account(50, long))).toMatchObject({ status: 'standing', down: { price: usd(100) } })
    expect(priceOf({ ...account(50, long), fees: 1n })).toEqual({ status: 'liquidatable' })
  })

  test('edge: mark and index apart meet at the price stated', () => {
    const apart = { ...long, price: { low: usd(98), high: usd(102) } }
    expect(priceOf(account(145, apart))).toMatchObject({ down: { price: usd(90) } })
    const names = { kind: 'price' as const, names: ['ETH', 'BTC'] }
    // Long 10 ETH at 100, short 9 BTC at 90: at 90 for both 60 + 10·(90 − 100) is below; at 100 it is −90 of the short. Bought dear, neither does.
    const pair = [long, { ...short, size: -one, cost: -one * usd(90), market: 'BTC', price: at(usd(90)) }] as const
    // At 90: 150 − 100 + 0 ≥ 45 + 4.5. At 100: 150 − 10 ≥ 50 + 5.
    expect(LiquidationPrice.of(account(150, ...pair), plimsoll, names)).toMatchObject({
      down: { status: 'price' },
      up: { code: 'NO_LOSS' },
    })
    // At 90 it does not stand any more, so that the search begins at 100 and ends between.
    const down = { price: (usd(78_000) + 844n) / 845n }
    expect(LiquidationPrice.of(account(130, ...pair), plimsoll, names)).toMatchObject({ down })
    const broke = [long, { ...short, market: 'BTC', price: at(usd(10)), cost: -10n * one * usd(100) }] as const
    expect(LiquidationPrice.of(account(0, ...broke), plimsoll, names)).toMatchObject({ status: 'none', code: 'APART' })
  })

  test('edge: under a stress a price stops at 0, and the rest goes on', () => {
    // SOL is 0 at s = −50 %; 1500 + 1000·s − 1000 = 0.05·(1000 + 1000·s) at s = −450 / 950 with SOL down to 52.6…: it is left at s > −50 %.
    const sol = { ...long, market: 'SOL', size: 20n * one, price: at(usd(50)), cost: 20n * one * usd(50) }
    const path = { kind: 'stress' as const, weightsPpm: { ETH: 1_000_000, SOL: 2_000_000 } }
    // 1600 − 1000 (SOL at 0) + 1000·s = 0.05·(1000 + 1000·s) at s = −550 / 950
    const found = LiquidationPrice.of(account(1_600, long, sol), plimsoll, path)
    const ppm = found.status === 'standing' && found.down.status === 'stress' ? found.down.ppm : { numerator: 0n, denominator: 1n }
    expect(Number(ppm.numerator) / Number(ppm.denominator)).toBeCloseTo(-550_000_000 / 950, 6)
    // −1 unit of 1e-18 further it falls.
    expect(ppm.denominator).toBe(10n ** 12n / gcd(ppm.numerator, 10n ** 12n))
  })

  test('dimension: money and prices × 3 are the price × 3', () => {
    const tripled = { ...long, cost: 3n * long.cost, price: at(usd(300)) }
    expect(priceOf(account(3 * 145, tripled))).toMatchObject({ down: { price: usd(270) } })
  })

  const paths = fc.oneof(
    fc.subarray(['ETH', 'BTC', 'SOL', 'USD'], { minLength: 1 }).map((names) => ({ kind: 'price' as const, names })),
    fc
      .tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.integer({ min: 1, max: 2_000_000 }))
      .map(([ETH, SOL]) => ({ kind: 'stress' as const, weightsPpm: { ETH, SOL } })),
  )
  const perLine: Profile.Profile = { ...plimsoll, rounded: 'line', debts: 'collateral', gains: { initial: 'all', maintenance: 'all' } }
  const profiles = fc.constantFrom(plimsoll, perLine, { ...plimsoll, gains: { initial: 'none', maintenance: 'none' } } as const)

  /** Each side's level, or null where there is none. */
  function levels(found: LiquidationPrice.LiquidationPrice & { readonly status: 'standing' }) {
    return ([found.down, found.up] as const).map((side) => {
      if (side.status === 'none') return null
      return side.status === 'price' ? side.price : (side.ppm.numerator * 10n ** 12n) / side.ppm.denominator
    })
  }

  test('property: it stands at the level stated, does not one unit further on, and never lacks more than rounding on the way', () => {
    fc.assert(
      fc.property(Books.account({ weight: Books.linear, spread: 0n }), paths, profiles, fc.nat(1_000_000), (raw, path, profile, part) => {
        const it = Books.aligned(raw)
        const found = LiquidationPrice.of(it, profile, path)
        if (found.status === 'none') return
        // Only what is due to maintenance: initial terms may be inverted far away.
        const only = maintained(it)
        if (found.status === 'liquidatable') {
          expect(excess(only, profile) < 0n).toBe(true)
          return
        }
        expect(excess(only, profile) >= 0n).toBe(true)
        const excessAt = (level: bigint) => excess(PricePath.move(only, path, level), profile)
        const now = path.kind === 'price' ? null : 0n
        const slack = 4n * BigInt(it.positions.length + it.balances.length) + stretch(only, path)
        for (const [side, level] of levels(found).entries()) {
          const on = side === 0 ? -1n : 1n
          const from = now ?? edge(only, path, side === 0 ? 'down' : 'up')
          const far = side === 0 ? (path.kind === 'price' ? 0n : -(10n ** 20n)) : 10n ** 26n
          if (level !== null) {
            expect(excessAt(level) >= 0n).toBe(true)
            if (path.kind !== 'price' || level + on >= 0n) expect(excessAt(level + on) < 0n).toBe(true)
          }
          if (from === null) continue
          const to = level ?? far
          expect(excessAt(from + ((to - from) * BigInt(part)) / 1_000_000n) >= -slack).toBe(true)
        }
      }),
      { numRuns },
    )
  })

  test('property: with rates that move, it stands at the level stated and all the way to it, and not beyond what is kept', () => {
    const weight = fc.oneof(Books.curved, Books.linear)
    fc.assert(
      fc.property(Books.account({ weight, spread: 0n }), paths, fc.nat(1_000_000), (raw, path, part) => {
        const it = maintained(Books.aligned(raw))
        const found = LiquidationPrice.of(it, plimsoll, path)
        if (found.status !== 'standing') return
        const excessAt = (level: bigint) => excess(PricePath.move(it, path, level), plimsoll)
        const slack = 4n * BigInt(it.positions.length + it.balances.length) + stretch(it, path)
        for (const [side, level] of levels(found).entries()) {
          if (level === null) continue
          expect(excessAt(level) >= 0n).toBe(true)
          const on = side === 0 ? -1n : 1n
          const from = path.kind === 'stress' ? 0n : edge(it, path, side === 0 ? 'down' : 'up')
          if (from === null) continue
          expect(excessAt(from + ((level - from) * BigInt(part)) / 1_000_000n) >= -slack).toBe(true)
          if (level === from || (path.kind === 'price' && level + on < 0n)) continue
          const moved = PricePath.move(it, path, level + on)
          const kept = moved.positions.reduce((sum, { size, unit, price }) => {
            const signed = size < 0n ? -size : size
            return sum + (2n * signed * price.high) / (unit * 1_000_000n) + 2n
          }, 0n)
          expect(excessAt(level + on) < kept).toBe(true)
        }
      }),
      { numRuns },
    )
  })

  test('property: the nearest crossing on each side is the one that a walk over every price finds', () => {
    const million = 1_000_000n
    const rate = fc.integer({ min: 1, max: 1_500_000 }).map(BigInt)
    // Sizes of millions and ppm: nothing is rounded, so that a walk sees no jitter.
    const weight = fc.oneof(
      rate.map((value) => ({ kind: 'flat' as const, rate: value })),
      fc
        .tuple(fc.uniqueArray(fc.bigInt({ min: 1n, max: 900n }), { maxLength: 3 }), fc.array(rate, { minLength: 4, maxLength: 4 }))
        .map(([bounds, rates]) => ({
          kind: 'tiers' as const,
          tiers: [...bounds.sort((a, b) => Number(a - b)).map((bound) => bound * million * 4n), null].map((upTo, i) => ({
            upTo,
            rate: rates[i] ?? 1n,
          })),
        })),
    )
    const position = fc.record({ size: fc.bigInt({ min: -9n, max: 9n }), entry: fc.bigInt({ min: 0n, max: 300n }), weight }).map(
      ({ size, entry, weight: of }): Account.Position => ({
        ...{ ...long, unit: 1n, size: size * million, cost: size * million * entry, margin: { initial: of, maintenance: of } },
      }),
    )
    const collateral = fc.record({ amount: fc.bigInt({ min: -9n, max: 9n }), weight }).map(({ amount, weight: of }): Account.Balance => {
      const terms = { initial: of, maintenance: of }
      return { ...ether, unit: 1n, amount: amount * million, owned: terms, owed: terms }
    })
    const book = fc.record({
      positions: fc.array(position, { maxLength: 4 }),
      collateral: fc.array(collateral, { maxLength: 2 }),
      money: fc.bigInt({ min: 0n, max: 2_000n }),
      now: fc.bigInt({ min: 1n, max: 300n }),
    })
    const last = 900n
    fc.assert(
      fc.property(book, profiles, ({ positions, collateral: owned, money, now }, profile) => {
        const usdHeld = { ...cash, amount: money * million, unit: 1n, price: at(1n) }
        const it = PricePath.move({ balances: [usdHeld, ...owned], positions, fees: 0n, asOf: 0 }, ofEth, now)
        const found = LiquidationPrice.of(it, profile, ofEth)
        if (found.status === 'none') return
        const stands = (price: bigint) => excess(PricePath.move(it, ofEth, price), profile) >= 0n
        expect(stands(now)).toBe(found.status === 'standing')
        if (found.status !== 'standing') return
        let down = now
        while (down > 0n && stands(down - 1n)) down--
        let up = now
        while (up < last && stands(up + 1n)) up++
        expect(found.down.status === 'price' ? found.down.price : 0n).toBe(down)
        const above = found.up.status === 'price' ? found.up.price : last
        expect(above > last ? last : above).toBe(up)
      }),
      { numRuns: Math.min(numRuns, 2_000) },
    )
  })

  test('property: the order of positions and balances changes nothing', () => {
    fc.assert(
      fc.property(Books.account({ weight: Books.linear, spread: 20_000n }), paths, (it, path) => {
        const turned = { ...it, positions: [...it.positions].reverse(), balances: [...it.balances].reverse() }
        expect(LiquidationPrice.of(turned, plimsoll, path)).toEqual(LiquidationPrice.of(it, plimsoll, path))
      }),
      { numRuns },
    )
  })
})

function maintained(it: Account.Account): Account.Account {
  const only = ({ maintenance }: Account.Terms) => ({ initial: maintenance, maintenance })
  return {
    ...it,
    balances: it.balances.map((balance) => ({ ...balance, owned: only(balance.owned), owed: only(balance.owed) })),
    positions: it.positions.map((position) => ({ ...position, margin: only(position.margin) })),
  }
}

/** Where a price view begins, where the named prices are one; null where they are not. */
function edge(it: Account.Account, path: PricePath.PricePath, side: 'down' | 'up'): bigint | null {
  const prices = [
    ...it.balances.filter(({ asset }) => PricePath.moves(path, asset)),
    ...it.positions.filter(({ market }) => PricePath.moves(path, market)),
  ].map(({ price }) => (side === 'down' ? price.low : price.high))
  return new Set(prices).size === 1 ? (prices[0] ?? null) : null
}

/** What a stress rounds in prices, in money: a unit of price for all that moves. */
function stretch(it: Account.Account, path: PricePath.PricePath): bigint {
  if (path.kind === 'price') return 0n
  const sizes = [
    ...it.positions.map(({ size, unit }) => [size, unit] as const),
    ...it.balances.map(({ amount, unit }) => [amount, unit] as const),
  ]
  return sizes.reduce((sum, [size, unit]) => sum + (2n * (size < 0n ? -size : size)) / unit + 4n, 0n)
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
