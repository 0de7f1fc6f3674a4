import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as CloseOut from './CloseOut.ts'
import * as Delta from './Delta.ts'
import * as Fixed from './Fixed.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const unit = 1_000_000n
const terms = { margin: 50_000n, cost: 10_000n, target: 1_250_000n, unit }

describe('toTarget', () => {
  test('worked example: a position with a fee', () => {
    // (1.25·100 − 90) / (1.25·0.05 − 0.01) = 35 / 0.0525 = 666.7
    expect(CloseOut.toTarget({ equity: 90n, maintenanceMargin: 100n }, terms, 2_000n)).toEqual({
      status: 'part',
      size: 667n,
      health: 'rises',
    })
    expect(CloseOut.toTarget({ equity: 90n, maintenanceMargin: 100n }, terms, 667n)).toMatchObject({ status: 'part', size: 667n })
    expect(CloseOut.toTarget({ equity: 90n, maintenanceMargin: 100n }, terms, 666n)).toMatchObject({ status: 'whole', size: 666n })
  })

  test('worked example: a loan: collateral of 1000 at 80 %, a bonus of 5 %, a debt of 850, to 1.1', () => {
    // (1.1·850 − 800) / (1.1 − 0.84) = 135 / 0.26 = 519.2
    const loan = { margin: unit, cost: 840_000n, target: 1_100_000n, unit }
    expect(CloseOut.toTarget({ equity: 800n, maintenanceMargin: 850n }, loan, 850n)).toEqual({
      status: 'part',
      size: 520n,
      health: 'rises',
    })
  })

  test('edge: at the target nothing, a unit below it something', () => {
    expect(CloseOut.toTarget({ equity: 125n, maintenanceMargin: 100n }, terms, 999n)).toEqual({ status: 'none' })
    expect(CloseOut.toTarget({ equity: 124n, maintenanceMargin: 100n }, terms, 999n)).toMatchObject({ status: 'part', size: 20n })
  })

  test('edge: one unit that is missing, one that is freed', () => {
    expect(CloseOut.toTarget({ equity: 0n, maintenanceMargin: 1n }, { margin: 1n, cost: 0n, target: 1n, unit: 1n }, 5n)).toMatchObject({
      size: 1n,
    })
    expect(CloseOut.toTarget({ equity: 1n, maintenanceMargin: 2n }, { margin: 2n, cost: 1n, target: 1n, unit: 1n }, 5n)).toMatchObject({
      ...{ status: 'part', size: 1n },
    })
    expect(CloseOut.toTarget({ equity: 1n, maintenanceMargin: 2n }, { margin: 1n, cost: 1n, target: 1n, unit: 1n }, 0n)).toMatchObject({
      ...{ status: 'whole', size: 0n },
    })
  })

  test('edge: health stays or falls where a unit costs its share of health, or more', () => {
    // E·m against φ·MM: 20·5 % = 1 % · 100
    expect(CloseOut.toTarget({ equity: 20n, maintenanceMargin: 100n }, terms, 9_999n)).toMatchObject({ status: 'part', health: 'stays' })
    expect(CloseOut.toTarget({ equity: 19n, maintenanceMargin: 100n }, terms, 9_999n)).toMatchObject({ status: 'part', health: 'falls' })
    expect(CloseOut.toTarget({ equity: -1n, maintenanceMargin: 100n }, terms, 5n)).toEqual({ status: 'whole', size: 5n, health: 'falls' })
    // Where a unit frees nothing, no size is enough.
    expect(CloseOut.toTarget({ equity: 90n, maintenanceMargin: 100n }, { ...terms, cost: 62_500n }, 9n)).toEqual({
      ...{ status: 'whole', size: 9n, health: 'falls' },
    })
    expect(CloseOut.toTarget({ equity: 90n, maintenanceMargin: 100n }, { ...terms, cost: 62_499n }, 10n ** 9n)).toMatchObject({
      status: 'part',
    })
  })

  const money = fc.bigInt({ min: 1n, max: 10n ** 24n })
  const share = (max: number) => fc.integer({ min: 0, max }).map(BigInt)

  test('property: the size meets the target and one less does not; health moves as it says', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 23n), max: 10n ** 24n }),
        money,
        share(300_000),
        share(100_000),
        share(1_000_000),
        money,
        (equity, mm, m, cost, more, atMost) => {
          const of = { margin: m + 1n, cost, target: unit + more, unit }
          const found = CloseOut.toTarget({ equity, maintenanceMargin: mm }, of, atMost)
          // Everything times unit², so that nothing is rounded.
          const e = (x: bigint) => (equity * unit - cost * x) * unit
          const r = (x: bigint) => mm * unit - of.margin * x
          const meets = (x: bigint) => e(x) >= of.target * r(x)
          if (found.status === 'none') {
            expect(meets(0n)).toBe(true)
            return
          }
          if (found.status === 'part') expect([meets(found.size), meets(found.size - 1n)]).toEqual([true, false])
          else
            expect([found.size, meets(found.size)]).toEqual([
              atMost,
              atMost * (of.target * of.margin - cost * unit) >= (of.target * mm - equity * unit) * unit,
            ])
          const left = r(found.size)
          if (left <= 0n) return
          // Health after less health before, over one denominator.
          const change = e(found.size) * mm - equity * left * unit
          expect(change > 0n ? 'rises' : change === 0n ? 'stays' : 'falls').toBe(found.size === 0n ? 'stays' : found.health)
          // Where the condition holds, health never falls.
          if (equity * of.margin >= cost * mm) expect(change >= 0n).toBe(true)
        },
      ),
      { numRuns },
    )
  })

  test('dimension: money times k is the size times k, to a unit', () => {
    fc.assert(
      fc.property(money, money, fc.bigInt({ min: 1n, max: 1_000n }), (equity, mm, k) => {
        const [small, tall] = [
          CloseOut.toTarget({ equity, maintenanceMargin: mm }, terms, 10n ** 30n),
          CloseOut.toTarget({ equity: equity * k, maintenanceMargin: mm * k }, terms, 10n ** 30n * k),
        ]
        expect(tall.status).toBe(small.status)
        if (small.status === 'none' || tall.status === 'none') return
        const away = small.size * k - tall.size
        expect(away >= 0n && away < k).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('plan', () => {
  const flat = (rate: bigint) => ({ kind: 'flat' as const, rate })
  const one = Fixed.one
  const eth: Account.Position = {
    ...{ market: 'ETH', size: 20n * one, unit: one, price: { low: 100n * one, high: 100n * one }, cost: 2_000n * one * one },
    ...{ quote: 90n * one, margin: { initial: flat(100_000n), maintenance: flat(50_000n) }, openInterest: 0n, charge: 0n },
  }
  const account: Account.Account = { balances: [], positions: [eth], fees: 0n, asOf: 0 }
  const order = { market: 'ETH', price: 100n * one, feePpm: 10_000, targetPpm: 1_250_000 }

  test('worked example: as the closed form, for either side', () => {
    // 35 / 0.0525 = 666.67 of notional, 6.67 of size
    const expected = (35n * one * 10_000n) / 525n / 100n + 1n
    expect(CloseOut.plan(account, plimsoll, order)).toEqual({ status: 'part', size: expected, health: 'rises' })
    const short = { ...eth, size: -eth.size, cost: -eth.cost }
    expect(CloseOut.plan({ ...account, positions: [short] }, plimsoll, order)).toEqual({ status: 'part', size: expected, health: 'rises' })
  })

  test('worked example: a tier is left on the way', () => {
    const tiers = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: 1_500n * one, rate: 50_000n },
        { upTo: null, rate: 100_000n },
      ],
    }
    const tiered = { ...account, positions: [{ ...eth, margin: { initial: tiers, maintenance: tiers } }] }
    // 125 at 2000. Closing 500: 85 against 75·1.25 = 93.75; then 8.75 / 0.0525 = 166.7 more.
    const found = CloseOut.plan(tiered, plimsoll, order)
    const exact = 5n * one + (875n * one) / 525n
    expect(found).toMatchObject({ status: 'part', size: exact + 1n })
  })

  test('edge: nothing at the target, everything where it is not enough, and what health does', () => {
    expect(CloseOut.plan({ ...account, positions: [{ ...eth, quote: 125n * one }] }, plimsoll, order)).toEqual({ status: 'none' })
    expect(CloseOut.plan({ ...account, positions: [{ ...eth, quote: 124n * one }] }, plimsoll, order).status).toBe('part')
    const other = { ...eth, market: 'BTC' }
    const two = {
      ...account,
      positions: [
        { ...eth, quote: 0n },
        { ...other, quote: 30n * one },
      ],
    }
    // 30 on 200: 15 % of health, and 1 % of fee on 5 % of margin are 20 %.
    expect(CloseOut.plan(two, plimsoll, order)).toEqual({ status: 'whole', size: 20n * one, health: 'falls' })
    expect(CloseOut.plan(two, plimsoll, { ...order, feePpm: 7_500 })).toMatchObject({ status: 'whole', health: 'stays' })
    expect(CloseOut.plan(two, plimsoll, { ...order, feePpm: 7_499 })).toMatchObject({ status: 'whole', health: 'rises' })
  })

  test('error: a market without terms', () => {
    expect(() => CloseOut.plan(account, plimsoll, { ...order, market: 'SOL' })).toThrow(Delta.UnknownMarketError)
  })

  test('property: it meets the target, a unit less does not, and health does not fall where a unit costs less than its share', () => {
    const weight = fc.oneof(Books.linear, Books.curved)
    fc.assert(
      fc.property(
        Books.account({ weight, spread: 0n }),
        fc.nat(20_000),
        fc.integer({ min: 1_000_000, max: 2_000_000 }),
        (it, feePpm, targetPpm) => {
          const [first] = it.positions
          if (!first) return
          const asked = { market: first.market, price: first.price.high, feePpm, targetPpm }
          const found = CloseOut.plan(it, plimsoll, asked)
          const closing = first.size > 0n ? -1n : 1n
          const after = (size: bigint) =>
            Account.assess(
              Delta.apply({ account: it, stack: Delta.bare }, [{ ...asked, kind: 'trade', size: size * closing }]).account,
              plimsoll,
            )
          const meets = (size: bigint) => {
            const { equity, maintenanceMargin } = after(size)
            return equity * unit >= BigInt(targetPpm) * maintenanceMargin
          }
          const whole = Fixed.abs(first.size)
          if (found.status === 'none') expect(meets(0n)).toBe(true)
          if (found.status === 'part') expect([meets(found.size), meets(found.size - 1n)]).toEqual([true, false])
          if (found.status === 'whole') expect([found.size, meets(whole)]).toEqual([whole, false])
          if (found.status === 'none') return
          const [before, then] = [after(0n), after(found.size)]
          const change = then.equity * before.maintenanceMargin - before.equity * then.maintenanceMargin
          expect(found.health).toBe(change > 0n ? 'rises' : change === 0n ? 'stays' : 'falls')
          // Health E/MM is kept when the fee is no more than its share: ΔE·MM ≤ E·ΔMM.
          const paid = before.equity - then.equity
          const freed = before.maintenanceMargin - then.maintenanceMargin
          if (before.equity * freed >= paid * before.maintenanceMargin) expect(found.health).not.toBe('falls')
        },
      ),
      { numRuns },
    )
  })

  test('worked example: a part is enough where the whole is not', () => {
    const tiers = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: 500n, rate: 10_000n },
        { upTo: null, rate: 500_000n },
      ],
    }
    const steep = { ...eth, size: 1_000n, unit: 1n, price: { low: 1n, high: 1n }, cost: 1_000n, quote: 200n }
    const held = { ...account, positions: [{ ...steep, margin: { initial: tiers, maintenance: tiers } }] }
    const dear = { market: 'ETH', price: 1n, feePpm: 250_000, targetPpm: 1_000_000 }
    // 200 − ⌈d / 4⌉ over 255 − d/2: at 220, 145 over 145; all of it costs 250, and 200 are there.
    expect(CloseOut.plan(held, plimsoll, dear)).toEqual({ status: 'part', size: 220n, health: 'rises' })
    expect(CloseOut.plan(held, plimsoll, { ...dear, feePpm: 450_000 })).toMatchObject({ status: 'whole', size: 1_000n })
    const short = { ...steep, size: -1_000n, cost: -1_000n, margin: { initial: flat(0n), maintenance: flat(0n) } }
    const own = { ...account, positions: [{ ...short, short: { initial: tiers, maintenance: tiers } }] }
    expect(CloseOut.plan(own, plimsoll, dear)).toMatchObject({ status: 'part', size: 220n })
  })

  test('worked example: the first of two sizes that meet it', () => {
    const tiers = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: 300_000n, rate: 600_000n },
        { upTo: 600_000n, rate: 0n },
        { upTo: null, rate: 600_000n },
      ],
    }
    const wide = { ...eth, size: 1_000n, unit: 1n, price: { low: 1_000n, high: 1_000n }, cost: 1_000_000n, quote: 320_000n }
    const held = { ...account, positions: [{ ...wide, margin: { initial: tiers, maintenance: tiers } }] }
    const asked = { market: 'ETH', price: 1_000n, feePpm: 300_000, targetPpm: 1_000_000 }
    // 320 on 420: a unit closed frees 600 and costs 300, until 400 are closed; the next 300 free nothing; the last meet it once more, at 934.
    expect(CloseOut.plan(held, plimsoll, asked)).toMatchObject({ status: 'part', size: 334n })
  })

  test('worked example: so it is between the stops of a curve that bends', () => {
    const bent = { kind: 'power' as const, rate: 0n, coefficient: 10_000n, scale: 1_000n, over: 1n, under: 1n }
    const at1000 = { size: 90n, unit: 1n, price: { low: 1_000n, high: 1_000n }, cost: 90_000n }
    const held = { ...eth, ...at1000, margin: { initial: bent, maintenance: bent } }
    const dear = { market: 'ETH', price: 1_000n, feePpm: 1_000_000, targetPpm: 1_000_000 }
    // quote − 1000·d against 10·(90 − d)², and the difference is quote − 65,000 − 10·(d − 40)²; 22 and 45 are the stops beside its best.
    const at = (quote: bigint) => CloseOut.plan({ ...account, positions: [{ ...held, quote }] }, plimsoll, dear)
    expect(at(65_000n)).toMatchObject({ status: 'part', size: 40n })
    expect(at(64_999n)).toMatchObject({ status: 'whole', size: 90n })
    expect(at(69_000n)).toMatchObject({ status: 'part', size: 20n })
    // At 80 % of fee quote − 56,000 − 10·(d − 50)²: beyond the best stop.
    const cheaper = (quote: bigint) =>
      CloseOut.plan({ ...account, positions: [{ ...held, quote }] }, plimsoll, { ...dear, feePpm: 800_000 })
    expect(cheaper(56_000n)).toMatchObject({ status: 'part', size: 50n })
    expect(cheaper(55_999n)).toMatchObject({ status: 'whole', size: 90n })
  })

  test('error: a fee or a target that is no integer', () => {
    for (const rate of [0.5, Number.NaN]) {
      expect(() => CloseOut.plan(account, plimsoll, { ...order, feePpm: rate })).toThrow(Fixed.NotAnIntegerError)
      expect(() => CloseOut.plan(account, plimsoll, { ...order, targetPpm: rate })).toThrow(Fixed.NotAnIntegerError)
    }
  })

  test('property: of small positions with tiers, the least size of all, tried one by one', () => {
    const rates = fc.array(fc.integer({ min: 0, max: 600_000 }).map(BigInt), { minLength: 3, maxLength: 3 })
    const bounds = fc.uniqueArray(fc.bigInt({ min: 1n, max: 60n }), { minLength: 2, maxLength: 2 })
    const by = fc.record({
      size: fc.integer({ min: -60, max: 60 }).map(BigInt),
      feePpm: fc.nat(400_000),
      price: fc.integer({ min: 80, max: 120 }),
    })
    fc.assert(
      fc.property(
        rates,
        bounds,
        by,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1_000_000, max: 1_500_000 }),
        (each, ends, of, ppm, targetPpm) => {
          const { size, feePpm } = of
          const upTo = ends.sort((a, b) => (a < b ? -1 : 1)).map((bound) => bound * 90n * one)
          const tiers = { kind: 'tiers' as const, tiers: [...upTo, null].map((bound, i) => ({ upTo: bound, rate: each[i] ?? 0n })) }
          const margin = { initial: tiers, maintenance: tiers }
          const quote = (Fixed.abs(size) * 100n * one * BigInt(ppm)) / 1_000n
          const held = { ...account, positions: [{ ...eth, size, unit: 1n, cost: size * 100n * one, quote, margin }] }
          const asked = { market: 'ETH', price: BigInt(of.price) * one, feePpm, targetPpm }
          const excess = (closed: bigint) => {
            const trade = { ...asked, kind: 'trade' as const, size: size > 0n ? -closed : closed }
            const { equity, maintenanceMargin } = Account.assess(
              Delta.apply({ account: held, stack: Delta.bare }, [trade]).account,
              plimsoll,
            )
            return equity * unit - BigInt(targetPpm) * maintenanceMargin
          }
          const all = Array.from({ length: Number(Fixed.abs(size)) + 1 }, (_, i) => BigInt(i))
          // What is met by less than the rounding of a fee and a requirement is met by chance.
          const least = all.find((closed) => excess(closed) >= 5n * unit)
          const found = CloseOut.plan(held, plimsoll, asked)
          const size_ = found.status === 'none' ? 0n : found.size
          if (least === undefined) return
          expect(found.status).not.toBe('whole')
          expect(size_ <= least && excess(size_) >= 0n).toBe(true)
        },
      ),
      { numRuns },
    )
  })
})

