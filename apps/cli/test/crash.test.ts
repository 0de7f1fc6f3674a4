/** A small crash as anybody runs it: real chains, contracts and services, and what is said of them holds on the chains. */
import { beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

type Fact = { readonly kind: string; readonly account: string; readonly notional: string }
type Side = 'north' | 'south'
type Card = Readonly<Record<'liquidated' | 'inherited' | 'reduced' | 'spared' | 'unwarned' | 'drawdown' | 'extra', number>> &
  Readonly<Record<'forced' | 'takenOver' | 'before' | 'badDebt' | 'covered' | 'unpaid', string>> & {
    readonly amiss: { readonly healthy: number; readonly failed: number }
    readonly conserved: boolean
  }
type Document = Readonly<Record<Side, Card>> & {
  readonly accounts: number
  readonly steps: readonly ({ readonly outside: number } & Readonly<
    Record<Side, { readonly price: number; readonly facts: readonly Fact[] }>
  >)[]
}

const run = (args: readonly string[]) => Cli.run(['demo', 'crash', ...args])

describe('plimsoll demo crash --json', () => {
  let document: Document
  let told: string
  const facts = (side: Side, kind: string) => document.steps.flatMap((step) => step[side].facts.filter((fact) => fact.kind === kind))

  beforeAll(async () => {
    const { code, stdout, stderr } = await run(['--accounts', '16', '--steps', '30', '--seed', '1', '--json'])
    if (code !== 0) throw new Error(`it ended with ${code}: ${stderr}`)
    document = JSON.parse(stdout) as Document
    told = stderr
  }, 600_000)

  test('property: every cent is accounted for on both chains', () => {
    expect([document.north.conserved, document.south.conserved]).toEqual([true, true])
  })

  test('property: nobody healthy was liquidated or inherited, and nobody below margin reduced', () => {
    expect(facts('north', 'liquidated').length).toBeGreaterThan(0)
    expect(facts('south', 'liquidated').length + facts('south', 'inherited').length).toBeGreaterThan(0)
    for (const side of ['north', 'south'] as const) expect(document[side].amiss).toEqual({ healthy: 0, failed: 0 })
  })

  test('worked example: with mandates accounts were reduced before the threshold, without them none', () => {
    const { north, south } = document
    expect({ reduced: north.reduced, before: north.before, inherited: north.inherited }).toEqual({ reduced: 0, before: '0', inherited: 0 })
    expect(south.reduced).toBeGreaterThan(0)
    expect(south.reduced).toBe(new Set(facts('south', 'reduced').map(({ account }) => account)).size)
    const closedAt = (account: string) =>
      document.steps.findIndex(({ south }) =>
        south.facts.some((fact) => fact.account === account && /liquidated|inherited/.test(fact.kind)),
      )
    for (const [at, step] of document.steps.entries())
      for (const { kind, account } of step.south.facts) {
        const closed = closedAt(account)
        if (kind === 'reduced' && closed >= 0) expect(at).toBeLessThanOrEqual(closed)
      }
  })

  test('property: the figures are the sums of what was done', () => {
    for (const side of ['north', 'south'] as const) {
      const sum = (kind: string) => facts(side, kind).reduce((total, { notional }) => total + BigInt(notional), 0n)
      const card = document[side]
      expect(BigInt(card.forced)).toBe(sum('liquidated') + sum('inherited'))
      expect(BigInt(card.takenOver)).toBe(sum('inherited'))
      expect(BigInt(card.before)).toBe(sum('reduced'))
      expect(BigInt(card.badDebt)).toBe(BigInt(card.covered) + BigInt(card.unpaid))
      expect(card.liquidated + card.inherited).toBeLessThanOrEqual(document.accounts)
    }
    expect(document.north.drawdown - document.north.extra).toBeCloseTo(document.south.drawdown - document.south.extra, 12)
  })

  test('edge: until somebody is forced both sides have the outside price', () => {
    const first = document.steps.findIndex(({ north, south }) => north.facts.length + south.facts.length > 0)
    expect(first).toBeGreaterThan(0)
    for (const { outside, north, south } of document.steps.slice(0, first + 1)) {
      expect(north.price).toBeCloseTo(outside, 6)
      expect(south.price).toBeCloseTo(outside, 6)
    }
  })

  test('edge: progress is told on stderr', () => {
    expect(told).toMatch(/north \d+\.\d\d \(\d+ liquidated\)/)
  })

  test('error: what is no count is refused before anything starts', async () => {
    const { code, stdout, stderr } = await run(['--accounts', '3'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('a whole number from 4 to 120')
    expect(stderr).not.toContain('✓')
  })
})
