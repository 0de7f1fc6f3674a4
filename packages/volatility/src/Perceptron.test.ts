import { describe, expect, test } from 'vitest'
import * as Perceptron from './Perceptron.ts'

describe('of', () => {
  test('worked example: two inputs, two hidden units, one output', () => {
    // h = relu([1·2 + 3·(−1) + 0, 1·1 + 3·1 − 1]) = [0, 3]; y = 0·5 + 3·2 + 0.5.
    const hidden = { kernel: [2, 1, -1, 1], bias: [0, -1] }
    expect(Perceptron.of([hidden, { kernel: [5, 2], bias: [0.5] }], [1, 3])).toEqual([6.5])
  })
  test('edge: the last layer is not rectified, and NaN is not hidden by the one before it', () => {
    expect(Perceptron.of([{ kernel: [-1], bias: [0] }], [2])).toEqual([-2])
    expect(
      Perceptron.of(
        [
          { kernel: [1], bias: [0] },
          { kernel: [1], bias: [0] },
        ],
        [Number.NaN],
      ),
    ).toEqual([Number.NaN])
  })
  test('error: layers that do not fit, or none', () => {
    expect(() => Perceptron.of([], [1])).toThrow(Perceptron.ShapeError)
    expect(() => Perceptron.of([{ kernel: [1, 2], bias: [0] }], [1])).toThrow(/Layer 0/)
    expect(() =>
      Perceptron.of(
        [
          { kernel: [1], bias: [0] },
          { kernel: [1, 2], bias: [0] },
        ],
        [1],
      ),
    ).toThrow(/Layer 1/)
  })
})
