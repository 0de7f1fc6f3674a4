import { describe, expect, test } from 'vitest'
import * as Consistency from './Consistency.ts'
import * as Worked from './testing/worked.ts'

const { inputs } = Worked

describe('assertParams', () => {
  test('error: a weight above the whole, though nothing is before it', () => {
    const at = (weightPpm: number) => () => Consistency.assertParams({ ...inputs.params, concentration: [{ upTo: null, weightPpm }] })
    expect(at(1_000_000)).not.toThrow()
    expect(at(1_000_001)).toThrow(Consistency.InvalidInputsError)
  })
})

describe('assert', () => {
  test('error: a brake that begins below nothing', () => {
    const at = (upToNotional: bigint) => () =>
      Consistency.assert({ ...inputs, brake: { ...inputs.brake, long: [{ upToNotional, ppm: 0 }] } })
    expect(at(0n)).not.toThrow()
    expect(at(-1n)).toThrow(Consistency.InvalidInputsError)
  })
})
