import { expect, test } from 'vitest'
import { Tier } from './index.ts'

const nothing = { provenAccounts: 0, events: 0, uniqueHuman: false, legalRecourse: false }

test('of: worked example, the harder to abandon the higher', () => {
  expect(Tier.of(nothing)).toBe(0)
  expect(Tier.of({ ...nothing, provenAccounts: 1 })).toBe(0)
  expect(Tier.of({ ...nothing, provenAccounts: 1, events: 1 })).toBe(1)
  expect(Tier.of({ ...nothing, provenAccounts: 1, uniqueHuman: true })).toBe(2)
  expect(Tier.of({ provenAccounts: 1, events: 0, uniqueHuman: true, legalRecourse: true })).toBe(3)
})

test('of: edge, evidence about nobody in particular is no evidence', () => {
  expect(Tier.of({ provenAccounts: 0, events: 9, uniqueHuman: true, legalRecourse: true })).toBe(0)
})
