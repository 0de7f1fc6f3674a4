import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Waterfall from './Waterfall.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const layer = (name: string, available: bigint, more: Partial<Waterfall.Layer> = {}): Waterfall.Layer => ({
  ...{ name, kind: 'insurance', market: null, tranche: null, available },
  ...more,
})
const loss = (amount: bigint) => ({ amount, market: 'ETH', tranche: 'main' })
const winner = (id: string, profit: bigint, notional: bigint, equity: bigint): Waterfall.Winner => ({ id, profit, notional, equity })
const none: Waterfall.Deleveraging = { kind: 'none', winners: [] }
const order = [
  layer('account', 40n, { kind: 'equity' }),
  layer('fee', 10n, { kind: 'fee' }),
  layer('junior', 20n, { kind: 'backstop' }),
  layer('fund', 30n),
  layer('senior', 25n, { kind: 'backstop' }),
]

describe('pay', () => {
  test('worked example: layer by layer, then the winners', () => {
    const winners = [winner('a', 50n, 100n, 100n), winner('b', 40n, 800n, 100n)]
    expect(Waterfall.pay(loss(170n), order, { kind: 'rank', winners })).toEqual({
      payments: [
        { payer: 'account', kind: 'equity', amount: 40n },
        { payer: 'fee', kind: 'fee', amount: 10n },
        { payer: 'junior', kind: 'backstop', amount: 20n },
        { payer: 'fund', kind: 'insurance', amount: 30n },
        { payer: 'senior', kind: 'backstop', amount: 25n },
        { payer: 'b', kind: 'deleveraging', amount: 40n },
        { payer: 'a', kind: 'deleveraging', amount: 5n },
      ],
      uncovered: 0n,
      layers: order.map((each) => ({ ...each, available: 0n })),
    })
  })

  test('worked example: the first layers that are enough, and what they have left', () => {
    const found = Waterfall.pay(loss(45n), order, none)
    expect(found.payments.map(({ payer, amount }) => [payer, amount])).toEqual([
      ['account', 40n],
      ['fee', 5n],
    ])
    expect(found.layers.map(({ available }) => available)).toEqual([0n, 5n, 20n, 30n, 25n])
  })

  test('edge: funds of other markets and tranches do not pay', () => {
    const fenced = [
      layer('btc', 9n, { market: 'BTC' }),
      layer('high', 9n, { tranche: 'high' }),
      layer('eth', 9n, { market: 'ETH', tranche: 'main' }),
    ]
    const found = Waterfall.pay(loss(20n), fenced, none)
    expect(found.payments).toEqual([{ payer: 'eth', kind: 'insurance', amount: 9n }])
    expect(found.uncovered).toBe(11n)
    expect(found.layers.slice(0, 2)).toEqual(fenced.slice(0, 2))
  })

  test('edge: no loss, an empty layer, a layer in debt, nobody to reduce', () => {
    expect(Waterfall.pay(loss(0n), order, none)).toEqual({ payments: [], uncovered: 0n, layers: order })
    expect(Waterfall.pay(loss(-5n), order, none)).toEqual({ payments: [], uncovered: 0n, layers: order })
    expect(Waterfall.pay(loss(5n), [layer('a', 0n), layer('b', -3n)], none)).toMatchObject({ payments: [], uncovered: 5n })
    const broke = [winner('a', 0n, 1n, 1n), winner('b', -4n, 1n, 1n)]
    for (const kind of ['rank', 'proRata'] as const)
      expect(Waterfall.pay(loss(5n), [], { kind, winners: broke })).toMatchObject({ payments: [], uncovered: 5n })
  })

  test('worked example: pro rata, the units left over to the largest remainders', () => {
    const winners = [winner('c', 10n, 1n, 1n), winner('a', 10n, 9n, 1n), winner('b', 20n, 1n, 1n)]
    // 10 of 40: 2.5, 2.5 and 5; the half goes to a, whose id comes first.
    expect(Waterfall.pay(loss(10n), [], { kind: 'proRata', winners }).payments).toEqual([
      { payer: 'a', kind: 'deleveraging', amount: 3n },
      { payer: 'b', kind: 'deleveraging', amount: 5n },
      { payer: 'c', kind: 'deleveraging', amount: 2n },
    ])
    // 39: 9.75, 9.75, 19.5.
    expect(Waterfall.pay(loss(39n), [], { kind: 'proRata', winners }).payments.map(({ amount }) => amount)).toEqual([10n, 19n, 10n])
    expect(Waterfall.pay(loss(40n), [], { kind: 'proRata', winners }).payments.map(({ amount }) => amount)).toEqual([10n, 20n, 10n])
    expect(Waterfall.pay(loss(41n), [], { kind: 'proRata', winners }).uncovered).toBe(1n)
  })

  test('edge: the unit left over goes to the largest remainder, not to the first id', () => {
    // 5 of 9: 2 and 7/9, 2 and 2/9.
    const winners = [winner('a', 4n, 1n, 1n), winner('z', 5n, 1n, 1n)]
    expect(Waterfall.pay(loss(5n), [], { kind: 'proRata', winners }).payments.map(({ amount }) => amount)).toEqual([2n, 3n])
  })

  test('edge: units left over go to the largest remainders first, then by id', () => {
    // 3 of 5: 0.6, 0.6 and 1.8.
    const winners = [winner('a', 1n, 1n, 1n), winner('b', 1n, 1n, 1n), winner('c', 3n, 1n, 1n)]
    expect(Waterfall.pay(loss(3n), [], { kind: 'proRata', winners }).payments).toEqual([
      { payer: 'a', kind: 'deleveraging', amount: 1n },
      { payer: 'c', kind: 'deleveraging', amount: 2n },
    ])
  })

  test('edge: pro rata of one unit, and of a list in any order', () => {
    const three = ['a', 'b', 'c'].map((id) => winner(id, 7n, 1n, 1n))
    for (const winners of [three, [...three].reverse()]) {
      const amounts = (amount: bigint) =>
        Waterfall.pay(loss(amount), [], { kind: 'proRata', winners }).payments.map(({ payer, amount: paid }) => `${payer}${paid}`)
      expect(amounts(1n)).toEqual(['a1'])
      expect(amounts(2n)).toEqual(['a1', 'b1'])
      expect(amounts(20n)).toEqual(['a7', 'b7', 'c6'])
      expect(amounts(21n)).toEqual(['a7', 'b7', 'c7'])
    }
  })

  const money = fc.bigInt({ min: 0n, max: 10n ** 24n })
  const layers = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('equity' as const, 'fee' as const, 'insurance' as const, 'backstop' as const),
      market: fc.constantFrom(null, 'ETH', 'BTC'),
      tranche: fc.constantFrom(null, 'main', 'high'),
      available: fc.oneof(money, fc.bigInt({ min: -5n, max: 20n })),
    }),
    { maxLength: 5 },
  )
  const winners = fc
    .array(
      fc.record({
        profit: fc.oneof(money, fc.bigInt({ min: -5n, max: 20n })),
        notional: money,
        equity: fc.oneof(money, fc.bigInt({ min: -5n, max: 5n })),
      }),
      {
        maxLength: 6,
      },
    )
    .map((list) => list.map((each, i) => ({ ...each, id: `w${i}` })))
  const kind = fc.constantFrom('rank' as const, 'proRata' as const, 'none' as const)

  test('property: every unit is paid once: payments and what is uncovered are the loss, and layers lose what they pay', () => {
    fc.assert(
      fc.property(fc.oneof(money, fc.bigInt({ min: 0n, max: 50n })), layers, winners, kind, (amount, pots, list, how) => {
        const found = Waterfall.pay(loss(amount), pots, { kind: how, winners: list })
        expect(found.payments.reduce((sum, each) => sum + each.amount, found.uncovered)).toBe(amount)
        const paid = found.payments.filter((each) => each.kind !== 'deleveraging').reduce((sum, each) => sum + each.amount, 0n)
        const total = (of: readonly Waterfall.Layer[]) => of.reduce((sum, { available }) => sum + available, 0n)
        expect(total(pots) - total(found.layers)).toBe(paid)
        for (const each of found.payments) expect(each.amount > 0n).toBe(true)
        for (const { payer, amount: cut } of found.payments.filter((each) => each.kind === 'deleveraging'))
          expect(cut <= (list.find(({ id }) => id === payer)?.profit ?? 0n)).toBe(true)
        // Nobody is reduced while a pot that covers the loss has something left, and nothing stays uncovered while a winner has.
        const profits = list.reduce((sum, { profit }) => (profit > 0n ? sum + profit : sum), 0n)
        const pot = pots
          .filter(({ market, tranche }) => market !== 'BTC' && tranche !== 'high')
          .reduce((sum, { available }) => (available > 0n ? sum + available : sum), 0n)
        const due = how === 'none' ? pot : pot + profits
        expect(found.uncovered).toBe(amount > due ? amount - due : 0n)
      }),
      { numRuns },
    )
  })

  test('property: the order of winners changes nothing', () => {
    fc.assert(
      fc.property(money, winners, kind, (amount, list, how) => {
        const turned = [...list].reverse()
        expect(Waterfall.pay(loss(amount), [], { kind: how, winners: turned })).toEqual(
          Waterfall.pay(loss(amount), [], { kind: how, winners: list }),
        )
      }),
      { numRuns },
    )
  })

  test('dimension: money times k is paid k times, by rank', () => {
    fc.assert(
      fc.property(money, layers, winners, fc.bigInt({ min: 1n, max: 1_000n }), (amount, pots, list, k) => {
        const small = Waterfall.pay(loss(amount), pots, { kind: 'rank', winners: list })
        const tall = Waterfall.pay(
          loss(amount * k),
          pots.map((each) => ({ ...each, available: each.available * k })),
          {
            kind: 'rank',
            winners: list.map((each) => ({ ...each, profit: each.profit * k, notional: each.notional * k, equity: each.equity * k })),
          },
        )
        expect(tall.payments).toEqual(small.payments.map((each) => ({ ...each, amount: each.amount * k })))
        expect(tall.uncovered).toBe(small.uncovered * k)
      }),
      { numRuns },
    )
  })
})

