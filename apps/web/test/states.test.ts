/** What the page says when something is missing, old or refused. The gateway's edge is held in memory here; web.test.ts runs against a real one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Amount } from '@plimsoll/margin'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as Chromium from './Chromium.ts'
import * as Edge from './Edge.ts'
import * as InjectedWallet from './InjectedWallet.ts'
import * as On from './Page.ts'

const executable = Chromium.find()
const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('browser')
const root = join(import.meta.dirname, '..')
const accountOf = (name: string) => privateKeyToAccount(keccak256(toHex(name)))

describe.skipIf(executable === null && !required)(
  'web states (needs Chromium: set CHROMIUM_PATH, or install chromium or google-chrome)',
  () => {
    let dist = ''
    let browser: Browser
    let edge: Edge.Edge
    let context: BrowserContext
    let page: Page
    let wallet: InjectedWallet.InjectedWallet
    beforeAll(async () => {
      if (executable === null) throw new Error('PLIMSOLL_REQUIRE asks for a browser, and no Chromium was found.')
      dist = mkdtempSync(join(tmpdir(), 'plimsoll-web-'))
      await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: dist, emptyOutDir: true } })
      edge = await Edge.start(dist)
      browser = await Chromium.launch(executable)
    })

    afterAll(async () => {
      await browser?.close()
      await edge?.[Symbol.asyncDispose]()
      if (dist !== '') rmSync(dist, { recursive: true, force: true })
    })

    /** Changes the world, and lets the gateway say that something changed. */
    const set = (change: Partial<Edge.Edge['conditions']>) => {
      Object.assign(edge.conditions, change)
      edge.emit('test')
    }
    const eventually = { timeout: 10_000 }

    beforeEach(async ({ task }) => {
      Object.assign(edge.conditions, Edge.calm)
      context = await browser.newContext({ viewport: On.desktop, reducedMotion: 'reduce' })
      context.setDefaultTimeout(10_000)
      wallet = await InjectedWallet.inject(context, accountOf(task.id))
      page = await context.newPage()
    })

    afterEach(() => context.close())

    test('no wallet: one sentence on what to do, and the markets all the same', async () => {
      const bare = await browser.newContext({ viewport: On.desktop })
      const without = await bare.newPage()
      await without.goto(edge.url)
      await without.getByText('No wallet was found in this browser.').waitFor()
      await without.getByText('Install one that announces itself (EIP-6963)').waitFor()
      await without.getByRole('heading', { name: 'ETH-PERP' }).waitFor()
      await On.expectAccessible(without)
      await bare.close()
    })

    test('declined, then signed; the session outlives a reload and ends with signing out', async () => {
      await page.goto(edge.url)
      wallet.declineNext()
      await page.getByRole('button', { name: 'Test Wallet' }).click()
      await page.getByText('You declined in your wallet.').waitFor()
      expect(wallet.signed).toEqual([])
      await On.signIn(page)
      expect(wallet.signed).toHaveLength(1)
      expect(wallet.signed[0]).toContain(`${new URL(edge.url).host} wants you to sign in`)
      await page.reload()
      await page.getByTestId('figures').waitFor()
      expect(wallet.signed).toHaveLength(1)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'How much may I carry, and why?' }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: 'Test Wallet' }).waitFor()
    })

    test('the wallet moves to another account: it is said, and both ways out work', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      const other = accountOf('another')
      await wallet.switchTo(other)
      const notice = page.getByText(/Your wallet is on 0x/)
      await notice.waitFor()
      await On.expectAccessible(page)
      await page.getByRole('button', { name: /Sign in as/ }).click()
      await notice.waitFor({ state: 'detached' })
      await page.locator(`[title="${other.address.toLowerCase()}"]`).first().waitFor()
      await wallet.switchTo(accountOf('a third'))
      await page.getByRole('button', { name: 'Stay' }).click()
      await notice.waitFor({ state: 'detached' })
    })

    test('old figures are greyed, say their age, and nothing that adds risk can be asked for', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      const issue = page.getByRole('button', { name: 'Issue certificate' })
      expect(await issue.isEnabled()).toBe(true)
      set({ snapshotAge: 14 })
      await page.getByText(/Gateway snapshot, 1\d s old: too old to act on/).waitFor()
      expect(await issue.isDisabled()).toBe(true)
      await page.getByText('These figures are too old to act on.').waitFor()
      await On.expectAccessible(page)
      set({ snapshotAge: 0.4 })
      await expect.poll(() => issue.isEnabled(), eventually).toBe(true)
    })

    test('the gateway goes away: the last figures stay, grow old and say so; they come back by themselves', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      edge.conditions.down = true
      await page.getByText('The gateway did not answer.').first().waitFor()
      expect(await page.getByTestId('figures').isVisible()).toBe(true)
      await page.getByText('Gateway unreachable').waitFor()
      await On.goTo(page, 'Collateral')
      // The page before is still there when the link was pressed.
      await expect.poll(() => page.getByText('The gateway did not answer.').count(), eventually).toBe(1)
      expect(await page.getByText('This page keeps trying.').count()).toBe(1)
      edge.conditions.down = false
      await page.getByText('Live', { exact: true }).waitFor()
      await page.getByText('The gateway did not answer.').first().waitFor({ state: 'detached' })
    })

    test('a chain, the book and the price missing: each is named, none is shown as zero', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      const whole = (await On.expectSums(page)).notional
      set({ missingChain: 'lagoon', bookUnread: true })
      await page.getByText('lagoon could not be read.').waitFor()
      await page.getByText('Book unread', { exact: true }).waitFor()
      await expect.poll(async () => (await On.waterfall(page)).result.notional, eventually).toBeLessThan(whole)
      await On.expectSums(page)
      await On.goTo(page, 'Collateral')
      const lagoon = page.getByRole('region', { name: /lagoon/ })
      await lagoon.getByText('RPC_QUORUM_LOST').waitFor()
      await lagoon.getByText('what you hold here is not known').waitFor()
      await lagoon.getByText('it did not answer within 2 s').waitFor()
      await page
        .getByRole('region', { name: /harbour/ })
        .getByText('counts nothing', { exact: true })
        .waitFor()
      // What lies elsewhere: how much, where, what is owed of it where, and why it counts nothing.
      const seen = await page.locator('[data-seen]').allInnerTexts()
      expect(seen.map((text) => text.split(/\s+/).join(' '))).toEqual([
        '300 USDC arriving in the vault worth $300.00 Counts nothing yet: its block is not final, and could still be replaced.',
        'owes 150 USDC at 2 places a debt wallet USDC 1,250 USDC Compound III USDC owes 1,400 USDC Counts nothing: no more is held than is owed.',
        '1 WETH Compound III USDC worth $3,012 Counts nothing: only observed, nothing keeps it there; locked in a vault it would count.',
      ])
      await On.screenshot(page, 'elsewhere-1280')
      await On.expectAccessible(page)
      set({ priceRefused: true })
      await On.goTo(page, 'Market')
      await page.getByText('no price, because').first().waitFor()
      await page.getByText('its feed was published too long ago.').first().waitFor()
      await page.getByText("the venue's book could not be read.").first().waitFor()
      expect(await page.getByText(/^\$0(\.00)?$/).count()).toBe(0)
      await On.expectAccessible(page)
      await On.goTo(page, 'Limits')
      await page
        .getByText(/last published 9 min ago/)
        .first()
        .waitFor()
      expect(await page.getByRole('button', { name: 'Issue certificate' }).isDisabled()).toBe(true)
    })

    test('the risk map draws the book, says what the brake does, and answers a shock', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      await On.goTo(page, 'Risk map')
      const map = page.getByTestId('heatmap')
      await map.waitFor()
      expect(await map.locator('svg rect').count()).toBe(Number(await map.getAttribute('data-bars')) + 1)
      expect(Number(await map.getAttribute('data-bars'))).toBeGreaterThan(10)
      const extras = await page
        .locator('tr[data-shock^="down"]')
        .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-extra'))))
      expect(extras).toHaveLength(6)
      expect(Math.max(...extras)).toBeGreaterThan(0)
      const stress = page.getByTestId('stress')
      await stress.and(page.locator('[data-shock="-100000"]')).waitFor()
      const ends = async () => Number(await stress.getAttribute('data-ends'))
      const before = await ends()
      expect(before).toBeLessThanOrEqual(-100_000)
      await page.getByLabel('the depth of the market were').fill('50')
      await expect.poll(ends, eventually).toBeLessThan(before)
      await page.getByLabel('the price moved by').fill('0')
      await stress.and(page.locator('[data-shock="10000"]')).waitFor()
      await page.getByLabel('the price moved by').fill('-15')
      await stress.and(page.locator('[data-shock="-150000"][data-stale="false"]')).waitFor()
      await page.getByText('The largest clusters in figures').click()
      await On.screenshot(page, 'risk-1280')
      await On.expectAccessible(page)
      await page.getByLabel('Risk map of').selectOption('BTC-PERP')
      await page.getByTestId('heatmap').waitFor()
      await On.expectNoSideScroll(page)
    })

    test('the risk map of a gateway that is gone grows old, greys, and says so; its what-if comes back by itself', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      await On.goTo(page, 'Risk map')
      const drawn = page.getByTestId('liquidations')
      await page.getByTestId('stress').waitFor()
      expect(await drawn.getAttribute('class')).toBe('')
      edge.conditions.down = true
      await page.getByLabel('the price moved by').fill('-20')
      await page.getByText(/Book of 64 accounts, 1\d s old: too old to act on/).waitFor({ timeout: 20_000 })
      await expect.poll(() => drawn.getAttribute('class'), eventually).toBe('figure-stale')
      await page.getByText(/book at block 884, 1\d s old/).waitFor()
      await On.expectAccessible(page)
      edge.conditions.down = false
      await page.getByTestId('stress').and(page.locator('[data-shock="-200000"][data-stale="false"]')).waitFor()
    })

    test('the risk map of a book that is not read shows the reason and no figure', async () => {
      edge.conditions.bookUnread = true
      await page.goto(edge.url)
      await On.signIn(page)
      await On.goTo(page, 'Risk map')
      await page.getByText('The book of Strait One could not be read.').waitFor()
      expect(await page.getByTestId('heatmap').count()).toBe(0)
      expect(await page.locator('tr[data-shock]').count()).toBe(0)
      await On.expectAccessible(page)
    })

    test('what moved the score between two days: lines with their codes that sum to the difference', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      await On.goTo(page, 'Reputation')
      const table = page.getByTestId('score-change')
      await table.getByText('From 420 to 472.').waitFor()
      await table.getByText('RECENT_LIQUIDATIONS').waitFor()
      const moves = await table.locator('tr[data-change]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-change'))))
      expect(moves.reduce((sum, value) => sum + value, 0)).toBe(472 - 420)
      await On.screenshot(page, 'score-change-1280')
      await On.expectAccessible(page)
      await page.getByLabel('to the end of').fill('2020-01-01')
      await page.getByText('Choose two days').waitFor()
      expect(await table.count()).toBe(0)
    })

    test('what may stand behind a limit is a sum on the page, and what a refusal names', async () => {
      const usd = (cents: bigint) => cents * 10n ** 16n
      edge.conditions.there = { venueCollateral: usd(2_500_25n), unrealisedLoss: usd(90_10n), fees: usd(7_77n) }
      await page.goto(edge.url)
      await On.signIn(page)
      const behind = page.getByTestId('behind')
      await behind.getByText('$2,402.38').waitFor()
      const [free = 0n, venue = 0n, total = 0n] = await behind
        .locator('tr')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-usd') ?? ''))
        .then((all) => all.map(BigInt))
      expect(venue).toBe(usd(2_402_38n))
      expect(free + venue).toBe(total)
      await page
        .getByText(/^Your credit\. It needs \$65,0\d\d\.\d\d of the \$68,893\.61 that may stand behind it\. Here margin steps up/)
        .waitFor()
      await On.screenshot(page, 'behind-1280')
      await On.expectAccessible(page)
      await page.getByRole('button', { name: /^BTC-PERP\s*Strait One/ }).click()
      await page.getByText('Your credit. All that may stand behind it, $68,893.61, does.').waitFor()
      await page.getByRole('button', { name: /^ETH-PERP\s*Strait One/ }).click()
      await page.getByLabel('Notional (USD)').fill('1900000')
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(`and ${Amount.dollars(total, 'down')} USD can stand behind it.`).waitFor()
      await page.setViewportSize(On.mobile)
      await On.expectNoSideScroll(page)
      await page.getByText('What these are').click()
      await page.getByText('More where your collateral falls with the market.').and(page.locator('dd')).waitFor()
      await On.expectNoSideScroll(page)
      await On.expectAccessible(page)
      await On.screenshot(page, 'behind-390')
      await page.getByRole('link', { name: 'See what counts' }).click()
      await page.getByRole('region', { name: /harbour/ }).waitFor()
    })

    test('bug: a certificate below what is open was signed without a word; now the page says so, and asks', async () => {
      edge.conditions.there = { position: { side: 'long', notional: 50_000n * 10n ** 18n } }
      await page.goto(edge.url)
      await On.signIn(page)
      await page.getByLabel('Notional (USD)').fill('12500')
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText('What is open there is 50,000.00 USD').waitFor()
      await page.getByText('Nothing was signed.').waitFor()
      expect(await page.getByTestId('certificate').count()).toBe(0)
      await On.screenshot(page, 'cut-1280')
      await On.expectAccessible(page)
      await page.getByRole('button', { name: 'Keep what is open' }).click()
      await page.getByText(/^Issued: \$50,000, No\. 1\./).waitFor()
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByRole('button', { name: 'Cut it to $12,500' }).click()
      await page.getByText(/^Issued: \$12,500, No\. 2\./).waitFor()
      await page.getByLabel('Notional (USD)').fill('50000')
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: \$50,000, No\. 3\./).waitFor()
    })

    test('a margin call is said on every page', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      set({ marginCall: true })
      for (const tab of ['Limits', 'Collateral', 'Reputation', 'Risk map', 'Market'] as const) {
        await On.goTo(page, tab)
        await page.getByRole('alert').getByText('Margin call').waitFor()
      }
    })

    test('bug: a page showed the collateral of whoever had signed in in another tab, beside its own limits', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      await On.goTo(page, 'Collateral')
      const titles = () => page.locator('[data-lot] code[title]').evaluateAll((all) => all.map((it) => it.getAttribute('title')))
      const holders = async () => [...new Set(await titles())]
      await expect.poll(holders, eventually).toHaveLength(1)
      const [mine] = await holders()
      const other = accountOf('another tab')
      await wallet.switchTo(other)
      const tab = await context.newPage()
      await tab.goto(edge.url)
      await tab.getByRole('button', { name: /Sign in as/ }).click()
      await tab.locator(`[title="${other.address.toLowerCase()}"]`).first().waitFor()
      // Two polls later it is what it was.
      await page.waitForTimeout(5_000)
      expect(await holders()).toEqual([mine])
    })

    test('bug: a certificate was called valid or not by the clock of the machine that looked at it', async () => {
      await page.addInitScript('const now = Date.now; Date.now = () => now() + 7200000')
      await page.goto(edge.url)
      await On.signIn(page)
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: /).waitFor()
      await page.getByRole('button', { name: 'Replay it in this browser' }).click()
      await page.getByText('Valid: the inputs give this limit, bit for bit.').waitFor()
    })

    test('a certificate runs out: counted down, then said, and nobody is frightened', async () => {
      edge.conditions.ttlSeconds = 3
      await page.goto(edge.url)
      await On.signIn(page)
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: /).waitFor()
      await page.getByText(/Expired \d+ s ago\. Nobody is liquidated for that\./).waitFor()
    })

    test('by keyboard alone: sign in, choose a market, write an amount, issue', async () => {
      await page.goto(edge.url)
      const button = page.getByRole('button', { name: 'Test Wallet' })
      await button.waitFor()
      await tabTo(page, 'Test Wallet')
      await page.keyboard.press('Enter')
      await page.getByTestId('figures').waitFor()
      await tabTo(page, 'BTC-PERP')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: /BTC-PERP on Strait One/ }).waitFor()
      await tabTo(page, 'Notional (USD)')
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.type('12,500')
      await page.keyboard.press('Enter')
      await page.getByText(/^Issued: \$12,500/).waitFor()
    })

    test('on a telephone a fault that names an account and a venue stays inside of the page', async () => {
      await page.goto(edge.url)
      await On.signIn(page)
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: /).waitFor()
      const other = await browser.newContext({ viewport: On.mobile, reducedMotion: 'reduce' })
      await InjectedWallet.inject(other, accountOf('somebody else'))
      const theirs = await other.newPage()
      await theirs.goto(edge.url)
      await On.signIn(theirs)
      edge.conditions.mixedUp = true
      edge.emit('test')
      await theirs.getByText('FOREIGN_CERTIFICATE').waitFor()
      await On.expectNoSideScroll(theirs)
      await other.close()
    })

    test('a market that is wound down says so where its limit is, and what is left to do', async () => {
      await page.setViewportSize(On.mobile)
      await page.goto(edge.url)
      await On.signIn(page)
      expect(await page.getByText(/wound down/i).count()).toBe(0)
      set({ closing: true })
      await page.getByText('Wound down at Strait One: what is open can be closed, and nothing is opened.').waitFor()
      await page.getByRole('button', { name: /ETH-PERP Strait One \$0 wound down/ }).waitFor()
      await On.expectNoSideScroll(page)
      await On.expectAccessible(page)
      await On.screenshot(page, 'mobile-wound-down')
      await page.getByRole('button', { name: /ETH-PERP Strait Two/ }).click()
      await expect.poll(() => page.getByText(/^Wound down at/).count(), eventually).toBe(0)
      await On.goTo(page, 'Market')
      await page.getByText('Wound down at Strait One: what is open can be closed, and nothing is opened.').waitFor()
    })

    test('bug: on a telephone the address of a feed that was refused ran over the next card and out of the page', async () => {
      edge.conditions.priceRefused = true
      await page.setViewportSize(On.mobile)
      await page.goto(edge.url)
      await page.getByRole('button', { name: 'Test Wallet' }).click()
      await expect.poll(() => page.getByText(/at 0x0+e1 was last published/).count(), eventually).toBeGreaterThan(4)
      await On.screenshot(page, 'mobile-feed-refused')
      await On.expectNoSideScroll(page)
    })

    test('on a telephone nothing is cut off, on any page', async () => {
      await page.setViewportSize(On.mobile)
      await page.goto(edge.url)
      await On.signIn(page)
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: /).waitFor()
      for (const tab of ['Limits', 'Collateral', 'What-if', 'Reputation', 'Market', 'Risk map'] as const) {
        await On.goTo(page, tab)
        await expect.poll(() => page.getByText('Waiting for').count(), eventually).toBe(0)
        await On.expectNoSideScroll(page)
        await On.expectCellsApart(page)
        expect(await page.getByRole('navigation', { name: 'Pages' }).evaluate((nav) => nav.scrollWidth - nav.clientWidth)).toBe(0)
        await On.screenshot(page, `mobile-${tab.toLowerCase().replace(' ', '-')}`)
      }
      await On.expectAccessible(page)
    })
  },
)

/** Presses Tab until what has the focus is called `name`. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
      return label ?? element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    })
    if (focused.includes(name)) return
  }
  throw new Error(`Tab never reached ${name}`)
}
