import { Features, Glm, Random, type Signals } from '@plimsoll/volatility'
import type { Backend } from './Backend.ts'
import { isDue, type Observed, type Row } from './Frame.ts'
import * as Network from './Network.ts'
import type { Recipe } from './Recipe.ts'
import * as Share from './Share.ts'

/** A forecaster of one horizon: regression and network, from the same standardised signals. */
export type Fit = {
  readonly kind: Signals.Kind
  readonly names: readonly string[]
  readonly standard: Standard
  /** Pooled Gamma regression by maximum likelihood: what the champion is measured against. */
  readonly plain: Glm.Glm
  /** The same with capped outcomes and more ridge: what the network corrects, and what answers without it. */
  readonly base: Glm.Glm
  /** Whole: `share` says how much of it counts. */
  readonly network: Network.Network
  /** How much of the network's correction counts. */
  readonly share: number
  /** Columns of the signals that the network sees. */
  readonly inputs: readonly number[]
}

export type Standard = { readonly mean: readonly number[]; readonly deviation: readonly number[] }

/** How far a fit has come: `done` of `whole` steps of all members, and the newest training loss. */
export type Progress = { readonly done: number; readonly whole: number; readonly loss: number }

/** Ridge of the plain regression: only so much that columns which never vary do no harm. */
const leastRidge = 1e-6

/** Signals the network does without: they repeat others, and each costs weights that a few years of days cannot pay for. */
const unseen = /^(variance|range) \d d ago$|^leader |volume|^market usual/

/**
 * Fits regression and network on rows whose outcomes are known.
 *
 * The network is trained on what the regression leaves: QLIKE of `base · e^correction`, starting from a correction of zero. Its members see
 * different time blocks, start from different weights, and are averaged in logs into one network. The same rows, recipe, seed and backend give the
 * same weights to the bit.
 *
 * @param args.rows - `Frame.observed`, by rising hour.
 * @throws {Glm.NotConvergedError}
 */
export async function of(args: of.Arguments): Promise<Fit> {
  const { kind, names, recipe, backend, seed, onProgress } = args
  const rows = args.rows.slice(-recipe.mostRows)
  const standard = standardOf(rows, names.length)
  const x = rows.map(({ values }) => Features.standardise({ values, ...standard }))
  const y = rows.map(({ outcome }) => outcome.variance)
  // The plain regression sees the origins it forecasts, as it would by itself.
  const due = rows.flatMap((row, i) => (isDue(kind, row) ? [i] : []))
  const plain = Glm.fit({ rows: due.map((i) => x[i] ?? []), targets: due.map((i) => y[i] ?? Number.NaN), ridge: leastRidge })
  const base = robust(x, y, recipe)
  const inputs = names.flatMap((name, k) => (unseen.test(name) ? [] : [k]))
  const gaps = y.map((target, i) => Math.min(recipe.cap, Math.log(target) - Glm.predictor(base, x[i] ?? [])))
  const blocks = rows.map(({ hour }) => Math.floor(hour / 24 / recipe.blockDays))
  const members: Float32Array[][] = []
  for (let member = 0; member < recipe.members; member++) {
    const most = blocks.flatMap((block, i) => (block % recipe.folds === member % recipe.folds ? [] : [i]))
    // A short history may lie within the blocks that are left out.
    const kept = most.length > rows.length / 2 ? most : rows.map((_, i) => i)
    members.push(
      await train({
        backend,
        recipe,
        seed: seed * 1_000 + member,
        inputs: kept.map((i) => Float32Array.from(inputs, (k) => x[i]?.[k] ?? Number.NaN)),
        gaps: kept.map((i) => gaps[i] ?? Number.NaN),
        onStep: (step, loss) => onProgress?.({ done: member * recipe.steps + step, whole: recipe.members * recipe.steps, loss }),
      }),
    )
  }
  return {
    kind,
    names,
    standard,
    plain,
    base,
    share: Share.of({ rows, recipe }),
    inputs,
    network: fuse({ backend, members, inputs: inputs.length, recipe }),
  }
}

export declare namespace of {
  type Arguments = {
    readonly rows: readonly Observed[]
    readonly kind: Signals.Kind
    readonly names: readonly string[]
    readonly recipe: Recipe
    readonly backend: Backend
    readonly seed: number
    readonly onProgress?: (progress: Progress) => void
  }
}

/** What a fit says of rows: the network's whole correction of the log variance, and the variances of the regression it corrects and of the plain one; [row]. */
export type Said = { readonly correction: Float64Array; readonly base: Float64Array; readonly plain: Float64Array }

/**
 * Unchecked: a correction is NaN where the network gives it.
 *
 * @param rows - of the fit's kind.
 */
export function forecast(fit: Fit, rows: readonly Pick<Row, 'values'>[]): Said {
  const x = rows.map(({ values }) => Features.standardise({ values, ...fit.standard }))
  const base = x.map((row) => Glm.predictor(fit.base, row))
  const corrections = Network.correct(
    fit.network,
    x.map((row) => Float32Array.from(fit.inputs, (k) => row[k] ?? Number.NaN)),
  )
  return {
    correction: Float64Array.from(corrections, ([correction = Number.NaN]) => correction),
    base: Float64Array.from(base, Math.exp),
    plain: Float64Array.from(x, (row) => Glm.forecast(fit.plain, row)),
  }
}

/** A fit as plain data: weights as little-endian float32 in base64. */
export type Stored = Omit<Fit, 'network'> & { readonly weights: readonly string[] }

