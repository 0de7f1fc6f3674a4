import { BaseError } from './BaseError.ts'

/** One dense layer. `kernel[i][j]` lies at `i·units + j`: from input i to unit j, the order tfjs stores it in. */
export type Layer = { readonly kernel: ArrayLike<number>; readonly bias: ArrayLike<number> }

/**
 * A network of dense layers forward, rectified after each layer but the last: enough to ask "what if" where no tensor library is at hand,
 * such as in a browser. In double precision; a network trained in single precision repeats within 1e-6.
 *
 * Formula: `h ← max(0, h·K + b)`, the last layer without the max.
 *
 * @param layers - at least one; each fits the one before it.
 * @param inputs - length of the first layer's inputs.
 * @returns the last layer's units. NaN and ∞ pass through: the caller decides what then.
 * @throws {ShapeError} a layer does not fit.
 *
 * @example
 * Perceptron.of([{ kernel: [1, -1], bias: [0, 0] }, { kernel: [2, 3], bias: [1] }], [5])
 * // => [11]
 */
export function of(layers: readonly Layer[], inputs: ArrayLike<number>): readonly number[] {
  if (layers.length === 0) throw new ShapeError({ layer: 0 })
  let values: readonly number[] = Array.from(inputs)
  layers.forEach(({ kernel, bias }, layer) => {
    const units = bias.length
    if (kernel.length !== values.length * units) throw new ShapeError({ layer })
    const sums = Array.from(bias)
    values.forEach((value, i) => {
      for (let j = 0; j < units; j++) sums[j] = (sums[j] ?? 0) + value * (kernel[i * units + j] ?? Number.NaN)
    })
    values = layer === layers.length - 1 ? sums : sums.map((sum) => (sum > 0 || Number.isNaN(sum) ? sum : 0))
  })
  return values
}

/** Thrown when a layer does not take what the one before it gives. */
export class ShapeError extends BaseError {
  override readonly name = 'Perceptron.ShapeError'
  readonly layer: number
  constructor(args: { readonly layer: number }) {
    super({
      code: 'PERCEPTRON_SHAPE',
      message: `Layer ${args.layer} does not fit what goes into it.`,
      hint: 'Give at least one layer, a kernel of inputs × units values and a bias of units values each.',
    })
    this.layer = args.layer
  }
}
