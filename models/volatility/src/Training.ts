import { Bar, Evaluation, Features, LogHar, Quantile, Random } from '@plimsoll/volatility'
import type { Backend } from './Backend.ts'
import type { Card, Span } from './Card.ts'
import { type Config, config } from './Config.ts'
import * as Dataset from './Dataset.ts'
import * as Forecast from './Forecast.ts'
import * as Network from './Network.ts'
import type { Calibration, Parameters } from './Parameters.ts'
import * as Sample from './Sample.ts'
import * as Scoring from './Scoring.ts'

export type Progress = { readonly epoch: number; readonly epochs: number; readonly validationLoss: number }

export type Result = { readonly network: Network.Network; readonly parameters: Parameters; readonly card: Omit<Card, 'version'> }

/**
 * Trains baseline, network and calibration on bars, and scores them on a period none of them saw.
 *
 * Split by time: train | validation (picks the epoch; epoch 0 is the baseline itself) | calibration | test, with a gap of one day between
 * parts, so that every target of a part has been observed before the next begins.
 * The same bars, config, seed and backend give the same weights to the bit.
 *
 * @param args.bars - by symbol, five-minute bars over one common period.
 * @param args.source - one line for the card: where the bars come from.
 * @throws {TooLittleDataError} a part of the split is too small.
 */
export async function run(args: run.Arguments): Promise<Result> {
  const { bars, backend, seed, onProgress } = args
  const choice = args.config ?? config
  const series = Object.keys(bars)
    .sort()
    .map((symbol) => {
      Bar.assertSeries(bars[symbol] ?? [], Features.schema.intervalSeconds)
      return Features.prepare({ symbol, bars: bars[symbol] ?? [] })
    })
  const parts = Sample.split(Sample.of(series, choice), choice)
  const { train, validation, calibration, test } = parts

  const baseline = Features.horizonsSeconds.map((_, k) =>
    LogHar.fit({
      lags: train.map(({ values }) => values.subarray(0, Features.lagCount)),
      targets: train.map(({ targets }) => targets[k] ?? Number.NaN),
    }),
  )
  const standard = standardOf(train)
  const shape = { inputs: Features.schema.names.length, hidden: choice.hidden, outputs: baseline.length, l2: choice.l2, seed }
  const network = Network.build(backend, shape)
  const history = await optimise({ network, baseline, standard, train, validation, choice, seed, onProgress: onProgress ?? (() => {}) })

  const forecast = (samples: readonly Sample.Sample[]): Record<'champion' | 'baseline', number[][]> => {
    const bases = samples.map(({ values }) => Forecast.baseline({ baseline }, values))
    const rows = samples.map(({ values }) => values)
    return { champion: Forecast.corrected({ standard }, network, rows, bases), baseline: bases }
  }
  const calibrationForecasts = forecast(calibration)
  const calibrations = choice.calibrated.map((horizonSeconds): Calibration => {
    const losses = Scoring.losses(series, calibration, horizonSeconds)
    const sides = (source: 'champion' | 'baseline'): Quantile.Sides<number> =>
      Quantile.calibrate({
        losses,
        variances: calibrationForecasts[source].map((variances) => Forecast.varianceOver(variances, horizonSeconds)),
        levelPpm: choice.levelPpm,
        window: losses.length,
      })
    return { horizonSeconds, champion: sides('champion'), baseline: sides('baseline') }
  })
  const parameters: Parameters = {
    schema: 1,
    features: Features.schema,
    network: shape,
    standard,
    baseline,
    levelPpm: choice.levelPpm,
    calibration: calibrations,
  }

  const testForecasts = forecast(test)
  const rivals = { ...testForecasts, ...Scoring.rivals(series, train, test) }
  const probe = test.filter((_, i) => i % Math.ceil(test.length / 5) === 0)
  const all = Object.values(bars).flat()
  const span = (samples: readonly Sample.Sample[]): Span => ({
    from: samples[0]?.at ?? 0,
    to: samples.at(-1)?.at ?? 0,
    rows: samples.length,
  })
  return {
    network,
    parameters,
    card: {
      schema: 1,
      name: 'volatility',
      data: {
        source: args.source,
        sha256: Dataset.hash(bars),
        symbols: series.map(({ symbol }) => symbol),
        bars: all.length,
        from: all.reduce((least, { closeAt }) => Math.min(least, closeAt), Number.POSITIVE_INFINITY),
        to: all.reduce((most, { closeAt }) => Math.max(most, closeAt), 0),
      },
      config: choice,
      seed,
      backend: backend.name,
      tfjs: backend.version,
      spans: { train: span(train), validation: span(validation), calibration: span(calibration), test: span(test) },
      training: history,
      levelPpm: choice.levelPpm,
      scores: Features.horizonsSeconds.map((horizonSeconds, k) => Scoring.score(test, horizonSeconds, k, rivals)),
      coverage: calibrations.map((each) => Scoring.cover(series, test, testForecasts, each)),
      probe: {
        rows: probe.map(({ values }) => Array.from(values)),
        variances: forecast(probe).champion,
      },
    },
  }
}

