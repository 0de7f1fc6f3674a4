/** The commands over books, as a newcomer runs them: on a book of three accounts that can be redone by hand. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

const csv = [
  'account,equity,collateral,market,side,notional,maintenance_ppm,labels',
  'long,200,200,ETH-PERP,long,1000,50000,tier=human',
  'short,300,300,ETH-PERP,short,500,50000,tier=anonymous',
  'idle,10,10,,,,,',
].join('\n')

let folder = ''
let book = ''

const run = (...args: readonly string[]) => Cli.run(args)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-books-'))
  book = join(folder, 'book.csv')
  await writeFile(book, csv)
})

afterAll(() => rm(folder, { recursive: true }))

describe('plimsoll stress', () => {
  test('worked example: a fall of 20 % into a pool costs the long 400 beyond its equity; the short gives 200', async () => {
    const options = ['--shock', '-20%', '--impact', 'pool:1000', '--junior', '50', '--insurance', '100', '--senior', '50']
    const { code, stdout } = await run('stress', book, ...options, '--json', '--accounts')
    expect(code).toBe(0)
    const { markets, paid, outcomes, settled, order } = JSON.parse(stdout)
    expect(markets['ETH-PERP'].move).toBeCloseTo(Math.log(0.2), 9)
    expect(paid).toMatchObject({ insurance: `${100n * 10n ** 18n}`, unpaid: '0' })
    expect(Number(paid.deleveraging) / 1e18).toBeCloseTo(200, 9)
    expect(settled).toBe(true)
    expect(order).toContain('lowest')
    expect(outcomes).toHaveLength(3)
    const told = await run('stress', book, ...options, '--accounts')
    expect(told.stdout).toContain('1 accounts liquidated, 1 of them insolvent, in 1 rounds')
    expect(told.stdout).toMatch(/ETH-PERP +-20\.00 % +-80\.00 %/)
    expect(told.stdout).toMatch(/short +standing +— +\$300\.00 +\$500\.00/)
  })

  test('worked example: an impact fitted to quotes: 2 % for 1,000 USD', async () => {
    const quotes = join(folder, 'quotes.csv')
    await writeFile(quotes, 'usd,slippage\n1000,0.02\n500,0.01')
    const { stdout } = await run('stress', book, '--shock', '-20%', '--impact', `ETH-PERP=quotes:${quotes}`, '--json')
    expect(JSON.parse(stdout).markets['ETH-PERP'].move).toBeCloseTo(Math.log(0.8 * 0.98), 9)
  })

  test('edge: a cap that stops it is told, with exit 2', async () => {
    const { code, stdout } = await run('stress', book, '--shock', '-20%', '--impact', 'pool:1000', '--rounds', '1')
    expect(code).toBe(2)
    expect(stdout).toContain('stopped at the cap of 1')
  })

  test('error: no impact, no such market, a shock that is none: one sentence and what to do', async () => {
    expect(await run('stress', book, '--shock', '-20%')).toMatchObject({ code: 1, stderr: expect.stringContaining('IMPACT_MISSING') })
    expect(await run('stress', book, '--shock', 'X=-20%', '--impact', 'pool:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('UNKNOWN_MARKET'),
    })
    expect(await run('stress', book, '--shock', 'much', '--impact', 'pool:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Write it like'),
    })
  })

  test('error: a book of plimsoll margin: said with its file, and where such a book is described', async () => {
    const other = join(folder, 'margin.json')
    await writeFile(other, JSON.stringify({ assets: {}, markets: {}, accounts: [] }))
    const { code, stderr } = await run('lri', other, '--impact', 'pool:1')
    expect(code).toBe(1)
    expect(stderr).toContain(`BOOK_UNREADABLE: ${other} is no book of positions: format `)
    expect(stderr).toContain('docs/books.md')
  })

  test('worked example: collateral that goes with a position is sold in its market, and is no position closed', async () => {
    const held = join(folder, 'held.json')
    const account = { account: 'a', equity: '250', collateral: '200', positions: [], holdings: [], labels: {} }
    const position = { market: 'X', side: 'long', notional: '1000', maintenancePpm: 50_000 }
    const accounts = [{ ...account, positions: [position], holdings: [{ market: 'X', value: '120' }] }]
    await writeFile(held, JSON.stringify({ format: 'plimsoll-book/1', accounts }))
    const told = (await run('stress', held, '--shock', '-20%', '--impact', 'linear:1e-12')).stdout
    expect(told).toMatch(/X +-20\.00 % +-20\.00 % +-20\.00 % +\$1,120\.00/)
    expect(told).toMatch(/positions closed, at P0 +\$1,000\.00/)
    const fragile = (await run('lri', held, '--impact', 'linear:1e-12')).stdout
    expect(fragile).toMatch(/shock +ends at +A +closed +bad debt/)
    expect(fragile).toMatch(/shock +ends at +A +forced +bad debt/)
  })

  test('edge: help names its examples', async () => {
    for (const command of ['stress', 'lri', 'insurance', 'book', 'branching'])
      expect((await run(command, '--help')).stdout).toContain('Examples:')
  })
})

describe('plimsoll stress --fence', () => {
  test('worked example: in one pool the short pays; behind a fence it does not', async () => {
    const options = ['--shock', '-20%', '--impact', 'pool:1000', '--insurance', '150', '--fence', '3']
    const { stdout } = await run('stress', book, ...options, '--json')
    const { pool, fenced } = JSON.parse(stdout).tranches
    expect(Number(pool[0].paid.deleveraging) / 1e18).toBeCloseTo(250, 9)
    // 1,000 of 1,500 is above 3×: two thirds of the fund are its own.
    expect(
      fenced.map(({ tranche, paid }: { tranche: string; paid: { insurance: string; deleveraging: string } }) => [
        tranche,
        Number(paid.insurance) / 1e18,
        Number(paid.deleveraging),
      ]),
    ).toEqual([
      ['>3×', expect.closeTo(100, 9), 0],
      ['≤3×', 0, 0],
    ])
    expect((await run('stress', book, ...options)).stdout).toMatch(/one pool +3 +1 +\$400\.00/)
  })
})

describe('plimsoll insurance', () => {
  test('worked example: the same seed says the same on one thread and on two', async () => {
    const options = ['--impact', 'linear:1e-6', '--sigma', '100%', '--horizon', '30d', '--paths', '220', '--seed', '3', '--json']
    const [one, two] = await Promise.all(['1', '2'].map((threads) => run('insurance', book, ...options, '--threads', threads)))
    expect(one?.code).toBe(0)
    expect(two?.stdout).toBe(one?.stdout)
    const { risks, paths } = JSON.parse(one?.stdout ?? '')
    expect(paths).toBe(220)
    expect(risks.map(({ level }: { level: number }) => level)).toEqual([0.95, 0.99, 0.999])
    // σ is 29 %: a fall of 16 % is not rare.
    expect(risks[0].liquidationsAtRisk).toBeGreaterThanOrEqual(500)
    expect(risks[1].expectedShortfall).toBeGreaterThanOrEqual(risks[1].valueAtRisk)
  })

  test('edge: told for a person; another seed says something else', async () => {
    const options = ['--impact', 'linear:1e-6', '--sigma', '100%', '--horizon', '30d', '--paths', '60', '--threads', '1']
    const told = await Promise.all(['1', '2'].map((seed) => run('insurance', book, ...options, '--seed', seed)))
    expect(told[0]?.stdout).toMatch(/60 paths of 30d, seed 1[\s\S]*99\.9 %/)
    expect(told[0]?.stdout).not.toBe(told[1]?.stdout)
  })
})

describe('plimsoll lri', () => {
  test('worked example: leverage, distance and W of the long by hand', async () => {
    const { code, stdout } = await run('lri', book, '--impact', 'linear:1e-6', '--sigma', '50%', '--horizon', '365d', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(stdout)
    expect(report.markets[0].posted).toMatchObject({ status: 'ok', ratio: '3000000000000000000', convention: 'two-sided' })
    // 1 − 800/950.
    expect(report.markets[0].down.nearest.move).toBeCloseTo(-Math.log(800 / 950), 9)
    expect(report.markets[0].down.nearest.sigma).toBeCloseTo(-Math.log(800 / 950) / 0.5, 9)
    expect(report.markets[0].down.wrongWay.leverage).toBe(5)
    expect(report.whole.cohorts.map(({ by, value }: { by: string; value: string }) => `${by} ${value}`)).toEqual([
      'size 1',
      'size 2',
      'tier anonymous',
      'tier human',
    ])
  })

  test('edge: told for a person, with the map and the convention', async () => {
    const { stdout } = await run('lri', book, '--impact', 'linear:1e-6', '--convention', 'open-interest')
    expect(stdout).toContain('leverage is open-interest')
    expect(stdout).toMatch(/-15\.63 % … -16\.47 % .* \$1,000\.00 {2}█/)
  })
})

describe('plimsoll branching', () => {
  test('worked example: pairs a second apart, hours between them: each first brings on one', async () => {
    const events = join(folder, 'events.csv')
    const rows = Array.from({ length: 200 }, (_, i) => [7_200 * i * (1 + (i % 7) / 7), 7_200 * i * (1 + (i % 7) / 7) + 1]).flat()
    await writeFile(events, ['at', ...rows].join('\n'))
    const { code, stdout } = await run('branching', events, '--column', 'at', '--block', '0', '--json')
    expect(code).toBe(0)
    const { n, memorySeconds, events: count } = JSON.parse(stdout)
    expect(count).toBe(400)
    // Half of all events were brought on by another.
    expect(n).toBeCloseTo(0.5, 1)
    expect(memorySeconds).toBeLessThan(60)
    expect((await run('branching', events, '--column', 'at')).stdout).toContain('400 events')
    expect(await run('branching', events, '--column', 'when')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CELL_UNREADABLE'),
    })
  })
})

describe('plimsoll book', () => {
  test('worked example: a table becomes a document that says the same', async () => {
    const json = join(folder, 'book.json')
    expect((await run('book', 'file', book, '--out', json)).stdout).toBe('3 accounts in ETH-PERP\n')
    expect(JSON.parse(await readFile(json, 'utf8')).accounts).toHaveLength(3)
    expect((await run('book', 'file', json, '--json')).stdout).toContain('"accounts": 3')
  })

  test('edge: a check that does not hold exits 2; a source nobody reads is an error', async () => {
    const aave = join(folder, 'aave.csv')
    const head = 'address,collateral_usd,debt_usd,avg_liquidation_threshold,health_factor,target_collateral_usd,eth_debt_usd'
    await writeFile(aave, `${head}\n0xa,100,50,0.8,1.7,100,0`)
    expect(await run('book', 'aave', aave)).toMatchObject({ code: 2, stdout: expect.stringContaining('✗ health factor') })
    expect(await run('book', 'bank', aave)).toMatchObject({ code: 1, stderr: expect.stringContaining('SOURCE_UNKNOWN') })
  })
})
