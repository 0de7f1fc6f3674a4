import { Requirement } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Words from './Words.ts'

describe('factor', () => {
  test('edge: every factor a limit gives has a name and a sentence', () => {
    for (const stage of Requirement.stages) {
      expect(Words.factor(stage).name).not.toBe(stage)
      expect(Words.factor(stage).says).not.toBe('')
    }
  })

  test('edge: what has no words here keeps its code', () => {
    expect(Words.factor('tide').name).toBe('tide')
    expect(Words.bound('TIDE')).toBe('TIDE')
    expect(Words.feature('TIDE').name).toBe('TIDE')
    expect(Words.custody('TIDE')).toBe('TIDE')
    expect(Words.grant('TIDE')).toBeNull()
    expect(Words.chain('TIDE')).toBe('It could not be read.')
    expect(Words.price('TIDE')).toContain('TIDE')
    expect(Words.tier(9)).toBe('Tier 9')
  })
})

describe('addressOf', () => {
  test('worked example', () => {
    expect(Words.addressOf('eip155:0:0x00000000000000000000000000000000000000aa')).toBe('0x00000000000000000000000000000000000000aa')
  })
})
