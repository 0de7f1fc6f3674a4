import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const shared = process.env.PLIMSOLL_SHARED ?? join(root, '../shared')
const replay = (...parameters: string[]) =>
  spawnSync(process.execPath, [join(root, 'apps/cli/src/main.ts'), 'replay', ...parameters], { encoding: 'utf8', cwd: root })

describe('plimsoll replay', () => {
  test('worked example: one policy beside threshold on three paths; the same on one thread and on two', { timeout: 120_000 }, () => {
    const given = ['ramp-crash', '--book', 'super', '--policy', 'predictive+backstop', '--volatility', 'har', '--seeds', '3', '--json']
    const one = replay(...given, '--threads', '1')
    expect(one.status, one.stderr).toBe(0)
    const { sections } = JSON.parse(one.stdout)
    expect(sections).toHaveLength(1)
    const [threshold, both] = sections[0].rows
    expect(threshold.differences).toBeNull()
    expect(both.arm).toEqual({ policy: 'predictive+backstop', volatility: 'har' })
    const { extra, peak, badDebt } = both.differences
    for (const { low, mean, high } of [extra, peak, badDebt]) expect(low <= mean && mean <= high).toBe(true)
    expect(extra.mean).toBeCloseTo(both.figures.extra - threshold.figures.extra, 12)
    expect(both.figures.extra).toBeLessThan(threshold.figures.extra)
    expect(replay(...given, '--threads', '2').stdout).toBe(one.stdout)
  })

  test('worked example: a file of bars and a book from a file; the plot has all three lines', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'replay-'))
    const bars = join(folder, 'bars.csv')
    const rows = Array.from({ length: 30 }, (_, hour) => {
      const at = new Date(Date.UTC(2024, 0, 1, hour - 6)).toISOString().replace('.000Z', 'Z')
      const [open, close] = [100 - Math.max(0, hour - 10), 100 - Math.max(0, hour - 9)]
      return `X,${at},${open},${open + 0.5},${close - 0.5},${close},1`
    })
    writeFileSync(bars, `symbol,timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
    const position = (notional: string) => ({ market: 'X-PERP', side: 'long', notional, maintenancePpm: 20_000 })
    const accounts = ['1000000', '2000000'].map((notional, i) => ({
      ...{ account: `a${i}`, equity: `${i + 1}00000`, collateral: `${i + 1}00000` },
      positions: [position(notional)],
    }))
    const book = join(folder, 'book.json')
    writeFileSync(book, JSON.stringify({ format: 'plimsoll-book/1', accounts }))
    const { status, stdout, stderr } = replay(
      bars,
      '--from',
      '2024-01-01',
      '--symbol',
      'X',
      '--book',
      book,
      '--seeds',
      '2',
      '--policy',
      'partial',
    )
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('2024-01-01')
    expect(stdout).toMatch(/threshold +[\d.]+ +0\.00/)
    expect(stdout).toMatch(/┤·+/)
    expect(stdout).toMatch(/┤.* o/)
  })

  test('error: a policy, a market or a file that there is not, in one sentence each', { timeout: 120_000 }, () => {
    for (const [given, code] of [
      [['calm', '--policy', 'hope'], 'OPTION_UNREADABLE'],
      [['2020-03-12'], 'PRICES_MISSING'],
      [['calm', '--seeds', '0'], 'OPTION_UNREADABLE'],
    ] as const) {
      const { status, stdout, stderr } = replay(...given)
      expect(status).toBe(1)
      expect(stdout).toBe('')
      expect(stderr).toContain(`${code}: `)
    }
  })
})

describe.skipIf(!existsSync(join(shared, 'data/prices')))('real days (needs PLIMSOLL_SHARED or ../shared)', () => {
  test('worked example: a day by the hour, from its own bars', { timeout: 120_000 }, () => {
    const given = [
      '2020-03-12',
      '--data',
      join(shared, 'data/prices'),
      '--book',
      'super',
      '--seeds',
      '2',
      '--policy',
      'threshold+backstop',
      '--json',
    ]
    const { status, stdout, stderr } = replay(...given)
    expect(status, stderr).toBe(0)
    const [section] = JSON.parse(stdout).sections
    expect(section.market).toBe('2020-03-12')
    expect(section.rows[0].figures.forced).toBeGreaterThan(1e8)
  })
})
