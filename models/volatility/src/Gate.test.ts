import { Random } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import { Gate } from './index.ts'

const day = 86_400
const start = Date.parse('2024-01-01T00:00:00Z') / 1_000

/** Outcomes around a level, and what two models say: each off by a factor, with quantiles that one path in a hundred goes beyond. */
function cases(args: {
  readonly days?: number
  readonly challenger: number
  readonly champion: number
  readonly seed?: number
}): Gate.Case[] {
  const random = Random.of(args.seed ?? 1, 'gate test')
  const said = (factor: number): Gate.Said => ({ variance: 0.001 * factor, q99LongPath: 0.99, q99ShortPath: 0.99 })
  return Array.from({ length: args.days ?? 400 }, (_, t) =>
    ['A', 'B', 'C'].map((symbol) => ({
      symbol,
      origin: start + t * day,
      variance: 0.001 * Math.exp(0.3 * random.normal()),
      longPath: random.uniform(),
      shortPath: random.uniform(),
      challenger: said(args.challenger),
      champion: said(args.champion),
    })),
  ).flat()
}
const assess = (of: readonly Gate.Case[]): Gate.Verdict => Gate.assess({ cases: of, horizonSeconds: day, seed: 1 })
const failed = (verdict: Gate.Verdict): string[] => [...new Set(verdict.checks.filter(({ holds }) => !holds).map(({ name }) => name))]

describe('assess', () => {
  test('worked example: a better model passes every condition on both periods', () => {
    const verdict = assess(cases({ challenger: 1.05, champion: 1.5 }))
    expect(failed(verdict)).toEqual([])
    expect(verdict).toMatchObject({ status: 'passed', cases: 1_200 })
    expect(new Set(verdict.checks.map(({ period }) => period))).toEqual(new Set(['validation', 'recent']))
    expect(verdict.checks.some(({ name }) => name === 'shortfall around 2024-08-05')).toBe(true)
  })
  test('edge: as good is not better, unless the pinball loss is lower', () => {
    const equal = cases({ challenger: 1.2, champion: 1.2 })
    expect(failed(assess(equal))).toEqual(['QLIKE'])
    const wider = equal.map((each) => ({ ...each, champion: { ...each.champion, q99LongPath: 1.5, q99ShortPath: 1.5 } }))
    expect(wider.some(({ challenger }) => challenger.q99LongPath < 1)).toBe(true)
    expect(failed(assess(wider)).includes('QLIKE')).toBe(false)
  })
  test('edge: a worse model fails QLIKE, the confidence set and the assets', () => {
    expect(failed(assess(cases({ challenger: 1.6, champion: 1.05 })))).toEqual(
      expect.arrayContaining(['QLIKE', 'QLIKE without the worst days', '90 % confidence set', 'every asset']),
    )
  })
  test('edge: one asset on which it loses refuses it', () => {
    const mixed = cases({ challenger: 1, champion: 1.6 }).map((each) =>
      each.symbol === 'C' ? { ...each, challenger: { ...each.challenger, variance: 0.002 } } : each,
    )
    expect(failed(assess(mixed))).toContain('every asset')
  })
  test('edge: too many breaches, or too few, refuse it', () => {
    const at = (quantile: number): string[] =>
      failed(
        assess(
          cases({ challenger: 1.05, champion: 1.5 }).map((each) => ({
            ...each,
            challenger: { ...each.challenger, q99LongPath: quantile },
          })),
        ),
      )
    expect(at(0.98)).toContain('exceedance, long')
    expect(at(1)).toEqual(['exceedance, long'])
  })
  test('edge: a stress window in which it falls shorter', () => {
    const hit = cases({ challenger: 1.05, champion: 1.5 }).map((each) =>
      each.origin === Date.parse('2024-08-05T00:00:00Z') / 1_000
        ? { ...each, longPath: 2, champion: { ...each.champion, q99LongPath: 1.5 } }
        : each,
    )
    expect(failed(assess(hit)).filter((name) => !name.startsWith('exceedance'))).toEqual(['shortfall around 2024-08-05'])
  })
  test('error: too few origins', () => {
    expect(() => assess(cases({ days: 29, challenger: 1, champion: 1.5 }))).toThrow(Gate.TooFewCasesError)
  })
})
