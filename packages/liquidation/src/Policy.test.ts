import { describe, expect, test } from 'vitest'
import { Figure, Policy } from './index.ts'

const account = { equity: 4, notional: 100, maintenance: 5, cost: 0, done: 0 }

describe('share', () => {
  test('worked example: 4 against a target of 1.2 · 5 closes a third', () => {
    expect(Policy.share({ kind: 'target', target: 1.2, slices: 3 }, account)).toBeCloseTo(1 / 3, 12)
    expect(Policy.share({ kind: 'target', target: 1.2, slices: 3 }, { ...account, cost: 0.01 })).toBeCloseTo(2 / 5, 12)
    expect(Policy.share({ kind: 'share', share: 0.5, slices: 3 }, account)).toBe(0.5)
    expect(Policy.share({ kind: 'full' }, account)).toBe(1)
  })

  test('edge: after its slices, under water, and where nothing would be closed, all of it', () => {
    const policy: Policy.Policy = { kind: 'target', target: 1, slices: 2 }
    expect(Policy.share(policy, { ...account, done: 2 })).toBe(1)
    expect(Policy.share(policy, { ...account, done: 1 })).toBeCloseTo(0.2, 12)
    expect(Policy.share(policy, { ...account, equity: -1 })).toBe(1)
    expect(Policy.share(policy, { ...account, equity: 5 })).toBe(1)
    expect(Policy.share(policy, { ...account, maintenance: 0, equity: -1 })).toBe(1)
    expect(Policy.share({ kind: 'share', share: 0.5, slices: 2 }, { ...account, done: 2 })).toBe(1)
    expect(Policy.share(policy, { ...account, notional: 0 })).toBe(1)
    expect(Policy.share(policy, { ...account, equity: 0.02, notional: 0.5, maintenance: 0.025 })).toBeCloseTo(0.2, 12)
  })
})

describe('assert', () => {
  test('error: each branch', () => {
    const bad: readonly Policy.Policy[] = [
      { kind: 'target', target: 0.99, slices: 1 },
      { kind: 'target', target: 1, slices: 0 },
      { kind: 'share', share: 0, slices: 1 },
      { kind: 'share', share: 1.1, slices: 1 },
    ]
    for (const policy of bad) expect(() => Policy.assert(policy)).toThrow(Figure.InvalidFigureError)
    const good: readonly Policy.Policy[] = [
      { kind: 'full' },
      { kind: 'target', target: 1, slices: 1 },
      { kind: 'share', share: 1, slices: 1 },
    ]
    for (const policy of good) expect(() => Policy.assert(policy)).not.toThrow()
  })
})
