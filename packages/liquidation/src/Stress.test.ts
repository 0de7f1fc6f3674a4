import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Cascade, Figure, type Impact, LiquidationCurve, type Policy, Stress, Venue } from './index.ts'
import { crossBook, down, isolated, market, plainly, someBook, someImpact, someMarkets, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const sides = fc.constantFrom('long' as const, 'short' as const)
const shockOf = fc.double({ min: 1e-4, max: 0.4, noNaN: true })
const nothing = { junior: 0n, insurance: 0n, senior: 0n }
const full: Policy.Policy = { kind: 'full' }
const somePolicy: fc.Arbitrary<Policy.Policy> = fc.oneof(
  fc.constant(full),
  fc.record({
    kind: fc.constant('target' as const),
    target: fc.double({ min: 1, max: 3, noNaN: true }),
    slices: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('share' as const),
    share: fc.double({ min: 0.1, max: 1, noNaN: true }),
    slices: fc.integer({ min: 1, max: 4 }),
  }),
)
const money = fc.integer({ min: 0, max: 20_000 }).map(usd)
const rest = fc.record({
  policy: somePolicy,
  feePpm: fc.integer({ min: 0, max: 20_000 }),
  reserves: fc.record({ junior: money, insurance: money, senior: money }),
  deleveraging: fc.constantFrom('queue' as const, 'pro rata' as const),
})
const scenario = (book: Book.Book, markets: Venue.Markets, shocks: Stress.Scenario['shocks']): Stress.Scenario => ({
  book,
  markets,
  shocks,
  policy: full,
  feePpm: 0,
  reserves: nothing,
  deleveraging: 'queue',
  roundCap: 1_000,
})
const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)

