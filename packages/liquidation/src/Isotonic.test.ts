import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Impact, Isotonic } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const quotes = fc.array(fc.record({ flow: fc.integer({ min: 1, max: 30 }), move: fc.double({ min: -0.1, max: 1, noNaN: true }) }), {
  minLength: 1,
  maxLength: 20,
})

describe('fit', () => {
  test('worked example: quotes of one size are averaged, and neighbours that fall pooled', () => {
    const { knots } = Isotonic.fit([
      { flow: 4, move: 0.1 },
      { flow: 1, move: 0.2 },
      { flow: 1, move: 0.4 },
      { flow: 2, move: 0.3 },
      { flow: 8, move: 0.9 },
    ])
    // Sizes 1, 2, 4 stand at 0.3, 0.3, 0.1: pooled (0.6 + 0.3 + 0.1)/4.
    expect(knots.map(({ flow }) => flow)).toEqual([1, 2, 4, 8])
    expect(knots.map(({ move }) => move)).toEqual([0.25, 0.25, 0.25, 0.9].map((move) => expect.closeTo(move, 12)))
  })

  test('worked example: who was pooled is held against the one before again, by how many it stands for', () => {
    const moves = (...last: readonly number[]) =>
      Isotonic.fit(
        [0.1, 0.2, 0.5, 0.6].map((move, i) => ({ flow: i + 1, move })).concat(last.map((move) => ({ flow: 5, move }))),
      ).knots.map(({ move }) => move.toFixed(6))
    // (0.5 + 0.6 + 0.2)/3, and (0.5 + 0.6 + 0.2 + 0.2)/4 with two of the last.
    expect(moves(0.2)).toEqual(['0.100000', '0.200000', '0.433333', '0.433333', '0.433333'])
    expect(moves(0.2, 0.2)).toEqual(['0.100000', '0.200000', '0.375000', '0.375000', '0.375000'])
    expect(moves(0.55, 0.5)).toEqual(['0.100000', '0.200000', '0.500000', '0.550000', '0.550000'])
  })

  test('edge: a quote that lifts the price counts as none', () => {
    expect(Isotonic.fit([{ flow: 5, move: -0.2 }]).knots).toEqual([{ flow: 5, move: 0 }])
  })

  test('property: an impact curve, whatever the quotes; no nudge of one level brings it nearer', () => {
    fc.assert(
      fc.property(quotes, fc.nat(20), fc.double({ min: -0.05, max: 0.05, noNaN: true }), (quotes, pick, nudge) => {
        const fitted = Isotonic.fit(quotes)
        expect(() => Impact.assert(fitted)).not.toThrow()
        const distance = (curve: Impact.Impact) =>
          quotes.reduce((sum, { flow, move }) => sum + (Impact.of(curve, flow) - Math.max(0, move)) ** 2, 0)
        const other = fitted.knots.map((knot, i) => (i === pick % fitted.knots.length ? { ...knot, move: knot.move + nudge } : knot))
        const rises = other.every(({ move }, i) => move >= (other[i - 1]?.move ?? 0))
        if (rises) expect(distance({ kind: 'isotonic', knots: other })).toBeGreaterThanOrEqual(distance(fitted) - 1e-12)
      }),
      { numRuns },
    )
  })

  test('error: no quotes, a size of 0, a move that is no number', () => {
    for (const bad of [[], [{ flow: 0, move: 0.1 }], [{ flow: 1, move: Number.NaN }]])
      expect(() => Isotonic.fit(bad)).toThrow(Figure.InvalidFigureError)
  })
})
