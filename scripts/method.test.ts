import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Book, Cascade, LeverageRatioImpact, LiquidationCurve, Uniform, Venue, Walls } from '../packages/liquidation/src/index.ts'
import { Fixed, Inputs, Limit } from '../packages/margin/src/index.ts'
import { Score } from '../packages/reputation/src/index.ts'
import { root } from './Workspace.ts'

const read = (name: string) => readFileSync(join(root, 'docs/method', `${name}.md`), 'utf8')
const page = read('limit')
const json = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

/** The cells of the table rows below a heading row that begins so. */
function table(heading: string, text = page): string[][] {
  const lines = text.split('\n')
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

describe('docs/method/cascade.md', () => {
  const text = read('cascade')

  test('its cascade of three longs, close by close', () => {
    const rows = table('| account | size |', text).map(([account = '', ...cells]) => ({ account, cells: cells.map(Number) }))
    const walls: Walls.Walls = {
      side: 'long',
      price: 1_000,
      impact: 0.2,
      maintenance: 0.05,
      accounts: rows.map(({ account, cells: [size = 0, liquidationPrice = 0] }) => ({ account, size, liquidationPrice })),
    }
    const { steps, final, amplification } = Walls.fall(walls, -60)
    expect(steps.map(({ account }) => account)).toEqual(rows.map(({ account }) => account))
    for (const [i, step] of steps.entries()) {
      const figures = [step.before, step.after, step.average, step.bankruptcyPrice, step.badDebt]
      expect(figures).toEqual(rows[i]?.cells.slice(2).map((cell) => expect.closeTo(cell, 9)))
    }
    expect(text).toContain(`The price ends at ${final}: 200 by a shock of 60, amplification ${amplification?.toFixed(2)}.`)
  })

  test('its even density, below and above n = 1, and the backstops that stop it', () => {
    const uniform = { density: 40, support: 0.1, slope: 0.02 }
    const steep = { ...uniform, slope: 1.25 / 40 }
    expect(Uniform.fall(uniform, 0.03, Uniform.none).x).toBeCloseTo(0.11, 12)
    expect(Uniform.fall(steep, 0.03, Uniform.none).x).toBeCloseTo(0.155, 12)
    expect(Uniform.fall(steep, 1e-9, Uniform.none).x).toBeCloseTo(0.125, 8)
    expect(Uniform.leastShare(1.25)).toBeCloseTo(0.2, 12)
    expect(Uniform.leastCapacity(steep, 0.03)).toBeCloseTo(1.2, 12)
  })

  test('its walls have several fixed points, of which the first is where a cascade ends', () => {
    const curve = LiquidationCurve.fromWalls('long', [
      { at: 0.02, notional: 1 },
      { at: 0.05, notional: 4 },
    ])
    const scenario = { curve, impact: { kind: 'linear', slope: 0.01 } as const, shock: 0.03 }
    expect(Cascade.fixedPoints(scenario)).toEqual([0.04, 0.08].map((x) => expect.closeTo(x, 12)))
    expect(Cascade.run(scenario).x).toBeCloseTo(0.04, 12)
  })
})

describe('docs/method/leverage-ratio-impact.md', () => {
  const text = read('leverage-ratio-impact')
  const accounts = table('| account | side |', text)
  const usd = (cell = '') => BigInt(cell) * Fixed.one
  const book = Book.of(
    accounts.map(([account = '', side, notional, equity]) => ({
      account,
      equity: usd(equity),
      collateral: usd(equity),
      positions: [{ market: 'M', side: side === 'short' ? 'short' : 'long', notional: usd(notional), maintenancePpm: 50_000 }],
    })),
  )
  const [report] = LeverageRatioImpact.of(book, {
    convention: 'two-sided',
    markets: { M: Venue.plain({ kind: 'linear', slope: 1e-4 }) },
    sigmaPpm: { M: 50_000 },
    horizonSeconds: 31_536_000,
    betas: {},
    width: 0.01,
    bonus: 0.05,
    policy: { kind: 'full' },
    feePpm: 0,
    reserves: { junior: 0n, insurance: 0n, senior: 0n },
    deleveraging: 'queue',
    roundCap: 100,
    quotes: {},
    labels: {},
  }).markets

  test('its accounts fail where the page says', () => {
    for (const [, side, notional, equity, ratio, move] of accounts) {
      const position = {
        side: side === 'short' ? ('short' as const) : ('long' as const),
        notional: Number(notional),
        equity: Number(equity),
        maintenance: 0.05,
      }
      expect(LiquidationCurve.ratio(position).toFixed(1)).toBe((ratio ?? '').split('= ')[1])
      expect((LiquidationCurve.distance(position) ?? 0).toFixed(4)).toBe(move)
    }
  })

  test('its cascade, shock by shock', () => {
    const rows = table('| shock | s |', text)
    expect(rows).toHaveLength(5)
    for (const [name, ...cells] of rows) {
      const found = report?.down.shocks.find((shock) => shock.name === name)
      expect([
        found?.shock.toFixed(4),
        found?.x.toFixed(4),
        found?.amplification.toFixed(2),
        found?.secant.toFixed(3),
        String(Book.usd(found?.forced ?? -1n)),
        Book.usd(found?.badDebt ?? -1n).toFixed(2),
      ]).toEqual(cells)
    }
  })

  test('its sentences', () => {
    expect(report?.posted).toMatchObject({ status: 'ok' })
    expect(Number(report?.posted.status === 'ok' ? report.posted.ratio : 0n) / 1e18).toBeCloseTo(4.58, 2)
    expect(report?.down.nearest?.sigma.toFixed(1)).toBe('2.1')
    expect(report?.up.nearest?.sigma.toFixed(1)).toBe('3.6')
    expect(report?.down.local?.n).toBeCloseTo(10, 9)
    expect(report?.down.wrongWay?.leverage.toFixed(2)).toBe('5.66')
    expect(text).toContain('L1 = 3,000/655 = 4.58 two-sided. D1 is 0.1054 down (2.1 σ̂), 0.1823 up (3.6 σ̂).')
    expect(text).toContain('W = 5.66.')
  })
})
