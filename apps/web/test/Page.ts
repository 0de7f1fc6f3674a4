/** What the browser tests do to a page. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Where screenshots are kept; ignored by git. */
export const artifacts = join(import.meta.dirname, '..', 'test-artifacts')

export const desktop = { width: 1280, height: 900 }
export const mobile = { width: 390, height: 844 }

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true })
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true })
}

/** No serious or critical violation of WCAG 2 A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(
    serious.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`).join(' | ')}`,
    ),
  ).toEqual([])
}

/** Nothing is cut off at the side. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
}

/** What stands beside each other in a table does not read as one word. */
export async function expectCellsApart(page: Page): Promise<void> {
  const touching = await page.locator('tr').evaluateAll((rows) =>
    rows.flatMap((row) => {
      const seen = [...row.children].flatMap((cell) => {
        const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
        const rects: DOMRect[] = []
        while (texts.nextNode()) {
          // What only a screen reader says stands nowhere.
          if (texts.currentNode.parentElement?.closest('.sr-only')) continue
          const range = document.createRange()
          range.selectNode(texts.currentNode)
          rects.push(...range.getClientRects())
        }
        const text = cell.textContent ?? ''
        return rects.length === 0
          ? []
          : [{ text, left: Math.min(...rects.map(({ left }) => left)), right: Math.max(...rects.map(({ right }) => right)) }]
      })
      return seen.flatMap((cell, index) => {
        const before = seen[index - 1]
        return before && cell.left - before.right < 4 ? [`${before.text} | ${cell.text}`] : []
      })
    }),
  )
  expect(touching).toEqual([])
}

export async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test Wallet' }).click()
  await page.getByTestId('figures').waitFor()
}

export async function goTo(page: Page, tab: 'Limits' | 'Collateral' | 'What-if' | 'Reputation' | 'Risk map' | 'Market'): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: tab }).click()
}

/** One column of the waterfall as it is drawn: the rows' exact figures and the pixels of every bar. */
export type Drawn = {
  readonly factor: string
  readonly imPpm: number
  readonly notional: bigint
  readonly bars: readonly { readonly left: number; readonly right: number }[]
}

export async function waterfall(page: Page): Promise<{ readonly rows: readonly Drawn[]; readonly result: Drawn }> {
  const drawn = await page.locator('tr[data-factor]').evaluateAll((rows) =>
    rows.map((row) => ({
      factor: row.getAttribute('data-factor') ?? '',
      imPpm: Number(row.getAttribute('data-im-ppm')),
      notional: row.getAttribute('data-notional') ?? '',
      bars: [...row.querySelectorAll('[data-bar]')].map((bar) => {
        const { left, right } = bar.getBoundingClientRect()
        const track = bar.parentElement?.getBoundingClientRect().left ?? 0
        return { left: left - track, right: right - track }
      }),
    })),
  )
  const all = drawn.map((row) => ({ ...row, notional: BigInt(row.notional) }))
  const result = all.at(-1)
  if (result?.factor !== 'result') throw new Error('the waterfall ends with its result')
  return { rows: all.slice(0, -1), result }
}

/** Figures add up exactly, and each bar begins where the one before ended, to the pixel. */
export async function expectSums(page: Page): Promise<{ readonly imPpm: number; readonly notional: bigint }> {
  const { rows, result } = await waterfall(page)
  expect(rows.map(({ factor }) => factor)).toEqual(['schedule', 'volatility', 'brake', 'reputation', 'wrongWay', 'bounds'])
  expect(rows.reduce((sum, { imPpm }) => sum + imPpm, 0)).toBe(result.imPpm)
  expect(rows.reduce((sum, { notional }) => sum + notional, 0n)).toBe(result.notional)
  for (const column of [0, 1]) {
    let end = 0
    for (const row of rows) {
      const rises = column === 0 ? row.imPpm >= 0 : row.notional >= 0n
      const bar = row.bars[column]
      if (!bar) throw new Error(`${row.factor} has two bars`)
      expect(Math.abs((rises ? bar.left : bar.right) - end)).toBeLessThan(3)
      end = rises ? bar.right : bar.left
    }
    expect(Math.abs((result.bars[column]?.right ?? -1) - end)).toBeLessThan(3)
  }
  return result
}
