import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  Book,
  BookDocument,
  Cascade,
  LeverageRatioImpact,
  LiquidationCurve,
  Uniform,
  Venue,
  Walls,
} from '../packages/liquidation/src/index.ts'
import { Fixed } from '../packages/margin/src/index.ts'
import * as Page from './testing/Page.ts'
import { root } from './Workspace.ts'

const read = (page: string) => Page.read(`${page}.md`)

describe('docs/method/cascade.md', () => {
  const text = read('cascade')

  test('its cascade of three longs, close by close', () => {
    const rows = Page.table(text, '| account | size |').map(([account = '', ...cells]) => ({ account, cells: cells.map(Number) }))
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
  const accounts = Page.table(text, '| account | side |')
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
    const rows = Page.table(text, '| shock | s |')
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

describe('docs/books.md', () => {
  test('its document and its table are one book', () => {
    const text = readFileSync(join(root, 'docs/books.md'), 'utf8')
    const block = (kind: string) => new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? ''
    const read = BookDocument.parse(block('json'))
    expect(BookDocument.fromTable(block('csv'))).toEqual(read)
    expect(read.book.accounts.map(({ account }) => account)).toEqual(['alice', 'bob'])
  })
})
