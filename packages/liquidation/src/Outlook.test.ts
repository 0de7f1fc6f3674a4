import { Fixed } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import { Book, Figure, Outlook, Plan, Prediction } from './index.ts'

const usd = (amount: number) => BigInt(Math.round(amount * 100)) * 10n ** 16n
const account = (name: string, equity: number): Book.Account => ({
  ...{ account: name, equity: usd(equity), collateral: usd(equity) },
  positions: [{ market: 'ETH', side: 'long', notional: usd(100_000), maintenancePpm: 50_000 }],
})
const args = {
  book: Book.of([account('a', 5_600), account('b', 6_000)]),
  markets: { ETH: { sigmaPpm: 1_000_000, depth: usd(12_000_000) } },
  ...{ horizonSeconds: 3_600, intervalSeconds: 1 },
}

describe('of', () => {
  test('worked example: 100 % a year is a variance of 3600/31536000 in an hour, and 12,000,000 of depth a slope', () => {
    const { forecast, markets } = Outlook.of(args)
    expect(forecast.markets['ETH']?.variance).toBeCloseTo(3_600 / 31_536_000, 15)
    expect(markets['ETH']).toMatchObject({
      impact: { kind: 'linear', slope: 1 / 12_000_000 },
      ...{ depth: usd(12_000), volume: usd(12_000), slippage: 0.001, planned: { long: 0n, short: 0n } },
    })
    // Two longs, and nobody short.
    expect(markets['ETH']?.crowd.long.expected).toBeGreaterThan(0)
    expect(markets['ETH']?.crowd.short.expected).toBe(0)
  })

  test('worked example: who breaches with 0.55 within the hour is planned for under the terms, who does with 0.32 is not', () => {
    const { forecast, markets } = Outlook.of(args)
    const plan = (of: Book.Account) =>
      Plan.of(
        { account: of, forecast, markets, mandate: { kind: 'granted', mostPpm: 500_000 }, history: [], phase: 'armed', now: 1_000 },
        Prediction.of(of, forecast),
        Outlook.terms,
      )
    const [near, far] = [plan(account('a', 5_600)), plan(account('b', 6_000))]
    expect(near).toMatchObject({ action: 'reduce', market: 'ETH', side: 'long', probability: expect.closeTo(0.55, 2) })
    expect(far).toMatchObject({ action: 'wait', reason: 'improbable', probability: expect.closeTo(0.32, 2) })
  })

  test('rounding: a slice down', () => {
    const { markets } = Outlook.of({ ...args, markets: { ETH: { sigmaPpm: 1_000_000, depth: usd(12_000_000) + 1n } } })
    expect(markets['ETH']?.depth).toBe(usd(12_000))
  })

  test('property: variance grows with the horizon, and with the square of σ', () => {
    const variance = (sigmaPpm: number, horizonSeconds: number) =>
      Outlook.of({ ...args, horizonSeconds, markets: { ETH: { sigmaPpm, depth: usd(1) } } }).forecast.markets['ETH']?.variance ?? 0
    expect(variance(1_000_000, 7_200) / variance(1_000_000, 3_600)).toBeCloseTo(2, 12)
    expect(variance(2_000_000, 3_600) / variance(1_000_000, 3_600)).toBeCloseTo(4, 12)
  })

  test('error: no spread', () => {
    expect(() => Outlook.of({ ...args, markets: { ETH: { sigmaPpm: 0, depth: usd(1) } } })).toThrow(Figure.InvalidFigureError)
  })
})

describe('terms', () => {
  test('worked example: what the laboratory reports, and nothing near it', () => {
    expect(Outlook.terms).toEqual({
      ...{ trigger: 0.5, release: 0.05, feePpm: 0, cooldownSeconds: 600, impactBudget: 0.005 },
      window: { seconds: 3_600, mostPpm: 750_000 },
      schedule: { slices: 6, seconds: 60, aversion: 0, participationPpm: 1_000_000 },
      policy: { kind: 'full' },
    })
  })
})

describe('units', () => {
  const order = { slice: usd(500), price: usd(2_000), held: 3n * Fixed.one, allowance: Fixed.one, least: 0n }

  test('worked example: 500 USD at 2,000 are a quarter', () => {
    expect(Outlook.units(order)).toBe(Fixed.one / 4n)
  })

  test('edge: never more than is held, whatever its sign, nor than the mandate lets through', () => {
    expect(Outlook.units({ ...order, held: -1n })).toBe(1n)
    expect(Outlook.units({ ...order, allowance: 2n })).toBe(2n)
  })

  test('bug: a slice that would have left less than a venue lets stay open was refused there, again and again', () => {
    // 6,000 are held: 500 go while 5,500 may stay, 400 where 5,600 must, and nothing where all of it must.
    expect(Outlook.units({ ...order, least: usd(5_500) })).toBe(Fixed.one / 4n)
    expect(Outlook.units({ ...order, least: usd(5_600) })).toBe(Fixed.one / 5n)
    expect(Outlook.units({ ...order, held: -order.held, least: usd(5_600) })).toBe(Fixed.one / 5n)
    for (const least of [6_000, 7_000]) expect(Outlook.units({ ...order, least: usd(least) })).toBe(0n)
    // All of it always goes, where the mandate lets it.
    const all = { ...order, slice: usd(6_000), least: usd(7_000) }
    expect(Outlook.units({ ...all, allowance: 3n * Fixed.one })).toBe(3n * Fixed.one)
    expect(Outlook.units(all)).toBe(0n)
  })

  test('rounding: down, and up of what stays', () => {
    expect(Outlook.units({ ...order, slice: 10n, price: 3n * Fixed.one })).toBe(3n)
    expect(Outlook.units({ ...order, slice: 10n, price: 3n * Fixed.one, held: 7n, allowance: 7n, least: 13n })).toBe(2n)
  })
})

