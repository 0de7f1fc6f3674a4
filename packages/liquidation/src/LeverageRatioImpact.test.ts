import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Figure, LeverageRatioImpact, Stress, Venue } from './index.ts'
import { crossBook, isolated, market, someMarkets, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const nothing = { junior: 0n, insurance: 0n, senior: 0n }
const year = 31_536_000

const terms = (markets: Venue.Markets, sigma = 0.05): LeverageRatioImpact.Terms => ({
  convention: 'two-sided',
  markets,
  sigmaPpm: Object.fromEntries(Object.keys(markets).map((name) => [name, sigma * 1e6])),
  horizonSeconds: year,
  betas: {},
  width: 0.01,
  bonus: 0.05,
  policy: { kind: 'full' },
  feePpm: 0,
  reserves: nothing,
  deleveraging: 'queue',
  roundCap: 1_000,
  quotes: {},
  labels: {},
})

describe('of', () => {
  // A fails at −10 % (5.13 % of maintenance apart), B at −20 %; C is short and fails at +20 %. No maintenance: prices are bankruptcy prices.
  const book = Book.of([isolated('A', 'long', 1_000, 100, 0), isolated('B', 'long', 500, 100, 0), isolated('C', 'short', 1_500, 300, 0)])
  const markets = { [market]: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
  const report = LeverageRatioImpact.of(book, { ...terms(markets), quotes: { [market]: { venue: 99, index: 100 } } })
  const [eth] = report.markets

  test('worked example: L1 and L2, two-sided or by open interest', () => {
    expect(eth?.posted).toMatchObject({ ratio: usd(6), notional: usd(3_000), base: usd(500), convention: 'two-sided' })
    expect(eth?.equity).toMatchObject({ ratio: usd(6) })
    const oi = LeverageRatioImpact.of(book, { ...terms(markets), convention: 'open-interest' })
    expect(oi.markets[0]?.posted).toMatchObject({ ratio: usd(3), convention: 'open-interest' })
    expect(oi.whole.cohorts[0]?.posted.convention).toBe('open-interest')
  })

  test('worked example: distances, clusters, n and Lc of the down side', () => {
    const down = eth?.down
    expect(down?.nearest?.move).toBeCloseTo(-Math.log(0.9), 9)
    expect(down?.nearest?.sigma).toBeCloseTo(-Math.log(0.9) / 0.05, 9)
    // 1,000 in one window of 1 % at κ = 10⁻⁴: n = 10.
    expect(down?.local).toMatchObject({ n: expect.closeTo(10, 9), density: expect.closeTo(1e5, 6) })
    expect(down?.clusters.clusters.map(({ accounts }) => accounts)).toEqual([1, 1])
    expect(down?.slope).toEqual({ first: 1e-4, threeSigma: 1e-4 })
    // Whatever a wall of 100 does in 1 % is n = 1; A has it at a tenth of its leverage, yet within the window only where it fails: 3σ or 20 %.
    expect(down?.critical?.headroom).toBeGreaterThan(0)
    expect(down?.critical?.headroom).toBeLessThan(1)
    // To nine places of the headroom, down, of a leverage of 6.
    expect(down?.critical?.leverage).toBe(6n * BigInt(Math.floor((down?.critical?.headroom ?? 0) * 1e9)) * 10n ** 9n)
    // The short alone, in one window.
    expect(eth?.up.local).toMatchObject({ n: expect.closeTo(15, 9) })
  })

  test('worked example: 15 % takes A, whose sale takes the price past B, whose sale ends it', () => {
    const three = eth?.down.shocks.find(({ name }) => name === '3σ')
    // s = 0.15 > 0.105: A sells 1,000, x = 0.25 > 0.223: B sells 500, x = 0.30.
    expect(three).toMatchObject({ x: expect.closeTo(0.3, 9), extra: expect.closeTo(0.15, 9), rounds: 2, settled: true })
    expect(three?.amplification).toBeCloseTo(2, 9)
    expect(three?.secant).toBeCloseTo(0.5, 9)
    expect(three?.forced).toBe(usd(1_500))
    expect(eth?.down.secant).toBeCloseTo(0.5, 9)
    expect(eth?.down.shocks.map(({ name }) => name)).toEqual(['1σ', '2σ', '3σ', '5%', '10%', '20%'])
    expect(eth?.down.shocks.find(({ name }) => name === '5%')?.shock).toBeCloseTo(-Math.log(0.95), 12)
    expect(eth?.up.shocks.find(({ name }) => name === '20%')?.shock).toBeCloseTo(Math.log(1.2), 12)
  })

  test('worked example: D2 is where A fails, for nothing is behind it; W and V1 by hand', () => {
    // A's fill lies below its bankruptcy price as soon as it is sold.
    expect(eth?.down.insolvency).toBeCloseTo(-Math.log(0.9), 4)
    const covered = LeverageRatioImpact.of(book, { ...terms(markets), reserves: { ...nothing, insurance: usd(1e6) } })
    expect(covered.markets[0]?.down.insolvency).toBeNull()
    // The longs lose 1,500 for an equity of 200.
    expect(eth?.down.wrongWay).toEqual({ leverage: 7.5, multiplier: 1 })
    expect(eth?.up.wrongWay?.leverage).toBeCloseTo(5, 12)
    expect(eth?.divergence).toBeCloseTo(Math.log(0.99), 12)
    expect(report.whole.divergence).toBeNull()
  })

  test('worked example: V2: what clears at a bonus of 5 %, by the largest position and by what is forced', () => {
    const { executable, byLargest, byForced } = eth?.down.coverage ?? { executable: null, byLargest: null, byForced: null }
    // 1 − (1 − e^(−κQ))/(κQ) = 0.05/1.05 at κQ = 0.0984…
    expect(executable ?? 0).toBeCloseTo(983.9, 0)
    expect(byLargest).toBeCloseTo((executable ?? 0) / 1_000, 9)
    expect(byForced).toBeCloseTo((executable ?? 0) / 1_500, 9)
  })

  test('worked example: coins under a long double what a fall takes of it', () => {
    const coins = Book.of([{ ...isolated('A', 'long', 1_000, 1_000, 0), holdings: [{ market, value: usd(1_000) }] }])
    expect(LeverageRatioImpact.of(coins, terms(markets)).markets[0]?.down.wrongWay).toEqual({ leverage: 2, multiplier: 2 })
  })

  test('worked example: a common fall of two markets goes round between them; β scales what each of them does', () => {
    const both: Book.Account = {
      account: 'D',
      equity: usd(100),
      collateral: usd(100),
      positions: [
        { market: 'BTC', side: 'long', notional: usd(500), maintenancePpm: 0 },
        { market, side: 'long', notional: usd(500), maintenancePpm: 0 },
      ],
    }
    const two = { ...markets, BTC: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
    const { whole, markets: each } = LeverageRatioImpact.of(Book.of([both]), terms(two, 0.052))
    expect(each.map(({ scope }) => scope)).toEqual(['BTC', market])
    expect(whole.down.nearest?.move).toBeCloseTo(-Math.log(0.9), 9)
    const tilted = LeverageRatioImpact.of(Book.of([both]), { ...terms(two), betas: { BTC: 0 } })
    expect(tilted.whole.down.nearest?.move).toBeCloseTo(-Math.log(0.8), 9)
    // Of each market alone it is a distance as well, and it is in both.
    expect(each.map(({ down }) => down.nearest?.move)).toEqual([1, 2].map(() => expect.closeTo(-Math.log(0.8), 9)))
    // At 2σ, a further 1 % of either does it: (e^−0.104 + e^−0.114)/2 < 0.9. Both then sell 500: columns of (5, 5).
    expect(whole.spectral.map(({ radius }) => radius)[2]).toBeCloseTo(10, 9)
    expect(whole.down.shocks.find(({ name }) => name === '3σ')).toMatchObject({ x: expect.closeTo(0.206, 9), forced: usd(1_000) })
    expect(whole.top).toEqual({ onePpm: 1_000_000, tenPpm: 1_000_000 })
  })

  test('worked example: a common shock by notional, σ̂ and β, none of them below a tenth; x is by each market’s own β', () => {
    const legs = (btc: number, eth: number) => [
      { market: 'BTC', side: 'long' as const, notional: usd(btc), maintenancePpm: 0 },
      { market, side: 'long' as const, notional: usd(eth), maintenancePpm: 0 },
    ]
    const two = { ...markets, BTC: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
    const account = { ...isolated('D', 'long', 1, 1_900), positions: legs(500, 1_500) }
    const sigmaPpm = { BTC: 40_000, [market]: 60_000 }
    const given = { ...terms(two), sigmaPpm, betas: { BTC: 0.5, [market]: 0.05 } }
    const { whole } = LeverageRatioImpact.of(Book.of([account]), given)
    // A quarter of 4 % by 0.5, three quarters of 6 % by 0.1.
    expect(whole.down.shocks.slice(0, 3).map(({ shock }) => shock)).toEqual([0.47, 0.94, 1.41].map((shock) => expect.closeTo(shock, 12)))
    expect(whole.spectral.map(({ shock }) => shock)).toEqual([0, 0.47, 0.94, 1.41].map((shock) => expect.closeTo(shock, 12)))
    const even = { ...isolated('D', 'long', 1, 100), positions: legs(500, 500) }
    const half = LeverageRatioImpact.of(Book.of([even]), { ...terms(two), betas: { BTC: 0.5 } }).whole.down.shocks[5]
    // At −20 % of the one and −10.6 % of the other both are sold, 0.05 further: twice that for who moves half as far.
    expect(half).toMatchObject({ name: '20%', extra: expect.closeTo(0.1, 9), forced: usd(1_000) })
    const nobody = LeverageRatioImpact.of(Book.of([]), given).whole
    expect([nobody.down.shocks[0]?.shock, ...nobody.spectral.map(({ shock }) => shock)]).toEqual([0.04, 0, 0, 0, 0])
  })

  test('rounding: critical leverage down: 3,000/700 by a headroom to nine places', () => {
    const richer = Book.of([...book.accounts.slice(0, 2), isolated('C', 'short', 1_500, 500, 0)])
    const own = LeverageRatioImpact.of(richer, terms(markets)).markets[0]
    const headroom = BigInt(Math.floor((own?.down.critical?.headroom ?? 0) * 1e9)) * 10n ** 9n
    expect(own?.posted).toMatchObject({ base: usd(700) })
    expect(own?.down.critical?.leverage).toBe((((usd(3_000) * 10n ** 18n) / usd(700)) * headroom) / 10n ** 18n)
  })

  test('edge: walls are looked for up to 20 %, or three σ̂ where that is further', () => {
    const local = (left: number, sigma: number) => {
      const wall = Book.of([isolated('A', 'long', 1_000, 1_000 - left, 0)])
      return LeverageRatioImpact.of(wall, terms(markets, sigma)).markets[0]?.down.local?.n ?? 0
    }
    expect([local(805, 0.05), local(790, 0.05), local(790, 0.06), local(790, 0.08)]).toEqual(
      [10, 0, 0, 10].map((n) => expect.closeTo(n, 9)),
    )
  })

  test('worked example: κ of a pool at no flow and at 3σ, and how far the venue is from an index that does not follow', () => {
    const pool = { [market]: { ...Venue.plain({ kind: 'constantProduct', reserve: 1_000 }), index: { weight: 0, rounds: 1 } } }
    const [own] = LeverageRatioImpact.of(book, terms(pool)).markets
    // 1,000 are sold at 15 %: 2·ln 2 lower.
    expect(own?.down.slope).toEqual({ first: 0.002, threeSigma: 0.001 })
    expect(own?.down.shocks[2]).toMatchObject({ forced: usd(1_000), divergence: expect.closeTo(2 * Math.LN2, 9) })
    expect(own?.down.shocks[0]).toMatchObject({ forced: 0n, divergence: 0 })
  })

  test('edge: who has nothing open, nothing left or nothing to lose is no part of W, and no distance', () => {
    const leg = (name: string, side: Book.Side, notional: number) => ({
      ...{ market: name, side, notional: usd(notional), maintenancePpm: 0 },
    })
    const two = { ...markets, BTC: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
    const accounts: readonly Book.Account[] = [
      { ...isolated('idle', 'long', 1, 0), positions: [], holdings: [{ market, value: usd(70) }] },
      { ...isolated('gone', 'long', 1, 0), positions: [leg(market, 'long', 0.5)] },
      { ...isolated('even', 'long', 1, 90), positions: [leg('BTC', 'long', 200), leg(market, 'short', 100)] },
      { ...isolated('hedged', 'long', 1, 90), positions: [leg('BTC', 'long', 100), leg(market, 'short', 60)] },
      { ...isolated('long', 'long', 1, 50), positions: [leg(market, 'long', 200)] },
    ]
    const given = { ...terms(two), betas: { BTC: 0.5 } }
    const { whole } = LeverageRatioImpact.of(Book.of(accounts), given)
    expect(whole.down.wrongWay).toEqual({ leverage: 4, multiplier: 1 })
    const living = accounts.filter(({ account }) => account !== 'gone')
    expect(LeverageRatioImpact.of(Book.of(living), given).whole.down.nearest?.move).toBeCloseTo(-Math.log(0.75), 9)
  })

  test('edge: nothing to clear is no multiple of it, and where anything clears there is none either', () => {
    const long = Book.of([isolated('A', 'long', 1_000, 900, 0)])
    const coverage = (slope: number) => {
      const own = LeverageRatioImpact.of(long, terms({ [market]: Venue.plain({ kind: 'linear', slope }) })).markets[0]
      return [own?.down.coverage, own?.up.coverage]
    }
    const some = expect.closeTo(983.9, 0)
    expect(coverage(1e-4)).toMatchObject([{ executable: some, byLargest: expect.closeTo(0.984, 3), byForced: null }, { byLargest: null }])
    const none = { executable: null, byLargest: null, byForced: null }
    expect(coverage(0)).toEqual([none, none])
  })

  test('edge: an empty book says so', () => {
    const { markets: none, whole } = LeverageRatioImpact.of(Book.of([]), terms(markets))
    expect(none).toEqual([])
    expect(whole.posted).toEqual({ status: 'empty', convention: 'two-sided' })
    expect(whole.down).toMatchObject({ nearest: null, insolvency: null, wrongWay: null, secant: 0 })
  })

  test('property: what it says of a shock is what the stress gives; n, A and LRI are one another; money scales', () => {
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        someMarkets,
        fc.double({ min: 0.01, max: 0.2, noNaN: true }),
        (book, markets, sigma) => {
          const given = terms(markets, Math.round(sigma * 1e6) / 1e6)
          const { whole, markets: each } = LeverageRatioImpact.of(book, given)
          for (const { down, up } of [whole, ...each])
            for (const { shock, x, extra, amplification, secant } of [...down.shocks, ...up.shocks]) {
              expect(x).toBeGreaterThanOrEqual(shock)
              expect(extra).toBeCloseTo(x - shock, 12)
              expect(secant).toBeCloseTo(1 - 1 / amplification, 12)
            }
          const one = whole.down.shocks[0]
          const shocks = Object.fromEntries(Object.keys(markets).map((name) => [name, -(one?.shock ?? 0)]))
          const stress = Stress.run({
            book,
            markets,
            shocks,
            policy: given.policy,
            feePpm: 0,
            reserves: nothing,
            deleveraging: 'queue',
            roundCap: 1_000,
          })
          expect(one?.badDebt).toBe(stress.badDebt)
          expect(one?.forced).toBe(stress.forced)
        },
      ),
      { numRuns: Math.ceil(numRuns / 40) },
    )
  })

  test('error: a market without impact or σ, a quote that is none', () => {
    expect(() => LeverageRatioImpact.of(book, terms({}))).toThrow(Venue.UnknownMarketError)
    expect(() => LeverageRatioImpact.of(book, { ...terms(markets), sigmaPpm: {} })).toThrow(Venue.UnknownMarketError)
    expect(() => LeverageRatioImpact.of(book, { ...terms(markets), quotes: { [market]: { venue: 0, index: 1 } } })).toThrow(
      Figure.InvalidFigureError,
    )
  })
})
