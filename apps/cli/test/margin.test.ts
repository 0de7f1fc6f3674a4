/** The command as a person runs it, on a book written by hand. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const book = {
  assets: { USDC: { price: '1', weight: '100%' } },
  markets: { 'ETH-PERP': { price: '3000', initial: '10%', maintenance: '5%' } },
  accounts: [
    // 1,000 + 2 · 100 against 5 % of 6,000.
    { id: 'anna', balances: { USDC: '1000' }, positions: { 'ETH-PERP': { size: '2', entry: '2900' } } },
    { id: 'ben', balances: { USDC: '700' }, positions: { 'ETH-PERP': { size: '-2', entry: '3000' } } },
    { id: 'cara', balances: { USDC: '5' } },
  ],
}

function margin(document: unknown, ...options: readonly string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'margin-')), 'book.json')
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document))
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'margin', file, ...options], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('plimsoll margin', () => {
  test('worked example: what an account has, needs and may do, and where it falls', () => {
    const { status, stdout } = margin(book, '--json')
    expect(status).toBe(0)
    const [anna, ben, cara] = JSON.parse(stdout).accounts
    const usd = (whole: number) => `${BigInt(whole) * 10n ** 18n}`
    expect(anna).toMatchObject({
      id: 'anna',
      equity: usd(1_200),
      initialEquity: usd(1_000),
      initialMargin: usd(600),
      maintenanceMargin: usd(300),
    })
    // 1,000 + 2 (P − 2,900) = 0.1 P at 4,800 / 1.9.
    expect(anna.positions[0].liquidation.down).toEqual({ status: 'price', price: '2526315789473684210527' })
    expect(anna.positions[0].room.long).toMatchObject({ size: '1333333333333333333', bound: 'MARGIN' })
    expect(ben.positions[0].liquidation.up.price).toBe('3190476190476190476190') // 700 + 6,000 = 2.1 P
    expect(cara).toMatchObject({ health: { status: 'flat' }, positions: [] })
    const told = margin(book).stdout
    expect(told).toContain('anna: healthy, health 4')
    // At what is shown she still stands: a cent more than 2,526.3157…, and for ben 3,190.4761… cut.
    expect(told).toMatch(/ETH-PERP +2 +\$2,526\.32 /)
    expect(told).toMatch(/ETH-PERP +-2 .* \$3,190\.47 /)
  })

  test('worked example: whose status a price or a parameter would change', () => {
    const { stdout } = margin(book, '--what-if', 'ETH-PERP.price=2500', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ accounts: 3, changes: [{ id: 'anna', from: 'healthy', to: 'liquidatable' }] })
    const tight = margin(book, '--what-if', 'ETH-PERP.initial=15%', 'ETH-PERP.maintenance=12%')
    expect(tight.stdout).toContain('ben')
    expect(tight.stdout).toContain('healthy → liquidatable')
    expect(margin(book, '--what-if', 'ETH-PERP.price=3000').stdout).toContain("Of 3 accounts nobody's status would change.")
    const alone = margin({ ...book, accounts: book.accounts.slice(0, 1) }, '--what-if', 'ETH-PERP.price=3000')
    expect(alone.stdout).toContain("Of 1 account nobody's status would change.")
  })

  test('error: what cannot be meant is said with its place and the next step', () => {
    const said = (document: unknown, ...options: readonly string[]) => {
      const { status, stderr } = margin(document, ...options)
      expect(status).toBe(1)
      return stderr
    }
    expect(said('{')).toContain('BOOK_UNREADABLE')
    expect(said({ format: 'plimsoll-book/1', accounts: [] })).toContain('plimsoll stress, lri and insurance read such books')
    expect(said({ ...book, markets: { 'ETH-PERP': { price: '3000', initial: 0.1, maintenance: '5%' } } })).toContain('ETH-PERP.initial')
    expect(said({ ...book, assets: {} })).toContain('anna.balances.USDC')
    expect(said(book, '--what-if', 'BTC-PERP.price=1')).toContain('one of ETH-PERP')
    expect(said(book, '--what-if', 'ETH-PERP.maintenance=12%')).toContain('INVERTED_MARGIN')
  })
})
