import { describe, expect, test } from 'vitest'
import * as Book from './Book.ts'
import * as Matrix from './Matrix.ts'
import type * as Model from './Model.ts'
import * as Sweep from './Sweep.ts'
import { expiry, market, model, option, scenario } from './testing/portfolio.ts'

type Holding = readonly (readonly [instrument: number, amount: number])[]

const assess = (matrix: Matrix.Matrix, ...accounts: readonly Holding[]) => {
  const book = Book.of(matrix, {
    starts: Int32Array.from([0, ...accounts.map((_, a) => accounts.slice(0, a + 1).flat().length)]),
    instrument: Int32Array.from(accounts.flat(), ([instrument]) => instrument),
    amount: Float64Array.from(accounts.flat(), ([, amount]) => amount),
    cash: new Float64Array(accounts.length),
  })
  const { initial, worst, worstScenario } = Sweep.assess(matrix, book)
  return accounts.map((_, a) => [initial[a], worst[a], worstScenario[a]].map((figure) => Number(figure) + 0))
}

describe('assess', () => {
  // At expiry, at a forward of 100: a call of 100, puts of 100 and 120, a future. Spot may rise by an eighth.
  const options = [option('call', 100, 0), option('put', 100, 0), option('put', 120, 0)]
  const expiries = [expiry(options, { futures: [{ amount: 0, profit: 0 }] })]
  const [call, put, high, future] = [0, 1, 2, 3]
  const under = (basis: Model.Span['basis']) => Matrix.of(market(model([scenario(1.125)], {}, { basis }), { expiries }), 1)
  /** The scenario that is none: the basis was worse than all of them. */
  const none = 1

  test('worked example: the worse move of the basis, three quarters of it', () => {
    const matrix = under({ up: 1.5, down: 0.5, flat: 0.75, perYear: 0 })
    // At 150 the call pays 50; at 50 the puts pay 50 and 70. All is lost towards initial margin.
    for (const held of [[call, -2] as const, [put, -2] as const, [future, 2] as const, [future, -2] as const])
      expect(assess(matrix, [held])).toEqual([[-75, -75, none]])
    // A put worth 20 loses them at 150; written, it is worth −20, and loses 50 at 50.
    expect(assess(matrix, [[high, 1]])).toEqual([[20 - 15, -15, none]])
    expect(assess(matrix, [[high, -1]])).toEqual([[-20 - 37.5, -37.5, none]])
  })

  test('worked example: options and futures move together', () => {
    const matrix = under({ up: 1.5, down: 0.5, flat: 0.75, perYear: 0 })
    // At 150 the future brings 75 of the 100 that the calls cost; at 50 it loses 75.
    const covered: Holding = [
      [call, -2],
      [future, 1.5],
    ]
    expect(assess(matrix, covered)).toEqual([[-56.25, -56.25, none]])
    // At 150 the call brings 50 and the future loses 100; at 112.5 they lose 12.5.
    const short: Holding = [
      [call, 1],
      [future, -2],
    ]
    expect(assess(matrix, short)).toEqual([[-37.5, -37.5, none]])
  })

  test('edge: a basis that helps both ways costs nothing', () => {
    const matrix = under({ up: 1.5, down: 0.5, flat: 0.75, perYear: 0 })
    const straddle: Holding = [
      [call, 1],
      [put, 1],
    ]
    expect(assess(matrix, straddle)).toEqual([[0, 0, none]])
  })

  test('edge: one move alone is a basis', () => {
    expect(assess(under({ up: 1.5, down: 1, flat: 0.75, perYear: 0 }), [[call, -2]])).toEqual([[-75, -75, none]])
    expect(assess(under({ up: 2, down: 1, flat: 0.75, perYear: 0 }), [[call, -2]])).toEqual([[-150, -150, none]])
    expect(assess(under({ up: 1, down: 0.5, flat: 0.75, perYear: 0 }), [[put, -2]])).toEqual([[-75, -75, none]])
    expect(assess(under({ up: 1, down: 2, flat: 0.75, perYear: 0 }), [[call, -2]])).toEqual([[-150, -150, none]])
    // Without one only the scenario moves.
    expect(assess(under(null), [[call, -2]])).toEqual([[-25, -25, 0]])
  })

  test('edge: what is worth less than a dollar is held, in each of the columns, and in one that tilts', () => {
    // A put of 100.5 is worth 0.5, and 0.109375 when the forward is 100.390625: half of that counts. A tilt leaves the forward where it is.
    // Doubled in one scenario after another.
    const spot = 1 + 1 / 256
    const half = { base: 0.5, multiple: 0, addend: 0 }
    for (let s = 0; s <= Sweep.width; s++) {
      const scenarios = Array.from({ length: Sweep.width + 1 }, (_, i) =>
        scenario(spot, i < Sweep.width ? 'none' : 'linear', i === s ? 2 : 1),
      )
      const matrix = Matrix.of(market(model(scenarios, {}, { held: half }), { expiries: [expiry([option('put', 100.5, 0)])] }), 1)
      const lost = s < Sweep.width ? 2 * (0.109375 / 2 - 0.5) : 2 * (0.25 - 0.5)
      expect(assess(matrix, [[0, 1]])).toEqual([[0.5 + lost, lost, s]])
    }
  })
})
