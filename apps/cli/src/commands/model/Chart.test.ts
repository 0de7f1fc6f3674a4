import { describe, expect, test } from 'vitest'
import * as Chart from './Chart.ts'

const row = (value: number, part: Partial<Chart.Row> = {}): Chart.Row => ({ label: 'a', value, shown: 'x', ...part })
const bar = (value: number): string => Chart.bars({ title: 't', rows: [row(value)], goal: 1, most: 2 })

describe('bars', () => {
  test('worked example: half of the scale, the goal at half, and which side of it', () => {
    expect(bar(1)).toContain('<rect class="better" x="90" y="4" width="210.0" height="14"/>')
    expect(bar(1)).toContain('<line class="goal" x1="300.0" x2="300.0" y1="0" y2="22"/>')
    expect(bar(1.01)).toContain('class="worse"')
  })
  test('edge: beyond the scale it ends there; nothing is a hair; what is no number is not drawn', () => {
    expect(bar(9)).toContain('width="420.0"')
    expect(bar(0)).toContain('width="1.0"')
    expect(bar(Number.NaN)).not.toContain('<rect')
  })
})

describe('intervals', () => {
  test('worked example: an interval that covers the goal, and one that does not', () => {
    const of = (low: number, high: number): string => Chart.intervals({ title: 't', rows: [row(1.5, { low, high })], goal: 1, most: 2 })
    expect(of(1, 2)).toContain(
      '<line class="better" x1="300.0" x2="510.0" y1="11" y2="11"/><circle class="better" cx="405.0" cy="11" r="4"/>',
    )
    expect(of(1.01, 2)).toContain('class="worse"')
    expect(of(0.5, 0.99)).toContain('class="worse"')
  })
})

describe('quoted', () => {
  test('edge: nothing of a name is markup', () => {
    expect(Chart.quoted(`<b a="1">'&`)).toBe('&#60;b a=&#34;1&#34;&#62;&#39;&#38;')
    expect(Chart.bars({ title: '<i>', rows: [row(1, { label: '<script>', shown: '<u>' })], goal: 1, most: 2 })).not.toMatch(
      /<(i|script|u)>/,
    )
  })
})
