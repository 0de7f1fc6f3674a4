import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Doubt, Fixed, Inputs, Limit } from '../packages/margin/src/index.ts'
import { Score } from '../packages/reputation/src/index.ts'
import * as Volatility from '../packages/volatility/src/index.ts'
import {
  Coverage,
  DieboldMariano,
  Evaluation,
  Ewma,
  Garch,
  Glm,
  Har,
  Procyclicality,
  Quantile,
  RealisedVariance,
} from '../packages/volatility/src/index.ts'
import * as Examples from './Examples.ts'
import * as Page from './testing/Page.ts'
import { root } from './Workspace.ts'

const page = Page.read('limit.md')
const json = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

const table = (heading: string) => Page.table(page, heading)

/** `+12,500`, `−98,800.00` and `24,700 / 0.05 = 494,000.00` as the figure they end in. */
const figure = (cell: string | undefined) =>
  Fixed.parse(((cell ?? '').split('=').at(-1) ?? '').trim().replace('−', '-').replaceAll(/[+,]/g, ''))
const ppm = (cell: string | undefined) => Number(figure(cell) / Fixed.one)
/** A percentage as ppm. */
const rate = (cell: string | undefined) => Number((figure((cell ?? '').replace(/ ?%$/, '')) * 10_000n) / Fixed.one)
/** To the cent, nearest, as the page shows it. */
const cents = (value: bigint) => {
  const half = value < 0n ? -5n * 10n ** 15n : 5n * 10n ** 15n
  return (value + half) / 10n ** 16n
}

describe('docs/method/limit.md', () => {
  const inputs = Inputs.parse(json)
  const limit = Limit.of(inputs)

  test('its lots count for what the page says', () => {
    const [usdc, weth, credit, bound, equity] = table('| lot |').map((cells) => figure(cells[4]))
    expect(limit.credit.perLot.map((lot) => lot.credit)).toEqual([usdc, weth])
    expect(limit.credit.total).toBe(credit)
    expect(inputs.ledger.otherEncumbrance).toBe(-(bound ?? 0n))
    expect(limit.credit.free).toBe(equity)
  })

  test('what a price that is out may come to, and how far from likely that is, row by row', () => {
    const days = [0, 7, 30, 365]
    expect(table('| out for |').map(([, times]) => ppm(times))).toEqual(
      days.map((d) => Number(Doubt.price({ price: 1n, at: 0 }, d * 86_400))),
    )
    const deviations = (d: number, sigma: number) => Math.floor(Math.log(5 * (d + 1)) / (sigma * Math.sqrt((d + 1) / 365)))
    expect(table('| out for |').map((cells) => cells.slice(2).map(Number))).toEqual(
      days.map((d) => [0.65, 1, 2].map((sigma) => deviations(d, sigma))),
    )
  })

  test('its factors are the reasons, line by line, and both columns sum to the result', () => {
    const rows = table('| factor |')
    const result = rows.pop()
    expect(rows.map(([factor, , , change]) => ({ factor, imPpm: ppm(change) }))).toEqual(
      limit.reasons.map(({ factor, imPpm }) => ({ factor, imPpm })),
    )
    expect(rows.map((cells) => figure(cells[5]) / 10n ** 16n)).toEqual(limit.reasons.map(({ notional }) => cents(notional)))

    let imPpm = 0
    let notional = 0n
    for (const [index, cells] of rows.entries()) {
      imPpm += limit.reasons[index]?.imPpm ?? 0
      notional += limit.reasons[index]?.notional ?? 0n
      expect(rate(cells[2]), `IM after ${cells[0]}`).toBe(imPpm)
      expect(figure(cells[4]) / 10n ** 16n, `limit after ${cells[0]}`).toBe(cents(notional))
    }
    expect({ imPpm: rate(result?.[2]), notional: figure(result?.[5]) }).toEqual({ imPpm, notional })
    expect({ imPpm: limit.imPpm, notional: limit.notional }).toEqual({ imPpm, notional })
  })

  test('the sentence below the table', () => {
    expect(page).toContain('7.68 % · 250,000 = 19,200 USD, leverage 1 / 0.0768 = 13.02, maintenance margin 4 %. `GROWTH` is named')
    expect(limit).toMatchObject({ side: 'short', requirement: 19_200n * Fixed.one, leveragePpm: 13_020_833, mmPpm: 40_000 })
    expect(limit.bounds.map((bound) => bound.code)).toEqual(['GROWTH'])
    expect(page).toContain('the static schedule alone, is 494,000 USD at 5 %')
    expect(limit.protocolDefault).toMatchObject({ notional: 494_000n * Fixed.one, imPpm: 50_000 })
  })

  test('the document survives its canonical form', () => {
    expect(Inputs.parse(Inputs.canonical(inputs))).toEqual(inputs)
  })
})

