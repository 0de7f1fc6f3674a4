/** The reputation commands as a person runs them, on tables made here, and on the outside ones where they are present. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const shared = join(process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'), 'data')
const folder = mkdtempSync(join(tmpdir(), 'reputation-'))
const day = 86_400

function reputation(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'reputation', ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Every fourth borrower defaults, on and on. Columns in another order, lines as Windows ends them. */
const loans = file(
  'loans.csv',
  [
    'outcome,wallet,amount_usd,closed_at',
    ...Array.from(
      { length: 200 },
      (_, i) =>
        `${Math.floor(i / 5) % 4 === 0 ? 'price' : 'repaid'},w${Math.floor(i / 5)},10,${Math.floor(i / 5) * day + (i % 5) * 15 * day}`,
    ),
  ].join('\r\n'),
)
const liquidations = file(
  'liquidations.csv',
  [
    'wallet,timestamp,collateral,debt',
    ...Array.from({ length: 60 }, (_, i) => [`often,${i * 3 * day},A,B`, `once${i},${i * 3 * day},A,B`]).flat(),
  ].join('\n'),
)
const usd = (amount: number) => `${amount}000000000000000000`
const at = 400 * day
const events = file(
  'events.json',
  JSON.stringify([
    ...Array.from({ length: 5 }, (_, i) => ({
      id: `c${i}`,
      account: 'a',
      at: at - i * day,
      kind: 'close',
      amountUsd: usd(1_000),
      heldSeconds: 7_200,
    })),
    { id: 'l', account: 'a', at: at - 10 * day, kind: 'liquidation', amountUsd: usd(100) },
  ]),
)

describe('plimsoll reputation backtest', () => {
  test('worked example: loans, one document on stdout', () => {
    const { status, stdout, stderr } = reputation('backtest', '--loans', loans, '--from', `${30 * day}`, '--json')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const judged = JSON.parse(stdout)
    expect(judged).toMatchObject({ from: 30 * day, windowSeconds: null, repeat: { auc: 1 } })
    expect(judged.all.n).toBeGreaterThan(judged.repeat.n)
    expect(Object.keys(judged.stability)).toEqual(['status', 'psi', 'alarmAt', 'parts'])
  })

  test('worked example: a table that a person reads', () => {
    const { stdout } = reputation('backtest', '--liquidations', liquidations, '--window', '7d')
    for (const line of ['AUC', 'Brier', 'KS', 'calibration slope', 'population stability']) expect(stdout).toContain(line)
  })

  test('error: named, with a hint, exit 1', () => {
    const wrong = file('wrong.csv', 'wallet,closed_at,amount_usd,outcome\nw1,1,5,lost')
    const bare = file('bare.csv', 'wallet,closed_at\nw1,1')
    const cases: readonly (readonly [readonly string[], string, string])[] = [
      [['--loans', wrong], 'TABLE_UNREADABLE', 'outcome in line 2 is not one of repaid, price, maturity: "lost"'],
      [['--loans', bare], 'TABLE_UNREADABLE', 'it has no column amount_usd, outcome'],
      [['--loans', join(folder, 'none.csv')], 'TABLE_UNREADABLE', 'it cannot be opened (ENOENT)'],
      [['--loans', file('empty.csv', 'wallet,closed_at,amount_usd,outcome\n')], 'TABLE_UNREADABLE', 'it has no rows'],
      [
        ['--loans', file('ragged.csv', 'wallet,closed_at,amount_usd,outcome\nw,1,5')],
        'TABLE_UNREADABLE',
        'line 2 has 3 cells for 4 columns',
      ],
      [['--loans', loans, '--from', '0'], 'FROM_UNUSABLE', 'nothing had settled before it'],
      [['--loans', loans, '--from', '99999999999'], 'FROM_UNUSABLE', 'nothing came after it'],
      [['--loans', loans, '--from', 'soon'], 'OPTION_UNUSABLE', '"soon" is not a time'],
      [['--loans', loans, '--window', '7d'], 'OPTION_UNUSABLE', '--window goes with'],
      [['--liquidations', liquidations, '--window', 'week'], 'OPTION_UNUSABLE', '"week" is not a window'],
      [[], 'OPTION_UNUSABLE', 'exactly one'],
    ]
    for (const [args, code, sentence] of cases) {
      const { status, stdout, stderr } = reputation('backtest', ...args)
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toContain(`${code}: `)
      expect(stderr).toContain(sentence)
      expect(stderr.trim().split('\n')).toHaveLength(2)
    }
  }, 120_000)

  test('worked example: the help has examples', () => {
    for (const part of ['backtest', 'fit', 'score', 'explain', 'attacks'])
      expect(reputation(part, '--help').stdout).toMatch(/Examples?:\n {2}plimsoll reputation/)
  }, 120_000)
})

