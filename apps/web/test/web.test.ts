/** A trader at the page, in a real browser, before a real gateway: chains, contracts, forecaster, database and signatures included. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deployment, House, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, type Key, type MarginClient } from '@plimsoll/sdk'
import { SyntheticMarket } from '@plimsoll/volatility'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { parseUnits } from 'viem'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Chromium from './Chromium.ts'
import * as InjectedWallet from './InjectedWallet.ts'
import * as On from './Page.ts'

const executable = Chromium.find()
const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('browser')
const root = join(import.meta.dirname, '..')
const trader = Wallet.of('web trader')
const intervalSeconds = 300
const one = 10n ** 18n
const eventually = { timeout: 15_000 }

describe.skipIf(executable === null && !required)(
  'the web app (needs Chromium: set CHROMIUM_PATH, or install chromium or google-chrome)',
  () => {
    let dist = ''
    let house: House.House
    let browser: Browser
    let context: BrowserContext
    let page: Page
    let wallet: InjectedWallet.InjectedWallet
    /** The same participant beside the browser, through the SDK. */
    let client: MarginClient
    let key: Key

    beforeAll(async () => {
      if (executable === null) throw new Error('PLIMSOLL_REQUIRE asks for a browser, and no Chromium was found.')
      dist = mkdtempSync(join(tmpdir(), 'plimsoll-web-'))
      await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: dist, emptyOutDir: true } })
      house = await House.start({ home: null, market: market(), intervalSeconds, gateway: { env: { WEB_DIST: dist } } })
      const { world } = house
      const lock = { manifest: world.manifest, account: trader }
      await Deployment.lock({ ...lock, chain: world.chains.harbour, asset: 'USDC', amount: parseUnits('20000', 6) })
      await Deployment.lock({ ...lock, chain: world.chains.lagoon, asset: 'WETH', amount: parseUnits('4', 18) })
      await world.finalise()
      const venue = world.manifest.venues[0]
      if (!venue) throw new Error('The world has a venue.')
      key = { account: trader.address, venue: `eip155:${venue.chainId}:${venue.address}`, market: 'ETH-PERP' }
      client = createMarginClient({ transport: http(house.gateway.url) })
      browser = await Chromium.launch(executable)
      context = await browser.newContext({ viewport: On.desktop, reducedMotion: 'reduce' })
      context.setDefaultTimeout(15_000)
      wallet = await InjectedWallet.inject(context, trader)
      page = await context.newPage()
    }, 180_000)

    afterAll(async () => {
      await browser?.close()
      await house?.stop()
      if (dist !== '') rmSync(dist, { recursive: true, force: true })
    })

    test('sign in with a wallet: one message, of this origin, and nothing else is signed', async () => {
      await page.goto(house.gateway.url)
      await page.getByRole('heading', { name: 'How much may I carry, and why?' }).waitFor()
      await On.expectAccessible(page)
      await On.signIn(page)
      expect(wallet.signed).toHaveLength(1)
      expect(wallet.signed[0]).toContain(
        `${new URL(house.gateway.url).host} wants you to sign in with your Ethereum account:\n${trader.address}`,
      )
    })

    test('my limit is the one the SDK is told, and its reasons add up to it', async () => {
      await client.signIn({ account: trader })
      await expect
        .poll(async () => {
          const { limit } = await client.getLimit(key)
          const shown = await page.getByTestId('figures').locator('[data-notional]').getAttribute('data-notional')
          return limit.notional > 0n && shown === limit.notional.toString()
        }, eventually)
        .toBe(true)
      const { imPpm, notional } = await On.expectSums(page)
      expect(notional).toBeGreaterThan(0n)
      expect(imPpm).toBeGreaterThan(0)
      await On.screenshot(page, 'limits-1280')
      await On.expectAccessible(page)
    })

    test('issue a certificate: signed, counted down, and replayed in this browser', async () => {
      await page.getByLabel('Notional (USD)').fill('25,000')
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      await page.getByText(/^Issued: \$25,000, No\. 1\.$/).waitFor()
      const certificate = page.getByTestId('certificate')
      await certificate.getByText(/^Expires in \d:\d\d$/).waitFor()
      const { signed } = await client.getCertificate(key)
      expect(signed?.certificate).toMatchObject({ sequence: 1n, maxNotional: 25_000n * one })
      await page.getByRole('button', { name: 'Replay it in this browser' }).click()
      await page.getByText('Valid: the inputs give this limit, bit for bit.').waitFor()
      await On.screenshot(page, 'certificate-1280')
      await On.expectAccessible(page)
    })

    test('more than my limit is refused in words, with what to do', async () => {
      const { limit } = await client.getLimit(key)
      await page.getByLabel('Notional (USD)').fill((limit.notional / one + 50_000n).toString())
      await page.getByText(/^Above your limit of/).waitFor()
      await page.getByRole('button', { name: 'Issue certificate' }).click()
      const refusal = page.getByRole('status').filter({ hasText: 'Ask for at most' })
      await refusal.waitFor()
      expect((await client.getCertificate(key)).signed?.certificate.sequence).toBe(1n)
    })

    test('what happens elsewhere appears here: a certificate issued by another client', async () => {
      const started = Date.now()
      const issued = await client.issueLimit({ ...key, notional: 30_000n * one })
      expect(issued.status).toBe('issued')
      await page.getByTestId('certificate').and(page.locator('[data-sequence="2"]')).waitFor()
      // Certificates are polled every 10 s: sooner than that, it was the stream of events.
      expect(Date.now() - started).toBeLessThan(8_000)
    })

    test('what-if: the certificate replays to its own limit; worse inputs lower it, more collateral raises it', async () => {
      await On.goTo(page, 'What-if')
      const row = page.getByTestId('what-if').locator('[data-row="Max notional"]')
      await row.waitFor()
      const figures = async () => ({
        before: BigInt((await row.getAttribute('data-before')) ?? ''),
        after: BigInt((await row.getAttribute('data-after')) ?? ''),
      })
      const same = await figures()
      expect(same.after).toBe(same.before)
      await page.getByLabel('forecast volatility').fill('150')
      const shocked = await figures()
      expect(shocked.before).toBe(same.before)
      expect(shocked.after).toBeLessThan(same.before)
      await On.expectSums(page)
      await On.screenshot(page, 'what-if-1280')
      await On.expectAccessible(page)
      await page.getByRole('button', { name: 'As it is' }).click()
      await page.getByLabel('my collateral').fill('50')
      expect((await figures()).after).toBeGreaterThan(same.before)
    })

    test('collateral, reputation and markets say where their figures come from', async () => {
      await On.goTo(page, 'Collateral')
      await page
        .getByRole('region', { name: /harbour/ })
        .getByText('20,000 USDC')
        .waitFor()
      await page
        .getByRole('region', { name: /lagoon/ })
        .getByText('4 WETH')
        .waitFor()
      expect(await page.getByText('2 of 2 sources agree').count()).toBe(3)
      await On.screenshot(page, 'collateral-1280')
      await On.expectAccessible(page)
      await On.goTo(page, 'Reputation')
      await page.getByRole('heading', { name: 'What would raise it' }).waitFor()
      const points = await page.locator('tr[data-points]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-points'))))
      expect(points.reduce((sum, value) => sum + value, 0)).toBe((await client.explain()).score)
      await On.screenshot(page, 'reputation-1280')
      await On.expectAccessible(page)
      await On.goTo(page, 'Market')
      await page.getByText('Model, computed by').first().waitFor()
      expect(await page.getByText('no price, because').count()).toBe(0)
      await On.screenshot(page, 'market-1280')
      await On.expectAccessible(page)
    })

    test('the risk map of a market with live certificates and no position: the brake counts what may be opened, and nothing is drawn', async () => {
      await On.goTo(page, 'Risk map')
      const map = page.getByTestId('heatmap')
      await map.waitFor()
      await map.getByText('no move of the price would force anybody.').waitFor()
      const fragility = await client.getFragility({ market: key.market })
      if (fragility.status !== 'ok') throw new Error(fragility.message)
      expect(fragility.down.headroom).toBe(30_000n * one)
      expect(fragility.down.openInterest).toBe(0n)
      await page.locator(`[data-side="down"][data-brake="${fragility.down.brake.status}"]`).waitFor()
      expect(await page.getByText('Nobody has a position in this market.').count()).toBe(2)
      await page.getByText('nobody is liquidated').waitFor()
      await On.screenshot(page, 'risk-empty-1280')
      await On.expectAccessible(page)
    })

    test('on a telephone: the same limit, nothing cut off', async () => {
      await page.setViewportSize(On.mobile)
      await On.goTo(page, 'Limits')
      await page.getByTestId('figures').waitFor()
      await On.expectNoSideScroll(page)
      await On.expectSums(page)
      await On.screenshot(page, 'limits-390')
      await On.expectAccessible(page)
      await page.setViewportSize(On.desktop)
    })

    test('a chain goes silent: it is named, and the limit falls instead of pretending', async () => {
      const { limit } = await client.getLimit(key)
      for (const source of house.world.sources.lagoon) source.become({ kind: 'down' })
      await page.getByText('lagoon could not be read.').waitFor({ timeout: 30_000 })
      await expect.poll(async () => (await On.waterfall(page)).result.notional, eventually).toBeLessThan(limit.notional)
      for (const source of house.world.sources.lagoon) source.become({ kind: 'none' })
      await page.getByText('lagoon could not be read.').waitFor({ state: 'detached', timeout: 30_000 })
    })

    test('sign out: nothing of mine stays', async () => {
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'How much may I carry, and why?' }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: 'Test Wallet' }).waitFor()
      expect(await page.getByTestId('figures').count()).toBe(0)
    })
  },
)

/** A seeded month of five-minute bars up to now. */
function market() {
  const bars = 30 * 288
  return SyntheticMarket.generate({
    seed: 11,
    startAt: (Math.floor(Date.now() / 1000 / intervalSeconds) - bars) * intervalSeconds,
    intervalSeconds,
    bars,
    assets: [
      { symbol: 'ETH-PERP', price: 3_000, volatility: 0.6 },
      { symbol: 'BTC-PERP', price: 60_000, volatility: 0.45 },
    ],
  })
}
