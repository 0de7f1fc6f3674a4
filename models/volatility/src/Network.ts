import type { Sequential } from '@tensorflow/tfjs'
import type { Backend } from './Backend.ts'

/** What the network looks like; with the seed it determines every weight before training. */
export type Shape = {
  readonly inputs: number
  readonly hidden: readonly number[]
  /** One correction to the log variance a horizon. */
  readonly outputs: number
  readonly l2: number
  readonly seed: number
  /** Share of hidden units silenced at each step of training; none unless given. An artifact's network has none. */
  readonly dropout?: number
}

export type Network = { readonly shape: Shape; readonly model: Sequential; readonly backend: Backend }

/**
 * Dense layers whose last one is zero: before training the correction is 0 and the forecast is the baseline's.
 *
 * Source: HARNet (arXiv 2205.07719) starts from HAR in the same way.
 */
export function build(backend: Backend, shape: Shape): Network {
  const { layers, initializers, regularizers, sequential } = backend.tf
  const model = sequential({ name: 'volatility' })
  shape.hidden.forEach((units, i) => {
    model.add(
      layers.dense({
        name: `hidden-${i + 1}`,
        units,
        activation: 'relu',
        kernelInitializer: initializers.glorotUniform({ seed: shape.seed + i }),
        kernelRegularizer: regularizers.l2({ l2: shape.l2 }),
        ...(i === 0 ? { inputShape: [shape.inputs] } : {}),
      }),
    )
    if (shape.dropout !== undefined)
      model.add(layers.dropout({ name: `dropout-${i + 1}`, rate: shape.dropout, seed: shape.seed + 1_000_003 + i }))
  })
  model.add(layers.dense({ name: 'correction', units: shape.outputs, kernelInitializer: 'zeros', biasInitializer: 'zeros' }))
  return { shape, model, backend }
}

/**
 * Corrections to the log variance.
 *
 * @param rows - standardised features (`Features.standardise`), each of length `shape.inputs`.
 * @returns [row][output]; NaN or ∞ where the network gives them: the caller decides what then.
 */
export function correct(network: Network, rows: readonly Float32Array[]): number[][] {
  const { inputs, outputs } = network.shape
  if (rows.length === 0) return []
  const flat = new Float32Array(rows.length * inputs)
  rows.forEach((row, i) => {
    flat.set(row, i * inputs)
  })
  const { tf } = network.backend
  const values = tf.tidy(() => {
    const output = network.model.predict(tf.tensor2d(flat, [rows.length, inputs]), { batchSize: 4096 })
    return Array.isArray(output) ? new Float32Array(0) : output.dataSync()
  })
  return rows.map((_, i) => Array.from(values.slice(i * outputs, (i + 1) * outputs)))
}

/** Every weight, in the order of the artifact. */
export function weights(network: Network): Float32Array[] {
  return network.model.getWeights().map((tensor) => Float32Array.from(tensor.dataSync()))
}

/** Replaces every weight; lengths must fit. */
export function setWeights(network: Network, values: readonly Float32Array[]): void {
  const { tf } = network.backend
  const shapes = network.model.getWeights().map((tensor) => tensor.shape)
  const tensors = shapes.map((shape, i) => tf.tensor(values[i] ?? new Float32Array(0), shape))
  network.model.setWeights(tensors)
  for (const tensor of tensors) tensor.dispose()
}

/** Makes every correction a share of what it was, in place: the last layer is linear. */
export function shrink(network: Network, share: number): void {
  const all = weights(network)
  setWeights(
    network,
    all.map((part, i) => (i < all.length - 2 ? part : part.map((weight) => share * weight))),
  )
}

/** Frees the memory of the backend. The network is of no use afterwards. */
export function dispose(network: Network): void {
  network.model.dispose()
}
