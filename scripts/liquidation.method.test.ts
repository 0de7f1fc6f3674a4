import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Account, Fixed, LiquidationPrice, plimsoll, Waterfall } from '../packages/margin/src/index.ts'
import * as Page from './testing/Page.ts'
import { root } from './Workspace.ts'

const text = (page: string) => readFileSync(join(root, 'docs/method', page), 'utf8')

const one = Fixed.one
const usd = (decimal: string) => Fixed.parse(decimal.replace('−', '-'))
const percent = (decimal: string) => (usd(decimal) * 10_000n) / one
const both = (rate: bigint): Account.Terms => ({ initial: { kind: 'flat', rate }, maintenance: { kind: 'flat', rate } })

/** `145 USD`, `2 ETH at 80 %`. */
function balance(cell: string): Account.Balance {
  const [, amount = '', asset = '', weight = '100'] = /^(\S+) (\w+)(?: at (\S+) %)?$/.exec(cell) ?? []
  const price = asset === 'ETH' ? 100n * one : one
  const shared = { asset, amount: usd(amount), unit: one, price: { low: price, high: price }, total: 0n }
  return { ...shared, owned: both(percent(weight)), owed: both(Fixed.ppm) }
}

/** `5 %`, or `5 % to 500, 10 % above`. */
function maintenance(cell: string): Account.Terms['maintenance'] {
  const [, below = '', upTo, above = ''] = /^(\S+) %(?: to (\S+), (\S+) % above)?$/.exec(cell) ?? []
  if (upTo === undefined) return { kind: 'flat', rate: percent(below) }
  const tiers = [
    { upTo: usd(upTo), rate: percent(below) },
    { upTo: null, rate: percent(above) },
  ]
  return { kind: 'tiers', tiers }
}

/** `long 10 from 100`. */
function position(cell: string, weight: Account.Terms['maintenance'], market = 'ETH', price = 100n * one): Account.Position {
  const [, side, units = '', entry = ''] = /^(long|short) (\S+) from (\S+)$/.exec(cell) ?? []
  const size = side === 'long' ? usd(units) : -usd(units)
  const shared = {
    market,
    size,
    unit: one,
    price: { low: price, high: price },
    cost: size * usd(entry),
    quote: 0n,
    openInterest: 0n,
    charge: 0n,
  }
  return { ...shared, margin: { initial: weight, maintenance: weight } }
}

const split = (cell = '', by: string) => (cell === 'none' ? [] : cell.split(by).map((part) => part.trim()))
const cents = (of: LiquidationPrice.Crossing, rounding: Fixed.Directed) =>
  of.status === 'price' ? Fixed.ratio(of.price, one / 100n, rounding) : null

describe('docs/method/liquidation-price.md', () => {
  const rows = Page.table(Page.read('liquidation-price.md'), '| account |')

  test.each(rows)('%s', (_, collateral, positions, weights, down = '', up = '') => {
    const kinds = split(weights, ';').map(maintenance)
    const account: Account.Account = {
      balances: split(collateral, ',').map(balance),
      positions: split(positions, ';').map((cell, i) => position(cell, kinds[i] ?? maintenance(''))),
      fees: 0n,
      asOf: 0,
    }
    const found = LiquidationPrice.of(account, plimsoll, { kind: 'price', names: ['ETH'] })
    if (found.status !== 'standing') throw new Error(found.status)
    const shown = (cell: string) => (cell === '—' ? null : usd(cell.split('=').at(-1)?.trim() ?? '') / (one / 100n))
    expect({ down: cents(found.down, 'up'), up: cents(found.up, 'down') }).toEqual({ down: shown(down), up: shown(up) })
    // The quotient that is written out is the price itself.
    for (const [cell, side, rounding] of [
      [down, found.down, 'up'],
      [up, found.up, 'down'],
    ] as const) {
      const [, above = '', below = ''] = /^(\S+) \/ (\S+) =/.exec(cell) ?? []
      if (side.status === 'price') expect(side.price).toBe(Fixed.div(usd(above), usd(below), rounding))
    }
  })

  test('the stress below the table', () => {
    expect(text('liquidation-price.md')).toContain('s = −200 / 2375 = −8.42 %')
    const five = maintenance('5 %')
    const account: Account.Account = {
      balances: [balance('300 USD')],
      positions: [position('long 10 from 100', five), position('long 20 from 50', five, 'SOL', 50n * one)],
      fees: 0n,
      asOf: 0,
    }
    const found = LiquidationPrice.of(account, plimsoll, { kind: 'stress', weightsPpm: { ETH: 1_000_000, SOL: 1_500_000 } })
    if (found.status !== 'standing' || found.down.status !== 'stress') throw new Error(found.status)
    const { numerator, denominator } = found.down.ppm
    // Prices are whole units of 1e-18: so is the stress, to some of them.
    const away = Fixed.ratio(numerator * one, denominator * Fixed.ppm, 'down') + (200n * one) / 2_375n
    expect(away >= 0n && away < 10n).toBe(true)
  })
})

describe('docs/method/liquidation.md', () => {
  test('its waterfall is what is paid', () => {
    const rows = Page.table(Page.read('liquidation.md'), '| loss 170 |')
    const kinds = { equity: 'equity', fee: 'fee', junior: 'backstop', fund: 'insurance', senior: 'backstop' } as const
    const layers = rows.flatMap(([who = '']) => {
      const [, name = '', available = ''] = /^(\w+), (\d+)$/.exec(who) ?? []
      if (name === '') return []
      return [{ name, kind: kinds[name as keyof typeof kinds], market: null, tranche: null, available: BigInt(available) }]
    })
    const winners = rows.flatMap(([who = '']) => {
      const [, id = '', ...figures] = /^(\w+): profit (\d+), notional (\d+), equity (\d+)$/.exec(who) ?? []
      const [profit = 0n, notional = 0n, equity = 0n] = figures.map(BigInt)
      return id === '' ? [] : [{ id, profit, notional, equity }]
    })
    expect(layers.length + winners.length).toBe(rows.length)
    const found = Waterfall.pay({ amount: 170n, market: 'ETH', tranche: 'main' }, layers, { kind: 'rank', winners })
    expect(found.payments.map(({ amount }) => amount)).toEqual(rows.map(([, pays = '']) => BigInt(pays)))
    let left = 170n
    for (const [index, [, , rest = '']] of rows.entries()) {
      left -= found.payments[index]?.amount ?? 0n
      expect(BigInt(rest)).toBe(left)
    }
  })
})
