import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Figure, Stress, Tranches, Venue } from './index.ts'
import { crossBook, down, isolated, market, plainly, someMarkets, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const scenario = (book: Book.Book, markets: Venue.Markets, shocks: Stress.Scenario['shocks']): Stress.Scenario => ({
  book,
  markets,
  shocks,
  policy: { kind: 'full' },
  feePpm: 0,
  reserves: { junior: 0n, insurance: 0n, senior: 0n },
  deleveraging: 'queue',
  roundCap: 1_000,
})

describe('byLeverage', () => {
  test('worked example: 4×, exactly 5×, 12× and under water', () => {
    const book = Book.of([
      isolated('a', 'long', 400, 100),
      isolated('b', 'long', 500, 100),
      isolated('c', 'long', 1_200, 100),
      isolated('d', 'long', 100, -1),
    ])
    expect(Tranches.byLeverage(book, [5, 10])).toEqual({ a: '≤5×', b: '≤5×', c: '>10×', d: '>10×' })
  })

  test('error: edges that do not rise', () => {
    for (const edges of [[0], [5, 5], [5, 4]]) expect(() => Tranches.byLeverage(Book.of([]), edges)).toThrow(Figure.InvalidFigureError)
  })
})

describe('settle', () => {
  // A pool that sells 1,000 for 500. The wild lose 400 beyond what they have; the calm short gains 400.
  const markets = { [market]: Venue.plain({ kind: 'constantProduct', reserve: 1_000 }) }
  const book = Book.of([isolated('wild', 'long', 1_000, 200), isolated('calm', 'short', 500, 300)])
  const given = scenario(book, markets, { [market]: Math.log(0.8) })
  const stress = Stress.run(given)
  const reserves = { wild: { junior: 0n, insurance: usd(100), senior: 0n }, calm: { junior: 0n, insurance: usd(50), senior: 0n } }
  const fences = { members: { wild: 'wild', calm: 'calm' }, reserves, deleveraging: 'queue' as const }

  test('worked example: in one pool the calm pay 250; behind a fence nothing, and 300 stay unpaid with the wild', () => {
    const pool = { members: {}, reserves: { open: { junior: 0n, insurance: usd(150), senior: 0n } }, deleveraging: 'queue' as const }
    expect(Tranches.settle(stress, book, pool)).toMatchObject([
      { tranche: 'open', accounts: 2, liquidated: 1, badDebt: usd(400), paid: { insurance: usd(150), deleveraging: usd(250), unpaid: 0n } },
    ])
    expect(Tranches.settle(stress, book, fences)).toMatchObject([
      { tranche: 'calm', badDebt: 0n, paid: { insurance: 0n, deleveraging: 0n, unpaid: 0n }, profit: usd(400) },
      {
        tranche: 'wild',
        badDebt: usd(400),
        paid: { insurance: usd(100), deleveraging: 0n, unpaid: usd(300) },
        forced: usd(1_000),
        profit: 0n,
      },
    ])
  })

  test('worked example: what a stress has taken from winners already is given back before the fences are drawn', () => {
    // Alone, the stress takes 400 from the short; settled in one pool of 150 it is 250 of its 400.
    expect(stress.outcomes.find(({ account }) => account === 'calm')?.haircut).toBe(usd(400))
    const fee = Stress.run({ ...given, feePpm: 10_000 })
    expect(Tranches.settle(stress, book, { ...fences, members: {} })[0]?.profit).toBe(usd(400))
    const [calm] = Tranches.settle(fee, book, fences)
    expect(calm).toMatchObject({ accounts: 1, liquidated: 0, profit: usd(400) })
  })

  test('edge: what was gained before and is open no more is nobody’s profit to take', () => {
    const idle: Book.Account = { account: 'idle', equity: usd(900), collateral: usd(100), positions: [] }
    const wider = Book.of([...book.accounts, idle])
    const [, , last] = Tranches.settle(Stress.run(scenario(wider, markets, { [market]: Math.log(0.8) })), wider, {
      ...{ ...fences, members: { ...fences.members, idle: 'z' } },
    })
    expect(last).toMatchObject({ tranche: 'z', accounts: 1, profit: 0n })
  })

  test('edge: names are in order, and who is in no tranche is in the open one', () => {
    const settled = Tranches.settle(stress, book, { ...fences, members: { calm: 'z' } })
    expect(settled.map(({ tranche, liquidated }) => [tranche, liquidated])).toEqual([
      ['open', 1],
      ['z', 0],
    ])
    expect(Tranches.byLeverage(Book.of([isolated('a', 'long', 100, 0)]), [5])).toEqual({ a: '>5×' })
  })

  test('property: fenced or not, the debts are the same, and no tranche pays for another', () => {
    const money = fc.integer({ min: 0, max: 5_000 }).map(usd)
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        someMarkets,
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        money,
        (book, markets, shock, fund) => {
          const stress = Stress.run({ ...scenario(book, markets, down(shock)), feePpm: 5_000 })
          const members = Tranches.byLeverage(book, [3, 6])
          const reserve = { junior: 0n, insurance: fund, senior: 0n }
          const fenced = Tranches.settle(stress, book, {
            members,
            reserves: { '≤3×': reserve, '≤6×': reserve, '>6×': reserve },
            deleveraging: 'pro rata',
          })
          expect(fenced.reduce((sum, { badDebt }) => sum + badDebt, 0n)).toBe(stress.badDebt)
          expect(fenced.reduce((sum, { accounts }) => sum + accounts, 0)).toBe(book.accounts.length)
          for (const { badDebt, paid, profit } of fenced) {
            expect(paid.fees + paid.junior + paid.insurance + paid.senior + paid.deleveraging + paid.unpaid).toBe(badDebt)
            expect(paid.insurance <= fund && paid.deleveraging <= profit).toBe(true)
            if (badDebt === 0n) expect(paid.deleveraging).toBe(0n)
          }
        },
      ),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})

describe('contagion', () => {
  const book = Book.of([isolated('wild', 'long', 1_000, 120, 0), isolated('calm', 'long', 500, 200, 0)])
  const markets = { [market]: Venue.plain({ kind: 'linear', slope: 4e-4 }) }
  const fences = { members: { wild: 'wild', calm: 'calm' }, reserves: {}, deleveraging: 'queue' as const }

  test('worked example: the wild fall at 15 % and take the calm along; without them the calm stand', () => {
    const [fromCalm, fromWild] = Tranches.contagion(scenario(book, markets, { [market]: -0.15 }), fences)
    expect(fromWild).toMatchObject({ from: 'wild', to: 'calm', forced: usd(500) })
    expect((fromWild?.badDebt ?? 0n) > 0n).toBe(true)
    // Nobody is left in profit: all of that debt is taken from nobody.
    expect(fromWild?.taken).toBe(fromWild?.badDebt)
    // The calm fall after the wild: they cost them nothing.
    expect(fromCalm).toEqual({ from: 'calm', to: 'wild', forced: 0n, badDebt: 0n, taken: 0n })
  })

  test('property: with longs alone nobody’s being there helps another', () => {
    fc.assert(
      fc.property(crossBook(fc.constant('long')), someMarkets, fc.double({ min: 0.01, max: 0.4, noNaN: true }), (book, markets, shock) => {
        const members = Tranches.byLeverage(book, [4])
        for (const { forced } of Tranches.contagion(scenario(book, plainly(markets), down(shock)), { ...fences, members }))
          expect(forced >= 0n).toBe(true)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })
})
