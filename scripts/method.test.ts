import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Fixed, Inputs, Limit } from '../packages/margin/src/index.ts'
import { Score } from '../packages/reputation/src/index.ts'
import { root } from './Workspace.ts'

const page = readFileSync(join(root, 'docs/method/limit.md'), 'utf8')
const json = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

/** The cells of the table rows below a heading row that begins so. */
function table(heading: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => line.startsWith(heading))
  expect(start, `no table ${heading}`).toBeGreaterThan(0)
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').trim()),
  )
}

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
