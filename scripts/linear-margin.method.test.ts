import { describe, expect, test } from 'vitest'
import { Account, Fixed, Interest, Loan, plimsoll, Shares, Valuation } from '../packages/margin/src/index.ts'
import * as Profiles from '../packages/margin/src/profiles/index.ts'
import * as Page from './testing/Page.ts'

const page = Page.read

describe('docs/method/linear-margin.md', () => {
  const text = page('linear-margin.md')
  const flat = (percent: string) => ({ kind: 'flat' as const, rate: BigInt(Number.parseInt(percent, 10)) * 10_000n })
  const positions = Page.table(text, '| market |').map(
    ([market = '', size = '', entry = '', low = '', high = '', initial = '', maintenance = '']) => ({
      market,
      size: Fixed.parse(size),
      unit: Fixed.one,
      price: { low: Fixed.parse(low), high: Fixed.parse(high) },
      cost: Fixed.parse(size) * Fixed.parse(entry),
      quote: 0n,
      margin: { initial: flat(initial), maintenance: flat(maintenance) },
      openInterest: 0n,
      charge: 0n,
    }),
  )
  const whole = { initial: flat('100'), maintenance: flat('100') }
  const cash = {
    asset: 'USDC',
    amount: 1_000n * 10n ** 6n,
    unit: 10n ** 6n,
    price: Valuation.mark(Fixed.one),
    owned: whole,
    owed: whole,
    total: 0n,
  }
  const found = Account.assess({ balances: [cash], positions, fees: 0n, asOf: 0 }, plimsoll)

  test('its figures are what the engine gives', () => {
    expect(positions).toHaveLength(2)
    const figures = Object.fromEntries(Page.table(text, '| figure |').map(([name = '', usd = '']) => [name, Fixed.parse(usd)]))
    expect(figures).toEqual({
      'initial equity': found.initialEquity,
      equity: found.equity,
      'initial margin': found.initialMargin,
      'maintenance margin': found.maintenanceMargin,
    })
  })

  test('the sentence below the table', () => {
    expect(text).toContain('the account is `restricted`, and its health is 1,280 / 541.8 = 2.36')
    expect(found.health.status).toBe('restricted')
    if (found.health.status === 'restricted') expect(Fixed.format(found.health.ratio, { decimals: 2 })).toBe('2.36')
  })
})

describe('docs/method/rounding.md', () => {
  const text = page('rounding.md')

  test('its table is what the profiles say', () => {
    const linear = Object.values(Profiles).flatMap((each) => ('profile' in each && 'rounding' in each.profile ? [each.profile] : []))
    const shown = Page.table(text, '| profile |').map((cells) => cells.map((cell) => cell.replaceAll('`', '')))
    const named = linear.map(({ name, rounding: of, rounded }) => [
      name,
      ...[of.asset, of.debt, of.notional, of.profit, of.assetWeight, of.rate, of.requirement],
      rounded === 'total' ? 'once a requirement' : 'each line',
    ])
    const byName = (a: string[], b: string[]) => (String(a[0]) < String(b[0]) ? -1 : 1)
    expect(shown.sort(byName)).toEqual(named.sort(byName))
  })

  test('its figures by hand', () => {
    const line = /^(-?[−\d]+)\/(\d): up (\S+) down (\S+) zero (\S+) nearest (\S+)$/
    const number = (of: string | undefined) => BigInt((of ?? '').replace('−', '-'))
    const sentences = (text.split('## By hand')[1] ?? '').replaceAll('\n', ' ').replaceAll(',', '').split('. ')
    const claims = sentences.flatMap((sentence) => line.exec(sentence.trim().replace(/\.$/, '')) ?? [])
    expect(claims.length).toBe(21)
    for (let at = 0; at < claims.length; at += 7) {
      const [, a, d, ...sides] = claims.slice(at, at + 7)
      const of = (['up', 'down', 'zero', 'nearest'] as const).map((side) => Fixed.ratio(number(a), number(d), side))
      expect(of, `${a}/${d}`).toEqual(sides.map(number))
    }
  })
})

describe('docs/method/lending.md', () => {
  test('its figures by hand', () => {
    const text = page('lending.md').split('## By hand')[1] ?? ''
    expect(text).toContain('10 shares are worth 21')
    expect(Shares.assets(10n, { assets: 20n, shares: 9n, virtual: { assets: 1n, shares: 1n } }, 'down')).toBe(21n)
    expect(text).toContain('P_liq = 40 / 50 = 0.8')
    const loan = { value: 0n, debt: Fixed.parse('40'), threshold: 500n, unit: 1_000n }
    expect(Loan.liquidationPrice(loan, { amount: 100n * Fixed.one, priceUnit: Fixed.one })).toBe(Fixed.parse('0.8'))
    expect(text).toContain('725 ‰ on average: it carries 290')
    const parts = [
      { value: 300n, weight: 800n },
      { value: 100n, weight: 500n },
    ]
    const threshold = Loan.average(parts, 'down')
    expect([threshold, Loan.capacity({ value: 400n, debt: 0n, threshold, unit: 1_000n }, 'down')]).toEqual([725n, 290n])
    expect(text).toContain('two seconds at 10 % a second: 1 + 0.2 + 0.01 = 1.21')
    expect(Interest.compounded({ rate: Interest.yearSeconds * 100n, seconds: 2n, unit: 1_000n })).toBe(1_210n)
  })
})
