import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Warrant } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (dollars: number) => BigInt(Math.round(dollars * 100)) * 10n ** 16n
const between = (low: number, high: number, basis: Warrant.Basis = 'index'): Warrant.Price => ({
  ...{ status: 'ok', basis },
  ...{ low: usd(low), high: usd(high) },
})
const position = (market: string, size: number, bought: number, maintenancePpm = 50_000): Warrant.Position => ({
  ...{ market, maintenancePpm },
  ...{ size: usd(size), cost: usd(size * bought) },
})
const account = (collateral: number, ...positions: readonly Warrant.Position[]): Warrant.Account => ({
  ...{ collateral: usd(collateral), credit: 0n, unpaidGain: 0n, unsettledLoss: 0n },
  positions,
})
const ask = (of: Warrant.Account, prices: Warrant.Prices, age = 0) =>
  Warrant.of({ account: of, prices, blockAt: 1_000, asOf: 1_000 + age, mostSeconds: 10 })

describe('of', () => {
  test('worked example: a long at the higher end of its price', () => {
    const long = account(60, position('ETH', 1, 1_000))
    expect(ask(long, { ETH: between(980, 990) })).toEqual({ status: 'healthy', equity: usd(50), maintenance: usd(49.5) })
    expect(ask(long, { ETH: between(970, 985) })).toEqual({ status: 'due', equity: usd(45), maintenance: usd(49.25), market: 'ETH' })
  })

  test('worked example: a short at the lower end of its price', () => {
    const short = account(60, position('ETH', -1, 1_000))
    expect(ask(short, { ETH: between(1_005, 1_020) })).toEqual({ status: 'healthy', equity: usd(55), maintenance: usd(50.25) })
    expect(ask(short, { ETH: between(1_015, 1_020) })).toMatchObject({ status: 'due', equity: usd(45), maintenance: usd(50.75) })
  })

  test('edge: equal to its maintenance margin is healthy, a wei below it is due', () => {
    const at = { ...account(50, position('ETH', 1, 1_000)) }
    expect(ask(at, { ETH: between(1_000, 1_000) }).status).toBe('healthy')
    expect(ask({ ...at, collateral: at.collateral - 1n }, { ETH: between(1_000, 1_000) }).status).toBe('due')
  })

  test('edge: credit and gains count, losses count against', () => {
    const base = account(0, position('ETH', 1, 1_000))
    const prices = { ETH: between(1_000, 1_000) }
    expect(ask({ ...base, credit: usd(50) }, prices).status).toBe('healthy')
    expect(ask({ ...base, unpaidGain: usd(50) }, prices).status).toBe('healthy')
    expect(ask({ ...base, credit: usd(50), unsettledLoss: usd(1) }, prices)).toMatchObject({ status: 'due', equity: usd(49) })
  })

  test('edge: the market whose close frees most is named, of equal ones the first by name', () => {
    const two = account(0, position('ETH', 1, 1_000), position('BTC', 0.1, 60_000))
    const prices = { ETH: between(1_000, 1_000), BTC: between(60_000, 60_000) }
    expect(ask(two, prices)).toMatchObject({ market: 'BTC' })
    const alike = account(0, position('b', 1, 10), position('a', -1, 10))
    expect(ask(alike, { a: between(10, 10), b: between(10, 10) })).toMatchObject({ market: 'a' })
    const reversed = account(0, position('a', -1, 10), position('b', 1, 10))
    expect(ask(reversed, { a: between(10, 10), b: between(10, 10) })).toMatchObject({ market: 'a' })
  })

  test('edge: without a position there is nothing to close, whatever is stale', () => {
    expect(ask(account(0), {}, 99)).toEqual({ status: 'flat' })
    expect(ask(account(0, position('ETH', 0, 0)), {}, 99)).toEqual({ status: 'flat' })
  })

  test('edge: a block of the greatest age counts, an older one or one of no known time does not', () => {
    const due = account(0, position('ETH', 1, 1_000))
    const prices = { ETH: between(900, 900) }
    expect(ask(due, prices, 10).status).toBe('due')
    expect(ask(due, prices, 11)).toMatchObject({ status: 'refused', code: 'BLOCK_STALE' })
    expect(ask(due, prices, Number.NaN)).toMatchObject({ status: 'refused', code: 'BLOCK_STALE' })
  })

  test('edge: a refused, unknown or last price of a market it is in refuses; of another one it does not', () => {
    const due = account(0, position('ETH', 1, 1_000))
    const refused: Warrant.Price = { status: 'refused', code: 'ORACLE_GRACE', sentence: 'Nobody is liquidated yet.' }
    expect(ask(due, { ETH: refused })).toEqual(refused)
    expect(ask(due, {})).toMatchObject({ status: 'refused', code: 'PRICE_UNKNOWN' })
    expect(ask(due, { ETH: between(900, 900, 'last') })).toMatchObject({ status: 'refused', code: 'PRICE_LAST' })
    expect(ask(due, { ETH: between(900, 900, 'mark'), BTC: refused }).status).toBe('due')
  })

  const out = (most: number): Warrant.Price => ({ status: 'refused', code: 'ORACLE_STALE', sentence: 'It is.', most: usd(most) })

  test('worked example: dust whose price is out counts at its best, and is not what is closed; more of it stands in the way', () => {
    const prices = { ETH: between(1_000, 1_000), BTC: out(500) }
    // 0.02 at most worth 10: 30 + 10 − 2 against 50 + 0.5.
    expect(ask(account(30, position('ETH', 1, 1_000), position('BTC', 0.02, 100)), prices)).toEqual({
      ...{ status: 'due', market: 'ETH' },
      ...{ equity: usd(38), maintenance: usd(50.5) },
    })
    // A short gains no more than it was sold for: 30 + 2 against 50.
    expect(ask(account(30, position('ETH', 1, 1_000), position('BTC', -0.02, 100)), prices)).toEqual({
      ...{ status: 'due', market: 'ETH' },
      ...{ equity: usd(32), maintenance: usd(50) },
    })
    const { most: _, ...refused } = out(500) as Extract<Warrant.Price, { readonly status: 'refused' }>
    expect(ask(account(30, position('ETH', 1, 1_000), position('BTC', 0.1, 100)), prices)).toEqual(refused)
    // Its margin is the greatest, and it cannot be closed.
    expect(ask(account(0, position('ETH', 1, 2_000), position('BTC', 3, 500)), prices)).toMatchObject({ status: 'due', market: 'ETH' })
  })

  test('edge: equal to its margin at the best is not beyond doubt; nothing but what is out leaves nothing to close', () => {
    const at = account(30, position('ETH', 1, 1_000), position('BTC', -0.2, 100))
    const prices = { ETH: between(1_000, 1_000), BTC: out(500) }
    expect(ask(at, prices)).toMatchObject({ status: 'refused', code: 'ORACLE_STALE' })
    expect(ask({ ...at, collateral: at.collateral - 1n }, prices)).toMatchObject({ status: 'due', equity: usd(50) - 1n })
    expect(ask(account(-100, position('BTC', 0.01, 100)), prices)).toMatchObject({ status: 'refused', code: 'ORACLE_STALE' })
  })

  test('rounding: as the venue, down on value and up on both steps of the margin', () => {
    // 1.5 wei of value and 1.5 wei of notional; 5 % of 2 is 0.1, held as 1.
    const tiny = { market: 'ETH', size: 15n * 10n ** 17n, cost: 0n, maintenancePpm: 50_000 }
    const one: Warrant.Price = { status: 'ok', basis: 'index', low: 1n, high: 1n }
    const base = { collateral: 0n, credit: 0n, unpaidGain: 0n, unsettledLoss: 0n }
    expect(ask({ ...base, positions: [tiny] }, { ETH: one })).toEqual({ status: 'healthy', equity: 1n, maintenance: 1n })
    expect(ask({ ...base, positions: [{ ...tiny, size: -tiny.size }] }, { ETH: one })).toMatchObject({ equity: -2n, maintenance: 1n })
    // Nearly all of 2, not of 1.
    expect(ask({ ...base, positions: [{ ...tiny, maintenancePpm: 999_999 }] }, { ETH: one })).toMatchObject({ equity: 1n, maintenance: 2n })
  })

  const amount = fc.bigInt({ min: 0n, max: 10n ** 24n })
  const size = fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n })
  const price = fc.bigInt({ min: 10n ** 15n, max: 10n ** 23n })
  const rate = fc.integer({ min: 1, max: 500_000 })

  test('property: who is due between two prices is due at each of them; more collateral makes nobody due', () => {
    fc.assert(
      fc.property(amount, size, price, price, price, rate, amount, (collateral, held, bought, a, b, maintenancePpm, more) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const own = { market: 'ETH', size: held, cost: Fixed.mul(held, bought, 'up'), maintenancePpm }
        const of = (extra: bigint, from: bigint, to: bigint) =>
          ask(
            { ...account(0), collateral: collateral + extra, positions: [own] },
            { ETH: { status: 'ok', basis: 'index', low: from, high: to } },
          ).status
        if (of(0n, low, high) === 'due') for (const one of [low, high]) expect(of(0n, one, one)).toBe('due')
        else expect(of(more, low, high)).not.toBe('due')
      }),
      { numRuns },
    )
  })

  test('property: who is due with a price that is out is due at every price up to the most that it may be', () => {
    fc.assert(
      fc.property(amount, size, size, price, price, fc.integer({ min: 0, max: 1_000 }), (collateral, held, other, bought, most, part) => {
        const own = (market: string, of: bigint) => ({ market, size: of, cost: Fixed.mul(of, bought, 'up'), maintenancePpm: 50_000 })
        const at = { ...account(0), collateral, positions: [own('ETH', held), own('BTC', other)] }
        const one = (low: bigint): Warrant.Price => ({ status: 'ok', basis: 'index', low, high: low })
        const refused: Warrant.Price = { status: 'refused', code: 'ORACLE_STALE', sentence: 'It is.', most }
        if (ask(at, { ETH: one(bought), BTC: refused }).status !== 'due') return
        expect(ask(at, { ETH: one(bought), BTC: one((most * BigInt(part)) / 1_000n) }).status).toBe('due')
      }),
      { numRuns },
    )
  })

  test('dimension: ten times the money is ten times equity and margin', () => {
    const scale = (by: bigint) =>
      ask(
        { ...account(0), collateral: 60n * by, positions: [{ ...position('ETH', 1, 0), cost: 1_000n * by }] },
        { ETH: { status: 'ok', basis: 'index', low: 900n * by, high: 900n * by } },
      )
    expect(scale(20n)).toEqual({ status: 'due', equity: -40n * 20n, maintenance: 45n * 20n, market: 'ETH' })
    expect(scale(200n)).toEqual({ status: 'due', equity: -40n * 200n, maintenance: 45n * 200n, market: 'ETH' })
  })
})