describe('plimsoll reputation fit, score, explain', () => {
  test('worked example: the same tables, the same file; it scores; a changed one is refused', () => {
    const out = join(folder, 'model.json')
    const again = join(folder, 'again.json')
    expect(reputation('fit', '--loans', loans, '--liquidations', liquidations, '--out', out).status).toBe(0)
    reputation('fit', '--loans', loans, '--liquidations', liquidations, '--out', again)
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(out, 'utf8'))
    const scored = JSON.parse(reputation('score', '--events', events, '--at', `${at}`, '--model', out, '--json').stdout)
    expect(scored.version).toBe('scorecard-3')
    expect(scored.lines.reduce((sum: number, line: { points: number }) => sum + line.points, 0)).toBe(scored.score)
    writeFileSync(out, readFileSync(out, 'utf8').replace('"version": "scorecard-3"', '"version": "scorecard-4"'))
    const refused = reputation('score', '--events', events, '--at', `${at}`, '--model', out)
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('DOCUMENT_UNREADABLE')
  })

  test('worked example: what moved a score, to the point, and what would raise it', () => {
    const { score, change } = JSON.parse(
      reputation('score', '--events', events, '--at', `${at}`, '--since', `${at - 20 * day}`, '--json').stdout,
    )
    expect(change).toMatchObject({ from: 394, to: score })
    expect(change.lines.reduce((sum: number, line: { points: number }) => sum + line.points, 0)).toBe(score - 394)
    const { stdout } = reputation('explain', '--events', events, '--at', `${at}`)
    expect(stdout).toContain('RECENT_LIQUIDATIONS')
    expect(stdout).toMatch(/nothing wrong for \d+ days/)
  })

  test('vector: the model that was committed is the one its hash names, and it scores', () => {
    const committed = fileURLToPath(new URL('../../../packages/reputation/models/scorecard-3.json', import.meta.url))
    const { status, stdout } = reputation('score', '--events', events, '--at', `${at}`, '--model', committed, '--json')
    expect(status).toBe(0)
    const published = JSON.parse(readFileSync(committed, 'utf8'))
    expect(JSON.parse(stdout).modelHash).toBe(published.modelHash)
    // nobody is told of what never happened
    const nobody = reputation('score', '--events', file('none.json', '[]'), '--at', `${at}`, '--model', committed, '--json')
    const { score, lines } = JSON.parse(nobody.stdout)
    expect(score).toBe(published.model.scorecard.base)
    expect(lines.filter(({ points }: { points: number }) => points !== 0)).toEqual([{ code: 'BASE', points: score }])
  })

  test('error: events that cannot be read', () => {
    const of = (text: string) => reputation('score', '--events', file('broken.json', text), '--at', '9').stderr
    expect(of('{')).toContain('it is not JSON')
    expect(of('{}')).toContain('it is not a list of events')
    expect(of('[{"id":"a","account":"b","at":1,"amountUsd":"1","kind":"gift"}]')).toContain('event 1 has no usable kind')
    expect(of('[{"id":"a","account":"b","at":1,"amountUsd":1,"kind":"fee"}]')).toContain('event 1 has no usable amountUsd')
  })
})

describe('plimsoll reputation attacks', () => {
  test('worked example: one table, every return below 1', () => {
    const { status, stdout } = reputation('attacks', '--json')
    const { outcomes } = JSON.parse(stdout)
    expect(status).toBe(0)
    expect(outcomes).toHaveLength(9 * 6)
    for (const { returnPpm } of outcomes) expect(returnPpm ?? 0).toBeLessThan(1_000_000)
    expect(reputation('attacks').stdout).toContain('build-up and default')
  })
})

describe.skipIf(!existsSync(shared))('outside tables (needs PLIMSOLL_SHARED or ../shared)', () => {
  const judge = (...args: readonly string[]) => JSON.parse(reputation('backtest', ...args, '--json').stdout)

  test('vector: loans of repeat borrowers are ranked, and the alarm fires on the drifting wave', () => {
    const { repeat, stability } = judge('--loans', join(shared, 'reputation/rocifi_loans.csv'))
    expect(repeat.auc).toBeGreaterThan(0.83)
    expect(repeat.brier).toBeLessThan(0.165)
    expect(stability.status).toBe('alarm')
  })

  test('vector: what a record adds to the buffer of a vault is not above nothing', () => {
    const { incrementalAuc, interval, maintenanceDiscountPpm } = judge('--vaults', join(shared, 'positions/maker-ethb'), '--window', '14d')
    expect(interval[0]).toBeLessThan(0)
    expect(incrementalAuc).toBeLessThan(interval[1])
    expect(maintenanceDiscountPpm).toBe(0)
  })
})

describe('plimsoll reputation diff', () => {
  test('worked example: the lines sum to the difference, and back again is the other sign', () => {
    const [from, to] = [`${at - 20 * day}`, `${at}`]
    const diff = (...times: readonly [string, string]) => {
      const { status, stdout, stderr } = reputation('diff', '--events', events, '--from', times[0], '--to', times[1], '--json')
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return JSON.parse(stdout)
    }
    const there = diff(from, to)
    const sum = there.lines.reduce((all: number, line: { readonly points: number }) => all + line.points, 0)
    expect(sum).toBe(there.to.score - there.from.score)
    expect(there.lines.length).toBeGreaterThan(0)
    expect(diff(to, from)).toMatchObject({ from: there.to, to: there.from })
  })
})