export declare namespace run {
  type Arguments = {
    readonly bars: Dataset.Dataset['bars']
    readonly source: string
    readonly backend: Backend
    readonly seed: number
    readonly config?: Config
    readonly onProgress?: (progress: Progress) => void
  }
}

function standardOf(samples: readonly Sample.Sample[]): Parameters['standard'] {
  const column = (k: number): number[] => samples.map(({ values }) => values[k] ?? Number.NaN)
  const mean = Features.schema.names.map((_, k) => column(k).reduce((sum, x) => sum + x, 0) / samples.length)
  const deviation = mean.map((m, k) => {
    const spread = Math.sqrt(column(k).reduce((sum, x) => sum + (x - m) ** 2, 0) / samples.length)
    return spread > 1e-9 ? spread : 1
  })
  return { mean, deviation }
}

/** Minimises the QLIKE of baseline × e^correction; keeps the weights of the epoch that was best on validation. */
async function optimise(args: {
  readonly network: Network.Network
  readonly baseline: readonly LogHar.LogHar[]
  readonly standard: Parameters['standard']
  readonly train: readonly Sample.Sample[]
  readonly validation: readonly Sample.Sample[]
  readonly choice: Config
  readonly seed: number
  readonly onProgress: (progress: Progress) => void
}): Promise<Card['training']> {
  const { network, baseline, standard, train, validation, choice, seed, onProgress } = args
  const { tf } = network.backend
  const inputs = train.map(({ values }) => Features.standardise({ values, ...standard }))
  // ln y − ln v̂_baseline: what a perfect correction would be.
  const gaps = train.map(({ values, targets }) =>
    Forecast.baseline({ baseline }, values).map((variance, k) => Math.min(choice.clip, Math.log((targets[k] ?? Number.NaN) / variance))),
  )
  const validationLoss = (): number => {
    const bases = validation.map(({ values }) => Forecast.baseline({ baseline }, values))
    const rows = validation.map(({ values }) => values)
    const forecasts = Forecast.corrected({ standard }, network, rows, bases)
    const realised = validation.flatMap(({ targets }) => targets)
    return Evaluation.qlike({ realised, forecast: forecasts.flat() })
  }
  network.model.compile({
    optimizer: tf.train.adam(choice.learningRate),
    loss: (gap, correction) => tf.tidy(() => tf.sub(gap, correction).exp().sub(tf.sub(gap, correction)).sub(1).mean()),
  })

  const random = Random.of(seed, 'batches')
  const history = [validationLoss()]
  let [bestEpoch, best] = [0, Network.weights(network)]
  onProgress({ epoch: 0, epochs: choice.epochs, validationLoss: history[0] ?? Number.NaN })
  for (let epoch = 1; epoch <= choice.epochs; epoch++) {
    const order = random.permutation(train.length)
    for (let from = 0; from + choice.batch <= order.length; from += choice.batch) {
      const rows = Array.from(order.subarray(from, from + choice.batch))
      const x = tf.tensor2d(flat(rows.map((i) => inputs[i] ?? [])), [rows.length, network.shape.inputs])
      const y = tf.tensor2d(flat(rows.map((i) => gaps[i] ?? [])), [rows.length, network.shape.outputs])
      await network.model.trainOnBatch(x, y)
      tf.dispose([x, y])
    }
    const loss = validationLoss()
    if (loss < Math.min(...history)) [bestEpoch, best] = [epoch, Network.weights(network)]
    history.push(loss)
    onProgress({ epoch, epochs: choice.epochs, validationLoss: loss })
  }
  Network.setWeights(network, best)
  return { weights: best.reduce((sum, { length }) => sum + length, 0), bestEpoch, validationLoss: history }
}

function flat(rows: readonly ArrayLike<number>[]): Float32Array {
  const width = rows[0]?.length ?? 0
  const values = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    values.set(row, i * width)
  })
  return values
}