describe('docs/method/reputation.md', () => {
  test('its table is what the scale gives', () => {
    const reputation = readFileSync(join(root, 'docs/method/reputation.md'), 'utf8')
    const rows = [...reputation.matchAll(/^\| (\d{3}) \| (\d+) : 1 \| ([\d.]+) % \|$/gm)]
    expect(rows).toHaveLength(3)
    for (const [, score, odds, percent] of rows) {
      expect(Score.pdPpm(Number(score))).toBe(Math.ceil(1e6 / (1 + Number(odds))))
      expect(Score.pdPpm(Number(score))).toBe(Math.round(Number(percent) * 10_000))
    }
  })
})

/** The rows of a table on a page of estimates, by their first cell, and the last one's figure with its decimals. */
function estimates(name: string, heading: string) {
  const lines = readFileSync(join(root, name), 'utf8').split('\n')
  const start = lines.findIndex((line) => line.startsWith(heading))
  expect(start, `no table ${heading}`).toBeGreaterThan(0)
  const rows = lines.slice(start + 2, lines.indexOf('', start)).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace('−', '-').replace('+', '')),
  )
  return new Map(rows.map(([first = '', ...rest]) => [first, rest]))
}

/** What a page shows is the figure rounded to as many decimals as it shows. */
const shows = (cell: string | undefined, value: number) =>
  expect(value.toFixed(cell?.split('.')[1]?.length ?? 0).replace(/^-(0\.?0*)$/, '$1')).toBe(cell)

describe('docs/method/volatility.md', () => {
  const name = 'docs/method/volatility.md'

  test('its measures are those of the six returns', () => {
    const { variance, down, up, bipower, quarticity } = RealisedVariance.measure([1, -2, 0, 3, -1, 1])
    const rows = estimates(name, '| measure |')
    expect([...rows.keys()]).toEqual(['RV', 'RS⁻', 'RS⁺', 'BV', 'RQ'])
    for (const [row, value] of Object.entries({ RV: variance, 'RS⁻': down, 'RS⁺': up, BV: bipower, RQ: quarticity }))
      shows(rows.get(row)?.[1], value)
  })

  test('its forecasts are those of the estimators', () => {
    const garch = { omega: 1, alpha: 0.1, gamma: 0, beta: 0.8 }
    const seen = { least: 0, greatest: 99, mean: 5 }
    const rows = estimates(name, '| forecast |')
    const values = {
      EWMA: Ewma.of({ returns: [-1], lambda: 0.9, initial: 16 }),
      GARCH: Garch.step(garch, 16, -1),
      GJR: Garch.step({ ...garch, gamma: 0.1 }, 16, -1),
      'GARCH ahead': Garch.forecast({ model: garch, variance: 13.9, steps: 2 }),
      HAR: Har.forecast({ intercept: 1, weights: [0.5, 0.4], seen }, [16, 10]),
      HARQ: Har.forecast({ intercept: 1, weights: [0.5, -0.01, 0.4], seen }, [16, Math.sqrt(200) * 16, 10]),
      GLM: Glm.forecast({ intercept: Math.LN2, weights: [0.5] }, [Math.log(16)]),
    }
    expect([...rows.keys()]).toEqual(Object.keys(values))
    for (const [row, value] of Object.entries(values)) shows(rows.get(row)?.[1], value)
  })

  test('the sentence below the tables', () => {
    const sample = { values: [1, 2, 3, 4, 5], levelPpm: 600_000 }
    expect([Quantile.upper(sample), Quantile.shortfall(sample)]).toEqual([4, 4.5])
    expect(readFileSync(join(root, name), 'utf8')).toContain('the ⌈6·0.6⌉ = 4th, 4; the expected shortfall (4 + 5)/2 = 4.5')
  })
})