describe('queue', () => {
  test('worked example: profit times leverage; without equity first; ties by profit, then by id', () => {
    const list = [winner('low', 10n, 100n, 100n), winner('high', 10n, 500n, 100n), winner('gone', 1n, 1n, 0n)]
    expect(Waterfall.queue(list).map(({ id }) => id)).toEqual(['gone', 'high', 'low'])
    const tied = [winner('b', 10n, 10n, 10n), winner('a', 10n, 10n, 10n), winner('c', 20n, 5n, 10n)]
    expect(Waterfall.queue(tied).map(({ id }) => id)).toEqual(['c', 'a', 'b'])
    const gone = [winner('x', 1n, 5n, -1n), winner('y', 3n, 5n, 0n)]
    expect(Waterfall.queue(gone).map(({ id }) => id)).toEqual(['y', 'x'])
    expect(Waterfall.queue([...gone].reverse()).map(({ id }) => id)).toEqual(['y', 'x'])
    // Without equity profit times notional ranks, not profit alone: 100 before 15.
    const wide = [winner('y', 3n, 5n, 0n), winner('x', 1n, 100n, 0n)]
    expect(Waterfall.queue(wide).map(({ id }) => id)).toEqual(['x', 'y'])
  })

  test('edge: equity of 1 and of 0, products and not quotients, and every order of the same list', () => {
    const list = [
      winner('gone', 1n, 1n, 0n),
      winner('thin', 7n, 3n, 1n),
      winner('a', 9n, 8n, 4n),
      winner('b', 3n, 40n, 8n),
      winner('c', 5n, 3n, 1n),
      winner('d', 5n, 3n, 1n),
    ]
    // ∞, 21, 18, 15, 15 and 15: of the last three those with the larger profit, then by id.
    const order = ['gone', 'thin', 'a', 'c', 'd', 'b']
    for (let turn = 0; turn < list.length; turn++) {
      const turned = [...list.slice(turn), ...list.slice(0, turn)]
      expect(Waterfall.queue(turned).map(({ id }) => id)).toEqual(order)
      expect(Waterfall.queue(turned.reverse()).map(({ id }) => id)).toEqual(order)
    }
  })
})
