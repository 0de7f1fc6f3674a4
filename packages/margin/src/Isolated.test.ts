import { describe, expect, test } from 'vitest'
import * as Isolated from './Isolated.ts'

const terms: Isolated.Terms = {
  atTheMoney: 0.25,
  least: 0.125,
  maintenance: { call: 0.0625, put: 0.0625, putOfValue: 0.5 },
  putOffset: 1.5,
  unpaired: { initial: 2, maintenance: 1.5 },
}
const call = (strike: number, units = 1, value = 10) => ({ kind: 'call' as const, strike, units, value })
const put = (strike: number, units = 1, value = 10) => ({ kind: 'put' as const, strike, units, value })
const initial = (written: Isolated.Written) => Isolated.initial(written, 1_000, terms)
const maintenance = (written: Isolated.Written) => Isolated.maintenance(written, 1_000, terms)

describe('initial', () => {
  test('worked example: a call in, near, and far out of the money', () => {
    expect(initial(call(500))).toBe(250 + 10)
    expect(initial(call(1_000, 2))).toBe(500 + 10)
    expect(initial(call(1_062.5))).toBe(187.5 + 10)
    expect(initial(call(2_000))).toBe(125 + 10)
  })

  test('worked example: a put in, near, and far out of the money', () => {
    expect(initial(put(1_500))).toBe(250 + 10)
    expect(initial(put(937.5))).toBe(187.5 + 10)
    expect(initial(put(100))).toBe(125 + 10)
  })

  test('worked example: a put in the money needs a multiple of its maintenance', () => {
    // maintenance 0.5·600 + 600 = 900, times 1.5
    expect(initial(put(1_600, 1, 600))).toBe(1_350)
    // a call has no such bound
    expect(initial(call(400, 1, 600))).toBe(850)
  })

  test('edge: far out of the money with a spot that is nearly nothing', () => {
    expect(Isolated.initial(call(1_000, 1, 0), 1e-9, terms)).toBeCloseTo(0, 9)
  })
})

describe('maintenance', () => {
  test('worked example: of spot, of the value where that is more', () => {
    expect(maintenance(call(1_000, 2))).toBe(125 + 10)
    expect(maintenance(call(1_000, 1, 600))).toBe(62.5 + 600)
    expect(maintenance(put(1_000, 2))).toBe(125 + 10)
    expect(maintenance(put(1_000, 1, 600))).toBe(300 + 600)
  })
})

describe('bound', () => {
  test('worked example: a spread is bounded, an unpaired call costs its rate of the forward', () => {
    const spread = [
      { kind: 'call', strike: 100, amount: -1 },
      { kind: 'call', strike: 130, amount: 1 },
    ] as const
    expect(Isolated.bound(spread, 100, 2)).toBe(30)
    expect(Isolated.bound([...spread, { kind: 'call', strike: 120, amount: -0.5 }], 100, 2)).toBe(30 + 5 + 100)
    expect(Isolated.bound([{ kind: 'call', strike: 100, amount: 1 }], 100, 2)).toBe(0)
  })
})
