import { describe, expect, test } from 'vitest'
import type * as Book from './Book.ts'
import * as Settlement from './Settlement.ts'
import * as Venue from './Venue.ts'

const half = 5n * 10n ** 17n

/** A market that nothing moves, with somebody behind it for half of each close, up to so much. */
const market = (capacity: bigint): Venue.Market => ({
  ...Venue.plain({ kind: 'linear', slope: 0 }),
  backstop: { sharePpm: 500_000, capacity },
})

const account = (equity: bigint, side: Book.Side, notional: bigint, held = 0n): Book.Account => ({
  ...{ account: 'a', equity, collateral: 0n },
  positions: [{ market: 'A', side, notional, maintenancePpm: 50_000 }],
  ...(held === 0n ? {} : { holdings: [{ market: 'A', value: held }] }),
})

/** One account on its own, at a log move of the price. */
const stage = (given: Book.Account, { shock = 0, capacity = 0n, insurance = 0n } = {}) => {
  const prices = Venue.of({ A: market(capacity) }, { A: shock })
  const settlement = Settlement.of({ accounts: [given] }, prices, { junior: 0n, insurance, senior: 0n })
  const [entry] = settlement.entries
  if (entry === undefined) throw new Error('no entry')
  return { settlement, entry }
}

describe('of', () => {
  test('worked example: cash is equity less what the lines are worth, coins among them', () => {
    const { settlement, entry } = stage(account(10n, 'long', 7n, 4n), { insurance: 9n })
    expect(entry).toMatchObject({
      ...{ cash: -1n, slices: 0, round: null, closed: 0n, fee: 0n, badDebt: 0n, haircut: 0n },
      lines: [
        { market: 0, sign: 1n, maintenance: 0.05, held: false, open: 7n },
        { market: 0, sign: 1n, maintenance: 0, held: true, open: 4n },
      ],
    })
    expect(stage(account(10n, 'short', 7n)).entry.cash).toBe(17n)
    expect(settlement.reserves).toEqual({ fees: 0n, junior: 0n, insurance: 9n, senior: 0n })
  })

  test('error: a market of which nothing is known', () => {
    expect(() =>
      Settlement.of({ accounts: [account(1n, 'long', 1n)] }, Venue.of({}, {}), { junior: 0n, insurance: 0n, senior: 0n }),
    ).toThrow(Venue.UnknownMarketError)
  })
})

describe('ratio, equity, notional', () => {
  test('rounding: a ratio to fifteen places; equity down, notional up, line by line, coins in the one alone', () => {
    expect([0, Math.log(2 / 3)].map(Settlement.ratio)).toEqual([10n ** 18n, 666_666_666_666_667_000n])
    expect(Settlement.equity(stage(account(10n, 'long', 3n, 5n)).entry, [half])).toBe(2n + 1n + 2n)
    expect(Settlement.equity(stage(account(10n, 'short', 3n)).entry, [half])).toBe(13n - 2n)
    expect(Settlement.notional(stage(account(10n, 'long', 3n, 5n)).entry, [half])).toBe(2n)
  })
})