describe('order', () => {
  const due = (equity: bigint, maintenance: bigint): Warrant.Due => ({ status: 'due', equity, maintenance, market: 'ETH' })

  test('worked example: who lacks most is first, whatever its size; equals stay', () => {
    const [small, great, owing] = [due(9n, 10n), due(95n, 100n), due(-3n, 4n)]
    expect([small, great, owing].sort(Warrant.order)).toEqual([owing, great, small])
    expect(Warrant.order(due(1n, 2n), due(5n, 6n))).toBe(0)
    expect([Warrant.order(small, great), Warrant.order(great, small)]).toEqual([1, -1])
  })
})

describe('agreed', () => {
  const guarded = between(99, 101)

  test('worked example: the venue’s price between both ends, or at one of them', () => {
    for (const price of [usd(99), usd(100), usd(101)]) expect(Warrant.agreed({ price, fresh: true }, guarded)).toBe(guarded)
  })

  test('edge: beyond an end it is another price, and a stale one is none', () => {
    for (const price of [usd(99) - 1n, usd(101) + 1n])
      expect(Warrant.agreed({ price, fresh: true }, guarded)).toMatchObject({ status: 'refused', code: 'VENUE_APART' })
    expect(Warrant.agreed({ price: usd(12_345), fresh: true }, guarded)).toMatchObject({
      sentence: 'The venue would close at 12,345 USD, and the price lies between 99 and 101 USD.',
    })
    expect(Warrant.agreed({ price: usd(100), fresh: false }, guarded)).toMatchObject({
      status: 'refused',
      code: 'VENUE_STALE',
      most: usd(101),
    })
    expect(Warrant.agreed({ price: usd(90), fresh: true }, guarded)).toMatchObject({ most: usd(101) })
    expect(Warrant.agreed({ price: usd(120), fresh: true }, guarded)).toMatchObject({ most: usd(120) })
  })

  test('edge: where the venue has no price nobody is closed, and no bound says otherwise', () => {
    const doubtful: Warrant.Price = { status: 'refused', code: 'ORACLE_STALE', sentence: 'It is old.', most: usd(100) }
    for (const price of [guarded, doubtful])
      expect(Warrant.agreed({ price: 0n, fresh: false }, price)).toEqual({
        status: 'refused',
        code: 'VENUE_UNPRICED',
        sentence: 'The feed of the venue has no price: nobody who holds the market is closed.',
      })
    expect(Warrant.agreed({ price: 1n, fresh: false }, guarded)).toMatchObject({ code: 'VENUE_STALE' })
  })

  test('edge: what a guard refuses stays refused, with its own reason', () => {
    const refused: Warrant.Price = { status: 'refused', code: 'ORACLE_GRACE', sentence: 'Nobody is liquidated yet.' }
    expect(Warrant.agreed({ price: usd(100), fresh: false }, refused)).toBe(refused)
  })
})

describe('cost', () => {
  test('worked example: two bought at 1,000, now at 900, have lost 200', () => {
    expect(Warrant.cost({ size: usd(2), price: usd(900), unrealised: -usd(200) })).toBe(usd(2_000))
  })

  test('rounding: down', () => {
    expect(Warrant.cost({ size: 15n * 10n ** 17n, price: 1n, unrealised: 0n })).toBe(1n)
    expect(Warrant.cost({ size: -15n * 10n ** 17n, price: 1n, unrealised: 0n })).toBe(-2n)
  })
})