describe('byFactor', () => {
  const factor = { share: 5_000n, unit: 10_000n, wholeBelow: 950n, smallest: 2_000n }
  const loan = { debt: 9_000n, collateral: 12_000n, totalDebt: 10_001n, health: 951n }
  const most = (of: Partial<CloseOut.Loan>) => CloseOut.byFactor({ ...loan, ...of }, factor, 'down')

  test('worked example: half of all that is owed, at most the debt', () => {
    expect(most({})).toBe(5_000n)
    expect(most({ debt: 4_000n })).toBe(4_000n)
  })

  test('edge: the whole debt when health is too low, or a sum is small', () => {
    expect(most({ health: 950n })).toBe(9_000n)
    expect(most({ collateral: 1_999n })).toBe(9_000n)
    expect(most({ collateral: 2_000n })).toBe(5_000n)
    expect(most({ debt: 1_999n, totalDebt: 1_999n })).toBe(1_999n)
    expect(most({ debt: 2_000n, totalDebt: 2_000n })).toBe(1_000n)
  })

  test('rounding: as asked', () => {
    expect(CloseOut.byFactor(loan, factor, 'up')).toBe(5_001n)
  })
})

describe('check', () => {
  test('worked example: one side cleared, or enough on both', () => {
    expect(CloseOut.check({ debt: 1_000n, collateral: 1_000n }, 1_000n)).toEqual({ status: 'ok' })
    expect(CloseOut.check({ debt: 5n, collateral: 0n }, 1_000n)).toEqual({ status: 'ok' })
    expect(CloseOut.check({ debt: 0n, collateral: 5n }, 1_000n)).toEqual({ status: 'ok' })
  })

  test('edge: refused, and why', () => {
    expect(CloseOut.check({ debt: 999n, collateral: 1_000n }, 1_000n)).toEqual({
      ...{ status: 'refused', code: 'DUST', message: 'A debt of 999 on 1000 would be left, and 1000 is the least of either.' },
    })
    expect(CloseOut.check({ debt: 1_000n, collateral: 999n }, 1_000n).status).toBe('refused')
  })
})

