import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Card from './Card.ts'
import type * as Facts from './Facts.ts'
import type { Money } from './Money.ts'

const usd = 10n ** 18n
const [ann, bob, cid, desk] = ['0x0a', '0x0b', '0x0c', '0x0d'] as const
const fact = (kind: Facts.Fact['kind'], account: Hex, dollars: number): Facts.Fact => ({
  ...{ kind, account, price: usd, block: 1n },
  notional: BigInt(dollars) * usd,
})
const money = (over: Partial<Money> = {}): Money => ({
  ...{ collateral: 60n, owed: 0n, owing: 0n, pool: 40n, venue: 100n, supply: 100n, known: 100n, desk: 0n },
  layers: { junior: 0n, insurance: 0n, senior: 0n },
  backstop: { equity: 0n, inventory: 0n },
  equities: new Map([
    [ann, 10n * usd],
    [bob, 10n * usd],
    [cid, 10n * usd],
  ]),
  ...over,
})
const given = {
  ...{ stepSeconds: 30, log: [0, Math.log(0.5)], path: [0, Math.log(0.75)] },
  ...{ before: money(), after: money(), amiss: { healthy: 0, failed: 0 } },
}

describe('of', () => {
  test('worked example: one reduced and then liquidated, one inherited unwarned, one spared', () => {
    const card = Card.of({
      ...given,
      steps: [
        [fact('reduced', ann, 2), fact('reduced', cid, 1)],
        [fact('liquidated', ann, 7), fact('inherited', bob, 5), fact('sold', desk, 4)],
        [fact('liquidated', ann, 3), fact('covered', bob, 2), fact('covered', desk, 1)],
        [],
        [fact('liquidated', ann, 6)],
      ],
    })
    expect(card).toMatchObject({ liquidated: 1, inherited: 1, reduced: 2, spared: 1, unwarned: 1 })
    expect(card).toMatchObject({ forced: 21n * usd, takenOver: 5n * usd, before: 3n * usd, sold: 4n * usd })
    // Two steps are a minute: 7 + 3, and not 3 + 6.
    expect(card.peak).toBe(10n * usd)
    // A discount to the desk is no debt of an account.
    expect(card).toMatchObject({ badDebt: 2n * usd, covered: 2n * usd, unpaid: 0n })
    expect(card.drawdown).toBeCloseTo(0.5, 12)
    expect(card.extra).toBeCloseTo(0.25, 12)
  })
  test('worked example: what was lost is the losers’, and the backstop has what its layers and its account have', () => {
    const after = money({
      owed: 3_000_000n,
      desk: 2n * usd,
      layers: { junior: 1_000_000n, insurance: 0n, senior: 0n },
      backstop: { equity: -4n * usd, inventory: 9n * usd },
      equities: new Map([
        [ann, 4n * usd],
        [bob, 25n * usd],
        [cid, -1n * usd],
      ]),
    })
    const card = Card.of({ ...given, steps: [], after })
    expect(card).toMatchObject({
      lost: 17n * usd,
      backstop: -3n * usd,
      inventory: 9n * usd,
      desk: 2n * usd,
      unpaid: 3n * usd,
      badDebt: 3n * usd,
    })
  })
  test('edge: a cent too many or too few anywhere is not conserved', () => {
    const conserved = (after: Partial<Money>) => Card.of({ ...given, steps: [], after: money(after) }).conserved
    expect(conserved({})).toBe(true)
    expect(conserved({ collateral: 59n, pool: 41n })).toBe(true)
    expect(conserved({ collateral: 59n })).toBe(false)
    expect(conserved({ venue: 101n })).toBe(false)
    expect(conserved({ known: 99n })).toBe(false)
    expect(conserved({ supply: 101n, known: 101n })).toBe(false)
    expect(Card.of({ ...given, steps: [], before: money({ pool: 1n }) }).conserved).toBe(false)
  })
})