describe('worst', () => {
  test('worked example: a long is sold at 1 % less at worst, a short bought back at 1 % more; rounding: towards the price', () => {
    expect(Outlook.worst({ price: 1_000n, held: 1n, slipPpm: 10_000 })).toBe(990n)
    expect(Outlook.worst({ price: 1_000n, held: -1n, slipPpm: 10_000 })).toBe(1_010n)
    expect(Outlook.worst({ price: 1_000n, held: 1n, slipPpm: 10_999 })).toBe(990n)
    expect(Outlook.worst({ price: 1_000n, held: -1n, slipPpm: 10_999 })).toBe(1_010n)
  })
})

describe('account', () => {
  const long = { market: 'ETH', size: Fixed.one, cost: usd(1_000), maintenancePpm: 50_000 }
  const of = { collateral: usd(60), credit: usd(5), unpaidGain: usd(2), unsettledLoss: usd(1), positions: [long] }

  test('worked example: one ETH bought at 1,000 and worth 990', () => {
    expect(Outlook.account('a', of, { ETH: usd(990) })).toEqual({
      ...{ account: 'a', equity: usd(56), collateral: usd(65) },
      positions: [{ market: 'ETH', side: 'long', notional: usd(990), maintenancePpm: 50_000 }],
    })
  })

  test('edge: a short gains what a long loses, and what is closed is no position', () => {
    const short = {
      ...of,
      positions: [
        { ...long, size: -Fixed.one, cost: -usd(1_000) },
        { ...long, market: 'BTC', size: 0n },
      ],
    }
    expect(Outlook.account('a', short, { ETH: usd(990) })).toMatchObject({ equity: usd(76), positions: [{ side: 'short' }] })
  })

  test('rounding: value down, notional up', () => {
    const half = { ...long, size: 15n * 10n ** 17n, cost: 0n }
    expect(Outlook.account('a', { ...of, positions: [half] }, { ETH: 1n })).toMatchObject({
      equity: usd(66) + 1n,
      positions: [{ notional: 2n }],
    })
  })

  test('error: a market without a price', () => {
    expect(() => Outlook.account('a', of, {})).toThrow(Figure.InvalidFigureError)
  })
})

describe('stage', () => {
  const at = (...times: readonly number[]) => times.map((time) => ({ at: time, size: 1n }))

  test('worked example: six slices in 60 s', () => {
    expect([0, 9, 10, 60, 61].map((after) => Outlook.stage(at(1_000), 1_000 + after))).toEqual([
      'between',
      'between',
      'reducing',
      'reducing',
      'armed',
    ])
  })

  test('edge: the last one counts, in whatever order; without any it is armed', () => {
    expect(Outlook.stage(at(1_000, 700, 400), 1_009)).toBe('between')
    expect(Outlook.stage([], 0)).toBe('armed')
  })
})

describe('next', () => {
  const at = (...times: readonly number[]) => times.map((time) => ({ at: time, size: 1n }))
  const slices = (history: readonly Plan.Action[], now: number) => Outlook.next(history, now).schedule.slices

  test('worked example: six, five, four, to one, ten seconds apart, each as long as before', () => {
    const times = [1_000, 1_010, 1_020, 1_030, 1_040]
    const left = [0, 1, 2, 3, 4, 5].map((done) => Outlook.next(at(...times.slice(0, done)), 1_000 + 10 * done).schedule)
    expect(left.map((schedule) => [schedule.slices, schedule.seconds])).toEqual([
      [6, 60],
      [5, 50],
      [4, 40],
      [3, 30],
      [2, 20],
      [1, 10],
    ])
    expect(Outlook.next([], 0)).toEqual(Outlook.terms)
  })

  test('edge: what is still wanted after the last is one slice, however often', () => {
    const six = [1_000, 1_010, 1_020, 1_030, 1_040, 1_050]
    expect(slices(at(...six), 1_060)).toBe(1)
    expect(slices(at(...six, 1_060), 1_070)).toBe(1)
  })

  test('edge: a reduction further back than a whole schedule is another one; in any order', () => {
    expect(slices(at(1_000), 1_060)).toBe(5)
    expect(slices(at(1_000), 1_061)).toBe(6)
    expect(slices(at(1_080, 1_000, 1_020), 1_090)).toBe(3)
    expect(slices(at(1_081, 1_000, 1_020), 1_091)).toBe(5)
  })
})