describe('docs/method/evaluation.md', () => {
  const name = 'docs/method/evaluation.md'
  const text = readFileSync(join(root, name), 'utf8')
  const rows = estimates(name, '| day |')
  const column = (k: number) => ['1', '2', '3', '4'].map((day) => Number(rows.get(day)?.[k]))
  const challenger = Evaluation.qlikes({ realised: column(0), forecast: column(1) })
  const rival = Evaluation.qlikes({ realised: column(0), forecast: column(3) })

  test('its losses, their means and the test of their difference', () => {
    for (const day of [0, 1, 2, 3]) {
      const row = rows.get(`${day + 1}`)
      shows(row?.[2], challenger[day] ?? Number.NaN)
      shows(row?.[4], rival[day] ?? Number.NaN)
      shows(row?.[5], (challenger[day] ?? Number.NaN) - (rival[day] ?? Number.NaN))
    }
    const { difference, statistic, better } = DieboldMariano.of({ challenger, rival, lag: 0 })
    shows(rows.get('mean')?.[2], Evaluation.qlike({ realised: column(0), forecast: column(1) }))
    shows(rows.get('mean')?.[4], Evaluation.qlike({ realised: column(0), forecast: column(3) }))
    shows(rows.get('mean')?.[5], difference)
    expect(text).toContain('γ₀ = 0.3064 with L = 0, so DM = −0.4034 / √(0.3064/4) = −1.4576, and the one-sided p is 0.0725.')
    expect(
      DieboldMariano.longRunVariance(
        challenger.map((loss, t) => loss - (rival[t] ?? 0)),
        0,
      ).toFixed(4),
    ).toBe('0.3064')
    expect([statistic.toFixed(4), better.toFixed(4)]).toEqual(['-1.4576', '0.0725'])
    const left = Evaluation.withoutWorst({ losses: rival, at: [0, 1, 2, 3].map((day) => day * 86_400), sharePpm: 2_500 })
    expect(left).toEqual([0, 1, 3])
    expect((left.reduce((sum, t) => sum + (challenger[t] ?? 0) - (rival[t] ?? 0), 0) / 3).toFixed(4)).toBe('-0.1023')
    expect(text).toContain('Without the worst day, the third, d̄ is −0.1023.')
  })

  test('its tests of coverage', () => {
    const { unconditional, independence, conditional } = Coverage.of({
      breaches: Array.from({ length: 250 }, (_, day) => [50, 51, 120, 200].includes(day)),
      levelPpm: 990_000,
    })
    const tests = estimates(name, '| test |')
    for (const [row, { statistic, pValue }] of Object.entries({ Kupiec: unconditional, independence, both: conditional })) {
      shows(tests.get(row)?.[1], statistic)
      shows(tests.get(row)?.[2], pValue)
    }
  })

  test('its margins', () => {
    const { peakToTrough, largestCall } = Procyclicality.of({ margins: [10, 20, 30, 15], losses: [0, 0, 0, 0], days: 2 })
    expect(text).toContain('Margins of 10, 20, 30 and 15 % on four days: peak to trough 3, largest call within two days 20 %.')
    expect([peakToTrough, largestCall]).toEqual([3, 20])
  })
})

describe('packages/volatility/README.md', () => {
  test('its example runs, and says what the code does', async () => {
    const file = 'packages/volatility/README.md'
    const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? ''
    const claims = await Examples.run({ example: { file, line: 1, code, claims: 3 }, scope: Volatility })
    expect(claims.filter(({ holds }) => !holds)).toEqual([])
    expect(claims).toHaveLength(3)
  })
})