describe('run', () => {
  // A pool that holds as much as is sold quarters its price, and pays half of it on average.
  const markets = { [market]: Venue.plain({ kind: 'constantProduct', reserve: 1_000 }) }
  const book = Book.of([isolated('long', 'long', 1_000, 200), isolated('short', 'short', 500, 300)])
  const shocks = { [market]: Math.log(0.8) }

  test('worked example: 400 that a long cannot pay go down the waterfall to the short', () => {
    const reserves = { junior: usd(50), insurance: usd(100), senior: usd(50) }
    const stress = Stress.run({ ...scenario(book, markets, shocks), reserves })
    // Filled at 0.8 · ½: 200 − 1,000 + 400. The price ends at 0.8 · ¼: the short has gained 400 and gives 200.
    expect(stress.markets[market]?.move).toBeCloseTo(Math.log(0.2), 12)
    expect(stress).toMatchObject({ settled: true, rounds: 1, monotone: true, badDebt: usd(400), accounts: { liquidated: 1, insolvent: 1 } })
    expect(stress.paid).toEqual({ fees: 0n, junior: usd(50), insurance: usd(100), senior: usd(50), deleveraging: usd(200), unpaid: 0n })
    const [long, short] = stress.outcomes
    expect(long).toMatchObject({ status: 'closed', round: 1, equityAfter: 0n, closed: usd(1_000), badDebt: usd(400), open: {} })
    expect(short).toMatchObject({ status: 'standing', round: null, equityAfter: usd(500), haircut: usd(200) })
    expect(stress.makers).toMatchObject({ cash: -usd(400), units: { [market]: usd(1_000) }, profit: -usd(200) })
  })

  test('worked example: a fee is the first layer, and stays with what is left of an account', () => {
    const still = { [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
    const accounts = Book.of([isolated('a', 'long', 1_000, 240), isolated('b', 'long', 1_000, 190)])
    const stress = Stress.run({ ...scenario(accounts, still, shocks), feePpm: 20_000 })
    // At 0.8 they have 40 and −10; the fee is 2 % of 800, 16, of which the second pays nothing. Its 10 come out of the first one's 16.
    const [a, b] = stress.outcomes
    expect([a?.fee, b?.fee]).toEqual([usd(16), 0n])
    expect([a?.equityAfter, b?.badDebt]).toEqual([usd(24), usd(10)])
    expect(stress.paid).toMatchObject({ fees: 0n, unpaid: usd(10) })
  })

  test('worked example: the lowest ratio goes first, and its debt finds no fee yet; a tie goes by account', () => {
    const thin = { [market]: Venue.plain({ kind: 'constantProduct', reserve: 1_000 }) }
    const tie = Book.of([isolated('y', 'long', 100, 4), isolated('x', 'long', 100, 4), isolated('z', 'long', 100, 3)])
    const { outcomes } = Stress.run(scenario(tie, thin, { [market]: 0 }))
    const [x, y, z] = ['x', 'y', 'z'].map((name) => outcomes.find(({ account }) => account === name)?.badDebt ?? 0n)
    // z fills from 0 to 100, x from 100 to 200, y from 200 to 300: 1/1.1, 1/(1.1·1.2), 1/(1.2·1.3).
    expect(Book.usd(z ?? 0n)).toBeCloseTo(97 - 100 / 1.1, 9)
    expect(Book.usd(x ?? 0n)).toBeCloseTo(96 - 100 / 1.32, 9)
    expect(Book.usd(y ?? 0n)).toBeCloseTo(96 - 100 / 1.56, 9)
  })

  test('worked example: a part closed back to twice maintenance leaves 40 %', () => {
    const still = { [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
    const account = Book.of([isolated('a', 'long', 1_000, 240)])
    const policy: Policy.Policy = { kind: 'target', target: 2, slices: 3 }
    const stress = Stress.run({ ...scenario(account, still, shocks), policy })
    // At 0.8: equity 40, maintenance 40. (80 − 40)/80 is closed: half.
    expect(stress.outcomes[0]).toMatchObject({ status: 'reduced', closed: usd(500), open: { [market]: usd(500) }, equityAfter: usd(40) })
    expect(stress.monotone).toBe(false)
  })

  test('worked example: an index that the venue weighs half of follows half of its fall; an average follows later', () => {
    // Falls at −10.5 % first, which moves the venue by a further 20 %: the second fails at −15 %, the third at −25 %.
    const accounts = Book.of([isolated('a', 'long', 1_000, 150), isolated('b', 'long', 1, 0.195), isolated('c', 'long', 1, 0.28)])
    const impact: Impact.Impact = { kind: 'linear', slope: -Math.log(0.8) / 1_000 }
    const closed = (index: Venue.Market['index']) =>
      Stress.run(scenario(accounts, { [market]: { ...Venue.plain(impact), index } }, { [market]: Math.log(0.89) })).outcomes.map(
        ({ round }) => round,
      )
    expect(closed({ weight: 1, rounds: 1 })).toEqual([1, 2, 2])
    expect(closed({ weight: 0.5, rounds: 1 })).toEqual([1, 2, null])
    expect(closed({ weight: 0, rounds: 1 })).toEqual([1, null, null])
    expect(closed({ weight: 1, rounds: 2 })).toEqual([2, 3, 4])
  })

  test('worked example: what refills is felt no longer; what spills reaches another market; what is held falls too', () => {
    const impact: Impact.Impact = { kind: 'linear', slope: 1e-4 }
    const eth = { ...Venue.plain(impact), refill: 1, spill: { BTC: 0.5 } }
    const venue = { [market]: eth, BTC: Venue.plain({ kind: 'linear', slope: 0 }) }
    const { markets } = Stress.run(scenario(book, venue, shocks))
    expect(markets[market]).toMatchObject({ move: Math.log(0.8), lowest: Math.log(0.8) })
    const spilt = Stress.run(scenario(book, { ...venue, [market]: { ...eth, refill: 0 } }, shocks)).markets
    expect(spilt['BTC']?.move).toBeCloseTo(-0.05, 12)
    expect(spilt[market]?.move).toBeCloseTo(Math.log(0.8) - 0.1, 12)
    const coins = Book.of([{ ...isolated('a', 'long', 1_000, 300), holdings: [{ market, value: usd(300) }] }])
    // 0.8: 300·0.8 − 200 = 40 is just its maintenance margin.
    expect(Stress.run(scenario(coins, venue, shocks)).accounts.liquidated).toBe(1)
    expect(Stress.run(scenario(coins, venue, { [market]: Math.log(0.801) })).accounts.liquidated).toBe(0)
  })

  test('worked example: a backstop takes its share at the price that liquidates, until it is full', () => {
    const backed = (capacity: number) => ({
      [market]: { ...markets[market], backstop: { sharePpm: 500_000, capacity: usd(capacity) } } as Venue.Market,
    })
    const half = Stress.run(scenario(book, backed(1e6), shocks))
    expect(half.backstop).toMatchObject({ units: { [market]: usd(500) }, cash: -usd(400) })
    expect(half.markets[market]?.move).toBeCloseTo(Math.log(0.8 / 1.5 / 1.5), 12)
    expect(Stress.run(scenario(book, backed(100), shocks)).backstop.units).toEqual({ [market]: usd(100) })
  })

  test('worked example: a short squeezed from 5 to 10, and a backstop that sells to it until it is full', () => {
    const short = Book.of([isolated('s', 'short', 1_000, 100, 0)])
    const flat = { [market]: { ...Venue.plain({ kind: 'linear', slope: 1e-4 }), backstop: { sharePpm: 500_000, capacity: usd(300) } } }
    const { markets: ends, backstop, makers } = Stress.run(scenario(short, flat, { [market]: Math.log(1.25) }))
    expect(backstop.units).toEqual({ [market]: -usd(300) })
    expect(backstop.cash).toBe(usd(375))
    expect(makers.units).toEqual({ [market]: -usd(700) })
    expect(ends[market]?.move).toBeCloseTo(Math.log(1.25) + 0.07, 9)
    expect(ends[market]?.highest).toBe(ends[market]?.move)
    expect(ends[market]?.lowest).toBeCloseTo(Math.log(1.25), 12)
    // A second one finds it full.
    const two = Book.of([isolated('s', 'short', 1_000, 100, 0), isolated('t', 'short', 1_000, 100, 0)])
    expect(Stress.run(scenario(two, flat, { [market]: Math.log(1.25) })).backstop.units).toEqual({ [market]: -usd(300) })
  })

  test('worked example: a market that refills by half comes all the way back, round by round, and is waited for', () => {
    const slow = { ...Venue.plain({ kind: 'linear', slope: 1e-4 }), refill: 0.5 }
    const venue = { [market]: slow, BTC: Venue.plain({ kind: 'linear', slope: 0 }) }
    const { markets: ends, path, rounds, settled } = Stress.run(scenario(book, venue, shocks))
    expect({ rounds, settled }).toEqual({ rounds: 1, settled: true })
    // 1,000 are felt in full while they are sold, and half, a quarter, … of them after.
    expect(path.slice(0, 3).map(({ moves }) => moves[1])).toEqual(
      [0.05, 0.025, 0.0125].map((left) => expect.closeTo(Math.log(0.8) - left, 9)),
    )
    expect(Math.abs(ends[market]?.flow ?? 1)).toBeLessThan(1e-6)
    expect(path.length).toBeGreaterThan(30)
    expect(path.at(-1)?.moves[1]).toBeCloseTo(Math.log(0.8), 9)
  })

  test('worked example: how far the venue parts from what liquidates', () => {
    const half = { [market]: { ...Venue.plain({ kind: 'linear', slope: 1e-4 }), index: { weight: 0.25, rounds: 1 } } }
    const { markets: ends } = Stress.run(scenario(book, half, { [market]: Math.log(0.8) }))
    expect(ends[market]?.divergence).toBeCloseTo(0.075, 9)
    expect(ends[market]?.index).toBeCloseTo(Math.log(0.8) - 0.025, 9)
  })

  test('worked example: a fee is in the part that is closed: (80 − 40)/(80 − 0.02 · 800)', () => {
    const still = { [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
    const policy: Policy.Policy = { kind: 'target', target: 2, slices: 3 }
    const stress = Stress.run({ ...scenario(Book.of([isolated('a', 'long', 1_000, 240)]), still, shocks), policy, feePpm: 20_000 })
    expect(Book.usd(stress.outcomes[0]?.closed ?? 0n)).toBeCloseTo(625, 5)
    expect(Book.usd(stress.fees)).toBeCloseTo(10, 5)
  })

  test('edge: who was closed with a gain has nothing open to be deleveraged', () => {
    // The winner's long of A pays for its failing long of B; all of it is closed. The loser's debt finds only the short.
    const still = { A: Venue.plain({ kind: 'linear', slope: 0 }), [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
    const winner: Book.Account = {
      account: 'winner',
      equity: usd(10),
      collateral: 0n,
      positions: [{ market: 'A', side: 'long', notional: usd(100), maintenancePpm: 500_000 }],
    }
    const stress = Stress.run(
      scenario(Book.of([winner, isolated('loser', 'long', 1_000, 100, 0), isolated('short', 'short', 500, 10, 0)]), still, {
        ...shocks,
        A: 0,
      }),
    )
    const [loser, short, closed] = stress.outcomes
    expect(closed).toMatchObject({ account: 'winner', status: 'closed', haircut: 0n, equityAfter: usd(10) })
    expect(loser?.badDebt).toBe(usd(100))
    expect(short?.haircut).toBe(usd(100))
  })

  test('edge: one market that refills, or a hedge, is no longer monotone', () => {
    const plain = Venue.plain({ kind: 'linear', slope: 1e-6 })
    const two = { [market]: plain, BTC: { ...plain, refill: 0.5 } }
    const one = Book.of([isolated('a', 'long', 100, 1)])
    expect(Stress.run(scenario(one, { [market]: plain, BTC: plain }, shocks)).monotone).toBe(true)
    expect(Stress.run(scenario(one, two, shocks)).monotone).toBe(false)
    const hedged: Book.Account = {
      ...isolated('a', 'long', 100, 1),
      positions: [
        { market, side: 'long', notional: usd(100), maintenancePpm: 50_000 },
        { market: 'BTC', side: 'short', notional: usd(50), maintenancePpm: 50_000 },
      ],
    }
    expect(Stress.run(scenario(Book.of([hedged]), { [market]: plain, BTC: plain }, shocks)).monotone).toBe(false)
  })

  test('rounding: what an account gets down, what it pays up, what it is worth down', () => {
    const still = { [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
    const wei = (account: string, side: Book.Side, notional: bigint, equity: bigint): Book.Account => ({
      ...isolated(account, side, 1, 0),
      equity,
      collateral: 0n,
      positions: [{ market, side, notional, maintenancePpm: 0 }],
    })
    const half = { [market]: Math.log(0.5) }
    const accounts = [wei('long', 'long', 3n, 1n), wei('standing', 'long', 3n, 10n), wei('owing', 'short', 3n, 10n)]
    const { outcomes, makers } = Stress.run(scenario(Book.of(accounts), still, half))
    // 1 − 3 + ⌊1.5⌋ leaves a debt of 1, which is taken from the short; 10 + 3 − 1 − ⌈1.5⌉; 10 − 3 + ⌊1.5⌋.
    expect(outcomes.map(({ account, cash, equityAfter, badDebt }) => [account, cash, equityAfter, badDebt])).toEqual([
      ['long', 0n, 0n, 1n],
      ['owing', 12n, 10n, 0n],
      ['standing', 7n, 8n, 0n],
    ])
    expect(makers.cash).toBe(-1n)
    const up = Stress.run(scenario(Book.of([wei('owing', 'short', 3n, -10n)]), still, half))
    expect(up.makers.cash).toBe(2n)
    expect(up.outcomes[0]?.badDebt).toBe(9n)
  })

  test('edge: an empty book, no shock, a round cap', () => {
    expect(Stress.run(scenario(Book.of([]), markets, shocks))).toMatchObject({ settled: true, rounds: 0, forced: 0n, outcomes: [] })
    expect(Stress.run(scenario(book, markets, {})).accounts.liquidated).toBe(0)
    expect(Stress.run({ ...scenario(book, markets, shocks), roundCap: 1 })).toMatchObject({ settled: false, rounds: 1, roundCap: 1 })
  })

  test('property: the least fixed point of the curve, where one market holds longs or shorts that are closed whole', () => {
    fc.assert(
      fc.property(someBook, someImpact, shockOf, sides, (book, impact, shock, side) => {
        const own = Book.of(
          book.accounts.flatMap((account) => {
            const positions = account.positions.filter((it) => it.market === market && it.side === side)
            return positions.length === 0 ? [] : [{ ...account, positions }]
          }),
        )
        const curve = LiquidationCurve.of(own, market, side)
        const expected = Cascade.run({ curve, impact, shock })
        const sign = side === 'long' ? -1 : 1
        const { markets } = Stress.run(scenario(own, { [market]: Venue.plain(impact) }, { [market]: sign * shock }))
        expect(markets[market]?.move).toBeCloseTo(sign * expected.x, 9)
        expect(Book.usd(markets[market]?.forced ?? 0n)).toBeCloseTo(expected.forced, 4)
      }),
      { numRuns },
    )
  })

  test('property: no cent and no unit comes from nowhere', () => {
    fc.assert(
      fc.property(crossBook(sides), someMarkets, fc.double({ min: -0.3, max: 0.4, noNaN: true }), rest, (book, markets, shock, rest) => {
        const stress = Stress.run({ book, markets, shocks: down(shock), ...rest, roundCap: 500 })
        const { paid, reserves } = stress
        // Cash: what accounts have lost, others have.
        const exposure = (account: Book.Account) =>
          total(account.positions.map(({ side, notional }) => (side === 'long' ? notional : -notional))) +
          total((account.holdings ?? []).map(({ value }) => value))
        const before = total(book.accounts.map((account) => account.equity - exposure(account)))
        const after = total(stress.outcomes.map(({ cash }) => cash))
        const spent = total([rest.reserves.junior, rest.reserves.insurance, rest.reserves.senior])
        expect(after + stress.makers.cash + stress.backstop.cash + total(Object.values(reserves)) - paid.unpaid).toBe(before + spent)
        // Units, market by market.
        for (const name of Object.keys(markets)) {
          const held = total(
            book.accounts.flatMap(({ positions, holdings = [] }) => [
              ...positions.filter((it) => it.market === name).map(({ side, notional }) => (side === 'long' ? notional : -notional)),
              ...holdings.filter((it) => it.market === name).map(({ value }) => value),
            ]),
          )
          const left = total(stress.outcomes.map(({ open }) => open[name] ?? 0n))
          expect(left + (stress.makers.units[name] ?? 0n) + (stress.backstop.units[name] ?? 0n)).toBe(held)
        }
        // Layers, fees and debts.
        const layers = paid.fees + paid.junior + paid.insurance + paid.senior
        expect(layers + paid.deleveraging + paid.unpaid).toBe(stress.badDebt)
        expect(total(stress.outcomes.map(({ badDebt }) => badDebt))).toBe(stress.badDebt)
        expect(total(stress.outcomes.map(({ haircut }) => haircut))).toBe(paid.deleveraging)
        expect(total(stress.outcomes.map(({ fee }) => fee))).toBe(stress.fees)
        expect(stress.fees - paid.fees).toBe(reserves.fees)
        expect(rest.reserves.insurance - paid.insurance).toBe(reserves.insurance)
        for (const amount of [...Object.values(reserves), paid.unpaid, paid.deleveraging]) expect(amount >= 0n).toBe(true)
      }),
      { numRuns },
    )
  })

  test('property: what is worth something at the end was worth it before, but for the move of the whole book: to the cent', () => {
    fc.assert(
      fc.property(crossBook(sides), someMarkets, shockOf, rest, (book, markets, shock, rest) => {
        const stress = Stress.run({ book, markets, shocks: down(shock), ...rest, roundCap: 500 })
        // Everything is valued at the price that liquidates, as the result states it.
        const net = Object.entries(stress.markets).reduce((sum, [name, { index }]) => {
          const units = total(
            book.accounts.flatMap(({ positions, holdings = [] }) => [
              ...positions.filter((it) => it.market === name).map(({ side, notional }) => (side === 'long' ? notional : -notional)),
              ...holdings.filter((it) => it.market === name).map(({ value }) => value),
            ]),
          )
          return sum + Book.usd(units) * Math.expm1(index)
        }, 0)
        const gained =
          total(stress.outcomes.map(({ equityAfter, equityBefore }) => equityAfter - equityBefore)) +
          stress.makers.profit +
          stress.backstop.profit +
          total(Object.values(stress.reserves)) -
          total(Object.values(rest.reserves)) -
          stress.paid.unpaid
        expect(Math.abs(Book.usd(gained) - net)).toBeLessThan(0.01)
      }),
      { numRuns },
    )
  })

  test('property: ends no earlier and forces no less under a worse shock or impact, where it is monotone', () => {
    fc.assert(
      fc.property(
        crossBook(fc.constant('long')),
        someMarkets,
        shockOf,
        fc.double({ min: 1, max: 2, noNaN: true }),
        (book, markets, shock, k) => {
          const plain = plainly(markets)
          const worse = Object.fromEntries(Object.entries(plain).map(([name, it]) => [name, { ...it, impact: harder(it.impact, k) }]))
          const base = Stress.run(scenario(book, plain, down(shock)))
          expect(base.monotone).toBe(true)
          for (const other of [Stress.run(scenario(book, plain, down(shock * k))), Stress.run(scenario(book, worse, down(shock)))]) {
            expect(other.forced >= base.forced).toBe(true)
            for (const [name, { move }] of Object.entries(base.markets))
              expect(other.markets[name]?.move ?? 0).toBeLessThanOrEqual(move + 1e-9)
          }
        },
      ),
      { numRuns },
    )
  })

  test('property: prices and who is closed do not depend on the names that order the accounts, where it is monotone', () => {
    fc.assert(
      fc.property(
        crossBook(fc.constant('long')),
        someMarkets,
        shockOf,
        fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
        (book, markets, shock, keys) => {
          const renamed = Book.of(book.accounts.map((account, i) => ({ ...account, account: `${keys[i] ?? 0}/${account.account}` })))
          const [base, other] = [book, renamed].map((it) => Stress.run(scenario(it, plainly(markets), down(shock))))
          for (const [name, { move }] of Object.entries(base?.markets ?? {})) expect(other?.markets[name]?.move).toBeCloseTo(move, 9)
          const closed = (stress: Stress.Stress | undefined) =>
            (stress?.outcomes ?? [])
              .filter(({ status }) => status === 'closed')
              .map(({ account }) => account.split('/').at(-1))
              .sort()
          expect(closed(other)).toEqual(closed(base))
        },
      ),
      { numRuns },
    )
  })

  test('property: at most one closing round for each slice there is, also where flows go both ways', () => {
    fc.assert(
      fc.property(crossBook(sides), someMarkets, shockOf, rest, (book, markets, shock, rest) => {
        const stress = Stress.run({ book, markets, shocks: down(shock), ...rest, roundCap: 2_000 })
        const slices = rest.policy.kind === 'full' ? 1 : rest.policy.slices + 1
        expect(stress.rounds).toBeLessThanOrEqual(book.accounts.length * slices)
        expect(stress.settled).toBe(true)
        const standing = stress.outcomes.filter(({ status, equityBefore }) => status === 'standing' && equityBefore < 0n)
        // Whoever stands at the end is not under water at the prices that liquidate.
        for (const { equityAfter } of standing) expect(equityAfter >= 0n).toBe(true)
      }),
      { numRuns },
    )
  })

  test('dimension: money × 10 and impact / 10 leave every move, and multiply every sum', () => {
    const ten = Book.of([isolated('long', 'long', 10_000, 2_000), isolated('short', 'short', 5_000, 3_000)])
    const base = Stress.run(scenario(book, markets, shocks))
    const scaled = Stress.run(scenario(ten, { [market]: Venue.plain({ kind: 'constantProduct', reserve: 10_000 }) }, shocks))
    expect(scaled.markets[market]?.move).toBe(base.markets[market]?.move)
    expect(scaled.badDebt).toBe(10n * base.badDebt)
  })

  test('error: a market nobody described, a policy, fee, reserve or cap that is none', () => {
    expect(() => Stress.run(scenario(book, {}, {}))).toThrow(Venue.UnknownMarketError)
    expect(() => Stress.run(scenario(book, markets, { DOGE: 1 }))).toThrow(Venue.UnknownMarketError)
    const good = scenario(book, markets, shocks)
    for (const bad of [
      { feePpm: -1 },
      { feePpm: 0.5 },
      { feePpm: 1_000_001 },
      { roundCap: 0 },
      { policy: { kind: 'target', target: 0.5, slices: 1 } as const },
      { reserves: { ...nothing, insurance: -1n } },
      { shocks: { [market]: Number.NaN } },
    ])
      expect(() => Stress.run({ ...good, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})

function harder(impact: Impact.Impact, k: number): Impact.Impact {
  if (impact.kind === 'linear') return { ...impact, slope: impact.slope * k }
  if (impact.kind === 'squareRoot') return { ...impact, coefficient: impact.coefficient * k }
  if (impact.kind === 'constantProduct') return { ...impact, reserve: impact.reserve / k }
  return { ...impact, knots: impact.knots.map(({ flow, move }) => ({ flow, move: move * k })) }
}
