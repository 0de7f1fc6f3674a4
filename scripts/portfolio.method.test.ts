import { describe, expect, test } from 'vitest'
import { Auction, Isolated, Model, Normal, Option, Payoff, Portfolio } from '../packages/margin/src/index.ts'
import * as Page from './testing/Page.ts'

const page = Page.read('portfolio-margin.md')
const json = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

const table = (heading: string) => Page.table(page, heading)

/** `0.9·400 − 200 = 160` as the figure it ends in. */
const figure = (cell: string | undefined) =>
  Number(((cell ?? '').split('=').at(-1) ?? '').trim().replace('−', '-').replaceAll(',', '') || Number.NaN)

describe('docs/method/portfolio-margin.md', () => {
  const { terms, account } = JSON.parse(json)
  const model = Model.of(terms)
  const { market, ...money } = account
  const assess = (changed: object = {}) => Portfolio.assess({ ...money, markets: [{ model, ...market, ...changed }] })
  const { initial, maintenance, markets } = assess()
  const profits = (changed: object) => Array.from(assess(changed).markets[0]?.profits ?? [])
  const close = (found: readonly number[], wanted: readonly number[]) => {
    expect(found).toHaveLength(wanted.length)
    for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 8)
  }

  test('its scenarios, expiry by expiry', () => {
    const rows = table('| scenario |')
    expect(rows.map((row) => ({ spot: Number(row[1]), volatility: row[2], dampening: Number(row[3]) }))).toEqual(terms.span.scenarios)
    const dampened = (column: number) => rows.map((row) => figure(row[column]) * Number(row[3]))
    const alone = { perps: [], collaterals: [], expiries: [] }
    close(profits({ ...alone, expiries: [market.expiries[0]] }), dampened(4))
    close(profits({ ...alone, expiries: [market.expiries[1]] }), dampened(5))
    close(profits({ ...alone, perps: market.perps }), dampened(6))
    close(
      Array.from(markets[0]?.profits ?? []),
      rows.map((row) => figure(row[7])),
    )
  })

  test('its margins, line by line', () => {
    const rows = table('| line |')
    const margin = rows.pop()
    const sum = (column: number) => rows.reduce((total, row) => total + figure(row[column]), 0)
    expect([figure(margin?.[2]), figure(margin?.[3])]).toEqual([sum(2), sum(3)])
    close([initial, maintenance], [sum(2), sum(3)])
    expect(markets[0]).toMatchObject({ worstScenario: 0, optionValue: figure(rows[2]?.[2]), collateralValue: figure(rows[3]?.[2]) })
    close([(markets[0]?.worst ?? 0) * 1.25, markets[0]?.worst ?? 0], [figure(rows[4]?.[2]), figure(rows[4]?.[3])])
    expect(page).toContain('for B: −100, which is less')
    close([markets[0]?.basis ?? 0], [-100])
  })

  test('its option', () => {
    const option = { strike: 100, forward: 100, seconds: Option.yearSeconds, volatility: 0.2, discount: 1 }
    expect(page).toContain(`Φ(0.1) = ${Normal.cdf(0.1).toFixed(6)}`)
    expect(page).toContain(`= ${Option.price({ kind: 'call', ...option }).toFixed(4)}.`)
  })

  test('its written options', () => {
    const rates = {
      atTheMoney: 0.15,
      least: 0.1,
      maintenance: { call: 0.075, put: 0.075, putOfValue: 0.075 },
      putOffset: 1.05,
      unpaired: { initial: 1.2, maintenance: 1.1 },
    }
    const calls = { kind: 'call', strike: 1100, units: 2, value: 60 } as const
    const put = { kind: 'put', strike: 800, units: 1, value: 10 } as const
    const rows = table('| written |')
    close(
      [calls, put].map((each) => Isolated.initial(each, 1000, rates)),
      rows.slice(0, 2).map((row) => figure(row[3])),
    )
    close(
      [calls, put].map((each) => Isolated.maintenance(each, 1000, rates)),
      rows.slice(0, 2).map((row) => figure(row[4])),
    )
    const legs = [calls, put].map(({ kind, strike, units }) => ({ kind, strike, amount: -units }))
    close(
      [Isolated.bound(legs, 1000, rates.unpaired.initial), Isolated.bound(legs, 1000, rates.unpaired.maintenance)],
      [figure(rows[2]?.[3]), figure(rows[2]?.[4])],
    )
    expect(Payoff.greatestLoss(legs)).toBe(800)
  })

  test('its auction', () => {
    const schedule = { start: 0.98, middle: 0.8, fastSeconds: 100, slowSeconds: 14_400 }
    const standing = { markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 0 }
    const rows = table('| t |')
    expect(rows).toHaveLength(5)
    for (const [t, ...wanted] of rows) {
      const d = Auction.fraction(schedule, Number(t))
      const share = Auction.share(standing, d)
      const found = [d, share, Auction.bid(standing, { d, share })]
      expect(found.map((value) => Number(value.toFixed(6)))).toEqual(wanted.map(Number))
    }
  })
})