describe('windowOf', () => {
  test('worked example: and cut after each product', () => {
    const window = { makerFee: 7n, takerFee: 3n, skewScale: 1_050n, multiplier: 1_500n, seconds: 10n, unit: 1_000n }
    // ⌊10.5⌋ = 10, ⌊15⌋ = 15
    expect(CloseOut.windowOf(window)).toBe(150n)
    expect(CloseOut.windowOf({ ...window, multiplier: 1_599n })).toBe(150n)
  })
})

describe('used', () => {
  test('worked example: all that is younger than the window, and not what is as old', () => {
    const taken = [0, 1, 5, 10].map((at) => ({ at, size: 10n ** BigInt(at) }))
    expect(CloseOut.used(taken, { now: 10, seconds: 9 })).toBe(10n ** 5n + 10n ** 10n)
    expect(CloseOut.used(taken, { now: 10, seconds: 10 })).toBe(10n + 10n ** 5n + 10n ** 10n)
    expect(CloseOut.used([], { now: 10, seconds: 10 })).toBe(0n)
  })
})

describe('inWindow', () => {
  const window = { capacity: 100n, skewScale: 1_000n, unit: 1_000n, mostSkew: 50n }

  test('worked example: what is left of it, and no more than is asked', () => {
    expect(CloseOut.inWindow({ asked: 500n, used: 60n, skew: 0n }, window)).toBe(40n)
    expect(CloseOut.inWindow({ asked: 30n, used: 60n, skew: 0n }, window)).toBe(30n)
  })

  test('edge: one more window opens only once it is used up, and near balance', () => {
    expect(CloseOut.inWindow({ asked: 500n, used: 99n, skew: 0n }, window)).toBe(1n)
    expect(CloseOut.inWindow({ asked: 500n, used: 100n, skew: 49n }, window)).toBe(100n)
    expect(CloseOut.inWindow({ asked: 500n, used: 150n, skew: -49n }, window)).toBe(100n)
    expect(CloseOut.inWindow({ asked: 500n, used: 100n, skew: 50n }, window)).toBe(0n)
    expect(CloseOut.inWindow({ asked: 500n, used: 100n, skew: 0n }, { ...window, mostSkew: 0n })).toBe(0n)
  })
})

describe('portion', () => {
  test('worked example: a share, at least the least, at most all', () => {
    expect(CloseOut.portion(1_000n, { least: 100n, mostPpm: 250_000 })).toEqual({ least: 100n, most: 250n })
    expect(CloseOut.portion(1_000n, { least: 300n, mostPpm: 250_000 })).toEqual({ least: 300n, most: 300n })
    expect(CloseOut.portion(90n, { least: 300n, mostPpm: 250_000 })).toEqual({ least: 90n, most: 90n })
  })

  test('rounding: down', () => {
    expect(CloseOut.portion(1_001n, { least: 1n, mostPpm: 500_000 })).toEqual({ least: 1n, most: 500n })
  })

  test('error: a share that is no integer', () => {
    expect(() => CloseOut.portion(1n, { least: 1n, mostPpm: 0.1 })).toThrow(Fixed.NotAnIntegerError)
  })
})