/** The inverse is {@link restore}. */
export function store({ network, ...numbers }: Fit): Stored {
  return { ...numbers, weights: Network.weights(network).map((part) => Buffer.from(part.buffer).toString('base64')) }
}

export function restore({ weights, ...numbers }: Stored, backend: Backend): Fit {
  const values = weights.map((text) => {
    const bytes = Buffer.from(text, 'base64')
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
  })
  const network = Network.build(backend, { inputs: numbers.inputs.length, hidden: [values[1]?.length ?? 0], outputs: 1, l2: 0, seed: 0 })
  Network.setWeights(network, values)
  return { ...numbers, network }
}

/** Fitted twice: the second time no outcome lies further above its first forecast than the cap. */
function robust(x: readonly Float32Array[], y: readonly number[], { ridge, cap }: Recipe): Glm.Glm {
  const first = Glm.fit({ rows: x, targets: y, ridge })
  const targets = y.map((target, i) => Math.min(target, Math.exp(cap) * Glm.forecast(first, x[i] ?? [])))
  return Glm.fit({ rows: x, targets, ridge })
}

function standardOf(rows: readonly Row[], width: number): Standard {
  const mean = new Array<number>(width).fill(0)
  const square = new Array<number>(width).fill(0)
  for (const { values } of rows) for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (values[k] ?? Number.NaN) / rows.length
  for (const { values } of rows)
    for (let k = 0; k < width; k++) square[k] = (square[k] ?? 0) + ((values[k] ?? Number.NaN) - (mean[k] ?? 0)) ** 2 / rows.length
  return { mean, deviation: square.map((value) => (value > 1e-18 ? Math.sqrt(value) : 1)) }
}

/** One member: a hidden layer with dropout, Adam on a cosine. Returns kernel, bias, output kernel, output bias. */
async function train(args: {
  readonly backend: Backend
  readonly recipe: Recipe
  readonly seed: number
  readonly inputs: readonly Float32Array[]
  readonly gaps: readonly number[]
  readonly onStep: (step: number, loss: number) => void
}): Promise<Float32Array[]> {
  const { backend, recipe, seed, inputs, gaps, onStep } = args
  const { tf } = backend
  const width = inputs[0]?.length ?? 0
  const network = Network.build(backend, {
    inputs: width,
    hidden: [recipe.units],
    outputs: 1,
    l2: recipe.l2,
    seed,
    dropout: recipe.dropout,
  })
  const optimiser = tf.train.adam(recipe.learningRate)
  network.model.compile({
    optimizer: optimiser,
    loss: (gap, correction) => tf.tidy(() => tf.sub(gap, correction).exp().sub(tf.sub(gap, correction)).sub(1).mean()),
  })
  const random = Random.of(seed, 'batches')
  const batch = Math.min(recipe.batch, inputs.length)
  const perEpoch = Math.floor(inputs.length / batch)
  const steps = Math.min(recipe.steps, recipe.passes * perEpoch)
  let order: Uint32Array = new Uint32Array(0)
  let loss = Number.NaN
  for (let step = 0; step < steps; step++) {
    const b = step % perEpoch
    if (b === 0) order = random.permutation(inputs.length)
    // The type says read-only; the optimiser reads it anew at each step.
    Object.assign(optimiser, { learningRate: (recipe.learningRate / 2) * (1 + Math.cos((Math.PI * step) / steps)) })
    const values = new Float32Array(batch * width)
    const targets = new Float32Array(batch)
    for (let r = 0; r < batch; r++) {
      const i = order[b * batch + r] ?? 0
      values.set(inputs[i] ?? [], r * width)
      targets[r] = gaps[i] ?? Number.NaN
    }
    const [x, y] = [tf.tensor2d(values, [batch, width]), tf.tensor2d(targets, [batch, 1])]
    const now = Number(await network.model.trainOnBatch(x, y))
    tf.dispose([x, y])
    loss = Number.isNaN(loss) ? now : 0.98 * loss + 0.02 * now
    if ((step + 1) % 100 === 0 || step + 1 === steps) onStep((recipe.steps * (step + 1)) / steps, loss)
  }
  const weights = Network.weights(network)
  Network.dispose(network)
  optimiser.dispose()
  return weights
}

/** Members side by side as one network with one wide layer: its output is the mean of theirs. */
function fuse(args: {
  readonly backend: Backend
  readonly members: readonly (readonly Float32Array[])[]
  readonly inputs: number
  readonly recipe: Recipe
}): Network.Network {
  const { backend, members, inputs, recipe } = args
  const { units } = recipe
  const wide = units * members.length
  const kernel = new Float32Array(inputs * wide)
  const bias = new Float32Array(wide)
  const output = new Float32Array(wide)
  let offset = 0
  members.forEach(([k = new Float32Array(0), b = [], o = [], c = []], m) => {
    for (let i = 0; i < inputs; i++) kernel.set(k.subarray(i * units, (i + 1) * units), i * wide + m * units)
    bias.set(b, m * units)
    output.set(
      Float32Array.from(o, (value) => value / members.length),
      m * units,
    )
    offset += (c[0] ?? Number.NaN) / members.length
  })
  const network = Network.build(backend, { inputs, hidden: [wide], outputs: 1, l2: 0, seed: 0 })
  Network.setWeights(network, [kernel, bias, output, Float32Array.of(offset)])
  return network
}