describe('close', () => {
  /** All of it at 0.7, where nothing else is said. */
  const closed = (given: Book.Account, over: { share?: number; feePpm?: number; capacity?: bigint; insurance?: bigint } = {}) => {
    const { share = 1, feePpm = 0, capacity = 0n, insurance = 0n } = over
    const { settlement, entry } = stage(given, { shock: Math.log(0.7), capacity, insurance })
    const close = (round: number) => Settlement.close(settlement, entry, share, [7n * 10n ** 17n], feePpm, round)
    close(3)
    return { settlement, entry, close }
  }

  test('rounding: against the account: 3 of 7 to the backstop, 2.1 and 2.8 down for a sale, up for a purchase', () => {
    const sale = closed(account(4n, 'long', 7n), { capacity: 100n })
    expect(sale.entry).toMatchObject({ cash: 4n - 7n + 4n, closed: 7n, slices: 1, round: 3 })
    expect(sale.settlement).toMatchObject({
      ...{ backstop: { cash: -2n, units: [3n] }, makers: { cash: -2n, units: [4n] } },
      ...{ flows: [-4e-18], gross: [7n], signs: new Set([1n]) },
    })
    const purchase = closed(account(6n, 'short', 7n), { capacity: 100n })
    expect(purchase.entry).toMatchObject({ cash: 6n + 7n - 6n, closed: 7n })
    expect(purchase.settlement).toMatchObject({
      ...{ backstop: { cash: 3n, units: [-3n] }, makers: { cash: 3n, units: [-4n] } },
      ...{ flows: [4e-18], gross: [7n], signs: new Set([-1n]) },
    })
  })

  test('rounding: the part of a position up, and be it the least of parts; the first round is remembered', () => {
    const { entry, close } = closed(account(10n, 'long', 7n), { share: 0.5 })
    expect(entry).toMatchObject({ closed: 4n, lines: [{ open: 3n }] })
    close(5)
    expect(entry).toMatchObject({ closed: 6n, slices: 2, round: 3, lines: [{ open: 1n }] })
    const least = closed(account(10n, 'long', 7n), { share: 1e-10 })
    expect(least).toMatchObject({ entry: { closed: 1n }, settlement: { signs: new Set([1n]) } })
  })

  test('worked example: half of 4 USD at an unmoved price, to the last digit', () => {
    const usd = 10n ** 18n
    const { settlement, entry } = stage(account(usd, 'long', 4n * usd))
    Settlement.close(settlement, entry, 0.5, [usd], 250_000, 0)
    expect(entry).toMatchObject({ cash: usd - 4n * usd + 2n * usd - usd / 2n, closed: 2n * usd, fee: usd / 2n })
    expect(settlement.flows).toEqual([-2])
  })

  test('edge: coins stay in a part, and go with the whole to the market, as no close and without a fee', () => {
    const part = closed(account(10n, 'long', 7n, 5n), { share: 0.5, capacity: 100n })
    expect(part.entry.lines[1]?.open).toBe(5n)
    // 2.1 and 2.8 of the position, 3.5 of the coins; half of 4 in fees.
    const whole = closed(account(10n, 'long', 7n, 5n), { capacity: 100n, feePpm: 500_000 })
    expect(whole.entry).toMatchObject({ cash: 10n - 12n + 4n + 3n - 2n, closed: 7n, fee: 2n, lines: [{ open: 0n }, { open: 0n }] })
    expect(whole.settlement).toMatchObject({ backstop: { units: [3n] }, makers: { units: [9n] }, gross: [12n] })
  })

  test('rounding: a fee up, of what is there to pay it: cash of the whole, equity of a part', () => {
    expect(closed(account(10n, 'long', 7n), { feePpm: 300_000 }).entry).toMatchObject({ fee: 2n, cash: 10n - 7n + 4n - 2n })
    const { entry, settlement } = closed(account(4n, 'long', 7n), { feePpm: 300_000 })
    expect(entry).toMatchObject({ fee: 1n, cash: 0n, badDebt: 0n })
    expect(settlement).toMatchObject({ fees: 1n, reserves: { fees: 1n } })
    // Four at 0.7 are 2; the three that are left are worth 2 more: 1 is left of 4 at a fee of all.
    expect(closed(account(4n, 'long', 7n), { share: 0.5, feePpm: 1_000_000 }).entry.fee).toBe(1n)
    expect(closed(account(3n, 'long', 7n), { share: 0.5, feePpm: 1_000_000 }).entry.fee).toBe(0n)
  })

  test('edge: the backstop takes no more than it has room for, whichever side it holds', () => {
    expect(closed(account(4n, 'long', 7n), { capacity: 2n }).settlement.backstop.units).toEqual([2n])
    for (const held of [1n, -1n, 3n]) {
      const { settlement, entry } = stage(account(4n, 'long', 7n), { capacity: 2n })
      settlement.backstop.units[0] = held
      Settlement.close(settlement, entry, 1, [10n ** 18n], 0, 0)
      expect(settlement.backstop.units).toEqual([held + (held === 3n ? 0n : 1n)])
    }
  })

  test('edge: a debt goes down the waterfall; nothing is left of the account', () => {
    const { entry, settlement } = closed(account(-1n, 'long', 7n), { insurance: 3n, feePpm: 300_000 })
    expect(entry).toMatchObject({ cash: 0n, badDebt: 4n, fee: 0n })
    expect(settlement).toMatchObject({ unpaid: 1n, reserves: { insurance: 0n }, paid: { fees: 0n, junior: 0n, insurance: 3n, senior: 0n } })
    // On top of what each layer has paid before.
    const later = stage(account(-4n, 'long', 7n))
    later.settlement.reserves = { fees: 1n, junior: 1n, insurance: 1n, senior: 1n }
    later.settlement.paid = { fees: 1n, junior: 2n, insurance: 3n, senior: 4n }
    Settlement.close(later.settlement, later.entry, 1, [10n ** 18n], 0, 0)
    expect(later.settlement).toMatchObject({ unpaid: 0n, paid: { fees: 2n, junior: 3n, insurance: 4n, senior: 5n } })
    // Of a part a debt is not one yet.
    expect(closed(account(-1n, 'long', 7n), { share: 0.5 }).entry).toMatchObject({ badDebt: 0n, cash: -6n })
  })

  test('edge: what is closed already goes no way', () => {
    const { settlement, entry, close } = closed(account(10n, 'long', 7n))
    settlement.signs.clear()
    close(4)
    expect(settlement).toMatchObject({ signs: new Set(), gross: [7n], makers: { cash: -4n, units: [7n] } })
    expect(entry).toMatchObject({ closed: 7n, slices: 2 })
  })
})
