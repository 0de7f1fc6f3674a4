import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fragility from './Fragility.ts'
import * as LeverageRatioImpact from './LeverageRatioImpact.ts'
import * as Reading from './Reading.ts'
import { books } from './testing/fragile.ts'
import { byHand, position, reading } from './testing/readings.ts'
import * as Venue from './Venue.ts'

const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const of = (given: Reading.Reading) => Fragility.of(given, Reading.brake(given))
const one = 10n ** 18n
/** σ̂ of a day. */
const sigma = 0.955_249 / Math.sqrt(365)
/** A fall by a tenth. */
const tenth = -Math.log(0.9)

describe('of', () => {
  test('worked example: the market of the method page, figure by figure', () => {
    const { posted, equity, down, up, convention } = of(reading())
    expect(convention).toBe('two-sided')
    expect(posted).toEqual({ status: 'ok', leveragePpm: 4_580_153 })
    expect(equity).toEqual(posted)
    expect(down.nearest).toMatchObject({ status: 'ok', movePpm: 105_360 })
    expect(up.nearest).toMatchObject({ status: 'ok', movePpm: 182_321 })
    expect(down.openInterest).toBe(1_500n * one)
    expect(up.openInterest).toBe(1_500n * one)
    const promised = of(reading({ headroom: { long: 3n, short: 5n } }))
    expect([promised.down.headroom, promised.up.headroom]).toEqual([3n, 5n])
    expect(down.local).toMatchObject({ status: 'ok', nPpm: 10_000_000, density: 1_000n * one })
    expect(down.slope).toEqual({ status: 'ok', firstPpm: 100_000_000, threeSigmaPpm: 100_000_000 })
    expect(down.wrongWay).toEqual({ status: 'ok', leveragePpm: 5_660_378 })
    expect(down.secantPpm).toBe(500_000)
    expect(up.secantPpm).toBe(0)
    const [, , three, , ten, twenty] = down.shocks
    expect(three).toMatchObject({
      name: '3σ',
      shockPpm: 150_000,
      endsPpm: 300_001,
      extraPpm: 150_000,
      amplificationPpm: 2_000_000,
      rounds: 2,
    })
    expect(three?.forced).toBe(1_500n * one)
    expect(Number(three?.badDebt) / 1e18).toBeCloseTo(36.1, 1)
    expect(ten).toMatchObject({ name: '10%', shockPpm: 105_361, endsPpm: 205_361, forced: 1_000n * one, badDebt: 0n })
    expect(twenty).toMatchObject({ name: '20%', forced: 1_500n * one })
  })

  test('rounding: distances down, n and amplification up; never into the digit that a float may be off by', () => {
    const { down } = of(reading())
    // −ln 0.9 = 0.1053605…
    expect(down.nearest).toMatchObject({ movePpm: 105_360 })
    const ten = down.shocks[4]
    expect(ten?.amplificationPpm).toBe(Math.ceil(((tenth + 0.1) / tenth) * 1e6))
    expect(ten?.secantPpm).toBe(Math.ceil((1 - tenth / (tenth + 0.1)) * 1e6))
  })

  test('rounding: towards danger, each figure by itself: distances and what clears down, leverage, n and densities up', () => {
    const a = position('A', 'long', { notional: 1_001, equity: 147 })
    const accounts = [
      { ...a, positions: a.positions.map((held) => ({ ...held, notional: held.notional + one / 333n })) },
      position('B', 'long', { notional: 503, equity: 121 }),
      position('C', 'short', { notional: 1_507, equity: 391 }),
    ]
    const given = reading({ impacts: { ETH: { kind: 'linear', slope: 1.070_000_005_3e-4 } } }, accounts)
    const report = LeverageRatioImpact.assess(given.book, Reading.terms(given), 'ETH')
    const told = of(given)
    const { down } = told
    const { nearest, insolvency, slope, local, critical, wrongWay, coverage } = report.down
    const figure = (it: object, name: string) => Number((it as Record<string, unknown>)[name])
    const leverageOf = (it: LeverageRatioImpact.Report['posted']) => (it.status === 'ok' ? Number(it.ratio) / 1e12 : Number.NaN)
    const up = [
      [figure(told.posted, 'leveragePpm'), leverageOf(report.posted)],
      [figure(told.equity, 'leveragePpm'), leverageOf(report.equity)],
      [figure(down.slope, 'firstPpm'), (slope?.first ?? Number.NaN) * 1e12],
      [figure(down.slope, 'threeSigmaPpm'), (slope?.threeSigma ?? Number.NaN) * 1e12],
      [figure(down.local, 'nPpm'), (local?.n ?? Number.NaN) * 1e6],
      [figure(down.local, 'density') / 1e16, local?.density ?? Number.NaN],
      [down.secantPpm, report.down.secant * 1e6],
      [figure(down.wrongWay, 'leveragePpm'), (wrongWay?.leverage ?? Number.NaN) * 1e6],
      ...[2, 3, 4].flatMap((i) => {
        const [it, exact] = [down.shocks[i], report.down.shocks[i]]
        if (it === undefined || exact === undefined) throw new Error('no such shock')
        return [
          [it.endsPpm, exact.x * 1e6],
          [it.extraPpm, exact.extra * 1e6],
          [it.amplificationPpm, exact.amplification * 1e6],
          [it.secantPpm, exact.secant * 1e6],
        ] as const
      }),
    ] as const
    const least = [
      [figure(down.nearest, 'movePpm'), (nearest?.move ?? Number.NaN) * 1e6],
      [figure(down.nearest, 'sigmasPpm'), (nearest?.sigma ?? Number.NaN) * 1e6],
      [figure(down.insolvency, 'movePpm'), (insolvency ?? Number.NaN) * 1e6],
      [figure(down.local, 'atPpm'), (local?.at ?? Number.NaN) * 1e6],
      [figure(down.critical, 'timesPpm'), (critical?.headroom ?? Number.NaN) * 1e6],
      [figure(down.critical, 'leveragePpm'), Number(critical?.leverage ?? Number.NaN) / 1e12],
      [figure(down.coverage.executable, 'notional') / 1e16, (coverage?.executable ?? Number.NaN) * 100],
      [figure(down.coverage.byLargest, 'timesPpm'), (coverage?.byLargest ?? Number.NaN) * 1e6],
      [figure(down.coverage.byForced, 'timesPpm'), (coverage?.byForced ?? Number.NaN) * 1e6],
    ] as const
    const rounded = (pairs: readonly (readonly [number, number])[], by: (exact: number) => number) =>
      pairs.filter(([shown, exact]) => shown !== (Math.abs(exact - Math.round(exact)) < 1e-6 ? Math.round(exact) : by(exact)))
    expect([rounded(up, Math.ceil), rounded(least, Math.floor)]).toEqual([[], []])
    // Most of them have digits to lose.
    expect([...up, ...least].filter(([, exact]) => Math.abs(exact - Math.round(exact)) > 1e-3).length).toBeGreaterThan(22)
  })

  test('edge: open interest is of the side that loses; n at σ̂ is rounded up', () => {
    const { down, up } = of(reading({}, byHand.slice(0, 2)))
    expect([down.openInterest, up.openInterest]).toEqual([1_500n * one, 0n])
    // 3σ is 0.15000006…: x* = 0.30000006…, and n a hair below a half.
    const steep = of(reading({ impacts: { ETH: { kind: 'linear', slope: 1.1e-4 } } })).down
    const three = steep.shocks[2]
    expect(three?.secantPpm).toBe(Math.ceil((1 - (3 * sigma) / (3 * sigma + 0.165)) * 1e6))
    expect(steep.secantPpm).toBe(Math.max(...steep.shocks.slice(0, 3).map(({ secantPpm }) => secantPpm)))
  })

  test('edge: nobody there: each figure says why there is none, none is 0', () => {
    const { posted, equity, down } = of(reading({}, []))
    expect([posted, equity].map((it) => it.status === 'none' && it.code)).toEqual(['NO_POSITIONS', 'NO_POSITIONS'])
    expect(down.nearest).toMatchObject({ status: 'none', code: 'NOTHING_FAILS' })
    expect(down.local).toMatchObject({ status: 'none', code: 'NOTHING_FAILS' })
    expect(down.insolvency).toMatchObject({ status: 'none', code: 'NOTHING_BREAKS' })
    expect(down.critical).toMatchObject({ status: 'none', code: 'NO_POSITIONS_THIS_SIDE' })
    expect(down.wrongWay).toMatchObject({ status: 'none', code: 'NO_POSITIONS_THIS_SIDE' })
    expect(down.coverage.byLargest).toMatchObject({ status: 'none', code: 'NO_POSITIONS_THIS_SIDE' })
    expect(down.coverage.byForced).toMatchObject({ status: 'none', code: 'NOTHING_FORCED' })
    expect(down.coverage.executable.status).toBe('ok')
  })

  test('edge: positions on nothing have no leverage; a market that nothing moves clears anything; a square root has no slope at 0', () => {
    const bare = of(reading({}, [{ ...position('A', 'long', { notional: 10, equity: 0 }) }]))
    expect(bare.posted).toMatchObject({ status: 'none', code: 'NOTHING_UNDER_THEM' })
    const deep = of(reading({ impacts: { ETH: { kind: 'linear', slope: 0 } } }))
    expect(deep.down.coverage.executable).toMatchObject({ status: 'none', code: 'ANYTHING_CLEARS' })
    expect(deep.down.coverage.byLargest).toMatchObject({ status: 'none', code: 'ANYTHING_CLEARS' })
    expect(deep.down.critical).toMatchObject({ status: 'none', code: 'NOTHING_CRITICAL' })
    const root = of(reading({ impacts: { ETH: { kind: 'squareRoot', coefficient: 0.02, volume: 1_000 } } }))
    expect(root.down.slope).toMatchObject({ status: 'none', code: 'NO_FINITE_SLOPE' })
  })

  test('edge: a book of more than a thousand accounts is not searched, and says so; one of a thousand is', () => {
    const crowd = (count: number) => Array.from({ length: count }, (_, i) => position(`a${i}`, 'long', { notional: 1, equity: 1 }))
    const many = of(reading({}, crowd(1_001)))
    expect(many.down.insolvency).toMatchObject({ status: 'none', code: 'BOOK_TOO_LARGE' })
    expect(many.down.critical).toMatchObject({ status: 'none', code: 'BOOK_TOO_LARGE' })
    expect(many.posted).toEqual({ status: 'ok', leveragePpm: 1_000_000 })
    expect(of(reading({}, crowd(1_000))).down.insolvency).toMatchObject({ status: 'none', code: 'NOTHING_BREAKS' })
  })

  test('property: the brake shown is the brake given, and figures are those of the report', () => {
    fc.assert(
      fc.property(books, (accounts) => {
        const given = reading({}, accounts)
        const brake = Reading.brake(given)
        const shown = Fragility.of(given, brake)
        const report = LeverageRatioImpact.assess(given.book, Reading.terms(given), 'ETH')
        expect(shown.down.brake.steps).toEqual(brake.long)
        expect(shown.up.brake.steps).toEqual(brake.short)
        expect(shown.down.brake.reflexivityPpm).toBe(brake.reflexivity.longPpm)
        expect(shown.up.brake.reflexivityPpm).toBe(brake.reflexivity.shortPpm)
        for (const [i, { extra, forced }] of report.down.shocks.entries()) {
          expect(Math.abs((shown.down.shocks[i]?.extraPpm ?? -1) - extra * 1e6)).toBeLessThanOrEqual(1)
          expect(shown.down.shocks[i]?.forced).toBe(forced)
        }
      }),
      { numRuns: Math.min(runs, 60) },
    )
  })

  test('property: isolated accounts, no headroom, one σ: the secant of the engine is the n of the brake', () => {
    fc.assert(
      fc.property(books, (accounts) => {
        // The engine also closes the other side where it stands below maintenance already: only accounts that stand.
        const standing = accounts.filter(({ equity, positions }) => positions.every(({ notional }) => equity * 10n > notional))
        const { down, up } = of(reading({}, standing))
        expect(Math.abs(down.secantPpm - down.brake.reflexivityPpm)).toBeLessThanOrEqual(1)
        expect(Math.abs(up.secantPpm - up.brake.reflexivityPpm)).toBeLessThanOrEqual(1)
      }),
      { numRuns: Math.min(runs, 60) },
    )
  })

  test('error: an account that holds a market without an impact', () => {
    const [account] = [position('A', 'long', { notional: 10, equity: 5 })]
    if (!account) throw new Error('there is one')
    const [held] = account.positions
    if (!held) throw new Error('there is one')
    const cross = { ...account, positions: [held, { ...held, market: 'BTC' }] }
    expect(() => of(reading({}, [cross]))).toThrow(Venue.UnknownMarketError)
  })
})

describe('braked', () => {
  test('edge: off, on and shut are what the first step says', () => {
    const table = (long: Fragility.Braked['steps']) =>
      Fragility.braked({ status: 'ok', bookHash: '0x01', reflexivity: { longPpm: 1, shortPpm: 2 }, long, short: [] }, 'long')
    expect(table([{ upToNotional: one, ppm: 0 }])).toMatchObject({ status: 'off', ppm: 0, reflexivityPpm: 1 })
    expect(table([{ upToNotional: one, ppm: 7 }])).toMatchObject({ status: 'on', ppm: 7 })
    expect(table([])).toMatchObject({ status: 'shut', ppm: null })
  })
})

describe('accounts', () => {
  test('worked example: three with a position in this market', () => {
    expect(Fragility.accounts(reading())).toBe(3)
    expect(Fragility.accounts({ ...reading(), market: 'BTC' })).toBe(0)
    // Of several markets it is in this one too.
    const both = byHand.map((each) => ({ ...each, positions: each.positions.flatMap((held) => [{ ...held, market: 'BTC' }, held]) }))
    expect(Fragility.accounts(reading({}, both))).toBe(3)
  })
})
